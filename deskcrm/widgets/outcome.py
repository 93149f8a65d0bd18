"""What came of a contact, as choices: channels, outcomes, next steps."""

from __future__ import annotations

from deskcrm.errors import FieldError
from deskcrm.i18n import translate
from deskcrm.rules.text import clean
from deskcrm.services.dispositions import disposition_of, dispositions
from deskcrm.widgets.customer_line import words_of
from deskcrm.widgets.inputs import Option


def outcome_options() -> tuple[Option, ...]:
    """The outcomes, each with its key."""
    return tuple(Option(one.code, one.label_id, one.key) for one in dispositions())


def word_options(group: str) -> tuple[Option, ...]:
    """A group of coded words as choices; their place is their key."""
    return tuple(Option(code, label) for code, label in words_of(group).items())


def outcome_text(code: str) -> str:
    """An outcome in the language in force; a code that is no longer offered stands for itself."""
    try:
        return translate(disposition_of(code).label_id)
    except FieldError:
        return clean(code)
