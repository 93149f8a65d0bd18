"""Forms are declared: a list of ``FieldSpec`` becomes inputs, two in a row where they fit.

    Form([
        FieldSpec("name", N_("Name"), required=True),
        FieldSpec("kind", N_("Kind"), "choice", choices=(Option("person", N_("Person")), …)),
        FieldSpec("note", N_("Note"), "multiline"),
    ])

The error of a field stands under it, its help in the last line of the form while it has the focus.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from deskcrm.errors import DeskError
from deskcrm.i18n import N_, translate
from deskcrm.rules.text import cell_width, clean, clean_multiline
from deskcrm.widgets.inputs import Choice, LineInput, Option, PasswordInput
from deskcrm.widgets.text import SafeStatic, plain, signed

if TYPE_CHECKING:
    from deskcrm.rules.spoken_dates import SpokenDate
    from deskcrm.widgets.notes import NoteInput
    from deskcrm.widgets.spoken_date import DateInput

    Editor = LineInput | NoteInput | Choice

Kind = Literal[
    "text", "multiline", "date", "money", "choice", "bool", "phone", "identity", "password"
]
Value = str | bool | None

DRAFT_SECONDS = 1.5
HALF_WIDTH = 24
LABEL_CELLS = 16
DATE_CELLS = 22
YES_NO = (Option("yes", N_("Yes"), "y"), Option("no", N_("No"), "n"))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. ``label`` and ``help`` are message ids; ``width`` is the room its value needs in
    terminal cells: up to 24 it shares a row with its neighbour. ``suggestions`` are completed
    while typing (right arrow takes one). ``future_only`` is for dates."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    choices: Sequence[Option] = ()
    help: str = ""
    width: int = HALF_WIDTH
    suggestions: Sequence[str] = ()
    future_only: bool = True

    @property
    def shares_row(self) -> bool:
        """Is half a row enough?"""
        return self.kind != "multiline" and self.width <= HALF_WIDTH


class Field(Vertical):
    """Label, input and, when there is one, the error of a field."""

    DEFAULT_CSS = """
    Field { height: auto; width: 1fr; padding: 0 1 0 0; }
    Field > Horizontal { height: auto; }
    Field .label { height: 1; color: $text-muted; text-wrap: nowrap; }
    /* Without a rule of its own, Textual does not restyle a field's children as the focus moves. */
    Field:focus-within { color: $foreground; }
    Field:focus-within .label { color: $text-accent; text-style: bold; }
    Field LineInput, Field NoteInput, Field Choice { width: 1fr; }
    Field .field-error { display: none; color: $text-error; height: auto; }
    Field.-error .field-error { display: block; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(id=f"field-{spec.name}")
        self.spec = spec
        self.editor = editor_for(spec)
        self._label = SafeStatic(classes="label")
        self._error_line = SafeStatic(classes="field-error")
        self._error: DeskError | str | None = None

    @property
    def field_help(self) -> str:
        """What F1 says about this field."""
        return translate(self.spec.help)

    @property
    def value(self) -> Value:
        """What is entered: text as typed and cleaned, ``None`` where nothing is, or yes or no."""
        entered = self._entered
        if self.spec.kind == "multiline":
            return clean_multiline(entered).strip() or None
        if self.spec.kind == "bool":
            return None if not entered else entered == "yes"
        if self.spec.kind == "password":
            return entered or None
        return clean(entered).strip() or None

    @value.setter
    def value(self, value: Value) -> None:
        text = ("yes" if value else "no") if isinstance(value, bool) else value or ""
        if self.spec.kind == "multiline":
            cast("NoteInput", self.editor).text = clean_multiline(text)
        else:
            cast("LineInput | Choice", self.editor).value = clean(text)

    @property
    def _entered(self) -> str:
        if self.spec.kind == "multiline":
            return cast("NoteInput", self.editor).text
        return cast("LineInput | Choice", self.editor).value

    @property
    def error(self) -> DeskError | str | None:
        """What is wrong with the value."""
        return self._error

    @error.setter
    def error(self, error: DeskError | str | None) -> None:
        self._error = error
        self.set_class(error is not None, "-error")
        self._error_line.update(
            Content(signed("!", plain(str(error))) if error is not None else "")
        )

    def compose(self) -> ComposeResult:
        beside, below = self._echoes()
        with Horizontal():
            yield self._label
            yield self.editor
            yield from beside
        yield from below
        yield self._error_line

    def _echoes(self) -> tuple[list[Widget], list[Widget]]:
        """What reads a date back: beside the input where there is room, else below it."""
        if self.spec.kind != "date":
            return [], []
        from deskcrm.widgets.spoken_date import DateEcho

        echo = DateEcho(cast("DateInput", self.editor))
        if self.spec.shares_row:
            return [], [echo]
        self.editor.styles.width = DATE_CELLS
        return [echo], []

    def label_text(self) -> str:
        """The translated label; a star marks what is required."""
        return translate(self.spec.label) + (" *" if self.spec.required else "")

    def set_label(self, width: int) -> None:
        """Write the label into a column of ``width`` cells."""
        self._label.styles.width = width
        self._error_line.styles.padding = (0, 0, 0, 0 if self.spec.shares_row else width)
        self._label.update(Content(plain(self.label_text(), width - 1)))
        self.error = self._error


def editor_for(spec: FieldSpec) -> Editor:
    """The input for a kind of field."""
    name = f"input-{spec.name}"
    if spec.kind == "multiline":
        from deskcrm.widgets.notes import NoteInput

        return NoteInput(id=name)
    if spec.kind == "choice":
        return Choice(spec.choices, id=name)
    if spec.kind == "bool":
        return Choice(YES_NO, id=name)
    if spec.kind == "password":
        return PasswordInput(id=name)
    if spec.kind == "date":
        from deskcrm.widgets.spoken_date import DateInput

        return DateInput(future_only=spec.future_only, id=name)
    return LineInput(id=name, suggestions=spec.suggestions)


class Form(VerticalScroll, can_focus=False):
    """Inputs for a list of fields. Enter and the down arrow go on, the up arrow goes back; Enter
    in the last field posts ``Submitted``; ``Changed`` comes within two seconds of typing."""

    DEFAULT_CSS = """
    Form { height: auto; max-height: 1fr; padding: 0 1; }
    Form .form-row { height: auto; }
    Form #form-help { height: auto; min-height: 1; color: $text-muted; }
    """
    FIELD: ClassVar[type[Field]] = Field
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "next_field", show=False),
        Binding("up", "previous_field", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Something was entered since the last time; keep ``values`` as a draft."""

        form: Form
        values: dict[str, Value]

    @dataclass
    class Submitted(Message):
        """Enter was pressed in the last field."""

        form: Form

    def __init__(
        self,
        fields: Sequence[FieldSpec],
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.fields = {spec.name: self.FIELD(spec) for spec in fields}
        self._saved: dict[str, Value] = {}
        self._timer: Timer | None = None
        self._help = SafeStatic(id="form-help")

    @property
    def values(self) -> dict[str, Value]:
        """What is entered, by field name. Dates and money are as typed: rules read them."""
        return {name: field.value for name, field in self.fields.items()}

    @property
    def dates(self) -> dict[str, SpokenDate | None]:
        """What the date fields were understood as; ``None`` where nothing was."""
        return {
            name: cast("DateInput", field.editor).spoken
            for name, field in self.fields.items()
            if field.spec.kind == "date"
        }

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Fill fields in; not a change, so no draft comes of it. Unknown names are left out."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].value = value
        self._saved = self.values

    def show_errors(self, errors: Mapping[str, DeskError | str]) -> None:
        """Show each error under its field, take the others off, go to the first one."""
        for name, field in self.fields.items():
            field.error = errors.get(name)
        for name, field in self.fields.items():
            if name in errors:
                field.editor.focus()
                break

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field."""
        self.fields[name].editor.focus()

    def compose(self) -> ComposeResult:
        for row in rows_of(list(self.fields.values())):
            yield Horizontal(*row, classes="form-row")
        yield self._help

    def on_mount(self) -> None:
        self._saved = self.values
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write labels, errors and help again in the language in force."""
        rows = rows_of(list(self.fields.values()))
        for place in (0, 1):
            column = [row[place] for row in rows if len(row) > place]
            widest = max((cell_width(field.label_text()) for field in column), default=0)
            for field in column:
                field.set_label(min(widest, LABEL_CELLS) + 1)

    def action_next_field(self) -> None:
        """Go to the next field, or submit from the last one that is shown."""
        editors = [field.editor for field in self.fields.values() if field.display]
        if editors and self.screen.focused is editors[-1]:
            self.post_message(self.Submitted(self))
        else:
            self.screen.focus_next()

    def action_previous_field(self) -> None:
        """Go to the field before."""
        self.screen.focus_previous()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_next_field()

    @on(Input.Changed)
    @on(Choice.Changed)
    def _typed(self) -> None:
        if self._timer is None and self.values != self._saved:
            self._timer = self.set_timer(DRAFT_SECONDS, self.flush)

    def on_text_area_changed(self) -> None:
        self._typed()

    def flush(self) -> None:
        """Tell at once about what was entered, without waiting; call it before leaving."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        values = self.values
        if values != self._saved:
            self._saved = values
            self.post_message(self.Changed(self, values))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        field = next((node for node in event.widget.ancestors if isinstance(node, Field)), None)
        self._help.update(Content(plain(field.field_help)) if field is not None else "")


def rows_of(fields: Iterable[Field]) -> list[list[Field]]:
    """Neighbours that need at most half a row each share one."""
    rows: list[list[Field]] = []
    for field in fields:
        last = rows[-1] if rows else []
        if field.spec.shares_row and len(last) == 1 and last[0].spec.shares_row:
            last.append(field)
        else:
            rows.append([field])
    return rows
