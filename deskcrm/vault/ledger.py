"""The ledger: an append-only, hash-chained record of every write and every sensitive read.

Each entry's ``mac`` is HMAC-SHA-256, under the vault's ledger key, over the entry before it and its
own canonical form. The head (number and mac of the newest entry) is also kept in a file beside the
database, so that an older copy of the database, or a cut-off end, is noticed at the next open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.models.base import Coded, Instant, to_json, to_milliseconds

_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
GENESIS = b"\0" * 32
COLUMNS = (
    "seq",
    "id",
    "change_set_id",
    "at",
    "officer_id",
    "action",
    "operation",
    "subject_table",
    "subject_id",
    "changes",
    "reason",
)
_SELECT = "SELECT " + ", ".join((*COLUMNS, "mac")) + " FROM ledger "


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number, identifier and mac."""

    seq: int = 0
    id: int = 0
    mac: bytes = GENESIS


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written about one row, or one statement over many rows."""

    operation: str
    subject_table: str
    subject_id: int | None
    changes: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk over the whole chain found. ``first_bad`` is the first entry that is wrong."""

    entries: int
    first_bad: int | None
    head: Head
    problem: str = ""

    @property
    def ok(self) -> bool:
        return self.first_bad is None and not self.problem


def seal(key: bytes, previous: bytes, fields: Sequence[Any]) -> bytes:
    """The mac of an entry whose ``fields`` stand in the order of ``COLUMNS``."""
    canonical = _CANONICAL.encode(list(fields)).encode()
    return hmac.digest(key, previous + canonical, "sha256")


def read_head(connection: Connection) -> Head:
    """The newest entry of the database, or an empty head."""
    row = connection.execute(
        text("SELECT seq, id, mac FROM ledger ORDER BY seq DESC LIMIT 1")
    ).first()
    return Head(*row) if row else Head()


def mac_at(connection: Connection, seq: int) -> bytes:
    """The mac of entry ``seq``; that before the first entry, and of one that is missing, is
    ``GENESIS``."""
    found = connection.scalar(text("SELECT mac FROM ledger WHERE seq = :seq"), {"seq": seq})
    return GENESIS if found is None else bytes(found)


def append(
    connection: Connection,
    key: bytes,
    head: Head,
    entries: Iterable[tuple[int, Entry]],
    *,
    change_set_id: int,
    at: datetime,
    officer_id: int | None,
    action: str,
) -> Head:
    """Write ``entries`` (identifier and content) behind ``head`` and return the new head."""
    rows = []
    moment = to_milliseconds(at)
    seq, mac, identifier = head.seq, head.mac, head.id
    for identifier, entry in entries:
        seq += 1
        fields = (
            seq,
            identifier,
            change_set_id,
            moment,
            officer_id,
            action,
            entry.operation,
            entry.subject_table,
            entry.subject_id,
            entry.changes,
            entry.reason,
        )
        mac = seal(key, mac, fields)
        rows.append((*fields, mac))
    if rows:
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        connection.exec_driver_sql(
            f"INSERT INTO ledger ({', '.join(COLUMNS)}, mac) VALUES ({marks})", rows
        )
    return Head(seq, identifier, mac)


def verify(connection: Connection, key: bytes, outside: Head | None = None) -> Verification:
    """Walk the whole chain; name the first entry that was changed, removed or put in between.

    ``outside`` is the head kept beside the database: the chain must contain it.
    """
    previous, expected = GENESIS, 1
    head = Head()
    rows = connection.execute(text(_SELECT + "ORDER BY seq").execution_options(stream_results=True))
    for row in rows:
        *fields, mac = row
        if fields[0] != expected or not hmac.compare_digest(seal(key, previous, fields), mac):
            return Verification(expected - 1, expected, head)
        if outside and outside.seq == expected and outside.mac != mac:
            return Verification(expected - 1, expected, head, "head-differs")
        previous, head, expected = mac, Head(fields[0], fields[1], mac), expected + 1
    if outside and outside.seq > head.seq:
        return Verification(head.seq, head.seq + 1, head, "end-missing")
    return Verification(head.seq, None, head)


class HeadFile:
    """The head outside the database, authenticated with the ledger key."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def load(self) -> Head | None:
        """The head last written, or nothing when there is no file.

        Raises ``ValueError`` when the file is not ours or was altered.
        """
        try:
            content = json.loads(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        head = Head(int(content["seq"]), int(content["id"]), bytes.fromhex(content["mac"]))
        if not hmac.compare_digest(self._tag(head), str(content["tag"])):
            raise ValueError("tag")
        return head

    def save(self, head: Head, *, durable: bool = False) -> None:
        """Replace the file; ``durable`` waits until it is on the disk."""
        content = {
            "seq": head.seq,
            "id": head.id,
            "mac": head.mac.hex(),
            "tag": self._tag(head),
        }
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with open(temporary, "w", encoding="ascii", opener=_private) as file:
            file.write(json.dumps(content))
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(self._path)

    def _tag(self, head: Head) -> str:
        text_form = f"head {head.seq} {head.id} {head.mac.hex()}".encode()
        return hmac.new(self._key, text_form, hashlib.sha256).hexdigest()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def plain(value: Any) -> Any:
    """A column's value as the ledger's JSON holds it."""
    if isinstance(value, datetime):
        return to_milliseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def unplain(column_type: Any, value: Any) -> Any:
    """The value of a column of ``column_type`` from the ledger's JSON: ``plain`` undone."""
    if value is None:
        return None
    if isinstance(column_type, Instant | Coded):
        return column_type.process_result_value(value, None)  # type: ignore[arg-type]
    if column_type.python_type is date:
        return date.fromisoformat(value)
    return value


def changes_text(changes: dict[str, tuple[Any, Any]]) -> str:
    """``{"field": [before, after]}`` in canonical JSON."""
    return to_json({name: [plain(a), plain(b)] for name, (a, b) in changes.items()})


def entries_of(connection: Connection, change_set_id: int) -> Iterator[Entry]:
    """The entries of one change set, in order."""
    rows = connection.execute(
        text(
            "SELECT operation, subject_table, subject_id, changes, reason FROM ledger "
            "WHERE change_set_id = :change_set ORDER BY seq"
        ),
        {"change_set": change_set_id},
    )
    for row in rows:
        yield Entry(*row)
