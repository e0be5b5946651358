"""The command that runs a sandbox."""

import signal
import sys
from typing import Annotated

import typer

from purser import logs
from purser.sandbox import process
from purser.sandbox.process import Listening
from purser.settings import load


def sandbox(
    host: Annotated[str, typer.Option(help="Address that it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; any that is free, if not given.")] = 0,
    webhook: Annotated[str | None, typer.Option(help="Where events go; as the last time, if not given.")] = None,
    pages: Annotated[
        str | None, typer.Option(help="Where browsers reach its pages; on that host and port, if not given.")
    ] = None,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", help="End when the standard input ends.", hidden=True)
    ] = False,
) -> None:
    """Run the sandbox, a gateway for cards that takes no money. `serve` starts one by itself where none is named."""
    settings = load()
    logs.configure()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = Listening(host, port, pages, webhook, until_closed)
    process.run(settings.sandbox_dir, settings.secret().encode(), listening)
