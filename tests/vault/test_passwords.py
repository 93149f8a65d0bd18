from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.resources import data_path
from deskcrm.vault.errors import RecoveryCodeMistypedError, WeakPasswordError
from deskcrm.vault.passwords import check_password
from deskcrm.vault.policy import KdfCost, default_policy
from deskcrm.vault.recovery_code import ALPHABET, new_recovery_code, recovery_secret


def refusal(password: str, *, with_device: bool = False) -> str:
    """Why a password is refused; empty when it is good enough."""
    try:
        check_password(
            password,
            login="wangwei",
            branch="城东支行",
            with_device=with_device,
            policy=default_policy(),
        )
    except WeakPasswordError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("password", "with_device", "reason"),
    [
        ("fourteen chars", False, "at least 15 characters; this one has 14"),
        ("fifteen chars !", False, ""),
        ("7 chars", True, "at least 8 characters; this one has 7"),
        ("8 chars!", True, ""),
        ("春眠不觉晓，处处闻啼鸟。夜来风雨声", False, ""),
        ("春眠不觉晓处处闻", True, ""),
        ("x" * 300, False, "at most 256"),
        ("lamp river stone " * 15, False, ""),
        ("abababababababababab", False, "at least 5 different"),
        ("password", True, "most common"),
        ("PassWord", True, "most common"),
        ("ｐａｓｓｗｏｒｄ", True, "most common"),
        ("woaini1314", True, "most common"),
        ("passwordpassword", False, "most common"),
        ("password1password1", False, "most common"),
        ("12345678901234567890", False, "most common"),
        ("abcdefghijklmnopqrs", False, "most common"),
        ("zyxwvutsrqponmlkji", False, "most common"),
        ("lamp WangWei lamp stone", False, "must not contain"),
        ("我在城东支行上班已经很多年了，很高兴", False, "must not contain"),
    ],
)
def test_a_password_is_refused_with_the_rule_it_breaks(
    password: str, with_device: bool, reason: str
) -> None:
    found = refusal(password, with_device=with_device)
    assert reason in found
    assert bool(found) == bool(reason)


def test_every_listed_common_password_is_refused() -> None:
    lines = data_path("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    assert len(listed) >= 3000
    assert len(set(listed)) == len(listed)
    assert all(len(line) >= 8 and line == line.casefold() for line in listed)
    assert all(refusal(line, with_device=True) for line in listed)


def test_the_policy_is_not_weaker_than_its_sources() -> None:
    policy = default_policy()
    assert (policy.least_length, policy.least_length_with_device) == (15, 8)
    assert policy.most_length >= 64
    assert (policy.lockout_attempts, policy.lockout.total_seconds()) == (5, 1800)
    assert policy.cost == KdfCost(memory_kib=65536, passes=3, lanes=1)
    assert policy.cost.within(policy.least_cost, policy.most_cost)


@given(st.text(max_size=400))
def test_any_text_is_judged(password: str) -> None:
    assert isinstance(refusal(password), str)


def test_recovery_codes_are_36_letters_in_groups_of_six_and_differ() -> None:
    codes = {new_recovery_code() for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert [len(group) for group in code.split("-")] == [6] * 6
        assert set(code) <= set(ALPHABET) | {"-"}
        assert len(recovery_secret(code)) == 20


def test_a_recovery_code_forgives_case_spaces_and_lookalikes() -> None:
    code = next(code for code in iter(new_recovery_code, "") if "0" in code and "1" in code)
    typed = code.lower().replace("-", "  ").replace("0", "o").replace("1", "l", 1)
    assert recovery_secret(f" {typed.replace('1', 'I')}\n") == recovery_secret(code)


def test_every_single_mistyped_letter_is_noticed() -> None:
    code = new_recovery_code()
    missed = 0
    for place, letter in enumerate(code):
        for other in ALPHABET:
            if letter in ("-", other):
                continue
            try:
                recovery_secret(code[:place] + other + code[place + 1 :])
            except RecoveryCodeMistypedError:
                continue
            missed += 1
    assert missed <= 1  # 1,116 tries against a checksum of 20 bits


@pytest.mark.parametrize("typed", ["", "-", "UUUUUU", "0" * 35, "0" * 37, "你" * 36, "0" * 36])
def test_what_is_no_recovery_code_is_said_to_be_mistyped(typed: str) -> None:
    with pytest.raises(RecoveryCodeMistypedError, match="36 letters and digits"):
        recovery_secret(typed)
