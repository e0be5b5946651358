"""The sandbox beside a server: started with it, ended with it, however that ends. Its state stays."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from purser.sandbox.process import RUNS, SandboxError
from purser.settings import Settings

COMMAND = (sys.executable, "-m", "purser.sandbox", "--until-closed")


@contextmanager
def beside(settings: Settings) -> Iterator[Callable[[], None]]:
    """A sandbox for a server that needs one: not for Stripe, nor where one is named. At the end it is gone.

    It starts while other things are prepared; what is given waits for it, and raises SandboxError.
    """
    if settings.gateway != "sandbox" or settings.sandbox_url is not None:
        yield lambda: None
        return
    options = ("--webhook", f"{_reached(settings)}/webhooks/sandbox", "--pages", f"{settings.public_url}/sandbox")
    # A session of its own: Ctrl-C in the terminal does not reach it before the server is done with it.
    with subprocess.Popen(  # noqa: S603  # ours
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        yield lambda: _awaited(process)


def _awaited(process: "subprocess.Popen[bytes]") -> None:
    if process.stdout is None or process.stdout.readline():
        return
    if process.wait() != RUNS:  # another server's is as good
        raise SandboxError("The sandbox did not start; the reason stands above.")


def _reached(settings: Settings) -> str:
    """Where the server is reached from beside it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # not bound here
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
