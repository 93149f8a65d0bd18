"""Getting from screen to screen. Every screen is imported when it is first shown, by its name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.geometry import Size
from textual.screen import Screen

from deskcrm.typing_ahead import TypingAhead


def screen(module: str, name: str, *arguments: object) -> Screen[Any]:
    """A screen of ``deskcrm.screens``."""
    found = getattr(importlib.import_module(f"deskcrm.screens.{module}"), name)
    made: Screen[Any] = found(*arguments)
    return made


def import_ahead() -> None:
    """Import the screens that come next, so that the first of each opens as fast as any other."""
    for module in SOON_OPENED:
        importlib.import_module(f"deskcrm.screens.{module}")


SOON_OPENED = ("customer", "call_sheet", "find")
WORK_MODES: dict[str, Callable[[], Screen[Any]]] = {
    "today": lambda: screen("today", "TodayScreen"),
    "customers": lambda: screen("customers", "CustomersScreen"),
    "vault": lambda: screen("vault_screen", "VaultScreen"),
}


class Navigator(TypingAhead, inherit_bindings=False):
    """The part of the app that knows which screens there are.

    A mode is a main screen with what lies over it; switching modes keeps both. The lock is a mode
    of its own, so that nothing of the others is reachable from it.
    """

    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        **WORK_MODES,
        "lock": lambda: screen("lock", "LockScreen"),
    }

    def fit(self, size: Size) -> None:
        """Cover a screen that has become too small to be read."""
        from deskcrm.screens.too_small import TooSmallScreen, too_small

        if too_small(*size) and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())

    def go_to(self, mode: str) -> None:
        """Show one of the main screens, without what lies over it."""
        self.switch_mode(mode)
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def show_gate(self, before_work: Screen[Any]) -> None:
        """Show one of the screens before unlocking, in the place of another."""
        self.go_to("gate")
        self.push_screen(before_work)

    def open_customer(self, customer_id: int, among: Sequence[int] = ()) -> None:
        """Everything about a customer on one screen; ``among`` is the list one came from, whose
        next and previous customers are a key away."""
        self.push_screen(screen("customer", "CustomerScreen", customer_id, tuple(among)))

    def open_call_sheet(self, customer_id: int, followup_id: int | None = None) -> None:
        """Take down a contact, for a follow-up or out of the blue."""
        self.push_screen(screen("call_sheet", "CallSheetScreen", customer_id, followup_id))

    def open_customer_form(self, customer_id: int | None = None) -> None:
        """Edit a customer, or take down a new one."""
        self.push_screen(screen("customer_form", "CustomerFormScreen", customer_id))

    def open_find(self) -> None:
        """Search from anywhere."""
        self.push_screen(screen("find", "FindScreen"))

    def action_open_find(self) -> None:
        self.open_find()

    def action_open_today(self) -> None:
        self.go_to("today")

    def action_open_customers(self) -> None:
        self.go_to("customers")

    def action_open_vault(self) -> None:
        self.go_to("vault")

    def action_new_customer(self) -> None:
        self.open_customer_form()

    def action_open_import(self) -> None:
        self.push_screen(screen("import_screen", "ImportScreen"))

    def action_settings(self) -> None:
        self.push_screen(screen("settings", "SettingsScreen"))

    def action_help(self) -> None:
        self.push_screen(screen("help", "HelpScreen", self.screen))

    def action_palette(self) -> None:
        from deskcrm.screens.palette import PaletteScreen, run

        owner = self.screen

        async def chosen(action_id: str | None) -> None:
            await run(owner, action_id)

        self.push_screen(PaletteScreen(owner), chosen)
