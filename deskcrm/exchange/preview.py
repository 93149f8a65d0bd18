"""A file before it is imported: how it is read, its first rows, and what fills which field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from deskcrm.exchange.fields import fields_of
from deskcrm.exchange.importer import Source, open_source
from deskcrm.exchange.mapping import Mapping, best_kind, is_known_title
from deskcrm.exchange.mapping import Source as FieldSource
from deskcrm.exchange.profiles import load_profile
from deskcrm.exchange.tables import open_table
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk

SAMPLE_ROWS = 5
_MASKS = {
    "identity": MaskKind.IDENTITY,
    "credit_code": MaskKind.CREDIT_CODE,
    "phone": MaskKind.PHONE,
    "phones": MaskKind.PHONE,
    "email": MaskKind.EMAIL,
}
_LONG_NUMBER = re.compile(r"\d{7}")


@dataclass(frozen=True, slots=True)
class ColumnPreview:
    """A column of the file: its first values, masked where they are or may be sensitive, and the
    fields that it fills or helps to fill."""

    title: str
    samples: tuple[Masked | str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file that is looked at; ``encoding`` is the one asked for, empty to find it."""

    path: Path
    source: Source
    rows: tuple[tuple[str, ...], ...]
    encoding: str = ""

    @property
    def kind(self) -> str:
        """What the file is brought in as."""
        return self.source.mapping.kind

    @property
    def columns(self) -> tuple[ColumnPreview, ...]:
        """The columns in the order of the file."""
        return tuple(map(self._column, range(len(self.source.table.header))))

    def _column(self, place: int) -> ColumnPreview:
        title = self.source.table.header[place]
        sources = self.source.mapping.sources
        fields = tuple(name for name, source in sources.items() if title in source.columns)
        types = {fields_of(self.kind).fields[name].type for name in fields}
        kind = next((_MASKS[one] for one in types if one in _MASKS), None)
        samples = (row[place] for row in self.rows if place < len(row))
        return ColumnPreview(title, tuple(_sample(text, kind) for text in samples), fields)

    @property
    def constants(self) -> dict[str, str]:
        """Fields that have the same text in every row."""
        sources = self.source.mapping.sources
        return {name: one.template for name, one in sources.items() if not one.columns}

    @property
    def missing(self) -> tuple[tuple[str, ...], ...]:
        """Groups of fields of which one must be filled and none is."""
        sources = self.source.mapping.sources
        required = fields_of(self.kind).required
        return tuple(group for group in required if not any(name in sources for name in group))


def _sample(text: str, kind: MaskKind | None) -> Masked | str:
    if kind is None and not _LONG_NUMBER.search(text):
        return text
    return mask(kind or MaskKind.ACCOUNT, text) if text else ""


def preview_file(
    desk: Desk, path: Path, *, kind: str = "", profile: str = "", encoding: str = ""
) -> Preview:
    """Look at a file; without a kind it is the one whose fields fit the titles best."""
    allow(desk, "import.run")
    if profile:
        kind = load_profile(profile).mapping.kind
    if not kind:
        table = open_table(path, encoding or None, is_known_title)
        kind = best_kind(table.header) or "customers"
    source = open_source(desk, kind, path, profile=profile, encoding=encoding or None)
    rows = tuple(tuple(cells) for _line, cells in islice(source.table.rows(), SAMPLE_ROWS))
    return Preview(path, source, rows, encoding)


def remapped(preview: Preview, title: str, field: str) -> Preview:
    """The preview with a column filling ``field``, or nothing if that is empty.

    What the column alone filled before, and what filled the field, gives way.
    """
    sources = {
        name: source
        for name, source in preview.source.mapping.sources.items()
        if name != field and source.columns != (title,)
    }
    if field:
        sources[field] = FieldSource(title)
    mapping = Mapping(preview.kind, sources)
    return replace(preview, source=replace(preview.source, mapping=mapping))


def field_titles(kind: str, names: Sequence[str]) -> tuple[str, ...]:
    """The message ids of fields."""
    fields = fields_of(kind).fields
    return tuple(fields[name].title_id for name in names)
