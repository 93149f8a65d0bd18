"""The small forms of the customer screen: follow-up, case, document, relation, yearly date, tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from deskcrm.i18n import N_, _
from deskcrm.models import CaseKind, DateCalendar, InteractionChannel
from deskcrm.services.cases import add_case
from deskcrm.services.customers import add_important_date
from deskcrm.services.documents import add_document
from deskcrm.services.followups import NewFollowup, add
from deskcrm.services.relations import add_relation
from deskcrm.services.tags import add_tag
from deskcrm.vault.session import ChangeSet
from deskcrm.widgets.customer_line import words_of
from deskcrm.widgets.form_dialog import Entered, FormDialog
from deskcrm.widgets.forms import FieldSpec
from deskcrm.widgets.inputs import Option

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk

FULL = 60
Adding = FormDialog[ChangeSet]


def followup_form(customer_id: int) -> Adding:
    """What is to be done, and when."""
    fields = [
        FieldSpec("title", N_("What for"), required=True, width=FULL),
        FieldSpec("due_on", N_("When"), "date", required=True, width=FULL),
        FieldSpec("note", N_("Note"), "multiline"),
    ]
    return FormDialog(_("Add a follow-up"), fields, partial(_save_followup, customer_id))


def case_form(customer_id: int) -> Adding:
    """A complaint, enquiry, suggestion or praise."""
    fields = [
        FieldSpec("kind", N_("Kind"), "choice", True, _worded("case_kind"), width=FULL),
        FieldSpec("subject", N_("Subject"), required=True, width=FULL),
        FieldSpec("channel", N_("Came by"), "choice", choices=_worded("channel"), width=FULL),
        FieldSpec("description", N_("Description"), "multiline"),
    ]
    return FormDialog(_("Add a case"), fields, partial(_save_case, customer_id))


def document_form(customer_id: int) -> Adding:
    """A document the customer shows."""
    fields = [
        FieldSpec("kind", N_("Document"), "choice", True, _worded("document"), width=FULL),
        FieldSpec("number", N_("Number"), width=FULL),
        FieldSpec("issued_on", N_("Issued on"), "date", width=FULL, future_only=False),
        FieldSpec("expires_on", N_("Valid until"), "date", width=FULL, future_only=False),
        FieldSpec("copy_held_at", N_("Copy kept at"), width=FULL),
    ]
    return FormDialog(_("Add a document"), fields, partial(_save_document, customer_id))


def relation_form(customer_id: int) -> Adding:
    """Somebody around the customer."""
    fields = [
        FieldSpec("kind", N_("Relation"), "choice", True, _worded("relation"), width=FULL),
        FieldSpec("other_name", N_("Name"), required=True, width=FULL),
        FieldSpec("role", N_("Role")),
        FieldSpec("share_percent", N_("Share in %")),
        FieldSpec("phone", N_("Phone"), "phone", width=FULL),
        FieldSpec("note", N_("Note"), width=FULL),
    ]
    return FormDialog(_("Add a relation"), fields, partial(_save_relation, customer_id))


def yearly_form(customer_id: int) -> Adding:
    """A birthday or another yearly date, by the solar or the lunar calendar."""
    calendars = [
        Option("solar", N_("solar calendar")),
        Option("lunar", N_("lunar calendar")),
    ]
    fields = [
        FieldSpec("kind", N_("Occasion"), "choice", True, _worded("yearly"), width=FULL),
        FieldSpec("calendar", N_("Calendar"), "choice", True, calendars, width=FULL),
        FieldSpec("month", N_("Month"), required=True),
        FieldSpec("day", N_("Day"), required=True),
        FieldSpec("label", N_("Remark"), width=FULL),
    ]
    return FormDialog(_("Add an important date"), fields, partial(_save_yearly, customer_id))


def tag_form(customer_id: int, known: Sequence[str]) -> Adding:
    """A tag; those of the branch are completed while typing."""
    fields = [
        FieldSpec(
            "tag",
            N_("Tag"),
            required=True,
            width=FULL,
            suggestions=known,
            help=N_("A short word; the right arrow takes what is offered."),
        )
    ]
    return FormDialog(_("Add a tag"), fields, partial(_save_tag, customer_id))


FORMS: dict[str, tuple[str, Callable[[int], Adding]]] = {
    "followup": (N_("Follow-up"), followup_form),
    "case": (N_("Case: complaint, enquiry, suggestion, praise"), case_form),
    "document": (N_("Document"), document_form),
    "relation": (N_("Relation"), relation_form),
    "yearly": (N_("Important date"), yearly_form),
}
"""What can be added to a customer: the name in the pick list, and the form."""


def _save_followup(customer_id: int, desk: Desk, entered: Entered) -> ChangeSet:
    spoken = entered.date("due_on")
    moment = None
    if spoken is not None and spoken.time is not None:
        moment = datetime.combine(spoken.day, spoken.time, desk.clock.zone)
    new = NewFollowup(
        customer_id,
        due_on=spoken.day if spoken else None,
        due_at=moment,
        title=entered.text("title"),
        note=entered.text("note"),
    )
    return add(desk, new).change_set


def _save_case(customer_id: int, desk: Desk, entered: Entered) -> ChangeSet:
    return add_case(
        desk,
        customer_id,
        CaseKind(entered.chosen("kind")),
        entered.text("subject"),
        description=entered.text("description"),
        channel=InteractionChannel(entered.text("channel") or InteractionChannel.COUNTER),
    )


def _save_document(customer_id: int, desk: Desk, entered: Entered) -> ChangeSet:
    issued, expires = entered.date("issued_on"), entered.date("expires_on")
    return add_document(
        desk,
        customer_id,
        entered.chosen("kind"),
        number=entered.text("number"),
        issued_on=issued.day if issued else None,
        expires_on=expires.day if expires else None,
        copy_held_at=entered.text("copy_held_at"),
    )


def _save_relation(customer_id: int, desk: Desk, entered: Entered) -> ChangeSet:
    return add_relation(
        desk,
        customer_id,
        entered.chosen("kind"),
        other_name=entered.text("other_name"),
        role=entered.text("role"),
        share_percent=entered.whole("share_percent"),
        phone=entered.text("phone"),
        note=entered.text("note"),
    )


def _save_yearly(customer_id: int, desk: Desk, entered: Entered) -> ChangeSet:
    return add_important_date(
        desk,
        customer_id,
        entered.chosen("kind"),
        entered.whole("month") or 0,
        entered.whole("day") or 0,
        calendar=DateCalendar(entered.chosen("calendar")),
        label=entered.text("label"),
    )


def _save_tag(customer_id: int, desk: Desk, entered: Entered) -> ChangeSet:
    return add_tag(desk, customer_id, entered.text("tag"))


def _worded(group: str) -> list[Option]:
    return [Option(code, label_id) for code, label_id in words_of(group).items()]
