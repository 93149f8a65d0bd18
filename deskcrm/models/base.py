"""Column types and the base of every table."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Column, DefaultClause, Dialect, Integer, Table, Text, TypeDecorator
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware instant, as the database keeps it."""
    return (instant - _EPOCH) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The aware instant, in UTC, of stored milliseconds."""
    return _EPOCH + value * _MILLISECOND


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as integer milliseconds since 1970 in UTC."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_milliseconds(value)


class Json(TypeDecorator[Any]):
    """A small JSON value stored as compact text with sorted keys."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, characters as they are."""
    return _JSON.encode(value)


class Record(SQLModel):
    """Base of every business table: a 63-bit time-ordered id, given by the unit of work.

    ``derived`` names columns that are computed from others: the ledger leaves them out.
    ``ledgered`` is false for working memory that is no business record.
    """

    derived: ClassVar[frozenset[str]] = frozenset()
    ledgered: ClassVar[bool] = True

    id: int = Field(default=None, primary_key=True, sa_type=Integer)


class Code(StrEnum):
    """Base of coded values; stored as their text."""


class Coded(TypeDecorator[Code]):
    """A coded value, stored as its text; text that is not a code is refused on the way in."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[Code]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Code | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Code | None:
        return None if value is None else self.kind(value)


def coded(kind: type[Code], *, default: Code | None = None, nullable: bool = False) -> Any:
    """A column of a coded value; required unless it has a default or may be empty."""
    given: Any = default if default is not None or nullable else ...
    return Field(default=given, sa_type=Coded(kind), nullable=nullable)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column of an aware instant."""
    default = None if nullable else ...
    return Field(default=default, sa_type=Instant, nullable=nullable, index=index)


def reference(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    """A foreign key to ``target`` (``table.id``)."""
    default = None if nullable else ...
    return Field(
        default=default,
        foreign_key=target,
        sa_type=Integer,
        nullable=nullable,
        index=index,
    )


def big(*, default: Any = None, nullable: bool = True, index: bool = False) -> Any:
    """A 64-bit integer column; money is kept in minor units here."""
    return Field(default=default, sa_type=Integer, nullable=nullable, index=index)


def json_value() -> Any:
    """A column of a small JSON value that may be empty."""
    return Field(default=None, sa_type=Json, nullable=True)


def give_database_defaults(models: Iterable[type[SQLModel]]) -> None:
    """Give columns the plain defaults of their fields, so that set-based statements need not."""
    for model in models:
        table: Table = model.__table__  # type: ignore[attr-defined]
        for name, field in model.model_fields.items():
            column: Column[Any] = table.columns[name]
            if isinstance(field.default, bool | int | str) and not column.primary_key:
                column.server_default = DefaultClause(sql(_literal(field.default)))


def _literal(value: bool | int | str) -> str:
    if isinstance(value, str):
        return "'" + str(value).replace("'", "''") + "'"
    return str(int(value))
