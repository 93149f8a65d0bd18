"""``queue``, ``log``, ``followup`` and ``scheduler``: the day's work from the command line."""

from __future__ import annotations

import sys
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from deskcrm.clock import local
from deskcrm.commands.shell import Shell, read_id, say
from deskcrm.errors import ExitCode, UsageError
from deskcrm.i18n import N_, _

if TYPE_CHECKING:
    from deskcrm.rules.spoken_dates import SpokenDate
    from deskcrm.services.desk import Desk
    from deskcrm.services.followups import FollowupsChanged

When = Annotated[str, typer.Argument(help=_("A date as people say it: fri 15:00, 明天下午3点"))]
FollowupId = Annotated[str, typer.Argument(help=_("The follow-up's identifier"))]


def register(program: typer.Typer) -> None:
    """Add the commands of the day."""
    program.command("queue", help=_("Today's follow-ups, the most pressing first"))(queue)
    program.command("log", help=_("Take down a contact with a customer"))(log)
    group = typer.Typer(help=_("Work follow-ups"), no_args_is_help=True)
    group.command("done", help=_("Close a follow-up with its outcome"))(done)
    group.command("snooze", help=_("Be told again at a time"))(snooze)
    group.command("defer", help=_("Hide a follow-up until a day"))(defer)
    group.command("transfer", help=_("Hand a follow-up to another officer"))(transfer)
    group.command("dismiss", help=_("Close a follow-up without working it"))(dismiss)
    group.command("add", help=_("Add a follow-up by hand"))(add)
    program.add_typer(group, name="followup")
    scheduler = typer.Typer(help=_("Raise what is due"), no_args_is_help=True)
    scheduler.command("run", help=_("Run every rule"))(run)
    program.add_typer(scheduler, name="scheduler")


def queue(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help=_("How many at most"), min=1, max=10_000)] = 500,
    officer: Annotated[str, typer.Option(help=_("Whose queue; yours unless told"))] = "",
) -> int:
    """The ranked queue of today."""
    from deskcrm.services.queue import queue as todays_queue
    from deskcrm.services.scans import run_scans

    shell: Shell = context.obj
    with shell.desk() as desk:
        run_scans(desk)
        found = todays_queue(desk, officer_login=officer or None, limit=limit)
        zone_clock = desk.clock

    def human() -> None:
        for place, item in enumerate(found.items, 1):
            due = (
                local(item.due_at, zone_clock).strftime("%m-%d %H:%M")
                if item.due_at
                else item.due_on.strftime("%m-%d")
            )
            why = "; ".join(reason.text for reason in item.reasons)
            say(f"{place:>4}  {item.id}  {due:<11}  {item.customer_name}  {_(item.title)}  ({why})")
        say(_("{n} in all, {overdue} overdue.", n=found.total, overdue=found.overdue))

    shell.emit(found.as_json(), human)
    return int(ExitCode.DONE)


def log(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help=_("The customer's identifier"))],
    channel: Annotated[str, typer.Option(help=_("phone, counter, visit, sms, wechat, mail, app"))],
    outcome: Annotated[str, typer.Option(help=_("An outcome code, for example done or no_answer"))],
    note: Annotated[str, typer.Option(help=_("The note; - reads it from standard input"))] = "",
    at: Annotated[str, typer.Option(help=_("When it happened; now unless told"))] = "",
    next_: Annotated[
        str, typer.Option("--next", help=_("What comes next: WHEN KIND, tomorrow 15:00 callback"))
    ] = "",
    no_next: Annotated[str, typer.Option(help=_("Why nothing comes next"))] = "",
    followup: Annotated[str, typer.Option(help=_("The follow-up that was worked"))] = "",
) -> int:
    """Take down a contact: an outcome, and what comes next or why nothing does."""
    from deskcrm.services.interactions import NewInteraction, log_interaction

    shell: Shell = context.obj
    followup_id = read_id(followup) if followup else None
    with shell.desk() as desk:
        notes = sys.stdin.read() if note == "-" else note
        when, kind = _next_step(desk, next_)
        saved = log_interaction(
            desk,
            NewInteraction(
                customer_id=read_id(customer),
                channel=channel,
                outcome=outcome,
                notes=notes,
                at=_instant(desk, _past(desk, at)) if at else None,
                next_kind=kind,
                next_on=when.day if when else None,
                next_at=_instant(desk, when) if when and when.time else None,
                no_next_reason=no_next,
                followup_id=followup_id,
            ),
        )
    shell.emit(saved.as_json(), lambda: say(_("Saved.")))
    return int(ExitCode.DONE)


def done(
    context: typer.Context,
    followup: FollowupId,
    disposition: Annotated[str, typer.Option(help=_("An outcome code"))] = "done",
    note: Annotated[str, typer.Option(help=_("A note"))] = "",
) -> int:
    """Close a follow-up with an outcome."""
    from deskcrm.services import followups

    shell: Shell = context.obj
    with shell.desk() as desk:
        changed = followups.done(desk, [read_id(followup)], disposition=disposition, note=note)
    return _tell(shell, changed)


def snooze(context: typer.Context, followup: FollowupId, until: When) -> int:
    """Be told again at a time; the promise stays as it is."""
    from deskcrm.services import followups

    shell: Shell = context.obj
    with shell.desk() as desk:
        changed = followups.snooze(desk, [read_id(followup)], _instant(desk, _future(desk, until)))
    return _tell(shell, changed)


def defer(context: typer.Context, followup: FollowupId, until: When) -> int:
    """Hide a follow-up until a day; its due day stays as it is."""
    from deskcrm.services import followups

    shell: Shell = context.obj
    with shell.desk() as desk:
        changed = followups.defer(desk, [read_id(followup)], _future(desk, until).day)
    return _tell(shell, changed)


def transfer(
    context: typer.Context,
    followup: FollowupId,
    to: Annotated[str, typer.Argument(help=_("The other officer's login"))],
    reason: Annotated[str, typer.Option(help=_("Why, for the record"))] = "",
) -> int:
    """Hand a follow-up to another officer."""
    from deskcrm.services import followups

    shell: Shell = context.obj
    with shell.desk() as desk:
        changed = followups.transfer(desk, [read_id(followup)], to, reason=reason)
    return _tell(shell, changed)


def dismiss(
    context: typer.Context,
    followup: FollowupId,
    reason: Annotated[str, typer.Option(help=_("Why it is not needed"))],
) -> int:
    """Close a follow-up without working it."""
    from deskcrm.services import followups

    shell: Shell = context.obj
    with shell.desk() as desk:
        changed = followups.dismiss(desk, [read_id(followup)], reason)
    return _tell(shell, changed)


def add(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help=_("The customer's identifier"))],
    due: When,
    title: Annotated[str, typer.Option(help=_("What is to be done"))] = "",
    note: Annotated[str, typer.Option(help=_("A note"))] = "",
    owner: Annotated[str, typer.Option(help=_("Whose it is; yours unless told"))] = "",
) -> int:
    """Add a follow-up by hand."""
    from deskcrm.services import followups

    shell: Shell = context.obj
    with shell.desk() as desk:
        when = _future(desk, due)
        new = followups.NewFollowup(
            read_id(customer),
            due_on=when.day,
            due_at=_instant(desk, when) if when.time else None,
            title=title,
            note=note,
            owner=owner or None,
        )
        changed = followups.add(desk, new)
    return _tell(shell, changed)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=_("Scan now and end"))] = False,
) -> int:
    """Run every rule now, for a timer of the operating system."""
    from deskcrm.services.scans import run_scans

    if not once:
        raise UsageError(N_("Say --once: the app itself scans while it is open."))
    shell: Shell = context.obj
    with shell.desk() as desk:
        report = run_scans(desk)
    shell.emit(report.as_json(), lambda: say(_("{n} follow-ups raised.", n=report.raised)))
    return int(ExitCode.DONE)


def _tell(shell: Shell, changed: FollowupsChanged) -> int:
    item = changed.followups[0]

    def human() -> None:
        say(f"{item.customer_name}  {_(item.title)}  {item.state.value}")
        say(_("Take it back with: deskcrm undo"))

    shell.emit(item.as_json(), human)
    return int(ExitCode.DONE)


def _next_step(desk: Desk, text: str) -> tuple[SpokenDate | None, str | None]:
    """``WHEN KIND``, in this order; a callback when no kind is named."""
    from deskcrm.models import NextStep

    words = text.split()
    if not words:
        return None, None
    kind = NextStep.CALLBACK.value
    if words[-1] in list(NextStep):
        kind = words.pop()
    return _future(desk, " ".join(words)), kind


def _future(desk: Desk, text: str) -> SpokenDate:
    return _read(desk, text, future_only=True)


def _past(desk: Desk, text: str) -> SpokenDate:
    return _read(desk, text, future_only=False)


def _read(desk: Desk, text: str, *, future_only: bool) -> SpokenDate:
    from deskcrm.rules.spoken_dates import read_date

    now = local(desk.now(), desk.clock).replace(tzinfo=None)
    found = read_date(text, now, desk.calendar, future_only=future_only)
    if found is None:
        raise UsageError(
            N_("“{text}” is not understood as a date. Try fri 15:00, +3d or 2026-12-31."), text=text
        )
    return found


def _instant(desk: Desk, when: SpokenDate) -> datetime:
    """The instant of a date; without a time of day, the opening hour nine."""
    hour = when.time or time(9)
    return datetime.combine(when.day, hour, tzinfo=desk.clock.zone)
