"""Setting up, signing in, global options and errors, as scripts meet them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.conftest import Command

PASSWORDS = "plum rain over the river\nautumn wind in the pines\n"


@pytest.fixture
def init(bare_command: Command, tmp_path: Path) -> Command:
    def make(*more: str, stdin: str = PASSWORDS):  # type: ignore[no-untyped-def]
        return bare_command(
            "--home",
            str(tmp_path / "v"),
            "--password-file",
            "-",
            "init",
            "--branch",
            "城东支行",
            "--officer",
            "lin:林晓:account_manager",
            "--officer",
            "zhou:周建国:supervisor",
            *more,
            stdin=stdin,
        )

    return make


def test_a_vault_is_made_and_opens_with_each_password(
    init: Command, bare_command: Command, tmp_path: Path
) -> None:
    made = init("--json")
    assert made.code == 0
    assert made.json["officers"] == ["lin", "zhou"]
    assert len(made.json["recovery_code"].replace("-", "")) >= 32
    home = ["--home", str(tmp_path / "v")]
    for login, password in zip(("lin", "zhou"), PASSWORDS.split("\n"), strict=False):
        answer = bare_command(
            *home,
            "--as",
            login,
            "--password-file",
            "-",
            "audit",
            "verify",
            "--json",
            stdin=password,
        )
        assert (answer.code, answer.json["ok"]) == (0, True)
    wrong = bare_command(
        *home, "--as", "lin", "--password-file", "-", "queue", "--json", stdin="not the password"
    )
    assert (wrong.code, wrong.json["error"]) == (3, "wrong-password")
    assert "Traceback" not in wrong.err


def signed_in(bare_command: Command, home: Path, login: str, password: str) -> int:
    words = ["--home", str(home), "--as", login, "--password-file", "-", "audit", "verify"]
    return bare_command(*words, stdin=password).code


def test_a_password_is_changed(init: Command, bare_command: Command, tmp_path: Path) -> None:
    init()
    old, new = PASSWORDS.split("\n", maxsplit=1)[0], "a heron waits by the pond"
    answer = bare_command(
        "--home",
        str(tmp_path / "v"),
        "--as",
        "lin",
        "--password-file",
        "-",
        "password",
        stdin=f"{old}\n{new}\n",
    )
    assert answer.code == 0
    assert signed_in(bare_command, tmp_path / "v", "lin", new) == 0
    assert signed_in(bare_command, tmp_path / "v", "lin", old) == 3


def test_the_recovery_code_sets_a_new_password(
    init: Command, bare_command: Command, tmp_path: Path
) -> None:
    code = init("--json").json["recovery_code"]
    words = ["--home", str(tmp_path / "v"), "--as", "zhou", "--password-file", "-", "recover"]
    mistyped = bare_command(*words, "--json", stdin=f"{code[:-1]}?\na heron waits by the pond\n")
    assert (mistyped.code, mistyped.json["error"]) == (3, "recovery-code-mistyped")
    assert bare_command(*words, stdin=f"{code}\na heron waits by the pond\n").code == 0
    assert signed_in(bare_command, tmp_path / "v", "zhou", "a heron waits by the pond") == 0


def test_a_second_init_leaves_the_first_vault_alone(init: Command) -> None:
    assert init().code == 0
    again = init("--json")
    assert (again.code, again.json["error"]) == (1, "vault-exists")


def test_an_officer_that_is_not_described_is_refused(bare_command: Command, tmp_path: Path) -> None:
    answer = bare_command(
        "--home", str(tmp_path / "v"), "init", "--branch", "x", "--officer", "lin", "--json"
    )
    assert answer.code == 2
    assert not (tmp_path / "v").exists()


def test_no_command_takes_a_password_as_an_argument(bare_command: Command) -> None:
    for words in ([], ["init"], ["queue"], ["backup", "restore"]):
        assert "--password " not in bare_command(*words, "--help").out.replace("\n", " ")


def test_today_is_only_for_demo_vaults(
    init: Command, bare_command: Command, tmp_path: Path
) -> None:
    init()
    answer = bare_command(
        "--home",
        str(tmp_path / "v"),
        "--as",
        "lin",
        "--password-file",
        "-",
        "--today",
        "2026-01-01",
        "queue",
        "--json",
        stdin=PASSWORDS,
    )
    assert (answer.code, answer.json["error"]) == (2, "not-a-demo")


def test_global_options_may_stand_anywhere(command: Command, demo_home: Path) -> None:
    assert (
        command("queue", "--limit", "1", "--json").json
        == command("--json", "queue", "--limit=1").json
    )


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["queue", "--limit", "x"],
        ["--lang", "fr", "queue"],
        ["--today", "x"],
        ["--as"],
    ],
)
def test_wrong_usage_says_so_with_exit_two(command: Command, words: list[str]) -> None:
    answer = command(*words)
    assert answer.code == 2
    assert answer.err.strip()
    assert "Traceback" not in answer.err


def test_messages_follow_the_language(command: Command) -> None:
    assert "审计" in command("--lang", "zh_CN", "audit", "verify").out


def test_a_missing_vault_says_what_to_do(bare_command: Command, tmp_path: Path) -> None:
    answer = bare_command("--home", str(tmp_path / "none"), "--as", "x", "queue", "--json")
    assert answer.code in (1, 2, 3)
    assert answer.json["message"]


def test_a_demo_is_reused_and_never_made_over_another_vault(
    command: Command, demo_home: Path
) -> None:
    again = command("demo", "--customers", "80", "--seed", "3", "--no-open", "--json")
    assert again.json["customers"] == 80
    assert {row["role"] for row in again.json["officers"]} == {
        "account_manager",
        "teller",
        "supervisor",
    }
    other = command("demo", "--customers", "81", "--no-open", "--json")
    assert (other.code, other.json["error"]) == (1, "not-this-demo")


def test_the_app_needs_a_terminal(command: Command) -> None:
    answer = command()
    assert answer.code == 2
    assert "terminal" in answer.err


def test_a_backup_restores_to_an_empty_place_with_the_same_ledger(
    command: Command, bare_command: Command, demo_home: Path, tmp_path: Path
) -> None:
    copy, new = str(tmp_path / "copy"), str(tmp_path / "new")
    made = command("--as", "supervisor", "backup", "create", copy, "--json")
    assert made.json["ok"]
    password = "demo lake in the morning"
    signed = ["--as", "manager", "--password-file", "-"]
    verified = bare_command(*signed, "backup", "verify", copy, "--json", stdin=password)
    assert verified.json["rows"] == made.json["rows"]
    restored = bare_command(
        *signed, "--home", new, "backup", "restore", copy, "--json", stdin=password
    )
    assert restored.json["ledger_head"] == made.json["ledger_head"]
    whole = bare_command(*signed, "--home", new, "audit", "verify", "--json", stdin=password)
    assert whole.json["head"] == made.json["ledger_head"]
    assert not (Path(new) / "demo.json").exists()


def test_the_doctor_finds_a_demo_in_order(command: Command) -> None:
    answer = command("doctor", "--json")
    assert answer.code == 0, answer.out
    assert answer.json["ok"]
