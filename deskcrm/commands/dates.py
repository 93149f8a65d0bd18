"""``dates``: read a date as people say it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from deskcrm.commands.shell import Shell, print_error, say
from deskcrm.errors import ExitCode, UsageError
from deskcrm.i18n import N_, _


def register(program: typer.Typer) -> None:
    """Add the command."""
    program.command("dates", help=_("Read a date as people say it"))(dates)


def dates(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help=_("For example: fri 15:00, 明天下午3点"))],
    now: Annotated[str, typer.Option(help=_("Count from this moment, 2026-11-23T09:00"))] = "",
) -> int:
    """Exit 1 when the text is not understood."""
    from deskcrm.clock import SystemClock, local
    from deskcrm.rules.spoken_dates import echo, read_date
    from deskcrm.rules.working_days import load_calendars

    shell: Shell = context.obj
    if now:
        try:
            moment = datetime.fromisoformat(now).replace(tzinfo=None)
        except ValueError as error:
            raise UsageError(N_("--now is a moment such as 2026-11-23T09:00.")) from error
    else:
        clock = shell.clock() if shell.today else SystemClock()
        moment = local(clock.now(), clock).replace(tzinfo=None)
    calendar = load_calendars()
    ahead = read_date(text, moment, calendar)
    found = ahead or read_date(text, moment, calendar, future_only=False)
    if found is None:
        if shell.as_json:
            shell.emit({"when": None, "text": text, "working_days": None}, lambda: None)
        print_error(_("This date was not understood. Try fri 15:00, +3d or 2026-12-31."))
        return int(ExitCode.FAILED)
    when = found.day.isoformat()
    if found.time is not None:
        when += "T" + found.time.strftime("%H:%M")
    words = echo(found)
    content = {
        "when": when,
        "text": words,
        "working_days": found.working_days,
        "provisional": found.provisional,
    }
    shell.emit(content, lambda: say(words))
    return int(ExitCode.DONE)
