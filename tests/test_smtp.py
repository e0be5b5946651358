"""Mail by SMTP, against a real server in all its moods."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP

from billing.room import Room
from billing.sealing import Sealer
from mailer import messages
from mailer.mail import Mail, Stationery, mail
from mailer.outbox import enqueue
from mailer.post import Post
from mailer.relay import relay
from mailer.smtp import Smtp
from models.database import connected
from models.jobs import Job
from models.queue import Claimed, GivenUp, TryLater
from models.transactions import transaction
from purser.worker import Lane, Pace, handlers
from tests import cluster
from tests.conftest import Create
from tests.rows import THEN
from tests.smtp_server import TAKEN, PostOffice, authenticated, post_office, take, tls

STATIONERY = Stationery("Purser <purser@plans.test>", "https://plans.test")
TOKEN = "a" * 43
USER = "purser:p%40ss%20word@"
LETTER = messages.invitation("Ann@acme.test", "Acme", None, THEN, TOKEN)


def letter(to: str = "Ann@acme.test", key: UUID | None = None) -> Mail:
    return mail(messages.reset_password(to, TOKEN), key or uuid4(), THEN, STATIONERY)


def smtp(office: PostOffice, more: str = "") -> Smtp:
    return Smtp(relay(office.url + more), "plans.test")


@asynccontextmanager
async def opened(more: str = "?timeout=20") -> AsyncIterator[tuple[PostOffice, Smtp]]:
    async with post_office() as office, smtp(office, more) as client:
        yield office, client


async def test_a_mail_arrives_as_it_was_written() -> None:
    sent = letter()
    async with opened() as (office, client):
        await client.carry(sent)
        (envelope,) = office.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos) == ("purser@plans.test", ["Ann@acme.test"])
        assert envelope.original_content == sent.content
        assert office.sessions[0].host_name == "plans.test"


async def test_one_connection_serves_many_mails() -> None:
    async with opened() as (office, client):
        for _ in range(5):
            await client.carry(letter())
        assert (len(office.mails), len(office.connections)) == (5, 1)


async def test_a_connection_that_was_dropped_while_idle_is_made_anew() -> None:
    async with opened() as (office, client):
        await client.carry(letter())
        office.hang_up()
        await client.carry(letter())
        office.hang_up()
        await asyncio.sleep(0.05)  # this time it is noticed before
        await client.carry(letter())
        assert (len(office.mails), len(office.connections)) == (3, 3)


async def test_a_server_that_is_down_is_tried_again_later() -> None:
    async with post_office() as office:
        port = office.port
    async with Smtp(relay(f"smtp://127.0.0.1:{port}"), "plans.test") as client:
        with pytest.raises(TryLater, match="cannot be used"):
            await client.carry(letter())
        async with post_office(port) as office:
            await client.carry(letter())
            assert len(office.mails) == 1


async def test_a_server_that_does_not_answer_is_given_up_for_now() -> None:
    async def silent(_: SMTP) -> str:
        await asyncio.Event().wait()
        return ""

    async with opened("?timeout=1") as (office, client):
        await client.carry(letter())  # what is slow at a first mail is done
        office.data = silent
        with pytest.raises(TryLater, match="connection broke"):
            await client.carry(letter())


async def test_a_server_that_greets_nobody_is_given_up_for_now() -> None:
    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    ended = asyncio.Event()
    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Smtp(relay(f"smtp://127.0.0.1:{port}?timeout=1"), "plans.test") as client:
            with pytest.raises(TryLater, match="cannot be used"):
                await client.carry(letter())
        ended.set()


@pytest.mark.parametrize("answer", ["550 5.1.1 <Ann@acme.test>: no such user", "501 5.1.3 bad address", "552 full"])
async def test_a_recipient_that_is_refused_for_good_is_final(answer: str) -> None:
    async with opened() as (office, client):
        office.recipient = lambda _: answer
        with pytest.raises(GivenUp, match=answer[:3]) as refused:
            await client.carry(letter())
        assert "Ann" not in str(refused.value)
        office.recipient = lambda _: TAKEN
        await client.carry(letter())
        assert (len(office.mails), len(office.connections)) == (1, 1)


async def test_content_that_is_refused_for_good_is_final_and_nothing_quoted_is_kept() -> None:
    async def spam(_: SMTP) -> str:
        return f"554 5.7.1 Spam: https://plans.test/reset#{TOKEN} ({TOKEN}) to Ann@acme.test, see [rule 7]"

    async with opened() as (office, client):
        office.data = spam
        with pytest.raises(GivenUp) as refused:
            await client.carry(letter())
        assert str(refused.value) == "The server refused: 554 5.7.1 Spam: … (…) to … see [rule 7]."


async def test_a_greylist_is_waited_out_on_the_same_connection() -> None:
    answers = iter(["451 4.7.1 Greylisted, come again", TAKEN])
    async with opened() as (office, client):
        office.recipient = lambda _: next(answers)
        with pytest.raises(TryLater, match=r"451 .* Greylisted"):
            await client.carry(letter())
        await client.carry(letter())
        assert (len(office.mails), len(office.connections)) == (1, 1)


async def test_a_server_that_says_goodbye_is_asked_anew_later() -> None:
    answers = iter(["421 4.3.2 Shutting down", TAKEN])
    async with opened() as (office, client):
        office.recipient = lambda _: next(answers)
        with pytest.raises(TryLater, match="421"):
            await client.carry(letter())
        await client.carry(letter())
        assert len(office.connections) == 2


async def test_a_refusal_that_an_operator_can_mend_is_not_final() -> None:
    async with opened() as (office, client):
        office.recipient = lambda _: "530 5.7.0 Must issue a STARTTLS command first"
        with pytest.raises(TryLater, match="530"):
            await client.carry(letter())


async def test_a_refusal_of_one_recipient_of_several_is_seen() -> None:
    both = letter()
    both = Mail(both.id, both.sender, (*both.recipients, "bob@acme.test"), both.content)
    async with opened() as (office, client):
        office.recipient = lambda to: "550 no such user" if to.startswith("bob") else TAKEN
        with pytest.raises(GivenUp, match="550"):
            await client.carry(both)
        assert office.envelopes[0].rcpt_tos == ["Ann@acme.test"]
        office.recipient = lambda to: "450 busy" if to.startswith("bob") else TAKEN
        with pytest.raises(TryLater, match="450"):
            await client.carry(both)


async def test_a_mail_whose_answer_was_lost_is_sent_again_as_the_same_mail() -> None:
    job = Claimed(uuid4(), "mail", None, {"message": "no_account", "to": "a@b.test", "values": {}}, THEN, 1)
    async with opened() as (office, client):
        post = Post(Sealer(b"test"), STATIONERY, client)
        office.data = office.lose
        with pytest.raises(TryLater, match="connection broke"):
            await post.deliver(job)
        office.data = take
        await post.deliver(job)
        first, second = office.envelopes
        assert first.original_content == second.original_content
        assert [mail["Message-ID"] for mail in office.mails] == [f"<{job.id}@plans.test>"] * 2


async def test_work_that_is_broken_off_leaves_no_answer_behind_for_the_next_mail() -> None:
    begun = asyncio.Event()

    async def slow(_: SMTP) -> str:
        begun.set()
        await asyncio.Event().wait()
        return ""

    async with opened() as (office, client):
        office.data = slow
        sending = asyncio.create_task(client.carry(letter()))
        await begun.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        office.data = take
        await client.carry(letter())
        assert len(office.connections) == 2


async def test_starttls_and_login(tmp_path: Path) -> None:
    context, authority = tls(tmp_path)
    async with post_office(tls_context=context, auth_required=True, authenticator=authenticated) as office:
        url = f"smtp://{USER}127.0.0.1:{office.port}?ca={authority}"
        async with Smtp(relay(url), "plans.test") as client:
            await client.carry(letter())
            await client.carry(letter())
        assert [(session.ssl is not None, session.authenticated) for session in office.sessions] == [(True, True)] * 2
        async with Smtp(relay(url.replace("p%40ss", "other")), "plans.test") as client:
            with pytest.raises(TryLater, match="535") as refused:
                await client.carry(letter())
            assert "other" not in str(refused.value)


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    context, authority = tls(tmp_path)
    async with post_office(ssl=context) as office:
        async with Smtp(relay(f"smtps://127.0.0.1:{office.port}?ca={authority}"), "plans.test") as client:
            await client.carry(letter())
        assert len(office.mails) == 1


async def test_a_server_without_tls_gets_no_password() -> None:
    async with post_office(authenticator=authenticated, auth_require_tls=False) as office:
        url = f"smtp://{USER}127.0.0.1:{office.port}"
        async with Smtp(relay(url), "plans.test") as client:
            with pytest.raises(TryLater, match="STARTTLS"):
                await client.carry(letter())
        async with Smtp(relay(f"{url}?starttls=never"), "plans.test") as client:
            await client.carry(letter())
        assert len(office.mails) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context, _ = tls(tmp_path)
    async with post_office(tls_context=context) as office:
        async with Smtp(relay(office.url), "plans.test") as client:
            with pytest.raises(TryLater, match="CERTIFICATE_VERIFY_FAILED"):
                await client.carry(letter())
        assert office.mails == []


async def test_an_address_of_other_letters_needs_smtputf8() -> None:
    international = letter("jösé@Äcme.test")
    async with opened() as (office, client):
        with pytest.raises(GivenUp, match="SMTPUTF8"):
            await client.carry(international)
        assert office.envelopes == []
        await client.carry(letter("jose@Äcme.test"))
        assert office.envelopes[0].rcpt_tos == ["jose@xn--cme-pla.test"]
    async with post_office(enable_SMTPUTF8=True) as office, smtp(office) as client:
        await client.carry(international)
        assert office.envelopes[0].rcpt_tos == ["jösé@xn--cme-pla.test"]
        assert office.mails[0]["To"] == "jösé@xn--cme-pla.test"


@asynccontextmanager
async def queued(url: str, client: Smtp) -> AsyncIterator[Lane]:
    """A worker on a database with one letter in its outbox."""
    room = Room(Sealer(b"of a test"), lambda: THEN)
    async with connected(url):
        await transaction(lambda: enqueue([LETTER], room, THEN, None))
        yield Lane(handlers(room, Post(room.sealer, STATIONERY, client)), room.clock, Pace())


async def test_a_letter_goes_from_the_outbox_to_the_server_and_its_token_is_forgotten(
    create: Create, server_url: str
) -> None:
    url = await create(await cluster.migrated(server_url))
    async with opened() as (office, client), queued(url, client) as lane:
        assert TOKEN not in str((await Job.get()).payload)
        assert await lane.one()
        job = await Job.get()
        assert (job.done_at, "sealed" in job.payload) == (THEN, False)
        (arrived,) = office.mails
        assert arrived["Message-ID"] == f"<{job.id}@plans.test>"
        text = arrived.get_body(("plain",))
        assert text is not None
        assert f"https://plans.test/invitation#{TOKEN}" in text.get_content()
        assert not await lane.one()


async def test_a_letter_that_is_refused_for_good_is_seen_by_the_operator(create: Create, server_url: str) -> None:
    url = await create(await cluster.migrated(server_url))
    async with opened() as (office, client), queued(url, client) as lane:
        office.recipient = lambda to: f"550 5.1.1 <{to}> unknown"
        assert await lane.one()
        job = await Job.get()
        assert (job.failed_at, job.attempts) == (THEN, 1)
        assert job.last_error == "The server refused: 550 5.1.1 … unknown."
