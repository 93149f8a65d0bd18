"""Import profiles: how a known extract is read, as data in ``data/import/profiles/NAME.toml``.

A profile names the kind of record, may give ``encoding``, ``delimiter`` and ``currency``, and has
for each field one of ``column``, ``template`` or ``constant``, optionally with ``rewrite`` (pairs
of pattern and replacement), ``map`` (whole texts to codes) and ``lookup`` (a sibling file by name,
described under ``[lookups]``). ``date_format`` such as ``YYMMDD`` with ``century`` says how all
dates are written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deskcrm.errors import DeskError, UsageError
from deskcrm.exchange.fields import KINDS, fields_of
from deskcrm.exchange.mapping import Lookup, Mapping, Source
from deskcrm.i18n import N_
from deskcrm.resources import data_path, load_toml

_FOLDER = "import/profiles"
_NAME = re.compile(r"[\w-]+")
_DATE_PART = re.compile(r"YYYY|YY|MM|DD")
_TOP_KEYS = {
    "kind",
    "title_id",
    "source",
    "encoding",
    "delimiter",
    "currency",
    "date_format",
    "century",
    "fields",
    "lookups",
}
_FIELD_KEYS = {"column", "template", "constant", "rewrite", "map", "lookup"}


class UnknownProfileError(UsageError):
    """A profile was asked for that does not exist."""

    code = "unknown-profile"
    message = N_("There is no import profile called {name}. There are: {names}.")


class BadProfileError(DeskError):
    """A profile file that does not say what it must."""

    code = "bad-profile"
    message = N_("The import profile {name} is wrong: {reason}. Nothing was imported.")


@dataclass(frozen=True, slots=True)
class Profile:
    """``currency`` is that of amounts without a currency column.

    ``encoding`` and ``delimiter`` are empty where they are to be found.
    """

    name: str
    mapping: Mapping
    encoding: str = ""
    delimiter: str = ""
    currency: str = ""


def profile_names(kind: str | None = None) -> list[str]:
    """The names of the profiles at hand, of one kind or all."""
    names = sorted(path.stem for path in data_path(_FOLDER).glob("*.toml"))
    return [
        name
        for name in names
        if kind is None or load_toml(f"{_FOLDER}/{name}.toml")["kind"] == kind
    ]


def load_profile(name: str) -> Profile:
    """The profile ``name``; raises ``UnknownProfileError`` or ``BadProfileError``."""
    if not _NAME.fullmatch(name) or not data_path(f"{_FOLDER}/{name}.toml").is_file():
        raise UnknownProfileError(name=name, names=", ".join(profile_names()))
    try:
        return parse_profile(name, load_toml(f"{_FOLDER}/{name}.toml"))
    except (KeyError, ValueError, TypeError, AttributeError, re.error) as error:
        raise BadProfileError(name=name, reason=error) from error


def parse_profile(name: str, raw: dict[str, Any]) -> Profile:
    """The profile that the TOML table ``raw`` describes; ``ValueError`` says what is wrong."""
    _only_known(raw, _TOP_KEYS, name)
    kind = raw["kind"]
    if kind not in KINDS:
        raise ValueError(f"kind {kind}")
    targets = fields_of(kind).fields
    date_rewrite = (
        _date_rewrite(raw["date_format"], raw.get("century", "20"))
        if ("date_format" in raw)
        else ()
    )
    sources = {}
    for field_name, entry in raw["fields"].items():
        if field_name not in targets:
            raise ValueError(f"unknown field {field_name}")
        dated = targets[field_name].type in {"date", "moment"}
        sources[field_name] = _source(
            field_name, entry, raw.get("lookups", {}), date_rewrite if dated else ()
        )
    given = {key: raw.get(key, "") for key in ("encoding", "delimiter", "currency")}
    return Profile(name, Mapping(kind, sources), **given)


def _source(
    name: str,
    entry: dict[str, Any],
    lookups: dict[str, dict[str, Any]],
    dates: tuple[tuple[str, str], ...],
) -> Source:
    _only_known(entry, _FIELD_KEYS, name)
    given = [key for key in ("column", "template", "constant") if key in entry]
    if len(given) > 1 or not (given or "lookup" in entry):
        raise ValueError(f"{name} needs one of column, template, constant, lookup")
    rewrites = tuple((pattern, replacement) for pattern, replacement in entry.get("rewrite", ()))
    for pattern, _replacement in rewrites:
        re.compile(pattern)
    lookup = _lookup(lookups[entry["lookup"]]) if "lookup" in entry else None
    return Source(
        entry.get("column", ""),
        entry.get("template", entry.get("constant", "{lookup}" if lookup else "")),
        (*rewrites, *dates),
        dict(entry.get("map", {})),
        lookup,
    )


def _lookup(raw: dict[str, Any]) -> Lookup:
    """A sibling file; its name may not lead out of the folder of the imported file."""
    if Path(raw["file"]).name != raw["file"]:
        raise ValueError(f"lookup file {raw['file']}")
    where = tuple(sorted(raw.get("where", {}).items()))
    return Lookup(raw["file"], raw["key"], raw["by"], raw["value"], where)


def _date_rewrite(layout: str, century: str) -> tuple[tuple[str, str], ...]:
    r"""How dates of ``layout`` become ISO dates.

    >>> _date_rewrite("YYMMDD", "19")
    (('^(?P<Y>\\d{2})(?P<M>\\d{2})(?P<D>\\d{2})$', '19\\g<Y>-\\g<M>-\\g<D>'),)
    """
    pattern = "^"
    position = 0
    for part in _DATE_PART.finditer(layout):
        pattern += re.escape(layout[position : part.start()])
        pattern += rf"(?P<{part[0][0]}>\d{{{len(part[0])}}})"
        position = part.end()
    pattern += re.escape(layout[position:]) + "$"
    if set(re.compile(pattern).groupindex) != {"Y", "M", "D"}:
        raise ValueError(f"date_format {layout}")
    prefix = "" if "YYYY" in layout else century
    return ((pattern, prefix + r"\g<Y>-\g<M>-\g<D>"),)


def _only_known(entry: dict[str, Any], known: set[str], name: str) -> None:
    unknown = sorted(entry.keys() - known)
    if unknown:
        raise ValueError(f"{name} has unknown keys {unknown}")
