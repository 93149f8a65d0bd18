"""What happened and what is to be done: timeline, follow-ups, cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from textual.content import Content

from deskcrm.clock import local
from deskcrm.i18n import N_, _, translate
from deskcrm.screens.customer_tabs.base import PAGE, TableTab
from deskcrm.services.customer_tabs import CaseRow, FollowupRow, cases, followups
from deskcrm.services.customer_timeline import Happened, TimelineEntry, timeline
from deskcrm.services.desk import Desk
from deskcrm.services.pages import Page
from deskcrm.widgets.customer_line import DASH, day, word
from deskcrm.widgets.dialogs import tell
from deskcrm.widgets.tables import Column, Row
from deskcrm.widgets.text import plain, show_lines

LATE = "bold $error"


class TimelineTab(TableTab[TimelineEntry]):
    """Contacts, cases and finished follow-ups in one order; Enter shows the whole note."""

    COLUMNS = (
        Column("date", N_("When"), 16),
        Column("what", N_("What"), 10),
        Column("outcome", N_("Outcome"), 16),
        Column("subject", N_("Subject and note"), 20, grow=True),
        Column("officer", N_("Officer"), 12, optional=True),
    )
    EMPTY = N_("Nothing has happened with this customer yet.")
    HINT = N_("c takes down a call or a visit; it then stands here.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[TimelineEntry]]:
        return partial(timeline, customer_id=self.customer_id, offset=self.first, limit=PAGE)

    def row(self, view: TimelineEntry) -> Row:
        subject = " · ".join(
            part for part in (plain(translate(view.subject)), plain(view.notes)) if part
        )
        cells = (
            self.when(view),
            _what(view),
            _outcome(view),
            subject or DASH,
            view.officer_name,
        )
        return Row(f"{view.what}-{view.id}", cells)

    def when(self, view: TimelineEntry) -> str:
        """The moment of a contact, the day of anything else."""
        at = local(view.at, self.owner.desk.clock)
        return f"{at:%Y-%m-%d %H:%M}" if view.what is Happened.INTERACTION else f"{at:%Y-%m-%d}"

    def preview(self, view: TimelineEntry) -> Content:
        return Content("\n").join([_heading(self.when(view), view), show_lines(view.notes)])

    def open_view(self, view: TimelineEntry) -> None:
        title = "  ".join([self.when(view), _what(view)])
        lines = [_heading("", view), Content("")]
        lines.append(show_lines(view.notes) if view.notes else Content(_("No note was taken.")))
        tell(self.owner, title, Content("\n").join(lines))


class FollowupsTab(TableTab[FollowupRow]):
    """Open duties first; Enter opens the call sheet of one."""

    COLUMNS = (
        Column("due", N_("Due"), 16),
        Column("state", N_("State"), 8),
        Column("title", N_("What for"), 20, grow=True),
        Column("attempts", N_("Tries"), 5, justify="right"),
        Column("owner", N_("Officer"), 12, optional=True),
    )
    EMPTY = N_("Nothing is to be done for this customer.")
    HINT = N_("a adds a follow-up; the rules of the branch add their own.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[FollowupRow]]:
        return partial(followups, customer_id=self.customer_id, offset=self.first, limit=PAGE)

    def row(self, view: FollowupRow) -> Row:
        late = LATE if view.late else ""
        state = _("! late") if view.late else word("followup_state", view.state)
        cells = (
            (_moment(view.due_on, view.due_at, self.owner.desk), late),
            (state, late),
            plain(view.title) or translate(view.title_id),
            str(view.attempts) if view.attempts else DASH,
            view.owner_name,
        )
        return Row(str(view.id), cells)

    def preview(self, view: FollowupRow) -> Content:
        known = [translate(view.title_id)]
        if view.defer_until:
            known.append(_("rests until {day}", day=day(view.defer_until)))
        if view.closed_at:
            closed = local(view.closed_at, self.owner.desk.clock)
            known.append(_("closed {day}", day=day(closed.date())))
        known += [plain(view.closing_reason)] if view.closing_reason else []
        lines = [Content("  ".join(known))]
        return Content("\n").join([*lines, show_lines(view.note)] if view.note else lines)

    def open_view(self, view: FollowupRow) -> None:
        if view.state in ("open", "parked"):
            self.owner.desk_app.open_call_sheet(self.customer_id, view.id)
        else:
            tell(self.owner, plain(view.title) or translate(view.title_id), self.preview(view))


class CasesTab(TableTab[CaseRow]):
    """Complaints, enquiries, suggestions and praise with their clocks."""

    COLUMNS = (
        Column("opened", N_("Opened"), 10),
        Column("kind", N_("Kind"), 10),
        Column("subject", N_("Subject"), 20, grow=True),
        Column("state", N_("State"), 9),
        Column("due", N_("Answer by"), 10),
        Column("handler", N_("Handled by"), 12, optional=True),
    )
    EMPTY = N_("No complaint, enquiry or suggestion on file.")
    HINT = N_("m adds one.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[CaseRow]]:
        return partial(cases, customer_id=self.customer_id, offset=self.first, limit=PAGE)

    def row(self, view: CaseRow) -> Row:
        late = LATE if view.late else ""
        cells = (
            day(view.opened_on),
            word("case_kind", view.kind),
            view.subject,
            word("case_state", view.state),
            (("! " if view.late else "") + day(view.due_on), late),
            view.handler_name,
        )
        return Row(str(view.id), cells)

    def preview(self, view: CaseRow) -> Content:
        known = [word("channel", view.channel), word("case_state", view.state)]
        if view.closed_on:
            known.append(_("closed {day}", day=day(view.closed_on)))
        known.append(_("handled by {name}", name=plain(view.handler_name) or _("nobody")))
        lines = [Content.styled(plain(view.subject), "bold"), Content("  ".join(known))]
        return Content("\n").join([*lines, show_lines(view.description)])

    def open_view(self, view: CaseRow) -> None:
        tell(self.owner, word("case_kind", view.kind), self.preview(view))


def _what(view: TimelineEntry) -> str:
    if view.what is Happened.INTERACTION:
        return word("channel", view.channel)
    return _("Case") if view.what is Happened.CASE else _("Follow-up")


def _outcome(view: TimelineEntry) -> str:
    if view.what is Happened.INTERACTION:
        return translate(view.outcome_label)
    return word("case_kind" if view.what is Happened.CASE else "followup_state", view.code)


def _heading(when: str, view: TimelineEntry) -> Content:
    known = [when, _outcome(view), word("way", view.way) if view.way else ""]
    if view.satisfaction is not None:
        known.append(_("satisfaction {n} of 5", n=view.satisfaction))
    if view.next_kind:
        known.append(
            _(
                "promised: {what} {day}",
                what=word("next_step", view.next_kind),
                day=day(view.next_on),
            )
        )
    known.append(plain(view.officer_name))
    subject = plain(translate(view.subject))
    line = Content("  ".join(part for part in known if part))
    return Content("\n").join([Content.styled(subject, "bold"), line]) if subject else line


def _moment(due_on: date, due_at: datetime | None, desk: Desk) -> str:
    return f"{local(due_at, desk.clock):%Y-%m-%d %H:%M}" if due_at else day(due_on)
