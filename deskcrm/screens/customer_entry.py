"""Taking down a customer: the sections of the form, checked while somebody types."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, TextArea

from deskcrm.actions import ACTIONS, key_label, keys_of
from deskcrm.i18n import N_, _
from deskcrm.models import CustomerKind
from deskcrm.rules.customer_checks import CHECKED_DOCUMENTS, FormField
from deskcrm.screens.base import DeskScreen
from deskcrm.screens.customer_fields import sections_of
from deskcrm.screens.customer_kinds import KindList
from deskcrm.screens.customer_lookup import Entry, Looked, look, today_of
from deskcrm.screens.customer_pages import CustomerField, CustomerPages, field_name
from deskcrm.screens.customer_readback import REMOVED, is_incomplete, known_from, read_back
from deskcrm.services.customer_form import CustomerForm, form_for
from deskcrm.widgets.dialogs import pick
from deskcrm.widgets.forms import Value
from deskcrm.widgets.inputs import Choice, Option
from deskcrm.widgets.text import MessageText, SafeStatic, plain, show

LOOK_SECONDS = 0.15
NAME_CELLS = 30


class CustomerEntryScreen(DeskScreen[None]):
    """The part of the customer form that is filled in. ``on_file`` is what the file has of the
    customer, ``None`` of a new one; ``kind`` is not known before it was chosen."""

    CSS_PATH = "customer_form.tcss"
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, customer_id: int | None = None) -> None:
        super().__init__()
        self.customer_id = customer_id
        self.on_file: CustomerForm | None = None
        self.saving = False
        self.forget_entry()

    def forget_entry(self) -> None:
        """Begin with nothing typed, and of no kind yet."""
        self.kind: CustomerKind | None = None
        self.filled: dict[str, Value] = {}
        self._aside: dict[str, Value] = {}
        self._given: dict[str, Value] = {}
        self._left: set[str] = set()
        self.changed_meanwhile: set[str] = set()
        self.refused = False
        self.looked = Looked()
        self._look_timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        with Vertical(id="customer-form"):
            with Vertical(id="form-kinds"):
                yield MessageText(N_("What kind of customer is it?"), id="form-question")
                yield KindList()
            yield Vertical(id="form-pages")
            yield MessageText(id="form-note")
            yield SafeStatic(id="form-twins")

    @property
    def pages(self) -> CustomerPages | None:
        """The sections; there are none before the kind of customer is known."""
        return None if self.kind is None else next(iter(self.query(CustomerPages)), None)

    @property
    def typed(self) -> dict[str, Value]:
        """What is not as it was filled in, with what was typed for another kind of customer."""
        values = self.pages.values if self.pages is not None else {}
        changed = {name: v for name, v in values.items() if v != self.filled.get(name)}
        return {**{n: v for n, v in self._aside.items() if n not in values}, **changed}

    @property
    def entry(self) -> Entry:
        """What was typed, for a service: the rest stays as the file has it."""
        kind, fields = self.kind_and_fields()
        entered: dict[str, Value] = {"kind": kind.value}
        for name, value in self.typed.items():
            if name in fields:
                taken_off = value == REMOVED and fields[name].mask is not None
                entered[name] = None if taken_off else value
        return entered

    def kind_and_fields(self) -> tuple[CustomerKind, dict[str, FormField]]:
        """The kind that was chosen, and its fields by name."""
        if self.kind is None:
            raise RuntimeError("the kind of customer is not known yet")
        return self.kind, {one.name: one for one in form_for(self.kind)}

    async def show_pages(
        self, kind: CustomerKind, typed: Mapping[str, Value], at: str = ""
    ) -> None:
        """The form of a kind: what the file has, and over it what was typed; the cursor in the
        field ``at`` if there is one."""
        self.query_one("#form-kinds").display = False
        await self.query(CustomerPages).remove()
        self.kind = kind
        pages = CustomerPages(sections_of(kind))
        if self.on_file is not None:
            stars = self.on_file.masked
            values = self.on_file.values
            pages.set_values({name: v for name, v in values.items() if name not in stars})
            for name in stars & pages.fields.keys():
                pages.fields[name].show_masked(str(values[name]))
        self.filled = pages.values
        pages.set_values(typed)
        self._aside = dict(typed)
        await self.query_one("#form-pages").mount(pages)
        await pages.open(0)
        await pages.go_to(at)
        self.looked = Looked()
        self.look_now()
        self.say_everything()
        self.refresh_header()

    @on(Input.Changed)
    @on(Choice.Changed)
    @on(TextArea.Changed)
    def _typing(self, event: Input.Changed | Choice.Changed | TextArea.Changed) -> None:
        name = field_name(event.control)
        if self.pages is None or name not in self.pages.fields:
            return
        if name in {"id_number", "id_type"}:
            self._fill_in_from_number(self.pages.fields)
        self._say(name, self.pages.fields[name])
        if self._look_timer is not None:
            self._look_timer.stop()
        self._look_timer = self.set_timer(LOOK_SECONDS, self.look_now)

    def _fill_in_from_number(self, fields: Mapping[str, CustomerField]) -> None:
        """What a complete number says goes into fields that are empty, or hold what it said."""
        if "id_number" not in fields or not fields["id_number"].value:
            return
        number, document = (str(fields[name].value or "") for name in ("id_number", "id_type"))
        for name, value in known_from(number, document, self.desk.today()).items():
            if fields[name].value in {None, self._given.get(name)}:
                self._given[name] = fields[name].value = value

    def look_now(self) -> None:
        """Check what is typed so far, and look whether it is on file."""
        if self.pages is None or self.saving:
            return
        if not self.typed:
            self.show_looked(Looked())
        else:
            # What cannot be checked now is told when it is saved.
            self.call(
                look,
                self.entry,
                self.customer_id,
                then=self.show_looked,
                failed=lambda _error: None,
                group="look",
            )

    def show_looked(self, looked: Looked) -> None:
        """Say what a look at the entry found."""
        self.looked = looked
        self.say_everything()

    @on(CustomerPages.Left)
    def _field_left(self, event: CustomerPages.Left) -> None:
        event.stop()
        self._left.add(event.name)
        if self.pages is not None and event.name in self.pages.fields:
            self._say(event.name, self.pages.fields[event.name])

    def say_everything(self) -> None:
        """Say beside every field, and under the form, what is known by now."""
        if self.pages is not None:
            for name, field in self.pages.fields.items():
                self._say(name, field)
        self.query_one("#form-twins", SafeStatic).update(show(self._twins_line()))
        self.query_one("#form-twins").display = bool(self.looked.twins)
        self.refresh_bindings()

    def _say(self, name: str, field: CustomerField) -> None:
        """Beside a field: what is wrong, else what to look at again, else the value in full."""
        text = str(field.value or "")
        known = self.kind_and_fields()[1][name]
        error = self.looked.verdict.errors.get(name)
        if error is not None and not self._is_due(known, field, text):
            error = None
        warning = self._warning(name, field, text)
        field.say(error, warning or self._read_back(known, text), warning=bool(warning))

    def _warning(self, name: str, field: CustomerField, text: str) -> str:
        if text == REMOVED and field.masked:
            return _("will be taken off the file")
        if name in self.changed_meanwhile and self.on_file is not None:
            return _("on file now: {value}", value=plain(str(self.on_file.values[name] or "-")))
        return " ".join(map(str, self.looked.verdict.warnings.get(name, ()) if text else ()))

    def _is_due(self, known: FormField, field: CustomerField, text: str) -> bool:
        """Is it time to complain: not about what nobody came to yet, nor while it is typed."""
        if self.focused is field.editor and is_incomplete(known, text):
            return False
        number = known.type in {"identity", "credit_code"}
        return self.refused or (bool(text) and (number or known.name in self._left))

    def _read_back(self, known: FormField, text: str) -> str:
        if not text:
            return ""
        if known.name == "id_number" and self.pages is not None:
            document = str(self.pages.fields["id_type"].value or "")
            if document not in CHECKED_DOCUMENTS:
                return ""
        return read_back(known, text, today_of(self.desk))

    def _twins_line(self) -> str:
        """Who is on file already with the same numbers, as far as this officer may know."""
        names = list(self.looked.visible_twins.values())
        if names:
            key = key_label(keys_of(ACTIONS["form.open_twin"], self.desk_app.settings.keymap)[0])
            told = _(", ").join(plain(name, NAME_CELLS) for name in names[:2])
            more = f" +{len(names) - 2}" if len(names) > 2 else ""
            return _("Already on file: {name} ({key} opens).", name=told + more, key=key)
        return _("On file with another officer; ask your supervisor.")

    def action_open_twin(self) -> None:
        """Look at the customer who is on file already; the entry stays here."""
        twins = self.looked.visible_twins
        if len(twins) == 1:
            self.desk_app.open_customer(next(iter(twins)))
        elif twins:
            options = [Option(str(one), plain(name)) for one, name in twins.items()]
            open_one = self.desk_app.open_customer
            pick(self, _("Open which one?"), options, lambda one: open_one(int(one)))

    def action_next_section(self) -> None:
        """The next page, round the end."""
        self._turn(1)

    def action_previous_section(self) -> None:
        """The page before, round the beginning."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self.pages is not None:
            self.call_later(self.pages.open, self.pages.place + by)

    def _section(self, place: int) -> None:
        if self.pages is not None:
            self.call_later(self.pages.open, place)

    def action_section_1(self) -> None:
        self._section(0)

    def action_section_2(self) -> None:
        self._section(1)

    def action_section_3(self) -> None:
        self._section(2)

    def action_section_4(self) -> None:
        self._section(3)

    def refresh_language(self) -> None:
        super().refresh_language()
        self.say_everything()
