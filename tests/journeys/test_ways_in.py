"""The first run, the lock, the search and the switch of language, in the real program."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from deskcrm.config import load_settings
from deskcrm.services.audit import verify_ledger
from tests.journeys.conftest import QUEUE
from tests.journeys.officer import BRANCH, LOGIN, PASSWORD, Officer, desk_on, officer_at
from tools.terminal import Key

(FIRST, _), (SECOND, _), (THIRD, _) = QUEUE
NOTES = "客户母亲住院，下周再联系。"
CODE = re.compile(r"[0-9A-Z]{6}(?:-[0-9A-Z]{6})+")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_first_run_leads_to_an_empty_today(tmp_path: Path, language: str) -> None:
    home = tmp_path / "new" / "home"
    with officer_at(home, language) as officer:
        officer.sees("There is no vault here yet. Who works at the branch?")
        officer.types("Branch", BRANCH + Key.ENTER)
        officer.types("Login", LOGIN + Key.ENTER)
        officer.types("Name", "林晓" + Key.ENTER)
        officer.types("Role", "2" + Key.ENTER)
        officer.types("Password", PASSWORD + Key.ENTER)
        officer.types("Once more", PASSWORD)
        officer.presses(Key.ctrl("s"))
        officer.sees("The recovery code")
        officer.terminal.until(lambda text: CODE.search(text) is not None)
        groups = CODE.findall(officer.terminal.text)[0].split("-")
        officer.presses(Key.ctrl("s"))
        officer.terminal.wait_gone("-".join(groups))
        labels = [(officer.say("Group {n}", n=n), group) for n, group in enumerate(groups, 1)]
        officer.terminal.until(lambda text: sum(label in text for label, _ in labels) == 2)
        asked = [(label, group) for label, group in labels if officer.terminal.shows(label)]
        for label, group in asked:
            officer.types(label, group + Key.ENTER)
        officer.sees("Who is at the desk?")
        officer.types("Password", PASSWORD + Key.ENTER)
        officer.sees("Today", "Nothing is due now.")
        officer.presses(Key.ctrl("q"))
        assert officer.terminal.ended() == 0
    with desk_on(home) as desk:
        assert desk.officer.branch_name == BRANCH
        assert verify_ledger(desk).ok


def test_a_locked_screen_shows_nothing_of_the_customer_and_gives_everything_back(
    morning: Path,
) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        officer.types("Outcome", "2")
        officer.types("Notes", NOTES)
        officer.sees(NOTES)
        officer.presses(Key.ctrl("t"))
        officer.sees("13900000000")
        officer.presses(Key.ctrl("l"))
        officer.sees("Locked. What you were doing is kept.")
        officer.at_field("Password")
        for key in (Key.F2, Key.F3, Key.F9, Key.ctrl("p"), Key.ctrl("z"), Key.ctrl("k")):
            officer.presses(key)
        officer.types("Password", "not the password" + Key.ENTER)
        officer.sees("Wrong password.")
        _assert_nothing_told(officer.terminal.text)
        officer.types("Password", PASSWORD + Key.ENTER)
        officer.sees("Call sheet", FIRST, NOTES, "139****0000")
        assert not officer.terminal.shows("13900000000")


def _assert_nothing_told(screen: str) -> None:
    told = [FIRST, SECOND, THIRD, NOTES, "139", "Gold", "Call sheet"]
    assert [text for text in told if text in screen] == []


def test_a_rare_surname_is_found_by_its_reading_and_opened(morning: Path) -> None:
    with officer_at(morning, "zh_CN") as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses(Key.F2)
        officer.sees("Find")
        for key in "qiulihua":
            officer.presses(key)
        officer.terminal.until(lambda text: SECOND in text and FIRST not in text)
        officer.presses(Key.ENTER)
        officer.sees("Overview", SECOND, "139****0001")
        assert not officer.terminal.shows("13900000001")


def test_the_language_is_switched_on_the_screen_and_remembered(morning: Path) -> None:
    with officer_at(morning, "zh_CN") as officer:
        officer.signs_in()
        officer.sees("Today", FIRST, "Contact and update the file")
        chinese = officer.say("Contact and update the file")
        officer.presses(Key.F10)
        officer.terminal.wait_for("Today", FIRST, "Contact and update the file", "Call sheet")
        assert not officer.terminal.shows(chinese)
        officer.presses(Key.ctrl("q"))
        assert officer.terminal.ended() == 0
    assert load_settings(morning).language == "en"


def test_chords_with_alt_act_where_letters_would_be_typed(morning: Path) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        officer.types("Outcome", "1")
        officer.types("Notes", NOTES)
        officer.sees(NOTES)
        officer.presses(Key.alt("i"))
        officer.sees("Why now")
        officer.presses(Key.alt("i"))
        officer.terminal.wait_gone(officer.say("Why now"))
        officer.sees(f"{NOTES} ")
        officer.presses(Key.F2)
        officer.at_field("Find")
        officer.presses("wangfang")
        officer.sees("1 found")
        officer.presses(Key.ENTER)
        officer.sees(THIRD, ">1 Overview")
        officer.presses(Key.alt("3"))
        officer.sees(">3 Transactions")


def test_what_was_just_said_about_a_customer_goes_with_the_lock(morning: Path) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("d", "1")
        officer.sees(f"{FIRST}. Undo")
        officer.presses(Key.ctrl("l"))
        officer.sees("Locked. What you were doing is kept.")
        officer.terminal.wait_gone(FIRST)
        _assert_nothing_told(officer.terminal.text)


def test_a_closed_terminal_ends_the_program(morning: Path) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        assert officer.terminal.hang_up() != 0


def test_two_officers_work_the_same_vault_at_once(morning: Path) -> None:
    with contextlib.ExitStack() as desks:
        one, other = (_at_work(desks, morning, language) for language in ("en", "zh_CN"))
        one.presses("d", "1")
        one.terminal.until(lambda text: FIRST not in text.replace(f"{FIRST}. Undo", ""))
        other.presses("r")
        other.terminal.wait_gone(FIRST)
        other.presses("d", "1")
        other.terminal.until(lambda text: THIRD in text and "20天" not in text)
        one.presses("r")
        one.terminal.until(lambda text: THIRD in text and "20 d late" not in text)
    with desk_on(morning) as desk:
        assert verify_ledger(desk).ok


def _at_work(desks: contextlib.ExitStack, home: Path, language: str) -> Officer:
    officer = desks.enter_context(officer_at(home, language))
    officer.signs_in()
    officer.sees(FIRST, SECOND)
    return officer
