"""The customer form: take down a new customer, or change what the file says."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from textual import on

from deskcrm.actions import bindings
from deskcrm.clock import local
from deskcrm.errors import DeskError, InvalidError, StaleEditError
from deskcrm.i18n import N_, _, translate
from deskcrm.models import CustomerKind
from deskcrm.screens.base import WRITES
from deskcrm.screens.customer import CustomerScreen
from deskcrm.screens.customer_entry import NAME_CELLS, CustomerEntryScreen
from deskcrm.screens.customer_fields import label_of
from deskcrm.screens.customer_kinds import EXPLAINED, KindList
from deskcrm.screens.customer_lookup import Looked, Opening, opening, store
from deskcrm.screens.customer_pages import CustomerPages, field_name
from deskcrm.screens.kept_draft import KeptDraft
from deskcrm.screens.undoing import offer_undo
from deskcrm.services.customer_form import FORM, CustomerForm, Saved, Verdict, load_form
from deskcrm.services.duplicates import By, Possible
from deskcrm.widgets.customer_line import word, words_of
from deskcrm.widgets.dialogs import pick
from deskcrm.widgets.forms import Form, Value
from deskcrm.widgets.inputs import Option
from deskcrm.widgets.text import MessageText, plain

DIFFERENT = "different"
IN_COMMON = {
    By.ID_NUMBER: N_("identity number"),
    By.CREDIT_CODE: N_("credit code"),
    By.PHONE: N_("phone"),
    By.NAME: N_("name and birth date"),
}


class CustomerFormScreen(CustomerEntryScreen):
    """A form in sections; what is typed is kept as a draft until it is saved or discarded."""

    SCOPE = "form"
    TITLE_ID = N_("Customer form")
    BINDINGS = bindings("form")

    def __init__(self, customer_id: int | None = None) -> None:
        super().__init__(customer_id)
        self._draft = KeptDraft(FORM, customer_id or 0)
        self._saved: Saved | None = None

    @property
    def header_title(self) -> str:
        if self.on_file is not None:
            title = _("Edit") + f" · {self.on_file.values['name']}"
        else:
            title = _("New customer")
        return title if self.kind is None else f"{title} · {word('kind', self.kind)}"

    def on_mount(self) -> None:
        self._note()
        self.say_everything()
        self._open()

    def _open(self) -> None:
        self.call(
            opening, self.customer_id, then=self._opened, failed=self._not_opened, group="open"
        )

    def _not_opened(self, error: DeskError) -> None:
        self.desk_app.toast(str(error), severity="error")
        self.dismiss()

    def _opened(self, found: Opening) -> None:
        """Begin with the file, and with what was typed before a crash, a lock or a change of
        mind; for a new customer, with the question of which kind."""
        self.on_file = found.form
        self.refresh_header()
        if found.draft is not None:
            values = self._draft.values = found.draft.values
            self._tell_draft(kept=True)
            saved_at = local(found.draft.saved_at, self.desk.clock)
            self._note(
                N_("Your draft of {time} is here again; ^R discards it."),
                time=f"{saved_at:%Y-%m-%d %H:%M}",
            )
            self.call_later(self.show_pages, CustomerKind(values["kind"]), values["fields"])
        elif found.form is not None:
            self.call_later(self.show_pages, found.form.kind, {})
        else:
            self.query(CustomerPages).remove()
            self.query_one("#form-kinds").display = True
            self.query_one(KindList).focus()

    @on(KindList.Chosen)
    async def _chosen(self, event: KindList.Chosen) -> None:
        event.stop()
        await self.show_pages(event.kind, {})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense at this moment."""
        if action == "open_twin" and not self.looked.visible_twins:
            return False
        if action == "change_kind" and not self._other_kinds():
            return False
        needs_form = action in {"save", "discard_draft"} or "section" in action
        if needs_form and self.kind is None:
            return False
        return super().check_action(action, parameters)

    def _other_kinds(self) -> list[CustomerKind]:
        """A new customer may be of any kind, a prospect may become a customer, others stay."""
        fixed = self.on_file is not None and self.on_file.kind is not CustomerKind.PROSPECT
        return [] if fixed or self.kind is None else [k for k in EXPLAINED if k is not self.kind]

    def action_change_kind(self) -> None:
        """Go on with the form of another kind; what both have is kept."""
        title = _("Which kind of customer?")
        if self.on_file is not None:
            title = _("What does the prospect become? The history stays.")
        options = [Option(kind.value, words_of("kind")[kind]) for kind in self._other_kinds()]
        pick(self, title, options, self._change_kind)

    def _change_kind(self, kind: str) -> None:
        self.call_later(self._become, CustomerKind(kind), self.typed)
        if self.on_file is not None and kind != self.on_file.kind:
            self._note(N_("Saving makes this prospect a customer; the history stays."))

    async def _become(self, kind: CustomerKind, typed: dict[str, Value]) -> None:
        await self.show_pages(kind, typed)
        self._keep()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        """Enter in the last field of a page goes on; on the last page it saves."""
        event.stop()
        if self.pages is not None and event.form is self.pages.forms[-1]:
            self.action_save()
        else:
            self.action_next_section()

    def action_save(self) -> None:
        """Save once; what is missing is told beside its field."""
        self._save(different=False)

    def _save(self, *, different: bool) -> None:
        if self.saving or self.pages is None:
            return
        self.saving = True
        self._note()
        self.call(
            store,
            self.entry,
            self.on_file,
            self._draft,
            different=different,
            then=self._stored,
            failed=self._not_saved,
            group=WRITES,
        )

    def _stored(self, result: Saved | Looked) -> None:
        self.saving = False
        if isinstance(result, Looked):
            self._keep()
            self.show_looked(result)
            self._ask_about(result)
            return
        self._saved = result
        self._tell_draft(kept=False)
        name = plain(str(self.typed.get("name") or self.filled["name"] or ""), NAME_CELLS)
        if result.change_set.entries:
            told = N_("{name} is on file.") if self.on_file is None else N_("{name} is saved.")
            offer_undo(self.desk_app, translate(told, name=name), result.change_set.id)
        else:
            self.desk_app.toast(_("Nothing was different; nothing was written."))
        if self.is_current:
            self._go_on(result)

    def _go_on(self, saved: Saved) -> None:
        """To everything about a new customer; back to where one was after an edit."""
        if self.customer_id is None:
            self.app.switch_screen(CustomerScreen(saved.id))
        else:
            self.dismiss()

    def on_screen_resume(self) -> None:
        """It was saved while something else was in front: go on now."""
        if self._saved is not None:
            self._go_on(self._saved)

    def _ask_about(self, found: Looked) -> None:
        """It is probably on file already: open that one, or say that this is somebody else."""
        twins = found.visible_twins
        options = [
            Option(str(one), _("Open {name}", name=plain(name, NAME_CELLS)))
            for one, name in twins.items()
        ]
        options.append(Option(DIFFERENT, N_("Somebody else: save as well"), "s"))
        pick(
            self,
            _("Is this customer on file already?"),
            options,
            self._answered,
            body="\n".join(map(_twin_line, found.twins)),
        )

    def _answered(self, answer: str) -> None:
        if answer == DIFFERENT:
            self._save(different=True)
        else:
            self.desk_app.open_customer(int(answer))

    def _not_saved(self, error: DeskError) -> None:
        """Keep the entry, and say beside the fields or under them what is wrong."""
        self.saving = False
        self._keep()
        if isinstance(error, StaleEditError):
            self.call(load_form, self.customer_id, then=self._changed_on_file, group="open")
        elif isinstance(error, InvalidError) and self.pages is not None:
            self.refused = True
            self.show_looked(dataclasses.replace(self.looked, verdict=Verdict(error.fields)))
            self._note(InvalidError.message)
            first = next((name for name in self.pages.fields if name in error.fields), "")
            self.call_later(self.pages.go_to, first)
        else:
            self._note(error.message, **error.values)

    def _changed_on_file(self, form: CustomerForm) -> None:
        """Somebody else saved first: put the entry over what they left."""
        before, typed = self.on_file, self.typed
        changed = {
            name
            for name, value in form.values.items()
            if before is not None and name != "kind" and value != before.values.get(name)
        }
        self.on_file = form
        self.changed_meanwhile = changed & typed.keys()
        self._note(
            N_(
                "This record was changed meanwhile: {fields}. Your entry is kept; look through it"
                " and save again."
            ),
            fields=self._labels(changed),
        )
        kind = self.kind_and_fields()[0] if form.kind is CustomerKind.PROSPECT else form.kind
        self.call_later(self.show_pages, kind, typed, field_name(self.focused))

    def _labels(self, names: set[str]) -> str:
        kind, fields = self.kind_and_fields()
        known = [translate(label_of(one, kind)) for name, one in fields.items() if name in names]
        return _(", ").join(known) or _("a masked field")

    @on(Form.Changed)
    def _keep(self) -> None:
        """Bring the draft up to what is typed; one that came to nothing is dropped."""
        if self.saving or self._saved is not None or self.kind is None:
            return
        before, self._draft.values = self._draft.values, self._draft_of(self.typed)
        if before is None and self._draft.values is None:
            return
        self.call(self._draft.settle, then=self._draft_settled, group=WRITES)

    def _draft_of(self, typed: dict[str, Value]) -> dict[str, Any] | None:
        converted = self.on_file is not None and self.kind is not self.on_file.kind
        if self.kind is None or not (typed or converted):
            return None
        return {"kind": self.kind.value, "fields": typed}

    def _draft_settled(self, kept: bool) -> None:
        self._tell_draft(kept=kept)

    def _tell_draft(self, *, kept: bool) -> None:
        self.desk_app.set_status(dataclasses.replace(self.desk_app.status, draft=kept))

    def action_discard_draft(self) -> None:
        """Throw away what was typed and begin anew; undo brings it back."""
        discarded = self._draft_of(self.typed)
        self._draft.values = None
        self.call(self._draft.settle, then=partial(self._begin_anew, discarded), group=WRITES)

    def _begin_anew(self, discarded: dict[str, Any] | None, _kept: bool) -> None:
        self._tell_draft(kept=False)
        self.forget_entry()
        self._note()
        self._open()
        if discarded is not None:
            take_back = partial(self._bring_back, discarded)
            self.desk_app.offer_undo(_("The draft was discarded."), take_back)

    def _bring_back(self, discarded: dict[str, Any]) -> None:
        self._draft.values = discarded
        self.call(self._draft.settle, then=lambda _kept: self._open(), group=WRITES)

    def on_screen_suspend(self) -> None:
        """What is typed is kept at once when a lock or another screen comes in front."""
        if self.pages is not None:
            self.pages.flush()

    def action_close(self) -> None:
        """Back to where one was. What was typed stays as a draft."""
        self._keep()
        if self._draft.values is not None:
            self.desk_app.toast(_("The draft is kept; opening the form again offers it."))
        self.dismiss()

    def _note(self, message: str = "", **values: object) -> None:
        """What is to be known about this form as a whole."""
        note = self.query_one("#form-note", MessageText)
        note.display = bool(message)
        note.set_message(message, **values)


def _twin_line(twin: Possible) -> str:
    """One who may be the same, and what is the same."""
    same = _(", ").join(translate(IN_COMMON[by]) for by in twin.by)
    if twin.customer_id is None:
        return _("With another officer: the same {what}", what=same)
    return _("{name}: the same {what}", name=plain(twin.name, NAME_CELLS), what=same)
