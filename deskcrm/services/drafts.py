"""Unfinished forms, kept per officer, form and subject until they are saved or dropped.

Drafts are working memory: in the encrypted database, but outside the ledger and outside undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from deskcrm.models import Draft
from deskcrm.services.desk import Desk


@dataclass(frozen=True, slots=True)
class DraftForm:
    """An unfinished form; ``subject_id`` is 0 for something new."""

    form: str
    subject_id: int
    values: dict[str, Any]
    saved_at: datetime


def save_draft(desk: Desk, form: str, subject_id: int, values: Mapping[str, Any]) -> None:
    """Keep ``values`` (small, JSON) as this officer's draft of ``form`` about ``subject_id``."""
    with desk.write("draft.save") as work:
        draft = _find(desk, work.session, form, subject_id)
        if draft is None:
            draft = Draft(
                officer_id=desk.officer.id,
                form=form,
                subject_id=subject_id,
                values=dict(values),
                saved_at=work.now,
            )
            work.add(draft)
        else:
            draft.values = dict(values)
            draft.saved_at = work.now


def load_draft(desk: Desk, form: str, subject_id: int = 0) -> DraftForm | None:
    """This officer's draft, or nothing."""
    with desk.read() as session:
        draft = _find(desk, session, form, subject_id)
        return None if draft is None else _view(draft)


def drop_draft(desk: Desk, form: str, subject_id: int = 0) -> None:
    """Forget a draft; one that does not exist is no error."""
    with desk.write("draft.drop") as work:
        draft = _find(desk, work.session, form, subject_id)
        if draft is not None:
            work.session.delete(draft)


def list_drafts(desk: Desk) -> tuple[DraftForm, ...]:
    """This officer's drafts, the latest first."""
    with desk.read() as session:
        rows = session.exec(
            select(Draft)
            .where(col(Draft.officer_id) == desk.officer.id)
            .order_by(col(Draft.saved_at).desc(), col(Draft.id).desc())
        )
        return tuple(_view(row) for row in rows)


def _find(desk: Desk, session: Session, form: str, subject_id: int) -> Draft | None:
    return session.exec(
        select(Draft)
        .where(col(Draft.officer_id) == desk.officer.id)
        .where(col(Draft.form) == form)
        .where(col(Draft.subject_id) == subject_id)
    ).first()


def _view(draft: Draft) -> DraftForm:
    return DraftForm(draft.form, draft.subject_id, draft.values or {}, draft.saved_at)
