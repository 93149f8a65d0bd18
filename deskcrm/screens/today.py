"""Today: the ranked queue, the brief of the selected customer, and what is done with an item."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from deskcrm.actions import bindings
from deskcrm.clock import local
from deskcrm.i18n import N_, _, translate_plural
from deskcrm.rules.cadence import working_policy
from deskcrm.rules.spoken_dates import SpokenDate, echo, read_date
from deskcrm.rules.text import cell_width, pad
from deskcrm.screens.base import WRITES, DeskScreen
from deskcrm.screens.today_rows import COLUMNS, counts_line, queue_row
from deskcrm.screens.undoing import offer_undo
from deskcrm.services import followups
from deskcrm.services.brief import Brief, brief
from deskcrm.services.queue import Queue, QueueItem, queue, why
from deskcrm.services.reference import OfficerChoice, colleagues
from deskcrm.widgets.brief import BriefDialog, BriefPane, reasons_text
from deskcrm.widgets.dialogs import ask_date, ask_reason, pick, tell
from deskcrm.widgets.inputs import Option
from deskcrm.widgets.outcome import outcome_options, outcome_text
from deskcrm.widgets.spoken_date import instant_of
from deskcrm.widgets.tables import PAGE, PagedTable
from deskcrm.widgets.text import MessageText, SafeStatic, plain

if TYPE_CHECKING:
    from deskcrm.errors import DeskError
    from deskcrm.services.desk import Desk
    from deskcrm.services.followups import FollowupsChanged

PREVIEWED = 3
TYPED_DATE = "typed"


class TodayScreen(DeskScreen[None]):
    """Who to contact now, in order, and why."""

    SCOPE = "queue"
    TITLE_ID = N_("Today")
    BINDINGS = bindings("queue")
    CSS_PATH = "today.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._queue: Queue | None = None
        self._items: dict[str, QueueItem] = {}
        self._wanted: str | None = None

    def compose_body(self) -> ComposeResult:
        yield SafeStatic(id="counts")
        with Horizontal(id="queue"):
            yield PagedTable(COLUMNS, markable=True)
            yield BriefPane(classes="side-pane")
        with Vertical(id="nothing"):
            yield MessageText(N_("Nothing is due now."), classes="nothing-title")
            yield MessageText(
                N_(
                    "What was put off or snoozed comes back by itself."
                    "\n\nF2  find a customer and see everything about them"
                    "\nF4  go through your customers\n^N  take down a new one"
                ),
                classes="hint",
            )

    @property
    def header_title(self) -> str:
        title, desk = _(self.TITLE_ID), self.desk_app.desk
        return title if desk is None else f"{title} {desk.today().isoformat()}"

    @property
    def table(self) -> PagedTable:
        """The queue."""
        return self.query_one(PagedTable)

    @property
    def item(self) -> QueueItem | None:
        """The item under the cursor."""
        return self._items.get(self.table.current_key or "")

    def on_screen_resume(self) -> None:
        """Read the queue whenever it comes into view: others may have changed it."""
        self.data_changed()

    def data_changed(self) -> None:
        """Read the queue again; the cursor stays on its item, or on the next when it is gone."""
        if self.desk_app.desk is not None:
            self.call(queue, limit=PAGE, then=self.show_queue, group="queue")

    def show_queue(self, found: Queue) -> None:
        """Show the queue as it is now."""
        self._queue = found
        self._items = {str(item.id): item for item in found.items}
        self.set_class(not found.items, "-empty")
        self._draw()
        if self._wanted is not None:
            self.table.focus_key(self._wanted)
            self._wanted = None
        if found.items:
            self.table.focus()
        self._read_brief()

    def refresh_language(self) -> None:
        super().refresh_language()
        self._draw()

    def callback_due(self, count: int) -> None:
        """So many promised calls have just come due: say it, and bring them up."""
        sentence = translate_plural(
            "{n} promised call is due now.", "{n} promised calls are due now.", count
        )
        self.desk_app.toast(sentence)
        self.data_changed()

    def _draw(self) -> None:
        if self._queue is None:
            return
        now = local(self.desk.now(), self.desk.clock)
        self.table.fill([queue_row(item, now) for item in self._queue.items], self._queue.total)
        self._draw_counts()

    def _draw_counts(self) -> None:
        if self._queue is not None:
            now = local(self.desk.now(), self.desk.clock)
            line = counts_line(self._queue, now, len(self.table.marked))
            self.query_one("#counts", SafeStatic).update(line)

    @on(PagedTable.Moved)
    def _read_brief(self) -> None:
        pane = self.query_one(BriefPane)
        if self.item is None:
            pane.show_brief(None)
        elif pane.display and not self.has_class("-narrow"):
            self.call(brief, self.item.id, then=pane.show_brief, group="brief")

    def on_resize(self, _event: Resize) -> None:
        self._read_brief()

    def action_open(self) -> None:
        """Everything about the customer."""
        if self.item is not None:
            queued = [] if self._queue is None else self._queue.items
            among = list(dict.fromkeys(item.customer_id for item in queued))
            self.desk_app.open_customer(self.item.customer_id, among)

    def action_call_sheet(self) -> None:
        """Take down a contact."""
        if self.item is not None:
            self.desk_app.open_call_sheet(self.item.customer_id, self.item.id)

    def action_brief(self) -> None:
        """The brief over the screen, where there is no room for it beside the queue."""
        if self.item is not None:
            self.call(brief, self.item.id, then=self._tell_brief, group="brief-dialog")

    def _tell_brief(self, found: Brief) -> None:
        self.app.push_screen(BriefDialog(found))

    def action_why(self) -> None:
        """All terms of the rank."""
        item = self.item
        if item is not None:
            title = _("Why {name} now", name=plain(item.customer_name, 30))
            self.call(
                why,
                item.id,
                then=lambda reasons: tell(self, title, reasons_text(reasons)),
                group="why",
            )

    def action_select(self) -> None:
        """Mark the item for an action on several."""
        self.table.toggle_mark()
        self._draw_counts()

    def action_refresh(self) -> None:
        """Read the queue again."""
        self.data_changed()

    def action_done(self) -> None:
        """Close with an outcome."""
        chosen = self._chosen()
        if chosen:
            title = _("Done: {what}", what=self._what(chosen))
            pick(self, title, outcome_options(), partial(self._done, chosen))

    def _done(self, chosen: list[int], outcome: str) -> None:
        sentence = _("{outcome}: {what}.", outcome=outcome_text(outcome), what=self._what(chosen))
        self._act(sentence, lambda desk: followups.done(desk, chosen, disposition=outcome))

    def action_snooze(self) -> None:
        """Hide for a while: a few usual moments, or one that is typed."""
        chosen = self._chosen()
        if chosen:
            title = _("Snooze: {what}", what=self._what(chosen))
            pick(self, title, self._moments(), partial(self._snooze_choice, chosen))

    def _moments(self) -> list[Option]:
        """The usual moments that are still ahead, each read back in full."""
        morning, *_rest, afternoon = (part.starts for part in working_policy().dayparts)
        usual = (
            ("+1h", N_("In one hour")),
            (f"today {afternoon:%H:%M}", N_("This afternoon")),
            (f"tomorrow {morning:%H:%M}", N_("Tomorrow")),
            (f"next week {morning:%H:%M}", N_("Next week")),
        )
        widest = max(cell_width(_(label)) for _said, label in usual)
        moments = []
        for said, label in usual:
            spoken = self._spoken(said)
            if spoken is not None:
                moments.append(Option(said, f"{pad(_(label), widest)}  {echo(spoken)}"))
        return [*moments, Option(TYPED_DATE, N_("Another time …"))]

    def _spoken(self, said: str) -> SpokenDate | None:
        now = local(self.desk.now(), self.desk.clock).replace(tzinfo=None)
        return read_date(said, now, self.desk.calendar)

    def _snooze_choice(self, chosen: list[int], said: str) -> None:
        spoken = None if said == TYPED_DATE else self._spoken(said)
        if spoken is not None:
            self._snooze(chosen, spoken)
        else:
            title = _("Snooze until: {what}", what=self._what(chosen))
            ask_date(self, title, partial(self._snooze, chosen))

    def _snooze(self, chosen: list[int], spoken: SpokenDate) -> None:
        until = instant_of(spoken, working_policy().dayparts[0].starts, self.desk.clock)
        moment = f"{until:%Y-%m-%d %H:%M}"
        sentence = _("Snoozed until {moment}: {what}.", moment=moment, what=self._what(chosen))
        self._act(sentence, lambda desk: followups.snooze(desk, chosen, until))

    def action_defer(self) -> None:
        """Put off to another day."""
        chosen = self._chosen()
        if chosen:
            title = _("Defer to which day: {what}", what=self._what(chosen))
            ask_date(self, title, partial(self._defer, chosen))

    def _defer(self, chosen: list[int], spoken: SpokenDate) -> None:
        sentence = _("Deferred to {day}: {what}.", day=spoken.day, what=self._what(chosen))
        self._act(sentence, lambda desk: followups.defer(desk, chosen, spoken.day))

    def action_transfer(self) -> None:
        """Hand over to a colleague."""
        chosen = self._chosen()
        if chosen:
            self.call(colleagues, then=partial(self._pick_colleague, chosen), group="colleagues")

    def _pick_colleague(self, chosen: list[int], officers: tuple[OfficerChoice, ...]) -> None:
        if not officers:
            self.desk_app.toast(_("There is no other officer to hand it to."))
            return
        names = {one.login: one.name for one in officers}
        choices = [Option(login, f"{name} ({login})") for login, name in names.items()]
        title = _("Transfer: {what}", what=self._what(chosen))
        pick(self, title, choices, lambda login: self._transfer(chosen, login, names[login]))

    def _transfer(self, chosen: list[int], login: str, name: str) -> None:
        sentence = _("Transferred to {name}: {what}.", name=plain(name), what=self._what(chosen))
        self._act(sentence, lambda desk: followups.transfer(desk, chosen, login))

    def action_drop(self) -> None:
        """Close without work, for a reason."""
        chosen = self._chosen()
        if chosen:
            title = _("Dismiss: {what}", what=self._what(chosen))
            ask_reason(self, title, partial(self._dismiss, chosen))

    def _dismiss(self, chosen: list[int], reason: str) -> None:
        sentence = _("Dismissed: {what}.", what=self._what(chosen))
        self._act(sentence, lambda desk: followups.dismiss(desk, chosen, reason))

    def _chosen(self) -> list[int]:
        """The marked items in the order of the queue, or else the one under the cursor."""
        return [self._items[key].id for key in self.table.chosen_keys if key in self._items]

    def _what(self, chosen: list[int]) -> str:
        """Whom an action is about: one name, or the count and the first few names."""
        names = [plain(self._items[str(one)].customer_name, 24) for one in chosen[:PREVIEWED]]
        if len(chosen) == 1:
            return names[0]
        listed = _(", ").join(names) + (" …" if len(chosen) > PREVIEWED else "")
        return _("{n} follow-ups ({names})", n=len(chosen), names=listed)

    def _act(self, sentence: str, work: Callable[[Desk], FollowupsChanged]) -> None:
        """Do it at once; say what was done and how it is taken back, and show what is next."""

        def acted(changed: FollowupsChanged) -> None:
            self.table.clear_marks()
            offer_undo(self.desk_app, sentence, changed.change_set.id)
            self.data_changed()

        def refused(error: DeskError) -> None:
            self.desk_app.toast(str(error), severity="error")
            self.data_changed()

        self.call(work, then=acted, failed=refused, group=WRITES)
