"""The embedded PostgreSQL: starts, stops, is taken over, and leaves nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from purser.embedded import EmbeddedError, bundled, embedded
from tests.cluster import memory

pytestmark = pytest.mark.database

BINARIES = Path(os.environ.get("PURSER_TEST_POSTGRES") or bundled())
ROOT = Path(__file__).parents[1]
HOLD = """
    import signal, sys
    from pathlib import Path
    from purser.embedded import embedded, throwaway
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests in the background ignores it
    with {context} as url:
        print(url, flush=True)
        signal.pause()
"""


def ask(url: str, query: str) -> Any:
    async def answer() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(answer())


def kept(data_dir: Path) -> str:
    return f"embedded(Path({str(data_dir)!r}), Path({str(BINARIES)!r}))"


def disposable() -> str:
    return f"throwaway(Path({str(BINARIES)!r}))"


@contextmanager
def holder(context: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that enters the context and stays there."""
    program = [sys.executable, "-c", textwrap.dedent(HOLD.format(context=context))]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, cwd=ROOT, env=os.environ | environ, **pipes) as process:  # noqa: S603  # ours
        try:
            yield process
        finally:
            process.kill()


def reached(process: subprocess.Popen[str]) -> str:
    """The URL that a holder got, once it has it."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str], sent: signal.Signals) -> None:
    process.send_signal(sent)
    process.wait(30)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def socket_directory(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def postmaster(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().split()[0])


def shells(session: int) -> list[int]:
    """The processes of a session that run a shell script."""
    found = []
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()):
        with suppress(OSError):
            if os.getsid(pid) == session and Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"/bin/sh"):
                found.append(pid)
    return found


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that only its owner may enter, with a short name."""
    with tempfile.TemporaryDirectory(dir=memory() or "/tmp") as directory:  # noqa: S108  # its name is short
        yield Path(directory).resolve()


def started(data_dir: Path) -> int:
    """How often PostgreSQL started here, which it logs."""
    return (data_dir / "postgres.log").read_text().count("starting PostgreSQL")


def test_what_is_stored_is_there_at_the_next_start(place: Path) -> None:
    with embedded(place / "var", BINARIES) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        process = postmaster(place / "var" / "postgres")
    assert not alive(process)
    with embedded(place / "var", BINARIES) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_text_is_utf8_in_code_point_order_with_checksums(place: Path) -> None:
    with embedded(place, BINARIES) as url:
        assert ask(url, "SELECT string_agg(t, '' ORDER BY t) FROM unnest('{ä,b,B,a,Z,€}'::text[]) t") == "BZabä€"
        assert ask(url, "SELECT lower('ÄÉ')") == "äé"
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW data_checksums") == "on"


def test_nobody_else_can_reach_it(place: Path) -> None:
    with embedded(place, BINARIES) as url:
        directory = socket_directory(url)
        assert directory.stat().st_mode & 0o077 == 0
        assert (directory / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
        assert ask(url, "SHOW listen_addresses") == ""
    assert place.stat().st_mode & 0o007 == 0
    assert (place / "postgres.log").stat().st_mode & 0o077 == 0


def test_second_purser_on_a_data_directory_is_refused_in_one_sentence(place: Path) -> None:
    with embedded(place, BINARIES) as url:
        with pytest.raises(EmbeddedError) as refusal, embedded(place, BINARIES):
            pass
        assert str(refusal.value) == f"Purser already runs on {place}, as process {os.getpid()}."
        assert ask(url, "SELECT 1") == 1
    assert started(place) == 1


def test_database_of_a_killed_purser_is_taken_over(place: Path) -> None:
    with holder(kept(place)) as process:
        ask(reached(process), "CREATE TABLE kept AS SELECT 42 AS answer")
        ended(process, signal.SIGKILL)
    with embedded(place, BINARIES) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the keeper by /proc")
def test_database_that_outlived_everybody_is_stopped_before_the_next_starts(place: Path) -> None:
    with holder(kept(place)) as process:
        ask(reached(process), "CREATE TABLE kept AS SELECT 42 AS answer")
        survivor = postmaster(place / "postgres")
        for shell in shells(os.getsid(survivor)):
            os.kill(shell, signal.SIGKILL)
        ended(process, signal.SIGKILL)
    assert alive(survivor)
    with embedded(place, BINARIES) as url:
        assert postmaster(place / "postgres") != survivor
        assert ask(url, "SELECT answer FROM kept") == 42
    assert eventually(lambda: not alive(survivor))
    assert "was not properly shut down" not in (place / "postgres.log").read_text()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="strangers are told by /proc")
def test_stale_process_id_of_another_program_does_not_stop_the_start(place: Path) -> None:
    with embedded(place, BINARIES):
        stale = place / "postgres" / "postmaster.pid"
        status, owner = stale.read_text(), stale.stat()
    identity: dict[str, Any] = {"user": owner.st_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "60"], **identity) as stranger:
        stale.write_text(status.replace(status.split()[0], str(stranger.pid), 1))
        os.chown(stale, owner.st_uid, owner.st_gid)
        try:
            with embedded(place, BINARIES) as url:
                assert ask(url, "SELECT 1") == 1
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ending_purser_stops_its_database_cleanly(place: Path, sent: signal.Signals) -> None:
    with holder(kept(place)) as process:
        reached(process)
        ended(process, sent)
    assert eventually(lambda: "database system is shut down" in (place / "postgres.log").read_text())


def test_ctrl_c_in_the_terminal_does_not_reach_the_database(place: Path) -> None:
    with embedded(place, BINARIES):
        assert os.getsid(postmaster(place / "postgres")) != os.getsid(0)


def test_cluster_whose_making_was_killed_is_made_anew(place: Path) -> None:
    with holder(kept(place)) as process:
        assert eventually(lambda: any(place.glob("initdb-*/PG_VERSION")))
        ended(process, signal.SIGKILL)
    assert not (place / "postgres").exists()
    with embedded(place, BINARIES) as url:
        assert ask(url, "SELECT 1") == 1
    assert not list(place.glob("initdb-*"))


def test_deep_or_odd_data_directory_has_its_socket_elsewhere(place: Path) -> None:
    deep = place / "a, b: ü" / ("d" * 120)
    with embedded(deep, BINARIES) as url:
        assert ask(url, "SELECT 1") == 1
        directory = socket_directory(url)
        assert directory.stat().st_mode & 0o077 == 0
    assert not directory.exists()


def test_start_that_fails_says_why(place: Path) -> None:
    with embedded(place, BINARIES):
        pass
    (place / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedError, match=r"FATAL: .* incompatible"), embedded(place, BINARIES):
        pass


def test_data_directory_that_cannot_be_made_is_told_in_one_sentence(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(EmbeddedError, match=r"Not a directory: .*file"), embedded(place / "file" / "var", BINARIES):
        pass


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_throwaway_cluster_goes_with_its_user(sent: signal.Signals) -> None:
    with holder(disposable()) as process:
        url = reached(process)
        directory = socket_directory(url)
        server = postmaster(directory / "postgres")
        assert ask(url, "SHOW fsync") == "off"
        ended(process, sent)
    assert eventually(lambda: not directory.exists() and not alive(server))


def test_throwaway_cluster_goes_even_when_its_making_is_killed(place: Path) -> None:
    with holder(disposable(), TMPDIR=str(place)) as process:
        assert eventually(lambda: any(place.glob("purser-*/postgres/PG_VERSION")))
        ended(process, signal.SIGKILL)
    assert eventually(lambda: not list(place.iterdir()))
