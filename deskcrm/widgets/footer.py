"""The keys of the moment, most used first; what does not fit is under ``? more``."""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from deskcrm.actions import ACTIONS, APP, key_label
from deskcrm.i18n import _
from deskcrm.rules.text import cell_width

GAP = "  "


class KeyFooter(Widget):
    """One line made from the screen's active bindings: the screen's own first, then the app's."""

    DEFAULT_CSS = """
    KeyFooter { height: 1; width: 1fr; padding: 0 1; background: $footer-background;
                color: $footer-foreground; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, _screen: Screen[Any]) -> None:
        self.refresh()

    def refresh_language(self) -> None:
        """Write the line again in the language in force."""
        self.refresh()

    def render(self) -> Content:
        """The line for the bindings and the width of the moment: however often they change, it is
        put together once a paint."""
        return fitted(self.hints(), self.size.width)

    def hints(self) -> list[tuple[str, str]]:
        """Key label and translated title of every action with a place in the footer."""
        keys: dict[str, str] = {}
        titles: dict[str, str] = {}
        for active in self.screen.active_bindings.values():
            action_id = active.binding.id
            if action_id and action_id in ACTIONS and active.enabled and active.binding.show:
                keys.setdefault(action_id, key_label(active.binding.key))
                titles[action_id] = active.binding.description
        ranked = [action_id for action_id in ACTIONS if action_id in keys]
        ranked.sort(key=lambda action_id: ACTIONS[action_id].scope == APP)
        return [(keys[action_id], titles[action_id]) for action_id in ranked]


def fitted(hints: list[tuple[str, str]], width: int) -> Content:
    """As many hints as fit into ``width`` cells; when some do not, the last says where they are."""
    more = ("?", _("more"))
    if _total(hints) > width:
        kept: list[tuple[str, str]] = []
        for hint in hints:
            if _total([*kept, hint, more]) > width:
                break
            kept.append(hint)
        hints = [*kept, more]
    parts = [
        Content.assemble((key, "bold $footer-key-foreground"), " ", title) for key, title in hints
    ]
    return Content(GAP).join(parts)


def _total(hints: list[tuple[str, str]]) -> int:
    return sum(cell_width(f"{key} {title}") for key, title in hints) + len(GAP) * (len(hints) - 1)
