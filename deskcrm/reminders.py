"""The part of the app that listens to the scheduler: the status bar, and what has come due."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.message import Message

from deskcrm.clock import local
from deskcrm.i18n import translate_plural
from deskcrm.notices import Notices

if TYPE_CHECKING:
    from deskcrm.jobs.scheduler import Scheduler
    from deskcrm.services.desk import Desk
    from deskcrm.services.telling import SchedulerStatus


class Told(Message):
    """Something the scan thread says; handled on the UI thread."""

    def __init__(self, content: Any) -> None:
        super().__init__()
        self.content = content


class Reminders(Notices):
    """Starts the scheduler for an officer and tells what it says, by counts and never by names."""

    _scheduler: Scheduler | None = None

    def start_reminders(self, desk: Desk) -> None:
        """Scan, and go on scanning, in the background; returns at once."""
        self.run_worker(partial(self._start, desk), thread=True, exit_on_error=False)

    def stop_reminders(self) -> None:
        """End scanning after the transaction that is under way."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.stop()

    def _start(self, desk: Desk) -> None:
        from deskcrm.jobs.scan_thread import ScanFailed
        from deskcrm.jobs.scheduler import Scheduler

        def post(content: object) -> None:
            self.post_message(Told(content))

        try:
            self._scheduler = Scheduler(desk.vault, desk.clock, desk.officer.id, post)
            self._scheduler.start()
        except Exception as error:  # the desk works without reminders, and says that it does
            post(ScanFailed(type(error).__name__))

    @on(Told)
    def _listen(self, event: Told) -> None:
        from deskcrm.jobs.scan_thread import Due, ScanFailed, Scanned
        from deskcrm.services.telling import SchedulerStatus

        content = event.content
        if isinstance(content, SchedulerStatus):
            self._show_times(content)
        elif isinstance(content, Due):
            self.toast(
                translate_plural(
                    "{n} promised call is due now.",
                    "{n} promised calls are due now.",
                    content.count,
                )
            )
            self._tell_screens()
        elif isinstance(content, Scanned) and content.report.raised:
            self._tell_screens()
        elif isinstance(content, ScanFailed):
            self.set_status(dataclasses.replace(self.status, scan_failed=True))

    def _show_times(self, told: SchedulerStatus) -> None:
        def here(instant: Any) -> Any:
            return None if instant is None else local(instant, self.clock).replace(tzinfo=None)

        self.set_status(
            dataclasses.replace(
                self.status,
                last_scan=here(told.last_scan_at),
                next_callback=here(told.next_callback_at),
                data_as_of=told.data_as_of,
                due=told.due_count,
                today=self.clock.today(),
                scan_failed=False,
            )
        )

    def _tell_screens(self) -> None:
        """Lists that show follow-ups read them again."""
        for one in self.shells():
            changed = getattr(one, "data_changed", None)
            if changed is not None:
                changed()
