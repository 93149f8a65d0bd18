"""The input for several lines; imported with the first form that has one."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import TextArea

from deskcrm.rules.text import clean_multiline


class NoteInput(TextArea):
    """Several lines of text; Tab leaves it."""

    DEFAULT_CSS = """
    NoteInput { height: 3; background: $panel; }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(
            clean_multiline(value),
            compact=True,
            highlight_cursor_line=False,
            placeholder=Content(placeholder),
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
