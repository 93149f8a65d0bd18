"""What the customer form asks in the background: is it right, is it on file already, save it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deskcrm.clock import local
from deskcrm.errors import FieldError, InvalidError
from deskcrm.rules.customer_checks import Today, Value
from deskcrm.rules.identity import parse_identity_number
from deskcrm.rules.spoken_dates import read_date
from deskcrm.services.customer_form import (
    FORM,
    CustomerForm,
    Saved,
    Verdict,
    check_form,
    load_form,
    save_customer,
)
from deskcrm.services.drafts import DraftForm, load_draft
from deskcrm.services.duplicates import Possible, similar

if TYPE_CHECKING:
    from deskcrm.screens.kept_draft import KeptDraft
    from deskcrm.services.desk import Desk

Entry = Mapping[str, Value]
"""What was entered: the kind of customer and the fields that are not as the file has them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the form begins with: the file, unless the customer is new, and a draft of before."""

    form: CustomerForm | None
    draft: DraftForm | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at an entry found; ``twins`` may be the same customer."""

    verdict: Verdict = field(default_factory=Verdict)
    twins: tuple[Possible, ...] = ()

    @property
    def visible_twins(self) -> dict[int, str]:
        """Those that this officer may open, with their names."""
        return {one.customer_id: one.name for one in self.twins if one.customer_id is not None}


def today_of(desk: Desk) -> Today:
    """The branch's local time and calendar: what dates are read with."""
    return Today(local(desk.now(), desk.clock).replace(tzinfo=None), desk.calendar)


def opening(desk: Desk, customer_id: int | None) -> Opening:
    """Read the customer and this officer's draft."""
    form = None if customer_id is None else load_form(desk, customer_id)
    return Opening(form, load_draft(desk, FORM, customer_id or 0))


def look(desk: Desk, entry: Entry, customer_id: int | None) -> Looked:
    """Check an entry, and look for others with the same numbers."""
    verdict = check_form(desk, entry, customer_id=customer_id)
    return Looked(verdict, twins_of(desk, entry, customer_id))


def store(
    desk: Desk,
    entry: Entry,
    form: CustomerForm | None,
    draft: KeptDraft,
    *,
    different: bool = False,
) -> Saved | Looked:
    """Save and drop the draft; but when it is probably on file already, tell of that instead,
    unless an officer said that this is somebody ``different``."""
    customer_id, revision = (None, None) if form is None else (form.customer_id, form.revision)
    if not different:
        looked = look(desk, entry, customer_id)
        if looked.verdict.errors:
            raise InvalidError(looked.verdict.errors)
        if looked.twins:
            return looked
    saved = save_customer(desk, entry, customer_id=customer_id, revision=revision)
    draft.values = None
    draft.settle(desk)
    return saved


def twins_of(desk: Desk, entry: Entry, customer_id: int | None) -> tuple[Possible, ...]:
    """Others with the same identity number, credit code or phone, or the same name and birth date,
    each once. Two of another officer count as one: nothing else is known of them."""
    today = today_of(desk)
    born = read_date(_text(entry, "born_on"), today.now, today.calendar, future_only=False)
    phones = {_text(entry, "mobile"), _text(entry, "landline")}
    found = {
        one.customer_id: one
        for phone in sorted(phones)
        for one in similar(
            desk,
            id_number=_as_kept(_text(entry, "id_number"), desk),
            credit_code=_text(entry, "credit_code"),
            phone=phone,
            name=_text(entry, "name"),
            born_on=born.day if born else None,
            but_not=customer_id,
        )
    }
    return tuple(found.values())


def _as_kept(number: str, desk: Desk) -> str:
    """An identity number of the old form in the one in which all are kept."""
    try:
        return parse_identity_number(number, desk.today()).text
    except FieldError:
        return number


def _text(entry: Entry, name: str) -> str:
    return str(entry.get(name) or "")
