"""`python -m purser`: what a user did wrong is one line and an exit code, never a traceback."""

import sys

import typer

from models.database import DatabaseRefused
from models.transactions import sqlstate
from purser.commands import CommandError, commands
from purser.embedded import EmbeddedError
from purser.keys import KeyRefusedError
from purser.sandbox.process import SandboxError
from purser.serving import ServingError
from purser.settings import SettingsError

FORESEEN = (CommandError, DatabaseRefused, EmbeddedError, KeyRefusedError, SandboxError, ServingError, SettingsError)
# undefined_column, undefined_table
UNKNOWN = frozenset({"42703", "42P01"})


def main() -> int:
    """Run the command that the arguments name. 0: done; 1: it could not be done; 2: it was not understood."""
    try:
        return int(commands(standalone_mode=False) or 0)
    except typer.Exit as error:
        return error.exit_code
    except typer.Abort:
        return 130
    except typer.TyperException as error:
        return misunderstood(error)
    except FORESEEN as error:
        return told(str(error), 1)
    except Exception as error:
        if sqlstate(error) not in UNKNOWN:
            raise
        return told("The database is not that of this version: run `python -m purser migrate`.", 1)


def misunderstood(error: typer.TyperException) -> int:
    """Say in one line what is wrong with the arguments, or show the help if there are none."""
    context = getattr(error, "ctx", None)
    if len(sys.argv) == 1 or error.format_message() == (context and context.get_help()):
        typer.echo(error.format_message())
        return 2
    words = " ".join(error.format_message().split()).rstrip(".")
    return told(f"{words}. See `{context.command_path if context else 'python -m purser'} --help`.", 2)


def told(message: str, code: int) -> int:
    """Say it on standard error."""
    typer.echo(f"purser: {message}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
