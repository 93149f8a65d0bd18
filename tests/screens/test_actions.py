"""The registry of actions, and what reads it."""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
from itertools import groupby

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.app import App
from textual.screen import Screen

from deskcrm.actions import (
    ACTIONS,
    APP,
    SCOPES,
    allowed,
    bindings,
    cheat_sheet,
    in_scope,
    key_label,
    key_map,
    matches,
)
from deskcrm.app import DeskApp
from deskcrm.config import Settings
from deskcrm.models import Role
from deskcrm.resources import load_toml
from deskcrm.screens.palette import PaletteScreen
from tests.screens.test_shell import Listing

SCREENS = {
    "queue": ("today", "TodayScreen"),
    "customer": ("customer", "CustomerScreen"),
    "call_sheet": ("call_sheet", "CallSheetScreen"),
    "form": ("customer_form", "CustomerFormScreen"),
    "find": ("find", "FindScreen"),
    "customers": ("customers", "CustomersScreen"),
    "lock": ("lock", "LockScreen"),
    "first_run": ("first_run", "FirstRunScreen"),
    "help": ("help", "HelpScreen"),
    "settings": ("settings", "SettingsScreen"),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.id)
def test_an_action_with_a_letter_also_has_a_key_that_an_input_method_lets_through(action):
    assert any(len(key) > 1 for key in action.keys)


@pytest.mark.parametrize(
    "scope", [scope for scope, _ in groupby(ACTIONS, lambda i: i.split(".")[0])]
)
def test_no_key_means_two_things_on_one_screen(scope):
    counted = Counter(key for action in in_scope(scope) for key in action.keys)
    assert [key for key, count in counted.items() if count > 1] == []


def test_keys_that_a_terminal_cannot_tell_apart_are_not_used():
    keys = {key for action in ACTIONS.values() for key in action.keys}
    assert not keys & {
        "ctrl+[",
        "ctrl+j",
        "ctrl+m",
        "ctrl+i",
        "ctrl+h",
        "ctrl+c",
        "ctrl+a",
        "ctrl+b",
    }


def test_every_permission_named_is_one_that_a_role_can_have():
    table = load_toml("authority.toml")
    known = {name for names in table["permissions"].values() for name in names}
    assert {a.permission for a in ACTIONS.values() if a.permission} <= known


@pytest.mark.parametrize("scope", SCREENS)
def test_every_action_of_a_screen_has_its_method(scope):
    module, name = SCREENS[scope]
    screen = getattr(importlib.import_module(f"deskcrm.screens.{module}"), name)
    missing = [a.verb for a in in_scope(scope) if not hasattr(screen, f"action_{a.verb}")]
    assert missing == []


def test_every_action_of_the_app_has_its_method():
    assert [a.verb for a in in_scope(APP) if not hasattr(DeskApp, f"action_{a.verb}")] == []


def test_no_action_takes_the_name_of_one_of_textual_itself():
    own = {a.id for a in ACTIONS.values() if hasattr(Screen, f"action_{a.verb}")}
    own |= {a.id for a in in_scope(APP) if hasattr(App, f"action_{a.verb}")}
    assert own == {"app.quit"}


def test_full_width_characters_do_what_their_narrow_ones_do():
    keys = {binding.key: binding.action for binding in bindings(APP)}
    assert keys["slash"] == keys["fullwidth_solidus"] == keys["ideographic_comma"] == "open_find"
    assert keys["question_mark"] == keys["fullwidth_question_mark"] == "help"


@pytest.mark.parametrize(
    "query", ["snooze", "稍后", "shaohou", "shtx", "SNOOZE", "ｓｎｏｏｚｅ", "later"]
)
def test_the_palette_finds_by_title_in_both_languages_pinyin_and_initials(query):
    assert matches(ACTIONS["queue.snooze"], query) is (query != "later")


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("f2", "F2"),
        ("ctrl+k", "^K"),
        ("alt+1", "Alt+1"),
        ("f", "f"),
        ("space", "Space"),
        ("shift+f2", "Shift+F2"),
        ("ctrl+pagedown", "Ctrl+PgDn"),
        ("/", "/"),
    ],
)
def test_keys_are_printed_briefly(key, label):
    assert key_label(key) == label


def test_an_action_with_a_permission_is_for_those_who_have_it():
    assert allowed(ACTIONS["app.help"], ())
    assert not allowed(ACTIONS["queue.transfer"], ("followup.work",))
    assert allowed(ACTIONS["queue.transfer"], ("followup.transfer",))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_cheat_sheet_names_every_screen_and_fits_a_page_width(language):
    sheet = cheat_sheet(language)
    assert sheet.count("\n\n") == len(SCOPES) - 1
    assert max(len(line) for line in sheet.splitlines()) < 60
    assert ("稍后提醒" in sheet) is (language == "zh_CN")


def test_a_key_map_of_unknown_actions_is_refused():
    with pytest.raises(KeyError):
        key_map({"queue.fly": "f6"})


async def test_a_key_map_replaces_keys_everywhere_they_are_shown(make_app):
    settings = Settings(language="en", keymap={"queue.done": "f6, z"})
    app = make_app(Listing, settings=settings)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6", "z", "d", "ctrl+d")
        assert app.screen.done == ["done", "done"]
        await pilot.pause()
        assert "F6 Done" in app.screen.query_one("KeyFooter").render().plain


async def test_the_palette_offers_and_runs_only_what_is_allowed(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, PaletteScreen)
        assert "queue.transfer" in [action.id for action in app.screen.offered("")]
        await pilot.press("escape")
        app.permissions = frozenset({"followup.work", "customer.view"})
        await pilot.press("ctrl+p")
        offered = [action.id for action in app.screen.offered("")]
        assert "queue.transfer" not in offered
        assert "app.new_customer" not in offered
        await pilot.press(*"wancheng", "enter")
        await pilot.pause()
        assert screen.done == ["done"]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_the_help_screen_lists_the_keys_of_the_screen_and_of_everywhere(make_app, language):
    app = make_app(Listing, language=language)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        here = app.screen.query_one("#here").render().plain
        assert "^D" in here
        assert ("完成" in here) is (language == "zh_CN")
        assert "^L" in app.screen.query_one("#everywhere").render().plain
        await pilot.press("escape")
        assert isinstance(app.screen, Listing)


def test_every_role_may_do_something_on_the_app():
    from deskcrm.services.authority import authority_of

    for role in Role:
        permissions = authority_of(role).permissions
        assert any(allowed(action, permissions) for action in in_scope(APP))


def test_no_chord_with_alt_arrives_from_a_terminal_as_another_key():
    """Alt is an Escape before the key; for some terminals Escape b is Control with an arrow."""
    chords = [key for action in ACTIONS.values() for key in action.keys if key.startswith("alt+")]
    assert chords
    assert [key for key in chords if "\x1b" + key.removeprefix("alt+") in ANSI_SEQUENCES_KEYS] == []
