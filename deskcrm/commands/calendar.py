"""``calendar``: holidays and working days of the branch."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from deskcrm.commands.shell import Shell, say
from deskcrm.errors import ExitCode, UsageError
from deskcrm.i18n import N_, _


def register(program: typer.Typer) -> None:
    """Add the commands about the calendar."""
    group = typer.Typer(help=_("Holidays and working days"), no_args_is_help=True)
    group.command("import", help=_("Take over an announced year of holidays"))(import_year)
    group.command("add-days", help=_("Arrange days of the branch's own"))(add_days)
    program.add_typer(group, name="calendar")


def import_year(context: typer.Context, file: Path) -> int:
    """Take over a year's announcement."""
    from deskcrm.services.calendars import import_calendar

    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(N_("The file {name} cannot be read."), name=file) from error
    shell: Shell = context.obj
    with shell.desk() as desk:
        done = import_calendar(desk, content)
    sentence = _(
        "{year}: {days} unusual days taken over, {changed} of them new.",
        year=done.year,
        days=done.days,
        changed=done.changed,
    )
    content_json = {"year": done.year, "days": done.days, "changed": done.changed}
    shell.emit(content_json, lambda: say(sentence))
    return int(ExitCode.DONE)


def add_days(
    context: typer.Context,
    day: Annotated[str, typer.Argument(help=_("The first day, 2026-12-31"))],
    count: Annotated[int, typer.Argument(help=_("How many days"))] = 1,
    working: Annotated[
        bool, typer.Option("--working/--off", help=_("Worked, or not worked"))
    ] = False,
    reason: Annotated[str, typer.Option(help=_("Why, for the record"))] = "",
) -> int:
    """Arrange days of the branch's own, such as a removal or a local holiday."""
    from deskcrm.services.calendars import arrange_days

    try:
        first = date.fromisoformat(day)
    except ValueError as error:
        raise UsageError(N_("A day is a date such as 2026-12-31.")) from error
    shell: Shell = context.obj
    with shell.desk() as desk:
        days = arrange_days(desk, first, count, working=working, reason=reason)
    sentence = _("{first} to {last} are arranged.", first=days[0], last=days[-1])
    content = {"days": [each.isoformat() for each in days], "working": working}
    shell.emit(content, lambda: say(sentence))
    return int(ExitCode.DONE)
