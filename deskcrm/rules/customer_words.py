"""The coded words of ``data/customer_words.toml``: kinds of relation, document, date, consent."""

from __future__ import annotations

from functools import cache

from deskcrm.errors import FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.resources import load_toml
from deskcrm.rules.text import clean


@cache
def words(group: str) -> dict[str, str]:
    """The codes of a group (relation, document, yearly, consent), each with its message id."""
    return {row["code"]: row["label_id"] for row in load_toml("customer_words.toml")[group]}


def known_word(group: str, field: str, code: str) -> str:
    """``code`` if the group has it; else ``InvalidError`` for ``field``."""
    if code not in words(group):
        raise InvalidError({field: FieldError(N_("Choose one of the list."))})
    return code


def label(group: str, code: str) -> str:
    """The message id of a code; a code that is not in the list stands for itself."""
    return words(group).get(code) or clean(code)
