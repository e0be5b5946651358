"""Accounts: signing up, proving an address, recovering a password. Nobody learns who has an account."""

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.visitors import (
    ACCEPT,
    ANN,
    INVITE,
    PASSWORD,
    REQUEST_RESET,
    RESET,
    SIGN_IN,
    SIGN_UP,
    VERIFY,
    VIEWER,
    House,
    ask,
    errors,
    found,
    post,
    sign_in,
    sign_up,
)

OTHER = "Bob@Example.test"
NEW = "a new pass phrase"
PREVIEW = "query($token: String!) { invitation(token: $token) { organizationName maskedEmail expiresAt } }"


async def told(home: House, query: str, **variables: Any) -> tuple[bytes, list[str], int, int]:
    """What somebody outside may notice of a request: the answer, the statements, mails and hashes that it takes."""
    async with home.visit() as browser:
        before, hashed = len(await home.mails()), home.hashing.count
        home.ground.statements.clear()
        answer = await post(browser, query, **variables)
        await asyncio.sleep(0)  # the last statement is noted
        return answer.content, [*home.ground.statements], len(await home.mails()) - before, home.hashing.count - hashed


async def test_signing_up_makes_an_account_and_mails_a_link(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        (mail,) = await home.mails()
        assert (mail.message, mail.to) == ("verify_email", ANN)
        await sign_in(browser, "ann@example.TEST")
        viewer = (await ask(browser, VIEWER))["viewer"]
        assert (viewer["email"], viewer["emailVerified"]) == (ANN, False)


async def test_signing_up_tells_nobody_who_has_an_account(home: House) -> None:
    known = await told(home, SIGN_UP, email=ANN, password=PASSWORD, name="Ann")
    again = await told(home, SIGN_UP, email=ANN.lower(), password=NEW, name="Mallory")
    assert again == known
    assert known[1]
    assert known[2:] == (1, 1)
    assert [(mail.message, mail.to) for mail in await home.mails()] == [("verify_email", ANN), ("account_exists", ANN)]
    async with home.visit() as browser:
        assert await errors(browser, SIGN_IN, email=ANN, password=NEW) == ["INVALID_CREDENTIALS"]
        await sign_in(browser)


async def test_two_who_sign_up_at_once_get_one_account_and_two_mails(home: House) -> None:
    async with home.visit() as browser:
        await asyncio.gather(*(sign_up(browser, password=f"{PASSWORD} {turn}") for turn in range(4)))
        assert await home.value("select count(*) from user_account") == 1
        assert sorted(mail.message for mail in await home.mails()) == ["account_exists"] * 3 + ["verify_email"]


async def test_asking_for_a_new_password_tells_nobody_who_has_an_account(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
    known = await told(home, REQUEST_RESET, email="ann@example.test")
    unknown = await told(home, REQUEST_RESET, email=OTHER)
    assert unknown == known
    assert known[1]
    assert known[2:] == (1, 0)
    assert [(mail.message, mail.to) for mail in await home.mails()][1:] == [
        ("reset_password", ANN),
        ("no_account", OTHER),
    ]


async def test_signing_in_tells_nobody_who_has_an_account(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await home.execute("update user_account set email_verified_at = now()")
    wrong = await told(home, SIGN_IN, email=ANN, password=NEW)
    unknown = await told(home, SIGN_IN, email=OTHER, password=NEW)
    malformed = await told(home, SIGN_IN, email="nobody", password=NEW)
    await home.execute("update user_account set password_digest = null")
    without = await told(home, SIGN_IN, email=ANN, password=PASSWORD)
    assert unknown == wrong == malformed == without
    assert wrong[2:] == (0, 1)
    assert b"INVALID_CREDENTIALS" in wrong[0]


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("123456789", True),
        ("1234567890", False),
        ("x" * 1000, False),
        ("x" * 1001, True),
        ("ANN@example.test", True),
        ("e\u0301" * 9, True),
        ("\uff41" * 10, False),
    ],
)
async def test_weak_password_is_refused_whoever_asks(home: House, password: str, *, weak: bool) -> None:
    async with home.visit() as browser:
        for _ in range(2):
            codes = await errors(browser, SIGN_UP, email=ANN, password=password, name="Ann")
            assert codes == (["WEAK_PASSWORD"] if weak else [])
    assert home.hashing.count == (0 if weak else 2)


async def test_password_is_the_same_in_every_normal_form(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser, password="pa\u0301ssword \uff11\uff12\uff13")  # noqa: S106  # of nobody
        await sign_in(browser, password="p\u00e1ssword 123")  # noqa: S106  # as above
        assert await errors(browser, SIGN_IN, email=ANN, password="password 123") == ["INVALID_CREDENTIALS"]  # noqa: S106


@pytest.mark.parametrize(
    "email", ["ann", "a@b@c.test", "ann@example.test\nBcc: bob@example.test", "m\u0131ke@example.test"]
)
async def test_what_is_no_address_gets_no_account(home: House, email: str) -> None:
    async with home.visit() as browser:
        assert await errors(browser, SIGN_UP, email=email, password=PASSWORD, name="Ann") == ["INVALID_ADDRESS"]
        assert await errors(browser, REQUEST_RESET, email=email) == ["INVALID_ADDRESS"]
    assert await home.mails() == []


@pytest.mark.parametrize("name", ["", " ", "x" * 101, " " * 1000 + "x", "Ann\r\nBcc: bob@example.test", "\u202enna"])
async def test_what_is_no_name_gets_no_account(home: House, name: str) -> None:
    async with home.visit() as browser:
        assert await errors(browser, SIGN_UP, email=ANN, password=PASSWORD, name=name) == ["INVALID_NAME"]


async def test_link_verifies_the_address_once(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        token = await home.token()
        assert await errors(browser, VERIFY, token=token) == []
        assert await errors(browser, VERIFY, token=token) == ["INVALID_LINK"]
        await sign_in(browser)
        assert (await ask(browser, VIEWER))["viewer"]["emailVerified"]


@pytest.mark.parametrize(("microseconds", "codes"), [(-1, []), (0, ["INVALID_LINK"])])
async def test_link_to_verify_is_good_for_24_hours(home: House, microseconds: int, codes: list[str]) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        home.clock.go(hours=24, microseconds=microseconds)
        assert await errors(browser, VERIFY, token=await home.token()) == codes


@pytest.mark.parametrize(("microseconds", "codes"), [(-1, []), (0, ["INVALID_LINK"])])
async def test_link_to_a_new_password_is_good_for_an_hour(home: House, microseconds: int, codes: list[str]) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await errors(browser, REQUEST_RESET, email=ANN)
        home.clock.go(hours=1, microseconds=microseconds)
        assert await errors(browser, RESET, token=await home.token(), password=NEW) == codes


async def test_link_of_one_kind_is_none_of_the_other(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        verifying = await home.token()
        await errors(browser, REQUEST_RESET, email=ANN)
        assert await errors(browser, RESET, token=verifying, password=NEW) == ["INVALID_LINK"]
        assert await errors(browser, VERIFY, token=await home.token()) == ["INVALID_LINK"]
        assert await errors(browser, VERIFY, token="") == ["INVALID_LINK"]


async def test_link_dies_when_the_account_gets_another_address(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await home.execute("update user_account set email = $1, email_key = lower($1)", OTHER)
        assert await errors(browser, VERIFY, token=await home.token()) == ["INVALID_LINK"]


async def test_new_password_verifies_the_address_and_signs_every_browser_out(home: House) -> None:
    async with home.visit() as browser, home.visit() as stranger:
        await sign_up(browser)
        await sign_in(stranger)
        await errors(browser, REQUEST_RESET, email=ANN)
        first = await home.token()
        await errors(browser, REQUEST_RESET, email=ANN)
        assert await errors(browser, RESET, token=await home.token(), password=NEW) == []
        assert (await ask(stranger, VIEWER))["viewer"] is None
        assert await errors(browser, RESET, token=first, password=PASSWORD) == ["INVALID_LINK"]
        assert await errors(browser, SIGN_IN, email=ANN, password=PASSWORD) == ["INVALID_CREDENTIALS"]
        await sign_in(browser, password=NEW)
        assert (await ask(browser, VIEWER))["viewer"]["emailVerified"]


async def test_link_is_used_by_one_of_many_at_once(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await errors(browser, REQUEST_RESET, email=ANN)
        token = await home.token()
        chosen = [f"{NEW} {turn}" for turn in range(4)]
        done = await asyncio.gather(*(errors(browser, RESET, token=token, password=one) for one in chosen))
        assert sorted(done) == [[], *[["INVALID_LINK"]] * 3]
        await sign_in(browser, password=chosen[done.index([])])


async def test_new_password_is_as_strong_as_the_first(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await errors(browser, REQUEST_RESET, email=ANN)
        token = await home.token()
        assert await errors(browser, RESET, token=token, password="short") == ["WEAK_PASSWORD"]  # noqa: S106
        assert await errors(browser, RESET, token=token, password=ANN.upper()) == ["WEAK_PASSWORD"]
        assert await errors(browser, RESET, token=token, password=NEW) == []


async def test_password_is_hashed_anew_when_the_parameters_change(home: House) -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with home.visit() as browser:
        await sign_up(browser)
        await home.execute("update user_account set password_digest = $1", weaker)
        await sign_in(browser)
        kept = await home.value("select password_digest from user_account")
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        await sign_in(browser)
        assert await home.value("select password_digest from user_account") == kept


async def test_secrets_are_nowhere_in_the_database_nor_in_answers_and_logs(
    home: House, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = []
    async with home.visit() as browser:
        for query in (SIGN_UP, SIGN_UP, SIGN_IN):
            answers.append(await post(browser, query, email=ANN, password=PASSWORD, name="Ann"))  # noqa: PERF401
        answers.append(await post(browser, REQUEST_RESET, email=ANN))
        secrets = [PASSWORD, *browser.cookies.values(), *(mail.secret for mail in await home.mails() if mail.secret)]
        answers.append(await post(browser, RESET, token=secrets[-1], password=NEW))
        answers.append(await post(browser, VERIFY, token=secrets[-2]))
    assert len(secrets) == 4
    dumped = [
        str(dict(row))
        for table in ("user_account", "session", "mailed_link", "job", "stored_answer")
        for row in await home.ground.connection.fetch(f"select * from {table}")  # noqa: S608  # the names above
    ]
    printed = "".join(capsys.readouterr())
    for secret in (*secrets, NEW):
        assert secret not in printed
        assert not any(secret in row for row in dumped)
        assert not any(secret in answer.text for answer in answers)


async def invited(home: House, email: str) -> str:
    """The secret of the link that makes a billing manager of Acme."""
    async with home.visit() as browser:
        await sign_up(browser, "owner@acme.test")
        await sign_in(browser, "owner@acme.test")
        acme = await found(browser)
        results = (await ask(browser, INVITE, organization=acme, emails=[email], key="1"))["inviteBillingManagers"]
        assert [one["outcome"] for one in results["results"]] == ["SENT"]
    return await home.token()


async def test_holder_of_a_link_sees_who_invites_him_and_little_of_his_address(home: House) -> None:
    # case 14
    token = await invited(home, ANN)
    async with home.visit() as browser:
        preview = (await ask(browser, PREVIEW, token=token))["invitation"]
        assert preview["organizationName"] == "Acme"
        assert preview["maskedEmail"] == "A••@E••.test"
        assert (await ask(browser, PREVIEW, token="unknown"))["invitation"] is None  # noqa: S106
        assert await errors(browser, ACCEPT, token=token) == ["INVALID_INVITATION"]
        await sign_up(browser, OTHER)
        await sign_in(browser, OTHER)
        assert (await ask(browser, PREVIEW, token=token))["invitation"] is None


async def test_link_leads_through_sign_up_to_acceptance_and_verifies_the_address(home: House) -> None:
    # case 15
    token = await invited(home, ANN)
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        assert not (await ask(browser, VIEWER))["viewer"]["emailVerified"]
        accepted = (await ask(browser, ACCEPT, token=token))["acceptInvitation"]
        assert accepted == {"organization": {"slug": "acme"}, "errors": []}
        assert (await ask(browser, VIEWER))["viewer"]["emailVerified"]
        plans_page = (
            '{ organization(slug: "acme") { viewerRoles subscription { status } billingManagers { nodes { email } } } }'
        )
        page = (await ask(browser, plans_page))["organization"]
        assert page["viewerRoles"] == ["BILLING_MANAGER"]
        assert page["billingManagers"]["nodes"] == [{"email": ANN}]


@pytest.mark.parametrize(("invite", "becomes", "codes"), [(ANN, OTHER, ["INVALID_INVITATION"]), (OTHER, OTHER, [])])
async def test_address_at_the_moment_of_acceptance_counts(
    home: House, invite: str, becomes: str, codes: list[str]
) -> None:
    # case 16
    token = await invited(home, invite)
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        change = "update user_account set email = $1, email_key = lower($1) where email_key = lower($2)"
        await home.execute(change, becomes, ANN)
        assert await errors(browser, ACCEPT, token=token) == codes


async def test_address_that_went_to_another_account_accepts_there(home: House) -> None:
    # case 17
    token = await invited(home, ANN)
    async with home.visit() as first, home.visit() as second:
        await sign_up(first)
        await sign_in(first)
        await home.execute(
            "update user_account set email = $1, email_key = lower($1) where email_key = lower($2)", OTHER, ANN
        )
        await sign_up(second)
        await sign_in(second)
        assert await errors(first, ACCEPT, token=token) == ["INVALID_INVITATION"]
        assert await errors(second, ACCEPT, token=token) == []


async def test_who_signs_up_with_another_address_is_not_invited(home: House) -> None:
    # case 18
    token = await invited(home, ANN)
    async with home.visit() as browser, home.visit() as right:
        await sign_up(browser, OTHER)
        await sign_in(browser, OTHER)
        refused = (await ask(browser, ACCEPT, token=token))["acceptInvitation"]["errors"]
        assert refused == [{"code": "INVALID_INVITATION", "message": "Invalid Invitation Link"}]
        await sign_up(right)
        await sign_in(right)
        assert await errors(right, ACCEPT, token=token) == []
