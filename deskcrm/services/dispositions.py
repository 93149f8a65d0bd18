"""What may come out of a contact: the dispositions of ``data/dispositions.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from deskcrm.errors import FieldError
from deskcrm.i18n import N_
from deskcrm.resources import load_toml


class UnknownOutcomeError(FieldError):
    """No such disposition."""

    code = "unknown-outcome"
    message = N_("Choose one of the outcomes offered.")


@dataclass(frozen=True, slots=True)
class Disposition:
    """One outcome. ``key`` chooses it on the call sheet, ``label_id`` is its message id.

    ``reached`` is a real contact, ``closes`` ends the follow-up that was worked, and ``attempt``
    counts as one more try.
    """

    code: str
    key: str
    label_id: str
    reached: bool = False
    closes: bool = False
    attempt: bool = False


@cache
def dispositions() -> tuple[Disposition, ...]:
    """All dispositions, in the order in which they are offered."""
    return tuple(Disposition(**row) for row in load_toml("dispositions.toml")["disposition"])


def disposition_of(code: str) -> Disposition:
    """The disposition called ``code``; raises ``UnknownOutcomeError``."""
    for disposition in dispositions():
        if disposition.code == code:
            return disposition
    raise UnknownOutcomeError
