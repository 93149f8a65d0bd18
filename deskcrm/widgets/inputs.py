"""The inputs that forms are made of: compact, without blinking, each operable by keyboard alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from deskcrm.i18n import translate
from deskcrm.rules.text import clean

CHOICE_KEYS = "1234567890abcdefghijklmnopqrstuvwxyz"


class LineInput(Input):
    """One line of text, one line high."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """How wide the text is: unlike Textual's, not a reason to lay the screen out at every key."""

    DEFAULT_CSS = """
    LineInput { background: $panel; }
    LineInput:focus { background: $panel; text-style: underline; }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        max_length: int = 500,
        suggestions: Sequence[str] = (),
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(
            clean(value),
            placeholder=placeholder,
            password=password,
            max_length=max_length,
            suggester=SuggestFromList(suggestions, case_sensitive=False) if suggestions else None,
            select_on_focus=False,
            compact=True,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False


class PasswordInput(LineInput):
    """A password: shown as dots, never copied or cut to the clipboard."""

    def __init__(
        self,
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(
            placeholder=placeholder, password=True, max_length=256, id=id, classes=classes
        )

    def action_copy(self) -> None:
        """Refused: the clipboard of a terminal is shared with every program."""

    def action_cut(self) -> None:
        """Refused for the same reason."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. ``label`` is a message id or a name as it is; ``key`` is the key that
    takes it, otherwise its place in the list does (1, 2, … 0, a, b, …)."""

    value: str
    label: str
    key: str = ""


class Choice(Widget, can_focus=True):
    """One of a few options, all visible: its key takes it, arrows move, Backspace clears.

    The chosen one stands in brackets, so that it is told apart without colour.
    """

    DEFAULT_CSS = """
    Choice { height: auto; width: 1fr; background: $panel; }
    Choice:focus { text-style: underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
        Binding("backspace,delete", "clear", show=False),
    ]

    value: reactive[str] = reactive("", layout=True)

    @dataclass
    class Changed(Message):
        """Another option is chosen; ``value`` is empty when none is."""

        choice: Choice
        value: str

        @property
        def control(self) -> Choice:
            """The widget, for ``@on(Choice.Changed, "#id")``."""
            return self.choice

    @dataclass
    class Picked(Message):
        """An option was taken by its key, be it the same as before; a form may go on."""

        choice: Choice

        @property
        def control(self) -> Choice:
            """The widget, for ``@on(Choice.Picked, "#id")``."""
            return self.choice

    def __init__(
        self,
        options: Sequence[Option],
        value: str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.options = tuple(options)
        self.set_reactive(Choice.value, value)

    @property
    def keyed(self) -> dict[str, Option]:
        """The options by the key that takes them."""
        free = iter(CHOICE_KEYS)
        return {option.key or next(free): option for option in self.options}

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Its own keys are for the choice, not for actions of the screen."""
        return key in self.keyed

    def on_key(self, event: Key) -> None:
        option = self.keyed.get(event.character or event.key)
        if option is not None:
            event.stop()
            event.prevent_default()
            self.value = option.value
            self.post_message(self.Picked(self))

    def watch_value(self, before: str, after: str) -> None:
        if before != after and self.is_attached:
            self.post_message(self.Changed(self, after))

    def action_step(self, by: int) -> None:
        """Choose the next or the previous option."""
        values = [option.value for option in self.options]
        if values:
            place = values.index(self.value) + by if self.value in values else min(by, 0)
            self.value = values[place % len(values)]

    def action_clear(self) -> None:
        """Choose nothing."""
        self.value = ""

    def refresh_language(self) -> None:
        """Write the options again in the language in force."""
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the options need."""
        return len(self._lines(width))

    def render(self) -> Content:
        """All options with their keys; an option is never broken over two lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        lines = [Content("")]
        for key, option in self.keyed.items():
            label = clean(translate(option.label))
            chosen = option.value == self.value
            shown = Content.styled(
                f"[{key} {label}]" if chosen else f" {key} {label} ",
                "bold $text-accent" if chosen else "",
            )
            if lines[-1] and lines[-1].cell_length + shown.cell_length > width:
                lines.append(Content(""))
            lines[-1] += shown
        return lines
