"""What every command shares: the global options, signing in, and the two forms of output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskcrm.clock import Clock, SystemClock
from deskcrm.errors import DeskError, UsageError
from deskcrm.i18n import N_, translate
from deskcrm.rules.text import clean
from deskcrm.vault.paths import VaultPaths, default_home

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk


class NotADemoError(UsageError):
    """``--today`` outside a demo vault."""

    code = "not-a-demo"
    message = N_("--today is only for demo vaults. Nothing was done.")


class NoPasswordError(UsageError):
    """No password can be asked for, because nobody is at the terminal."""

    code = "no-password"
    message = N_(
        "A password is needed. Give it with --password-file FILE, or - for standard input."
    )


@dataclass(slots=True)
class Shell:
    """The global options of one run, and how it speaks."""

    home: Path
    login: str | None = None
    password_file: str | None = None
    today: date | None = None
    as_json: bool = False
    language: str | None = None
    home_was_given: bool = True

    @property
    def paths(self) -> VaultPaths:
        return VaultPaths(self.home)

    def clock(self) -> Clock:
        """The machine's clock, moved to ``--today`` in a demo vault; refused in any other."""
        clock = SystemClock()
        if self.today is None:
            return clock
        if not self.paths.demo.exists():
            raise NotADemoError
        return clock.on_day(self.today)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Sign in and give the desk; everything is closed afterwards."""
        from deskcrm.services.session_start import close_desk, open_desk

        login = self.sign_in_name(self.home)
        desk = open_desk(self.home, login, self.password(login), clock=self.clock())
        try:
            yield desk
        finally:
            close_desk(desk)

    def password(self, login: str) -> str:
        """The password from the file, standard input, the demo's list, or a prompt."""
        if self.password_file is not None:
            return read_password(self.password_file)
        known = self.known_password(login)
        if known is not None:
            return known
        if not sys.stdin.isatty():
            raise NoPasswordError
        import getpass

        return getpass.getpass(translate("Password of {login}: ", login=login))

    def new_passwords(self, logins: list[str]) -> list[str]:
        """A new password for every login: one a line of the file, or asked for twice."""
        if self.password_file is not None:
            return _lines(self.password_file, len(logins))
        if not sys.stdin.isatty():
            raise NoPasswordError
        return [_ask_twice(login) for login in logins]

    def secrets(self, prompt: str, *, new_of: str, known: str | None = None) -> tuple[str, str]:
        """A secret that is there and a new password: two lines of the file, or asked for."""
        if self.password_file is not None:
            first, second = _lines(self.password_file, 2)
            return first, second
        if not sys.stdin.isatty():
            raise NoPasswordError
        import getpass

        return known or getpass.getpass(prompt), _ask_twice(new_of)

    def known_password(self, login: str) -> str | None:
        """The published password of a demo's officer."""
        return self._demo_passwords().get(login)

    def demo_home(self) -> Path:
        """Where the demo branch lies: the folder that was asked for, or ``demo`` in ours."""
        return self.home if self.home_was_given else self.home / "demo"

    def emit(self, content: dict[str, Any], human: Callable[[], None]) -> None:
        """One JSON object on standard output with ``--json``, else the human form."""
        if self.as_json:
            sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        else:
            human()

    def fail(self, error: DeskError) -> int:
        """Say an error in the form asked for; returns the exit code."""
        if self.as_json:
            content = {"error": error.code, "message": str(error)}
            sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        print_error(str(error))
        return int(error.exit_code)

    def sign_in_name(self, home: Path) -> str:
        """Who signs in to the vault or backup in ``home``: ``--as``, the usual officer of a demo,
        or the only one there is."""
        from deskcrm.services.session_start import logins

        if self.login is not None:
            return self.login
        known = logins(home)
        demo = self._demo()
        if demo:
            return str(demo.get("usual", known[0]))
        if len(known) == 1:
            return known[0]
        raise UsageError(N_("Say who you are with --as LOGIN: {logins}"), logins=", ".join(known))

    def _demo(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self.paths.demo.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return content

    def _demo_passwords(self) -> dict[str, str]:
        return {row["login"]: row["password"] for row in self._demo().get("officers", ())}


def read_password(source: str) -> str:
    """The first line of a file, or of standard input for ``-``."""
    return _lines(source, 1)[0]


def _lines(source: str, count: int) -> list[str]:
    """The first ``count`` lines; standard input is left at what follows them."""
    try:
        if source == "-":
            found = [sys.stdin.readline() for _ in range(count)]
        else:
            found = Path(source).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(N_("The password file {name} cannot be read."), name=source) from error
    lines = [line.rstrip("\r\n") for line in found][:count]
    if len(lines) < count or not all(lines):
        raise NoPasswordError
    return lines


def _ask_twice(login: str) -> str:
    import getpass

    while True:
        first = getpass.getpass(translate("New password of {login}: ", login=login))
        if first == getpass.getpass(translate("Once more: ")):
            return first
        print_error(translate("The two are not the same. Once more, please."))


def starting_home(given: Path | None) -> Path:
    """The vault folder: the option, else ``DESKCRM_HOME``, else the system's place for data."""
    named = os.environ.get("DESKCRM_HOME")
    return given or (Path(named) if named else default_home())


def say(text: str = "") -> None:
    """A line of the human form, on standard output, cleaned of what could act on a terminal."""
    sys.stdout.write(clean(text) + "\n")


def print_error(text: str) -> None:
    """A line on standard error."""
    sys.stderr.write(text + "\n")


def read_id(text: str) -> int:
    """An identifier as the commands take it; ``UsageError`` when it is not a number."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**63:
        raise UsageError(N_("An identifier is a number."))
    return int(text)
