"""Hostile text in every field, looked at on every screen of the real program.

Nothing of it may act on the terminal, end the program, be taken for markup or be clickable.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import pytest

from deskcrm.models import CustomerKind
from deskcrm.rules.text import clean, clean_multiline
from deskcrm.screens.customer import TABS
from tests.conftest import SHARED_DATA
from tests.journeys.officer import Officer, desk_on, make_vault, officer_at
from tests.security.hostile import ESCAPES, Planter, plant_branch, plant_customer, samples
from tests.security.terminal_stream import foreign
from tools.terminal import Key

QUICK_STRINGS, QUICK_CUSTOMERS = 60, 3
FULL_CUSTOMERS = 60
NAUGHTY = SHARED_DATA / "blns" / "blns.json"
MARK = re.compile(r"q(\d+)q")
WHOLE = re.compile(r"q(\d+)q((?:(?!q\d+q).)*?)z\1z")
NAME = re.compile(r"^ (q\d+q)", re.MULTILINE)
CORNER = "╭"
HEADING_ROWS, ALL_ROWS = 4, 99
LAST_TAB, LAST_SECTION = "0 History", "4 Relationship"
ENTRIES = (4, 6, 7, 8)
"""Tabs whose rows open in a dialog."""
PICKED_FROM = "dt"
"""Keys of dialogs in which a click takes something."""


WHOLE_FRAME_SECONDS = 0.05
"""A frame comes in pieces; half of one shows what never stands together."""


@dataclass
class Walk:
    """A walk over all screens, and what came of each string on the way."""

    officer: Officer
    planted: dict[int, str]
    screens: int = 0
    clicks: int = 0
    shown: set[int] = field(default_factory=set)
    compared: set[int] = field(default_factory=set)
    altered: dict[int, str] = field(default_factory=dict)
    """The lines with them."""

    def look(self, clickable_rows: int = HEADING_ROWS) -> None:
        """Compare each string that is shown whole with what was planted, and click on the markup
        in the upper rows: below, a click on a row of a table has a meaning of its own."""
        terminal = self.officer.terminal
        terminal.settled(WHOLE_FRAME_SECONDS)
        self.screens += 1
        self.shown |= {int(number) for number in MARK.findall(terminal.text)}
        for line in terminal.lines:
            for number, text in WHOLE.findall(line):
                self._compare(int(number), text, line)
        if any("@click" in line for line in terminal.lines[:clickable_rows]):
            terminal.click(*terminal.place_of("@click"))
            self.clicks += 1

    def _compare(self, number: int, text: str, line: str) -> None:
        if "***" in text:
            return  # a masked value
        self.compared.add(number)
        planted = self.planted[number]
        if _solid(text) not in (_solid(clean(planted)), _solid(clean_multiline(planted))):
            self.altered[number] = line

    def marks_below(self, line_with: str, at_least: int = 1) -> None:
        """Wait until strings stand on the screen below a line."""
        self.officer.terminal.until(
            lambda text: len(MARK.findall(text.partition(line_with)[2])) >= at_least
        )

    def today(self) -> None:
        """The queue, the brief, the reasons and a dialog with the name."""
        self.officer.sees("Today", "What and why")
        self.marks_below("What and why", at_least=2)
        self.look()
        for key in "bwd":
            self._dialog(key)

    def customer(self) -> None:
        """The ten tabs with their dialogs, the form and the call sheet."""
        for number, (title, _make) in enumerate(TABS, 1):
            self.officer.presses(str(number % 10))
            self.officer.sees(f">{number % 10} {self.officer.say(title)}")
            self.marks_below(LAST_TAB)
            self.look()
            if number in ENTRIES:
                self._dialog(Key.ENTER)
        self.officer.presses("1")
        self.officer.sees(">1 Overview")
        self._scrolled()
        self._revealed()
        self._dialog("t")
        self._dialog("p")
        self._form()
        self.officer.presses("c")
        self.officer.sees("Your draft of")
        self.look()
        self._dialog(Key.alt("i"))
        self.officer.presses(Key.ESCAPE)
        self.officer.sees(">1 Overview")

    def _revealed(self) -> None:
        """A value in clear, with a reason."""
        self.officer.presses("v")
        self.officer.sees("Show in clear")
        self.look()
        self.officer.presses("1")
        self.officer.sees("Why do you need to see it?")
        self.look()
        self.officer.presses("to check" + Key.ENTER)
        self.officer.terminal.wait_gone(CORNER)
        self.officer.sees("Mobile phone: ")
        self.look()

    def _scrolled(self) -> None:
        """The rest of the overview, which is longer than the screen."""
        while not self.officer.terminal.shows("Collected via"):
            self.officer.presses(Key.PAGE_DOWN)
            self.officer.terminal.wait_gone(self.officer.terminal.text)
            self.look()

    def _form(self) -> None:
        self.officer.presses("e")
        self.officer.sees(">1 Basics")
        for section in range(2, 6):
            self.marks_below(LAST_SECTION)
            self.look()
            self.officer.presses(Key.PAGE_DOWN)
            self.officer.sees(f">{(section - 1) % 4 + 1} ")
        self.officer.presses(Key.ESCAPE)
        self.officer.sees(">1 Overview")

    def _dialog(self, key: str) -> None:
        """Open a dialog, known by its frame, and close it."""
        self.officer.presses(key)
        self.officer.terminal.wait_for(CORNER)
        self.marks_below(CORNER)
        self.look(HEADING_ROWS if key in PICKED_FROM else ALL_ROWS)
        self.officer.presses(Key.ESCAPE)
        self.officer.terminal.wait_gone(CORNER)

    def customers(self, count: int) -> None:
        """The list, then one customer after the other."""
        self.officer.presses(Key.F4)
        self.officer.sees("Customers", "Sort by name")
        self.marks_below("Sort by name", at_least=2)
        self.look()
        self.officer.presses(Key.ENTER)
        for _number in range(count - 1):
            self.officer.sees(">1 Overview")
            self.customer()
            self.officer.presses("n")
            self.officer.terminal.wait_gone(f"\n {self._name()}")
        self.customer()

    def _name(self) -> str:
        found = NAME.search(self.officer.terminal.text)
        return found[1] if found else ""

    def elsewhere(self) -> None:
        """The search, the vault, the imports, and the lock."""
        self.officer.presses(Key.F2)
        self.officer.sees("Find", "Esc Close")
        self.officer.presses("q")
        self.officer.terminal.until(lambda text: re.search(r"[1-9]\d* found", text) is not None)
        self.look()
        self.officer.presses(Key.ESCAPE)
        self.officer.sees(">1 Overview")
        self.officer.presses(Key.SHIFT_F2)
        self.officer.sees("Import a file")
        self.marks_below("Brought in")
        self.look()
        self.officer.presses(Key.F9)
        self.officer.sees("Audit entries")
        self.marks_below("Audit entries")
        self.look()
        self.officer.presses(Key.ctrl("l"))
        self.officer.sees("Locked. What you were doing is kept.")
        self.look()


def _solid(text: str) -> str:
    """Without spaces: a line may be broken or filled up at one."""
    return "".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_hostile_text_is_inert_on_every_screen(
    tmp_path: Path, columns: int, rows: int, full_size: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    naughty = NAUGHTY if NAUGHTY.exists() else None
    planter = Planter(samples(naughty, None if full_size else QUICK_STRINGS))
    customers = FULL_CUSTOMERS if full_size else QUICK_CUSTOMERS
    make_vault(tmp_path)
    with desk_on(tmp_path) as desk:
        plant_branch(desk, planter)
        for kind in islice(cycle(CustomerKind), customers):
            plant_customer(desk, planter, kind)
    with officer_at(tmp_path, columns=columns, rows=rows) as officer:
        walk = Walk(officer, planter.planted)
        officer.signs_in()
        walk.today()
        walk.customers(customers)
        walk.elsewhere()
        officer.presses(Key.ctrl("q"))
        assert officer.terminal.ended() == 0
        leaked = foreign(bytes(officer.terminal.output))
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{columns}×{rows}: {len(set(planter.strings))} hostile strings in "
            f"{len(set(planter.where.values()))} columns, {walk.screens} screens, "
            f"{len(walk.shown)} fields shown, {len(walk.compared)} compared, "
            f"{len(walk.altered)} altered, {walk.clicks} clicks on markup, "
            f"{sum(leaked.values())} bytes leaked"
            + ("" if naughty else " (without the Big List of Naughty Strings: not present)")
        )
    assert leaked == {}
    assert walk.altered == {}
    assert walk.clicks
    assert len(walk.compared) > len(walk.shown) / 3


@pytest.mark.parametrize("escape", ESCAPES[:-1])
def test_the_stream_is_searched_for_what_could_act_on_a_terminal(escape: str) -> None:
    drawn = "\x1b[?1049h\x1b[1;1H\x1b[0;1;38;2;1;2;3m王\x1b[?1049l"
    assert foreign(drawn.encode()) == {}
    assert foreign(drawn.replace("王", f"{escape}王").encode()) != {}
