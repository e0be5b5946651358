"""Whatever the gateway tells, in whatever order and however often: one state, one charge, one invoice."""

from itertools import permutations, product

import pytest

from billing.gateways.gateway import Action, Charge, ChargeStatus
from billing.rules.money import Money
from billing.rules.payments import RANK, advanced, settled
from billing.settlement import key_of, record
from models import Payment
from tests.accounts import FIRST
from tests.shop import Shop

P, A, F, S = ChargeStatus.PROCESSING, ChargeStatus.REQUIRES_ACTION, ChargeStatus.FAILED, ChargeStatus.SUCCEEDED
# What may be told of one charge: its way, parts of it again, and late.
HISTORIES = [(P, A, P, S, S), (P, S, S, P, S), (A, F, F, P, A), (P, A, F, A, F), (S, S, P, A, S)]


@pytest.mark.parametrize("history", list(product("PAFS", repeat=3)), ids="".join)
def test_all_orders_of_events_lead_to_one_state(history: tuple[str, ...]) -> None:
    names = {"P": P, "A": A, "F": F, "S": S}
    ends = set()
    for order in permutations(history):
        stand = "PROCESSING"
        for told in order:
            stand = advanced(stand, names[told].value)  # type: ignore[arg-type]
        ends.add(stand)
    assert len(ends) == 1


def test_nothing_leads_back_and_money_that_came_is_never_forgotten() -> None:
    for stand, told in product(RANK, repeat=2):
        assert RANK[advanced(stand, told)] == max(RANK[stand], RANK[told])
    assert [stand for stand in RANK if settled(stand)] == ["FAILED", "SUCCEEDED", "REFUNDED"]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: "".join(one[0] for one in history))
async def test_five_events_in_any_order_make_one_invoice_or_none(shop: Shop, history: tuple[ChargeStatus, ...]) -> None:
    ended = S if S in history else F
    await shop.card("tok_3ds")
    for turn, order in enumerate(sorted(set(permutations(history)))):
        quote = await shop.quote(planId=shop.plan("professional"), seats=10 + turn)
        await shop.apply(quote)
        (row,) = await shop.rows(
            "select id from payment where organization_id = $1 order by created_at, id desc limit 1"
        )
        payment = await Payment.get(organization_id=FIRST, id=row["id"])
        for told in order:
            await record(shop.home.server.room, None, FIRST, None, payment.id, charge(payment, told))
        await payment.refresh_from_db()
        assert payment.status == ended.value, order
        assert (payment.invoice_id is not None) == (ended is S)
        purchased = (await shop.subscription())["seats_purchased"]
        assert purchased == (10 + turn if ended is S else 6), order


def charge(payment: Payment, status: ChargeStatus) -> Charge:
    """As the gateway would tell it."""
    return Charge(
        payment.gateway_reference or "ch_none",
        key_of(payment),
        status,
        Money(payment.amount, payment.currency),
        "card_declined" if status is F else None,
        Action("redirect_to_url", "https://bank.test") if status is A else None,
    )
