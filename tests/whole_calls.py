"""What must hold of every call in a database, however the program ended."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import text
from sqlmodel import Session, select

from deskcrm.models import Customer, Followup, FollowupState, Interaction
from deskcrm.services.audit import verify_ledger
from deskcrm.services.desk import Desk


def whole_calls(desk: Desk) -> Counter[str]:
    """How often each note was taken down, after proving that no call is half done.

    A call stands in the ledger once; its follow-up is closed in the same unit of work; what was
    promised is raised; the cadence is moved; and the chain, the database and its keys are sound.
    """
    with desk.read() as session:
        calls = session.exec(select(Interaction)).all()
        entered = _change_sets_of(session, "interaction", "insert")
        assert sorted(entered) == sorted(call.id for call in calls)
        for call in calls:
            _assert_whole(session, call, entered[call.id])
        assert list(session.execute(text("PRAGMA foreign_key_check"))) == []
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    assert verify_ledger(desk).ok
    return Counter(call.notes for call in calls)


def _assert_whole(session: Session, call: Interaction, change_set: int) -> None:
    customer = session.get_one(Customer, call.customer_id)
    assert customer.last_contact_on == customer.cadence_anchor_on == call.contact_on
    assert customer.contact_count == 1
    worked = session.get_one(Followup, call.followup_id)
    assert worked.state == FollowupState.DONE
    assert change_set in _change_sets_of_row(session, "followup", worked.id)
    promised = session.exec(select(Followup).where(Followup.origin_interaction_id == call.id)).all()
    assert len(promised) == (1 if call.next_kind else 0)
    for one in promised:
        assert change_set in _change_sets_of_row(session, "followup", one.id)


def _change_sets_of(session: Session, table: str, operation: str) -> dict[int, int]:
    """Rows that the ledger says were written so, each with its unit of work."""
    rows = session.execute(
        text(
            "SELECT subject_id, change_set_id FROM ledger"
            " WHERE subject_table = :table AND operation = :operation"
        ),
        {"table": table, "operation": operation},
    ).all()
    found = {row[0]: row[1] for row in rows}
    assert len(found) == len(rows)
    return found


def _change_sets_of_row(session: Session, table: str, row_id: int) -> set[int]:
    rows = session.execute(
        text(
            "SELECT change_set_id FROM ledger WHERE subject_table = :table AND subject_id = :row"
            " UNION SELECT change_set_id FROM ledger WHERE subject_table = :table"
            " AND subject_id IS NULL AND :row BETWEEN json_extract(changes, '$.first')"
            " AND json_extract(changes, '$.last')"
        ),
        {"table": table, "row": row_id},
    )
    return {row[0] for row in rows}
