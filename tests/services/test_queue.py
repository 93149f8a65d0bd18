"""The queue shows what is to be done now, best first, with the reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from deskcrm.clock import FrozenClock
from deskcrm.errors import NotAllowedError, NotFoundError
from deskcrm.i18n import set_language
from deskcrm.models import Case, CaseKind, Customer, Followup, Tier
from deskcrm.services import followups
from deskcrm.services.desk import Desk
from deskcrm.services.followups import NewFollowup
from deskcrm.services.queue import next_in_queue, queue, why
from deskcrm.services.reference import rules_on, tiers_on
from deskcrm.services.scans import run_scans
from tests.desks import TestBranch, add_customer

TODAY = date(2026, 11, 23)


def added(desk: Desk, name: str = "王小明", *, due: int = 0, **fields: Any) -> int:
    """A follow-up due in so many days; one that is late was added in time."""
    customer = add_customer(desk, name, **fields)
    (view,) = followups.add(desk, NewFollowup(customer, due_on=max(due, 0) * DAY + TODAY)).followups
    if due < 0:
        with desk.write("followup.edit") as work:
            work.session.get_one(Followup, view.id).due_on = TODAY + due * DAY
    return view.id


DAY = timedelta(days=1)


def shown(desk: Desk, **options: Any) -> list[int]:
    return [item.id for item in queue(desk, **options).items]


def test_what_is_due_by_today_is_shown_and_what_comes_later_only_when_asked(desk: Desk) -> None:
    today, late, tomorrow = added(desk, due=0), added(desk, due=-3), added(desk, due=1)
    assert set(shown(desk)) == {today, late}
    assert set(shown(desk, include_upcoming_days=1)) == {today, late, tomorrow}


def test_deferred_snoozed_parked_and_closed_ones_are_hidden(desk: Desk, clock: FrozenClock) -> None:
    deferred, snoozed, closed, parked, kept = (added(desk) for _ in range(5))
    followups.defer(desk, [deferred], TODAY + DAY)
    followups.snooze(desk, [snoozed], desk.now() + timedelta(hours=1))
    followups.done(desk, [closed])
    for _ in range(4):
        followups.done(desk, [parked], disposition="no_answer")
    assert shown(desk) == [kept]
    clock.advance(timedelta(hours=1))
    assert set(shown(desk)) == {kept, snoozed}
    clock.advance(DAY)
    assert set(shown(desk)) == {kept, snoozed, deferred}


def test_the_most_worth_a_minute_comes_first_and_reasons_say_why(desk: Desk) -> None:
    plain = added(desk, "普通")
    late = added(desk, "逾期", due=-8)
    private = added(desk, "私行", tier="private")
    items = queue(desk).items
    assert [item.id for item in items] == [private, late, plain]
    assert [item.score for item in items] == sorted((i.score for i in items), reverse=True)
    assert [why.text for why in items[0].reasons] == [
        "Private banking customer",
        "Must not be late",
        "Reason: Follow-up",
    ]
    assert "8 days late" in [why.text for why in items[1].reasons]
    set_language("zh_CN")
    assert "已逾期 8 天" in [why.text for why in items[1].reasons]


def test_all_terms_add_up_to_the_score_and_are_shown_on_request(desk: Desk) -> None:
    customer = add_customer(desk, tier="gold", cadence_anchor_on=TODAY - 120 * DAY)
    with desk.write("case.add") as work:
        work.add(
            Case(
                customer_id=customer,
                kind=CaseKind.COMPLAINT,
                subject="手续费",
                opened_on=TODAY,
            )
        )
    (item,) = queue(desk).items
    assert sum(reason.term.points for reason in why(desk, item.id)) == item.score
    followups.done(desk, [item.id], disposition="no_answer")
    codes = {reason.term.code.value for reason in why(desk, item.id)}
    assert codes == {"value", "late_risk", "days_late", "tier", "complaint", "attempts"}


def test_each_line_has_what_a_call_needs_and_the_phone_masked(desk: Desk) -> None:
    customer = add_customer(desk, "李雷", phone="13812345678", last_contact_on=date(2026, 8, 1))
    moment = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    followups.add(desk, NewFollowup(customer, due_at=moment, title="送合同", minutes=15))
    (item,) = queue(desk).items
    assert (item.customer_name, item.tier, item.title) == ("李雷", "standard", "送合同")
    assert (item.due_on, item.due_at, item.days_late) == (TODAY, moment, 0)
    assert (item.attempts, item.maximum_attempts, item.minutes) == (0, 4, 15)
    assert item.last_contact_on == date(2026, 8, 1)
    assert str(item.phone) == "138****5678"
    assert "13812345678" not in repr(queue(desk))
    assert "Promised for 15:00" in [reason.text for reason in why(desk, item.id)]


def test_a_promise_rises_as_its_time_comes_near_without_a_scan(
    desk: Desk, clock: FrozenClock
) -> None:
    late = added(desk, "逾期", due=-15)
    customer = add_customer(desk, "承诺")
    at = desk.now() + timedelta(hours=9)
    promised = followups.add(desk, NewFollowup(customer, due_at=at)).followups[0].id
    assert shown(desk) == [late, promised]
    clock.advance(timedelta(hours=8, minutes=40))
    assert shown(desk) == [promised, late]
    assert shown(desk, limit=1) == [promised]


def test_calls_to_who_must_not_be_called_are_withheld_and_other_work_stays(desk: Desk) -> None:
    customer = add_customer(desk, cadence_anchor_on=TODAY - 100 * DAY)
    manual = followups.add(desk, NewFollowup(customer, due_on=TODAY)).followups[0].id
    assert len(shown(desk)) == 2
    with desk.write("customer.edit") as work:
        work.session.get_one(Customer, customer).do_not_call = True
    assert shown(desk) == [manual]
    assert queue(desk).total == 1


def test_an_officer_sees_their_own_queue_and_a_supervisor_any(branch: TestBranch) -> None:
    manager, other, boss = (branch.desk(name) for name in ("manager", "other", "supervisor"))
    mine = added(manager)
    theirs = added(other)
    nobodys = added(manager)
    with manager.write("followup.edit") as work:
        work.session.get_one(Followup, nobodys).owner_id = None
    assert (shown(manager), shown(other)) == ([mine], [theirs])
    assert shown(boss, officer_login="other") == [theirs]
    assert shown(boss) == [nobodys]
    with pytest.raises(NotAllowedError):
        queue(manager, officer_login="other")
    with pytest.raises(NotFoundError):
        queue(boss, officer_login="nobody")
    with pytest.raises(NotAllowedError):
        queue(branch.desk("auditor"))
    with pytest.raises(NotFoundError):
        why(other, mine)


def test_a_followup_handed_over_moves_to_the_other_queue(branch: TestBranch) -> None:
    manager, other = branch.desk("manager"), branch.desk("other")
    followup = added(manager)
    followups.transfer(manager, [followup], "other")
    assert (shown(manager), shown(other)) == ([], [followup])
    assert why(other, followup)


def test_totals_count_what_the_limit_cuts_off_and_capacity_counts_minutes(desk: Desk) -> None:
    for _ in range(3):
        added(desk)
    added(desk, due=-2)
    long = add_customer(desk)
    followups.add(desk, NewFollowup(long, due_on=TODAY, minutes=175))
    found = queue(desk, limit=2)
    assert (len(found.items), found.total, found.overdue) == (2, 5, 1)
    whole = queue(desk)
    assert (whole.capacity.minutes, whole.capacity.day_minutes) == (199, 180)
    assert whole.items[-1].customer_id == long
    assert whole.capacity.fits == 4


def test_the_order_is_the_same_for_every_limit(desk: Desk) -> None:
    for n in range(70):
        customer = add_customer(desk)
        at = desk.now() + timedelta(minutes=3 * n - 90)
        followups.add(desk, NewFollowup(customer, due_at=at, minutes=5 + n % 7))
    late = added(desk, due=-20, tier="private")
    whole = shown(desk)
    assert whole[0] == late
    assert all(shown(desk, limit=limit) == whole[:limit] for limit in (1, 2, 20, 50, 70))
    with desk.read() as session:
        assert next_in_queue(desk, session) == late


@pytest.mark.parametrize("rule", ["callback", "manual", "quarterly_update"])
def test_the_queue_works_out_the_score_that_the_reasons_add_up_to(desk: Desk, rule: str) -> None:
    for minutes in (*range(-40, 40, 7), 29, 30, 31, 119, 120, 121, 479, 480, 481):
        customer = add_customer(desk, tier="gold", last_contact_on=TODAY)
        at = desk.now() + timedelta(minutes=minutes, seconds=59, milliseconds=999)
        followups.add(desk, NewFollowup(customer, due_at=at, minutes=7))
    for days in (0, 1, 2, 29, 30, 31, 400):
        added(desk, due=-days)
    with desk.write("followup.edit") as work:
        for row in work.session.exec(select(Followup)):
            row.rule_code = rule
    items = queue(desk).items
    assert len(items) > 20
    for item in items:
        reasons = why(desk, item.id)
        assert item.score == sum(reason.term.points for reason in reasons)
        assert item.reasons == tuple(each for each in reasons if each.term.points > 0)[:3]


def test_being_late_counts_without_a_scan(desk: Desk, clock: FrozenClock) -> None:
    added(desk)
    (before,) = queue(desk).items
    clock.advance(3 * DAY)
    (after,) = queue(desk).items
    assert after.score - before.score == 3 * 10 * 600 // 6
    run_scans(desk)
    assert queue(desk).items == (after,)


def test_a_new_version_of_a_tier_counts_from_its_day_before_any_scan(
    desk: Desk, clock: FrozenClock
) -> None:
    gold, standard = added(desk, tier="gold"), added(desk)
    assert shown(desk) == [gold, standard]
    with desk.write("tiers.edit") as work:
        tier = tiers_on(work.session, TODAY)["standard"].model_dump(exclude={"id"})
        work.add(Tier(**{**tier, "points": 500, "valid_from": TODAY + DAY}))
    assert shown(desk) == [gold, standard]
    clock.advance(DAY)
    before = queue(desk).items
    assert [item.id for item in before] == [standard, gold]
    assert shown(desk, limit=1) == [standard]
    run_scans(desk)
    assert queue(desk).items == before


def test_a_changed_rule_counts_at_once(desk: Desk) -> None:
    manual = added(desk)
    customer = add_customer(desk, cadence_anchor_on=TODAY - 90 * DAY)
    (update,) = (item.id for item in queue(desk).items if item.customer_id == customer)
    with desk.write("rules.edit") as work:
        rules_on(work.session, TODAY)["manual"].value_points = 9_000
    assert shown(desk) == [manual, update]
    with desk.write("rules.edit") as work:
        rules_on(work.session, TODAY)["manual"].value_points = 0
        rules_on(work.session, TODAY)["quarterly_update"].value_points = 9_000
    before = queue(desk).items
    assert [item.id for item in before] == [update, manual]
    run_scans(desk)
    assert queue(desk).items == before


def test_the_order_comes_from_an_index_alone(desk: Desk) -> None:
    seen: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "f.owner_id" in statement and not statement.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values)
            seen.extend(row[3] for row in rows)

    event.listen(desk.vault.engine, "before_cursor_execute", explain)
    queue(desk)
    event.remove(desk.vault.engine, "before_cursor_execute", explain)
    steps = [step for step in seen if step.startswith(("SEARCH f", "SCAN f"))]
    assert steps
    assert all("USING COVERING INDEX ix_followup_queue (owner_id=?" in step for step in steps)


def test_json_is_what_the_command_line_promises(desk: Desk) -> None:
    followup = added(desk, "李雷", due=-1)
    shown = queue(desk).as_json()
    (item,) = shown["items"]
    assert (item["id"], item["rank"], item["state"]) == (str(followup), 1, "open")
    assert (item["due_on"], item["due_at"]) == ("2026-11-22", None)
    assert item["customer"]["name"] == "李雷"
    assert {"term", "points"} <= set(item["reasons"][0])
    assert shown["capacity"] == {"minutes": 6, "day_minutes": 180, "fits": 1}
