"""Bring a file in: one transaction, good rows kept, the others in a file to correct.

Whatever ends the program on the way, the database is as it was before, or has all of the file.
"""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from deskcrm.errors import DeskError, UsageError
from deskcrm.exchange.checking import checking
from deskcrm.exchange.columns import Reject
from deskcrm.exchange.fields import KINDS
from deskcrm.exchange.import_accounts import AccountLoader
from deskcrm.exchange.import_customers import CustomerLoader
from deskcrm.exchange.import_interactions import InteractionLoader
from deskcrm.exchange.import_transactions import TransactionLoader
from deskcrm.exchange.loading import Loader, Loading
from deskcrm.exchange.mapping import Mapping, is_known_title, suggest_mapping
from deskcrm.exchange.profiles import load_profile
from deskcrm.exchange.rejects import RejectsWriter
from deskcrm.exchange.saved_mappings import as_json, saved_mapping
from deskcrm.exchange.tables import Table, UnreadableFileError, open_table
from deskcrm.i18n import N_
from deskcrm.models import ChangeSetRow, ImportBatch
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk
from deskcrm.vault.engine import larger_cache

Progress = Callable[[int, int], object]
"""Told after each batch: rows read, and about how many there are (0 if not known)."""

LOADERS: dict[str, Callable[[Loading], Loader]] = {
    "customers": CustomerLoader,
    "accounts": AccountLoader,
    "transactions": TransactionLoader,
    "interactions": InteractionLoader,
}
_BLOCK = 1 << 20
_REJECTS_NAME = re.compile(r"-rejects(-\d+)?$")


class UnknownKindError(UsageError):
    """An import of something that cannot be imported."""

    code = "unknown-kind"
    message = N_("There is no import of {kind}. There are: {kinds}.")


class ProfileKindError(UsageError):
    """A profile for another kind of record."""

    code = "profile-kind"
    message = N_("The import profile {name} is for {kind}. Nothing was imported.")


class RejectsFileError(DeskError):
    """The file for rejected rows cannot be made, or is the imported file itself."""

    code = "rejects-file"
    message = N_(
        "The file for rejected rows, {file}, cannot be written. Nothing was imported. Name another "
        "one."
    )


class ImportStoppedError(DeskError):
    """Somebody stopped the import; raise it from ``progress``."""

    code = "import-stopped"
    message = N_("The import was stopped. Nothing was imported.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why rows were rejected, in one column: how many, and the first line."""

    title: str
    reason: DeskError
    count: int
    line: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``batch`` is empty after a dry run.

    ``same_file`` is the batch that brought in the very same file before and was not taken back.
    """

    batch: int | None
    kind: str
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    rejects_file: Path | None
    seconds: float
    problems: tuple[Problem, ...] = ()
    same_file: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``import --json`` prints."""
        return {
            "batch": None if self.batch is None else str(self.batch),
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "rejects_file": None if self.rejects_file is None else str(self.rejects_file),
            "seconds": round(self.seconds, 3),
            "same_file": None if self.same_file is None else str(self.same_file),
            "problems": [
                {
                    "column": one.title,
                    "reason": str(one.reason),
                    "rows": one.count,
                    "line": one.line,
                }
                for one in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A file ready to be read: its table, what fills the fields, and the currency of amounts."""

    table: Table
    mapping: Mapping
    profile: str = ""
    currency: str = ""


@dataclass(slots=True)
class _Tally:
    """What has been read so far."""

    read: int = 0
    rejected: int = 0
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)

    def add(self, rejects: list[Reject]) -> None:
        self.rejected += len(rejects)
        for reject in rejects:
            for error in reject.errors:
                key = (error.title, error.reason.message)
                first = self.problems.get(key)
                count, line = (first.count + 1, first.line) if first else (1, reject.line)
                self.problems[key] = Problem(error.title, error.reason, count, line)


class _DryRun(Exception):  # noqa: N818 - ends the unit of work without a commit
    pass


def open_source(
    desk: Desk,
    kind: str,
    path: Path,
    *,
    profile: str | None = None,
    mapping: Mapping | None = None,
    encoding: str | None = None,
) -> Source:
    """Open a file and decide what fills each field.

    ``mapping`` if it is given, else that of the profile, else the one confirmed before for a file
    with these titles, else what the titles suggest. Raises the errors of ``open_table`` and
    ``load_profile``, ``UnknownKindError`` and ``ProfileKindError``.
    """
    if kind not in KINDS:
        raise UnknownKindError(kind=kind, kinds=", ".join(KINDS))
    if profile:
        known = load_profile(profile)
        if known.mapping.kind != kind:
            raise ProfileKindError(name=profile, kind=known.mapping.kind)
        table = open_table(
            path, encoding or known.encoding, is_known_title, delimiter=known.delimiter
        )
        return Source(table, mapping or known.mapping, profile, known.currency)
    table = open_table(path, encoding, is_known_title)
    if mapping is None:
        with desk.read() as session:
            mapping = saved_mapping(session, kind, table.header)
    return Source(table, mapping or suggest_mapping(kind, table.header))


def import_file(
    desk: Desk,
    kind: str,
    path: Path,
    *,
    profile: str | None = None,
    mapping: Mapping | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
    rejects_path: Path | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring the rows of ``path`` in as ``kind``, one of customers, accounts, transactions and
    interactions.

    Rows that do not pass are written to ``rejects_path``, by default beside the file under a name
    that is free; a dry run writes that file only when it is named. The same file again creates
    nothing. An exception from ``progress`` stops the import and leaves everything as it was.
    """
    allow(desk, "import.run")
    source = open_source(desk, kind, path, profile=profile, mapping=mapping, encoding=encoding)
    started = desk.clock.monotonic()
    tally = _Tally()
    rejects = None if dry_run and rejects_path is None else rejects_path or free_name(path)
    with ExitStack() as stack:
        stack.enter_context(_no_garbage_collection())
        writer = stack.enter_context(_rejects_file(rejects, source.table))
        batches = stack.enter_context(
            checking(source.table, source.mapping, desk.today(), source.currency)
        )
        digest, lines = _fingerprint(path)
        total = 0 if source.table.is_sheet else lines
        try:
            with desk.write("import.run") as work, larger_cache(work.connection):
                loading = Loading(
                    desk, work, work.new_id(), digest, source.mapping, source.currency
                )
                same_file = _imported_before(work.session, kind, digest)
                loader = LOADERS[kind](loading)
                for batch in batches:
                    rejected = sorted(
                        [*batch.rejects, *loader.load(batch)], key=lambda reject: reject.line
                    )
                    tally.add(rejected)
                    tally.read += batch.read
                    if writer is not None:
                        writer.write(rejected)
                    if progress is not None:
                        progress(tally.read, max(total, tally.read))
                loader.finish()
                if dry_run:
                    raise _DryRun
                work.add(_batch_row(loading, source, tally, rejects))
        except _DryRun:
            pass
    kept = rejects if tally.rejected else None
    return ImportReport(
        batch=None if dry_run else loading.batch_id,
        kind=kind,
        read=tally.read,
        created=loading.created,
        updated=loading.updated,
        unchanged=loading.unchanged,
        rejected=tally.rejected,
        rejects_file=kept,
        seconds=desk.clock.monotonic() - started,
        problems=tuple(sorted(tally.problems.values(), key=lambda one: (-one.count, one.line))),
        same_file=same_file,
    )


def _batch_row(
    loading: Loading, source: Source, tally: _Tally, rejects: Path | None
) -> ImportBatch:
    desk, work = loading.desk, loading.work
    return ImportBatch(
        id=loading.batch_id,
        kind=source.mapping.kind,
        file_name=source.table.path.name,
        file_sha256=loading.digest,
        profile=source.profile,
        mapping=as_json(source.mapping),
        officer_id=desk.officer.id,
        started_at=work.now,
        rows_read=tally.read,
        created=loading.created,
        updated=loading.updated,
        unchanged=loading.unchanged,
        rejected=tally.rejected,
        rejects_file=str(rejects) if rejects and tally.rejected else "",
        data_as_of=loading.through or desk.today(),
        change_set_id=work.id,
    )


def _imported_before(session: Session, kind: str, digest: str) -> int | None:
    """The newest batch of the very same file that was not taken back."""
    return session.exec(
        select(ImportBatch.id)
        .join(ChangeSetRow, col(ChangeSetRow.id) == col(ImportBatch.change_set_id))
        .where(
            col(ImportBatch.kind) == kind,
            col(ImportBatch.file_sha256) == digest,
            col(ChangeSetRow.reversed_by_id).is_(None),
        )
        .order_by(col(ImportBatch.id).desc())
    ).first()


def _fingerprint(path: Path) -> tuple[str, int]:
    """SHA-256 of the file, and how many lines it has."""
    digest, lines = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                lines += block.count(b"\n")
    except OSError as error:
        raise UnreadableFileError(file=path.name, reason=error.strerror or error) from error
    return digest.hexdigest(), lines


def free_name(path: Path) -> Path:
    """``NAME-rejects.csv`` beside the file, or the next number that is free."""
    stem = _REJECTS_NAME.sub("", path.stem)
    number = 1
    while True:
        suffix = f"-{number}" if number > 1 else ""
        candidate = path.with_name(f"{stem}-rejects{suffix}.csv")
        if not candidate.exists():
            return candidate
        number += 1


@contextmanager
def _rejects_file(path: Path | None, table: Table) -> Iterator[RejectsWriter | None]:
    """Collect rejects under another name; the file gets its own when the import is through."""
    if path is None:
        yield None
        return
    if path.exists() and path.samefile(table.path):
        raise RejectsFileError(file=path.name)
    hidden = path.with_name(f".{path.name}.part")
    try:
        os.close(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise RejectsFileError(file=path.name) from error
    try:
        with RejectsWriter(hidden, table.header) as writer:
            yield writer
        if writer.count:
            hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of rows make no cycles, and looking for them costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
