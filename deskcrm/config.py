"""The person's settings: ``settings.toml`` in the vault home, validated strictly.

Nothing secret and nothing about customers belongs here.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deskcrm.errors import DeskError
from deskcrm.i18n import LANGUAGES, N_, translate

FILE_NAME = "settings.toml"
THEMES = ("dark", "light", "high-contrast", "colour-blind")
MOST_IDLE_MINUTES = 15


class SettingsError(DeskError):
    """A settings file that cannot be used; names the file and the field."""

    code = "settings"
    message = N_(
        "The settings in {file} cannot be used: {field} {problem}."
        " Correct the line or delete the file; nothing else was changed."
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each with its default."""

    language: str = ""
    """``zh_CN`` or ``en``; empty follows ``DESKCRM_LANG``, then the system."""
    theme: str = "dark"
    """``dark``, ``light``, ``high-contrast`` or ``colour-blind``."""
    ascii_borders: bool = False
    """Draw borders with ``+ - |`` for terminals without line characters."""
    idle_minutes: int = 5
    """Minutes without a key until the screen locks, 1 to 15 (PCI DSS 8.2.8)."""
    last_login: str = ""
    """The login that the unlock screen offers."""
    import_folder: str = ""
    """Where the import screen begins: the folder of the file that was looked at last."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Own keys: ``"queue.snooze" = "f6, z"``. Action ids are in the help screen."""


def load_settings(home: Path) -> Settings:
    """The settings of a vault home; defaults where there is no file yet."""
    path = home / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise _refused(path, "", N_("is not TOML")) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, "", N_("cannot be read")) from error
    for name in table:
        if name not in _CHECKS:
            raise _refused(path, name, N_("is not a setting"))
    for name, (wanted, accepts) in _CHECKS.items():
        if name in table and not accepts(table[name]):
            raise _refused(path, name, wanted)
    return Settings(**table)


def save_settings(home: Path, settings: Settings) -> None:
    """Write the file at once and completely: a power cut leaves the old or the new one."""
    path = home / FILE_NAME
    scratch = path.with_suffix(".tmp")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(_as_toml(settings))
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _refused(path: Path, name: str, problem: str) -> SettingsError:
    return SettingsError(file=path, field=name, problem=translate(problem))


def _is_keymap(value: Any) -> bool:
    from deskcrm.actions import ACTIONS

    return isinstance(value, dict) and all(
        action in ACTIONS and isinstance(keys, str) and keys.strip()
        for action, keys in value.items()
    )


_CHECKS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "language": (N_("must be zh_CN or en"), lambda value: value in ("", *LANGUAGES)),
    "theme": (N_("must be dark, light, high-contrast or colour-blind"), THEMES.__contains__),
    "ascii_borders": (N_("must be true or false"), lambda value: isinstance(value, bool)),
    "idle_minutes": (
        N_("must be a whole number from 1 to 15"),
        lambda value: type(value) is int and 1 <= value <= MOST_IDLE_MINUTES,
    ),
    "last_login": (N_("must be text"), lambda value: isinstance(value, str)),
    "import_folder": (N_("must be text"), lambda value: isinstance(value, str)),
    "keymap": (N_("must map action ids to keys"), _is_keymap),
}


def _as_toml(settings: Settings) -> str:
    lines = [
        f"{item.name} = {_toml_value(getattr(settings, item.name))}"
        for item in dataclasses.fields(settings)
        if item.name != "keymap"
    ]
    if settings.keymap:
        lines += ["", "[keymap]"]
        lines += [
            f"{_quoted(action)} = {_quoted(keys)}" for action, keys in settings.keymap.items()
        ]
    return "\n".join(lines) + "\n"


def _toml_value(value: str | bool | int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
