"""How an item of the queue is told in one line, and the day in another."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from deskcrm.i18n import N_, _, translate_plural
from deskcrm.rules.ranking import TermCode
from deskcrm.services.queue import Queue, QueueItem
from deskcrm.widgets.tables import Column, Row

COLUMNS = (
    Column("when", N_("When"), 11),
    Column("customer", N_("Customer"), 12, grow=True),
    Column("tier", N_("Tier"), 8),
    Column("why", N_("What and why"), 27, grow=True),
    Column("due", N_("Due"), 5, optional=True),
)
TOLD_BY_TITLE = (TermCode.VALUE, TermCode.LATE_RISK, TermCode.TIER)
"""Reasons that the title of the follow-up and the tier beside it tell already."""


def queue_row(item: QueueItem, now: datetime) -> Row:
    """A line of the queue; ``now`` is the branch's local time."""
    return Row(
        str(item.id),
        [
            when_mark(item, now),
            item.customer_name,
            _(item.tier_label_id),
            what_and_why(item),
            f"{item.due_on:%m-%d}",
        ],
    )


def when_mark(item: QueueItem, now: datetime) -> tuple[str, str]:
    """Sign, words and colour: ``! 3 d late``, ``> 15:00``, ``- today``."""
    if item.days_late > 0:
        words = translate_plural("{n} d late", "{n} d late", item.days_late)
        return f"! {words}", "bold $text-error"
    if item.due_at is None:
        return f"- {_('today')}", ""
    promised = item.due_at.astimezone(now.tzinfo)
    if promised < now:
        return f"! {promised:%H:%M}", "bold $text-error"
    return f"> {promised:%H:%M}", "bold $text-warning"


def what_and_why(item: QueueItem) -> str:
    """What is to be done, and the largest reason that the line does not tell otherwise."""
    told = {TermCode.DAYS_LATE, TermCode.PROMISE, *TOLD_BY_TITLE}
    more = [why.text for why in item.reasons if why.term.code not in told]
    return " · ".join([_(item.title), *more[:1]])


def counts_line(found: Queue, now: datetime, marked: int) -> Content:
    """How much is marked, how much there is, is late or promised, and how much fits the day."""
    promised = sum(
        item.due_at is not None and item.due_at.astimezone(now.tzinfo).date() == now.date()
        for item in found.items
    )
    capacity = found.capacity
    parts = [
        Content.styled(_("{n} due", n=f"{found.total:,}"), "bold"),
        Content.styled(
            _("{n} overdue", n=f"{found.overdue:,}"), "bold $text-error" if found.overdue else ""
        ),
        Content.styled(
            _("{n} promised today", n=promised), "bold $text-warning" if promised else ""
        ),
        Content(
            _("{minutes} of {day} min", minutes=f"{capacity.minutes:,}", day=capacity.day_minutes)
        ),
    ]
    if capacity.fits < found.total:
        parts.append(Content(_("{n} fit today", n=capacity.fits)))
    if marked:
        parts.insert(0, Content.styled(_("{n} selected", n=marked), "bold reverse"))
    return Content(" · ").join(parts)
