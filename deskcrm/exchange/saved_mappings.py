"""Mappings that people confirmed, found again by the titles of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlmodel import Session, col, select

from deskcrm.exchange.mapping import Lookup, Mapping, Source, fingerprint
from deskcrm.models import ImportMapping
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk


def saved_mapping(session: Session, kind: str, header: Sequence[str]) -> Mapping | None:
    """The mapping confirmed for a file with these titles."""
    row = _row(session, kind, header)
    return None if row is None else from_json(kind, row.mapping)


def save_mapping(desk: Desk, mapping: Mapping, header: Sequence[str]) -> None:
    """Keep a mapping that somebody confirmed for files with these titles."""
    allow(desk, "import.run")
    mapping.check(header)
    with desk.write("import.mapping") as work:
        content = as_json(mapping)
        row = _row(work.session, mapping.kind, header)
        if row is None:
            work.add(
                ImportMapping(
                    kind=mapping.kind,
                    fingerprint=fingerprint(header),
                    mapping=content,
                    saved_at=work.now,
                )
            )
        elif row.mapping != content:
            row.mapping, row.saved_at = content, work.now


def as_json(mapping: Mapping) -> dict[str, Any]:
    """The sources of a mapping as plain values, without what is empty."""
    return {
        name: {key: value for key, value in asdict(source).items() if value}
        for name, source in mapping.sources.items()
    }


def from_json(kind: str, content: dict[str, Any]) -> Mapping:
    """The mapping that ``as_json`` described."""
    return Mapping(kind, {name: _source(entry) for name, entry in content.items()})


def _source(entry: dict[str, Any]) -> Source:
    lookup = entry.get("lookup")
    return Source(
        entry.get("column", ""),
        entry.get("template", ""),
        tuple((pattern, replacement) for pattern, replacement in entry.get("rewrites", ())),
        dict(entry.get("words", {})),
        Lookup(**{**lookup, "where": tuple(map(tuple, lookup["where"]))}) if lookup else None,
    )


def _row(session: Session, kind: str, header: Sequence[str]) -> ImportMapping | None:
    wanted = select(ImportMapping).where(
        col(ImportMapping.kind) == kind, col(ImportMapping.fingerprint) == fingerprint(header)
    )
    return session.exec(wanted).first()
