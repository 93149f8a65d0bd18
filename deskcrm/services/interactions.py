"""The call sheet: take down a contact, its outcome and what comes next, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from deskcrm.clock import local
from deskcrm.errors import FieldError, InvalidError, NotFoundError
from deskcrm.i18n import N_
from deskcrm.models import (
    Customer,
    Followup,
    FollowupState,
    Interaction,
    InteractionChannel,
    NextStep,
    Way,
)
from deskcrm.rules.text import clean, clean_multiline
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.services.dispositions import Disposition, disposition_of
from deskcrm.services.followups import TO_DO, FollowupView, note_contact, views, work_one
from deskcrm.services.queue import next_in_queue
from deskcrm.services.reference import tiers_on
from deskcrm.services.scans import run_rules_for
from deskcrm.vault.session import ChangeSet, UnitOfWork

SATISFACTION = range(1, 6)


@dataclass(frozen=True, slots=True)
class NewInteraction:
    """A contact or attempt as the call sheet gives it.

    ``at`` is when it happened (an instant; now unless told). ``next_at`` is an instant and makes
    its local day the ``next_on``. ``followup_id`` is the follow-up that was worked. ``form_key``
    names the form: saved twice, it is taken down once.
    """

    customer_id: int
    channel: str
    outcome: str
    notes: str = ""
    at: datetime | None = None
    way: Way = Way.OUTGOING
    subject: str = ""
    satisfaction: int | None = None
    needs: tuple[str, ...] = ()
    minutes: int | None = None
    next_kind: str | None = None
    next_on: date | None = None
    next_at: datetime | None = None
    next_note: str = ""
    no_next_reason: str = ""
    followup_id: int | None = None
    case_id: int | None = None
    form_key: str | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """What was saved. ``next_followup`` is what the promised next step raised.

    ``next_contact_by`` is where a real contact moved the customer's cadence. ``next_in_queue`` is
    the follow-up to work next. ``change_set`` is empty when the same form had been saved before.
    """

    interaction_id: int
    followup_id: int | None
    followup_state: FollowupState | None
    next_followup: FollowupView | None
    next_contact_by: date | None
    next_in_queue: int | None
    change_set: ChangeSet | None

    def as_json(self) -> dict[str, Any]:
        """The object that ``log --json`` prints."""
        return {
            "interaction": str(self.interaction_id),
            "followup": _text(self.followup_id),
            "followup_state": self.followup_state.value if self.followup_state else None,
            "next": self.next_followup.as_json() if self.next_followup else None,
            "next_contact_by": str(self.next_contact_by) if self.next_contact_by else None,
            "next_in_queue": _text(self.next_in_queue),
        }


def log_interaction(desk: Desk, new: NewInteraction) -> Logged:
    """Take down a contact: outcome and next step (or why there is none) are required.

    A real contact moves the customer's cadence from its own date and settles an open update of the
    file; the follow-up that was worked is closed or its try counted; a promise raises its
    follow-up. Raises ``InvalidError`` with the fields, or ``NotFoundError``.
    """
    allow(desk, "interaction.log")
    with desk.write("interaction.log") as work:
        customer = visible_customer(desk, work.session, new.customer_id)
        saved = _saved_before(desk, work.session, new.form_key)
        if saved is None:
            worked = _worked(work.session, new)
            sheet = _checked(desk, new, customer, worked)
            saved = _save(desk, work, sheet, customer, worked)
    change_set = work.change_set if work.change_set.entries else None
    with desk.read() as session:
        return _logged(desk, session, saved, change_set)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A call sheet that passed its rules; ``retry`` is the next try of the worked follow-up."""

    new: NewInteraction
    at: datetime
    outcome: Disposition
    next_kind: NextStep | None
    next_on: date | None
    next_at: datetime | None
    retry: bool


def _checked(
    desk: Desk, new: NewInteraction, customer: Customer, worked: Followup | None
) -> _Sheet:
    errors: dict[str, FieldError] = {}
    at = new.at or desk.now()
    if at > desk.now():
        errors["at"] = FieldError(N_("A contact cannot lie in the future."))
    if new.channel not in list(InteractionChannel):
        errors["channel"] = FieldError(N_("Choose how you were in contact."))
    if new.satisfaction is not None and new.satisfaction not in SATISFACTION:
        errors["satisfaction"] = FieldError(N_("Satisfaction goes from 1 to 5."))
    outcome = None
    try:
        outcome = disposition_of(new.outcome)
    except FieldError as error:
        errors["outcome"] = error
    next_on = local(new.next_at, desk.clock).date() if new.next_at else new.next_on
    retry = (
        outcome is not None
        and outcome.attempt
        and worked is not None
        and worked.state in TO_DO
        and new.next_kind in (None, "", NextStep.CALLBACK)
    )
    errors.update(_next_step_errors(desk, new, customer, next_on, retry=retry))
    if errors or outcome is None:
        raise InvalidError(errors)
    kind = NextStep(new.next_kind) if new.next_kind and not retry else None
    return _Sheet(new, at, outcome, kind, next_on, new.next_at, retry)


def _next_step_errors(
    desk: Desk, new: NewInteraction, customer: Customer, next_on: date | None, *, retry: bool
) -> dict[str, FieldError]:
    """What is wrong with the next step, by field."""
    if next_on is not None and (
        next_on < desk.today() or (new.next_at is not None and new.next_at <= desk.now())
    ):
        return {"next_on": FieldError(N_("The next step lies in the past."))}
    if retry:
        return {}
    if not new.next_kind:
        if next_on is not None:
            return {"next_kind": FieldError(N_("Say what the next step is."))}
        if not new.no_next_reason.strip():
            return {"next_kind": FieldError(N_("Give the next step, or say why there is none."))}
        return {}
    if new.next_kind not in list(NextStep):
        return {"next_kind": FieldError(N_("Say what the next step is."))}
    if next_on is None:
        return {"next_on": FieldError(N_("Say when the next step is due."))}
    if new.no_next_reason.strip():
        return {
            "no_next_reason": FieldError(N_("There is a next step; leave out why there is none."))
        }
    if new.next_kind == NextStep.CALLBACK and customer.do_not_call:
        message = N_("This customer must not be called. Choose another next step.")
        return {"next_kind": FieldError(message)}
    return {}


def _save(
    desk: Desk, work: UnitOfWork, sheet: _Sheet, customer: Customer, worked: Followup | None
) -> Interaction:
    interaction = work.add(_interaction(desk, work, sheet))
    if sheet.outcome.reached:
        note_contact(customer, interaction.contact_on)
    if worked is not None and worked.state in TO_DO:
        work_one(
            desk,
            work,
            worked,
            sheet.outcome,
            tried_at=sheet.at,
            again_on=sheet.next_on if sheet.retry else None,
            again_at=sheet.next_at if sheet.retry else None,
        )
        if sheet.retry and interaction.next_on is None:
            again = worked.snooze_until
            interaction.next_at = again
            interaction.next_on = local(again, desk.clock).date() if again else worked.defer_until
    run_rules_for(work, customer.id)
    return interaction


def _interaction(desk: Desk, work: UnitOfWork, sheet: _Sheet) -> Interaction:
    new = sheet.new
    return Interaction(
        customer_id=new.customer_id,
        officer_id=desk.officer.id,
        channel=InteractionChannel(new.channel),
        way=new.way,
        at=sheet.at,
        contact_on=local(sheet.at, desk.clock).date(),
        subject=clean(new.subject).strip(),
        notes=clean_multiline(new.notes).strip(),
        outcome=sheet.outcome.code,
        reached=sheet.outcome.reached,
        satisfaction=new.satisfaction,
        needs=[clean(need) for need in new.needs] or None,
        minutes=new.minutes,
        next_kind=sheet.next_kind,
        next_on=sheet.next_on,
        next_at=sheet.next_at,
        next_note=clean(new.next_note).strip(),
        no_next_reason=clean(new.no_next_reason).strip(),
        followup_id=new.followup_id,
        case_id=new.case_id,
        recorded_at=work.now,
        form_key=new.form_key or None,
    )


def _saved_before(desk: Desk, session: Session, form_key: str | None) -> Interaction | None:
    if not form_key:
        return None
    found = select(Interaction).where(
        Interaction.form_key == form_key, Interaction.officer_id == desk.officer.id
    )
    return session.exec(found).first()


def _worked(session: Session, new: NewInteraction) -> Followup | None:
    if new.followup_id is None:
        return None
    row = session.get(Followup, new.followup_id)
    if row is None or row.customer_id != new.customer_id:
        raise NotFoundError
    return row


def _logged(
    desk: Desk, session: Session, interaction: Interaction, change_set: ChangeSet | None
) -> Logged:
    worked = session.get(Followup, interaction.followup_id) if interaction.followup_id else None
    promised = session.exec(
        select(Followup).where(
            Followup.customer_id == interaction.customer_id,
            Followup.origin_interaction_id == interaction.id,
        )
    ).first()
    return Logged(
        interaction_id=interaction.id,
        followup_id=worked.id if worked else None,
        followup_state=worked.state if worked else None,
        next_followup=views(session, [promised])[0] if promised else None,
        next_contact_by=_next_contact_by(desk, session, interaction),
        next_in_queue=next_in_queue(desk, session, after=interaction.followup_id),
        change_set=change_set,
    )


def _next_contact_by(desk: Desk, session: Session, interaction: Interaction) -> date | None:
    """The day by which the customer is contacted again, after a real contact."""
    customer = session.get_one(Customer, interaction.customer_id)
    tier = tiers_on(session, desk.today()).get(customer.tier)
    days = customer.cadence_days or (tier.cadence_days if tier else None)
    if not interaction.reached or days is None:
        return None
    return customer.cadence_anchor_on + timedelta(days=days)


def _text(identifier: int | None) -> str | None:
    return None if identifier is None else str(identifier)
