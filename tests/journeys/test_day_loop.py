"""From login to the saved call and the next customer, in the real program on a real terminal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from deskcrm.clock import local
from deskcrm.models import Customer, Followup, FollowupState, Interaction, InteractionChannel
from deskcrm.services.audit import verify_ledger
from deskcrm.services.drafts import list_drafts
from tests.journeys.conftest import QUEUE
from tests.journeys.officer import Officer, desk_on, officer_at
from tools.terminal import Key

(FIRST, _), (SECOND, _), (THIRD, _) = QUEUE
NOTES = "客户说定期到期后想转大额存单，明天下午再谈利率。"
TOMORROW = {"zh_CN": "明天下午3点", "en": "tomorrow 3pm"}


@pytest.mark.parametrize(
    ("language", "columns", "rows"), [("zh_CN", 80, 24), ("en", 80, 24), ("zh_CN", 120, 36)]
)
def test_a_call_is_taken_down_and_the_next_customer_opens(
    morning: Path, language: str, columns: int, rows: int
) -> None:
    with officer_at(morning, language, columns=columns, rows=rows) as officer:
        officer.signs_in()
        officer.sees("Today", FIRST, SECOND, THIRD, "Contact and update the file")
        officer.presses(Key.ENTER)
        officer.sees("Overview", FIRST, "139****0000")
        officer.presses(Key.ESCAPE)
        officer.sees("Today", SECOND)
        officer.presses("c")
        _takes_down(officer, outcome="3", due=TOMORROW[language])
        officer.presses(Key.ENTER)
        officer.sees("Call sheet", f"· {SECOND}", officer.saved(FIRST))
        officer.presses(Key.ctrl("q"))
        assert officer.terminal.ended() == 0
    _assert_taken_down(morning)


def _takes_down(officer: Officer, *, outcome: str, due: str) -> None:
    """Fill in the call sheet of the first customer, all but the last Enter."""
    officer.sees("Call sheet", f"· {FIRST}", "139****0000")
    officer.types("Outcome", outcome)
    officer.types("Notes", NOTES + Key.TAB)
    officer.types("Satisfaction", "4")
    officer.types("Needs heard", "存款，理财" + Key.ENTER)
    officer.types("Next step", "1")
    officer.types("Due", due)
    officer.sees("15:00")


def _assert_taken_down(home: Path) -> None:
    """Everything that belongs to the call is in the database, and nothing else."""
    with desk_on(home) as desk, desk.read() as session:
        contact = session.exec(select(Interaction)).one()
        customer = session.get_one(Customer, contact.customer_id)
        worked = session.get_one(Followup, contact.followup_id)
        promised = session.exec(
            select(Followup).where(Followup.origin_interaction_id == contact.id)
        ).one()
        assert customer.name == FIRST
        assert (contact.channel, contact.outcome) == (InteractionChannel.PHONE, "later")
        assert (contact.notes, contact.satisfaction) == (NOTES, 4)
        assert contact.needs == ["存款", "理财"]
        assert worked.state == FollowupState.DONE
        assert (promised.rule_code, promised.state) == ("callback", FollowupState.OPEN)
        assert promised.due_on == contact.contact_on + timedelta(days=1)
        assert promised.due_at is not None
        assert f"{local(promised.due_at, desk.clock):%H:%M}" == "15:00"
        assert customer.cadence_anchor_on == customer.last_contact_on == contact.contact_on
        assert list_drafts(desk) == ()
        assert verify_ledger(desk).ok


def test_a_sheet_without_outcome_or_next_step_is_refused_beside_the_field(morning: Path) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        officer.at_field("Outcome")
        officer.presses(Key.ctrl("s"))
        officer.sees("! ")
        officer.types("Outcome", "1")
        officer.at_field("Notes")
        officer.presses(Key.ctrl("s"))
        officer.sees("Give the next step, or say why there is none.")
        officer.at_field("Next step")
    with desk_on(morning) as desk, desk.read() as session:
        assert session.exec(select(Interaction)).all() == []


def test_a_saved_call_is_taken_back_with_one_key(morning: Path) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        _takes_down(officer, outcome="1", due="+3d 15:00")
        officer.presses(Key.ENTER)
        officer.sees(f"· {SECOND}")
        officer.presses(Key.ctrl("z"))
        officer.sees("Taken back.")
        officer.presses(Key.ESCAPE)
        officer.sees("Today", FIRST)
    with desk_on(morning) as desk, desk.read() as session:
        assert session.exec(select(Interaction)).all() == []
        states = session.exec(select(Followup.state)).all()
        assert states == [FollowupState.OPEN] * len(QUEUE)
        assert verify_ledger(desk).ok


def test_what_was_typed_is_offered_again_after_a_kill(morning: Path) -> None:
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        officer.types("Outcome", "2")
        officer.types("Notes", NOTES)
        officer.sees("draft kept")
        officer.terminal.kill()
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        officer.sees("Your draft of", NOTES[:8], "[2 ")
        officer.presses(Key.ctrl("r"))
        officer.sees("The draft was discarded.")
    with desk_on(morning) as desk:
        assert list_drafts(desk) == ()
