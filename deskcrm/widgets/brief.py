"""What an officer wants to know in the moment before a call, beside the queue and on the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskcrm.clock import Clock, local
from deskcrm.i18n import _, translate_plural
from deskcrm.services.brief import Brief, Contact
from deskcrm.services.followups import FollowupView
from deskcrm.services.ranks import Reason
from deskcrm.widgets.customer_line import word
from deskcrm.widgets.shell import DeskModal
from deskcrm.widgets.text import SafeStatic, plain, show, show_lines

if TYPE_CHECKING:
    from deskcrm.app import DeskApp

LARGEST = 3
NOTE_CELLS = 400
HEADING = "bold $text-accent"
MUTED = "$foreground-muted"
GRAVE = "bold $text-error"


def brief_content(found: Brief, clock: Clock) -> Content:
    """The whole brief, a heading over each part; parts without content are left out."""
    parts = [_who(found)]
    if found.alerts:
        parts.append(_lines(show(f"! {alert.text}", style=GRAVE) for alert in found.alerts))
    if found.why:
        parts.append(_section(_("Why now"), _reasons(found.why)))
    if found.script_id:
        parts.append(_section(_("What to say"), [show(_(found.script_id))]))
    parts.append(_section(_("Last contact"), _last_contact(found.contacts, clock)))
    if found.promises:
        parts.append(_section(_("Also open"), [_duty(one, clock) for one in found.promises]))
    if found.pinned_note:
        parts.append(_section(_("Pinned note"), [show_lines(found.pinned_note)]))
    if found.products:
        held = _(", ").join(plain(word("account_type", name)) for name in found.products)
        parts.append(_section(_("Holds"), [Content(held)]))
    return Content("\n\n").join(parts)


def reasons_text(reasons: Sequence[Reason]) -> Content:
    """All terms of a rank with their share of the score, and the sum."""
    points = [f"{why.term.points:+,}" for why in reasons]
    total = f"{sum(why.term.points for why in reasons):,}"
    width = max(map(len, [*points, total]))
    lines = [
        show(f"{share:>{width}}  {why.text}") for share, why in zip(points, reasons, strict=True)
    ]
    meaning = _("points: the higher, the sooner")
    lines.append(show(f"{total:>{width}}  {meaning}", style="bold"))
    return _lines(lines)


class BriefPane(VerticalScroll, can_focus=False):
    """The brief of one customer."""

    def __init__(self, found: Brief | None = None, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._found = found
        self._text = SafeStatic()

    def compose(self) -> ComposeResult:
        yield self._text

    def on_mount(self) -> None:
        self.refresh_language()

    def show_brief(self, found: Brief | None) -> None:
        """Show another brief, or nothing."""
        self._found = found
        self.scroll_home(animate=False)
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write the brief again in the language in force."""
        found = self._found
        self._text.update("" if found is None else brief_content(found, desk_clock(self)))


class BriefDialog(DeskModal[None]):
    """The brief over a screen that has no room for it at the side; Enter or Escape closes it."""

    BINDINGS = [("enter,b,alt+i", "cancel", "")]  # noqa: RUF012
    DEFAULT_CSS = """
    BriefDialog BriefPane { height: auto; max-height: 100%; }
    BriefDialog .dialog { padding: 0 2; }
    """

    def __init__(self, found: Brief) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield BriefPane(self._found)


class SheetHead(SafeStatic):
    """The head of a call sheet: who, what for, what to say, what was said last; a line each."""

    DEFAULT_CSS = """
    SheetHead { height: auto; width: 1fr; padding: 0 1; text-wrap: nowrap;
                text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: Brief | None = None
        self._number = ""

    @property
    def number_shown(self) -> bool:
        """Is the number in clear on the screen?"""
        return bool(self._number)

    def show_brief(self, found: Brief) -> None:
        """Show whom the sheet is about."""
        self._found = found
        self.refresh_language()

    def show_number(self, number: str) -> None:
        """Show the number in clear."""
        self._number = number
        self.refresh_language()

    def hide_number(self) -> None:
        """Show the masked number again."""
        self._number = ""
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write the lines again in the language in force."""
        if self._found is None:
            return
        lines = [self._who(self._found), _task(self._found, desk_clock(self))]
        if not self.screen.has_class("-wide"):
            lines += _short_brief(self._found, desk_clock(self))
        self.update(_lines(line for line in lines if line))

    def on_resize(self) -> None:
        self.refresh_language()

    def _who(self, found: Brief) -> Content:
        phone = self._number or (str(found.phone) if found.phone else _("no number known"))
        hint = _("^T hides it") if self._number else _("^T shows it")
        return Content.assemble(
            show(found.customer_name, 40, style="bold"),
            show(f" · {_(found.tier_label_id)} · "),
            show(phone, style="bold $text-warning" if self._number else ""),
            show(f"  {hint}" if found.phone else "", style=MUTED),
        )


def desk_clock(widget: SafeStatic | BriefPane) -> Clock:
    """The clock of the unlocked desk."""
    desk = cast("DeskApp", widget.app).desk
    if desk is None:
        raise RuntimeError("no desk is unlocked")
    return desk.clock


def _who(found: Brief) -> Content:
    facts = [word("kind", found.customer_kind), _(found.tier_label_id)]
    if found.phone is not None:
        facts.append(str(found.phone))
    name = show(found.customer_name, style="bold")
    return _lines([name, show(" · ".join(facts), style=MUTED)])


def _reasons(reasons: Sequence[Reason]) -> list[Content]:
    speaking_for = [why for why in reasons if why.term.points > 0]
    return [show(f"{place} {why.text}") for place, why in enumerate(speaking_for[:LARGEST], 1)]


def _last_contact(contacts: Sequence[Contact], clock: Clock) -> list[Content]:
    if not contacts:
        return [show(_("None on record."), style=MUTED)]
    last = contacts[0]
    lines = [show(_contact_line(last, clock))]
    if last.notes:
        lines.append(show_lines(last.notes[:NOTE_CELLS]))
    return lines


def _contact_line(contact: Contact, clock: Clock) -> str:
    at = local(contact.at, clock)
    words = [f"{at:%Y-%m-%d %H:%M}", word("channel", contact.channel), _(contact.outcome_id)]
    return " · ".join(words)


def _duty(duty: FollowupView, clock: Clock) -> Content:
    return show(f"{_due(duty.due_on, duty.due_at, clock)}  {_(duty.title)}")


def _due(due_on: date, due_at: datetime | None, clock: Clock) -> str:
    return f"{due_on}" if due_at is None else f"{local(due_at, clock):%Y-%m-%d %H:%M}"


def _task(found: Brief, clock: Clock) -> Content:
    """What the call is for; alerts come before it."""
    alerts = [show(f"! {alert.text} ", style=GRAVE) for alert in found.alerts]
    duty = found.followup
    if duty is None:
        return Content.assemble(*alerts)
    words = [_(duty.title), _("due {day}", day=_due(duty.due_on, duty.due_at, clock))]
    if duty.attempts:
        words.append(
            translate_plural(
                "tried {n} time of {most}",
                "tried {n} times of {most}",
                duty.attempts,
                most=duty.maximum_attempts,
            )
        )
    return Content.assemble(*alerts, show(" · ".join(words)))


def _short_brief(found: Brief, clock: Clock) -> list[Content]:
    """What to say and what was said last, a line each; the brief has them in full."""
    lines = []
    if found.script_id:
        lines.append(Content.assemble((_("Say"), HEADING), " ", show(_(found.script_id))))
    if found.contacts:
        last = found.contacts[0]
        said = f"{_contact_line(last, clock)} · {last.notes}".rstrip(" ·")
        lines.append(Content.assemble((_("Last"), HEADING), " ", show(said)))
    return lines


def _section(heading: str, lines: Iterable[Content]) -> Content:
    return _lines([Content.styled(heading, HEADING), *lines])


def _lines(lines: Iterable[Content]) -> Content:
    return Content("\n").join(list(lines))
