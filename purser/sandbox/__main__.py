"""`python -m purser.sandbox`: the same as `python -m purser sandbox`, without the rest of Purser."""

import sys

import typer

from purser.sandbox.command import sandbox
from purser.sandbox.process import RUNS, SandboxError, SandboxRunsError
from purser.settings import SettingsError

if __name__ == "__main__":
    try:
        typer.run(sandbox)
    except SandboxRunsError:
        sys.exit(RUNS)
    except (SandboxError, SettingsError) as error:
        typer.echo(f"purser: {error}", err=True)
        sys.exit(1)
