"""The customer view and its tabs, on a small branch with everything in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event

from deskcrm.errors import NotAllowedError, NotFoundError
from deskcrm.i18n import translate
from deskcrm.models import (
    Account,
    AccountHolder,
    Case,
    CaseKind,
    ChannelKind,
    ContactChannel,
    Customer,
    CustomerKind,
    CustomerStatus,
    Direction,
    Followup,
    FollowupState,
    Interaction,
    InteractionChannel,
    Relation,
    RiskClass,
    Transaction,
)
from deskcrm.rules.masking import Masked
from deskcrm.rules.money import Money
from deskcrm.services import customer_tabs as tabs
from deskcrm.services.cases import add_case
from deskcrm.services.customer_360 import customer_360
from deskcrm.services.customer_accounts import accounts, monthly_flows, transactions
from deskcrm.services.customer_form import save_customer
from deskcrm.services.customer_history import history
from deskcrm.services.customer_insight import insight
from deskcrm.services.customer_json import show_json
from deskcrm.services.customer_timeline import Happened, timeline
from deskcrm.services.customers import (
    add_important_date,
    list_customers,
    pin_note,
    set_do_not_call,
    state_consent,
)
from deskcrm.services.desk import Desk
from deskcrm.services.documents import add_document
from deskcrm.services.relations import add_relation
from deskcrm.services.reveal import reveal
from deskcrm.services.search import find
from deskcrm.services.tags import add_tag
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer

IDENTITY = "11010519491231002X"
SECRETS = (IDENTITY, "13800138000", "wang@example.com", "6222020200112233445", "建国路 1 号")


@dataclass(frozen=True)
class Folk:
    """A customer with everything, the spouse, and two accounts."""

    wang: int
    spouse: int
    current: int
    loan: int


@pytest.fixture
def folk(desk: Desk) -> Folk:
    wang = save_customer(
        desk,
        {
            "kind": "individual",
            "name": "王小明",
            "id_number": IDENTITY,
            "id_expires_on": "2026-12-31",
            "mobile": "13800138000",
            "email": "wang@example.com",
            "address": "北京市朝阳区建国路 1 号",
            "tier": "private",
            "occupation": "教师",
        },
    ).id
    spouse = add_customer(desk, "李红", phone="13900139000")
    with desk.write("account.open") as work:
        current = work.add(
            Account(
                customer_id=wang,
                number="6222020200112233445",
                balance_minor=5_000_00,
                opened_on=date(2020, 1, 1),
                data_as_of=date(2026, 11, 20),
            )
        )
        loan = work.add(
            Account(
                customer_id=wang,
                number="L-1",
                type="loan",
                balance_minor=-100_000_00,
                opened_on=date(2021, 1, 1),
            )
        )
        shared = work.add(
            Account(customer_id=spouse, number="6222020200112299999", balance_minor=77)
        )
        work.session.flush()
        work.add(AccountHolder(account_id=shared.id, customer_id=wang, role="authorised"))
        for booked_on, direction, minor in (
            (date(2026, 11, 10), Direction.CREDIT, 2_000_00),
            (date(2026, 11, 12), Direction.DEBIT, 500_00),
            (date(2026, 10, 5), Direction.CREDIT, 1_000_00),
        ):
            work.add(
                Transaction(
                    account_id=current.id,
                    booked_on=booked_on,
                    direction=direction,
                    amount_minor=minor,
                )
            )
    return Folk(wang, spouse, current.id, loan.id)


def followup(desk: Desk, customer_id: int, due_on: date, **more: Any) -> None:
    with desk.write("followup.add") as work:
        work.add(
            Followup(
                customer_id=customer_id,
                rule_code="manual",
                period=f"{due_on}",
                owner_id=desk.officer.id,
                due_on=due_on,
                raised_at=work.now,
                **more,
            )
        )


def change(desk: Desk, customer_id: int, **values: Any) -> None:
    with desk.write("customer.edit") as work:
        customer = work.session.get_one(Customer, customer_id)
        for name, value in values.items():
            setattr(customer, name, value)


def codes(desk: Desk, customer_id: int) -> list[str]:
    return [alert.code for alert in customer_360(desk, customer_id).alerts]


def test_the_first_screen_says_who_what_and_how_much(desk: Desk, folk: Folk) -> None:
    view = customer_360(desk, folk.wang)
    assert (view.header.name, view.header.age, view.header.tier_label) == (
        "王小明",
        76,
        "Private banking",
    )
    assert view.header.owner_name == "manager name"
    assert view.header.phone == Masked("138****8000")
    [yuan] = view.overview.balances
    assert (yuan.assets, yuan.debts, yuan.accounts) == (Money(5_000_00), Money(100_000_00), 2)
    assert view.overview.cadence_days == 30
    assert {channel.kind for channel in view.overview.channels} == {"mobile", "email"}
    facts = {fact.name: fact for fact in view.overview.facts}
    assert (facts["occupation"].value, facts["gender"].value) == ("教师", "Female")
    assert facts["gender"].word
    assert view.overview.gaps == ("Due-diligence risk class",)


def test_nothing_sensitive_leaves_a_view_in_clear(desk: Desk, folk: Folk) -> None:
    shown = str(customer_360(desk, folk.wang)) + json.dumps(show_json(desk, folk.wang))
    shown += str(history(desk, folk.wang)) + str(accounts(desk, folk.wang))
    assert [secret for secret in SECRETS if secret in shown] == []


def test_dates_tags_and_the_latest_consents_are_on_the_overview(desk: Desk, folk: Folk) -> None:
    add_important_date(desk, folk.wang, "wedding", 11, 25)
    add_tag(desk, folk.wang, "摄影")
    state_consent(desk, folk.wang, "marketing", True)
    state_consent(desk, folk.wang, "greeting", True, expires_on=date(2026, 1, 1))
    overview = customer_360(desk, folk.wang).overview
    assert overview.tags == ("摄影",)
    assert [(d.label_id, d.next_on) for d in overview.dates] == [
        ("Wedding anniversary", date(2026, 11, 25))
    ]
    assert {c.purpose: c.valid for c in overview.consents} == {
        "marketing": True,
        "greeting": False,
    }


def test_the_banner_tells_what_matters_the_loudest_first(desk: Desk, folk: Folk) -> None:
    assert set(codes(desk, folk.wang)) == {"elderly", "identity_expiring"}
    followup(desk, folk.wang, date(2026, 11, 20))
    add_case(desk, folk.wang, CaseKind.COMPLAINT, "Waited too long")
    pin_note(desk, folk.wang, "只在下午联系 {别的}")
    set_do_not_call(desk, folk.wang, True)
    change(
        desk,
        folk.wang,
        risk_class=RiskClass.HIGH,
        id_expires_on=date(2026, 1, 1),
        special_care="听力不好",
        risk_assessed_on=date(2025, 1, 1),
    )
    alerts = customer_360(desk, folk.wang).alerts
    assert {alert.code for alert in alerts} == {
        "do_not_call",
        "complaint",
        "overdue",
        "risk_high",
        "identity_expired",
        "risk_assessment",
        "pinned",
        "special_care",
        "elderly",
    }
    assert alerts[0].code == "do_not_call"
    texts = [translate(alert.title, **alert.values) for alert in alerts]
    assert "只在下午联系 {别的}" in texts
    assert "Open complaints: 1; answer by 2026-12-08." in texts
    assert "Overdue follow-ups: 1, the oldest since 2026-11-20." in texts


def test_gaps_in_the_file_are_alerts_too(desk: Desk) -> None:
    bare = add_customer(desk, "赵六", status=CustomerStatus.RESTRICTED)
    company = add_customer(desk, "某公司", kind=CustomerKind.CORPORATE, phone="010-62345678")
    assert codes(desk, bare) == ["restricted", "no_identity", "no_phone"]
    assert codes(desk, company) == ["no_credit_code"]


def test_accounts_are_the_customers_own_and_those_they_may_use(desk: Desk, folk: Folk) -> None:
    rows = accounts(desk, folk.wang)
    assert [(row.role, row.balance) for row in rows] == [
        ("owner", Money(5_000_00)),
        ("owner", Money(-100_000_00)),
        ("authorised", Money(77)),
    ]
    assert rows[2].owner_name == "李红"
    assert rows[0].number.text.endswith("3445")


def test_transactions_come_in_pages_with_totals_by_month(desk: Desk, folk: Folk) -> None:
    page = transactions(desk, folk.wang, limit=2)
    assert [row.amount for row in page.rows] == [Money(500_00), Money(2_000_00)]
    assert page.more
    rest = transactions(desk, folk.wang, offset=2, limit=2)
    assert ([row.booked_on for row in rest.rows], rest.more) == ([date(2026, 10, 5)], False)
    november = monthly_flows(desk, folk.wang, date(2026, 1, 1))[0]
    assert (november.month, november.money_in, november.money_out, november.bookings) == (
        "2026-11",
        Money(2_000_00),
        Money(500_00),
        2,
    )


def test_the_timeline_is_one_order_of_contacts_cases_and_finished_work(
    desk: Desk, folk: Folk
) -> None:
    with desk.write("interaction.log") as work:
        work.add(
            Interaction(
                customer_id=folk.wang,
                officer_id=desk.officer.id,
                channel=InteractionChannel.PHONE,
                at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
                contact_on=date(2026, 11, 20),
                outcome="done",
                reached=True,
                notes="谈了到期的存单",
                recorded_at=work.now,
            )
        )
        work.add(
            Case(
                customer_id=folk.wang,
                kind=CaseKind.ENQUIRY,
                subject="Rates",
                opened_on=date(2026, 11, 21),
            )
        )
    closed = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    followup(desk, folk.wang, date(2026, 11, 22), state=FollowupState.DONE, closed_at=closed)
    followup(desk, folk.wang, date(2026, 12, 1))
    entries = timeline(desk, folk.wang).rows
    assert [entry.what for entry in entries] == [
        Happened.FOLLOWUP,
        Happened.CASE,
        Happened.INTERACTION,
    ]
    assert entries[2].outcome_label == "Reached, settled"
    assert entries[2].officer_name == "manager name"
    assert timeline(desk, folk.wang, limit=1).more


def test_followups_list_open_duties_by_date_and_say_which_are_late(desk: Desk, folk: Folk) -> None:
    followup(desk, folk.wang, date(2026, 12, 1))
    followup(desk, folk.wang, date(2026, 11, 20))
    followup(
        desk,
        folk.wang,
        date(2026, 10, 1),
        state=FollowupState.DONE,
        closed_at=datetime(2026, 10, 1, tzinfo=UTC),
    )
    rows = tabs.followups(desk, folk.wang).rows
    assert [(row.due_on.isoformat(), row.late) for row in rows] == [
        ("2026-11-20", True),
        ("2026-12-01", False),
        ("2026-10-01", False),
    ]
    assert rows[0].title_id == "Follow-up"


def test_cases_documents_and_relations_have_their_tabs(branch: TestBranch, folk: Folk) -> None:
    desk = branch.desk("manager")
    add_case(desk, folk.wang, CaseKind.PRAISE, "Friendly")
    add_document(desk, folk.wang, "passport", number="E12345678", expires_on=date(2026, 1, 1))
    add_relation(desk, folk.wang, "spouse", other_customer_id=folk.spouse)
    hidden = add_customer(branch.desk("other"), "别人的客户")
    with desk.write("relation.add") as work:
        work.add(Relation(customer_id=folk.wang, other_customer_id=hidden, kind="guarantor"))
    assert [case.subject for case in tabs.cases(desk, folk.wang).rows] == ["Friendly"]
    [document] = tabs.documents(desk, folk.wang).rows
    assert (document.expired, document.seen_by) == (True, "manager name")
    assert document.number is not None
    assert "E12345678" not in document.number.text
    spouse, other = tabs.relations(desk, folk.wang).rows
    assert (spouse.customer_id, spouse.name, spouse.incoming) == (folk.spouse, "李红", False)
    assert (other.customer_id, other.kind) == (None, "guarantor")
    [back] = tabs.relations(desk, folk.spouse).rows
    assert (back.customer_id, back.name, back.incoming) == (folk.wang, "王小明", True)


def test_insight_counts_balances_back_and_shows_the_sum_of_its_score(
    desk: Desk, folk: Folk
) -> None:
    change(desk, folk.wang, last_contact_on=date(2026, 11, 1), contact_count=3)
    found = insight(desk, folk.wang)
    assert (found.last_contact_on, found.days_since_contact) == (date(2026, 11, 1), 22)
    assert [(m.month, m.balance.minor) for m in found.balances[:3]] == [
        ("2026-11", -95_000_00),
        ("2026-10", -96_500_00),
        ("2026-09", -97_500_00),
    ]
    assert len(found.balances) == 12
    parts = {part.code: (part.value, part.points) for part in found.parts}
    assert parts["assets"] == (5_000, 0)
    assert parts["products"] == (2, 10)
    assert found.score == sum(part.points for part in found.parts)
    assert found.bookings == 3


def test_the_history_tells_who_changed_and_who_looked_with_values_masked(
    desk: Desk, folk: Folk
) -> None:
    save_customer(
        desk,
        {"kind": "individual", "occupation": "医生", "mobile": "13700137000", "email": ""},
        customer_id=folk.wang,
    )
    reveal(desk, folk.wang, "id_number", "to check the card")
    rows = history(desk, folk.wang).rows
    assert (rows[0].operation, rows[0].field, rows[0].reason) == (
        "read",
        "id_number",
        "to check the card",
    )
    changes = {row.field: (row.before, row.after) for row in rows if row.action == "customer.edit"}
    assert changes["occupation"] == ("教师", "医生")
    assert changes["mobile"] == (Masked("138****8000"), Masked("137****7000"))
    assert changes["email"] == (Masked("w***@example.com"), "")
    assert {row.officer_name for row in rows} == {"manager name"}
    assert rows[-1].operation == "insert"
    assert "revision" not in {row.field for row in rows}


def test_an_undone_edit_stays_in_the_history_with_its_undoing(desk: Desk, folk: Folk) -> None:
    pin_note(desk, folk.wang, "alt")
    undo(desk)
    notes = [
        (row.action, row.before, row.after)
        for row in history(desk, folk.wang).rows
        if row.field == "pinned_note"
    ]
    assert notes == [("undo", "alt", ""), ("customer.pin_note", "", "alt")]


def test_the_command_line_gets_every_section_in_plain_json(desk: Desk, folk: Folk) -> None:
    pin_note(desk, folk.wang, "小心")
    content = json.loads(json.dumps(show_json(desk, folk.wang), ensure_ascii=False))
    assert list(content) == [
        "customer",
        "alerts",
        "accounts",
        "transactions",
        "interactions",
        "followups",
        "cases",
        "documents",
        "relations",
        "insight",
    ]
    assert content["customer"]["id"] == str(folk.wang)
    assert content["accounts"][0]["balance"] == {"minor": 500_000, "currency": "CNY"}
    assert content["transactions"][0]["booked_on"] == "2026-11-12"
    assert {alert["code"] for alert in content["alerts"]} >= {"pinned", "elderly"}


def test_another_officers_customer_is_not_there_on_any_tab(branch: TestBranch, folk: Folk) -> None:
    other = branch.desk("other")
    for read in (
        customer_360,
        accounts,
        transactions,
        timeline,
        tabs.followups,
        tabs.cases,
        tabs.documents,
        tabs.relations,
        insight,
        history,
        show_json,
    ):
        with pytest.raises(NotFoundError):
            read(other, folk.wang)
        with pytest.raises(NotAllowedError):
            read(branch.desk("auditor"), folk.wang)
        read(branch.desk("supervisor"), folk.wang)


class Statements:
    """The statements an engine runs, with what is bound to them."""

    def __init__(self, engine: Engine) -> None:
        self.seen: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, bound: Any, *_rest: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            self.seen.append((statement, bound))


def test_no_statement_of_the_view_its_tabs_or_a_search_reads_a_whole_table(
    branch: TestBranch, desk: Desk, folk: Folk
) -> None:
    statements = Statements(branch.vault.engine)
    show_json(desk, folk.wang)
    history(desk, folk.wang)
    monthly_flows(desk, folk.wang, date(2026, 1, 1))
    list_customers(desk)
    find(desk, "王 138")
    with desk.read() as session:
        connection = session.connection()
        seen = list(statements.seen)
        plans = {
            statement: [
                row[-1]
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", bound)
            ]
            for statement, bound in seen
        }
    assert len(plans) > 20
    large = {"c", "a", "t", "i", "f", "k", "l", "e", "d", "p", "customer", "account"}
    large |= {"account_transaction", "interaction", "followup", "ledger", "contact_channel"}
    for statement, plan in plans.items():
        scanned = {step.split()[1] for step in plan if step.startswith("SCAN ")}
        assert not scanned & large, (statement, plan)


def test_a_channel_that_was_added_is_in_the_history(desk: Desk, folk: Folk) -> None:
    with desk.write("channel.add") as work:
        work.add(
            ContactChannel(
                customer_id=folk.wang,
                kind=ChannelKind.LANDLINE,
                value="010-62345678",
                normalized="010-62345678",
            )
        )
    first = history(desk, folk.wang).rows[0]
    assert (first.field, first.before) == ("landline", "")
    assert isinstance(first.after, Masked)
