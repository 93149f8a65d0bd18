"""Forms and dialogs: every field by keyboard, errors beside fields, drafts in time."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import ComposeResult

from deskcrm.errors import FieldError
from deskcrm.i18n import N_
from deskcrm.screens.base import DeskScreen
from deskcrm.widgets.dialogs import ask_date, ask_reason, pick, show_once, type_to_confirm
from deskcrm.widgets.forms import FieldSpec, Form
from deskcrm.widgets.inputs import Option, PasswordInput

FIELDS = [
    FieldSpec("name", N_("Name"), required=True, help=N_("As on the identity document")),
    FieldSpec("phone", N_("Mobile phone"), "phone"),
    FieldSpec(
        "channel",
        N_("Channel"),
        "choice",
        choices=(
            Option("phone", N_("Phone")),
            Option("visit", N_("Visit")),
            Option("chat", "WeChat"),
        ),
    ),
    FieldSpec("vip", "VIP", "bool"),
    FieldSpec("address", N_("Address"), width=60),
    FieldSpec("note", N_("Note"), "multiline"),
]


class Sheet(DeskScreen[None]):
    """One form."""

    TITLE_ID = N_("Customer")

    def __init__(self, fields: list[FieldSpec] = FIELDS) -> None:
        super().__init__()
        self.specs = fields
        self.drafts: list[dict[str, Any]] = []
        self.submitted = 0

    def compose_body(self) -> ComposeResult:
        yield Form(self.specs)

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_mount(self) -> None:
        self.form.focus_field(self.specs[0].name)

    def on_form_changed(self, event: Form.Changed) -> None:
        self.drafts.append(event.values)

    def on_form_submitted(self) -> None:
        self.submitted += 1


async def test_a_form_is_filled_in_without_a_mouse(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"Li", "enter", *"138", "enter", "2", "enter", "y", "down", *"Road")
        await pilot.press("tab", *"hi", "enter", *"there")
        assert app.screen.form.values == {
            "name": "Li",
            "phone": "138",
            "channel": "visit",
            "vip": True,
            "address": "Road",
            "note": "hi\nthere",
        }


async def test_hostile_text_in_a_field_is_cleaned_and_shown_as_it_is(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.form.set_values({"name": "[/]\x1b]52;c;QQ==\x07Li [Wei]", "note": "a\u202eb\nc"})
        await pilot.pause()
        assert app.screen.form.values["name"] == "[/]]52;c;QQ==Li [Wei]"
        assert app.screen.form.values["note"] == "ab\nc"


async def test_what_was_typed_is_told_within_two_seconds_and_only_once(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.form.set_values({"name": "Old"})
        await pilot.pause()
        await pilot.press("x")
        assert app.screen.form._timer is not None
        app.screen.form.flush()
        app.screen.form.flush()
        await pilot.pause()
        assert [draft["name"] for draft in app.screen.drafts] == ["Oldx"]


async def test_an_error_stands_under_its_field_and_takes_the_cursor_there(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.form.show_errors({"phone": FieldError("No such number [/]")})
        await pilot.pause()
        field = app.screen.form.fields["phone"]
        assert app.focused is field.editor
        assert "! No such number [/]" in text_of(app)
        app.screen.form.show_errors({})
        await pilot.pause()
        assert "No such number" not in text_of(app)


async def test_enter_in_the_last_field_submits(make_app):
    app = make_app(lambda: Sheet(FIELDS[:2]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert app.screen.submitted == 1


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_two_fields_share_a_row_and_nothing_is_clipped_at_80_columns(make_app, language):
    app = make_app(Sheet, language=language)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        fields = app.screen.form.fields
        assert fields["name"].region.y == fields["phone"].region.y
        assert fields["address"].region.width > 70
        for field in fields.values():
            assert field.label_text() in text_of(app)
            assert field.editor.region.right <= 80


async def test_a_password_is_not_copied(make_app):
    app = make_app(lambda: Sheet([FieldSpec("password", N_("Password"), "password")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"secret", "ctrl+shift+a", "ctrl+c", "ctrl+x")
        assert app.clipboard == ""
        assert app.screen.form.values == {"password": "secret"}
        assert isinstance(app.focused, PasswordInput)
        assert "secret" not in text_of(app)


async def test_a_reason_needs_some_words(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[str] = []
        ask_reason(app.screen, "Reveal [phone]", got.append)
        await pilot.press(*"ok", "enter")
        assert got == []
        await pilot.press(*" fine", "enter")
        await pilot.pause()
        assert got == ["ok fine"]


async def test_an_option_is_picked_by_its_key_and_escape_picks_none(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[str] = []
        options = [Option("1h", "One hour"), Option("next", "Tomorrow", "m")]
        pick(app.screen, "Snooze", options, got.append)
        await pilot.press("m")
        pick(app.screen, "Snooze", options, got.append)
        await pilot.press("down", "enter")
        pick(app.screen, "Snooze", options, got.append)
        await pilot.press("escape")
        await pilot.pause()
        assert got == ["next", "next"]


async def test_what_cannot_be_undone_wants_its_word(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[str] = []
        type_to_confirm(
            app.screen, "Restore", "All is replaced.", "restore", lambda: got.append("x")
        )
        await pilot.press(*"yes", "enter")
        assert got == []
        await pilot.press(*["backspace"] * 3, *"restore", "enter")
        await pilot.pause()
        assert got == ["x"]


async def test_a_secret_shown_once_is_not_lost_by_a_stray_key(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[str] = []
        show_once(app.screen, "Recovery", "Write it down.", "AB12-CD34", lambda: got.append("x"))
        await pilot.press("escape", "enter", "x")
        assert "AB12-CD34" in text_of(app)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert got == ["x"]


@pytest.mark.parametrize("width", [24, 60])
async def test_a_date_is_read_back_while_it_is_typed(make_app, width):
    app = make_app(lambda: Sheet([FieldSpec("next", N_("Next"), "date", width=width)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"fri 15:00")
        await pilot.pause()
        assert "2026-11-27 15:00" in text_of(app)
        assert app.screen.form.dates["next"].working_days == 4
        assert app.screen.form.values == {"next": "fri 15:00"}
        await pilot.press(*"zz")
        await pilot.pause()
        assert "2026-11-27" not in text_of(app)
        assert app.screen.form.dates == {"next": None}


async def test_a_date_that_is_not_understood_is_not_taken(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[Any] = []
        ask_date(app.screen, "Defer", got.append)
        await pilot.press(*"never", "enter")
        assert got == []
        await pilot.press(*["backspace"] * 5, *"+3d", "enter")
        await pilot.pause()
        assert [spoken.day.isoformat() for spoken in got] == ["2026-11-26"]


def text_of(app: Any) -> str:
    """What is on the screen, as text."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )


async def test_only_the_label_of_the_field_with_the_cursor_stands_out(make_app):
    app = make_app(Sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "tab")
        fields = app.screen.form.fields
        bold = [
            name
            for name, field in fields.items()
            if field.query_one(".label").styles.text_style.bold
        ]
        assert bold == ["channel"]
