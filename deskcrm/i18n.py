"""Messages in zh_CN and en, switched live.

The language is the one piece of process-wide state: it belongs to the person at the terminal, not
to a desk, and error messages are made before there is a desk. Message ids are English. ``N_`` marks
a message where it is written, ``translate`` (``_``) turns it into the language in force where it is
read.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

LANGUAGES = ("zh_CN", "en")
DOMAIN = "deskcrm"
LOCALE_DIR = Path(__file__).parent / "locale"

_catalogues: dict[str, gettext.NullTranslations] = {}
_state = {"language": "en"}


def N_(message: str) -> str:
    """Mark ``message`` for extraction and return it unchanged."""
    return message


def translate(message: str, /, **values: object) -> str:
    """The message in the language in force, its named placeholders filled with ``values``."""
    text = _catalogue(_state["language"]).gettext(message) if message else ""
    return text.format(**values) if values else text


_ = translate


def translate_into(language: str, message: str) -> str:
    """The message in a named language, whichever is in force."""
    return _catalogue(language).gettext(message) if message else ""


def translate_plural(one: str, many: str, count: int, /, **values: object) -> str:
    """``one`` or ``many`` as the language needs for ``count``; ``{n}`` is the count."""
    text = _catalogue(_state["language"]).ngettext(one, many, count)
    return text.format(n=count, **values)


def language() -> str:
    """The language in force: ``zh_CN`` or ``en``."""
    return _state["language"]


def set_language(name: str) -> None:
    """Switch the language; anything that is not one of ours raises ``ValueError``."""
    if name not in LANGUAGES:
        raise ValueError(name)
    _state["language"] = name


def preferred_language(environment: dict[str, str] | None = None) -> str:
    """The language to start in: ``DESKCRM_LANG``, else the locale's, else Chinese."""
    env = os.environ if environment is None else environment
    asked = env.get("DESKCRM_LANG", "")
    if asked in LANGUAGES:
        return asked
    system = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    normal = locale.normalize(system).split(".")[0]
    return "en" if normal.startswith("en") else "zh_CN"


def _catalogue(name: str) -> gettext.NullTranslations:
    found = _catalogues.get(name)
    if found is None:
        found = gettext.translation(DOMAIN, LOCALE_DIR, [name], fallback=True)
        _catalogues[name] = found
    return found
