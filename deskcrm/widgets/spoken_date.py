"""A date typed as people say it, read back in full while it is typed."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, cast

from deskcrm.clock import Clock, local
from deskcrm.i18n import _
from deskcrm.rules.spoken_dates import SpokenDate, echo, read_date
from deskcrm.widgets.inputs import LineInput
from deskcrm.widgets.text import SafeStatic, show

if TYPE_CHECKING:
    from deskcrm.app import DeskApp


def instant_of(spoken: SpokenDate, at: time, clock: Clock) -> datetime:
    """The moment that was said; ``at`` is the time of day where none was."""
    return datetime.combine(spoken.day, spoken.time or at, tzinfo=clock.zone)


class DateInput(LineInput):
    """One line for a date or a moment: ``+3d``, ``fri 15:00``, ``明天下午3点``, ``月底``.

    With ``future_only`` what lies in the past is not taken; see ``rules.spoken_dates.read_date``.
    """

    def __init__(
        self,
        value: str = "",
        *,
        future_only: bool = True,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(value, max_length=60, id=id, classes=classes)
        self.future_only = future_only

    @property
    def spoken(self) -> SpokenDate | None:
        """What was understood; ``None`` where nothing is typed or it is not understood."""
        desk = cast("DeskApp", self.app).desk
        if desk is None or not self.value.strip():
            return None
        now = local(desk.clock.now(), desk.clock).replace(tzinfo=None)
        return read_date(self.value, now, desk.calendar, future_only=self.future_only)


class DateEcho(SafeStatic):
    """Says what a ``DateInput`` was understood as, with the distance in working days."""

    DEFAULT_CSS = """
    DateEcho { width: 1fr; height: auto; padding: 0 1; color: $text-success; }
    DateEcho.-unread { color: $text-warning; }
    """

    def __init__(self, date_input: DateInput, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._input = date_input

    def on_mount(self) -> None:
        self.watch(self._input, "value", self.refresh_language)

    def refresh_language(self) -> None:
        """Say it again: in the language in force, and as of now."""
        spoken, typed = self._input.spoken, self._input.value.strip()
        self.set_class(spoken is None, "-unread")
        if spoken is not None:
            self.update(show(f"= {echo(spoken)}"))
        else:
            self.update(_("? try +3d, fri 15:00, 明天下午3点, 月底") if typed else "")
