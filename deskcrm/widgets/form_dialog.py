"""A small form over a screen: filled in, saved, closed, with the errors beside its fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from deskcrm.errors import DeskError, FieldError, InvalidError
from deskcrm.i18n import N_, _
from deskcrm.rules.spoken_dates import SpokenDate
from deskcrm.widgets.forms import FieldSpec, Form
from deskcrm.widgets.shell import WRITES, DeskModal
from deskcrm.widgets.text import SafeStatic, show

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk

T = TypeVar("T")


class Entered:
    """What was typed into the form, for the call that saves it."""

    def __init__(self, form: Form) -> None:
        self._values = form.values
        self._dates = form.dates

    def text(self, name: str) -> str:
        """A text or a chosen option; empty where there is none."""
        return str(self._values[name] or "")

    def chosen(self, name: str) -> str:
        """The chosen option; an ``InvalidError`` where none is."""
        if not self.text(name):
            raise InvalidError({name: FieldError(N_("Choose one of the list."))})
        return self.text(name)

    def whole(self, name: str) -> int | None:
        """A whole number; ``None`` for nothing, an ``InvalidError`` for anything else."""
        text = self.text(name).rstrip("%").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 6):
            raise InvalidError({name: FieldError(N_("A whole number, please."))})
        return int(text) if text else None

    def date(self, name: str) -> SpokenDate | None:
        """A date as it was understood."""
        spoken = self._dates[name]
        if spoken is None and self.text(name):
            raise InvalidError(
                {name: FieldError(N_("This is not read as a date that can be taken."))}
            )
        return spoken


class FormDialog(DeskModal[T]):
    """``save`` is called in the background with the desk and what was entered; its result closes
    the dialog. An ``InvalidError`` goes beside the fields, any other under the form."""

    DEFAULT_CSS = """
    FormDialog > .dialog { width: 72; }
    FormDialog .dialog-title { text-style: bold; margin-bottom: 1; }
    FormDialog .dialog-error { color: $text-error; height: auto; }
    FormDialog .dialog-keys { color: $text-muted; margin-top: 1; }
    """
    BINDINGS: ClassVar = [("ctrl+s,ctrl+o", "save", "")]

    def __init__(
        self, title: str, fields: Sequence[FieldSpec], save: Callable[[Desk, Entered], T]
    ) -> None:
        super().__init__()
        self._title_text = title
        self._save = save
        self._saving = False
        self._form = Form(fields)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield SafeStatic(show(self._title_text), classes="dialog-title")
            yield self._form
            yield SafeStatic(classes="dialog-error")
            yield SafeStatic(
                _("Enter in the last field or ^S: save · Esc: close"), classes="dialog-keys"
            )

    def on_mount(self) -> None:
        self._form.focus_field(next(iter(self._form.fields)))

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.action_save()

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        event.stop()

    def action_save(self) -> None:
        """Save what was entered, once at a time."""
        if self._saving:
            return
        self._saving = True
        self.query_one(".dialog-error", SafeStatic).update("")
        self.call(
            self._save, Entered(self._form), then=self.dismiss, failed=self._failed, group=WRITES
        )

    def _failed(self, error: DeskError) -> None:
        self._saving = False
        if isinstance(error, InvalidError) and error.fields.keys() <= self._form.fields.keys():
            self._form.show_errors(error.fields)
        else:
            self.query_one(".dialog-error", SafeStatic).update(show(f"! {error}"))
