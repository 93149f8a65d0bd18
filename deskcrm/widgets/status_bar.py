"""The line above the footer: how fresh the data is and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from textual.content import Content

from deskcrm.i18n import _
from deskcrm.widgets.text import SafeStatic


@dataclass(frozen=True, slots=True)
class Status:
    """What the status bar tells. Instants are local wall-clock times of the branch; times of
    ``today`` are told without the date."""

    data_as_of: date | None = None
    last_scan: datetime | None = None
    next_callback: datetime | None = None
    due: int | None = None
    today: date | None = None
    draft: bool = False
    counter_mode: bool = False
    held_back: int = 0
    scan_failed: bool = False


class StatusBar(SafeStatic):
    """Shows a ``Status``; most important first, so that what does not fit is cut at the end."""

    DEFAULT_CSS = """
    StatusBar { height: 1; width: 1fr; padding: 0 1; background: $panel; color: $text-muted;
                text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.status = Status()

    def set_status(self, status: Status) -> None:
        """Show another status; the same one again costs nothing."""
        if status != self.status:
            self.status = status
            self.refresh_language()

    def on_mount(self) -> None:
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write the line again in the language in force."""
        self.update(Content(" · ".join(_parts(self.status))), layout=False)


def _parts(status: Status) -> list[str]:
    parts: list[str] = []
    if status.counter_mode:
        parts.append(_("[counter mode, {n} held back]", n=status.held_back))
    if status.due is not None:
        parts.append(_("due {n}", n=status.due))
    if status.next_callback is not None:
        parts.append(_("next callback {time}", time=_stamp(status.next_callback, status)))
    if status.draft:
        parts.append(_("draft kept"))
    if status.data_as_of is not None:
        parts.append(_("data as of {time}", time=status.data_as_of.isoformat()))
    if status.scan_failed:
        parts.append(_("! the last scan failed"))
    elif status.last_scan is not None:
        parts.append(_("last scan {time}", time=_stamp(status.last_scan, status)))
    return parts


def _stamp(moment: datetime, status: Status) -> str:
    """The time of day, with the date where it is another day than today."""
    same_day = status.today is not None and moment.date() == status.today
    return f"{moment:%H:%M}" if same_day else f"{moment:%m-%d %H:%M}"
