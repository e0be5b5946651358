"""The demo, as its billing manager meets it: seats, an invoice and its PDF, a declined card, a year that goes by."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from purser import demo
from tests.cluster import memory
from tests.servers import PATIENCE, Running, run, serving

pytestmark = pytest.mark.database

PAGE = """
{ organization(slug: "acme") { id subscription { status seats { purchased } currentPeriodEnd plan { key } }
  payments(first: 50) { nodes { status } } invoices(first: 50) { nodes { number status } }
  paymentMethods { id isDefault last4 } } }
"""
QUOTE = """
mutation($input: QuoteSubscriptionChangeInput!) { quoteSubscriptionChange(input: $input) {
  quote { id dueNow { amount } } errors { code } } }
"""
APPLY = """
mutation($input: ApplyQuoteInput!) { applyQuote(input: $input) {
  subscription { seats { purchased } } payment { status amount { amount } failureCode }
  invoice { number status pdfUrl } errors { code } } }
"""
ADD = """
mutation($input: AddPaymentMethodInput!) { addPaymentMethod(input: $input) { paymentMethod { id } errors { code } } }
"""
ADVANCE = """
mutation($input: AdvanceSandboxClockInput!) { advanceSandboxClock(input: $input) { now errors { code } } }
"""


class Client:
    """The demo's billing manager."""

    def __init__(self, server: Running, data: Path) -> None:
        secret = (data / "secret_key").read_text().strip().encode()
        key = next(one.api_key for one in demo.accounts(secret) if one.email == "billing@acme.test")
        headers = {"Authorization": f"Bearer {key}", "Purser-Organization": "acme"}
        self.http = httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE)

    def ask(self, query: str, **given: Any) -> Any:
        """The data of an answer that nothing is wrong with."""
        answer = self.http.post("/graphql", json={"query": query, "variables": {"input": given}})
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    def close(self) -> None:
        self.http.close()

    def page(self) -> Any:
        return self.ask(PAGE)["organization"]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=memory() or "/tmp") as directory:  # noqa: S108  # its name is short
        yield Path(directory).resolve() / "var"


def test_what_the_demo_promises_about_money_is_so(data: Path, tmp_path: Path) -> None:
    with serving(tmp_path, DATA_DIR=str(data)) as server, closing(Client(server, data)) as client:
        before = client.page()
        seats, organization = before["subscription"]["seats"]["purchased"], before["id"]

        quote = client.ask(QUOTE, organizationId=organization, seats=seats + 5)["quoteSubscriptionChange"]["quote"]
        done = client.ask(APPLY, quoteId=quote["id"], idempotencyKey="five more")["applyQuote"]
        assert done["errors"] == []
        assert done["payment"]["amount"] == quote["dueNow"]
        assert done["subscription"]["seats"]["purchased"] == seats + 5
        assert client.http.get(done["invoice"]["pdfUrl"]).content.startswith(b"%PDF-")
        assert httpx.get(done["invoice"]["pdfUrl"], timeout=PATIENCE).status_code == httpx.codes.NOT_FOUND

        added = client.ask(
            ADD, organizationId=organization, gatewayToken="tok_declined", makeDefault=False, idempotencyKey="bad"
        )
        bad = added["addPaymentMethod"]["paymentMethod"]["id"]
        then = client.page()
        quote = client.ask(QUOTE, organizationId=organization, seats=seats + 60)["quoteSubscriptionChange"]["quote"]
        done = client.ask(APPLY, quoteId=quote["id"], paymentMethodId=bad, idempotencyKey="no")["applyQuote"]
        assert [error["code"] for error in done["errors"]] == ["PAYMENT_DECLINED"]
        after = client.page()
        assert after["subscription"] == then["subscription"]
        assert after["invoices"] == then["invoices"]

        moved = client.ask(ADVANCE, by="P13M", idempotencyKey="a year and a month")["advanceSandboxClock"]
        assert moved["errors"] == []
        page = client.page()
        assert page["subscription"]["status"] == "ACTIVE"
        renewed = len(page["invoices"]["nodes"]) - len(after["invoices"]["nodes"])
        assert renewed in {13, 14}
        assert page["subscription"]["currentPeriodEnd"] > moved["now"]
    proved = run("ledger", "check", DATA_DIR=str(data))
    assert (proved.returncode, proved.stdout.partition(":")[0]) == (0, "The books balance")
