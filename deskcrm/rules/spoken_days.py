"""Days as people say them: a table of small rules over a canonical text.

Each rule is a pattern for the whole text and a function from its match to a day. A rule whose day
does not exist raises ``ValueError`` or gives None; a text that no rule knows is no day. Weeks begin
on Monday, so *next Friday* and 下周五 are the Friday of next week.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from deskcrm.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where a day is looked for: ``today``, ahead or back, and which days are worked."""

    today: date
    ahead: bool
    calendar: WorkingCalendar

    @property
    def monday(self) -> date:
        """Monday of this week."""
        return self.today - timedelta(days=self.today.weekday())

    def nearest(self, days: list[date]) -> date | None:
        """The first of ``days`` from today on, or the last up to today when looking back."""
        if self.ahead:
            return min((day for day in days if day >= self.today), default=None)
        return max((day for day in days if day <= self.today), default=None)


Match = re.Match[str]
Reading = Callable[[Match, Standpoint], date | None]

_NAMED_DAYS = {
    "大前天": -3,
    **dict.fromkeys(("day before yesterday", "前天", "前日"), -2),
    **dict.fromkeys(("yesterday", "昨天", "昨日"), -1),
    **dict.fromkeys(("today", "今天", "今日"), 0),
    **dict.fromkeys(("tomorrow", "tmr", "tmrw", "明天", "明日"), 1),
    **dict.fromkeys(("day after tomorrow", "后天", "后日"), 2),
    "大后天": 3,
}

_SHIFTS = {
    **dict.fromkeys(("上上", "上上个"), -2),
    **dict.fromkeys(("上", "上个", "last", "previous", "去"), -1),
    **dict.fromkeys(("", "本", "这", "这个", "this", "今"), 0),
    **dict.fromkeys(("下", "下个", "next", "明"), 1),
    **dict.fromkeys(("下下", "下下个", "后"), 2),
}
_SHIFT = r"(?P<shift>上上个?|上个?|本|这个?|下下个?|下个?)"
_ENGLISH_SHIFT = r"(?P<shift>this|next)"
_YEAR_SHIFT = r"(?P<shift>去|今|明|后)年"

_MONTH_ORDER = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH_NAME = (
    r"(?P<month_name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY_ORDER = "montuewedthufrisatsun"
_WEEKDAY_NAME = (
    r"(?P<weekday_name>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_WEEKDAY = rf"(?:周(?P<weekday>[1-7])|{_WEEKDAY_NAME})"

# A bare m is a month only after one digit: 30m would be minutes, and those are written min.
_WORKING_DAY = r"(?P<working>个?工作日|(?:working|business) ?days?|workdays?|wd)"
_UNITS = (
    rf"(?:{_WORKING_DAY}|(?P<days>天|日|days?|d)|(?P<weeks>个?周|weeks?|wks?|w)"
    r"|(?P<fortnights>fortnights?)|(?P<months>个月|months?|mo|(?<!\d\d)(?<!\d\d )m)"
    r"|(?P<quarters>个?季度|quarters?|q)|(?P<years>年|years?|y))"
)
_DAYS_IN = {"days": 1, "weeks": 7, "fortnights": 14}
_MONTHS_IN = {"months": 1, "quarters": 3, "years": 12}
_AFTER = r"(?:以后|之后|后)"
_BEFORE = r"(?:以前|之前|前)"
_COUNT = r"(?P<count>\d{1,4})"


def shift_months(day: date, months: int) -> date:
    """``day`` so many months on; the last day of the month where that one is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def read_day(text: str, here: Standpoint) -> date | None:
    """The day that ``text``, canonical and without a time, names; None when it names none."""
    for pattern, reading in (*_CALENDAR_DATES, *_RELATIVE_DAYS):
        if match := re.fullmatch(pattern, text):
            return reading(match, here)
    return _dated_weekday(text, here)


def _shift(match: Match) -> int:
    return _SHIFTS[match.groupdict().get("shift") or ""]


def _named_day(match: Match, here: Standpoint) -> date:
    return here.today + timedelta(days=_NAMED_DAYS[match[0]])


def _offset(sign: int) -> Reading:
    def reading(match: Match, here: Standpoint) -> date:
        unit = next(name for name, said in match.groupdict().items() if said and name != "count")
        count = sign * int(match["count"])
        if unit == "working":
            return here.calendar.add(here.today, count)
        if unit in _DAYS_IN:
            return here.today + timedelta(days=count * _DAYS_IN[unit])
        return shift_months(here.today, count * _MONTHS_IN[unit])

    return reading


def _bare_offset(match: Match, here: Standpoint) -> date | None:
    """*3 days* as an answer to *when*: from now; looking back it could be either way.

    A bare ``5m`` may be minutes: not read.
    """
    plain = here.ahead and match["months"] != "m"
    return _offset(1)(match, here) if plain else None


def _half_month(_match: Match, here: Standpoint) -> date:
    return here.today + timedelta(days=15)


def _half_year(_match: Match, here: Standpoint) -> date:
    return shift_months(here.today, 6)


def _adjacent_working_day(step: int) -> Reading:
    return lambda _match, here: here.calendar.add(here.today, step)


def _start_of_week(match: Match, here: Standpoint) -> date:
    return here.monday + timedelta(weeks=_shift(match))


def _week_after_next(_match: Match, here: Standpoint) -> date:
    return here.monday + timedelta(weeks=2)


def _friday(_match: Match, here: Standpoint) -> date:
    friday = here.monday + timedelta(days=4)
    return friday if friday >= here.today else friday + timedelta(weeks=1)


def _weekend(match: Match, here: Standpoint) -> date:
    """The Saturday; on a Sunday, this weekend is what is left of it."""
    shift = _shift(match)
    saturday = here.monday + timedelta(days=5, weeks=shift)
    return max(saturday, here.today) if shift == 0 else saturday


def _weekday_of(match: Match) -> int:
    """0 for Monday to 6 for Sunday."""
    if match["weekday"]:
        return int(match["weekday"]) - 1
    return _WEEKDAY_ORDER.index(match["weekday_name"][:3]) // 3


def _weekday(match: Match, here: Standpoint) -> date:
    """A bare weekday is never today: whoever means today says so."""
    days_on = (_weekday_of(match) - here.today.weekday()) % 7
    days_back = (here.today.weekday() - _weekday_of(match)) % 7
    return here.today + timedelta(days=(days_on or 7) if here.ahead else -(days_back or 7))


def _weekday_of_week(match: Match, here: Standpoint) -> date:
    return here.monday + timedelta(weeks=_shift(match), days=_weekday_of(match))


def _last_weekday(match: Match, here: Standpoint) -> date | None:
    """*Last Friday* on a Saturday may be yesterday or a week ago: only the plain case is read."""
    weekday = _weekday_of(match)
    if weekday < here.today.weekday():
        return None
    return here.monday + timedelta(days=weekday - 7)


def _month_start(match: Match, here: Standpoint) -> date:
    return shift_months(here.today.replace(day=1), _shift(match))


def _month_after_next(_match: Match, here: Standpoint) -> date:
    return shift_months(here.today.replace(day=1), 2)


def _month_end(match: Match, here: Standpoint) -> date:
    return month_end(_month_start(match, here))


def _day_of_shifted_month(match: Match, here: Standpoint) -> date:
    return _month_start(match, here).replace(day=int(match["day"]))


def _quarter_start(today: date, quarters: int) -> date:
    first_month = (today.month - 1) // 3 * 3 + 1
    return shift_months(today.replace(month=first_month, day=1), 3 * quarters)


def _next_quarter(_match: Match, here: Standpoint) -> date:
    return _quarter_start(here.today, 1)


def _quarter_end(match: Match, here: Standpoint) -> date:
    return month_end(shift_months(_quarter_start(here.today, _shift(match)), 2))


def _year_start(match: Match, here: Standpoint) -> date:
    return date(here.today.year + _shift(match), 1, 1)


def _year_end(match: Match, here: Standpoint) -> date:
    return date(here.today.year + _shift(match), 12, 31)


def _full_date(match: Match, _here: Standpoint) -> date:
    return date(int(match["year"]), _month_of(match), int(match["day"]))


def _month_of(match: Match) -> int:
    said = match.groupdict()
    return (
        int(said["month"])
        if said.get("month")
        else _MONTH_ORDER.index(said["month_name"][:3]) // 3 + 1
    )


def _day_of_some_year(match: Match, here: Standpoint) -> date | None:
    """A month and a day: of this year, or of the next one in the direction looked."""
    month, day = _month_of(match), int(match["day"])
    years = (here.today.year, here.today.year + (1 if here.ahead else -1))
    return here.nearest([date(year, month, day) for year in years])


def _day_of_shifted_year(match: Match, here: Standpoint) -> date:
    return date(here.today.year + _shift(match), _month_of(match), int(match["day"]))


def _end_of_named_month(match: Match, here: Standpoint) -> date | None:
    years = (here.today.year, here.today.year + (1 if here.ahead else -1))
    return here.nearest([month_end(date(year, _month_of(match), 1)) for year in years])


def _end_of_shifted_named_month(match: Match, here: Standpoint) -> date:
    return month_end(date(here.today.year + _shift(match), _month_of(match), 1))


def _day_of_some_month(match: Match, here: Standpoint) -> date | None:
    this_month = here.today.replace(day=1)
    months = (this_month, shift_months(this_month, 1 if here.ahead else -1))
    return here.nearest([month.replace(day=int(match["day"])) for month in months])


def _dated_weekday(text: str, here: Standpoint) -> date | None:
    """A date with its weekday beside it (``Tue 2026-11-24``), when the two agree."""
    match = re.fullmatch(_WEEKDAY_FIRST, text) or re.fullmatch(_WEEKDAY_LAST, text)
    if match is None:
        return None
    for pattern, reading in _CALENDAR_DATES:
        if dated := re.fullmatch(pattern, match["date"]):
            day = reading(dated, here)
            return day if day and day.weekday() == _weekday_of(match) else None
    return None


_WEEKDAY_FIRST = rf"{_WEEKDAY} ?(?P<date>.+)"
_WEEKDAY_LAST = rf"(?P<date>.+?) ?{_WEEKDAY}"


_MONTH, _DAY, _YEAR = r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})", r"(?P<year>\d{4})"
_ENGLISH_DAY = rf"{_DAY}(?:st|nd|rd|th)?"

# Patterns stay text here: compiling them all would take longer than starting the program may.
_CALENDAR_DATES: tuple[tuple[str, Reading], ...] = (
    (rf"{_YEAR}(?P<mark>[-/.]){_MONTH}(?P=mark){_DAY}", _full_date),
    (r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", _full_date),
    (rf"{_YEAR}年{_MONTH}月{_DAY}[日号]", _full_date),
    (rf"{_MONTH_NAME} {_ENGLISH_DAY} {_YEAR}", _full_date),
    (rf"{_ENGLISH_DAY} (?:of )?{_MONTH_NAME} {_YEAR}", _full_date),
    (rf"{_YEAR_SHIFT}{_MONTH}月{_DAY}[日号]", _day_of_shifted_year),
    # Without 日 or 号 a Chinese date such as 八月十五 is more often a lunar one: not read.
    (rf"{_MONTH}月{_DAY}[日号]", _day_of_some_year),
    (rf"{_MONTH}[-/]{_DAY}", _day_of_some_year),
    (rf"{_MONTH_NAME} {_ENGLISH_DAY}", _day_of_some_year),
    (rf"{_ENGLISH_DAY} (?:of )?{_MONTH_NAME}", _day_of_some_year),
    (rf"{_DAY}(?:[日号]|st|nd|rd|th)", _day_of_some_month),
)

_RELATIVE_DAYS: tuple[tuple[str, Reading], ...] = (
    ("|".join(_NAMED_DAYS), _named_day),
    (rf"(?:in |\+ ?|再?过){_COUNT} ?{_UNITS}", _offset(1)),
    (rf"{_COUNT} ?{_UNITS}(?:{_AFTER}| later| from now)", _offset(1)),
    (rf"{_COUNT} ?{_UNITS}", _bare_offset),
    (rf"{_COUNT} ?{_UNITS}(?:{_BEFORE}| ago)", _offset(-1)),
    (rf"- ?{_COUNT} ?{_UNITS}", _offset(-1)),
    (rf"半个月{_AFTER}", _half_month),
    (rf"半年{_AFTER}", _half_year),
    (r"(?:next|下个?) ?(?:working day|business day|workday|工作日)", _adjacent_working_day(1)),
    (r"(?:last|上个?) ?(?:working day|business day|workday|工作日)", _adjacent_working_day(-1)),
    (r"(?P<shift>下下个?|下个?)周", _start_of_week),
    (r"(?P<shift>next) week", _start_of_week),
    (r"week after next", _week_after_next),
    (r"eow|end of week|end of this week", _friday),
    (rf"{_SHIFT}?周末", _weekend),
    (rf"(?:{_ENGLISH_SHIFT} )?weekend", _weekend),
    (_WEEKDAY, _weekday),
    (rf"{_SHIFT}周(?P<weekday>[1-7])", _weekday_of_week),
    (rf"{_ENGLISH_SHIFT} (?P<weekday>){_WEEKDAY_NAME}", _weekday_of_week),
    (rf"last (?P<weekday>){_WEEKDAY_NAME}", _last_weekday),
    (r"(?P<shift>下下个?|下个?)月", _month_start),
    (r"(?P<shift>next) month", _month_start),
    (r"month after next", _month_after_next),
    (rf"{_SHIFT}?月初", _month_start),
    (rf"(?:start|beginning) of {_ENGLISH_SHIFT} month", _month_start),
    (rf"{_SHIFT}?月[底末]", _month_end),
    (rf"eom|end of (?:{_ENGLISH_SHIFT} )?month|month end", _month_end),
    (rf"{_SHIFT}月{_DAY}[日号]", _day_of_shifted_month),
    (rf"{_ENGLISH_DAY} of {_ENGLISH_SHIFT} month", _day_of_shifted_month),
    (rf"{_MONTH}月[底末]", _end_of_named_month),
    (rf"end of {_MONTH_NAME}", _end_of_named_month),
    (rf"{_YEAR_SHIFT}{_MONTH}月[底末]", _end_of_shifted_named_month),
    (r"下个?季度初?|(?:start of )?next quarter", _next_quarter),
    (rf"{_SHIFT}?季度?[底末]", _quarter_end),
    (rf"eoq|end of (?:{_ENGLISH_SHIFT} )?quarter|quarter end", _quarter_end),
    (rf"{_YEAR_SHIFT}初?", _year_start),
    (r"(?P<shift>next) year", _year_start),
    (r"年[底末]|(?P<shift>[去今明后])年?[底末]", _year_end),
    (rf"eoy|end of (?:{_ENGLISH_SHIFT} )?year|year end", _year_end),
)
