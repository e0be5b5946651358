"""Mails leave by SMTP, over one connection that is kept."""

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from mailer.mail import Mail
from mailer.relay import Relay
from models.queue import GivenUp, TryLater

REFUSALS, FINAL = range(400, 600), range(500, 600)
# Permanent, but of the relay's settings, which an operator mends: 530 wants a sign-in or TLS, 534 and 535 refuse one.
SETTINGS = frozenset({530, 534, 535, 538})
# What a server may quote of the mail: addresses, links and tokens. Nothing of that is kept.
QUOTED = re.compile(r"\S*[@/#]\S*|[\w-]{32,}|[^ -~]+")
LONGEST = 200


class Smtp:
    """A connection to the relay: made when it is first needed, made anew when it was lost."""

    def __init__(self, relay: Relay, name: str) -> None:
        """`name` is what we call ourselves there."""
        self._client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            local_hostname=name,
            timeout=relay.timeout,
            use_tls=relay.tls,
            start_tls=relay.starttls,
            cert_bundle=relay.ca,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.quit(timeout=1)
        self._client.close()

    async def carry(self, mail: Mail) -> None:
        """Hand it to the relay. Every recipient is taken, or it is an error. Raises TryLater and GivenUp."""
        await self._connect()
        options = ["SMTPUTF8"] if mail.international else []
        try:
            refused, _ = await self._client.sendmail(mail.sender, mail.recipients, mail.content, mail_options=options)
        except aiosmtplib.SMTPNotSupported:
            raise GivenUp("The server cannot take addresses with other letters than ASCII (SMTPUTF8).") from None
        except SMTPRecipientsRefused as error:
            raise _outcome((one.code, one.message) for one in error.recipients) from None
        except SMTPResponseException as error:
            if error.code not in REFUSALS:  # whatever that was, the next answer may belong to it
                self._client.close()
            raise _outcome([(error.code, error.message)]) from None
        except (SMTPException, OSError) as error:
            self._client.close()
            raise TryLater(f"The connection broke: {_plain(str(error))}.") from None
        except asyncio.CancelledError:
            self._client.close()
            raise
        if refused:
            raise _outcome((one.code, one.message) for one in refused.values())

    async def _connect(self) -> None:
        """A connection that answers: an idle one may have been closed at the other end."""
        if self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.noop()
                return
            self._client.close()
        try:
            await self._client.connect()
        except SMTPResponseException as error:
            raise TryLater(f"The server does not let us in: {_said(error.code, error.message)}.") from None
        except (SMTPException, OSError, ValueError) as error:
            raise TryLater(f"The server cannot be used: {_plain(str(error))}.") from None


def _outcome(answers: Iterable[tuple[int, str]]) -> TryLater | GivenUp:
    """What a refusal means: final if any is."""
    found = list(answers)
    code, text = next((one for one in found if one[0] in FINAL and one[0] not in SETTINGS), found[0])
    kind = GivenUp if code in FINAL and code not in SETTINGS else TryLater
    return kind(f"The server refused: {_said(code, text)}.")


def _said(code: int, text: str) -> str:
    return f"{code} {_plain(text)}".strip()


def _plain(text: str) -> str:
    """An answer without what it quotes."""
    return QUOTED.sub("…", text)[:LONGEST].rstrip(".")
