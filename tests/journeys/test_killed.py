"""``kill -9`` of the program while an officer works: nothing that was acknowledged is lost."""

from __future__ import annotations

import random
import re
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desks import add_customer
from tests.journeys.officer import Officer, desk_on, make_vault, officer_at
from tests.whole_calls import whole_calls
from tools.terminal import Key, ProgramEndedError

QUICK, FULL = 20, 200
MOST_CALLS_IN_A_LIFE = 3
LONGEST_LIFE_SECONDS = 3.0
AROUND_A_SAVE_SECONDS = 0.15
CADENCE_DAYS = 60
SHEET_OF = re.compile(r"Call sheet · (客户\d{4}号)")


@dataclass
class Tally:
    """What stood on the screen over all lives of the program."""

    kills: int = 0
    tried: int = 0
    acknowledged: list[str] = field(default_factory=list)
    kept: tuple[str, str] | None = None
    """Customer and notes of the last sheet whose draft was said to be kept."""
    offered: int = 0
    saved_unseen: list[str] = field(default_factory=list)


@dataclass
class Life:
    """One run of the program, from signing in to the kill."""

    officer: Officer
    tally: Tally
    chance: random.Random
    customer: str = ""
    notes: str = ""

    def live(self) -> None:
        """Sign in, work, and be killed: at any moment, around a save, or with a draft kept."""
        with suppress(ProgramEndedError):
            self.officer.signs_in()
            self.officer.sees("Today", "客户")
            self.officer.presses("c")
            self._begin()
            self.chance.choice((self._at_any_moment, self._around_a_save, self._with_a_draft))()
        self.officer.terminal.ended()
        self._look()
        self.tally.kills += 1

    def _begin(self) -> None:
        """The draft of the last life is offered again; begin anew whether there is one or not."""
        self._sheet()
        if self.tally.kept is not None:
            customer, notes = self.tally.kept
            self.tally.kept = None
            if customer == self.customer:
                self.officer.sees("Your draft of")
                self.tally.offered += 1
            else:
                self.tally.saved_unseen.append(notes)
        self.officer.presses(Key.ctrl("r"))
        self.officer.sees("The draft was discarded.")

    def _at_any_moment(self) -> None:
        moment = self.chance.uniform(0, LONGEST_LIFE_SECONDS)
        killer = threading.Timer(moment, self.officer.terminal.kill)
        killer.start()
        try:
            while True:
                self._take_down()
                self._save()
        finally:
            killer.join()

    def _around_a_save(self) -> None:
        for _call in range(self.chance.randrange(MOST_CALLS_IN_A_LIFE)):
            self._take_down()
            self._save()
        self._take_down()
        self.officer.presses(Key.ENTER)
        self.officer.terminal.watch(self.chance.uniform(0, AROUND_A_SAVE_SECONDS))
        self.officer.terminal.kill()

    def _with_a_draft(self) -> None:
        self._take_down()
        self.officer.sees("draft kept")
        self.officer.terminal.kill()

    def _take_down(self) -> None:
        """Fill in the sheet, all but the last Enter."""
        self.tally.tried += 1
        self.notes = f"第{self.tally.tried:05}次通话。"
        self.officer.types("Outcome", self.chance.choice("12345"))
        self.officer.types("Notes", self.notes + Key.TAB)
        self.officer.types("Satisfaction", Key.DOWN)
        self.officer.types("Needs heard", Key.DOWN)
        if self.chance.random() < 0.5:
            self.officer.types("Next step", "1")
            self.officer.types("Due", "明天下午3点")
        else:
            self.officer.types("Next step", "0")
            self.officer.types("Because", "已办妥")

    def _save(self) -> None:
        self.officer.presses(Key.ENTER)
        self.officer.sees(self.officer.saved(self.customer))
        self._look()
        self._sheet()

    def _sheet(self) -> None:
        """Wait for the next customer's sheet."""
        before = self.customer
        self.officer.terminal.until(lambda text: _customer_of(text) not in ("", before))
        self.customer = _customer_of(self.officer.terminal.text)

    def _look(self) -> None:
        """Note what the screen acknowledges of the sheet at hand."""
        terminal = self.officer.terminal
        if not self.notes or self.notes in self.tally.acknowledged:
            return
        if terminal.shows(self.officer.saved(self.customer)):
            self.tally.acknowledged.append(self.notes)
        elif terminal.shows("draft kept", self.notes):
            self.tally.kept = self.customer, self.notes


def _customer_of(screen: str) -> str:
    found = SHEET_OF.search(screen)
    return found[1] if found else ""


@pytest.fixture
def long_queue(tmp_path: Path, full_size: bool) -> Path:
    """A vault with more customers to call than all lives together can."""
    home = tmp_path / "home"
    make_vault(home)
    with desk_on(home) as desk:
        late = desk.today() - timedelta(days=CADENCE_DAYS + 30)
        for number in range(100 + (FULL if full_size else QUICK) * MOST_CALLS_IN_A_LIFE):
            name = f"客户{number:04}号"
            add_customer(desk, name, cadence_days=CADENCE_DAYS, cadence_anchor_on=late)
    return home


def test_no_acknowledged_call_is_lost_when_the_program_is_killed(
    long_queue: Path, full_size: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261123)
    tally = Tally()
    while tally.kills < (FULL if full_size else QUICK):
        with officer_at(long_queue) as officer:
            Life(officer, tally, chance).live()
    with desk_on(long_queue) as desk:
        found = whole_calls(desk)
    lost = [n for n in (*tally.acknowledged, *tally.saved_unseen) if found[n] != 1]
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{tally.kills} kills of the program, {tally.tried} calls begun, "
            f"{len(tally.acknowledged)} acknowledged, {found.total()} in the database, "
            f"{len(lost)} lost, {tally.offered} drafts offered again"
        )
    assert lost == []
    assert set(found.values()) == {1}
    assert tally.acknowledged
    assert tally.offered
