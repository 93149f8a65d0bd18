"""An officer at the real program on a real terminal: sees the screen, presses keys, waits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deskcrm.config import load_settings
from deskcrm.i18n import translate_into
from deskcrm.services.desk import Desk
from deskcrm.services.session_start import close_desk, open_desk
from tools.terminal import Key, Terminal

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "deskcrm")
BRANCH = "城东支行"
LOGIN, PASSWORD = "lin", "a long quiet river at night"


@dataclass(frozen=True)
class Officer:
    """Somebody in front of the program; ``say`` gives a message in the language on the screen."""

    terminal: Terminal
    home: Path
    language: str

    def say(self, message: str, **values: object) -> str:
        return translate_into(self.language, message).format(**values)

    def saved(self, name: str) -> str:
        """How the program acknowledges a call with somebody."""
        sentence = self.say("Saved: {name}, {outcome}.", name=name, outcome="")
        return sentence.partition(name)[0] + name

    def sees(self, *messages: str) -> None:
        """Wait until messages, or texts of customers, stand on the screen."""
        self.terminal.wait_for(*(self.say(message) for message in messages))

    def at_field(self, label: str) -> None:
        """Wait until the cursor is in a field: the label of such a field is bold."""
        wanted = self.say(label)
        self.terminal.until(lambda _text: self.terminal.is_bold(wanted))

    def types(self, label: str, text: str) -> None:
        """Type into a field, once the cursor is there."""
        self.at_field(label)
        self.terminal.press(text)

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.terminal.press(key)

    def signs_in(self, login: str = LOGIN, password: str = PASSWORD) -> None:
        """From the first frame to the first screen of the day."""
        self.sees("Who is at the desk?")
        if load_settings(self.home).last_login != login:
            self.types("Login", login + Key.ENTER)
        self.types("Password", password + Key.ENTER)
        self.terminal.wait_gone(self.say("Who is at the desk?"))


@contextmanager
def officer_at(
    home: Path,
    language: str = "en",
    *,
    columns: int = 80,
    rows: int = 24,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] = PROGRAM,
) -> Iterator[Officer]:
    """The program on the vault in ``home``; it is killed when the block ends."""
    spoken = {"DESKCRM_LANG": language, **(environment or {})}
    command = [*program, "--home", str(home)]
    with Terminal(command, spoken, columns=columns, rows=rows) as terminal:
        yield Officer(terminal, home, language)


def make_vault(home: Path, *more_officers: str) -> None:
    """A vault made by the real command, its account manager and others with the same password."""
    officers = (f"{LOGIN}:林晓:account_manager", *more_officers)
    command = [*PROGRAM, "--home", str(home), "--password-file", "-", "init", "--branch", BRANCH]
    for one in officers:
        command += ["--officer", one]
    passwords = f"{PASSWORD}\n" * len(officers)
    subprocess.run(command, input=passwords, text=True, check=True, capture_output=True)


@contextmanager
def desk_on(home: Path, login: str = LOGIN) -> Iterator[Desk]:
    """The desk of an officer of such a vault, opened by the services."""
    desk = open_desk(home, login, PASSWORD)
    try:
        yield desk
    finally:
        close_desk(desk)
