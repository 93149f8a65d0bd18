"""The brief has what an officer wants to know in the moment before a call."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from deskcrm.errors import NotAllowedError, NotFoundError
from deskcrm.models import (
    Account,
    Case,
    CaseKind,
    Customer,
    CustomerStatus,
    Followup,
    Product,
)
from deskcrm.services import followups
from deskcrm.services.brief import brief, brief_for_customer
from deskcrm.services.desk import Desk
from deskcrm.services.interactions import NewInteraction, log_interaction
from deskcrm.services.queue import queue
from tests.desks import TestBranch, add_customer

TODAY = date(2026, 11, 23)


def customer_with_history(desk: Desk) -> int:
    """A gold customer, called four times, with an update due and two promises open."""
    customer = add_customer(
        desk,
        "李雷",
        phone="13812345678",
        tier="gold",
        cadence_anchor_on=TODAY - timedelta(days=300),
        pinned_note="喜欢下午接电话",
    )
    for months in (9, 7, 5):
        log_interaction(
            desk,
            NewInteraction(
                customer,
                channel="phone",
                outcome="done",
                notes=f"{months} 个月前通话",
                at=desk.now() - timedelta(days=30 * months),
                no_next_reason="无",
                satisfaction=4,
            ),
        )
    log_interaction(
        desk,
        NewInteraction(
            customer,
            channel="counter",
            outcome="interested",
            notes="想了解大额存单",
            at=desk.now() - timedelta(days=100),
            next_kind="send",
            next_on=TODAY + timedelta(days=2),
            next_note="寄利率表",
        ),
    )
    followups.add(desk, followups.NewFollowup(customer, due_on=TODAY, title="问贷款"))
    return customer


def test_the_brief_says_why_now_what_to_say_and_what_happened_last(desk: Desk) -> None:
    customer = customer_with_history(desk)
    item = next(i for i in queue(desk).items if i.rule_code == "quarterly_update")
    found = brief(desk, item.id)
    assert (found.customer_id, found.customer_name, str(found.phone)) == (
        customer,
        "李雷",
        "138****5678",
    )
    assert found.why[:3] == item.reasons
    assert found.script_id.startswith("Ask how things are")
    assert [contact.notes for contact in found.contacts] == [
        "想了解大额存单",
        "5 个月前通话",
        "7 个月前通话",
    ]
    assert found.contacts[0].outcome_id == "Reached, interested"
    assert (found.contacts[1].satisfaction, found.contacts[1].officer_name) == (4, "manager name")
    assert [(row.title, row.note) for row in found.promises] == [
        ("问贷款", ""),
        ("Do what was promised", "寄利率表"),
    ]
    assert found.pinned_note == "喜欢下午接电话"
    assert "13812345678" not in repr(found)


def test_the_brief_of_a_customer_takes_the_most_pressing_followup_or_none(desk: Desk) -> None:
    customer = customer_with_history(desk)
    found = brief_for_customer(desk, customer)
    assert found.followup is not None
    assert found.followup.id == queue(desk).items[0].id
    nothing_open = brief_for_customer(desk, add_customer(desk))
    assert (nothing_open.followup, nothing_open.why, nothing_open.script_id) == (None, (), "")
    assert (nothing_open.contacts, nothing_open.alerts, nothing_open.products) == ((), (), ())


@pytest.mark.parametrize(
    ("expires_in", "code"),
    [(-1, "identity-expired"), (0, "identity-expires"), (90, "identity-expires"), (91, None)],
)
def test_an_identity_document_about_to_expire_is_an_alert(
    desk: Desk, expires_in: int, code: str | None
) -> None:
    customer = add_customer(desk, id_expires_on=TODAY + timedelta(days=expires_in))
    alerts = brief_for_customer(desk, customer).alerts
    assert [alert.code for alert in alerts] == ([code] if code else [])
    assert all(str(TODAY + timedelta(days=expires_in)) in alert.text for alert in alerts)


def test_alerts_name_what_to_mind_the_gravest_first(desk: Desk) -> None:
    customer = add_customer(
        desk, do_not_call=True, status=CustomerStatus.RESTRICTED, special_care="听力不便"
    )
    with desk.write("case.add") as work:
        work.add(
            Case(customer_id=customer, kind=CaseKind.COMPLAINT, subject="手续费", opened_on=TODAY)
        )
    alerts = brief_for_customer(desk, customer).alerts
    assert [alert.code for alert in alerts] == [
        "do-not-call",
        "restricted",
        "complaint",
        "special-care",
    ]
    assert alerts[-1].text == "Mind: 听力不便"


def test_products_held_are_named_once_with_their_number(desk: Desk) -> None:
    customer = add_customer(desk)
    with desk.write("account.add") as work:
        deposit = work.session.exec(select(Product).where(Product.code == "TD-12")).one()
        for number, status in enumerate(["open", "open", "closed"]):
            work.add(
                Account(
                    customer_id=customer,
                    number=f"621700{number}",
                    type="deposit",
                    product_id=deposit.id,
                    status=status,
                )
            )
        work.add(Account(customer_id=customer, number="6217009", type="current"))
    assert brief_for_customer(desk, customer).products == ("current", "定期存款一年 ×2")


def test_a_brief_is_only_for_who_may_see_the_customer(branch: TestBranch) -> None:
    manager = branch.desk("manager")
    customer = customer_with_history(manager)
    followup = queue(manager).items[0].id
    with pytest.raises(NotFoundError):
        brief(branch.desk("other"), followup)
    with pytest.raises(NotFoundError):
        brief_for_customer(branch.desk("other"), customer)
    with pytest.raises(NotAllowedError):
        brief(branch.desk("auditor"), followup)
    followups.transfer(manager, [followup], "other")
    assert brief(branch.desk("other"), followup).customer_id == customer
    with manager.read() as session:
        assert session.get_one(Customer, customer).owner_id == manager.officer.id
        assert session.get_one(Followup, followup).owner_id == branch.officers["other"].id
