"""Every dated duty is raised exactly once, however often and from wherever it is scanned."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import col, select

from deskcrm.clock import FrozenClock
from deskcrm.models import (
    Customer,
    Followup,
    FollowupRule,
    FollowupState,
    Interaction,
    InteractionChannel,
    LedgerEntry,
    NextStep,
    ScanState,
    Tier,
)
from deskcrm.services.desk import Desk
from deskcrm.services.interactions import NewInteraction, log_interaction
from deskcrm.services.reference import rules_on, tiers_on
from deskcrm.services.scans import (
    duties_sql,
    duty_bounds,
    raise_sql,
    run_scans,
    scan_vault,
    statement_of,
)
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
RULES = ("callback", "next_step", "quarterly_update")


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def followups(desk: Desk, **where: Any) -> list[Followup]:
    statement = select(Followup).order_by(col(Followup.due_on), col(Followup.id))
    with desk.read() as session:
        return list(session.exec(statement.filter_by(**where)))


def promise_of(desk: Desk, customer_id: int, next_on: date, **fields: Any) -> Interaction:
    """A contact three days ago at which a call was promised."""
    return Interaction(
        **{
            "customer_id": customer_id,
            "officer_id": desk.officer.id,
            "channel": InteractionChannel.PHONE,
            "at": desk.now() - timedelta(days=3),
            "contact_on": days_ago(3),
            "outcome": "later",
            "reached": True,
            "next_kind": NextStep.CALLBACK,
            "next_on": next_on,
            "recorded_at": desk.now(),
            **fields,
        }
    )


def imported_promise(desk: Desk, customer_id: int, next_on: date, **fields: Any) -> int:
    """A promise that came in without its rule being run, as no change may leave it."""
    with desk.write("import") as work:
        interaction = work.add(promise_of(desk, customer_id, next_on, **fields))
        work.session.flush()
        work.touched.clear()
    return interaction.id


def quiet_customer(desk: Desk, name: str = "王小明", **fields: Any) -> int:
    """A customer changed behind the session, whose rules were not run."""
    customer_id = add_customer(desk, name)
    with desk.vault.engine.execution_options(write=True).begin() as connection:
        for field, value in fields.items():
            connection.execute(
                text(f"UPDATE customer SET {field} = :value WHERE id = :id"),
                {"value": str(value) if isinstance(value, date) else value, "id": customer_id},
            )
    return customer_id


@pytest.mark.parametrize(
    ("tier", "days", "due"),
    [
        ("standard", 89, False),
        ("standard", 90, True),
        ("gold", 90, True),
        ("platinum", 29, False),
        ("platinum", 30, True),
        ("private", 31, True),
    ],
)
def test_an_update_is_due_when_the_cadence_of_the_tier_has_passed(
    desk: Desk, tier: str, days: int, due: bool
) -> None:
    quiet_customer(desk, tier=tier, cadence_anchor_on=days_ago(days))
    report = run_scans(desk)
    assert report.raised == int(due)
    assert [row.rule_code for row in followups(desk)] == ["quarterly_update"] * due


def test_the_customers_own_cadence_goes_before_the_tiers(desk: Desk) -> None:
    often = quiet_customer(desk, cadence_days=10, cadence_anchor_on=days_ago(12))
    quiet_customer(desk, tier="private", cadence_days=60, cadence_anchor_on=days_ago(40))
    run_scans(desk)
    (row,) = followups(desk)
    assert (row.customer_id, row.due_on, row.period) == (often, days_ago(2), str(days_ago(12)))


def test_a_followup_carries_what_its_rule_says_and_is_ranked_at_once(desk: Desk) -> None:
    quiet_customer(desk, cadence_anchor_on=days_ago(100))
    run_scans(desk)
    (row,) = followups(desk)
    assert (row.owner_id, row.minutes, row.single_open) == (desk.officer.id, 8, True)
    assert row.ranked_on == TODAY
    assert row.score == sum(points for _, points in row.terms) > 0


def test_scanning_again_raises_nothing_and_writes_nothing_to_the_ledger(desk: Desk) -> None:
    quiet_customer(desk, cadence_anchor_on=days_ago(100))
    assert run_scans(desk).raised == 1
    with desk.read() as session:
        before = session.exec(select(LedgerEntry)).all()
    assert run_scans(desk).raised == 0
    with desk.read() as session:
        assert len(session.exec(select(LedgerEntry)).all()) == len(before)


def test_a_scan_is_written_to_the_ledger_as_the_systems(desk: Desk) -> None:
    quiet_customer(desk, cadence_anchor_on=days_ago(100))
    run_scans(desk)
    with desk.read() as session:
        entry = session.exec(
            select(LedgerEntry).where(LedgerEntry.operation == "insert_many")
        ).one()
    assert (entry.action, entry.officer_id, entry.subject_table) == ("scan", None, "followup")


def test_customers_who_must_not_be_called_or_are_not_active_get_no_call(desk: Desk) -> None:
    quiet_customer(desk, "甲", cadence_anchor_on=days_ago(100), do_not_call=1)
    quiet_customer(desk, "乙", cadence_anchor_on=days_ago(100), status="closed")
    silent = quiet_customer(desk, "丙", do_not_call=1)
    imported_promise(desk, silent, TODAY)
    imported_promise(desk, silent, TODAY, next_kind=NextStep.SEND)
    run_scans(desk)
    assert [row.rule_code for row in followups(desk)] == ["next_step"]


def test_a_promise_is_raised_at_once_with_its_time_and_note(desk: Desk) -> None:
    customer = add_customer(desk)
    at = datetime(2027, 3, 1, 7, 0, tzinfo=desk.now().tzinfo)
    promise = imported_promise(desk, customer, date(2027, 3, 1), next_at=at, next_note="存单到期")
    run_scans(desk)
    (row,) = followups(desk)
    assert (row.rule_code, row.period) == ("callback", str(promise))
    assert (row.due_on, row.due_at, row.note) == (date(2027, 3, 1), at, "存单到期")
    assert row.origin_interaction_id == promise


def test_a_promise_long_past_is_not_raised_any_more(desk: Desk) -> None:
    customer = add_customer(desk)
    imported_promise(desk, customer, days_ago(93))
    kept = imported_promise(desk, customer, days_ago(92))
    run_scans(desk)
    assert [row.period for row in followups(desk)] == [str(kept)]


def test_an_imported_promise_falls_to_the_customers_officer_and_an_own_one_to_who_made_it(
    branch: TestBranch,
) -> None:
    manager, other = branch.desk("manager"), branch.desk("other")
    customer = add_customer(manager)
    imported_promise(manager, customer, TODAY, officer_id=other.officer.id, batch_id=1)
    imported_promise(manager, customer, TODAY, officer_id=other.officer.id)
    run_scans(manager)
    assert [row.owner_id for row in followups(manager)] == [manager.officer.id, other.officer.id]


def test_a_rule_switched_off_from_a_day_raises_nothing_from_that_day(
    desk: Desk, clock: FrozenClock
) -> None:
    quiet_customer(desk, cadence_anchor_on=days_ago(88))
    with desk.write("rules.edit") as work:
        rule = rules_on(work.session, TODAY)["quarterly_update"]
        values = rule.model_dump(exclude={"id"})
        work.add(
            FollowupRule(**{**values, "active": False, "valid_from": TODAY + timedelta(days=1)})
        )
    clock.advance(timedelta(days=5))
    assert run_scans(desk).raised == 0


def test_one_update_is_open_at_a_time_and_the_next_comes_after_the_contact(
    desk: Desk, clock: FrozenClock
) -> None:
    customer = quiet_customer(desk, cadence_anchor_on=days_ago(100))
    run_scans(desk)
    clock.advance(timedelta(days=200))
    run_scans(desk)
    assert len(followups(desk)) == 1
    with desk.write("import") as work:
        work.session.get_one(Customer, customer).cadence_anchor_on = days_ago(-100)
    states = [(row.state, row.period) for row in followups(desk)]
    assert states == [
        (FollowupState.DONE, str(days_ago(100))),
        (FollowupState.OPEN, str(days_ago(-100))),
    ]


def test_a_new_tier_makes_the_update_due_in_the_same_transaction(desk: Desk) -> None:
    customer = add_customer(desk, cadence_anchor_on=days_ago(40))
    assert followups(desk) == []
    with desk.write("customer.edit") as work:
        work.session.get_one(Customer, customer).tier = "diamond"
    assert [row.due_on for row in followups(desk)] == [days_ago(10)]
    undo(desk)
    assert followups(desk) == []


def test_what_was_parked_comes_back_with_its_tries_counted_anew(
    desk: Desk, clock: FrozenClock
) -> None:
    customer = quiet_customer(desk, cadence_anchor_on=days_ago(100))
    run_scans(desk)
    with desk.write("followup.done") as work:
        row = work.session.exec(select(Followup)).one()
        row.state, row.attempts = FollowupState.PARKED, 4
        row.defer_until = TODAY + timedelta(days=30)
    clock.advance(timedelta(days=29))
    run_scans(desk)
    assert [row.state for row in followups(desk)] == [FollowupState.PARKED]
    clock.advance(timedelta(days=1))
    run_scans(desk)
    (row,) = followups(desk)
    assert (row.state, row.attempts, row.customer_id) == (FollowupState.OPEN, 0, customer)


def test_the_state_of_each_rules_scan_is_kept(desk: Desk, clock: FrozenClock) -> None:
    run_scans(desk)
    clock.advance(timedelta(hours=1))
    run_scans(desk)
    with desk.read() as session:
        states = session.exec(select(ScanState).order_by(ScanState.rule_code)).all()
    assert [state.rule_code for state in states] == list(RULES)
    assert {state.ran_at for state in states} == {clock.now()}


def test_a_backlog_larger_than_a_transaction_is_raised_whole(desk: Desk) -> None:
    customer = add_customer(desk)
    with desk.vault.engine.execution_options(write=True).begin() as connection:
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(customer)")]
        copied = ", ".join(
            {"id": f"{customer} + n.value * 1024", "cadence_anchor_on": ":anchor"}.get(name, name)
            for name in columns
        )
        connection.execute(
            text(
                f"INSERT INTO customer ({', '.join(columns)}) SELECT {copied} "
                "FROM customer, generate_numbers AS n".replace(
                    "generate_numbers",
                    "(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s"
                    " WHERE value < 1234) SELECT value FROM s)",
                )
            ),
            {"anchor": str(days_ago(100))},
        )
    assert run_scans(desk).raised == 1234
    with desk.read() as session:
        counts = session.exec(
            select(LedgerEntry.changes).where(LedgerEntry.operation == "insert_many")
        ).all()
        unranked = session.exec(select(Followup.id).where(col(Followup.ranked_on).is_(None))).all()
    assert len(counts) == 3
    assert unranked == []
    assert run_scans(desk).raised == 0


def test_a_scan_that_was_stopped_does_not_count_as_done(desk: Desk) -> None:
    for _ in range(3):
        quiet_customer(desk, cadence_anchor_on=days_ago(100))
    asked = iter([False, False, False, False, False, True])
    report = scan_vault(desk.vault, desk.clock, stop=lambda: next(asked, True))
    assert (report.raised, report.complete) == (0, False)
    assert run_scans(desk).raised == 3


def test_a_tier_changed_between_or_during_scans_makes_the_next_look_at_everyone(
    desk: Desk, clock: FrozenClock
) -> None:
    for days in (15, 25, 45):
        quiet_customer(desk, cadence_anchor_on=days_ago(days))
    assert run_scans(desk).raised == 0
    with desk.write("tiers.edit") as work:
        tier = tiers_on(work.session, TODAY)["standard"].model_dump(exclude={"id"})
        work.add(Tier(**{**tier, "cadence_days": 40, "valid_from": TODAY + DAY}))
    assert run_scans(desk).raised == 0
    clock.advance(DAY)
    assert run_scans(desk).raised == 1

    def set_cadence(days: int) -> bool:
        with desk.write("tiers.edit") as work:
            tiers_on(work.session, desk.today())["standard"].cadence_days = days
        return False

    set_cadence(20)
    assert run_scans(desk).raised == 1
    moments = iter([20] * 5)
    report = scan_vault(desk.vault, desk.clock, stop=lambda: set_cadence(next(moments, 10)))
    assert report.raised == 0
    assert run_scans(desk).raised == 1


def test_a_rule_that_looks_further_ahead_finds_what_it_did_not_before(desk: Desk) -> None:
    quiet_customer(desk, cadence_anchor_on=days_ago(85))
    assert run_scans(desk).raised == 0
    with desk.write("rules.edit") as work:
        rules_on(work.session, TODAY)["quarterly_update"].lead_days = 5
    assert run_scans(desk).raised == 1


def test_what_many_changed_customers_owe_is_raised_and_ranked_with_the_change(desk: Desk) -> None:
    run_scans(desk)
    many = [add_customer(desk) for _ in range(60)]
    assert followups(desk) == []
    with desk.write("import") as work:
        for customer in work.session.exec(select(Customer).where(col(Customer.id).in_(many))):
            customer.cadence_anchor_on = days_ago(100)
    before = followups(desk)
    assert len(before) == 60
    with desk.write("customer.edit") as work:
        for customer in work.session.exec(select(Customer)):
            customer.tier = "private"
    after = followups(desk)
    assert [row.id for row in after] == [row.id for row in before]
    assert all(new.score > old.score for new, old in zip(after, before, strict=True))
    assert run_scans(desk).raised == 0


def test_a_scan_by_a_clock_that_was_ahead_hides_nothing(desk: Desk, clock: FrozenClock) -> None:
    customer = add_customer(desk, cadence_anchor_on=days_ago(10))
    clock.advance(200 * DAY)
    assert run_scans(desk).raised == 1
    clock.advance(-200 * DAY)
    log_interaction(
        desk,
        NewInteraction(customer, "phone", "done", no_next_reason="无需跟进"),
    )
    assert [row.state for row in followups(desk)] == [FollowupState.DONE]
    clock.advance(90 * DAY)
    assert run_scans(desk).raised == 1


@pytest.mark.parametrize("seed", range(6))
def test_after_any_history_a_scan_of_everything_finds_nothing_more(
    desk: Desk, clock: FrozenClock, seed: int
) -> None:
    """Scans look at the days since the last one only: nothing is missed by that."""
    dice = Random(seed)
    customers = [add_customer(desk, cadence_anchor_on=days_ago(9 * n)) for n in range(12)]
    for _ in range(25):
        clock.advance(dice.choice([0, 1, 1, 7, 40]) * DAY)
        chosen = dice.sample(customers, dice.choice([1, 2]))
        happens = dice.randrange(6)
        if happens < 3:
            run_scans(desk)
            continue
        with desk.write("customer.edit") as work:
            for customer in work.session.exec(select(Customer).where(col(Customer.id).in_(chosen))):
                if happens == 3:
                    customer.cadence_anchor_on = desk.today() - dice.randrange(100) * DAY
                    customer.do_not_call = dice.random() < 0.2
                elif happens == 4:
                    customer.tier = dice.choice(["standard", "gold", "private"])
                    customer.cadence_days = dice.choice([None, None, 5, 60])
                else:
                    work.add(promise_of(desk, customer.id, desk.today() + 5 * DAY))
    run_scans(desk)
    known = [row.id for row in followups(desk)]
    with desk.vault.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("DELETE FROM scan_state"))
    assert run_scans(desk).raised == 0
    assert [row.id for row in followups(desk)] == known


def test_another_day_is_looked_at_by_itself(desk: Desk, clock: FrozenClock) -> None:
    run_scans(desk)
    with desk.read() as session:
        rule = rules_on(session, TODAY)["quarterly_update"]
    bounds = duty_bounds(rule, TODAY + DAY, through=TODAY)
    assert (bounds["from_on"], bounds["to_on"]) == (str(TODAY), str(TODAY + DAY))
    quiet_customer(desk, "早", cadence_anchor_on=days_ago(91))
    due = quiet_customer(desk, "今", cadence_anchor_on=days_ago(90))
    run_scans(desk)
    assert [row.customer_id for row in followups(desk)] == [due]


def test_what_is_parked_is_found_in_its_index(desk: Desk) -> None:
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "'parked'" in statement and not statement.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values)
            plans.extend(row[3] for row in rows)

    event.listen(desk.vault.engine, "before_cursor_execute", explain)
    run_scans(desk)
    event.remove(desk.vault.engine, "before_cursor_execute", explain)
    assert plans == ["SEARCH followup USING COVERING INDEX ix_followup_parked (defer_until<?)"]


def test_every_rule_that_is_not_for_people_to_add_has_a_statement(desk: Desk) -> None:
    with desk.read() as session:
        codes = set(rules_on(session, TODAY))
    assert {code for code in codes if statement_of(code)} == codes - {"manual"} == set(RULES)


@pytest.mark.parametrize("code", RULES)
@pytest.mark.parametrize("shape", ["scan", "subjects", "raise"])
def test_every_statement_finds_its_rows_through_an_index(desk: Desk, code: str, shape: str) -> None:
    with desk.read() as session:
        bounds = duty_bounds(rules_on(session, TODAY)[code], TODAY)
        statement = {
            "scan": duties_sql(code, subjects=False),
            "subjects": duties_sql(code, subjects=True),
            "raise": raise_sql(code),
        }[shape]
        values = {
            **dict.fromkeys(text(statement)._bindparams, 0),
            **bounds,
            "subjects": "[1]",
        }
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        plan = session.connection().execute(text("EXPLAIN QUERY PLAN " + statement), used).all()
    steps = [row[3] for row in plan]
    small = ("SCAN t", "SCAN json_each", "SCAN d", "SCAN (subquery", "SCAN CONSTANT")
    assert [step for step in steps if step.startswith("SCAN") and not step.startswith(small)] == []
    assert [step for step in steps if "AUTOMATIC" in step] == []
    if shape != "scan":
        assert [step for step in steps if "ix_interaction_promise" in step] == []
        found = [step for step in steps if step.startswith("SEARCH c ")]
        assert found
        assert all("USING INTEGER PRIMARY KEY (rowid=?)" in step for step in found)
    if shape == "scan" and code == "quarterly_update":
        found = [step for step in steps if step.startswith("SEARCH c ")]
        assert all("COVERING INDEX ix_customer_" in step for step in found)
        assert len(found) == 2
