"""Times of day as people say them, taken off either end of a canonical text.

A time is a clock reading (``3点半``, ``3:30pm``), a part of the day (``下午``, ``evening``), or
both. An hour that may mean two things is settled by the part of the day; without one, 1 to 5 are
the afternoon, as at any counter, 8 and later are read as they stand, and 6 and 7 are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import NamedTuple


class Taken(NamedTuple):
    """What was found at an end of a text, and the text without it; ``time`` None: nothing there."""

    time: time | None
    rest: str


class NotATimeError(ValueError):
    """A clock reading that no clock shows, or that does not fit its part of the day."""


@dataclass(frozen=True, slots=True)
class _DayPart:
    """The hours ``first`` to ``last`` on a 24-hour clock; ``usual`` when no hour is said."""

    first: int
    last: int
    usual: time | None

    def hour(self, said: int) -> int:
        """The hour on a 24-hour clock that ``said`` means in this part of the day."""
        readings = (said % 12, said % 12 + 12) if 1 <= said <= 12 else (said,)
        fitting = [hour for hour in readings if self.first <= hour <= self.last]
        if not fitting:
            raise NotATimeError(said)
        return fitting[0]


_SMALL_HOURS = _DayPart(0, 5, None)
_MORNING = _DayPart(5, 11, time(9))
_NOON = _DayPart(11, 14, time(12))
_AFTERNOON = _DayPart(12, 18, time(14))
_DUSK = _DayPart(17, 19, time(18))
_EVENING = _DayPart(17, 23, time(19))
_HALVES = {"am": _DayPart(0, 11, None), "pm": _DayPart(12, 23, None)}

_DAY_PARTS = {
    "凌晨": _SMALL_HOURS,
    **dict.fromkeys(("早上", "早晨", "清晨", "上午", "早", "morning", "in morning"), _MORNING),
    **dict.fromkeys(("中午", "正午", "noon", "at noon", "midday", "at midday"), _NOON),
    **dict.fromkeys(("下午", "afternoon", "in afternoon"), _AFTERNOON),
    "傍晚": _DUSK,
    **dict.fromkeys(("晚上", "晚", "evening", "in evening", "night", "at night"), _EVENING),
}

_HOUR = r"(?P<hour>\d{1,2})"
_HALF = r"(?: ?(?P<half>am|pm))?"

# Each way to read a clock, and the minutes it means where none are said.
_CLOCKS = (
    (rf"(?:at |by )?{_HOUR}:(?P<minute>\d\d){_HALF}", 0),
    (rf"(?:at |by )?{_HOUR} ?(?P<half>am|pm)", 0),
    (rf"(?:at )?half past {_HOUR}{_HALF}", 30),
    (rf"(?:at )?(?:1 )?quarter past {_HOUR}{_HALF}", 15),
    (rf"(?:at )?(?:1 )?quarter to {_HOUR}{_HALF}", -15),
    (rf"at {_HOUR}(?: o'clock)?", 0),
    (rf"{_HOUR} o'clock", 0),
    (rf"{_HOUR}[点时][整钟]?", 0),
    (rf"{_HOUR}[点时](?P<minute>\d\d)", 0),
    (rf"{_HOUR}[点时](?P<minute>\d{{1,2}})分", 0),
    (rf"{_HOUR}[点时]半", 30),
    (rf"{_HOUR}[点时]1刻", 15),
    (rf"{_HOUR}[点时]3刻", 45),
)


# A clock may not touch another number; a part of the day may not touch another word.
_CLOCK_ENDS = tuple(
    (pattern, minutes)
    for clock, minutes in _CLOCKS
    for pattern in (rf"(?<![\da-z:./-]){clock}$", rf"^{clock}(?![\da-z:./-])")
)
_PART = "|".join(sorted((word for word in _DAY_PARTS if len(word) > 1), key=len, reverse=True))
_PART_ENDS = (
    rf"(?<![a-z])(?P<part>{_PART}|[早晚])$",
    rf"^(?P<part>{_PART}|[早晚](?=\d|$))(?![a-z])",
)


def take_time(text: str) -> Taken:
    """Take the time of day off the ends of ``text``, canonical; ``NotATimeError`` if it is none.

    The clock and the part of the day may stand apart: ``3:30 tomorrow afternoon``.
    """
    clock, rest = _take_clock(text)
    part, rest = _take_part(rest)
    if clock is None:
        clock, rest = _take_clock(rest)
    if clock is None:
        if part is not None and part.usual is None:
            raise NotATimeError(text)
        return Taken(part.usual if part else None, rest)
    return Taken(_time_of(*clock, part), rest)


def _take_clock(text: str) -> tuple[tuple[re.Match[str], int] | None, str]:
    for pattern, minutes in _CLOCK_ENDS:
        if match := re.search(pattern, text):
            return (match, minutes), _without(text, match)
    return None, text


def _take_part(text: str) -> tuple[_DayPart | None, str]:
    for pattern in _PART_ENDS:
        if match := re.search(pattern, text):
            return _DAY_PARTS[match["part"]], _without(text, match)
    return None, text


def _time_of(match: re.Match[str], minutes: int, part: _DayPart | None) -> time:
    said = match.groupdict()
    hour = int(said["hour"])
    half = said.get("half")
    if half and not 1 <= hour <= 12:
        raise NotATimeError(match[0])
    for each in (part, _HALVES[half] if half else None):
        hour = each.hour(hour) if each else hour
    if part is None and half is None:
        hour = _unmarked_hour(said["hour"])
    total = hour * 60 + int(said.get("minute") or minutes)
    if hour > 23 or int(said.get("minute") or 0) > 59 or total < 0:
        raise NotATimeError(match[0])
    return time(total // 60, total % 60)


def _unmarked_hour(said: str) -> int:
    """The hour meant when nothing says which half of the day; ``03`` is a 24-hour clock."""
    hour = int(said)
    if said.startswith("0") or hour >= 8:
        return hour
    if hour <= 5:
        return hour + 12
    raise NotATimeError(said)


def _without(text: str, match: re.Match[str]) -> str:
    return (text[: match.start()] + text[match.end() :]).strip()
