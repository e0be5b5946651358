"""`python -m purser`: what a user did wrong is one line and an exit code, never a traceback."""

import sys

import click
import typer

from models.database import DatabaseRefused
from purser.commands import CommandError, commands
from purser.embedded import EmbeddedError
from purser.keys import KeyRefusedError
from purser.serving import ServingError
from purser.settings import SettingsError

FORESEEN = (CommandError, DatabaseRefused, EmbeddedError, KeyRefusedError, ServingError, SettingsError)


def main() -> int:
    """Run the command that the arguments name. 0: done; 1: it could not be done; 2: it was not understood."""
    try:
        return int(commands(standalone_mode=False) or 0)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "python -m purser"
        return told(f"{error.format_message()} See `{command} --help`.", 2)
    except click.exceptions.Abort:
        return 130
    except click.exceptions.Exit as error:
        return error.exit_code
    except FORESEEN as error:
        return told(str(error), 1)


def told(message: str, code: int) -> int:
    """Say it on standard error."""
    typer.echo(f"purser: {message}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
