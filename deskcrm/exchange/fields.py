"""What an import can fill: the target fields of each kind, from ``data/import/fields.toml``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from deskcrm.resources import load_toml

FieldType = Literal[
    "text",
    "long_text",
    "identity",
    "credit_code",
    "phone",
    "phones",
    "email",
    "date",
    "time",
    "moment",
    "money",
    "enum",
    "word",
    "integer",
    "bool",
    "rate",
]
KINDS = ("customers", "accounts", "transactions", "interactions")

_BRACKETED = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class TargetField:
    """One field of a kind of record.

    ``title_id`` is its message id for people; ``titles`` are the normal forms of the column titles
    it is known by; ``values`` maps the normal form of a word to its code, for enums and words.
    """

    name: str
    type: FieldType
    title_id: str
    titles: frozenset[str]
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class FieldSet:
    """The fields of one kind; of each group in ``required`` at least one must have a source."""

    kind: str
    fields: dict[str, TargetField]
    required: tuple[tuple[str, ...], ...]


def normal_title(title: str) -> str:
    """A column title as it is compared: NFKC, no case, no brackets, blanks or punctuation.

    >>> normal_title("* 余额 (元)"), normal_title("Customer_No.")
    ('余额', 'customerno')
    """
    folded = unicodedata.normalize("NFKC", title).casefold()
    bare = _NOT_WORD.sub("", _BRACKETED.sub("", folded))
    return bare or _NOT_WORD.sub("", folded)


def normal_word(word: str) -> str:
    """A coded value as it is compared: NFKC, no case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


@cache
def fields_of(kind: str) -> FieldSet:
    """The target fields of ``kind``, one of ``KINDS``."""
    entry = load_toml("import/fields.toml")[kind]
    fields = {raw["name"]: _target_field(raw) for raw in entry["fields"]}
    required = tuple(tuple(group) for group in entry["required"])
    unknown = {name for group in required for name in group} - fields.keys()
    if unknown:
        raise ValueError(f"import/fields.toml: {kind} requires unknown fields {sorted(unknown)}")
    return FieldSet(kind, fields, required)


def _target_field(raw: dict[str, Any]) -> TargetField:
    if raw["type"] not in get_args(FieldType):
        raise ValueError(f"import/fields.toml: {raw['name']} has unknown type {raw['type']}")
    words = {
        normal_word(word): code
        for code, synonyms in raw.get("values", {}).items()
        for word in (code, *synonyms)
    }
    titles = frozenset(normal_title(title) for title in (raw["name"], *raw["titles"]))
    return TargetField(raw["name"], raw["type"], raw["title_id"], titles, words)
