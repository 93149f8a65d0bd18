"""Read a date as people say it, in Chinese or English, and say it back in full.

``明天下午3点``, ``fri 15:00``, ``+3d``, ``下周一``, ``月底``, ``in 2 hours``: what is not
understood to the last character is refused rather than guessed, and what is read is always echoed
with its weekday and the working days until then before anything is done with it. Fuzzy words mean
the first day they can: 下周 is Monday, 下个月 the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from deskcrm.i18n import N_, translate, translate_plural
from deskcrm.rules.spoken_days import Standpoint, read_day
from deskcrm.rules.spoken_text import canonical
from deskcrm.rules.spoken_times import take_time
from deskcrm.rules.working_days import WorkingCalendar

_LONGEST = 60  # characters; longer texts are not dates

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))

_JUST_NOW = frozenset(("now", "just now", "刚才", "刚刚", "刚", "现在"))
_SPAN = re.compile(
    r"(?P<before>in |\+ ?|- ?|再?过)?"
    r"(?:(?P<count>\d{1,4})(?P<point_five>\.5)?(?P<and_half>个半)?|(?P<half>半|half)) ?"
    r"(?:(?P<hours>个?小时|个?钟头|hours?|hrs?|h)|(?P<minutes>分钟|minutes?|mins?)|(?P<quarters>刻钟))"
    r"(?P<after>以后|之后|后| later| from now)?(?P<ago>以前|之前|前| ago)?"
)
_MINUTES_IN = {"hours": 60, "quarters": 15, "minutes": 1}


@dataclass(frozen=True, slots=True)
class SpokenDate:
    """A date that was read; ``time`` is None when none was said.

    ``working_days`` counts from today, not counted, to ``day``, counted; negative in the past.
    ``provisional``: a calendar not yet announced may change that count. ``rest_day``: nobody works
    on ``day``.
    """

    day: date
    time: time | None
    working_days: int
    provisional: bool
    rest_day: bool = False


def read_date(
    text: str, now: datetime, calendar: WorkingCalendar, *, future_only: bool = True
) -> SpokenDate | None:
    """The date and time that ``text`` names, or None when it is not understood in full.

    ``now`` is the branch's local time, naive. With ``future_only``, the past is refused and words
    that name no direction look ahead: a bare weekday is the next one, a bare time already past is
    tomorrow's. Without it, they look back (``周五`` is the last one), as one enters when something
    happened; a future that is said plainly is still read, and the caller decides about it.
    """
    if len(text) > _LONGEST:
        return None
    try:
        found = _read(canonical(text), now, Standpoint(now.date(), future_only, calendar))
    except (ValueError, OverflowError):  # a 30 February, an hour 25, a year 12000
        return None
    if found is None or (future_only and _is_past(*found, now)):
        return None
    day, at = found
    today = now.date()
    return SpokenDate(
        day,
        at,
        calendar.between(today, day),
        calendar.provisional_between(today, day),
        not calendar.is_working(day),
    )


def echo(spoken: SpokenDate) -> str:
    """The date in full, in the language in force: ``Tue 2026-11-24 15:00 · in 1 working day``."""
    weekday = translate(_WEEKDAYS[spoken.day.weekday()])
    parts = [translate("{weekday} {date}", weekday=weekday, date=spoken.day.isoformat())]
    if spoken.time is not None:
        parts[0] += f" {spoken.time:%H:%M}"
    parts += [_distance(spoken)] if spoken.working_days or not spoken.rest_day else []
    parts += [translate("not a working day")] if spoken.rest_day else []
    parts += [translate("provisional")] if spoken.provisional else []
    return " · ".join(parts)


def _distance(spoken: SpokenDate) -> str:
    count = spoken.working_days
    if count > 0:
        return translate_plural("in {n} working day", "in {n} working days", count)
    if count < 0:
        return translate_plural("{n} working day ago", "{n} working days ago", -count)
    return translate("today")


def _read(text: str, now: datetime, here: Standpoint) -> tuple[date, time | None] | None:
    instant = _read_instant(text, now, here)
    if instant is not None:
        return instant.date(), instant.time()
    at, rest = take_time(text)
    rest = re.sub(r"^(?:on|by|at|在|于) ?| (?:on|by|at)$", "", rest)
    if rest:
        day = read_day(rest, here)
        return None if day is None else (day, at)
    return None if at is None else (_day_of_bare_time(at, now, here), at)


def _read_instant(text: str, now: datetime, here: Standpoint) -> datetime | None:
    """A moment counted from now in hours and minutes, to the minute."""
    this_minute = now.replace(second=0, microsecond=0)
    if text in _JUST_NOW and not here.ahead:
        return this_minute
    match = _SPAN.fullmatch(text)
    if match is None or sum(match[way] is not None for way in ("before", "after", "ago")) > 1:
        return None
    if not here.ahead and not (match["before"] or match["after"] or match["ago"]):
        return None
    unit = next(name for name in _MINUTES_IN if match[name])
    half = bool(match["point_five"] or match["and_half"] or match["half"])
    minutes = (2 * int(match["count"] or 0) + half) * _MINUTES_IN[unit] // 2
    back = match["ago"] or (match["before"] or "").startswith("-")
    return this_minute + timedelta(minutes=-minutes if back else minutes)


def _day_of_bare_time(at: time, now: datetime, here: Standpoint) -> date:
    if here.ahead:
        return here.today if at > now.time() else here.today + timedelta(days=1)
    return here.today if at <= now.time() else here.today - timedelta(days=1)


def _is_past(day: date, at: time | None, now: datetime) -> bool:
    if at is None or day != now.date():
        return day < now.date()
    return at <= now.time()
