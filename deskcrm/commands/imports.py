"""``import``: bring files in, list and take back what was brought in, look at a file first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deskcrm.clock import local
from deskcrm.commands.shell import Shell, read_id, say
from deskcrm.errors import ExitCode
from deskcrm.i18n import N_, _

if TYPE_CHECKING:
    from deskcrm.exchange.importer import ImportReport

KINDS = {
    "customers": N_("Bring in customers from a file"),
    "accounts": N_("Bring in accounts from a file"),
    "transactions": N_("Bring in transactions from a file"),
    "interactions": N_("Bring in interactions from a file"),
}
_SHOWN_PROBLEMS = 10


def register(program: typer.Typer) -> None:
    """Add the commands about imported files."""
    group = typer.Typer(help=_("Bring data in from files"), no_args_is_help=True)
    for kind, help_id in KINDS.items():
        group.command(kind, help=_(help_id))(_command(kind))
    group.command("undo", help=_("Take back what a file brought in"))(undo)
    group.command("list", help=_("The files that were brought in, newest first"))(list_all)
    group.command("sniff", help=_("How a file would be read; needs no vault"))(sniff)
    program.add_typer(group, name="import")


def _command(kind: str) -> Callable[..., int]:
    def command(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help=_("CSV, text or spreadsheet"))],
        profile: Annotated[
            str | None, typer.Option(help=_("A profile of data/import/profiles, by its name"))
        ] = None,
        encoding: Annotated[
            str | None, typer.Option(help=_("Such as utf-8, gb18030, big5; found if not given"))
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help=_("Check and count, but change nothing"))
        ] = False,
        rejects: Annotated[Path | None, typer.Option(help=_("The file for rejected rows"))] = None,
    ) -> int:
        from deskcrm.exchange.importer import import_file

        shell: Shell = context.obj
        with shell.desk() as desk, _progress() as progress:
            report = import_file(
                desk,
                kind,
                file,
                profile=profile,
                encoding=encoding,
                dry_run=dry_run,
                rejects_path=rejects,
                progress=progress,
            )
        shell.emit(report.as_json(), lambda: _tell(report))
        return int(ExitCode.SOME_REJECTED if report.rejected else ExitCode.DONE)

    return command


def _tell(report: ImportReport) -> None:
    dry = report.batch is None
    if report.same_file is not None:
        say(_("This very file was brought in before, as batch {batch}.", batch=report.same_file))
    say(_("Checked only; nothing was changed.") if dry else _("Batch {batch}", batch=report.batch))
    say(
        _(
            "{read} rows read in {seconds} s: {created} new, {updated} updated, {unchanged} as "
            "they were, {rejected} rejected.",
            read=f"{report.read:,}",
            seconds=f"{report.seconds:.1f}",
            created=f"{report.created:,}",
            updated=f"{report.updated:,}",
            unchanged=f"{report.unchanged:,}",
            rejected=f"{report.rejected:,}",
        )
    )
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        say(f"  {problem.count:>8,}  {problem.title}: {problem.reason}")
        say("            " + _("first in line {line}", line=problem.line))
    if report.rejects_file is not None:
        say(_("The rejected rows are in {file}.", file=report.rejects_file))
        say(
            _("Correct them there and bring that file in; the rows already taken stay as they are.")
        )
    if not dry:
        say(_("To take it back: deskcrm import undo {batch}", batch=report.batch))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], object] | None]:
    """A bar on standard error, when somebody looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda read, total: bar.update(task, completed=read, total=total)


def undo(
    context: typer.Context, batch: Annotated[str, typer.Argument(help=_("The number of the batch"))]
) -> int:
    """Take a batch back; what somebody has worked on since stays."""
    from deskcrm.exchange.batches import undo_batch

    shell: Shell = context.obj
    with shell.desk() as desk:
        undone = undo_batch(desk, read_id(batch))

    def human() -> None:
        say(_("Taken back: {n} rows.", n=f"{undone.restored:,}"))
        if undone.kept:
            say(_("{n} stay, because they were worked on since.", n=f"{undone.kept:,}"))

    shell.emit(undone.as_json(), human)
    return int(ExitCode.DONE)


def list_all(context: typer.Context) -> int:
    """The officer's own batches; all of the branch for a supervisor."""
    from deskcrm.exchange.batches import list_batches

    shell: Shell = context.obj
    with shell.desk() as desk:
        batches = list_batches(desk)
        clock = desk.clock

    def human() -> None:
        for one in batches:
            at = local(one.imported_at, clock).strftime("%Y-%m-%d %H:%M")
            undone = _("taken back") if one.undone else ""
            say(
                f"{one.id}  {at}  {one.kind:<12}  +{one.created:,} ~{one.updated:,}"
                f" !{one.rejected:,}  {one.file_name}  {undone}".rstrip()
            )
        if not batches:
            say(_("Nothing was brought in yet."))

    shell.emit({"batches": [one.as_json() for one in batches]}, human)
    return int(ExitCode.DONE)


def sniff(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=_("CSV, text or spreadsheet"))],
    encoding: Annotated[
        str | None, typer.Option(help=_("Such as utf-8, gb18030, big5; found if not given"))
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help=_("Also all rows"))] = False,
) -> int:
    """Encoding, delimiter, header and mapping of a file."""
    from deskcrm.exchange.sniff import sniff_file

    shell: Shell = context.obj
    found = sniff_file(file, encoding, rows)
    shell.emit(found, lambda: _tell_sniffed(found))
    return int(ExitCode.DONE)


def _tell_sniffed(found: dict[str, Any]) -> None:
    from deskcrm.rules.text import clean

    if found["encoding"]:
        say(
            _(
                "Encoding {encoding}, delimiter {delimiter}, titles in line {line}.",
                encoding=found["encoding"],
                delimiter=repr(found["delimiter"]),
                line=found["header_row"],
            )
        )
    else:
        say(_("A spreadsheet with the titles in line {line}.", line=found["header_row"]))
    fields = {title: name for name, title in found["mapping"].items()}
    for title in found["columns"]:
        say(f"  {clean(title)}  →  {fields.get(title, '—')}")
    for row in found.get("rows", ()):
        say("\t".join(clean(cell) for cell in row))
