"""Mails land in a directory, a file each: where no SMTP server is set, and for looking at them."""

import asyncio
import os
import secrets
from pathlib import Path

from mailer.mail import Mail
from models.queue import TryLater

SUFFIX = ".eml"


class Directory:
    """Files called by the id of their job, so that a repeat replaces itself and names sort by time.

    They hold links that are good for their receivers alone: nobody but the owner of the process may read them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def carry(self, mail: Mail) -> None:
        """Whole or not at all, and for good. Raises TryLater."""
        try:
            await asyncio.to_thread(self._keep, mail)
        except OSError as error:
            raise TryLater(f"The mail cannot be written: {error.strerror}.") from None

    def _keep(self, mail: Mail) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path / f".{mail.id}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(mail.content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path / f"{mail.id}{SUFFIX}")
        finally:
            draft.unlink(missing_ok=True)

    def newest(self, count: int) -> list[Path]:
        """The files of the mails that were written last, newest first."""
        return sorted(self._path.glob(f"*{SUFFIX}"), reverse=True)[:count]
