"""Every action by its name: English, Chinese, pinyin or initials."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from deskcrm.actions import ACTIONS, APP, Action, in_scope, key_label, keys_of, matches
from deskcrm.i18n import N_, _
from deskcrm.rules.text import cell_width
from deskcrm.widgets.inputs import LineInput
from deskcrm.widgets.shell import DeskModal, Shell
from deskcrm.widgets.text import MessageText

TITLE_CELLS = 40


class PaletteScreen(DeskModal[str]):
    """Offers what the officer may do on the screen below and everywhere; answers an action id."""

    DEFAULT_CSS = """
    PaletteScreen { align: center top; }
    PaletteScreen > .dialog { margin-top: 2; }
    PaletteScreen OptionList { height: auto; max-height: 14; border: none; padding: 0;
                               background: $surface; margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]

    def __init__(self, owner: Screen[Any]) -> None:
        super().__init__()
        self._owner = owner

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield LineInput(placeholder=_("What do you want to do?"))
            yield OptionList(markup=False)
            yield MessageText(N_("Enter: do it · arrows: choose · Esc: close"), classes="hint")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._offer("")

    def offered(self, query: str) -> list[Action]:
        """The actions that match what was typed: the screen's own first, then the app's."""
        scope = self._owner.SCOPE if isinstance(self._owner, Shell) else ""
        return [
            action
            for action in [*in_scope(scope), *in_scope(APP)]
            if action.palette
            and self.desk_app.permits(action, self._owner)
            and matches(action, query)
        ]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._offer(event.value)

    def _offer(self, query: str) -> None:
        overrides = self.desk_app.settings.keymap
        options = self.query_one(OptionList)
        options.set_options(
            Option(_line(action, keys_of(action, overrides)), id=action.id)
            for action in self.offered(query)
        )
        options.action_first()

    def action_move(self, way: str) -> None:
        """Move in the list while the cursor stays in the input."""
        options = self.query_one(OptionList)
        getattr(options, f"action_{way}")()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        chosen = self.query_one(OptionList).highlighted_option
        if chosen is not None:
            self.dismiss(chosen.id)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)


async def run(owner: Screen[Any], action_id: str | None) -> None:
    """Run what was chosen on the screen it was chosen for."""
    if action_id is not None:
        action = ACTIONS[action_id]
        namespace = APP if action.scope == APP else "screen"
        await owner.run_action(f"{namespace}.{action.verb}")


def _line(action: Action, keys: tuple[str, ...]) -> Content:
    title = _(action.title)
    padding = " " * max(TITLE_CELLS - cell_width(title), 1)
    label = " ".join(key_label(key) for key in keys)
    return Content.assemble(title, padding, (label, "$foreground-muted"))
