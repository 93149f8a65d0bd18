"""Working follow-ups: each action does what it says, in bulk too, and one undo takes it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from deskcrm.clock import FrozenClock
from deskcrm.errors import InvalidError, NotAllowedError, NotFoundError
from deskcrm.models import Customer, Followup, FollowupState
from deskcrm.services import followups
from deskcrm.services.authority import visible_customer
from deskcrm.services.desk import Desk
from deskcrm.services.followups import FollowupClosedError, FollowupsChanged, NewFollowup
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer

TODAY = date(2026, 11, 23)
THREE_O_CLOCK = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

Action = Callable[[Desk, list[int]], FollowupsChanged]
ACTIONS: dict[str, Action] = {
    "done": lambda desk, ids: followups.done(desk, ids, note="客户已来行办理"),
    "no answer": lambda desk, ids: followups.done(desk, ids, disposition="no_answer"),
    "snooze": lambda desk, ids: followups.snooze(desk, ids, THREE_O_CLOCK),
    "defer": lambda desk, ids: followups.defer(desk, ids, TODAY + timedelta(days=2)),
    "transfer": lambda desk, ids: followups.transfer(desk, ids, "other"),
    "dismiss": lambda desk, ids: followups.dismiss(desk, ids, "客户已销户"),
}


def update_due(desk: Desk, name: str = "王小明") -> int:
    """A customer whose update of the file is due, and the follow-up's id."""
    customer = add_customer(desk, name, cadence_anchor_on=TODAY - timedelta(days=100))
    with desk.read() as session:
        return session.exec(select(Followup.id).where(Followup.customer_id == customer)).one()


def stored(desk: Desk, followup_id: int) -> Followup:
    with desk.read() as session:
        return session.get_one(Followup, followup_id)


def customer_of(desk: Desk, followup_id: int) -> Customer:
    with desk.read() as session:
        return session.get_one(Customer, session.get_one(Followup, followup_id).customer_id)


@pytest.mark.parametrize("name", ACTIONS)
def test_one_undo_takes_a_bulk_action_back_whole(desk: Desk, name: str) -> None:
    ids = [update_due(desk, "王小明"), update_due(desk, "李雷")]
    before = [(stored(desk, each), customer_of(desk, each)) for each in ids]
    changed = ACTIONS[name](desk, ids)
    assert [view.id for view in changed.followups] == ids
    assert [stored(desk, each) for each in ids] != [row for row, _ in before]
    undo(desk, changed.change_set.id)
    for each, (row, customer) in zip(ids, before, strict=True):
        assert stored(desk, each).model_dump(exclude={"told_at"}) == row.model_dump(
            exclude={"told_at"}
        )
        kept = {"revision", "updated_at"}
        assert customer_of(desk, each).model_dump(exclude=kept) == customer.model_dump(exclude=kept)
    with desk.read() as session:
        assert len(session.exec(select(Followup)).all()) == 2


def test_done_closes_with_outcome_and_note_and_counts_as_contact(desk: Desk) -> None:
    followup = update_due(desk)
    (view,) = followups.done(
        desk, [followup], disposition="interested", note="想了解理财"
    ).followups
    assert (view.state, view.disposition, view.note) == (
        FollowupState.DONE,
        "interested",
        "想了解理财",
    )
    row, customer = stored(desk, followup), customer_of(desk, followup)
    assert (row.closed_at, row.closed_by_id) == (desk.now(), desk.officer.id)
    assert (customer.last_contact_on, customer.cadence_anchor_on) == (TODAY, TODAY)
    assert customer.contact_count == 1


def test_no_answer_counts_a_try_and_proposes_another_time_of_the_day(
    desk: Desk, clock: FrozenClock
) -> None:
    followup = update_due(desk)
    (view,) = followups.done(desk, [followup], disposition="no_answer").followups
    assert (view.state, view.attempts, view.maximum_attempts) == (FollowupState.OPEN, 1, 4)
    around_noon = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert view.snooze_until == around_noon
    assert customer_of(desk, followup).last_contact_on is None
    clock.advance(timedelta(hours=7))
    (view,) = followups.done(desk, [followup], disposition="busy").followups
    next_morning = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert (view.attempts, view.snooze_until) == (2, next_morning)


def test_after_the_last_try_a_followup_rests_for_thirty_days(desk: Desk) -> None:
    followup = update_due(desk)
    for _ in range(4):
        (view,) = followups.done(desk, [followup], disposition="no_answer").followups
    assert (view.state, view.attempts) == (FollowupState.PARKED, 4)
    assert (view.snooze_until, view.defer_until) == (None, date(2026, 12, 23))


def test_dismissing_an_update_lets_the_next_round_begin_today(
    desk: Desk, clock: FrozenClock
) -> None:
    followup = update_due(desk)
    (view,) = followups.dismiss(desk, [followup], "客户出国").followups
    assert (view.state, view.closing_reason) == (FollowupState.DISMISSED, "客户出国")
    customer = customer_of(desk, followup)
    assert (customer.cadence_anchor_on, customer.last_contact_on) == (TODAY, None)


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (lambda desk, ids: followups.dismiss(desk, ids, "  "), "reason"),
        (lambda desk, ids: followups.snooze(desk, ids, desk.now()), "until"),
        (lambda desk, ids: followups.defer(desk, ids, TODAY), "until"),
        (lambda desk, ids: followups.transfer(desk, ids, "auditor"), "to"),
        (lambda desk, ids: followups.transfer(desk, ids, "nobody"), "to"),
        (lambda desk, ids: followups.done(desk, ids, disposition="maybe"), "outcome"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    desk: Desk, action: Action, field: str
) -> None:
    followup = update_due(desk)
    before = stored(desk, followup)
    with pytest.raises(InvalidError) as error:
        action(desk, [followup])
    assert list(error.value.fields) == [field]
    assert stored(desk, followup) == before


@pytest.mark.parametrize("name", ACTIONS)
def test_a_closed_followup_is_not_worked_again(desk: Desk, name: str) -> None:
    followup = update_due(desk)
    followups.dismiss(desk, [followup], "客户已销户")
    with pytest.raises(FollowupClosedError):
        ACTIONS[name](desk, [followup])


@pytest.mark.parametrize("name", ACTIONS)
def test_a_followup_out_of_sight_is_not_found_and_nothing_of_the_bulk_is_done(
    branch: TestBranch, name: str
) -> None:
    mine = update_due(branch.desk("other"), "李雷")
    theirs = update_due(branch.desk("manager"))
    with pytest.raises(NotFoundError):
        ACTIONS[name](branch.desk("other"), [mine, theirs])
    with pytest.raises(NotFoundError):
        ACTIONS[name](branch.desk("other"), [])
    with pytest.raises(NotAllowedError):
        ACTIONS[name](branch.desk("auditor"), [mine])
    assert stored(branch.desk("other"), mine).state == FollowupState.OPEN


def test_the_receiver_of_a_followup_sees_its_customer_until_it_is_done(
    branch: TestBranch,
) -> None:
    manager, other = branch.desk("manager"), branch.desk("other")
    followup = update_due(manager)
    customer = customer_of(manager, followup).id
    (view,) = followups.transfer(manager, [followup], "other", reason="休假").followups
    assert (view.owner_id, view.owner_name) == (other.officer.id, "other name")
    with other.read() as session:
        assert visible_customer(other, session, customer).id == customer
    followups.done(other, [followup])
    with other.read() as session, pytest.raises(NotFoundError):
        visible_customer(other, session, customer)


def test_an_added_followup_is_due_at_its_minute_and_falls_to_who_added_it(desk: Desk) -> None:
    customer = add_customer(desk)
    new = NewFollowup(customer, due_at=THREE_O_CLOCK, title=" 送\x1b合同 ", note="带两份")
    changed = followups.add(desk, new)
    (view,) = changed.followups
    assert (view.rule_code, view.title, view.note) == ("manual", "送合同", "带两份")
    assert (view.due_on, view.due_at, view.owner_id) == (TODAY, THREE_O_CLOCK, desk.officer.id)
    assert stored(desk, view.id).ranked_on == TODAY
    followups.add(desk, new)
    undo(desk)
    undo(desk)
    with desk.read() as session:
        assert session.exec(select(Followup)).all() == []


def test_an_added_followup_needs_a_day_that_is_not_past(desk: Desk) -> None:
    customer = add_customer(desk)
    for due_on in (None, TODAY - timedelta(days=1)):
        with pytest.raises(InvalidError) as error:
            followups.add(desk, NewFollowup(customer, due_on=due_on))
        assert list(error.value.fields) == ["due_on"]


def test_a_followup_can_be_added_for_a_colleague(branch: TestBranch) -> None:
    manager = branch.desk("manager")
    customer = add_customer(manager)
    (view,) = followups.add(manager, NewFollowup(customer, due_on=TODAY, owner="teller")).followups
    assert view.owner_name == "teller name"
    assert view.title == "Follow-up"


def test_snoozing_tells_again_and_deferring_keeps_the_due_day(desk: Desk) -> None:
    followup = update_due(desk)
    with desk.write("told") as work:
        work.session.get_one(Followup, followup).told_at = desk.now()
    due_on = stored(desk, followup).due_on
    followups.snooze(desk, [followup], THREE_O_CLOCK)
    assert stored(desk, followup).told_at is None
    followups.defer(desk, [followup], TODAY + timedelta(days=7))
    row = stored(desk, followup)
    assert (row.due_on, row.snooze_until, row.defer_until) == (due_on, None, date(2026, 11, 30))
