"""What makes a password good enough: its length, and that nobody would guess it first."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import pairwise

from deskcrm.i18n import N_
from deskcrm.resources import data_path
from deskcrm.vault.errors import WeakPasswordError
from deskcrm.vault.policy import Policy

_LEAST_NAME = 3
_LEAST_DISTINCT = 5


def check_password(
    password: str, *, login: str, branch: str, with_device: bool, policy: Policy
) -> None:
    """Raise ``WeakPasswordError``, which says the rule, unless a new password is good enough.

    ``with_device`` is whether a device secret stands beside it. No kinds of characters are asked
    for and none forced to change (NIST SP 800-63B-4): length and rarity are what counts.
    """
    text = normal_password(password)
    least = policy.least_length_with_device if with_device else policy.least_length
    if len(text) < least:
        raise WeakPasswordError(
            N_("Choose a password of at least {least} characters; this one has {length}."),
            least=least,
            length=len(text),
        )
    if len(text) > policy.most_length:
        raise WeakPasswordError(
            N_("Choose a password of at most {most} characters."), most=policy.most_length
        )
    if len(set(text)) < _LEAST_DISTINCT:
        raise WeakPasswordError(
            N_("Choose a password with at least {least} different characters."),
            least=_LEAST_DISTINCT,
        )
    folded = text.casefold()
    if _is_common(folded, policy):
        raise WeakPasswordError(
            N_("This password is one of the most common, or repeats one. Choose another.")
        )
    if _holds_name(folded, login) or _holds_name(folded, branch):
        raise WeakPasswordError(
            N_("The password must not contain your login or the branch's name.")
        )


def normal_password(password: str) -> str:
    """The form in which a password is counted and derived from: NFKC, so that full-width letters
    of an input method equal the ASCII ones."""
    return unicodedata.normalize("NFKC", password)


def _is_common(folded: str, policy: Policy) -> bool:
    common = _common_passwords(policy.common_file)
    return folded in common or _repeated_unit(folded) in common or _is_run(folded)


def _repeated_unit(text: str) -> str:
    """The shortest text that gives ``text`` when repeated, cut off at the end."""
    for length in range(1, len(text)):
        if all(text[i] == text[i - length] for i in range(length, len(text))):
            return text[:length]
    return text


def _is_run(text: str) -> bool:
    """Whether each character follows the one before, as in 23456789 or hgfedcba."""
    return {ord(b) - ord(a) for a, b in pairwise(text)} in ({1}, {-1})


def _holds_name(folded: str, name: str) -> bool:
    wanted = normal_password(name).strip().casefold()
    if len(wanted) < _LEAST_NAME:
        return folded == wanted
    return wanted in folded


@cache
def _common_passwords(name: str) -> frozenset[str]:
    lines = data_path(name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
