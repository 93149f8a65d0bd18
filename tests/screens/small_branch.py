"""A small fixed branch for looking at screens: names and texts of every awkward kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deskcrm.models import (
    Account,
    AccountHolder,
    Case,
    CaseKind,
    CaseState,
    Consent,
    CustomerKind,
    DateCalendar,
    Direction,
    Document,
    FinancialStatement,
    Gender,
    IdentityDocument,
    ImportantDate,
    Interaction,
    InteractionChannel,
    NextStep,
    Relation,
    RiskClass,
    RiskTolerance,
    Transaction,
    Way,
)
from deskcrm.services.desk import Desk
from deskcrm.services.followups import NewFollowup
from deskcrm.services.followups import add as add_followup
from deskcrm.services.tags import add_tag
from tests.desks import add_customer

HOSTILE = "Li [Wei] [/] [@click=app.quit]x\x1b]52;c;aGk=\x07\u202eabc"
LONG_COMPANY = "乌鲁木齐经济技术开发区丝绸之路跨境电子商务供应链管理服务有限责任公司（新疆）"
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class SmallBranch:
    """Ids of the customers worth looking at."""

    wang: int
    uyghur: int
    company: int
    prospect: int
    empty: int
    hostile: int


def fill(desk: Desk) -> SmallBranch:
    """The customers of the branch, all of this officer."""
    wang = add_customer(
        desk,
        "王建国",
        tier="diamond",
        phone="13812345678",
        number="C0000001",
        gender=Gender.MALE,
        born_on=date(1958, 12, 1),
        id_type=IdentityDocument.RESIDENT_ID,
        id_number="330102195812011234",
        id_expires_on=date(2026, 12, 20),
        nationality="中国",
        marital_status="已婚",
        occupation="退休教师",
        employer="杭州市第二中学",
        address="浙江省杭州市上城区解放路 88 号 3 幢 2 单元 1101 室",
        special_care="听力障碍",
        pinned_note="听力不好，请说慢一点；下午三点以后再打电话。",
        risk_class=RiskClass.LOW,
        risk_tolerance=RiskTolerance.C2,
        risk_assessed_on=date(2025, 12, 2),
        annual_income_minor=18_000_000,
        last_contact_on=date(2026, 8, 1),
        contact_count=7,
        value_score=83,
        loyalty_score=71,
        data_as_of=date(2026, 11, 20),
        source="网点",
    )
    uyghur = add_customer(
        desk,
        "阿卜杜热合曼·阿卜杜克热木·麦麦提敏",
        tier="gold",
        phone="13999887766",
        number="C0000002",
        born_on=date(1990, 1, 1),
        id_number="650102199001011239",
        do_not_call=True,
    )
    company = add_customer(
        desk,
        LONG_COMPANY,
        kind=CustomerKind.CORPORATE,
        tier="platinum",
        phone="09912345678",
        number="C0000003",
        credit_code="91650100MA77ABCD3X",
        legal_representative="古丽娜尔·买买提",
        founded_on=date(2015, 6, 18),
        registered_capital_minor=500_000_000,
        industry="批发和零售业",
        employee_count=120,
        business_scope="跨境电子商务；供应链管理服务；仓储服务；国际货物运输代理。",
        cooperation_since=date(2018, 3, 1),
        last_contact_on=date(2026, 11, 10),
    )
    prospect = add_customer(
        desk,
        "陈晓",
        kind=CustomerKind.PROSPECT,
        phone="13700001111",
        prospect_interest="住房贷款",
        prospect_feedback="想了解首付比例和利率。",
    )
    empty = add_customer(desk, "周无")
    hostile = add_customer(desk, HOSTILE, number="C[b]9", pinned_note="[red]x[/] \x1b[31m note")
    _papers_of_wang(desk, wang, company)
    _papers_of_company(desk, company)
    _hostile_papers(desk, hostile)
    return SmallBranch(wang, uyghur, company, prospect, empty, hostile)


def _papers_of_wang(desk: Desk, wang: int, company: int) -> None:
    with desk.write("test.fill") as work:
        current = _account(work, wang, "6217001180012345678", balance_minor=12_345_678)
        deposit = _account(
            work,
            wang,
            "6217001180099990001",
            type="term",
            balance_minor=80_000_000,
            rate_ppm=15_500,
            matures_on=date(2026, 12, 5),
        )
        shared = _account(work, company, "6500123400005678", balance_minor=256_000_000)
        work.add(AccountHolder(account_id=shared.id, customer_id=wang, role="authorised"))
        for number in range(60):
            _transaction(work, current, number)
        _transaction(work, deposit, 3)
        for number in range(6):
            work.add(_interaction(work, wang, number))
        work.add(
            ImportantDate(
                customer_id=wang,
                kind="birthday",
                calendar=DateCalendar.LUNAR,
                month=10,
                day=21,
                key="L10-21",
                label="",
            )
        )
        work.add(
            Document(
                customer_id=wang,
                kind="resident_id",
                number="330102195812011234",
                issued_on=date(2006, 12, 20),
                expires_on=date(2026, 12, 20),
                copy_held_at="A-12 柜",
                seen_by_id=desk.officer.id,
                seen_on=date(2025, 3, 1),
            )
        )
        work.add(
            Relation(customer_id=wang, kind="spouse", other_name="李秀英", phone="13611112222")
        )
        work.add(
            Relation(
                customer_id=wang,
                kind="shareholder",
                other_customer_id=company,
                other_name=LONG_COMPANY,
                role="监事",
                share_percent=15,
            )
        )
        work.add(
            Case(
                customer_id=wang,
                kind=CaseKind.COMPLAINT,
                channel="phone",
                subject="柜台等候时间过长，两次排队超过一小时",
                description="客户希望安排专窗。",
                state=CaseState.CONTACTED,
                handler_id=desk.officer.id,
                opened_on=date(2026, 11, 10),
                due_on=date(2026, 11, 25),
                contacted_on=date(2026, 11, 11),
            )
        )
        work.add(
            Consent(
                customer_id=wang,
                purpose="marketing",
                granted=True,
                stated_at=MONDAY - timedelta(days=200),
            )
        )
    add_tag(desk, wang, "理财客户")
    add_tag(desk, wang, "退休")
    due = MONDAY + timedelta(hours=6)
    add_followup(desk, NewFollowup(wang, due_at=due, title="回电：定期到期怎么转存"))


def _papers_of_company(desk: Desk, company: int) -> None:
    with desk.write("test.fill") as work:
        work.add(
            FinancialStatement(
                customer_id=company,
                period="2025",
                revenue_minor=12_345_678_900,
                profit_minor=-234_567_800,
                assets_minor=9_876_543_200,
                liabilities_minor=4_321_000_000,
                source="审计报告",
            )
        )
        work.add(
            Relation(
                customer_id=company,
                kind="finance_contact",
                other_name="艾尼瓦尔·吐尔逊",
                phone="13888889999",
            )
        )


def _hostile_papers(desk: Desk, hostile: int) -> None:
    with desk.write("test.fill") as work:
        account = _account(work, hostile, "[/]\x1b[2J99", type=HOSTILE)
        _transaction(work, account, 1, counterparty=HOSTILE, memo=HOSTILE, category=HOSTILE)
        work.add(_interaction(work, hostile, 1, subject=HOSTILE, notes=HOSTILE))
        work.add(Case(customer_id=hostile, kind="praise", subject=HOSTILE, opened_on=desk.today()))
        work.add(Document(customer_id=hostile, kind=HOSTILE, copy_held_at=HOSTILE))
        work.add(Relation(customer_id=hostile, kind=HOSTILE, other_name=HOSTILE, role=HOSTILE))
    add_followup(desk, NewFollowup(hostile, due_on=desk.today(), title=HOSTILE, note=HOSTILE))


def _account(work: Any, customer_id: int, number: str, **values: Any) -> Account:
    values = {"opened_on": date(2019, 5, 6), "data_as_of": date(2026, 11, 20), **values}
    account: Account = work.add(Account(customer_id=customer_id, number=number, **values))
    work.session.flush()
    return account


def _transaction(work: Any, account: Account, number: int, **values: Any) -> None:
    booked = date(2026, 11, 20) - timedelta(days=2 * number)
    values = {
        "category": "salary" if number % 7 == 0 else "shopping",
        "counterparty": "杭州联华华商集团有限公司世纪联华庆春店",
        "channel": "mobile",
        "memo": "转账" if number % 3 else "",
        **values,
    }
    work.add(
        Transaction(
            account_id=account.id,
            booked_on=booked,
            booked_time="10:30:00",
            direction=Direction.CREDIT if number % 7 == 0 else Direction.DEBIT,
            amount_minor=120_050 + number * 977,
            balance_after_minor=12_345_678 - number * 1_000,
            kind="transfer",
            **values,
        )
    )


def _interaction(work: Any, customer_id: int, number: int, **values: Any) -> Interaction:
    at = MONDAY - timedelta(days=114 + 30 * number)
    values = {
        "subject": "理财到期",
        "notes": (
            "客户说定期到期后想转大额存单，问利率能否上浮；家里要用钱，先留 20 万活期。\n"
            "答应月底前给答复，并带上两款产品的说明书。"
        ),
        **values,
    }
    return Interaction(
        customer_id=customer_id,
        officer_id=work.officer_id,
        channel=InteractionChannel.PHONE if number % 2 == 0 else InteractionChannel.COUNTER,
        way=Way.OUTGOING if number % 3 else Way.INCOMING,
        at=at,
        contact_on=at.date(),
        outcome="done" if number % 2 == 0 else "no_answer",
        reached=number % 2 == 0,
        satisfaction=4 if number % 2 == 0 else None,
        minutes=6,
        next_kind=NextStep.SEND if number == 0 else None,
        next_on=at.date() + timedelta(days=5) if number == 0 else None,
        no_next_reason="" if number == 0 else "已约好",
        recorded_at=at,
        **values,
    )
