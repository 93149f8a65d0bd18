"""The command line: global options, then a command; without one the app opens.

Global options may stand anywhere. Errors are sentences in the language in force; the exit code
says what kind (see ``ExitCode``).
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from deskcrm.clock import SystemClock
from deskcrm.commands.shell import Shell, print_error, starting_home
from deskcrm.errors import DeskError, ExitCode, UsageError
from deskcrm.faults import record_fault
from deskcrm.i18n import LANGUAGES, N_, preferred_language, set_language, translate
from deskcrm.vault.paths import VaultPaths

if TYPE_CHECKING:
    import typer

_WITH_VALUE = ("--home", "--lang", "--as", "--password-file", "--today")
_FLAGS = ("--json",)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    set_language(preferred_language())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options: dict[str, str] = {}
    try:
        options, rest = hoist(arguments)
        shell, help_asked = read_globals(options, rest)
        if rest or help_asked:
            return _run_command(shell, rest or ["--help"])
        return _open_app(shell)
    except DeskError as error:
        return Shell(starting_home(None), as_json="--json" in arguments).fail(error)
    except Exception as error:
        return _fault(error, options)


def _fault(error: Exception, options: dict[str, str]) -> int:
    """A mistake of the program's own: its trace may hold customer data, so a number is told."""
    home = starting_home(Path(options["--home"]) if "--home" in options else None)
    number = record_fault(error, VaultPaths(home).logs, SystemClock().now())
    print_error(
        translate(
            "The program made a mistake (number {number}). What was saved before is safe. Please "
            "tell your administrator the number.",
            number=number,
        )
    )
    return int(ExitCode.FAILED)


def hoist(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """The global options, wherever they stood, and the rest in its order.

    Raises ``UsageError`` for an option without its value.
    """
    options: dict[str, str] = {}
    rest: list[str] = []
    waiting = iter(arguments)
    for word in waiting:
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *waiting]
        elif word in _FLAGS:
            options[word] = ""
        elif name in _WITH_VALUE:
            given = value if equals else next(waiting, None)
            if given is None:
                raise UsageError(N_("{option} needs a value."), option=name)
            options[name] = given
        else:
            rest.append(word)
    return options, rest


def read_globals(options: dict[str, str], rest: list[str]) -> tuple[Shell, bool]:
    """The shell that the global options describe, and whether only help was asked for."""
    language = options.get("--lang")
    if language is not None:
        if language not in LANGUAGES:
            raise UsageError(N_("--lang is one of {languages}."), languages=", ".join(LANGUAGES))
        set_language(language)
    today = None
    if "--today" in options:
        try:
            today = date.fromisoformat(options["--today"])
        except ValueError as error:
            raise UsageError(N_("--today is a date such as 2026-11-23.")) from error
    home = options.get("--home")
    shell = Shell(
        starting_home(Path(home) if home else None),
        login=options.get("--as"),
        password_file=options.get("--password-file"),
        today=today,
        as_json="--json" in options,
        language=language,
        home_was_given=home is not None or "DESKCRM_HOME" in os.environ,
    )
    return shell, rest in (["--help"], ["-h"])


def _run_command(shell: Shell, words: list[str]) -> int:
    import typer
    from typer.exceptions import TyperException

    program = typer.main.get_command(_program())
    try:
        result = program.main(words, "deskcrm", standalone_mode=False, obj=shell)
    except DeskError as error:
        return shell.fail(error)
    except (KeyboardInterrupt, typer.Abort):
        print_error(translate("Stopped. Nothing further was done."))
        return int(ExitCode.FAILED)
    except TyperException as error:
        print_error(error.format_message())
        return int(ExitCode.USAGE)
    return result if isinstance(result, int) else int(ExitCode.DONE)


def _program() -> typer.Typer:
    import typer

    from deskcrm.commands import register

    program = typer.Typer(
        name="deskcrm",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=translate(
            "Who to contact now, why, and what to say. Without a command the app opens."
        ),
        epilog=translate(
            "Anywhere: --home DIR, --lang zh_CN|en, --as OFFICER, --password-file FILE|-, --json; "
            "in a demo vault also --today DATE. DESKCRM_HOME and DESKCRM_LANG stand for the first "
            "two. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not allowed or not unlocked, "
            "4 done with some rows rejected."
        ),
    )
    register(program)
    return program


def _open_app(shell: Shell) -> int:
    from deskcrm.launch import run_app

    return run_app(shell.home, clock=shell.clock(), language=shell.language)
