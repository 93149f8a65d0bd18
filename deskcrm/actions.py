"""The one registry of what a person can do from the keyboard.

Bindings of the screens, the footer, the help screen, the command palette, the key map in the
settings and the printed cheat sheet all read ``ACTIONS``. A letter goes to the input method while
Chinese is typed, so an action that has a letter also has an F-key or a ctrl chord.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.keys import _character_to_key

from deskcrm.i18n import N_, translate_into

APP = "app"
ALT = "alt+"
FULL_WIDTH = {"/": ("／", "、"), "?": ("？",), ",": ("，",), "[": ("【", "「"), "]": ("】", "」")}
KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "slash": "/",
    "question_mark": "?",
    "comma": ",",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "up": "Up",
    "down": "Down",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "underscore": "_",
}

for _digit in "1234567890":
    # Textual takes Alt and a digit for the sign that a Mac's Option key would type.
    cast("dict[str, object]", ANSI_SEQUENCES_KEYS).pop(f"\x1b{_digit}", None)


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do.

    ``id`` is ``scope.verb``; its Textual action is ``verb`` (``queue.snooze`` runs
    ``action_snooze`` of the screen, ``app.lock`` that of the app). ``keys`` come in the order in
    which they are shown; the first one is the footer's. ``permission`` is what the officer needs,
    ``palette`` says whether the palette offers it, ``footer`` whether the footer has room for it,
    ``anywhere`` whether it also works over a dialog, ``open`` whether it works without an unlocked
    desk, and ``priority`` whether its chords come before the focused widget (a letter never does, a
    chord with Alt always, because an input would type its letter).
    """

    id: str
    title: str
    keys: tuple[str, ...]
    permission: str | None = None
    palette: bool = True
    footer: bool = True
    anywhere: bool = False
    open: bool = False
    priority: bool = False

    @property
    def scope(self) -> str:
        """The screen the action belongs to, or ``app``."""
        return self.id.partition(".")[0]

    @property
    def verb(self) -> str:
        """The name of the Textual action: ``action_<verb>``."""
        return self.id.partition(".")[2]


def _app(verb: str, title: str, *keys: str, **flags: object) -> Action:
    return Action(f"{APP}.{verb}", title, keys, priority=True, **flags)  # type: ignore[arg-type]


_REGISTERED = (
    _app("help", N_("Help"), "f1", "?", open=True),
    _app("open_find", N_("Find"), "f2", "/", permission="customer.view"),
    _app("open_today", N_("Today"), "f3", "1", permission="customer.view"),
    _app("open_customers", N_("Customers"), "f4", "2", permission="customer.view"),
    _app("open_vault", N_("Vault"), "f9", "7", footer=False),
    _app("palette", N_("Commands"), "ctrl+p", palette=False),
    _app("lock", N_("Lock"), "ctrl+l", anywhere=True),
    _app("new_customer", N_("New customer"), "ctrl+n", permission="customer.create"),
    _app("open_import", N_("Import a file"), "shift+f2", permission="import.run", footer=False),
    _app("counter_mode", N_("Counter mode"), "f12", "0", footer=False),
    _app("next_language", "中文 / English", "f10", "ctrl+g", anywhere=True, open=True),
    _app("next_theme", N_("Next theme"), "ctrl+underscore", footer=False, open=True),
    _app("settings", N_("Settings"), "f11", ",", footer=False),
    Action("app.undo", N_("Undo"), ("u", "ctrl+z"), "undo"),
    _app("quit", N_("Quit"), "ctrl+q", footer=False, anywhere=True, open=True),
    Action("queue.open", N_("Open customer"), ("enter",)),
    Action("queue.call_sheet", N_("Call sheet"), ("c", "ctrl+k"), "interaction.log"),
    Action("queue.done", N_("Done"), ("d", "ctrl+d"), "followup.work"),
    Action("queue.snooze", N_("Snooze"), ("s", "ctrl+s", "ctrl+y"), "followup.work"),
    Action("queue.defer", N_("Defer"), ("f", "ctrl+f"), "followup.work"),
    Action("queue.transfer", N_("Transfer"), ("t", "ctrl+t"), "followup.transfer"),
    Action("queue.drop", N_("Dismiss"), ("x", "ctrl+x"), "followup.work"),
    Action("queue.why", N_("Why now"), ("w", "ctrl+w")),
    Action("queue.brief", N_("Brief"), ("b", "ctrl+e")),
    Action("queue.select", N_("Select"), ("space",)),
    Action("queue.refresh", N_("Refresh"), ("r", "ctrl+r"), footer=False),
    Action("customer.edit", N_("Edit"), ("e", "ctrl+e"), "customer.edit"),
    Action("customer.call_sheet", N_("Call sheet"), ("c", "ctrl+k"), "interaction.log"),
    Action("customer.reveal", N_("Reveal a field"), ("v", "ctrl+o"), "customer.reveal"),
    Action("customer.add_followup", N_("Add follow-up"), ("a", "ctrl+f"), "followup.add"),
    Action("customer.pin_note", N_("Pin a note"), ("p", "ctrl+y"), "customer.edit"),
    Action("customer.tags", N_("Tags"), ("t", "ctrl+t"), "customer.tag"),
    Action("customer.open_entry", N_("Open entry"), ("enter",), palette=False),
    Action("customer.more", N_("Add…"), ("m", "ctrl+u"), "customer.edit"),
    Action("customer.do_not_call", N_("Do not call"), ("d", "ctrl+d"), "customer.edit"),
    Action("customer.next_customer", N_("Next customer"), ("n", "ctrl+down")),
    Action("customer.previous_customer", N_("Previous customer"), ("b", "ctrl+up"), footer=False),
    Action("customer.previous_tab", N_("Previous tab"), ("[", "ctrl+pageup"), palette=False),
    Action("customer.next_tab", N_("Next tab"), ("]", "ctrl+pagedown"), palette=False),
    Action("customer.tab_overview", N_("Overview"), ("1", "alt+1"), footer=False),
    Action("customer.tab_accounts", N_("Accounts"), ("2", "alt+2"), footer=False),
    Action("customer.tab_transactions", N_("Transactions"), ("3", "alt+3"), footer=False),
    Action("customer.tab_timeline", N_("Timeline"), ("4", "alt+4"), footer=False),
    Action("customer.tab_followups", N_("Follow-ups"), ("5", "alt+5"), footer=False),
    Action("customer.tab_cases", N_("Cases"), ("6", "alt+6"), footer=False),
    Action("customer.tab_documents", N_("Documents"), ("7", "alt+7"), footer=False),
    Action("customer.tab_relations", N_("Relations"), ("8", "alt+8"), footer=False),
    Action("customer.tab_insight", N_("Insight"), ("9", "alt+9"), footer=False),
    Action("customer.tab_history", N_("History"), ("0", "alt+0"), footer=False),
    Action("customer.refresh", N_("Refresh"), ("r", "ctrl+r"), footer=False),
    Action("customer.close", N_("Back"), ("escape",), palette=False),
    Action("call_sheet.save", N_("Save"), ("ctrl+s", "ctrl+o")),
    Action("call_sheet.reveal", N_("Show the number"), ("ctrl+t",), "customer.reveal"),
    Action("call_sheet.brief", N_("Brief"), ("alt+i",)),
    Action("call_sheet.discard_draft", N_("Discard draft"), ("ctrl+r",)),
    Action("call_sheet.close", N_("Back, draft is kept"), ("escape",), palette=False),
    Action("form.save", N_("Save"), ("ctrl+s", "ctrl+o")),
    Action("form.open_twin", N_("Open the one on file"), ("ctrl+t",), priority=True),
    Action("form.next_section", N_("Next section"), ("pagedown", "ctrl+down"), priority=True),
    Action(
        "form.previous_section",
        N_("Previous section"),
        ("pageup", "ctrl+up"),
        priority=True,
        footer=False,
    ),
    Action("form.change_kind", N_("Change the kind"), ("ctrl+y",), priority=True),
    Action("form.discard_draft", N_("Discard draft"), ("ctrl+r",)),
    Action("form.section_1", N_("First section"), ("alt+1",), palette=False, footer=False),
    Action("form.section_2", N_("Second section"), ("alt+2",), palette=False, footer=False),
    Action("form.section_3", N_("Third section"), ("alt+3",), palette=False, footer=False),
    Action("form.section_4", N_("Fourth section"), ("alt+4",), palette=False, footer=False),
    Action("form.close", N_("Back, draft is kept"), ("escape",), palette=False),
    Action("find.open", N_("Open customer"), ("enter",), palette=False, priority=True),
    Action("find.call_sheet", N_("Call sheet"), ("ctrl+k",), "interaction.log", priority=True),
    Action("find.close", N_("Close"), ("escape",), palette=False),
    Action("customers.open", N_("Open customer"), ("enter",), palette=False),
    Action("customers.call_sheet", N_("Call sheet"), ("c", "ctrl+k"), "interaction.log"),
    Action("customers.filter", N_("Filter by text"), ("f", "ctrl+f")),
    Action("customers.next_kind", N_("Kind"), ("k", "ctrl+e")),
    Action("customers.next_tier", N_("Tier"), ("t", "ctrl+t")),
    Action("customers.next_sort", N_("Sort"), ("s", "ctrl+y")),
    Action("customers.next_page", N_("Next page"), ("]", "ctrl+pagedown"), footer=False),
    Action("customers.previous_page", N_("Previous page"), ("[", "ctrl+pageup"), footer=False),
    Action("customers.clear", N_("All customers"), ("escape",), footer=False),
    Action("customers.refresh", N_("Refresh"), ("r", "ctrl+r"), footer=False),
    Action("import.open", N_("Open, or change a field"), ("enter",), palette=False),
    Action("import.check", N_("Check only"), ("d", "ctrl+d"), "import.run"),
    Action("import.bring_in", N_("Bring in"), ("ctrl+s", "ctrl+o"), "import.run"),
    Action("import.next_kind", N_("Kind of record"), ("k", "ctrl+e")),
    Action("import.choose_profile", N_("Profile"), ("p", "ctrl+y")),
    Action("import.choose_encoding", N_("Encoding"), ("e", "ctrl+t")),
    Action("import.take_back", N_("Take back"), ("x", "ctrl+x"), "import.undo"),
    Action("import.close", N_("Back"), ("escape",), palette=False),
    Action("help.close", N_("Close"), ("escape",), palette=False),
    Action("settings.save", N_("Save"), ("ctrl+s", "ctrl+o"), palette=False),
    Action("vault.back_up", N_("Back up"), ("b", "ctrl+e"), "backup.create"),
    Action("vault.verify", N_("Verify the audit trail"), ("k", "ctrl+k")),
    Action("vault.examine", N_("Check everything"), ("e", "ctrl+d")),
    Action("vault.refresh", N_("Refresh"), ("r", "ctrl+r"), footer=False),
    Action("settings.close", N_("Close"), ("escape",), palette=False),
    Action("lock.other_officer", N_("Another officer"), ("ctrl+o",), palette=False),
    Action("first_run.next", N_("Next"), ("ctrl+s", "ctrl+o"), palette=False),
    Action("first_run.back", N_("Back"), ("escape",), palette=False),
)

ACTIONS: Mapping[str, Action] = {action.id: action for action in _REGISTERED}


def in_scope(scope: str) -> list[Action]:
    """The actions of one screen, in the order of the registry (most used first)."""
    return [action for action in ACTIONS.values() if action.scope == scope]


def bindings(scope: str) -> list[BindingType]:
    """The ``BINDINGS`` of a screen: one a key, ids are action ids, descriptions message ids."""
    return [
        Binding(
            key,
            action.verb,
            action.title,
            show=action.footer,
            id=action.id,
            priority=form.startswith(ALT) or (action.priority and len(form) > 1),
        )
        for action in in_scope(scope)
        for key, form in _forms(action.keys)
    ]


def key_map(overrides: Mapping[str, str]) -> dict[str, str]:
    """A Textual key map from the settings' ``{action id: "f6, ctrl+e"}``; unknown ids raise
    ``KeyError``."""
    return {
        ACTIONS[action_id].id: ",".join(key for key, _form in _forms(_split(keys)))
        for action_id, keys in overrides.items()
    }


def keys_of(action: Action, overrides: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of an action after the person's own key map, without full-width doubles."""
    mine = overrides.get(action.id)
    return _split(mine) if mine else action.keys


def key_label(key: str) -> str:
    """How a key is printed: ``ctrl+k`` is ``^K``, ``alt+1`` is ``Alt+1``, ``f2`` is ``F2``."""
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    name = KEY_NAMES.get(
        name, name.upper() if modifiers or (name[:1] == "f" and name[1:]) else name
    )
    if modifiers == ["ctrl"] and len(name) == 1:
        return f"^{name}"
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def allowed(action: Action, permissions: Collection[str]) -> bool:
    """May somebody with these permissions do it?"""
    return action.permission is None or action.permission in permissions


def matches(action: Action, query: str) -> bool:
    """Does what was typed find the action: by words of its title in either language, by the
    pinyin of the Chinese title, by its initials, or by a key?"""
    wanted = _folded(query)
    return not wanted or any(wanted in form for form in _search_forms(action.title))


def cheat_sheet(language: str, overrides: Mapping[str, str] | None = None) -> str:
    """All keys as plain text, grouped by screen, for printing."""
    lines: list[str] = []
    for scope, title in SCOPES.items():
        lines += ["", translate_into(language, title)]
        for action in in_scope(scope):
            keys = " ".join(key_label(key) for key in keys_of(action, overrides or {}))
            lines.append(f"  {keys:<18}{translate_into(language, action.title)}")
    return "\n".join(lines).strip() + "\n"


SCOPES: Mapping[str, str] = {
    APP: N_("Everywhere"),
    "queue": N_("Today"),
    "customer": N_("Customer"),
    "call_sheet": N_("Call sheet"),
    "form": N_("Forms"),
    "find": N_("Find"),
    "customers": N_("Customers"),
    "vault": N_("Vault"),
    "import": N_("Import a file"),
    "settings": N_("Settings"),
    "help": N_("Help"),
    "lock": N_("Locked"),
    "first_run": N_("First run"),
}


def _split(keys: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.split(",") if key.strip())


def _forms(keys: Collection[str]) -> list[tuple[str, str]]:
    """Textual's name of each key and what is typed, with the full-width characters that an input
    method sends for it."""
    typed = [form for key in keys for form in (key, *FULL_WIDTH.get(key, ()))]
    return [(_character_to_key(form) if len(form) == 1 else form, form) for form in typed]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


@lru_cache(maxsize=512)
def _search_forms(title: str) -> tuple[str, ...]:
    english, chinese = translate_into("en", title), translate_into("zh_CN", title)
    forms = [english, chinese, "".join(word[:1] for word in english.split())]
    if not chinese.isascii():
        from pypinyin import Style, lazy_pinyin

        forms += ["".join(lazy_pinyin(chinese)), "".join(lazy_pinyin(chinese, Style.FIRST_LETTER))]
    return tuple(_folded(form) for form in forms)
