"""Bring a file in: choose it, see how it is read, say what fills what, check, import, take back."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from deskcrm.actions import bindings
from deskcrm.clock import local
from deskcrm.errors import DeskError
from deskcrm.exchange.batches import BatchView, UndoneBatch, list_batches, undo_batch
from deskcrm.exchange.fields import KINDS, fields_of
from deskcrm.exchange.importer import ImportReport, ImportStoppedError, import_file
from deskcrm.exchange.preview import Preview, field_titles, preview_file, remapped
from deskcrm.exchange.profiles import profile_names
from deskcrm.exchange.saved_mappings import save_mapping
from deskcrm.i18n import N_, _
from deskcrm.screens.base import WRITES, DeskScreen
from deskcrm.services.desk import Desk
from deskcrm.widgets.dialogs import pick
from deskcrm.widgets.inputs import Option
from deskcrm.widgets.path_input import PathInput
from deskcrm.widgets.tables import Column, PagedTable, Row
from deskcrm.widgets.text import MessageText, SafeStatic, plain, show

KIND_TITLES = {
    "customers": N_("Customers"),
    "accounts": N_("Accounts"),
    "transactions": N_("Transactions"),
    "interactions": N_("Contacts"),
}
BATCH_COLUMNS = (
    Column("at", N_("Brought in"), 16),
    Column("kind", N_("Kind"), 12),
    Column("file", N_("File name"), 14, grow=True),
    Column("created", N_("New"), 8, justify="right"),
    Column("updated", N_("Updated"), 8, justify="right"),
    Column("rejected", N_("Rejected"), 8, justify="right"),
    Column("officer", N_("Officer"), 12, optional=True),
)
FIELD_COLUMNS = (
    Column("column", N_("Column of the file"), 16),
    Column("field", N_("Fills"), 18),
    Column("samples", N_("First values"), 16, grow=True),
    Column("problems", N_("Problems"), 20, grow=True),
)
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be", "latin-1")
FOUND, NOTHING = "-", "-"
SHOWN_PROBLEMS = 3


@dataclass
class Read(Message):
    """So many rows of about so many have been read."""

    rows: int
    total: int


class ImportScreen(DeskScreen[None]):
    """The list of imported files, or the file that is looked at."""

    SCOPE = "import"
    TITLE_ID = N_("Import a file")
    CSS_PATH = "import_screen.tcss"
    BINDINGS = bindings("import")

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self._report: ImportReport | None = None
        self._batches: dict[str, BatchView] = {}
        self._stop_asked: threading.Event | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="import-file"):
            yield MessageText(N_("Path"), id="import-label")
            yield PathInput(id="import-path")
        yield SafeStatic(id="import-facts")
        yield PagedTable(BATCH_COLUMNS, id="import-batches")
        yield PagedTable(FIELD_COLUMNS, id="import-fields")
        yield SafeStatic(id="import-result")

    def on_mount(self) -> None:
        folder = self.desk_app.settings.import_folder
        path = self.query_one(PathInput)
        path.value = f"{folder}/" if folder else ""
        path.cursor_position = len(path.value)
        path.focus()
        self._show()
        self.data_changed()

    def data_changed(self) -> None:
        self.call(list_batches, then=self._show_batches, group="batches")

    def refresh_language(self) -> None:
        super().refresh_language()
        self._show_batches(tuple(self._batches.values()))
        self._show()

    @property
    def batches(self) -> PagedTable:
        """The files that were brought in."""
        return self.query_one("#import-batches", PagedTable)

    @property
    def fields(self) -> PagedTable:
        """The columns of the file that is looked at."""
        return self.query_one("#import-fields", PagedTable)

    @on(Input.Submitted, "#import-path")
    def _open_file(self, event: Input.Submitted) -> None:
        event.stop()
        self.look_at(self.query_one(PathInput).path)

    def look_at(self, path: Path, *, kind: str = "", profile: str = "", encoding: str = "") -> None:
        """Read the beginning of a file and suggest what fills what."""
        self.call(
            preview_file, path, kind=kind, profile=profile, encoding=encoding, then=self._opened
        )

    def _opened(self, preview: Preview) -> None:
        self._preview, self._report = preview, None
        self.desk_app.keep_settings(import_folder=str(preview.path.absolute().parent))
        self._show()
        self.fields.focus()

    def action_open(self) -> None:
        """Change what the column under the cursor fills."""
        preview, title = self._preview, self.fields.current_key
        if preview is None or title is None or self._stop_asked is not None:
            return
        known = fields_of(preview.kind).fields.values()
        options = [
            Option(NOTHING, N_("Leave it out")),
            *(Option(f.name, f.title_id) for f in known),
        ]
        heading = _("What does the column {title} fill?", title=title)
        pick(self, heading, options, lambda name: self._remap(title, name))

    def _remap(self, title: str, name: str) -> None:
        if self._preview is not None:
            field = "" if name == NOTHING else name
            self._preview, self._report = remapped(self._preview, title, field), None
            self._show()

    def action_next_kind(self) -> None:
        """Take the file for the next kind of record."""
        preview = self._preview
        if preview is not None and self._stop_asked is None:
            kind = KINDS[(KINDS.index(preview.kind) + 1) % len(KINDS)]
            self.look_at(preview.path, kind=kind, encoding=preview.encoding)

    def action_choose_profile(self) -> None:
        """Read the file by a profile."""
        preview = self._preview
        if preview is None or self._stop_asked is not None:
            return
        options = [Option(NOTHING, N_("None")), *(Option(name, name) for name in profile_names())]
        pick(
            self,
            _("Profile"),
            options,
            lambda name: self.look_at(preview.path, profile="" if name == NOTHING else name),
        )

    def action_choose_encoding(self) -> None:
        """Read the file in another encoding."""
        preview = self._preview
        if preview is None or self._stop_asked is not None:
            return
        options = [Option(FOUND, N_("Find it")), *(Option(name, name) for name in ENCODINGS)]
        pick(
            self,
            _("Encoding"),
            options,
            lambda name: self.look_at(
                preview.path, kind=preview.kind, encoding="" if name == FOUND else name
            ),
        )

    def action_check(self) -> None:
        """Go through all rows and count, without changing anything."""
        self._start(dry_run=True)

    def action_bring_in(self) -> None:
        """Import the file, and remember what fills what for the next one with these titles."""
        self._start(dry_run=False)

    def _start(self, *, dry_run: bool) -> None:
        preview = self._preview
        if preview is None or self._stop_asked is not None:
            return
        if preview.missing:
            self.desk_app.toast(_missing(preview), severity="error")
            return
        self._stop_asked, self._report = threading.Event(), None
        self.query_one("#import-result", SafeStatic).update(_("Reading…"))
        self.call(
            run_import,
            preview,
            dry_run,
            self._stop_asked,
            self,
            then=self._finished,
            failed=self._failed,
            group=WRITES,
        )

    def on_read(self, event: Read) -> None:
        """Show how far it is."""
        if self._stop_asked is not None:
            share = f"  {event.rows * 100 // event.total} %" if event.total else ""
            text = _("{n} rows read. Esc stops it.", n=f"{event.rows:,}")
            self.query_one("#import-result", SafeStatic).update(show(f"{text}{share}"))

    def _finished(self, report: ImportReport) -> None:
        self._stop_asked, self._report = None, report
        self._show()
        self.data_changed()

    def _failed(self, error: DeskError) -> None:
        self._stop_asked = None
        self._show()
        stopped = isinstance(error, ImportStoppedError)
        self.desk_app.toast(str(error), severity="information" if stopped else "error")

    def action_take_back(self) -> None:
        """Take back the batch under the cursor, or the one just brought in."""
        key = self.batches.current_key if self._preview is None else None
        if self._report is not None and self._report.batch is not None:
            key = str(self._report.batch)
        batch = self._batches.get(key or "")
        if batch is None or batch.undone or self._stop_asked is not None:
            return
        body = _("New rows go, updated ones get their old values. Later work stays.")
        options = (Option("yes", N_("Take back"), "y"), Option("no", N_("Keep"), "n"))
        heading = _("Take back {file}?", file=batch.file_name)
        pick(self, heading, options, lambda answer: self._take_back(batch, answer), body=body)

    def _take_back(self, batch: BatchView, answer: str) -> None:
        if answer == "yes":
            self.call(undo_batch, batch.id, then=self._taken_back, group=WRITES)

    def _taken_back(self, undone: UndoneBatch) -> None:
        sentences = [_("Taken back: {n} rows.", n=f"{undone.restored:,}")]
        if undone.kept:
            sentences.append(
                _("{n} stay, because they were worked on since.", n=f"{undone.kept:,}")
            )
        self.desk_app.toast(" ".join(sentences))
        self._report = None
        self._show()
        for shell in self.desk_app.shells():
            shell.data_changed()

    def action_close(self) -> None:
        """Stop what runs, else go back to the list, else leave."""
        if self._stop_asked is not None:
            self._stop_asked.set()
        elif self._preview is not None:
            self._preview = self._report = None
            self._show()
            self.query_one(PathInput).focus()
        else:
            self.dismiss()

    def _show(self) -> None:
        preview = self._preview
        self.batches.display = preview is None
        self.fields.display = preview is not None
        self.query_one("#import-facts", SafeStatic).update(self._facts())
        if preview is not None:
            self.fields.fill(_field_rows(preview, self._report))
        result = self.query_one("#import-result", SafeStatic)
        result.update(_result(preview, self._report))

    def _facts(self) -> Content:
        preview = self._preview
        if preview is None:
            return Content(_("Type the path of a CSV, text or spreadsheet file and press Enter."))
        table = preview.source.table
        read = table.encoding if table.dialect else _("spreadsheet")
        facts = [_(KIND_TITLES[preview.kind]), preview.source.profile, read]
        if table.dialect:
            facts.append(_("delimiter {mark}", mark=repr(table.dialect.delimiter)))
        facts.append(_("titles in line {line}", line=table.header_line))
        constants = field_titles(preview.kind, tuple(preview.constants))
        facts += [
            f"{_(title)} = {text}"
            for title, text in zip(constants, preview.constants.values(), strict=True)
        ]
        return show(" · ".join(filter(None, facts)))

    def _show_batches(self, batches: tuple[BatchView, ...]) -> None:
        self._batches = {str(batch.id): batch for batch in batches}
        self.batches.fill([self._batch_row(batch) for batch in batches])

    def _batch_row(self, batch: BatchView) -> Row:
        at = f"{local(batch.imported_at, self.desk.clock):%Y-%m-%d %H:%M}"
        file = f"{batch.file_name} ({_('taken back')})" if batch.undone else batch.file_name
        counts = (f"{n:,}" for n in (batch.created, batch.updated, batch.rejected))
        return Row(
            str(batch.id), [at, _(KIND_TITLES[batch.kind]), file, *counts, batch.officer_name]
        )


def run_import(
    desk: Desk, preview: Preview, dry_run: bool, stop: threading.Event, screen: ImportScreen
) -> ImportReport:
    """Import what is looked at, in a thread; a confirmed mapping is kept for next time."""

    def progress(rows: int, total: int) -> None:
        if stop.is_set():
            raise ImportStoppedError
        screen.post_message(Read(rows, total))

    source = preview.source
    if not dry_run and not source.profile:
        save_mapping(desk, source.mapping, source.table.header)
    return import_file(
        desk,
        preview.kind,
        preview.path,
        profile=source.profile or None,
        mapping=source.mapping,
        encoding=preview.encoding or None,
        dry_run=dry_run,
        progress=progress,
    )


def _field_rows(preview: Preview, report: ImportReport | None) -> list[Row]:
    problems = {} if report is None else _problems_by_title(report)
    rows = []
    for column in preview.columns:
        fields = ", ".join(_(title) for title in field_titles(preview.kind, column.fields))
        cells = [
            column.title,
            fields or ("—", "dim"),
            " · ".join(filter(None, map(plain, column.samples))),
            (problems.get(column.title, ""), "bold $error"),
        ]
        rows.append(Row(column.title, cells))
    return rows


def _problems_by_title(report: ImportReport) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in report.problems:
        text = f"{problem.count:,} × {problem.reason}"
        found[problem.title] = f"{found[problem.title]}; {text}" if problem.title in found else text
    return found


def _missing(preview: Preview) -> str:
    groups = (" / ".join(_(t) for t in field_titles(preview.kind, one)) for one in preview.missing)
    return _("Still to be filled from a column: {fields}", fields=", ".join(groups))


def _result(preview: Preview | None, report: ImportReport | None) -> Content:
    """What is to be said under the table."""
    if preview is None:
        return Content("")
    if report is None:
        return show(_missing(preview), style="bold $warning") if preview.missing else Content("")
    lines = [
        _("Checked only; nothing was changed.") if report.batch is None else _("Brought in."),
        _(
            "{read} rows: {created} new, {updated} updated, {unchanged} as they were, {rejected} "
            "rejected.",
            read=f"{report.read:,}",
            created=f"{report.created:,}",
            updated=f"{report.updated:,}",
            unchanged=f"{report.unchanged:,}",
            rejected=f"{report.rejected:,}",
        ),
    ]
    if report.same_file is not None:
        lines.append(_("This very file was brought in before."))
    if report.rejects_file is not None:
        lines.append(_("The rejected rows are in {file}.", file=report.rejects_file))
        lines.append(
            _("Correct them there and bring that file in; the rows already taken stay as they are.")
        )
    shown = report.problems[:SHOWN_PROBLEMS]
    lines += [f"{one.count:,} × {one.title}: {one.reason}" for one in shown]
    return Content("\n").join(show(line) for line in lines)
