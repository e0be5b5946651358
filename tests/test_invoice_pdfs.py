"""Documents as who pays gets them: the same bytes for ever, for who may view invoices, and nobody's name in them."""

import asyncio
import hashlib

import pytest

from billing.documents.rendering import render
from billing.printing import snapshot
from tests.desk import got, named, read, worked
from tests.shop import Shop

PDFS = """
{ organization(slug: "acme-1") { invoices(first: 9) { nodes { number status pdfUrl creditNotes { pdfUrl } } } } }
"""
STORED = "select content, digest from rendered_document where organization_id = $1"


async def url(shop: Shop, who: str = "clerk") -> str:
    """Where the newest invoice is."""
    found = await shop.ask(who, PDFS)
    return str(found["organization"]["invoices"]["nodes"][0]["pdfUrl"])


async def test_the_worker_prints_an_invoice_and_who_may_view_invoices_gets_it(shop: Shop) -> None:
    await named(shop)
    await shop.buy_plan("professional", 10)
    assert await worked(shop) >= 1
    ((content, digest),) = [tuple(row) for row in await shop.rows(STORED)]
    assert digest == hashlib.sha256(content).digest()
    address = await url(shop)
    assert address.startswith("http://purser.test/documents/inv_")
    async with shop.home.visit() as browser:
        answer = await got(browser, address)
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'inline; filename="ACME-1-00001.pdf"'
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["etag"] == f'"{digest.hex()}"'
        again = await got(browser, address, **{"if-none-match": f'W/"{digest.hex()}"'})
        assert (again.status_code, again.content) == (304, b"")
    text = read(content)
    for word in ("ACME-1-00001", "Acme Rockets", "Purser Demo", "Professional plan", "Paid", "VAT 19 %"):
        assert word in text


async def test_everything_but_the_right_to_view_invoices_is_one_answer(shop: Shop) -> None:
    await shop.buy_plan()
    address = await url(shop)
    async with shop.home.visit() as browser:
        answers = [await got(browser, address, who) for who in ("member", "stranger", None)]
        answers += [
            await got(browser, address, None, authorization="Bearer purser_wrong"),
            await got(browser, address, "clerk", **{"sec-fetch-site": "cross-site"}),
            await got(browser, address, "owner", **{"purser-organization": "acme-2"}),
        ]
        wrong = ("inv_00000000000000000000000000", "cn_00000000000000000000000000", "x", "inv_x")
        answers += [await got(browser, f"/documents/{one}.pdf") for one in wrong]
        for who in ("owner", "admin", "both", "clerk"):
            assert (await got(browser, address, who)).status_code == 200
    told = {(one.status_code, one.content, tuple(sorted(set(one.headers) - {"x-request-id"}))) for one in answers}
    assert len(told) == 1
    assert told.pop()[:2] == (404, b"")


async def test_whoever_is_first_prints_and_all_get_the_same(shop: Shop) -> None:
    await shop.buy_plan()
    address = await url(shop)
    async with shop.home.visit() as browser:
        answers = await asyncio.gather(*(got(browser, address) for _ in range(8)))
    assert len({one.content for one in answers}) == 1
    await worked(shop)
    assert [row["content"] for row in await shop.rows(STORED)] == [answers[0].content]


async def test_what_was_kept_first_stays(shop: Shop) -> None:
    await shop.buy_plan()
    await shop.home.execute(
        "insert into rendered_document (id, organization_id, invoice_id, content, digest, rendered_at)"
        " select id, organization_id, id, '%PDF of long ago', sha256('%PDF of long ago'), now() from invoice"
    )
    await worked(shop)
    async with shop.home.visit() as browser:
        assert (await got(browser, await url(shop))).content == b"%PDF of long ago"


async def test_new_billing_details_change_no_old_document(shop: Shop) -> None:  # case 92
    await named(shop, name="Acme Rockets")
    await shop.buy_plan("professional", 10)
    await worked(shop)
    first = (await shop.rows(STORED))[0]["content"]
    await named(shop, name="Globex Rockets")
    shop.home.clock.go(days=3)
    await shop.apply(await shop.quote(seats=12))
    rows = await shop.rows("select document from invoice where organization_id = $1 order by number")
    again, new = (render(snapshot(row["document"])) for row in rows)
    assert again == first
    assert "Globex Rockets" in read(new)
    assert "Globex" not in read(first)


@pytest.mark.parametrize(
    "name",
    ["\u202eevil", "<script>alert(1)</script>", '#include("/etc/passwd")', "株式会社", "شركة", "x" * 1000, "$1\n2"],
)
async def test_any_name_can_be_printed(shop: Shop, name: str) -> None:
    await named(shop, name=name)
    await shop.buy_plan()
    async with shop.home.visit() as browser:
        answer = await got(browser, await url(shop))
    assert answer.content.startswith(b"%PDF")
    assert "root:" not in read(answer.content)


async def test_no_document_names_a_person_a_team_or_a_project(shop: Shop) -> None:
    await shop.home.execute("update user_account set name = 'Zyzzyva ' || name, email = 'zyzzyva-' || email")
    for table in ("team", "project"):
        await shop.home.execute(
            f"insert into {table} (id, organization_id, name, created_at)"  # noqa: S608
            " select gen_random_uuid(), id, 'Zyzzyva', now() from organization where slug = 'acme-1'"
        )
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote("owner", seats=12), "owner")
    await worked(shop)
    for row in await shop.rows(STORED):
        assert b"zyzzyva" not in row["content"].lower()
        assert "zyzzyva" not in read(row["content"]).lower()


async def test_another_organizations_document_is_not_there(shop: Shop) -> None:
    await shop.buy_plan()
    await shop.home.execute("delete from role_grant where role = 'BILLING_MANAGER'")
    address = await url(shop, "owner")
    async with shop.home.visit() as browser:
        assert (await got(browser, address, "clerk")).status_code == 404
        assert (await got(browser, address, "owner")).status_code == 200
