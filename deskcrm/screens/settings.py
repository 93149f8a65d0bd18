"""Language, theme, idle time, borders, and the keys in force."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from deskcrm.actions import ACTIONS, bindings, key_label, keys_of
from deskcrm.config import FILE_NAME, MOST_IDLE_MINUTES, THEMES
from deskcrm.errors import FieldError
from deskcrm.i18n import N_, _, language
from deskcrm.screens.base import DeskScreen
from deskcrm.theme import TITLES
from deskcrm.widgets.forms import FieldSpec, Form
from deskcrm.widgets.inputs import Option
from deskcrm.widgets.tables import Column, PagedTable, Row
from deskcrm.widgets.text import MessageText

LANGUAGE_CHOICES = (Option("zh_CN", "中文"), Option("en", "English"))
FIELDS = (
    FieldSpec("language", N_("Language"), "choice", choices=LANGUAGE_CHOICES),
    FieldSpec("ascii_borders", N_("Plain borders"), "bool"),
    FieldSpec(
        "theme",
        N_("Theme"),
        "choice",
        choices=tuple(Option(name, TITLES[name]) for name in THEMES),
        width=60,
    ),
    FieldSpec(
        "idle_minutes",
        N_("Lock after"),
        required=True,
        help=N_("Minutes without a key until the screen locks, from 1 to 15."),
    ),
)
COLUMNS = (
    Column("title", N_("Action"), 24, grow=True),
    Column("keys", N_("Keys"), 18),
    Column("id", N_("Name in the key map"), 26),
)


class SettingsScreen(DeskScreen[None]):
    """What this person prefers; kept in the vault's folder."""

    SCOPE = "settings"
    TITLE_ID = N_("Settings")
    BINDINGS = bindings("settings")
    DEFAULT_CSS = """
    SettingsScreen #body { padding: 0 1; }
    SettingsScreen PagedTable { height: 1fr; margin-top: 1; }
    """

    def compose_body(self) -> ComposeResult:
        with Vertical():
            yield Form(FIELDS)
            yield MessageText(
                N_("Keys are changed in the section [keymap] of {file}."),
                file=FILE_NAME,
                classes="hint",
            )
            yield PagedTable(COLUMNS)

    @property
    def form(self) -> Form:
        """The settings that have a field."""
        return self.query_one(Form)

    def on_mount(self) -> None:
        settings = self.desk_app.settings
        self.form.set_values(
            {
                "language": language(),
                "theme": settings.theme,
                "ascii_borders": settings.ascii_borders,
                "idle_minutes": str(settings.idle_minutes),
            }
        )
        self.form.focus_field("language")
        self._fill()

    def refresh_language(self) -> None:
        super().refresh_language()
        self._fill()

    def _fill(self) -> None:
        overrides = self.desk_app.settings.keymap
        rows = [
            Row(
                action.id,
                [
                    _(action.title),
                    " ".join(key_label(key) for key in keys_of(action, overrides)),
                    action.id,
                ],
            )
            for action in ACTIONS.values()
        ]
        self.query_one(PagedTable).fill(rows)

    @on(Form.Submitted)
    def action_save(self) -> None:
        """Use and keep the settings; an error stays beside its field."""
        values = self.form.values
        minutes = str(values["idle_minutes"] or "")
        if not (minutes.isascii() and minutes.isdigit()) or not (
            1 <= int(minutes) <= MOST_IDLE_MINUTES
        ):
            error = FieldError(N_("A whole number from 1 to {most}."), most=MOST_IDLE_MINUTES)
            self.form.show_errors({"idle_minutes": error})
            return
        app = self.desk_app
        app.keep_settings(
            idle_minutes=int(minutes),
            theme=values["theme"] or app.settings.theme,
            ascii_borders=bool(values["ascii_borders"]),
        )
        app.switch_language(str(values["language"] or language()))
        self.dismiss()
        app.toast(_("Settings saved."))

    def action_close(self) -> None:
        """Leave without saving."""
        self.dismiss()
