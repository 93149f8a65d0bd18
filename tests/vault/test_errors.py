from __future__ import annotations

import re

import pytest

from deskcrm.errors import DeskError, ExitCode
from deskcrm.i18n import set_language
from deskcrm.vault import errors

PLACEHOLDERS = (
    *("folder", "found", "known", "kind", "length", "left"),
    *("login", "minutes", "name", "reason", "step", "until"),
)
VALUES = dict.fromkeys(PLACEHOLDERS, "§")
CAUSES = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.VaultError)
]
SPOKEN = [kind for kind in CAUSES if kind.message != DeskError.message]


def test_every_cause_has_a_code_of_its_own() -> None:
    assert len({kind.code for kind in CAUSES}) == len(CAUSES) > 30


def test_who_is_not_let_in_gets_exit_code_three_and_everything_else_one() -> None:
    for kind in CAUSES:
        locked = issubclass(kind, errors.LockedError)
        assert kind.exit_code is (ExitCode.NOT_ALLOWED if locked else ExitCode.FAILED), kind


@pytest.mark.parametrize("kind", SPOKEN, ids=lambda kind: kind.code)
def test_every_cause_is_a_sentence_of_its_own_in_both_languages(
    kind: type[errors.VaultError],
) -> None:
    error = kind(**VALUES)
    assert str(error).count("§") == len(re.findall(r"\{\w+\}", kind.message))
    set_language("zh_CN")
    chinese = str(error)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert chinese.count("§") == len(re.findall(r"\{\w+\}", kind.message))
    assert [other for other in SPOKEN if str(other(**VALUES)) == chinese] == [kind]
