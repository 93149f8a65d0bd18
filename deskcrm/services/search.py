"""Finding a customer while typing: by name, pinyin, initials, phone, identity number, account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, cast

from deskcrm.models import CustomerKind
from deskcrm.models.base import to_json
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.rules.search_tokens import Match, is_number, plain_number, query_steps, query_terms
from deskcrm.services.authority import allow, authority_of
from deskcrm.services.desk import Desk
from deskcrm.services.search_index import DOCUMENT_MASK

PAGE = 40
"""What fits on a tall screen, and a little more: who wants others types one more letter."""

_CHUNK = 512
_ON_NAMES = """
    SELECT rowid FROM search_name WHERE search_name MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?"""
_ON_NUMBERS = """
    SELECT rowid FROM search_number WHERE search_number MATCH ? AND rowid > ?
     ORDER BY rowid LIMIT ?"""
_ON_BOTH = """
    SELECT rowid FROM search_name WHERE search_name MATCH ? AND rowid > ?
    INTERSECT
    SELECT rowid FROM search_number WHERE search_number MATCH ? AND rowid > ?
     ORDER BY rowid LIMIT ?"""
_ROWS = """
    SELECT c.id, c.name, c.other_name, c.kind, c.tier, c.owner_id, coalesce(o.name, ''),
           c.number, c.id_number, c.credit_code,
           (SELECT group_concat(p.normalized, ' ' ORDER BY p.preferred DESC, p.id)
              FROM contact_channel p
             WHERE p.customer_id = c.id AND p.kind IN ('mobile', 'landline'))
      FROM json_each(?) wanted
      JOIN search_document d ON d.document = wanted.value
      JOIN customer c ON c.id = d.customer_id
      LEFT JOIN officer o ON o.id = c.owner_id
     ORDER BY wanted.key
"""


class Why(StrEnum):
    """What a customer was found by."""

    NAME = "name"
    PINYIN = "pinyin"
    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"
    CREDIT_CODE = "credit_code"
    CUSTOMER_NUMBER = "customer_number"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer in the list of results. ``phone`` is the one that was asked for, if any was."""

    id: int
    name: str
    kind: CustomerKind
    tier: str
    phone: Masked | None
    identity_number: Masked | None
    owner_name: str
    matched: Why


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits; ``more`` says that there are others."""

    hits: tuple[Hit, ...]
    more: bool = False


def find(desk: Desk, text: str, limit: int = PAGE) -> Found:
    """The customers in the officer's care that ``text`` finds, best first.

    Several words must all hold (``王 138``). Within equal matches a higher tier and a more recent
    contact come first. Text without a letter or digit finds nothing.
    """
    allow(desk, "customer.view")
    terms = query_terms(text)
    scope = authority_of(desk.officer.role).scope
    if not terms or scope == "none":
        return Found(())
    owner = desk.officer.id if scope == "own" else None
    numbers = [term for term in terms if is_number(term)]
    hits: dict[int, Hit] = {}
    with desk.read() as session:
        # the driver's own connection: this runs at every keystroke
        database: Any = session.connection().connection.driver_connection
        for step in query_steps(terms, owner=owner):
            for rowids in _streamed(database, step, limit + 1):
                for row in _rows(database, rowids, hits):
                    if (owner is None or row.owner_id == owner) and _holds(row, step):
                        hits[row.id] = _hit(row, numbers, terms[0])
                        if len(hits) > limit:
                            return Found(tuple(hits.values())[:limit], more=True)
    return Found(tuple(hits.values()))


def find_json(desk: Desk, text: str, limit: int = PAGE) -> dict[str, Any]:
    """What the command line's ``find --json`` prints; ``ms`` is the time the search took."""
    started = desk.clock.monotonic()
    found = find(desk, text, limit)
    spent = (desk.clock.monotonic() - started) * 1000
    results = [
        {
            "id": str(hit.id),
            "name": hit.name,
            "kind": hit.kind.value,
            "tier": hit.tier,
            "phone": hit.phone.text if hit.phone else None,
            "identity_number": hit.identity_number.text if hit.identity_number else None,
            "owner": hit.owner_name,
            "matched": hit.matched.value,
        }
        for hit in found.hits
    ]
    return {"results": results, "more": found.more, "ms": round(spent, 2)}


class _Row(NamedTuple):
    id: int
    name: str
    other_name: str
    kind: str
    tier: str
    owner_id: int | None
    owner_name: str
    number: str | None
    id_number: str | None
    credit_code: str | None
    phones: str | None


def _streamed(database: Any, step: Match, first: int) -> Iterator[Sequence[int]]:
    """The rowids of a step in rank order, a few at first and then in larger chunks."""
    after, size = -1, first
    while True:
        found = [row[0] for row in _asked(database, step, after, size)]
        if found:
            after = found[-1]
            yield found
        if len(found) < size:
            return
        size = _CHUNK


def _asked(database: Any, step: Match, after: int, size: int) -> Iterable[Any]:
    """The next rows of a step. Both tables are in rank order, so that both stream."""
    if step.names and step.numbers:
        values = (step.names, after, step.numbers, after, size)
        return cast("Iterable[Any]", database.execute(_ON_BOTH, values))
    statement, question = (_ON_NUMBERS, step.numbers) if step.numbers else (_ON_NAMES, step.names)
    return cast("Iterable[Any]", database.execute(statement, (question, after, size)))


def _rows(database: Any, rowids: Sequence[int], known: dict[int, Hit]) -> Iterator[_Row]:
    documents = to_json([rowid & DOCUMENT_MASK for rowid in rowids])
    for row in database.execute(_ROWS, (documents,)):
        if row[0] not in known:
            yield _Row(*row)


def _holds(row: _Row, step: Match) -> bool:
    return all(part in row.name or part in row.other_name for part in step.contains)


def _hit(row: _Row, numbers: Sequence[str], first: str) -> Hit:
    phones = (row.phones or "").split()
    asked = next((p for p in phones for n in numbers if n in plain_number(p)), None)
    shown = asked or (phones[0] if phones else None)
    return Hit(
        row.id,
        row.name,
        CustomerKind(row.kind),
        row.tier,
        mask(MaskKind.PHONE, shown) if shown else None,
        mask(MaskKind.IDENTITY, row.id_number) if row.id_number else None,
        row.owner_name,
        Why.PHONE if asked else _why_number(row, numbers[0]) if numbers else _why_name(row, first),
    )


def _why_name(row: _Row, term: str) -> Why:
    return Why.NAME if term in f"{row.name} {row.other_name}".casefold() else Why.PINYIN


def _why_number(row: _Row, number: str) -> Why:
    stored = (
        (row.number, Why.CUSTOMER_NUMBER),
        (row.id_number, Why.IDENTITY_NUMBER),
        (row.credit_code, Why.CREDIT_CODE),
    )
    return next((why for text, why in stored if number in plain_number(text or "")), Why.ACCOUNT)
