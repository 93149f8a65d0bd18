"""What a customer's file holds: documents, consents, yearly dates, relations, tags, fields."""

from __future__ import annotations

from datetime import date, timedelta

from deskcrm.models import (
    BalanceItem,
    Consent,
    CustomerKind,
    CustomerTag,
    CustomValue,
    DateCalendar,
    Document,
    FinancialStatement,
    Gender,
    IdentityDocument,
    ImportantDate,
    Relation,
)
from deskcrm.rules.lunar import to_lunar
from deskcrm.rules.recurring_dates import YearlyCalendar, date_key
from deskcrm.services.demo.people import ELDERLY_AGE, mobile, person_name
from deskcrm.services.demo.scene import Client, Scene
from deskcrm.services.demo.sources import MINOR

TAGS = ("代发工资", "高净值", "新客户", "老年客户", "小微企业", "潜在房贷", "亲子家庭", "商圈商户")
FIELDS = {
    "preferred_time": (CustomerKind.INDIVIDUAL, "方便联系时段", ["上午", "下午", "晚上"]),
    "child_stage": (
        CustomerKind.INDIVIDUAL,
        "子女阶段",
        ["学龄前", "小学", "中学", "大学", "已工作"],
    ),
    "main_bank": (
        CustomerKind.CORPORATE,
        "主要往来银行",
        ["本行", "工商银行", "建设银行", "农商银行"],
    ),
}

_LUNAR_SHARE = 0.35
_LUNAR_FROM_AGE = 45
_NEW_DAYS = 90
_RICH_MINOR = 500_000 * MINOR
_CLOSE_IN_AGE = timedelta(days=9 * 365)


def file_papers(scene: Scene, client: Client) -> None:
    """Gather the file of a customer."""
    _documents(scene, client)
    _consents(scene, client)
    _dates(scene, client)
    _tags(scene, client)
    _custom_values(scene, client)
    if client.kind is CustomerKind.CORPORATE:
        _company_people(scene, client)
        _statements(scene, client)
    else:
        _family(scene, client)
        _elsewhere(scene, client)


def _documents(scene: Scene, client: Client) -> None:
    if client.kind is CustomerKind.PROSPECT:
        return
    dice, fields, today = scene.dice, client.fields, scene.today
    company = client.kind is CustomerKind.CORPORATE
    kind = "passport" if fields.get("id_type") is IdentityDocument.PASSPORT else "resident_id"
    kind = "business_licence" if company else kind
    expires_on = fields.get("id_expires_on")
    if company and dice.chance(0.4):
        expires_on = today + timedelta(days=dice.between(-60, 1500))
    scene.rows.add(
        Document,
        customer_id=client.id,
        kind=kind,
        number=fields.get("credit_code") if company else fields.get("id_number"),
        issued_on=min(client.opened_on, today) - timedelta(days=dice.between(10, 900)),
        expires_on=expires_on,
        copy_held_at="影像系统",
        seen_by_id=client.owner_id,
        seen_on=client.opened_on,
    )
    if dice.chance(0.08):
        scene.rows.add(
            Document,
            customer_id=client.id,
            kind=dice.pick(("income_proof", "contract", "household_register", "risk_assessment")),
            issued_on=today - timedelta(days=dice.between(30, 600)),
            expires_on=today + timedelta(days=dice.between(-30, 330)),
            copy_held_at="网点档案柜",
            seen_by_id=client.owner_id,
            seen_on=today - timedelta(days=dice.between(1, 29)),
        )


def _consents(scene: Scene, client: Client) -> None:
    dice = scene.dice
    stated_at = scene.office_hours(client.opened_on)
    for purpose, channel, share in (("data_processing", "", 0.97), ("marketing", "phone", 0.62)):
        if dice.chance(0.9):
            scene.rows.add(
                Consent,
                customer_id=client.id,
                purpose=purpose,
                channel=channel,
                granted=dice.chance(share) and not (channel and client.fields["do_not_call"]),
                stated_at=stated_at,
                source="开户签约" if client.kind is not CustomerKind.PROSPECT else "口头同意",
            )


def _dates(scene: Scene, client: Client) -> None:
    dice, born_on = scene.dice, client.born_on
    if born_on is None:
        founded_on = client.fields.get("founded_on")
        if founded_on and dice.chance(0.5):
            _solar_date(scene, client, "founding", founded_on, "公司成立日")
        return
    age = (scene.today - born_on).days // 365
    lunar = to_lunar(born_on)
    if age >= _LUNAR_FROM_AGE and not lunar.leap and dice.chance(_LUNAR_SHARE):
        scene.rows.add(
            ImportantDate,
            customer_id=client.id,
            kind="birthday",
            calendar=DateCalendar.LUNAR,
            month=lunar.month,
            day=lunar.day,
            year=lunar.year,
            key=date_key(YearlyCalendar.LUNAR, lunar.month, lunar.day),
            label="过农历生日",
        )
    else:
        _solar_date(scene, client, "birthday", born_on, "")
    if client.married and dice.chance(0.12):
        wedding = born_on + timedelta(days=dice.between(23 * 365, 26 * 365))
        _solar_date(scene, client, "wedding", min(wedding, scene.today), "结婚纪念日")


def _solar_date(scene: Scene, client: Client, kind: str, day: date, label: str) -> None:
    scene.rows.add(
        ImportantDate,
        customer_id=client.id,
        kind=kind,
        calendar=DateCalendar.SOLAR,
        month=day.month,
        day=day.day,
        year=day.year,
        key=date_key(YearlyCalendar.SOLAR, day.month, day.day),
        label=label,
    )


def _tags(scene: Scene, client: Client) -> None:
    today, born_on = scene.today, client.born_on
    fits = {
        "代发工资": client.fields["source"] == "代发工资",
        "高净值": client.assets_minor >= _RICH_MINOR,
        "新客户": (today - client.opened_on).days <= _NEW_DAYS,
        "老年客户": born_on is not None and (today - born_on).days >= ELDERLY_AGE * 365.25,
        "小微企业": client.fields.get("employee_count", 1_000) <= 50,
        "潜在房贷": client.fields.get("prospect_interest") == "住房贷款",
        "亲子家庭": client.married and scene.dice.chance(0.05),
        "商圈商户": client.fields.get("occupation") == "个体工商户",
    }
    for name, fit in fits.items():
        if fit:
            scene.rows.add(CustomerTag, customer_id=client.id, tag_id=scene.branch.tags[name])


def _custom_values(scene: Scene, client: Client) -> None:
    for key, (kind, _label, choices) in FIELDS.items():
        if kind is client.kind and scene.dice.chance(0.2):
            scene.rows.add(
                CustomValue,
                customer_id=client.id,
                field_id=scene.branch.custom_fields[key],
                value=scene.dice.pick(choices),
            )


def _family(scene: Scene, client: Client) -> None:
    dice, born_on = scene.dice, client.born_on
    assert born_on
    if client.married and dice.chance(0.3):
        other = next((met for met in scene.met if _could_be_married(client, met)), None)
        if other:
            scene.met.remove(other)
            scene.rows.add(
                Relation, customer_id=client.id, other_customer_id=other.id, kind="spouse"
            )
            return
        gender = Gender.FEMALE if client.gender is Gender.MALE else Gender.MALE
        name, _ = person_name(scene, gender, 4)
        scene.rows.add(
            Relation, customer_id=client.id, other_name=name, kind="spouse", phone=mobile(scene)
        )
    elif dice.chance(0.06):
        name, _ = person_name(scene, Gender.FEMALE, 4)
        scene.rows.add(
            Relation,
            customer_id=client.id,
            other_name=name,
            kind=dice.pick(("parent", "sibling", "emergency_contact")),
            phone=mobile(scene),
        )


def _could_be_married(client: Client, other: Client) -> bool:
    return (
        other.married
        and other.id != client.id
        and other.gender is not client.gender
        and other.born_on is not None
        and client.born_on is not None
        and abs(other.born_on - client.born_on) < _CLOSE_IN_AGE
    )


def _company_people(scene: Scene, client: Client) -> None:
    dice = scene.dice
    head = next((met for met in scene.met if met.monthly_minor > 1_500_000), None)
    known = head is not None and dice.chance(0.4)
    scene.rows.add(
        Relation,
        customer_id=client.id,
        other_customer_id=head.id if head and known else None,
        other_name="" if known else client.fields["legal_representative"],
        kind="legal_representative",
        role="法定代表人",
        share_percent=dice.between(30, 100),
        phone="" if known else mobile(scene),
    )
    if head and known:
        scene.met.remove(head)
        client.fields["legal_representative"] = head.name
        client.fields["legal_representative_id"] = head.fields.get("id_number")
    name, _ = person_name(scene, Gender.FEMALE, 4)
    scene.rows.add(
        Relation,
        customer_id=client.id,
        other_name=name,
        kind="finance_contact",
        role="财务负责人",
        phone=mobile(scene),
    )


def _statements(scene: Scene, client: Client) -> None:
    dice = scene.dice
    revenue = int(dice.around(9_000_000, 1.2)) * MINOR
    for year in (scene.today.year - 2, scene.today.year - 1):
        revenue = int(revenue * (0.85 + 0.4 * dice.random()))
        assets = int(revenue * (0.5 + dice.random()))
        scene.rows.add(
            FinancialStatement,
            customer_id=client.id,
            period=str(year),
            revenue_minor=revenue,
            profit_minor=int(revenue * (dice.random() * 0.18 - 0.03)),
            assets_minor=assets,
            liabilities_minor=int(assets * (0.25 + 0.5 * dice.random())),
            source="企业年报",
        )


def _elsewhere(scene: Scene, client: Client) -> None:
    dice = scene.dice
    if dice.chance(0.1):
        side, category = dice.pick(
            (("asset", "房产"), ("asset", "他行存款"), ("liability", "他行房贷"))
        )
        scene.rows.add(
            BalanceItem,
            customer_id=client.id,
            side=side,
            category=category,
            amount_minor=dice.between(5, 400) * 10_000 * MINOR,
            as_of=scene.today - timedelta(days=dice.between(10, 300)),
        )
