"""Who the customers are: people, companies and prospects with well-formed numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from deskcrm.models import (
    ChannelKind,
    ContactChannel,
    CustomerKind,
    Gender,
    IdentityDocument,
    RiskClass,
    RiskTolerance,
)
from deskcrm.rules.identity import credit_code_check, identity_check_digit
from deskcrm.services.demo import sources
from deskcrm.services.demo.dice import Weighted
from deskcrm.services.demo.scene import Client, Scene
from deskcrm.services.demo.sources import MINOR, Occupation

_KINDS = Weighted(
    [(CustomerKind.INDIVIDUAL, 86), (CustomerKind.CORPORATE, 8), (CustomerKind.PROSPECT, 6)]
)
ELDERLY_AGE = 65

_ADULT = timedelta(days=18 * 365 + 4)

_MOBILE_PREFIXES = (
    "130", "131", "132", "133", "135", "136", "137", "138", "139", "150", "151", "152", "155",
    "157", "158", "159", "176", "177", "180", "182", "183", "186", "187", "188", "189", "198",
)  # fmt: skip
_AGES = Weighted([((19, 24), 8), ((25, 34), 24), ((35, 44), 25), ((45, 54), 20), ((55, 64), 13),
                  ((65, 88), 10)])  # fmt: skip
_LONGEST_VALIDITY_AGE = 46
_TOLERANCES = Weighted(
    [(RiskTolerance.C1, 22), (RiskTolerance.C2, 34), (RiskTolerance.C3, 28),
     (RiskTolerance.C4, 12), (RiskTolerance.C5, 4)]
)  # fmt: skip
_RISKS = Weighted([(RiskClass.LOW, 82), (RiskClass.MEDIUM, 15), (RiskClass.HIGH, 3)])
_SOURCES = Weighted(
    [("网点开户", 52), ("代发工资", 22), ("客户介绍", 12), ("手机银行", 9), ("外拓活动", 5)]
)
_PROSPECT_SOURCES = ("理财讲座", "客户介绍", "社区外拓", "电话咨询", "企业走访")
_INTERESTS = ("稳健理财", "住房贷款", "大额存单", "代发工资", "开立基本户", "子女教育金")


def meet(scene: Scene, serial: int) -> Client:
    """The next customer, of a kind by chance; gathers the ways to reach it."""
    kind = scene.dice.draw(_KINDS)
    if kind is CustomerKind.CORPORATE:
        return _company(scene, serial)
    client = _person(scene, serial, kind)
    scene.met.append(client)
    return client


def person_name(scene: Scene, gender: Gender, serial: int) -> tuple[str, bool]:
    """A person's name, and whether it is a foreigner's. The first customers have all odd ones."""
    known, dice = sources.names(), scene.dice
    odd = [*known.unusual[gender], *known.foreign[gender]]
    place, turn = divmod(serial, 5)
    if turn == 0 and place < len(odd):
        name = odd[place]
    elif dice.chance(0.008):
        name = dice.pick(odd)
    else:
        rare = turn == 1 and place < len(known.rare_surnames)
        surname = known.rare_surnames[place] if rare else dice.draw(known.surnames)
        given = dice.draw(known.given[gender])
        if not dice.chance(0.13):
            given += dice.draw(known.given[gender])
        return surname + given, False
    return name, name in known.foreign[gender]


def address(scene: Scene, *, office: bool = False) -> dict[str, str]:
    """The fields of an address in the branch's city, a home or an office."""
    known, dice = sources.places(), scene.dice
    district = dice.draw(known.districts)
    street = f"{dice.pick(district.roads)}{dice.between(1, 680)}号"
    home = f"{dice.pick(known.quarters)}{dice.between(1, 38)}幢{dice.between(1, 4)}单元"
    building = f"{dice.pick(known.offices)}{dice.between(1, 4)}号楼" if office else home
    room = dice.between(1, 26) * 100 + dice.between(1, 4)
    return {
        "division_code": district.code,
        "address": f"{known.city}{district.name}{street}{building}{room}室",
        "postal_code": district.postal_code,
    }


def identity_number(scene: Scene, born_on: date, gender: Gender) -> str:
    """A resident identity number: a real county, this birth date, an odd sequence for men."""
    known, dice = sources.places(), scene.dice
    local = dice.chance(0.7)
    division = dice.pick(known.home_divisions if local else known.other_divisions)
    sequence = dice.between(0, 299) * 2 + (gender is Gender.MALE)
    first17 = f"{division}{born_on:%Y%m%d}{sequence:03d}"
    return first17 + identity_check_digit(first17)


def credit_code(scene: Scene, division: str) -> str:
    """A unified social credit code of a company registered in ``division``."""
    first17 = f"91{division}MA{scene.dice.digits(7)}"
    return first17 + credit_code_check(first17)


def mobile(scene: Scene) -> str:
    """A mobile number with a prefix that an operator has."""
    return scene.dice.pick(_MOBILE_PREFIXES) + scene.dice.digits(8)


def _person(scene: Scene, serial: int, kind: CustomerKind) -> Client:
    dice, today = scene.dice, scene.today
    gender = Gender.MALE if dice.chance(0.49) else Gender.FEMALE
    low, high = dice.draw(_AGES)
    born_on = today - timedelta(days=dice.between(low * 365 + low // 4, high * 365 + high // 4))
    age = (today - born_on).days // 365
    name, foreign = person_name(scene, gender, serial)
    job = _occupation(scene, age)
    monthly = int(dice.around(job.monthly_minor, 0.35)) if job.monthly_minor else 0
    client = _client(scene, serial, kind, name, adult_since=born_on + _ADULT)
    client.gender, client.born_on, client.monthly_minor = gender, born_on, monthly
    client.married = age > 25 and dice.chance(0.72)
    client.fields.update(
        gender=gender,
        born_on=born_on,
        marital_status="已婚" if client.married else "未婚" if age < 45 else "离异",
        occupation=job.name,
        employer=dice.pick(job.employers),
        education=dice.draw(sources.work().education),
        annual_income_minor=monthly * 12 or None,
        income_band=_income_band(monthly * 12),
        nationality="" if foreign else "中国",
        special_care="65岁以上，办理业务时放慢讲解并核对意愿" if age >= ELDERLY_AGE else "",
        **address(scene),
    )
    if kind is CustomerKind.INDIVIDUAL:
        client.fields.update(_identity(scene, client, foreign, age))
        client.fields.update(_risk(scene, age))
    else:
        client.fields.update(_interest(scene))
    _reach(scene, client)
    return client


def _client(
    scene: Scene, serial: int, kind: CustomerKind, name: str, adult_since: date = date.min
) -> Client:
    dice, today = scene.dice, scene.today
    prospect = kind is CustomerKind.PROSPECT
    # The relationship grows old slowly at first: half of the customers came within five years.
    age_days = dice.between(5, 400) if prospect else 30 + int(dice.random() ** 2 * 6900)
    client = Client(
        id=scene.rows.new_id(),
        serial=serial,
        kind=kind,
        name=name,
        owner_id=dice.draw(scene.branch.owners),
        opened_on=max(today - timedelta(days=age_days), adult_since),
    )
    client.fields.update(
        id=client.id,
        kind=kind,
        number=None if prospect else f"3301{serial + 1:08d}",
        name=name,
        branch_id=scene.branch.id,
        owner_id=client.owner_id,
        opened_on=None if prospect else client.opened_on,
        source=dice.pick(_PROSPECT_SOURCES) if prospect else dice.draw(_SOURCES),
        pinned_note=dice.pick(sources.words()["pinned"]) if dice.chance(0.04) else "",
        do_not_call=dice.chance(0.015),
        data_as_of=today - timedelta(days=1),
        created_at=scene.at(client.opened_on, 9, 30),
        updated_at=scene.at(today - timedelta(days=1), 18, 0),
    )
    return client


def _occupation(scene: Scene, age: int) -> Occupation:
    known = sources.work()
    if age >= 60:
        return known.retired
    if age <= 22 and scene.dice.chance(0.7):
        return known.student
    return scene.dice.draw(known.occupations)


def _income_band(yearly_minor: int) -> str:
    bands = sources.work().income_bands
    return next((name for limit, name in bands if yearly_minor <= limit), bands[-1][1])


def _identity(scene: Scene, client: Client, foreign: bool, age: int) -> dict[str, Any]:
    assert client.born_on
    assert client.gender
    dice = scene.dice
    if foreign:
        kind, number = IdentityDocument.PASSPORT, f"E{dice.digits(8)}"
        left = dice.between(-20, 3200)
    else:
        kind = IdentityDocument.RESIDENT_ID
        number = identity_number(scene, client.born_on, client.gender)
        # Cards of people over 46 do not expire; the others are replaced every ten or twenty years.
        left = dice.between(-120, 200) if dice.chance(0.06) else dice.between(200, 5500)
    lasting = kind is IdentityDocument.RESIDENT_ID and age >= _LONGEST_VALIDITY_AGE
    return {
        "id_type": kind,
        "id_number": number,
        "id_expires_on": None if lasting else scene.today + timedelta(days=left),
    }


def _risk(scene: Scene, age: int) -> dict[str, Any]:
    dice, today = scene.dice, scene.today
    assessed = dice.chance(0.7)
    tolerance = RiskTolerance.C1 if age >= ELDERLY_AGE + 10 else dice.draw(_TOLERANCES)
    return {
        "risk_class": dice.draw(_RISKS),
        "risk_tolerance": tolerance if assessed else None,
        "risk_assessed_on": today - timedelta(days=dice.between(5, 480)) if assessed else None,
        "reviewed_on": today - timedelta(days=dice.between(5, 720)),
    }


def _interest(scene: Scene) -> dict[str, Any]:
    dice = scene.dice
    return {
        "prospect_interest": dice.pick(_INTERESTS),
        "prospect_feedback": dice.pick(
            ("愿意继续了解", "对比他行中", "嫌利率低", "等家人商量", "")
        ),
    }


def _company(scene: Scene, serial: int) -> Client:
    dice, work, today = scene.dice, sources.work(), scene.today
    industry = dice.pick(work.industries)
    client = _client(scene, serial, CustomerKind.CORPORATE, "")
    client.name = _company_name(scene, industry.words)
    head, _ = person_name(scene, Gender.MALE, 4)
    born_on = today - timedelta(days=dice.between(30 * 365, 65 * 365))
    founded_on = client.opened_on - timedelta(days=dice.between(20, 4000))
    place = address(scene, office=True)
    client.fields.update(
        name=client.name,
        credit_code=credit_code(scene, place["division_code"]),
        legal_representative=head,
        legal_representative_id=identity_number(scene, born_on, Gender.MALE),
        registered_capital_minor=dice.pick((50, 100, 200, 500, 1000, 5000)) * 10_000 * MINOR,
        founded_on=founded_on,
        industry=industry.name,
        employee_count=max(2, int(dice.around(28, 1.1))),
        business_scope=industry.scope,
        cooperation_since=client.opened_on,
        operating_notes="经营正常，回款稳定" if dice.chance(0.7) else "下游账期变长，关注流动性",
        risk_class=dice.draw(_RISKS),
        reviewed_on=today - timedelta(days=dice.between(5, 720)),
        **place,
    )
    _reach(scene, client)
    return client


def _company_name(scene: Scene, words: list[str]) -> str:
    known, work, dice = sources.names(), sources.work(), scene.dice
    scene.companies += 1
    if scene.companies <= len(known.long_companies):
        return known.long_companies[scene.companies - 1]
    first = dice.pick(work.company_words)
    if dice.chance(0.35):
        first += dice.pick(work.company_words)[0]
    place, form = dice.pick(work.company_places), dice.draw(work.company_forms)
    return f"{place}{first}{dice.pick(words)}{form}"


def _reach(scene: Scene, client: Client) -> None:
    dice = scene.dice
    client.phone = mobile(scene)
    _channel(scene, client, ChannelKind.MOBILE, client.phone, "本人", preferred=True)
    if client.kind is CustomerKind.CORPORATE:
        number = f"0571-8{dice.digits(7)}"
        _channel(scene, client, ChannelKind.LANDLINE, number, "办公室")
    elif dice.chance(0.12):
        _channel(scene, client, ChannelKind.MOBILE, mobile(scene), "备用")
    if dice.chance(0.35):
        mail = f"{'office' if client.gender is None else 'user'}{client.serial + 1}@example.com"
        _channel(scene, client, ChannelKind.EMAIL, mail, "")
    if dice.chance(0.3):
        _channel(scene, client, ChannelKind.WECHAT, f"wx_{dice.digits(8)}", "")


def _channel(
    scene: Scene,
    client: Client,
    kind: ChannelKind,
    value: str,
    label: str,
    *,
    preferred: bool = False,
) -> None:
    scene.rows.add(
        ContactChannel,
        customer_id=client.id,
        kind=kind,
        value=value,
        normalized=value,
        label=label,
        preferred=preferred,
    )
