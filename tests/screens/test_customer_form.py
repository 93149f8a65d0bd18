"""The customer form: checked while it is typed, nothing lost, nobody taken down twice unasked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select
from textual.pilot import Pilot

from deskcrm.errors import FieldError
from deskcrm.models import ChannelKind, ContactChannel, Customer, CustomerKind, Gender
from deskcrm.screens.base import DeskScreen
from deskcrm.screens.customer import CustomerScreen
from deskcrm.screens.customer_fields import HELP, SECTIONS, sections_of
from deskcrm.screens.customer_form import CustomerFormScreen
from deskcrm.screens.customer_pages import field_name
from deskcrm.services.customer_form import form_for, save_customer
from deskcrm.services.desk import Desk
from deskcrm.services.drafts import list_drafts
from tests.desks import TestBranch, add_customer
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


async def test_an_identity_number_is_checked_while_typed_and_fills_in_what_it_says(
    form_of: Any,
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1")
        await type_into(app, pilot, "id_number", IDENTITY[:10])
        assert "10 of 18 characters" in text_of(app)
        assert "!" not in text_of(app)
        await press(app, pilot, *IDENTITY[10:17], "1")
        assert "! The last character" in text_of(app)
        assert app.screen.pages.values["born_on"] is None
        await press(app, pilot, "backspace", "x")
        assert "format valid, identity not verified" in " ".join(text_of(app).split())
        assert "!" not in text_of(app)
        values = app.screen.pages.values
        assert (values["born_on"], values["gender"]) == ("1949-12-31", "female")
        assert values["id_type"] == "resident_id"
        assert "76 years old" in text_of(app)
        assert field_name(app.focused) == "id_number"


async def test_a_number_that_says_otherwise_does_not_overwrite_what_somebody_typed(
    form_of: Any,
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1")
        await type_into(app, pilot, "born_on", "1950-01-01")
        await type_into(app, pilot, "id_number", IDENTITY)
        assert app.screen.pages.values["born_on"] == "1950-01-01"
        assert "another date of birth" in " ".join(text_of(app).split())


async def test_money_and_dates_are_read_back_in_full(form_of: Any) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1")
        await type_into(app, pilot, "annual_income", "1.2万")
        assert "= ¥12,000.00" in text_of(app)
        await type_into(app, pilot, "opened_on", "last fri")
        assert "= 2026-11-20" in text_of(app)


async def test_somebody_on_file_is_shown_while_typing_and_opened_by_a_key(
    form_of: Any, wang: int
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1", *"Wang")
        await press(app, pilot, "ctrl+t")
        assert isinstance(app.screen, CustomerFormScreen)
        await type_into(app, pilot, "mobile", "138 0013 8000")
        assert "Already on file: 王小明 (^T opens)." in text_of(app)
        await press(app, pilot, "ctrl+t")
        assert isinstance(app.screen, CustomerScreen)
        assert app.screen.customer_id == wang
        await press(app, pilot, "escape")
        assert app.screen.pages.values["name"] == "Wang"


async def test_of_another_officers_customer_only_that_there_is_one_is_told(
    make_app: Any, branch: TestBranch, wang: int
) -> None:
    app = make_app(lambda: Beneath(None), desk=branch.desk("other"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1", *"Wang")
        await type_into(app, pilot, "mobile", "13800138000")
        assert "On file with another officer" in text_of(app)
        assert "王小明" not in text_of(app)
        await press(app, pilot, "ctrl+t", "ctrl+s")
        assert "With another officer: the same phone" in text_of(app)
        assert "王小明" not in text_of(app)


async def test_saving_somebody_who_is_probably_on_file_asks_first(
    form_of: Any, desk: Desk, wang: int
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1", *"Wang")
        await type_into(app, pilot, "mobile", "13800138000")
        await press(app, pilot, "ctrl+s")
        assert "王小明: the same phone" in text_of(app)
        await press(app, pilot, "escape")
        assert len(customers(desk)) == 1
        assert app.screen.pages.values["name"] == "Wang"
        await press(app, pilot, "ctrl+o")
        await press(app, pilot, "s")
        assert [one.name for one in customers(desk)] == ["Wang", "王小明"]


async def test_what_is_missing_is_told_beside_its_field_on_its_page(
    form_of: Any, desk: Desk
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "3", "enter", "pagedown", *"12", "pagedown")
        assert "!" not in text_of(app)
        await press(app, pilot, "ctrl+s")
        assert "! This field must be filled in." in text_of(app)
        assert "Some fields need attention." in text_of(app)
        assert field_name(app.focused) == "name"
        await press(app, pilot, *"Li", "alt+2")
        assert "This field must be" not in text_of(app)
        assert app.screen.pages.fields["mobile"].error is not None
        assert customers(desk) == []


async def test_stored_values_are_stars_until_they_are_typed_anew(
    form_of: Any, desk: Desk, wang: int
) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        shown = text_of(app)
        assert "1****************X" in shown
        assert IDENTITY not in shown
        await type_into(app, pilot, "occupation", " A")
        await type_into(app, pilot, "mobile", "13900139000")
        await press(app, pilot, "ctrl+s")
        assert isinstance(app.screen, Beneath)
    after = customers(desk)[0]
    assert (after.occupation, after.id_number, after.born_on) == (
        "教师 A",
        IDENTITY,
        date(1949, 12, 31),
    )
    assert channels(desk, wang) == {ChannelKind.MOBILE: "13900139000"}


async def test_a_stored_value_is_taken_off_the_file_with_a_dash(
    form_of: Any, desk: Desk, wang: int
) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await type_into(app, pilot, "mobile", "-")
        assert "will be taken off the" in text_of(app)
        await press(app, pilot, "ctrl+s")
    assert channels(desk, wang) == {}
    assert customers(desk)[0].id_number == IDENTITY


async def test_a_choice_in_the_last_field_does_not_save(
    form_of: Any, desk: Desk, wang: int
) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await type_into(app, pilot, "reviewed", "y")
        assert isinstance(app.screen, CustomerFormScreen)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, Beneath)


async def test_an_edit_can_be_taken_back(form_of: Any, desk: Desk, wang: int) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        await type_into(app, pilot, "tier", "4")
        await press(app, pilot, "ctrl+s")
        assert customers(desk)[0].tier == "diamond"
        assert any("王小明 is saved." in note.message for note in app._notifications)
        await press(app, pilot, "u")
        assert customers(desk)[0].tier == "gold"


async def test_what_was_typed_is_kept_within_two_seconds_and_offered_again(
    form_of: Any, desk: Desk
) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "2", *"Acme")
        await pilot.pause(1.8)
        await settled(app, pilot)
        [draft] = list_drafts(desk)
        assert draft.values == {"kind": "corporate", "fields": {"name": "Acme"}}
        assert app.status.draft
    again = form_of()
    async with again.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(again, pilot)
        assert again.screen.kind is CustomerKind.CORPORATE
        assert again.screen.pages.values["name"] == "Acme"
        assert "Your draft of 2026-11-23 09:00 is here again" in text_of(again)
        await press(again, pilot, "ctrl+r")
        assert "What kind of customer is it?" in text_of(again)
        assert list_drafts(desk) == ()
        await press(again, pilot, "ctrl+z")
        assert again.screen.pages.values["name"] == "Acme"
        assert [one.values["fields"] for one in list_drafts(desk)] == [{"name": "Acme"}]


async def test_escape_keeps_the_draft_and_an_untouched_form_leaves_none(
    form_of: Any, desk: Desk, wang: int
) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "escape")
        assert list_drafts(desk) == ()
        app.open_customer_form(wang)
        await settled(app, pilot)
        await type_into(app, pilot, "mobile", "139")
        await press(app, pilot, "escape")
        assert [draft.values["fields"] for draft in list_drafts(desk)] == [{"mobile": "139"}]
        app.open_customer_form(wang)
        await settled(app, pilot)
        assert app.screen.pages.values["mobile"] == "139"
        await type_into(app, pilot, "mobile", ["backspace"] * 3)
        await press(app, pilot, "escape")
        assert list_drafts(desk) == ()


async def test_saving_drops_the_draft_and_enter_twice_saves_once(form_of: Any, desk: Desk) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1", *"Li")
        app.screen.pages.flush()
        await settled(app, pilot)
        assert len(list_drafts(desk)) == 1
        await press(app, pilot, "ctrl+s", "ctrl+s", "ctrl+o")
        assert len(customers(desk)) == 1
        assert list_drafts(desk) == ()
        assert not app.status.draft


async def test_an_entry_is_put_over_what_somebody_else_saved_meanwhile(
    form_of: Any, desk: Desk, wang: int
) -> None:
    app = form_of(wang)
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(app, pilot)
        await type_into(app, pilot, "occupation", " A")
        theirs = {"kind": "individual", "occupation": "医生", "employer": "市一医院"}
        save_customer(desk, theirs, customer_id=wang)
        await press(app, pilot, "ctrl+s")
        shown = text_of(app)
        assert "This record was changed meanwhile: Occupation, Employer." in shown
        values = app.screen.pages.values
        assert (values["occupation"], values["employer"]) == ("教师 A", "市一医院")
        assert field_name(app.focused) == "occupation"
        assert "on file now: 医生" in shown
        assert list_drafts(desk)[0].values["fields"] == {"occupation": "教师 A"}
        await press(app, pilot, "ctrl+s")
    assert (customers(desk)[0].occupation, customers(desk)[0].employer) == ("教师 A", "市一医院")


async def test_a_prospect_becomes_a_customer(form_of: Any, desk: Desk) -> None:
    prospect = save_customer(desk, LI).id
    app = form_of(prospect)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "ctrl+y", "1")
        assert "Saving makes this prospect a customer" in text_of(app)
        await type_into(app, pilot, "id_number", IDENTITY)
        await press(app, pilot, "ctrl+s")
    [after] = customers(desk)
    assert (after.kind, after.gender) == (CustomerKind.INDIVIDUAL, Gender.FEMALE)
    assert after.prospect_interest == "理财"
    assert channels(desk, prospect) == {ChannelKind.MOBILE: "13900139000"}


async def test_only_a_prospect_or_a_new_customer_changes_its_kind(form_of: Any, wang: int) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "ctrl+y")
        assert isinstance(app.screen, CustomerFormScreen)


async def test_what_was_typed_for_the_wrong_kind_is_not_lost(form_of: Any) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "3", *"Acme")
        await type_into(app, pilot, "prospect_interest", "loan")
        await press(app, pilot, "ctrl+y", "2")
        assert app.screen.pages.values["name"] == "Acme"
        await press(app, pilot, "ctrl+y", "2")
        assert app.screen.kind is CustomerKind.PROSPECT
        assert app.screen.pages.values["prospect_interest"] == "loan"


async def test_the_help_of_a_field_is_under_the_form_and_on_f1(form_of: Any, wang: int) -> None:
    app = form_of(wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await go_to(app, pilot, "email")
        assert "Like name@example.com." in text_of(app)
        await press(app, pilot, "f1")
        assert "Like name@example.com." in text_of(app)


async def test_hostile_text_on_file_is_shown_as_it_is(form_of: Any, desk: Desk) -> None:
    hostile = add_customer(desk, HOSTILE, phone="13800138000", occupation="[@click=app.quit]x[/]")
    app = form_of(hostile)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        assert "[/]]52;c;QQ==[@click=app.quit]Li Wei[/]" in text_of(app)
        await press(app, pilot, "pagedown", "pagedown", "f10", "f10")
        assert "[@click=app.quit]x[/]" in text_of(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CustomerKind)
async def test_every_section_fits_80_by_24_and_nothing_is_cut(
    form_of: Any, language: str, kind: CustomerKind
) -> None:
    app = form_of(language=language)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, str(list(CustomerKind).index(kind) + 1))
        for form in app.screen.pages.forms:
            assert form.max_scroll_y == 0
            for field in form.fields.values():
                assert form.region.contains_region(field.region), field.spec.name
                assert field.label_text() in text_of(app)
            await press(app, pilot, "pagedown")


async def test_the_cursor_is_seen_where_a_section_is_longer_than_the_screen(form_of: Any) -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await press(app, pilot, "1")
        form = app.screen.pages.forms[0]
        for name, field in form.fields.items():
            field.error = FieldError(f"{name} is wrong, " + "in many words, " * 6)
        await pilot.pause()
        assert form.max_scroll_y > 0
        for name in form.fields:
            await go_to(app, pilot, name)
            assert form.region.contains_region(app.focused.region), name


async def fill_in(app: Any, pilot: Pilot[Any]) -> None:
    """A new customer with a mistake, somebody like them on file, and the identity number read."""
    await settled(app, pilot)
    await press(app, pilot, "1", *"王晓明")
    await type_into(app, pilot, "mobile", "13800138000")
    await type_into(app, pilot, "id_expires_on", "2020-01-01")
    await type_into(app, pilot, "id_number", "11010519491231002X")


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_a_new_customer_looks_as_it_did(
    snap_compare: Any, form_of: Any, wang: int, language: str, size: tuple[int, int]
) -> None:
    app = form_of(language=language)
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: fill_in(pilot.app, pilot))


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_an_edit_looks_as_it_did(
    snap_compare: Any, form_of: Any, wang: int, language: str, size: tuple[int, int]
) -> None:
    app = form_of(wang, language=language)

    async def show(pilot: Pilot[Any]) -> None:
        await settled(app, pilot)
        await type_into(app, pilot, "cadence_days", "400")
        await press(app, pilot, "ctrl+s")

    assert snap_compare(app, terminal_size=size, run_before=show)
