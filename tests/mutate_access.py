"""Takes each permission away in turn: `python -m tests.mutate_access [--sample]`. The tests must fail each time.

Each mutant lives in a process of its own, forked from this one, which has everything imported and the database running.
Exit code 1 if one survives, or if the tests fail without any.
"""

import asyncio
import os
import random
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

import tests.asking  # noqa: F401  # imported once, for all forks
from tests import cluster
from tests.mutants import ACTORS, KEYS, MATRIX, VIEWS, VISIBILITY, Mutant, mutants
from tests.worlds import held

FILES = (MATRIX, VIEWS, ACTORS, KEYS, VISIBILITY, "tests/test_unauthenticated.py")
# These compare the declarations with a list; that is not how a mutant shall be noticed.
LEFT_OUT = ("tests/test_role_matrix.py::test_every_guard_is_in_these_tables",)
ARGUMENTS = (
    "-q",
    "-x",
    "--tb=line",
    "--assert=plain",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
    *(f"--deselect={one}" for one in LEFT_OUT),
)
SAMPLE = 8
UNCHANGED = Mutant("nothing changed", lambda: None, MATRIX)

commands = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class Given:
    """Tells the tests which cluster to use, as the controller of pytest-xdist does."""

    def __init__(self, url: str) -> None:
        self._url = url

    def pytest_configure(self, config: Any) -> None:
        config.workerinput = {"server_url": self._url}


@commands.command()
def main(
    sample: Annotated[bool, typer.Option("--sample", help="Only some, always the same.")] = False,
    word: Annotated[str, typer.Option(help="Only those whose name holds this.")] = "",
    processes: Annotated[int, typer.Option(help="How many at once.")] = os.cpu_count() or 1,
) -> None:
    """Take each permission away in turn; print who survives."""
    chosen = [one for one in mutants() if word in one.name]
    if sample:
        chosen = random.Random("of the mutants").sample(chosen, SAMPLE)  # noqa: S311  # repeatable, not secret
    with cluster.cluster() as url, tempfile.TemporaryDirectory() as directory:
        asyncio.run(held(url))  # by nobody's mutant: all copy it
        notes = Path(directory)
        every = [UNCHANGED, *chosen]
        with typer.progressbar(run(every, url, notes, processes), length=len(every), label="Mutants") as ended:
            survivors = {mutant.name for mutant, noticed in ended if not noticed}
        if UNCHANGED.name not in survivors:
            sys.exit(f"The tests fail as they are:\n{(notes / '0').read_text()}")
    survivors.remove(UNCHANGED.name)
    for name in sorted(survivors):
        typer.echo(f"survived: {name}")
    typer.echo(f"{len(chosen)} mutants: {len(chosen) - len(survivors)} killed, {len(survivors)} survived")
    sys.exit(bool(survivors))


def run(chosen: list[Mutant], url: str, notes: Path, processes: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether a test noticed it."""
    waiting = list(enumerate(chosen))
    running: dict[int, tuple[Mutant, Path]] = {}
    while waiting or running:
        while waiting and len(running) < processes:
            place, mutant = waiting.pop(0)
            note = notes / str(place)
            running[forked(mutant, url, note)] = mutant, note
        pid, status = os.wait()
        if pid in running:
            mutant, note = running.pop(pid)
            yield mutant, judged(os.waitstatus_to_exitcode(status), note)


def judged(code: int, note: Path) -> bool:
    """Whether the tests failed. Any other end than failing or passing is a fault of this program."""
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        sys.exit(f"The tests neither passed nor failed, but ended with {code}:\n{note.read_text()}")
    return code == pytest.ExitCode.TESTS_FAILED


def forked(mutant: Mutant, url: str, note: Path) -> int:
    """A process that runs the tests as this mutant; what they say goes into a note."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = os.EX_SOFTWARE
    try:
        with note.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        mutant.apply()
        further = [file for file in FILES if file != mutant.first]
        code = tested(url, mutant.first) or tested(url, *further)
    except BaseException:  # noqa: BLE001  # nothing may get back into the loop that forked us
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def tested(url: str, *files: str) -> int:
    """The exit code of these tests."""
    return int(pytest.main([*ARGUMENTS, *files], plugins=[Given(url)]))


if __name__ == "__main__":
    commands()
