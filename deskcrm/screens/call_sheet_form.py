"""The fields of the call sheet, and how what is typed into them becomes a contact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from textual import on

from deskcrm.clock import Clock
from deskcrm.errors import DeskError, FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.models import Way
from deskcrm.rules.spoken_dates import SpokenDate
from deskcrm.services.interactions import SATISFACTION, NewInteraction
from deskcrm.widgets.forms import FieldSpec, Form, Value
from deskcrm.widgets.inputs import Choice, Option
from deskcrm.widgets.outcome import outcome_options, word_options
from deskcrm.widgets.spoken_date import instant_of

NO_NEXT_STEP = "none"
FIELDS = (
    FieldSpec("channel", N_("Channel"), "choice", choices=word_options("channel"), width=80),
    FieldSpec("way", N_("Initiated"), "choice", choices=word_options("way"), width=30),
    FieldSpec(
        "at",
        N_("When"),
        "date",
        width=30,
        future_only=False,
        help=N_("When the contact was: yesterday 3pm, 周五 15:00, 2026-11-20"),
    ),
    FieldSpec(
        "outcome", N_("Outcome"), "choice", required=True, choices=outcome_options(), width=80
    ),
    FieldSpec("notes", N_("Notes"), "multiline", help=N_("What was said; Tab goes on.")),
    FieldSpec(
        "satisfaction",
        N_("Satisfaction"),
        "choice",
        choices=tuple(Option(str(n), "", str(n)) for n in SATISFACTION),
        help=N_("As you heard it: 1 very dissatisfied, 5 very satisfied; may stay empty."),
    ),
    FieldSpec(
        "needs", N_("Needs heard"), help=N_("Several with commas: deposit, home loan"), width=24
    ),
    FieldSpec(
        "next_kind",
        N_("Next step"),
        "choice",
        required=True,
        choices=(
            *word_options("next_step"),
            Option(NO_NEXT_STEP, N_("None"), "0"),
        ),
        width=80,
    ),
    FieldSpec(
        "next_on",
        N_("Due"),
        "date",
        width=30,
        help=N_("As you say it: +3d, fri 15:00, 明天下午3点, 月底. Enter saves."),
    ),
    FieldSpec(
        "no_next_reason", N_("Because"), width=60, help=N_("Why nothing follows. Enter saves.")
    ),
)
_BETWEEN_NEEDS = re.compile(r"[,，、;；]+")
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sheet is about: whom, for which follow-up, and the key that makes it count once."""

    customer_id: int
    followup_id: int | None
    form_key: str


class SheetForm(Form):
    """The fields of a contact. A key that takes a choice also goes on to the next field."""

    def __init__(self) -> None:
        super().__init__(FIELDS)
        self._begun_with: dict[str, Value] = {}

    @property
    def touched(self) -> bool:
        """Is there anything on the sheet that was not there from the start?"""
        return self.values != self._begun_with

    def on_mount(self) -> None:
        self.fields["at"].editor.select_on_focus = True  # type: ignore[union-attr]
        self.show_what_applies()

    def begin(self, now: datetime) -> None:
        """An empty sheet: a call that we made just now (the branch's local time)."""
        empty: dict[str, Value] = dict.fromkeys(self.fields)
        self.set_values(
            {**empty, "channel": "phone", "way": "outgoing", "at": f"{now:%Y-%m-%d %H:%M}"}
        )
        self._begun_with = self.values
        self.show_what_applies()

    def resume(self, values: Mapping[str, Any]) -> None:
        """The values of a draft."""
        self.set_values(values)
        self.show_what_applies()

    def show_what_applies(self) -> None:
        """Either when the next step is due, or why there is none."""
        none = self.fields["next_kind"].value == NO_NEXT_STEP
        self.fields["no_next_reason"].display = none
        self.fields["next_on"].display = not none

    @on(Choice.Picked)
    def _picked(self) -> None:
        self.show_what_applies()
        self.action_next_field()

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        """What is chosen is no longer refused; an outcome may also need no next step."""
        name = (event.choice.id or "").removeprefix("input-")
        self.fields[name].error = None
        if name == "outcome":
            self.fields["next_kind"].error = None
        self.show_what_applies()

    def contact(self, subject: Subject, clock: Clock) -> NewInteraction:
        """What was entered, ready for the service; ``InvalidError`` with the fields that cannot be
        read."""
        values, dates = self.values, self.dates
        at, due = dates["at"], dates["next_on"]
        none = values["next_kind"] == NO_NEXT_STEP
        errors: dict[str, FieldError] = {}
        for name in ("at", "next_on"):
            if values[name] and dates[name] is None and self.fields[name].display:
                errors[name] = FieldError(N_("This is not read as a date that can be taken."))
        if none and not values["no_next_reason"]:
            errors["no_next_reason"] = FieldError(N_("Say why there is no next step."))
        if errors:
            raise InvalidError(errors)
        satisfaction = values["satisfaction"]
        return NewInteraction(
            customer_id=subject.customer_id,
            channel=_text(values["channel"]),
            outcome=_text(values["outcome"]),
            notes=_text(values["notes"]),
            at=None if at is None else _when(at, clock),
            way=Way(_text(values["way"]) or Way.OUTGOING),
            satisfaction=int(satisfaction) if satisfaction else None,
            needs=_needs(_text(values["needs"])),
            next_kind=None if none else _text(values["next_kind"]) or None,
            next_on=None if none or due is None else due.day,
            next_at=None if none or due is None else _due_at(due, clock),
            no_next_reason=_text(values["no_next_reason"]) if none else "",
            followup_id=subject.followup_id,
            form_key=subject.form_key,
        )

    def show_refusal(self, error: DeskError) -> bool:
        """Show the errors of fields beside them; false when it is not about fields."""
        if not isinstance(error, InvalidError):
            return False
        self.show_errors(error.fields)
        return True


def _when(spoken: SpokenDate, clock: Clock) -> datetime:
    """When the contact was: a day without a time means its noon, or now if that is today."""
    if spoken.time is None and spoken.day == clock.today():
        return clock.now()
    return instant_of(spoken, _NOON, clock)


def _due_at(spoken: SpokenDate, clock: Clock) -> datetime | None:
    return None if spoken.time is None else instant_of(spoken, spoken.time, clock)


def _needs(text: str) -> tuple[str, ...]:
    return tuple(need.strip() for need in _BETWEEN_NEEDS.split(text) if need.strip())


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
