"""What full screens and dialogs share: translated bindings and service calls in the background."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import on
from textual._context import active_app
from textual.events import Resize
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType

from deskcrm.actions import ACTIONS, allowed
from deskcrm.errors import DeskError
from deskcrm.i18n import translate

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from deskcrm.app import DeskApp
    from deskcrm.services.desk import Desk
    from deskcrm.widgets.status_bar import Status

T = TypeVar("T")
READS = "read"
WRITES = "write"


@dataclass(frozen=True, slots=True)
class Job:
    """One call in the background: what runs, and who is told on the UI thread."""

    work: Callable[[], Any]
    then: Callable[[Any], object] | None
    failed: Callable[[DeskError], object] | None
    group: str
    number: int


@dataclass
class Finished(Message):
    """A job is done; ``error`` is set when it failed. Handled on the UI thread."""

    job: Job
    result: Any = None
    error: Exception | None = None


class Shell(Screen[ScreenResultType]):
    """Behaviour shared by full screens and dialogs. Use ``DeskScreen`` or ``DeskModal``."""

    SCOPE = ""
    TITLE_ID = ""
    GUARDED = False
    """True on screens that show without an unlocked desk: only ``open`` actions work there."""

    ALLOW_SELECT = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    def __init__(
        self,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(name, id, classes)
        self._latest: dict[str, int] = {}
        self._count = 0
        app = active_app.get(None)
        if app is not None:  # from the start, so that nothing is styled twice
            breakpoints = self.HORIZONTAL_BREAKPOINTS
            self.add_class(*self._get_breakpoint_classes(app.size.width, breakpoints))

    def on_resize(self, event: Resize) -> None:
        """Below 80×24 nothing can be read: say so instead of cutting."""
        self.desk_app.fit(event.size)

    @property
    def desk_app(self) -> DeskApp:
        """The running app, with its own type."""
        return cast("DeskApp", self.app)

    @property
    def desk(self) -> Desk:
        """The unlocked desk; there is none on the screens before unlocking."""
        desk = self.desk_app.desk
        if desk is None:
            raise RuntimeError("no desk is unlocked")
        return desk

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The bindings of the moment, described in the language in force."""
        return {
            key: active._replace(
                binding=dataclasses.replace(
                    active.binding, description=translate(active.binding.description)
                )
            )
            for key, active in super().active_bindings.items()
        }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what this officer may not do."""
        known = ACTIONS.get(f"{self.SCOPE}.{action}")
        if known is not None and not allowed(known, self.desk_app.permissions):
            return False
        return super().check_action(action, parameters)

    def call(
        self,
        service: Callable[..., T],
        *args: Any,
        then: Callable[[T], object] | None = None,
        failed: Callable[[DeskError], object] | None = None,
        group: str = READS,
        **kwargs: Any,
    ) -> None:
        """Run ``service(self.desk, *args, **kwargs)`` in a thread, then ``then(result)`` here.

        A newer call of the same group makes an older result worthless: it is dropped. The group
        ``WRITES`` is different, every result of it is delivered. A ``DeskError`` goes to
        ``failed``, or else to a toast with its sentence; anything else is a fault of the program,
        is logged without values and shown as an error number.
        """
        self.background(
            partial(service, self.desk, *args, **kwargs), then=then, failed=failed, group=group
        )

    def background(
        self,
        work: Callable[[], T],
        *,
        then: Callable[[T], object] | None = None,
        failed: Callable[[DeskError], object] | None = None,
        group: str = READS,
    ) -> None:
        """The same for any function without arguments, for example before a desk is unlocked."""
        self._count += 1
        self._latest[group] = self._count
        job = Job(work, then, failed, group, self._count)
        # A write outlives the screen that asked for it, and tells the app when the screen is gone.
        (self.app if group == WRITES else self).run_worker(
            partial(self._run, job),
            thread=True,
            exclusive=group != WRITES,
            group=group,
            exit_on_error=False,
        )

    def _run(self, job: Job) -> None:
        """In the thread: do the work and post what came of it."""
        try:
            done = Finished(job, result=job.work())
        except Exception as error:
            done = Finished(job, error=error)
        if not self.post_message(done) and job.group == WRITES:
            self.app.post_message(done)

    @on(Finished)
    def _deliver(self, event: Finished) -> None:
        event.stop()
        job = event.job
        if job.group != WRITES and self._latest.get(job.group) != job.number:
            return
        if event.error is not None:
            self.show_error(event.error, job.failed)
        elif job.then is not None:
            job.then(event.result)

    def show_error(
        self, error: Exception, failed: Callable[[DeskError], object] | None = None
    ) -> None:
        """A sentence for what a person can act on, a number for what only we can mend."""
        if not isinstance(error, DeskError):
            self.desk_app.report_fault(error)
        elif failed is not None:
            failed(error)
        else:
            self.desk_app.toast(str(error), severity="error")

    def data_changed(self) -> None:
        """Something was taken back elsewhere: a screen that shows data reads it again."""

    def show_status(self, status: Status) -> None:
        """Show a status where the screen has a status bar."""

    def refresh_language(self) -> None:
        """Write every text again after a live switch of the language.

        Widgets that have ``refresh_language`` are asked here; a screen with texts of its own
        overrides it and calls ``super().refresh_language()``.
        """
        for widget in self.walk_children():
            refresh = getattr(widget, "refresh_language", None)
            if refresh is not None:
                refresh()
        self.refresh_bindings()


class DeskModal(Shell[ScreenResultType], ModalScreen[ScreenResultType]):
    """A dialog over a screen, closed with Escape; its result goes to ``then`` of whoever asked."""

    DEFAULT_CSS = """
    DeskModal { align: center middle; background: $background 60%; layout: vertical; }
    DeskModal > .dialog { width: 64; max-width: 96%; height: auto; max-height: 96%;
                          padding: 1 2; background: $surface; border: round $primary; }
    """
    BINDINGS: ClassVar = [("escape", "cancel", "")]

    def action_cancel(self) -> None:
        """Close without a result."""
        self.dismiss(None)
