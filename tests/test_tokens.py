"""The token of an invitation is in its mail, and in nothing else that the server writes, tells or keeps."""

import logging
from collections.abc import AsyncIterator
from itertools import product

import pytest
from httpx import Response

from billing.sealing import digest
from schema import ids
from tests.company import ACME, Company, company
from tests.office import DECLINE, INVITATIONS, PREVIEW, RESULTS, settle, snapshot
from tests.visitors import Ground, ground, post

INVITE = f"""
mutation($organization: ID!, $emails: [String!]!, $key: String!) {{
  inviteBillingManagers(input: {{organizationId: $organization, emails: $emails, idempotencyKey: $key}}) {{
    {RESULTS} errors {{ code message path }}
  }}
}}
"""
RESEND = """
mutation($id: ID!, $key: String!) {
  resendBillingInvitation(input: {billingInvitationId: $id, idempotencyKey: $key}) {
    invitation { id email status createdAt expiresAt } errors { code message path }
  }
}
"""
ACCEPT = """
mutation($token: String!) {
  acceptInvitation(input: {token: $token}) { organization { slug } errors { code message path } }
}
"""
ACTIVITY = """
{ organization(slug: "acme-1") {
  billingActivity(first: 100) { nodes { kind actor { __typename } invitation { id } } }
} }
"""
BREAK = """
create function broken() returns trigger language plpgsql as $$ begin raise exception 'row %', new; end $$;
create trigger broken before update of status on billing_invitation for each row execute function broken();
"""
MEND = "drop trigger broken on billing_invitation; drop function broken()"


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


@pytest.fixture
async def acme(place: Ground) -> AsyncIterator[Company]:
    async with company(place) as opened:
        yield opened


async def told(acme: Company) -> list[bytes]:
    """All that the server answers while links are made and used, rightly and wrongly."""
    said: list[bytes] = []

    async def note(response: Response) -> None:
        await response.aread()
        said.append(b"\n".join([repr(response.headers.raw).encode(), response.content]))

    async with acme.home.visit() as browser:
        browser.event_hooks["response"] = [note]
        for email in ("ann@people.test", "bob@people.test", "carl@people.test") * 2:
            await post(browser, INVITE, signed("clerk"), organization=ACME, emails=[email], key=email)
        invitation = await acme.home.value("select id from billing_invitation where email = 'ann@people.test'")
        await post(browser, RESEND, signed("clerk"), id=ids.write("binv", invitation), key="again")
        tokens = [mail.secret for mail in await acme.home.mails()]
        await acme.home.execute(BREAK)
        for query, token, who in product((PREVIEW, ACCEPT, DECLINE), tokens, ("", "stranger", "ann")):
            await post(browser, query, signed(who), token=token)
        await acme.home.execute(MEND)
        for query, token, who in product((PREVIEW, ACCEPT, ACCEPT), tokens, ("", "stranger", "ann")):
            await post(browser, query, signed(who), token=token)
        await post(browser, DECLINE, token=tokens[1])
        for query, who in product((INVITATIONS, ACTIVITY), ("clerk", "owner", "ann")):
            await post(browser, query, signed(who))
    return said


def signed(who: str) -> dict[str, str]:
    """The headers of somebody's browser; of nobody's, if no name is given."""
    return {"cookie": f"purser_session=session of {who}"} if who else {}


async def test_no_answer_log_row_or_notification_holds_a_token(
    acme: Company, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:  # case 33
    caplog.set_level(logging.DEBUG)
    await settle(acme, "ann")
    heard: list[str] = []

    def hear(*notification: object) -> None:
        heard.append(str(notification[-1]))

    connection = acme.home.ground.connection
    for channel in ("purser_changes", "purser_jobs"):
        await connection.add_listener(channel, hear)
    said = b"\n".join(await told(acme))
    for channel in ("purser_changes", "purser_jobs"):
        await connection.remove_listener(channel, hear)
    tokens = [mail.secret for mail in await acme.home.mails() if mail.secret]
    kept, written = repr(await snapshot(acme)), "".join(capfd.readouterr())
    assert len(tokens) == 4
    assert "field failed" in written
    assert b"INTERNAL" in said
    assert b'"slug":"acme-1"' in said
    assert any("BILLING_MANAGERS" in payload for payload in heard)
    for token in tokens:
        assert token.encode() not in said
        assert token not in kept
        assert token not in written + caplog.text
        assert token not in "".join(heard)
        key = digest(token)
        assert key.hex().encode() not in said
        assert key.hex() not in written
