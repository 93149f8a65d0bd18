"""What can be done from the customer screen. Everything here can be undone, except reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from textual.timer import Timer

from deskcrm.i18n import N_, _, translate
from deskcrm.screens.base import WRITES, DeskScreen
from deskcrm.screens.customer_forms import FORMS, Adding, followup_form, tag_form
from deskcrm.screens.customer_tabs.base import Hidden
from deskcrm.services.customer_360 import Customer360
from deskcrm.services.customers import pin_note, set_do_not_call
from deskcrm.services.reveal import reveal
from deskcrm.services.tags import all_tags, remove_tag
from deskcrm.services.undo import Undone, undo
from deskcrm.vault.session import ChangeSet
from deskcrm.widgets.dialogs import ask_reason, ask_text, pick
from deskcrm.widgets.inputs import Option
from deskcrm.widgets.text import SafeStatic, plain, show

SHOWN_SECONDS = 30.0
NEW_TAG = "+"


class CustomerActions(DeskScreen[None]):
    """The actions of ``CustomerScreen``; ``view`` is what it shows, ``reload`` reads it again."""

    def __init__(self, customer_id: int) -> None:
        super().__init__()
        self.customer_id = customer_id
        self.view: Customer360 | None = None
        self.covered = False
        self._hiding: Timer | None = None

    def reload(self) -> None:
        """Read everything that is shown again."""

    def hidden_values(self) -> Sequence[Hidden]:
        """What can be revealed on the tab that is open."""
        return ()

    def done(self, sentence: str, change: ChangeSet) -> None:
        """Something was written: show it, and offer to take it back."""
        self.reload()
        if change.entries:
            self.desk_app.offer_undo(sentence, partial(self._take_back, change.id))

    def _take_back(self, change_id: int) -> None:
        self.call(undo, change_id, then=self._taken_back, group=WRITES)

    def _taken_back(self, undone: Undone) -> None:
        self.reload()
        kept = _("A later change was kept.") if undone.kept else ""
        self.desk_app.toast(" ".join(part for part in (_("Taken back."), kept) if part))

    def action_call_sheet(self) -> None:
        """Take down a contact."""
        self.desk_app.open_call_sheet(self.customer_id)

    def action_edit(self) -> None:
        """Change the file."""
        self.desk_app.open_customer_form(self.customer_id)

    def action_add_followup(self) -> None:
        """Say what is to be done, and when."""
        self._add("followup", followup_form(self.customer_id))

    def action_more(self) -> None:
        """Pick what is to be added."""
        options = [Option(name, title) for name, (title, _make) in FORMS.items()]
        pick(
            self,
            _("Add to this customer"),
            options,
            lambda name: self._add(name, FORMS[name][1](self.customer_id)),
        )

    def _add(self, name: str, form: Adding) -> None:
        def added(change: ChangeSet | None) -> None:
            if change is not None:
                self.done(_("Added: {what}.", what=translate(FORMS[name][0])), change)

        self.app.push_screen(form, added)

    def action_pin_note(self) -> None:
        """Pin a note to the top, change it, or take it off."""
        if self.view is None:
            return
        before = next((str(a.values["note"]) for a in self.view.alerts if a.code == "pinned"), "")
        label = _("It stands above the tabs for everybody; leave it empty to take it off.")
        ask_text(self, _("Pinned note"), self._pin, label=label, value=before)

    def _pin(self, note: str) -> None:
        sentence = _("Note pinned.") if note else _("Note taken off.")
        self._write(sentence, pin_note, self.customer_id, note)

    def action_do_not_call(self) -> None:
        """Write down that the customer must not be called, or may be again."""
        if self.view is None:
            return
        wanted = all(alert.code != "do_not_call" for alert in self.view.alerts)
        sentence = _("Marked: do not call.") if wanted else _("The customer may be called again.")
        self._write(sentence, set_do_not_call, self.customer_id, wanted)

    def action_tags(self) -> None:
        """Put a tag on, or take one off."""
        if self.view is None:
            return
        tags = self.view.overview.tags
        if not tags:
            self._tagging("")
            return
        options = [Option(NEW_TAG, N_("Add a tag"), "a")]
        options += [Option(tag, _("take off: {tag}", tag=plain(tag))) for tag in tags]
        pick(self, _("Tags"), options, self._tagging)

    def _tagging(self, tag: str) -> None:
        if tag and tag != NEW_TAG:
            self._write(_("Tag taken off."), remove_tag, self.customer_id, tag)
        else:
            self.call(all_tags, then=self._new_tag, group="tags")

    def _new_tag(self, known: Sequence[str]) -> None:
        def added(change: ChangeSet | None) -> None:
            if change is not None:
                self.done(_("Tag added."), change)

        self.app.push_screen(tag_form(self.customer_id, known), added)

    def _write(self, sentence: str, service: Callable[..., ChangeSet], *args: Any) -> None:
        self.call(service, *args, then=partial(self.done, sentence), group=WRITES)

    def action_reveal(self) -> None:
        """Show a masked value in clear, for a reason that goes into the ledger."""
        hidden = {f"{one.field}-{one.row_id}": one for one in self.hidden_values()}
        if not hidden:
            self.desk_app.toast(_("There is no masked value on this tab."))
            return
        options = [Option(key, one.label) for key, one in hidden.items()]
        pick(
            self,
            _("Show in clear"),
            options,
            lambda key: self._why(hidden[key]),
            body=_("That you read it, and why, goes into the audit trail."),
        )

    def _why(self, hidden: Hidden) -> None:
        title = _("Why do you need to see it?  {what}", what=plain(hidden.label))
        ask_reason(self, title, partial(self._reveal, hidden))

    def _reveal(self, hidden: Hidden, reason: str) -> None:
        self.call(
            reveal,
            self.customer_id,
            hidden.field,
            reason,
            row_id=hidden.row_id,
            then=partial(self._show_clear, self.customer_id, hidden),
            group=WRITES,
        )

    def _show_clear(self, customer_id: int, hidden: Hidden, value: str) -> None:
        if self.app.screen is not self or customer_id != self.customer_id:
            return
        label = plain(hidden.label.split("  ")[0])
        line = self.query_one("#customer-clear", SafeStatic)
        until = _("hidden again in {n} seconds, or when you leave", n=int(SHOWN_SECONDS))
        line.update(show(f"{label}: {plain(value)}   ({until})"))
        line.display = True
        if self._hiding is not None:
            self._hiding.stop()
        self._hiding = self.set_timer(SHOWN_SECONDS, self.hide_clear)

    def hide_clear(self) -> None:
        """Take a value that is shown in clear off the screen."""
        line = self.query_one("#customer-clear", SafeStatic)
        line.update("")
        line.display = False

    def on_screen_suspend(self) -> None:
        """What was revealed does not outlast the look at it."""
        self.covered = True
        self.hide_clear()
