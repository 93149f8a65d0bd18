"""The call sheet: what must be on it, what it does to the customer and the work, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from deskcrm.clock import FrozenClock
from deskcrm.errors import InvalidError, NotAllowedError, NotFoundError
from deskcrm.models import Customer, Followup, FollowupState, Interaction
from deskcrm.services import followups
from deskcrm.services.desk import Desk
from deskcrm.services.followups import NewFollowup
from deskcrm.services.interactions import Logged, NewInteraction, log_interaction
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer

TODAY = date(2026, 11, 23)
TOMORROW_AT_THREE = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def call(customer_id: int, **fields: Any) -> NewInteraction:
    """A call that reached the customer, who needs nothing more."""
    values: dict[str, Any] = {
        "channel": "phone",
        "outcome": "done",
        "notes": "一切正常",
        "no_next_reason": "无需跟进",
        **fields,
    }
    if values.get("next_kind") or values.get("next_on") or values.get("next_at"):
        values.setdefault("no_next_reason", "")
        values["no_next_reason"] = fields.get("no_next_reason", "")
    return NewInteraction(customer_id, **values)


def update_due(desk: Desk, name: str = "王小明") -> tuple[int, int]:
    """A customer whose update is due, and the follow-up's id."""
    customer = add_customer(desk, name, cadence_anchor_on=TODAY - timedelta(days=100))
    with desk.read() as session:
        return customer, session.exec(
            select(Followup.id).where(Followup.customer_id == customer)
        ).one()


def stored_customer(desk: Desk, customer_id: int) -> Customer:
    with desk.read() as session:
        return session.get_one(Customer, customer_id)


def stored_followups(desk: Desk, customer_id: int) -> list[Followup]:
    with desk.read() as session:
        rows = select(Followup).where(Followup.customer_id == customer_id)
        return list(session.exec(rows.order_by(col(Followup.id))))


def test_a_call_closes_its_followup_moves_the_cadence_and_names_the_next(desk: Desk) -> None:
    customer, followup = update_due(desk)
    _, next_one = update_due(desk, "李雷")
    logged = log_interaction(desk, call(customer, followup_id=followup, satisfaction=5))
    assert (logged.followup_id, logged.followup_state) == (followup, FollowupState.DONE)
    assert (logged.next_followup, logged.next_in_queue) == (None, next_one)
    row = stored_customer(desk, customer)
    assert (row.last_contact_on, row.cadence_anchor_on, row.contact_count) == (TODAY, TODAY, 1)
    assert stored_followups(desk, customer)[0].disposition == "done"


def test_a_promised_callback_is_raised_in_the_same_change_and_undone_with_it(desk: Desk) -> None:
    customer, followup = update_due(desk)
    before = stored_customer(desk, customer), stored_followups(desk, customer)
    sheet = call(
        customer,
        followup_id=followup,
        outcome="later",
        next_kind="callback",
        next_at=TOMORROW_AT_THREE,
        next_note="问存单续存",
    )
    logged = log_interaction(desk, sheet)
    promised = logged.next_followup
    assert promised is not None
    assert (promised.rule_code, promised.due_on) == ("callback", date(2026, 11, 24))
    assert (promised.due_at, promised.note) == (TOMORROW_AT_THREE, "问存单续存")
    assert logged.next_in_queue is None
    undone = undo(desk)
    assert undone.action == "interaction.log"
    kept = {"revision", "updated_at"}
    assert stored_customer(desk, customer).model_dump(exclude=kept) == before[0].model_dump(
        exclude=kept
    )
    assert stored_followups(desk, customer) == before[1]
    with desk.read() as session:
        assert session.exec(select(Interaction)).all() == []


@pytest.mark.parametrize("kind", ["visit", "send", "other"])
def test_any_other_promise_is_raised_as_a_next_step(desk: Desk, kind: str) -> None:
    customer = add_customer(desk)
    logged = log_interaction(desk, call(customer, next_kind=kind, next_on=date(2026, 12, 1)))
    assert logged.next_followup is not None
    assert logged.next_followup.rule_code == "next_step"
    assert logged.next_followup.due_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "splendid"}, "outcome"),
        ({"channel": "pigeon"}, "channel"),
        ({"no_next_reason": " "}, "next_kind"),
        ({"next_on": date(2026, 12, 1)}, "next_kind"),
        ({"next_kind": "party", "next_on": date(2026, 12, 1)}, "next_kind"),
        ({"next_kind": "callback"}, "next_on"),
        ({"next_kind": "callback", "next_on": date(2026, 11, 22)}, "next_on"),
        (
            {"next_kind": "callback", "next_at": datetime(2026, 11, 23, 0, 59, tzinfo=UTC)},
            "next_on",
        ),
        (
            {"next_kind": "visit", "next_on": date(2026, 12, 1), "no_next_reason": "无"},
            "no_next_reason",
        ),
        ({"at": datetime(2026, 11, 23, 1, 1, tzinfo=UTC)}, "at"),
        ({"satisfaction": 0}, "satisfaction"),
        ({"satisfaction": 6}, "satisfaction"),
    ],
)
def test_a_sheet_with_something_missing_or_wrong_is_refused_beside_the_field(
    desk: Desk, fields: dict[str, Any], wrong: str
) -> None:
    customer = add_customer(desk)
    with pytest.raises(InvalidError) as error:
        log_interaction(desk, call(customer, **fields))
    assert list(error.value.fields) == [wrong]
    with desk.read() as session:
        assert session.exec(select(Interaction)).all() == []


def test_a_call_is_not_promised_to_who_must_not_be_called(desk: Desk) -> None:
    customer = add_customer(desk, do_not_call=True)
    promise = call(customer, next_kind="callback", next_on=date(2026, 12, 1))
    with pytest.raises(InvalidError) as error:
        log_interaction(desk, promise)
    assert list(error.value.fields) == ["next_kind"]
    assert log_interaction(desk, replace(promise, next_kind="visit")).next_followup is not None


def test_the_cadence_counts_from_the_contacts_own_date_and_never_backwards(desk: Desk) -> None:
    customer, _ = update_due(desk)
    log_interaction(desk, call(customer, at=desk.now() - timedelta(days=10)))
    row = stored_customer(desk, customer)
    ten_days_ago = TODAY - timedelta(days=10)
    assert (row.last_contact_on, row.cadence_anchor_on) == (ten_days_ago, ten_days_ago)
    log_interaction(desk, call(customer, at=desk.now() - timedelta(days=60)))
    row = stored_customer(desk, customer)
    assert (row.last_contact_on, row.cadence_anchor_on) == (ten_days_ago, ten_days_ago)
    assert row.contact_count == 2


def test_the_day_of_a_contact_is_the_branchs(desk: Desk) -> None:
    customer = add_customer(desk)
    late_evening_utc = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    log_interaction(desk, call(customer, at=late_evening_utc))
    assert stored_customer(desk, customer).last_contact_on == date(2026, 11, 22)


def test_a_contact_settles_an_open_update_even_when_another_followup_was_worked(
    desk: Desk,
) -> None:
    customer, update = update_due(desk)
    added = followups.add(desk, NewFollowup(customer, due_on=TODAY)).followups[0].id
    log_interaction(desk, call(customer, followup_id=added))
    states = {row.id: (row.state, row.closing_reason) for row in stored_followups(desk, customer)}
    assert states[added] == (FollowupState.DONE, "")
    assert states[update] == (FollowupState.DONE, "The customer was contacted meanwhile.")


def test_a_contact_before_the_last_one_leaves_a_later_update_open(desk: Desk) -> None:
    customer, update = update_due(desk)
    log_interaction(desk, call(customer, at=desk.now() - timedelta(days=150)))
    (row,) = stored_followups(desk, customer)
    assert (row.id, row.state) == (update, FollowupState.OPEN)


def test_an_attempt_leaves_the_cadence_and_its_retry_is_the_next_step(desk: Desk) -> None:
    customer, followup = update_due(desk)
    sheet = call(customer, followup_id=followup, outcome="no_answer", no_next_reason="")
    logged = log_interaction(desk, sheet)
    assert (logged.followup_state, logged.next_followup) == (FollowupState.OPEN, None)
    (row,) = stored_followups(desk, customer)
    around_noon = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert (row.attempts, row.snooze_until) == (1, around_noon)
    assert stored_customer(desk, customer).contact_count == 0
    with desk.read() as session:
        interaction = session.exec(select(Interaction)).one()
    assert (interaction.next_kind, interaction.next_at) == (None, around_noon)


def test_the_officers_own_time_for_the_next_try_goes_before_the_proposal(desk: Desk) -> None:
    customer, followup = update_due(desk)
    sheet = call(
        customer,
        followup_id=followup,
        outcome="busy",
        next_kind="callback",
        next_at=TOMORROW_AT_THREE,
    )
    assert log_interaction(desk, sheet).next_followup is None
    (row,) = stored_followups(desk, customer)
    assert row.snooze_until == TOMORROW_AT_THREE


def test_an_attempt_without_a_followup_needs_a_next_step_like_any_call(desk: Desk) -> None:
    customer = add_customer(desk)
    with pytest.raises(InvalidError):
        log_interaction(desk, call(customer, outcome="no_answer", no_next_reason=""))
    sheet = call(customer, outcome="no_answer", next_kind="callback", next_on=date(2026, 11, 24))
    assert log_interaction(desk, sheet).next_followup is not None


def test_the_same_form_saved_twice_is_taken_down_once(desk: Desk) -> None:
    customer, followup = update_due(desk)
    sheet = call(
        customer,
        followup_id=followup,
        next_kind="callback",
        next_at=TOMORROW_AT_THREE,
        form_key="sheet-1",
    )
    first = log_interaction(desk, sheet)
    second = log_interaction(desk, sheet)
    assert second == replace(first, change_set=None)
    assert stored_customer(desk, customer).contact_count == 1
    undo(desk)
    again = log_interaction(desk, sheet)
    assert again.interaction_id != first.interaction_id


def test_a_followup_a_colleague_closed_meanwhile_does_not_lose_the_call(desk: Desk) -> None:
    customer, followup = update_due(desk)
    followups.dismiss(desk, [followup], "客户已销户")
    logged = log_interaction(desk, call(customer, followup_id=followup))
    assert logged.followup_state == FollowupState.DISMISSED
    assert stored_customer(desk, customer).contact_count == 1


def test_only_visible_customers_and_their_own_followups_are_written_about(
    branch: TestBranch,
) -> None:
    manager = branch.desk("manager")
    customer, _ = update_due(manager)
    _, of_another = update_due(manager, "李雷")
    with pytest.raises(NotFoundError):
        log_interaction(branch.desk("other"), call(customer))
    with pytest.raises(NotAllowedError):
        log_interaction(branch.desk("auditor"), call(customer))
    with pytest.raises(NotFoundError):
        log_interaction(manager, call(customer, followup_id=of_another))


def test_text_is_kept_clean(desk: Desk) -> None:
    customer = add_customer(desk)
    logged: Logged = log_interaction(desk, call(customer, notes="第一行\n\x1b[31m第二行\u202e"))
    with desk.read() as session:
        assert session.get_one(Interaction, logged.interaction_id).notes == "第一行\n[31m第二行"


def test_a_callback_promised_for_later_today_is_not_the_next_in_the_queue(
    desk: Desk, clock: FrozenClock
) -> None:
    customer = add_customer(desk)
    sheet = call(customer, next_kind="callback", next_at=desk.now() + timedelta(hours=2))
    logged = log_interaction(desk, sheet)
    assert logged.next_followup is not None
    assert logged.next_in_queue is None
    clock.advance(timedelta(hours=2))
    other = add_customer(desk, "李雷")
    assert log_interaction(desk, call(other)).next_in_queue == logged.next_followup.id


def test_json_has_identifiers_as_text(desk: Desk) -> None:
    customer, followup = update_due(desk)
    sheet = call(customer, followup_id=followup, next_kind="visit", next_on=date(2026, 12, 1))
    shown = log_interaction(desk, sheet).as_json()
    assert shown["followup"] == str(followup)
    assert shown["next"]["due_on"] == "2026-12-01"
    assert shown["interaction"].isdigit()
