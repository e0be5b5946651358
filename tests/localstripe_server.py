"""Runs localstripe, a double of Stripe by others, on a port that the kernel chooses: it prints its address."""

import logging
import socket
import sys

from aiohttp import web
from localstripe import resources, server  # type: ignore[import-untyped]  # it has no types

if __name__ == "__main__":
    resources.Store.dump_to_disk = lambda _: None  # or all would share one file
    logging.getLogger("aiohttp.access").setLevel(logging.CRITICAL)
    with socket.create_server(("127.0.0.1", 0)) as on:
        sys.stdout.write(f"http://127.0.0.1:{on.getsockname()[1]}\n")
        sys.stdout.flush()
        web.run_app(server.app, sock=on, print=lambda *_: None, access_log=None)
