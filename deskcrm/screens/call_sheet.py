"""The call sheet: take down what happened and what comes next, and go on to the next customer."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from deskcrm.actions import bindings
from deskcrm.clock import local
from deskcrm.errors import DeskError, InvalidError
from deskcrm.i18n import N_, _
from deskcrm.screens.base import WRITES, DeskScreen
from deskcrm.screens.call_sheet_form import SheetForm, Subject
from deskcrm.screens.undoing import offer_undo
from deskcrm.services.brief import Brief, brief, brief_for_customer
from deskcrm.services.dispositions import disposition_of
from deskcrm.services.drafts import DraftForm, drop_draft, load_draft, save_draft
from deskcrm.services.followups import proposed_try
from deskcrm.services.interactions import Logged, NewInteraction, log_interaction
from deskcrm.services.reveal import reveal
from deskcrm.widgets.brief import BriefDialog, BriefPane, SheetHead
from deskcrm.widgets.forms import Form, Value
from deskcrm.widgets.inputs import Choice
from deskcrm.widgets.outcome import outcome_text
from deskcrm.widgets.text import MessageText, plain

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk

DRAFT = "call_sheet"
FORM_KEY = "form_key"
REVEAL_REASON = "call"


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, and whose call sheet comes next."""

    logged: Logged
    outcome: str
    next_customer_id: int | None


class CallSheetScreen(DeskScreen[None]):
    """One form for one contact. What is typed is kept as a draft until it is saved."""

    SCOPE = "call_sheet"
    TITLE_ID = N_("Call sheet")
    # With priority, what is typed right after Tab already goes to the next field.
    BINDINGS = [  # noqa: RUF012
        *bindings("call_sheet"),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    CSS_PATH = "call_sheet.tcss"
    AUTO_FOCUS = "#input-outcome"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, customer_id: int, followup_id: int | None = None) -> None:
        super().__init__()
        self.subject = Subject(customer_id, followup_id, secrets.token_hex(16))
        self._brief: Brief | None = None
        self._standing_note: tuple[str, dict[str, object]] = ("", {})
        self._saving = False
        self._saved: Saved | None = None
        self._draft_lock = threading.Lock()
        self._draft_wanted = True

    def compose_body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="sheet"):
                yield SheetHead()
                yield SheetForm()
                yield MessageText(id="sheet-note")
            yield BriefPane(classes="side-pane")

    @property
    def form(self) -> SheetForm:
        """The fields."""
        return self.query_one(SheetForm)

    @property
    def header_title(self) -> str:
        title = _(self.TITLE_ID)
        return title if self._brief is None else f"{title} · {self._brief.customer_name}"

    def on_mount(self) -> None:
        self._begin()
        self.data_changed()
        self.call(load_draft, DRAFT, self.subject.customer_id, then=self._resume, group=DRAFT)

    def on_screen_suspend(self) -> None:
        """A number in clear does not wait behind a lock or another screen."""
        self.query_one(SheetHead).hide_number()

    def on_screen_resume(self) -> None:
        """It was saved while something else was in front: go on now."""
        if self._saved is not None:
            self._go_on(self._saved)

    def data_changed(self) -> None:
        """Read whom this is about."""
        if self.subject.followup_id is not None:
            self.call(brief, self.subject.followup_id, then=self._show_brief, group="brief")
        else:
            customer_id = self.subject.customer_id
            self.call(brief_for_customer, customer_id, then=self._show_brief, group="brief")

    def _show_brief(self, found: Brief) -> None:
        self._brief = found
        self.query_one(SheetHead).show_brief(found)
        self.query_one(BriefPane).show_brief(found)
        self.refresh_header()

    def _begin(self) -> None:
        """An empty sheet; the cursor waits for the outcome."""
        self.form.begin(local(self.desk.now(), self.desk.clock))
        self.form.focus_field("outcome")
        self._note()

    def _note(self, message: str = "", **values: object) -> None:
        """What is to be known about this sheet, until an attempt has something of its own."""
        self._standing_note = (message, values)
        self._say_what_follows()

    def _resume(self, draft: DraftForm | None) -> None:
        """Offer what was typed before a crash, a lock or a change of mind again."""
        if draft is None:
            return
        self.subject = dataclasses.replace(self.subject, form_key=draft.values[FORM_KEY])
        self.form.resume(draft.values)
        self._tell_draft(kept=True)
        saved_at = local(draft.saved_at, self.desk.clock)
        self._note(
            N_("Your draft of {time} is here again; ^R discards it."),
            time=f"{saved_at:%Y-%m-%d %H:%M}",
        )

    @on(Form.Changed)
    def _keep_draft(self, event: Form.Changed) -> None:
        self._keep(event.values)

    def _keep(self, values: dict[str, Value]) -> None:
        values = {**values, FORM_KEY: self.subject.form_key}
        self.call(self._write_draft, values, then=self._draft_written, group=WRITES)

    def _write_draft(self, desk: Desk, values: dict[str, Any]) -> bool:
        """In a thread. A draft that comes after the sheet was saved would rise from the dead."""
        with self._draft_lock:
            if self._draft_wanted:
                save_draft(desk, DRAFT, self.subject.customer_id, values)
            return self._draft_wanted

    def _draft_written(self, kept: bool) -> None:
        self._tell_draft(kept=kept)

    def _forget_draft(self, desk: Desk) -> None:
        """In a thread."""
        with self._draft_lock:
            self._draft_wanted = False
            drop_draft(desk, DRAFT, self.subject.customer_id)

    def _tell_draft(self, *, kept: bool) -> None:
        self.desk_app.set_status(dataclasses.replace(self.desk_app.status, draft=kept))

    def action_discard_draft(self) -> None:
        """Throw away what was typed and begin anew."""
        self.call(self._forget_draft, then=self._begin_anew, group=WRITES)

    def _begin_anew(self, _dropped: None) -> None:
        self.subject = dataclasses.replace(self.subject, form_key=secrets.token_hex(16))
        self._draft_wanted = True
        self._tell_draft(kept=False)
        self._begin()
        self._note(N_("The draft was discarded."))

    def action_close(self) -> None:
        """Back to where one was. What was typed stays as a draft."""
        if self.form.touched:
            self._keep(self.form.values)
            self.desk_app.toast(_("The draft is kept; opening the sheet again offers it."))
        self.dismiss()

    @on(Choice.Changed, "#input-outcome")
    def _say_what_follows(self) -> None:
        """After an attempt the follow-up comes back by itself; say when."""
        message, values = self._standing_note
        code = str(self.form.values["outcome"] or "")
        if code and disposition_of(code).attempt and self.subject.followup_id is not None:
            again = local(proposed_try(self.desk), self.desk.clock)
            message = N_("Nobody reached: without a next step it comes back {time}.")
            values = {"time": f"{again:%Y-%m-%d %H:%M}"}
        note = self.query_one("#sheet-note", MessageText)
        note.set_class(not message, "-empty")
        note.set_message(message, **values)

    def action_brief(self) -> None:
        """Script, reasons, last contact and promises in full."""
        if self._brief is not None:
            self.app.push_screen(BriefDialog(self._brief))

    def action_reveal(self) -> None:
        """Show the number for this call, or hide it again; that it was read is written down."""
        head = self.query_one(SheetHead)
        if head.number_shown:
            head.hide_number()
        elif self._brief is not None and self._brief.phone is not None:
            self.call(
                reveal,
                self.subject.customer_id,
                "channel",
                REVEAL_REASON,
                row_id=self._brief.phone.channel_id,
                then=self._show_number,
                group=WRITES,
            )

    def _show_number(self, number: str) -> None:
        if self.is_current:
            self.query_one(SheetHead).show_number(number)

    @on(Form.Submitted)
    def action_save(self) -> None:
        """Save once; what is missing is told beside its field."""
        if self._saving:
            return
        try:
            contact = self.form.contact(self.subject, self.desk.clock)
        except InvalidError as error:
            self._refused(error)
            return
        self._saving = True
        self.call(self._log, contact, then=self._logged, failed=self._refused, group=WRITES)

    def _log(self, desk: Desk, contact: NewInteraction) -> Saved:
        """In a thread."""
        logged = log_interaction(desk, contact)
        self._forget_draft(desk)
        following = logged.next_in_queue if self.subject.followup_id is not None else None
        next_customer_id = None if following is None else brief(desk, following).customer_id
        return Saved(logged, contact.outcome, next_customer_id)

    def _refused(self, error: DeskError) -> None:
        self._saving = False
        self.form.flush()
        if not self.form.show_refusal(error):
            self.desk_app.toast(str(error), severity="error")

    def _logged(self, saved: Saved) -> None:
        self._saving = False
        self._tell_draft(kept=False)
        if saved.logged.change_set is None:
            self._saved_before()
            return
        self._saved = saved
        offer_undo(self.desk_app, self._sentence(saved), saved.logged.change_set.id)
        if self.is_current:
            self._go_on(saved)

    def _saved_before(self) -> None:
        """The same sheet was saved before a crash. Another contact needs a key of its own."""
        self.subject = dataclasses.replace(self.subject, form_key=secrets.token_hex(16))
        self._draft_wanted = True
        self._note(
            N_("This sheet had been saved already. If this is another contact, save once more.")
        )

    def _sentence(self, saved: Saved) -> str:
        """What was saved, in words, with what it did to the cadence."""
        name = plain(self._brief.customer_name, 30) if self._brief else ""
        outcome, day = outcome_text(saved.outcome), saved.logged.next_contact_by
        if day is None:
            return _("Saved: {name}, {outcome}.", name=name, outcome=outcome)
        return _(
            "Saved: {name}, {outcome}. Next contact by {day}.", name=name, outcome=outcome, day=day
        )

    def _go_on(self, saved: Saved) -> None:
        """To the next customer; after the last one, or a contact out of the blue, back."""
        following = saved.logged.next_in_queue
        if saved.next_customer_id is not None:
            self.app.switch_screen(CallSheetScreen(saved.next_customer_id, following))
            return
        if self.subject.followup_id is not None:
            self.desk_app.toast(_("That was the last one that is due now."))
        self.dismiss()
