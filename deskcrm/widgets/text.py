"""The one way in which text of customers reaches a widget.

``show()`` cleans it of control, format and bidi characters and returns ``Content``, which Textual
does not parse as markup. ``SafeFilter`` is the backstop behind it: it looks at every line just
before it is written to the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rich.segment import Segment
from rich.text import Text
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Label, Static

from deskcrm.i18n import language, translate
from deskcrm.rules.text import clean, clean_multiline, shorten

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from textual.visual import VisualType


def signed(sign: str, sentence: str) -> str:
    """A sentence with a sign before it. Chinese, which has no spaces to break a line at, follows
    at once: else the sign would stand alone on the first of several lines."""
    return sign + sentence if language() == "zh_CN" else f"{sign} {sentence}"


class HasMaskedText(Protocol):
    """A sensitive value as it leaves a service: only the masked text is in it."""

    @property
    def text(self) -> str: ...


Shown = str | HasMaskedText | None


def plain(text: Shown, width: int | None = None) -> str:
    """The cleaned text, cut to ``width`` terminal cells with ``…`` where it is longer."""
    if text is None:
        return ""
    cleaned = clean(text if isinstance(text, str) else text.text)
    return cleaned if width is None else shorten(cleaned, width)


def show(text: Shown, width: int | None = None, style: str = "") -> Content:
    """Text of customers, ready for any widget: cleaned, never parsed as markup, cut to ``width``
    terminal cells. ``style`` is a Textual style such as ``"bold $warning"``."""
    content = Content(plain(text, width))
    return content.stylize(style) if style else content


def show_lines(text: Shown, style: str = "") -> Content:
    """The same for text of several lines, such as a note: line breaks stay."""
    if text is None:
        return Content("")
    content = Content(clean_multiline(text if isinstance(text, str) else text.text))
    return content.stylize(style) if style else content


def cell(text: Shown, width: int | None = None, justify: JustifyMethod = "left") -> Text:
    """The same for a cell of a table, which Textual renders with Rich."""
    return Text(plain(text, width), no_wrap=True, overflow="ellipsis", justify=justify, end="")


class SafeStatic(Static):
    """A ``Static`` that takes strings as they are; give it ``show(...)`` for customer text."""

    def __init__(
        self,
        content: VisualType = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(content, markup=False, id=id, classes=classes)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show something else; the same again is neither laid out nor painted."""
        if not _same(content, self.content):
            super().update(content, layout=layout)


def _same(one: VisualType, other: VisualType) -> bool:
    if isinstance(one, Content) and isinstance(other, Content):
        return one.plain == other.plain and one.spans == other.spans
    return isinstance(one, str) and isinstance(other, str) and one == other


class SafeLabel(Label):
    """A ``Label`` that takes strings as they are."""

    def __init__(
        self,
        content: VisualType = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(content, markup=False, id=id, classes=classes)


class MessageText(SafeStatic):
    """One of our own messages, in the language in force; follows a live switch of the language."""

    def __init__(
        self,
        message: str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_message(message, **values)

    def set_message(self, message: str, **values: object) -> None:
        """Show another message id; ``values`` fill its placeholders and are cleaned."""
        self._message = message
        self._values = {
            name: plain(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
        self.refresh_language()

    def refresh_language(self) -> None:
        """Read the message again in the language in force."""
        self.update(Content(translate(self._message, **self._values)))


class SafeFilter(LineFilter):
    """Replaces whatever could act on the terminal in the lines that are about to be written."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(text.isprintable() for text, _style, _control in segments):
            return segments
        return [
            segment if segment.text.isprintable() else segment._replace(text=_inert(segment.text))
            for segment in segments
        ]


def _inert(text: str) -> str:
    return "".join(clean(char) or "?" for char in text)
