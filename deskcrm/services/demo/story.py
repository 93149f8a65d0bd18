"""What happened between the branch and its customers: contacts, promises, cases.

Promises of the past were kept and have a follow-up that is done. Those for today and later, the
few that are overdue, and contacts that are due again have none: the rules raise them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from deskcrm.models import (
    Case,
    CaseKind,
    CaseState,
    CustomerKind,
    Followup,
    FollowupState,
    Interaction,
    InteractionChannel,
    NextStep,
    Way,
)
from deskcrm.services.cases import answer_due
from deskcrm.services.demo import sources
from deskcrm.services.demo.dice import Weighted
from deskcrm.services.demo.scene import Client, Scene
from deskcrm.services.demo.sources import Talk
from deskcrm.services.dispositions import disposition_of

STANDINGS = (
    ("today", 5), ("overdue", 2), ("step_today", 3), ("later", 15), ("due", 11), ("settled", 964)
)  # fmt: skip
"""How customers stand, of a thousand: a call promised for today, overdue or later, something to be
sent today, a contact that is due again, nothing."""

_MANUAL_SHARE = 0.007
_SINCE_PROMISE = {"today": (3, 12), "overdue": (15, 24), "step_today": (3, 12), "later": (1, 12)}
"""Days since the contact that promised something, shortest and longest."""
_MOST_CONTACTS = 5
_MOST_CONTACTS_OFTEN_CALLED = 10
_OFTEN_DAYS = 30
_ATTEMPTS = Weighted([("no_answer", 60), ("busy", 20), ("message", 17), ("wrong_number", 3)])
_CHANNELS = Weighted(
    [(InteractionChannel.PHONE, 58), (InteractionChannel.COUNTER, 20),
     (InteractionChannel.WECHAT, 12), (InteractionChannel.VISIT, 6), (InteractionChannel.SMS, 4)]
)  # fmt: skip
_VISITED = {InteractionChannel.COUNTER, InteractionChannel.APP}
_CASE_SHARES = Weighted(
    [("open_complaint", 3), ("old_complaint", 16), ("enquiry", 18), ("suggestion", 4),
     ("praise", 4), ("none", 955)]
)  # fmt: skip
_CASE_KINDS = {
    "enquiry": CaseKind.ENQUIRY,
    "suggestion": CaseKind.SUGGESTION,
    "praise": CaseKind.PRAISE,
}
_CALL_TIMES = ((9, 30), (10, 0), (10, 45), (11, 15), (14, 0), (14, 30), (15, 20), (16, 0), (16, 40))


@dataclass(frozen=True, slots=True)
class _Promise:
    kind: NextStep
    on: date
    at: datetime | None
    note: str


def tell(scene: Scene, client: Client) -> None:
    """Gather two years with a customer; fills in the tier and when it was last contacted."""
    step = scene.tier_of(client.assets_minor)
    standing = scene.standings.deal(scene.dice)
    days = _contact_days(scene, client, step.cadence_days, standing)
    for day, following in pairwise([*days, None]):
        assert day
        if scene.dice.chance(0.15):
            _attempt(scene, client, day)
        _contact(scene, client, day, following, standing)
    if scene.dice.chance(_MANUAL_SHARE):
        _manual(scene, client)
    _case(scene, client)
    client.fields.update(
        tier=step.code,
        last_contact_on=days[-1],
        contact_count=len(days),
        cadence_anchor_on=days[-1],
    )


def _contact_days(scene: Scene, client: Client, cadence: int, standing: str) -> list[date]:
    """Days of real contact, oldest first: in step with the cadence, for a few just past it."""
    dice, days = scene.dice, scene.days
    # A new customer was received when the account was opened.
    received = days.working_on_or_after(client.opened_on)
    day = max(_last_contact_day(scene, cadence, standing), received)
    often = cadence <= _OFTEN_DAYS
    most = dice.between(1, _MOST_CONTACTS_OFTEN_CALLED if often else _MOST_CONTACTS)
    found = [day]
    while len(found) < most:
        back = int(cadence * (0.7 + dice.random() * (2.0 if often else 0.6)))
        day = days.working_on_or_before(day - timedelta(days=back))
        if day <= max(client.opened_on, days.start):
            break
        found.append(day)
    return found[::-1]


def _last_contact_day(scene: Scene, cadence: int, standing: str) -> date:
    dice, days, today = scene.dice, scene.days, scene.today
    if standing == "due":
        late = 0 if dice.chance(0.6) else dice.between(1, 9)
        return days.working_on_or_before(today - timedelta(days=cadence + late))
    shortest, longest = _SINCE_PROMISE.get(standing, (1, cadence - 1))
    ago = dice.between(shortest, longest)
    return days.working_on_or_after(today - timedelta(days=ago))


def _contact(
    scene: Scene, client: Client, day: date, following: date | None, standing: str
) -> None:
    dice = scene.dice
    talk = dice.pick(sources.talks(client.kind.value))
    channel = dice.draw(_CHANNELS)
    at = scene.office_hours(day)
    outcome = dice.pick(talk.outcomes)
    if following is None:
        promise = _open_promise(scene, talk, standing)
    else:
        promise = _kept_promise(scene, talk, day, following)
    interaction_id = scene.rows.add(
        Interaction,
        customer_id=client.id,
        officer_id=client.owner_id,
        channel=channel,
        way=Way.INCOMING if channel in _VISITED or dice.chance(0.12) else Way.OUTGOING,
        at=at,
        contact_on=day,
        subject=talk.subject,
        notes=_note(scene, client, talk),
        outcome="later" if promise and outcome == "declined" else outcome,
        reached=True,
        satisfaction=dice.between(3, 5) if dice.chance(0.4) else None,
        needs=[talk.need] if talk.need else [],
        minutes=dice.between(2, 25),
        next_kind=promise.kind if promise else None,
        next_on=promise.on if promise else None,
        next_at=promise.at if promise else None,
        next_note=promise.note if promise else "",
        no_next_reason="" if promise else dice.pick(sources.words()["no_next"]),
        recorded_at=at + timedelta(minutes=dice.between(1, 20)),
    )
    if promise and following:
        _keep(scene, client, interaction_id, promise, following)


def _note(scene: Scene, client: Client, talk: Talk) -> str:
    dice = scene.dice
    note = dice.pick(talk.notes)
    if "{" not in note:
        return note
    tens_of_thousands = dice.between(3, 60) * (10 if client.gender is None else 1)
    return (
        note.replace("{amount}", f"{tens_of_thousands}万元")
        .replace("{bill}", f"{dice.between(8, 190) * 100:,}元")
        .replace("{month}", dice.pick(("本月底", "下月", "下下个月")))
    )


def _kept_promise(scene: Scene, talk: Talk, day: date, following: date) -> _Promise | None:
    """A promise of the past, due by the contact that kept it."""
    if not talk.next or not scene.dice.chance(0.45):
        return None
    on = min(day + timedelta(days=scene.dice.between(2, 20)), following)
    return _Promise(NextStep(talk.next), on, None, talk.ask)


def _open_promise(scene: Scene, talk: Talk, standing: str) -> _Promise | None:
    """What the last contact promised, if the customer is one of those who wait for something."""
    dice, today = scene.dice, scene.today
    if standing not in _SINCE_PROMISE:
        return None
    note = talk.ask or "回复客户上次的问题"
    if standing == "step_today":
        return _Promise(NextStep.SEND, today, None, note)
    day = {
        "today": today,
        "overdue": scene.days.working_on_or_before(today - timedelta(days=dice.between(1, 4))),
        "later": today + timedelta(days=dice.between(1, 14)),
    }[standing]
    hour, minute = dice.pick(_CALL_TIMES)
    return _Promise(NextStep.CALLBACK, day, scene.at(day, hour, minute), note)


def _keep(
    scene: Scene, client: Client, interaction_id: int, promise: _Promise, kept_on: date
) -> None:
    """The follow-up of a promise that was kept, as the rule would have raised it."""
    day = min(kept_on, scene.days.working[-1])
    scene.rows.add(
        Followup,
        customer_id=client.id,
        rule_code="callback" if promise.kind is NextStep.CALLBACK else "next_step",
        period=str(interaction_id),
        note=promise.note,
        owner_id=client.owner_id,
        state=FollowupState.DONE,
        due_on=promise.on,
        disposition="done",
        closed_at=scene.at(day, 17, 0),
        closed_by_id=client.owner_id,
        origin_interaction_id=interaction_id,
        raised_at=scene.at(min(promise.on, day), 8, 30),
    )


def _attempt(scene: Scene, client: Client, day: date) -> None:
    """A try in vain, a day or two before the contact."""
    dice = scene.dice
    before = scene.days.working_on_or_before(day - timedelta(days=dice.between(1, 2)))
    if before <= client.opened_on:
        return
    outcome = dice.draw(_ATTEMPTS)
    at = scene.office_hours(before)
    scene.rows.add(
        Interaction,
        customer_id=client.id,
        officer_id=client.owner_id,
        channel=InteractionChannel.PHONE,
        way=Way.OUTGOING,
        at=at,
        contact_on=before,
        subject="电话联系",
        notes=dice.pick(sources.words()[outcome]),
        outcome=outcome,
        reached=disposition_of(outcome).reached,
        no_next_reason="稍后再次联系",
        recorded_at=at,
    )


def _manual(scene: Scene, client: Client) -> None:
    """A follow-up that an officer set down: for today, overdue or for the days to come."""
    dice, today = scene.dice, scene.today
    ahead = dice.pick((0, 0, -1, -3, 1, 2, 5, 9))
    followup_id = scene.rows.new_id()
    scene.rows.add(
        Followup,
        id=followup_id,
        customer_id=client.id,
        rule_code="manual",
        period=str(followup_id),
        title=dice.pick(sources.words()["followup_titles"]),
        owner_id=client.owner_id,
        due_on=today + timedelta(days=ahead),
        raised_at=scene.at(scene.days.working[-5], 11, 0),
    )


def _case(scene: Scene, client: Client) -> None:
    sort = scene.dice.draw(_CASE_SHARES)
    if sort == "open_complaint" and client.kind is not CustomerKind.PROSPECT:
        _complaint(
            scene,
            client,
            scene.dice.between(1, 17),
            settled=False,
        )
    elif sort == "old_complaint" and client.kind is not CustomerKind.PROSPECT:
        _complaint(scene, client, scene.dice.between(30, 700), settled=True)
    elif sort in _CASE_KINDS:
        _simple_case(scene, client, _CASE_KINDS[sort])


def _complaint(scene: Scene, client: Client, ago: int, *, settled: bool) -> None:
    dice = scene.dice
    text = dice.pick(sources.words()["complaint"])
    opened = scene.days.working_on_or_before(scene.today - timedelta(days=ago))
    last = scene.days.working[-1]
    contacted = min(opened + timedelta(days=dice.between(0, 2)), last)
    resolved = contacted + timedelta(days=dice.between(2, 9)) if settled else None
    waiting = settled or dice.chance(0.6)
    scene.rows.add(
        Case,
        customer_id=client.id,
        kind=CaseKind.COMPLAINT,
        channel=dice.pick(("phone", "counter", "app")),
        subject=text["subject"],
        description=text["description"],
        state=CaseState.CLOSED
        if settled
        else (CaseState.CONTACTED if waiting else CaseState.RECORDED),
        handler_id=scene.branch.supervisor_id,
        opened_on=opened,
        due_on=answer_due(CaseKind.COMPLAINT, opened),
        contacted_on=contacted if waiting else None,
        resolved_on=resolved,
        closed_on=resolved + timedelta(days=3) if resolved else None,
        root_cause=text["root_cause"] if settled else "",
        prevention=text["prevention"] if settled else "",
        apology_given=settled,
        compensation_minor=dice.pick((None, None, 2_000, 10_000)) if settled else None,
        satisfaction=dice.between(2, 5) if settled else None,
    )


def _simple_case(scene: Scene, client: Client, kind: CaseKind) -> None:
    dice = scene.dice
    text = dice.pick(sources.words()[kind.value])
    opened = scene.days.working_on_or_before(scene.today - timedelta(days=dice.between(1, 400)))
    done = kind is not CaseKind.ENQUIRY or (scene.today - opened).days > 10
    scene.rows.add(
        Case,
        customer_id=client.id,
        kind=kind,
        channel=dice.pick(("phone", "counter")),
        subject=text["subject"],
        description=text["description"],
        state=CaseState.CLOSED if done else CaseState.RECORDED,
        handler_id=client.owner_id,
        opened_on=opened,
        due_on=answer_due(kind, opened),
        closed_on=min(opened + timedelta(days=4), scene.days.working[-1]) if done else None,
    )
