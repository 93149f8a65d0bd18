"""The type-ahead index: which document number stands for which customer.

The two FTS5 tables ``search_name`` and ``search_number`` are made in the migration; their rowids
are ``(order << 32) | document``.
"""

from __future__ import annotations

from sqlalchemy import Integer
from sqlmodel import Field, SQLModel


class SearchDocument(SQLModel, table=True):
    """A customer's place in the index: its small document number and its present rowid."""

    __tablename__ = "search_document"

    document: int = Field(default=None, primary_key=True)
    customer_id: int = Field(unique=True, sa_type=Integer)
    index_rowid: int = Field(default=0, sa_type=Integer)


class DuplicateKey(SQLModel, table=True):
    """A key under which two customers may be the same."""

    __tablename__ = "duplicate_key"
    __table_args__ = {"sqlite_with_rowid": False}

    kind: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True, sa_type=Integer)
