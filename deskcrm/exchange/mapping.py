"""Which column fills which field: suggested from the titles, confirmed by a person, kept.

A source is a column, or a template over several columns, or one constant text for all rows, and
may pass through rewrites, a map of words and a lookup in a sibling file (see ``profiles``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from deskcrm.errors import DeskError
from deskcrm.exchange.fields import KINDS, FieldSet, TargetField, fields_of, normal_title
from deskcrm.i18n import N_, translate

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
LOOKUP = "lookup"
"""The placeholder for what a lookup found."""

# A title such as 余额（万元） says that its bare numbers are so many times more.
_LARGE_UNIT = re.compile(r"[(（\[【](?:单位[:：])?\s*([万亿])元?[)）\]】]")
_BARE_NUMBER = r"^\s*([-+]?[\d,.]+)\s*$"


class MissingColumnsError(DeskError):
    """Columns that the import cannot do without are not in the file."""

    code = "missing-columns"
    message = N_(
        "No column was found for: {fields}. The file has: {columns}. Nothing was imported. Rename "
        "a column, or map it by hand."
    )


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value out of a sibling file: its rows whose ``key`` column equals our ``by`` column.

    Only rows that have the values of ``where`` count. ``value`` is a template over the sibling's
    columns; several hits are joined with a blank.
    """

    file: str
    key: str
    by: str
    value: str
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's text comes from: exactly one of ``column`` and ``template``.

    A template names columns in braces, ``Client {client_id}``, or none at all for a constant; it
    is empty when all the columns it names are. A ``lookup`` is done first and is ``{lookup}`` in
    the template. Then come ``rewrites`` (pattern, replacement), each applied where it matches, and
    ``words``, whole texts to be replaced.
    """

    column: str = ""
    template: str = ""
    rewrites: tuple[tuple[str, str], ...] = ()
    words: Values[str, str] = field(default_factory=dict)
    lookup: Lookup | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that it needs."""
        if self.column:
            return (self.column,)
        named = [name for name in PLACEHOLDER.findall(self.template) if name != LOOKUP]
        return tuple(dict.fromkeys([*named, self.lookup.by] if self.lookup else named))


@dataclass(frozen=True, slots=True)
class Mapping:
    """Target field → source for one kind of record, and what the suggestion left open.

    ``ambiguous`` has the fields for which several columns came up, with the titles not taken;
    ``unmapped`` the titles nothing is known about.
    """

    kind: str
    sources: dict[str, Source]
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()

    def titles(self) -> dict[str, str]:
        """Field → column title, or the template where it is more than one column."""
        return {name: source.column or source.template for name, source in self.sources.items()}

    def check(self, header: Sequence[str]) -> None:
        """Raise ``MissingColumnsError`` unless all that is needed is there."""
        wanted = {title for source in self.sources.values() for title in source.columns}
        absent = [title for title in sorted(wanted) if title not in header]
        fields = fields_of(self.kind)
        absent += [
            " / ".join(translate(fields.fields[name].title_id) for name in group)
            for group in fields.required
            if not any(name in self.sources for name in group)
        ]
        if absent:
            raise MissingColumnsError(
                fields=", ".join(absent), columns=", ".join(filter(None, header)) or "—"
            )


def fingerprint(header: Sequence[str]) -> str:
    """What a confirmed mapping is found again by: a digest of the normal titles in their order."""
    normal = "\x1f".join(map(normal_title, header))
    return hashlib.sha256(normal.encode()).hexdigest()


def suggest_mapping(kind: str, header: Sequence[str]) -> Mapping:
    """The mapping that the titles speak for; the first of several columns for a field is taken."""
    sources: dict[str, Source] = {}
    ambiguous: dict[str, tuple[str, ...]] = {}
    unmapped: list[str] = []
    targets = fields_of(kind)
    for title in header:
        candidates = _fields_known_by(targets, title)
        free = [name for name in candidates if name not in sources]
        if free:
            sources[free[0]] = _column(title, targets.fields[free[0]])
        elif candidates:
            ambiguous[candidates[0]] = (*ambiguous.get(candidates[0], ()), title)
        elif title.strip():
            unmapped.append(title)
    return Mapping(kind, sources, ambiguous, tuple(unmapped))


def _column(title: str, target: TargetField) -> Source:
    """The column as it is; amounts in ten thousands or hundred millions get their unit."""
    unit = _LARGE_UNIT.search(title) if target.type == "money" else None
    return Source(title, rewrites=((_BARE_NUMBER, rf"\1{unit[1]}"),) if unit else ())


def _fields_known_by(targets: FieldSet, title: str) -> list[str]:
    normal = normal_title(title)
    return [name for name, target in targets.fields.items() if normal in target.titles]


def best_kind(header: Sequence[str]) -> str | None:
    """The kind of record whose fields most of the titles fit; nothing when fewer than two do."""

    def rank(kind: str) -> tuple[bool, int]:
        sources = suggest_mapping(kind, header).sources
        required = fields_of(kind).required
        complete = all(any(name in sources for name in group) for group in required)
        return complete and len(sources) > 1, len(sources)

    best = max(KINDS, key=rank)
    return best if rank(best)[1] > 1 else None


def is_known_title(title: str) -> bool:
    """Whether any field of any kind is known by this column title."""
    return normal_title(title) in _all_titles()


@cache
def _all_titles() -> frozenset[str]:
    return frozenset[str]().union(
        *(target.titles for kind in KINDS for target in fields_of(kind).fields.values())
    )
