"""The form of a customer page by page: one section at a time, each made when it is first opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import DescendantBlur
from textual.message import Message
from textual.widget import Widget

from deskcrm.errors import DeskError
from deskcrm.i18n import _
from deskcrm.screens.customer_fields import Section
from deskcrm.widgets.forms import Field, FieldSpec, Form, Value
from deskcrm.widgets.inputs import Choice, LineInput
from deskcrm.widgets.tab_strip import TabStrip
from deskcrm.widgets.text import SafeStatic, plain, show, signed


class CustomerField(Field):
    """A field that reads its value back, and shows the stars of a stored one in its place."""

    DEFAULT_CSS = """
    CustomerField .field-remark { display: none; color: $text-success; height: auto; }
    CustomerField.-remark .field-remark { display: block; }
    CustomerField.-warned .field-remark { color: $text-warning; }
    CustomerField.-error .field-remark { display: none; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.masked = ""
        self._said = ("", "", False)
        self._remark_line = SafeStatic(classes="field-remark")

    @property
    def field_help(self) -> str:
        if not self.masked:
            return super().field_help
        return super().field_help + " " + _("Kept as it is unless typed anew; - takes it off.")

    def show_masked(self, stars: str) -> None:
        """Show that something is stored, without what it is; the field itself stays empty."""
        self.masked = plain(stars)
        cast("LineInput", self.editor).placeholder = self.masked

    def say(self, error: DeskError | None, remark: str, *, warning: bool = False) -> None:
        """Say under the value what is wrong, or else remark on it; written only if it is new, as
        it moves what stands below."""
        said = ("" if error is None else str(error), remark, warning)
        if said != self._said:
            self._said = said
            self.error = error
            self._remark(remark, warning)

    def _remark(self, sentence: str, warning: bool) -> None:
        self.set_class(bool(sentence), "-remark")
        self.set_class(warning, "-warned")
        self._remark_line.update(show(signed("?", sentence) if warning else sentence))

    def set_label(self, width: int) -> None:
        super().set_label(width)
        self._error_line.styles.padding = self._remark_line.styles.padding = (0, 0, 0, width)

    def _echoes(self) -> tuple[list[Widget], list[Widget]]:
        return [], [self._remark_line]


class SectionForm(Form):
    """One page. A key that takes a choice also goes on to the next field; in the last field it
    does not, since going on from there may save."""

    FIELD = CustomerField

    @on(Choice.Picked)
    def _picked(self, event: Choice.Picked) -> None:
        event.stop()
        if event.choice is not list(self.fields.values())[-1].editor:
            self.action_next_field()


class CustomerPages(Vertical):
    """The sections of a form under a strip with their titles. Values are those of all sections,
    also of those that were not opened yet."""

    DEFAULT_CSS = """
    CustomerPages { height: auto; max-height: 1fr; }
    CustomerPages > TabStrip { background: $panel; margin-bottom: 1; }
    """

    class Left(Message):
        """The cursor left a field: now its value is what somebody meant."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self.titles = [section.title for section in sections]
        self.forms = [SectionForm(section.fields) for section in sections]
        self.place = 0
        self.fields = {
            name: cast("CustomerField", field)
            for form in self.forms
            for name, field in form.fields.items()
        }
        """All fields by name, in the order of the pages."""

    def compose(self) -> ComposeResult:
        yield TabStrip(self.titles)

    @property
    def values(self) -> dict[str, Value]:
        """What is entered, by field name."""
        return {name: value for form in self.forms for name, value in form.values.items()}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Fill fields in; names that this kind of customer does not have are left out."""
        for form in self.forms:
            form.set_values(values)

    def flush(self) -> None:
        """Tell at once what was entered."""
        for form in self.forms:
            form.flush()

    async def open(self, place: int, name: str = "") -> None:
        """Show a page, round the ends, with the cursor in a field: the first unless told."""
        self.place = place % len(self.forms)
        wanted = self.forms[self.place]
        for form in self.forms:
            form.display = form is wanted
        if not wanted.is_attached:
            await self.mount(wanted)
        self.query_one(TabStrip).show_open(self.place)
        wanted.focus_field(name or next(iter(wanted.fields)))

    async def go_to(self, name: str) -> None:
        """Show the page of a field, with the cursor in it."""
        for place, form in enumerate(self.forms):
            if name in form.fields:
                await self.open(place, name)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        name = field_name(event.widget)
        if name:
            self.post_message(self.Left(name))

    @on(TabStrip.Clicked)
    async def _clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        await self.open(event.number)


def field_name(editor: Widget | None) -> str:
    """The name of the field that an input belongs to; empty for anything else."""
    return (editor.id or "").removeprefix("input-") if editor is not None else ""
