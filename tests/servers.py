"""Servers in processes of their own, as an operator starts them: `python -m purser serve`."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PURSER = (sys.executable, "-m", "purser")
SECRET = "of the servers that tests start, and no other"  # noqa: S105
PATIENCE = 120  # seconds; more than a process ever needs, on a machine that is busy too


@dataclass(frozen=True)
class Running:
    """A server that answers at `url`; its standard error goes to a file."""

    process: "subprocess.Popen[str]"
    url: str
    errors: Path

    def stop(self, sent: signal.Signals = signal.SIGINT) -> int:
        """Tell it to end: its exit code."""
        self.process.send_signal(sent)
        return self.process.wait(PATIENCE)


def environment(**settings: str) -> dict[str, str]:
    """The environment with these settings of Purser's and no others."""
    ours = {f"PURSER_{name}": value for name, value in settings.items()}
    return {name: value for name, value in os.environ.items() if not name.startswith("PURSER_")} | ours


def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """A command to its end."""
    command = [*PURSER, *arguments]
    return subprocess.run(  # noqa: S603  # ours
        command, cwd=ROOT, env=environment(**settings), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def free_port() -> int:
    """A port on loopback that nobody listens on, nor will, but who names it: it stays bound until the tests end."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: they can listen on it
    kept.bind(("127.0.0.1", 0))
    port = int(kept.getsockname()[1])
    kept.detach()
    return port


@contextmanager
def serving(directory: Path, *options: str, **settings: str) -> Iterator[Running]:
    """A server that is ready; it is ended afterwards, if the test has not ended it."""
    errors = directory / "errors.log"
    # The sandbox's state is kept there, even where the database is elsewhere.
    settings = {"DATA_DIR": str(directory / "var"), "PORT": str(free_port())} | settings
    with errors.open("w") as file, start(file.fileno(), *options, **settings) as process:
        try:
            assert process.stdout
            for line in process.stdout:
                if "Press Ctrl-C" in line:
                    break
            assert process.poll() is None, errors.read_text()
            yield Running(process, f"http://127.0.0.1:{settings['PORT']}", errors)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def start(errors: int, *options: str, **settings: str) -> "subprocess.Popen[str]":
    command = [*PURSER, "serve", *options]
    return subprocess.Popen(  # noqa: S603  # ours
        command, cwd=ROOT, env=environment(**settings), stdout=subprocess.PIPE, stderr=errors, text=True
    )


def without_times(text: str) -> str:
    """A log that can be compared."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?", "", text)
