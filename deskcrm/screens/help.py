"""The keys of the screen one came from, made from the registry of actions."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen

from deskcrm.actions import APP, SCOPES, Action, bindings, in_scope, key_label, keys_of
from deskcrm.i18n import N_, _
from deskcrm.rules.text import cell_width
from deskcrm.screens.base import DeskScreen
from deskcrm.widgets.shell import Shell
from deskcrm.widgets.text import SafeStatic, show

KEY_CELLS = 16


class HelpScreen(DeskScreen[None]):
    """Two columns: what this screen can do, what works everywhere; first the help of a field."""

    SCOPE = "help"
    TITLE_ID = N_("Help")
    BINDINGS = bindings("help")
    DEFAULT_CSS = """
    HelpScreen #columns { height: auto; }
    HelpScreen #columns > SafeStatic { width: 1fr; height: auto; padding: 0 1; }
    HelpScreen #about { height: auto; padding: 0 1 1 1; }
    """

    def __init__(self, owner: Screen[Any]) -> None:
        super().__init__()
        self._owner = owner
        self.GUARDED = isinstance(owner, Shell) and owner.GUARDED

    def compose_body(self) -> ComposeResult:
        with VerticalScroll():
            yield SafeStatic(id="about")
            with Horizontal(id="columns"):
                yield SafeStatic(id="here")
                yield SafeStatic(id="everywhere")

    def on_mount(self) -> None:
        self.refresh_language()

    def refresh_language(self) -> None:
        super().refresh_language()
        scope = self._owner.SCOPE if isinstance(self._owner, Shell) else ""
        self.query_one("#about", SafeStatic).update(show(field_help(self._owner)))
        self.query_one("#about").display = bool(field_help(self._owner))
        self.query_one("#here", SafeStatic).update(self._column(scope))
        self.query_one("#everywhere", SafeStatic).update(self._column(APP))

    def _column(self, scope: str) -> Content:
        overrides = self.desk_app.settings.keymap
        lines = [Content.styled(_(SCOPES[scope]), "bold $primary")] if scope in SCOPES else []
        lines += [
            _line(action, keys_of(action, overrides))
            for action in in_scope(scope)
            if self.desk_app.permits(action, self._owner)
        ]
        return Content("\n").join(lines)

    def action_close(self) -> None:
        """Back to the screen one came from."""
        self.dismiss()


def field_help(owner: Screen[Any]) -> str:
    """The help of the field that has the focus on that screen."""
    if owner.focused is None:
        return ""
    nodes = owner.focused.ancestors_with_self
    return next((str(node.field_help) for node in nodes if hasattr(node, "field_help")), "")


def _line(action: Action, keys: tuple[str, ...]) -> Content:
    label = " ".join(key_label(key) for key in keys)
    padded = label + " " * max(KEY_CELLS - cell_width(label), 1)
    return Content.assemble((padded, "bold $text-accent"), _(action.title))
