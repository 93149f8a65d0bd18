"""The customer form: checked while it is typed, nothing lost, nobody taken down twice unasked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from textual.pilot import Pilot

from deskcrm.models import ChannelKind, ContactChannel, Customer, CustomerKind, Gender
from deskcrm.screens.base import DeskScreen
from deskcrm.screens.customer import CustomerScreen
from deskcrm.screens.customer_fields import HELP, SECTIONS, sections_of
from deskcrm.screens.customer_form import CustomerFormScreen
from deskcrm.screens.customer_pages import field_name
from deskcrm.services.customer_form import form_for, load_form, save_customer
from deskcrm.services.desk import Desk
from deskcrm.services.drafts import list_drafts
from tests.desks import TestBranch
from tests.screens.days import HOSTILE, settled, text_of

IDENTITY = "11010519491231002X"  # a woman born on 31 December 1949
SIZES = [(80, 24), (120, 36)]
LANGUAGES = ["zh_CN", "en"]
LOOKS = [(language, size) for language in LANGUAGES for size in SIZES]
WANG = {
    "kind": "individual",
    "name": "王小明",
    "id_number": IDENTITY,
    "mobile": "13800138000",
    "address": "北京市朝阳区建国路 1 号",
    "annual_income": "12万",
    "occupation": "教师",
    "tier": "gold",
}
LI = {"kind": "prospect", "name": "李四", "mobile": "13900139000", "prospect_interest": "理财"}


class Beneath(DeskScreen[None]):
    """A screen from which the form is opened."""

    def __init__(self, customer_id: int | None) -> None:
        super().__init__()
        self.about = customer_id

    def on_mount(self) -> None:
        self.desk_app.open_customer_form(self.about)


@pytest.fixture
def form_of(make_app: Any, desk: Desk) -> Callable[..., Any]:
    """``form_of(customer_id)``: an app that opens the form, of a new customer for ``None``."""

    def make(customer_id: int | None = None, **options: Any) -> Any:
        return make_app(lambda: Beneath(customer_id), desk=desk, **options)

    return make


@pytest.fixture
def wang(desk: Desk) -> int:
    """Somebody who is on file with everything."""
    return save_customer(desk, WANG).id


def customers(desk: Desk) -> list[Customer]:
    """Everybody, the newest first."""
    with desk.read() as session:
        return list(session.exec(select(Customer).order_by(col(Customer.id).desc())))


def channels(desk: Desk, customer_id: int) -> dict[ChannelKind, str]:
    """The ways to reach a customer."""
    with desk.read() as session:
        rows = session.exec(
            select(ContactChannel).where(col(ContactChannel.customer_id) == customer_id)
        )
        return {row.kind: row.value for row in rows}


async def press(app: Any, pilot: Pilot[Any], *keys: str) -> None:
    """Type, and wait until what follows has been shown."""
    await pilot.press(*keys)
    if isinstance(app.screen, CustomerFormScreen):
        app.screen.look_now()
    await settled(app, pilot)


async def go_to(app: Any, pilot: Pilot[Any], name: str) -> None:
    """Put the cursor into a field, on whichever page it is."""
    await app.screen.pages.go_to(name)
    await settled(app, pilot)


async def type_into(app: Any, pilot: Pilot[Any], name: str, text: Sequence[str]) -> None:
    """Put something into a field."""
    await go_to(app, pilot, name)
    await press(app, pilot, *text)


@pytest.mark.parametrize("kind", CustomerKind)
def test_every_field_of_a_kind_stands_in_exactly_one_section_and_has_help(
    kind: CustomerKind,
) -> None:
    shown = [spec.name for section in sections_of(kind) for spec in section.fields]
    assert sorted(shown) == sorted(one.name for one in form_for(kind))
    listed = [name for names in SECTIONS.values() for name in names.split()]
    assert len(listed) == len(set(listed)) == len(HELP)


async def test_a_new_customer_is_taken_down_by_keyboard_and_then_shown(
    form_of: Any, desk: Desk
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        assert "What kind of customer is it?" in text_of(app)
        await press(app, pilot, "1")
        await press(app, pilot, *"Li Wei", "pagedown", *"138 0013 8000", "ctrl+s")
        assert isinstance(app.screen, CustomerScreen)
        [saved] = customers(desk)
        assert (saved.name, saved.kind) == ("Li Wei", CustomerKind.INDIVIDUAL)
        assert channels(desk, saved.id) == {ChannelKind.MOBILE: "13800138000"}
        assert any("Li Wei is on file." in note.message for note in app._notifications)
        await press(app, pilot, "u")
        assert customers(desk) == []
