"""Working follow-ups: done, snoozed, deferred, transferred, dismissed, added; alone or in bulk.

Every action takes one or several ids and is one change set, so that one undo takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from deskcrm.clock import local
from deskcrm.errors import DeskError, FieldError, InvalidError, NotFoundError
from deskcrm.i18n import N_
from deskcrm.models import Customer, Followup, FollowupState, Officer
from deskcrm.rules.cadence import moved_anchor, next_try, parked_until, working_policy
from deskcrm.rules.text import clean, clean_multiline
from deskcrm.services.authority import allow, visible, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.services.dispositions import Disposition, disposition_of
from deskcrm.services.reference import rules_on, working_officers
from deskcrm.vault.session import ChangeSet, UnitOfWork

MANUAL_RULE = "manual"
TO_DO = (FollowupState.OPEN, FollowupState.PARKED)


class FollowupClosedError(DeskError):
    """Somebody has closed the follow-up already."""

    code = "followup-closed"
    message = N_("This follow-up is already closed. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class FollowupView:
    """One follow-up. ``title`` is a message id of its rule, or a person's own words.

    ``due_on``, ``defer_until`` are days at the branch; the other times are instants in UTC.
    """

    id: int
    customer_id: int
    customer_name: str
    rule_code: str
    title: str
    note: str
    state: FollowupState
    due_on: date
    due_at: datetime | None
    defer_until: date | None
    snooze_until: datetime | None
    owner_id: int | None
    owner_name: str
    attempts: int
    maximum_attempts: int
    disposition: str
    closing_reason: str

    def as_json(self) -> dict[str, Any]:
        """The object that ``followup … --json`` prints."""
        return {
            "id": str(self.id),
            "customer": {"id": str(self.customer_id), "name": self.customer_name},
            "rule": self.rule_code,
            "title": self.title,
            "note": self.note,
            "state": self.state.value,
            "due_on": self.due_on.isoformat(),
            "due_at": _iso(self.due_at),
            "defer_until": _iso(self.defer_until),
            "snooze_until": _iso(self.snooze_until),
            "owner": self.owner_name,
            "attempts": self.attempts,
            "maximum_attempts": self.maximum_attempts,
            "disposition": self.disposition,
            "closing_reason": self.closing_reason,
        }


@dataclass(frozen=True, slots=True)
class FollowupsChanged:
    """What an action left, in the order of the ids given, and the change set to undo."""

    followups: tuple[FollowupView, ...]
    change_set: ChangeSet


@dataclass(frozen=True, slots=True)
class NewFollowup:
    """A follow-up that a person adds. With ``due_at``, an instant, its local day is the due day.

    ``owner`` is the login of the officer it falls to, by default the one who adds it.
    """

    customer_id: int
    due_on: date | None = None
    due_at: datetime | None = None
    title: str = ""
    note: str = ""
    minutes: int | None = None
    owner: str | None = None


def done(
    desk: Desk, ids: Sequence[int], *, disposition: str = "done", note: str = ""
) -> FollowupsChanged:
    """Close follow-ups with an outcome; an attempt that reached nobody counts as one more try.

    A real contact also moves the customer's cadence. Raises ``NotFoundError``,
    ``FollowupClosedError`` or ``InvalidError``.
    """
    allow(desk, "followup.work")
    outcome = checked_outcome(disposition)
    with desk.write("followup.done") as work:
        rows = to_do(desk, work.session, ids)
        for row in rows:
            if note.strip():
                row.note = clean_multiline(note.strip())
            work_one(desk, work, row, outcome, tried_at=desk.now())
            if outcome.reached:
                customer = work.session.get_one(Customer, row.customer_id)
                note_contact(customer, desk.today())
        return _changed(work, rows)


def snooze(desk: Desk, ids: Sequence[int], until: datetime) -> FollowupsChanged:
    """Hide follow-ups until an instant and tell of them then; what was promised stays as it is."""
    allow(desk, "followup.work")
    if until <= desk.now():
        raise InvalidError({"until": FieldError(N_("Choose a time in the future."))})
    with desk.write("followup.snooze") as work:
        rows = to_do(desk, work.session, ids)
        for row in rows:
            row.state = FollowupState.OPEN
            row.snooze_until = until
            row.defer_until = None
            row.told_at = None
        return _changed(work, rows)


def defer(desk: Desk, ids: Sequence[int], until: date) -> FollowupsChanged:
    """Hide follow-ups until the morning of a day; their due day stays as it is."""
    allow(desk, "followup.work")
    if until <= desk.today():
        raise InvalidError({"until": FieldError(N_("Choose a day after today."))})
    with desk.write("followup.defer") as work:
        rows = to_do(desk, work.session, ids)
        for row in rows:
            row.state = FollowupState.OPEN
            row.defer_until = until
            row.snooze_until = None
        return _changed(work, rows)


def transfer(desk: Desk, ids: Sequence[int], to: str, *, reason: str = "") -> FollowupsChanged:
    """Hand follow-ups to the officer with the login ``to``, who sees their customers meanwhile."""
    allow(desk, "followup.transfer")
    with desk.write("followup.transfer", reason=clean(reason)) as work:
        receiver = _receiver(work.session, to, field="to")
        rows = to_do(desk, work.session, ids)
        for row in rows:
            row.owner_id = receiver
            row.told_at = None
        return _changed(work, rows)


def dismiss(desk: Desk, ids: Sequence[int], reason: str) -> FollowupsChanged:
    """Close follow-ups without working them; a reason is required."""
    allow(desk, "followup.work")
    if not reason.strip():
        raise InvalidError({"reason": FieldError(N_("Say why it is not needed."))})
    with desk.write("followup.dismiss", reason=clean(reason)) as work:
        rows = to_do(desk, work.session, ids)
        for row in rows:
            _close(work, row, FollowupState.DISMISSED)
            row.closing_reason = clean(reason).strip()
            _skip_round(work, row)
        return _changed(work, rows)


def add(desk: Desk, new: NewFollowup) -> FollowupsChanged:
    """Add a follow-up by hand. Raises ``InvalidError`` without a due day, or one in the past."""
    allow(desk, "followup.add")
    due_on = local(new.due_at, desk.clock).date() if new.due_at else new.due_on
    if due_on is None:
        raise InvalidError({"due_on": FieldError(N_("Say when it is due."))})
    if due_on < desk.today():
        raise InvalidError({"due_on": FieldError(N_("Choose today or a later day."))})
    with desk.write("followup.add") as work:
        visible_customer(desk, work.session, new.customer_id)
        owner_id = desk.officer.id
        if new.owner is not None and new.owner != desk.officer.login:
            allow(desk, "followup.transfer")
            owner_id = _receiver(work.session, new.owner, field="owner")
        rule = rules_on(work.session, work.today)[MANUAL_RULE]
        followup_id = work.new_id()
        row = Followup(
            id=followup_id,
            customer_id=new.customer_id,
            rule_code=MANUAL_RULE,
            period=str(followup_id),
            title=clean(new.title).strip(),
            note=clean_multiline(new.note).strip(),
            owner_id=owner_id,
            due_on=due_on,
            due_at=new.due_at,
            minutes=new.minutes or rule.minutes,
            maximum_attempts=rule.maximum_attempts,
            raised_at=work.now,
        )
        return _changed(work, [work.add(row)])


def work_one(
    desk: Desk,
    work: UnitOfWork,
    row: Followup,
    outcome: Disposition,
    *,
    tried_at: datetime,
    again_at: datetime | None = None,
    again_on: date | None = None,
) -> None:
    """Let an outcome act on a follow-up: close it, or count the try and say when to try again.

    ``again_on``, with ``again_at`` when it has a time, is the officer's own choice of the next try.
    After the last try the follow-up rests.
    """
    if outcome.closes:
        _close(work, row, FollowupState.DONE)
        row.disposition = outcome.code
        if not outcome.reached:
            _skip_round(work, row)
    elif outcome.attempt:
        row.attempts += 1
        row.last_attempt_at = tried_at
        row.disposition = outcome.code
        row.told_at = None
        if row.attempts >= row.maximum_attempts:
            row.state = FollowupState.PARKED
            row.snooze_until = None
            row.defer_until = again_on or parked_until(desk.today(), working_policy())
        elif again_on is not None and again_at is None:
            row.snooze_until, row.defer_until = None, again_on
        else:
            row.snooze_until, row.defer_until = again_at or proposed_try(desk), None


def note_contact(customer: Customer, contact_on: date) -> None:
    """Write a real contact on the customer; one older than the last does not move the cadence."""
    customer.contact_count += 1
    customer.last_contact_on = max(customer.last_contact_on or contact_on, contact_on)
    customer.cadence_anchor_on = moved_anchor(customer.cadence_anchor_on, contact_on)


def proposed_try(desk: Desk) -> datetime:
    """When to try again after nobody answered just now, at another time of the day."""
    now = local(desk.now(), desk.clock).replace(tzinfo=None)
    wall = next_try(now, working_policy().dayparts, desk.calendar)
    return wall.replace(tzinfo=desk.clock.zone)


def checked_outcome(code: str) -> Disposition:
    """The disposition ``code``; an unknown one raises ``InvalidError`` for the field."""
    try:
        return disposition_of(code)
    except FieldError as error:
        raise InvalidError({"outcome": error}) from None


def in_care(desk: Desk) -> ColumnElement[bool]:
    """The condition on ``Followup`` joined to ``Customer`` for what the officer may see."""
    return or_(visible(desk), col(Followup.owner_id) == desk.officer.id)


def to_do(desk: Desk, session: Session, ids: Sequence[int]) -> list[Followup]:
    """The follow-ups, in the order of ``ids``, if all are the officer's to see and not closed."""
    statement = (
        select(Followup)
        .join(Customer, col(Customer.id) == Followup.customer_id)
        .where(col(Followup.id).in_(ids), in_care(desk))
    )
    found = {row.id: row for row in session.exec(statement)}
    if not ids or len(found) < len(set(ids)):
        raise NotFoundError
    if any(row.state not in TO_DO for row in found.values()):
        raise FollowupClosedError
    return [found[followup_id] for followup_id in dict.fromkeys(ids)]


def views(session: Session, rows: Sequence[Followup]) -> tuple[FollowupView, ...]:
    """The views of rows, with the names of customers and officers."""
    customers = _names(session, Customer, {row.customer_id for row in rows})
    officers = _names(session, Officer, {row.owner_id for row in rows if row.owner_id})
    rules = rules_on(session, date.max)
    return tuple(
        FollowupView(
            id=row.id,
            customer_id=row.customer_id,
            customer_name=customers.get(row.customer_id, ""),
            rule_code=row.rule_code,
            title=row.title or rules[row.rule_code].title_id,
            note=row.note,
            state=row.state,
            due_on=row.due_on,
            due_at=row.due_at,
            defer_until=row.defer_until,
            snooze_until=row.snooze_until,
            owner_id=row.owner_id,
            owner_name=officers.get(row.owner_id or 0, ""),
            attempts=row.attempts,
            maximum_attempts=row.maximum_attempts,
            disposition=row.disposition,
            closing_reason=row.closing_reason,
        )
        for row in rows
    )


def _close(work: UnitOfWork, row: Followup, state: FollowupState) -> None:
    row.state = state
    row.closed_at = work.now
    row.closed_by_id = work.officer_id


def _skip_round(work: UnitOfWork, row: Followup) -> None:
    """Let the cadence go on from today after an update that was closed without a contact."""
    if row.single_open:
        customer = work.session.get_one(Customer, row.customer_id)
        customer.cadence_anchor_on = moved_anchor(customer.cadence_anchor_on, work.today)


def _names(
    session: Session, model: type[Customer] | type[Officer], ids: set[int]
) -> dict[int, str]:
    rows = session.exec(select(model.id, model.name).where(col(model.id).in_(ids)))
    return dict(rows.all())


def _receiver(session: Session, login: str, *, field: str) -> int:
    for officer in working_officers(session):
        if officer.login == login:
            return officer.id
    raise InvalidError({field: FieldError(N_("Choose an officer who works with customers."))})


def _changed(work: UnitOfWork, rows: Sequence[Followup]) -> FollowupsChanged:
    work.session.flush()
    return FollowupsChanged(views(work.session, rows), work.change_set)


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
