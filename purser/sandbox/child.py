"""The sandbox beside a server: started with it, again if it ends alone, ended with it. Its state stays."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

import structlog

from purser.sandbox.process import RUNS, Place, SandboxError
from purser.settings import Settings

log = structlog.get_logger(__name__)
COMMAND = (sys.executable, "-m", "purser.sandbox", "--until-closed")
PAUSE, LONGEST = 0.5, 60.0  # seconds before it is started again, twice as long each time that it does not start


@contextmanager
def beside(settings: Settings) -> Iterator[Callable[[], None]]:
    """A sandbox for a server that needs one: not for Stripe, nor where one is named. At the end it is gone.

    It starts while other things are prepared; what is given waits for it, and raises SandboxError.
    """
    if settings.gateway != "sandbox" or settings.sandbox_url is not None:
        yield lambda: None
        return
    options = ("--webhook", f"{_reached(settings)}/webhooks/sandbox", "--pages", f"{settings.public_url}/sandbox")
    child = Child(options, Place(settings.sandbox_dir))
    keeping = Thread(target=child.keep, name="sandbox", daemon=True)
    keeping.start()
    try:
        yield child.awaited
    finally:
        child.end()
        keeping.join()


class Child:
    """One process after another. Where another server's runs, that is as good, until it ends."""

    def __init__(self, options: tuple[str, ...], place: Place) -> None:
        self._options, self._place = options, place
        self._ended, self._tried, self._lock = Event(), Event(), Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._good = False

    def awaited(self) -> None:
        """Until the first one has started. Raises SandboxError."""
        self._tried.wait()
        if not self._good:
            raise SandboxError("The sandbox did not start; the reason stands above.")

    def end(self) -> None:
        """With the end of its standard input it ends too."""
        with self._lock:
            self._ended.set()
            if self._process and self._process.stdin:
                self._process.stdin.close()

    def keep(self) -> None:
        """Run it until the end; what does not start at first is not tried again."""
        try:
            self._keep()
        finally:
            self._told(good=False)

    def _keep(self) -> None:
        pause = PAUSE
        while process := self._begun():
            with process:
                started = bool(process.stdout and process.stdout.readline())
                self._told(good=started or process.wait() == RUNS)
                code = process.wait()
            if not self._good:
                return
            pause = PAUSE if started else min(2 * pause, LONGEST)
            if code != RUNS and not self._ended.is_set():
                log.warning("the sandbox ended, and is started again", code=code)
            while not self._ended.wait(pause) and self._place.taken():
                pass

    def _begun(self) -> "subprocess.Popen[bytes] | None":
        """In a session of its own: Ctrl-C in the terminal does not reach it before the server is done with it."""
        with self._lock:
            if self._ended.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603  # ours
                [*COMMAND, *self._options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            return self._process

    def _told(self, *, good: bool) -> None:
        """Of the first one."""
        if not self._tried.is_set():
            self._good = good
            self._tried.set()


def _reached(settings: Settings) -> str:
    """Where the server is reached from beside it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # not bound here
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
