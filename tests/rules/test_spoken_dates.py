"""Dates as people say them: what is read, what is refused, how it is said back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.i18n import language, set_language
from deskcrm.rules.spoken_dates import SpokenDate, echo, read_date
from deskcrm.rules.working_days import load_calendars

CALENDAR = load_calendars()
NOW = datetime(2026, 11, 18, 10, 0)  # noqa: DTZ001  a Wednesday, at the branch

ENGLISH = """
today                       2026-11-18
tomorrow                    2026-11-19
Tmr                         2026-11-19
day after tomorrow          2026-11-20
the day after tomorrow      2026-11-20
today 4pm                   2026-11-18 16:00
today 10:01                 2026-11-18 10:01
tomorrow 09:30              2026-11-19 09:30
tomorrow at 3               2026-11-19 15:00
tomorrow 3:00               2026-11-19 15:00
tomorrow 03:00              2026-11-19 03:00
tomorrow 12pm               2026-11-19 12:00
12am tomorrow               2026-11-19 00:00
noon tomorrow               2026-11-19 12:00
thursday at noon            2026-11-19 12:00
tomorrow morning            2026-11-19 09:00
tomorrow night              2026-11-19 19:00
this afternoon              2026-11-18 14:00
tonight                     2026-11-18 19:00
tonight 7:30                2026-11-18 19:30
tomorrow afternoon at 3     2026-11-19 15:00
3:30 tomorrow afternoon     2026-11-19 15:30
at 9 tomorrow morning       2026-11-19 09:00
half past three tomorrow    2026-11-19 15:30
quarter past 2 on friday    2026-11-20 14:15
a quarter to 4 on friday    2026-11-20 15:45
14:30                       2026-11-18 14:30
3pm                         2026-11-18 15:00
3 p.m.                      2026-11-18 15:00
9am                         2026-11-19 09:00
9 o'clock                   2026-11-19 09:00
friday                      2026-11-20
fri 3pm                     2026-11-20 15:00
fri 15:00                   2026-11-20 15:00
3pm on friday               2026-11-20 15:00
by fri 5pm                  2026-11-20 17:00
friday, 3pm                 2026-11-20 15:00
mon 9am                     2026-11-23 09:00
wed                         2026-11-25
this friday                 2026-11-20
next monday                 2026-11-23
next friday                 2026-11-27
this weekend                2026-11-21
next weekend                2026-11-28
next week                   2026-11-23
week after next             2026-11-30
end of week                 2026-11-20
eow                         2026-11-20
next month                  2026-12-01
start of next month         2026-12-01
end of month                2026-11-30
the end of the month        2026-11-30
end of next month           2026-12-31
eom                         2026-11-30
month after next            2027-01-01
next quarter                2027-01-01
eoq                         2026-12-31
end of next quarter         2027-03-31
next year                   2027-01-01
eoy                         2026-12-31
end of december             2026-12-31
next working day            2026-11-19
+3d                         2026-11-21
3d                          2026-11-21
+ 3 days                    2026-11-21
+2w                         2026-12-02
+1m                         2026-12-18
+1y                         2027-11-18
3wd                         2026-11-23
in 3 days                   2026-11-21
3 days                      2026-11-21
in two weeks                2026-12-02
two weeks from now          2026-12-02
in a week                   2026-11-25
in a fortnight              2026-12-02
in three months             2027-02-18
in 2 quarters               2027-05-18
in 3 working days           2026-11-23
in 3 business days at 4pm   2026-11-23 16:00
in 2 hours                  2026-11-18 12:00
in an hour                  2026-11-18 11:00
in half an hour             2026-11-18 10:30
in 1.5 hours                2026-11-18 11:30
90 minutes later            2026-11-18 11:30
1 h                         2026-11-18 11:00
30 min                      2026-11-18 10:30
in 16 hours                 2026-11-19 02:00
12/5                        2026-12-05
1/5                         2027-01-05
12/5 9:30                   2026-12-05 09:30
Dec 5                       2026-12-05
Dec. 5th, 3pm               2026-12-05 15:00
5 Dec 9:30                  2026-12-05 09:30
jan 5                       2027-01-05
30th of November            2026-11-30
December 25, 2027           2027-12-25
15 jan 2027                 2027-01-15
the 25th                    2026-11-25
17th                        2026-12-17
5th of next month           2026-12-05
2027-01-15                  2027-01-15
2027/1/15                   2027-01-15
2027.01.15                  2027-01-15
20270115                    2027-01-15
2027-01-15 16:45            2027-01-15 16:45
Tue 2026-11-24 15:00        2026-11-24 15:00
Friday, 20 November         2026-11-20
"""

CHINESE = """
今天                2026-11-18
今日下午四点         2026-11-18 16:00
明天                2026-11-19
明日                2026-11-19
后天                2026-11-20
後天                2026-11-20
大后天              2026-11-21
大后天上午十点半      2026-11-21 10:30
今天下午4点          2026-11-18 16:00
明天下午3点          2026-11-19 15:00
明天 下午 3 点       2026-11-19 15:00
明天的下午3点        2026-11-19 15:00
下午3点，明天        2026-11-19 15:00
明天下午三点半        2026-11-19 15:30
明天３点             2026-11-19 15:00
明天三点钟           2026-11-19 15:00
明天15时             2026-11-19 15:00
明天下午三点零五分     2026-11-19 15:05
明天下午三点二十       2026-11-19 15:20
下午两点三刻          2026-11-18 14:45
后天中午             2026-11-20 12:00
后天中午一点          2026-11-20 13:00
明天中午12点半        2026-11-19 12:30
明天凌晨2点          2026-11-19 02:00
明天傍晚六点          2026-11-19 18:00
今晚                2026-11-18 19:00
今晚八点             2026-11-18 20:00
明早                2026-11-19 09:00
明早9点              2026-11-19 09:00
明晚7点半            2026-11-19 19:30
明天早上八点          2026-11-19 08:00
明上午10点           2026-11-19 10:00
晚上8点              2026-11-18 20:00
下午3点              2026-11-18 15:00
上午9点              2026-11-19 09:00
９：３０              2026-11-19 09:30
0点                 2026-11-19 00:00
周五                2026-11-20
週五下午三點          2026-11-20 15:00
周五晚8点            2026-11-20 20:00
本周五              2026-11-20
这周五              2026-11-20
周三                2026-11-25
周三三点             2026-11-25 15:00
周二十点             2026-11-24 10:00
礼拜六              2026-11-21
礼拜天              2026-11-22
星期一               2026-11-23
周日                2026-11-22
下周一              2026-11-23
下星期一             2026-11-23
下个礼拜三           2026-11-25
下周三上午10点        2026-11-25 10:00
下周二十点            2026-11-24 10:00
下周五下午两点一刻     2026-11-27 14:15
下周一 9：30          2026-11-23 09:30
下下周二             2026-12-01
下周日              2026-11-29
下周                2026-11-23
下下周              2026-11-30
周末                2026-11-21
下周末              2026-11-28
3天后               2026-11-21
３天后               2026-11-21
三天后               2026-11-21
三天以后             2026-11-21
再过三天             2026-11-21
3天                 2026-11-21
十天后              2026-11-28
二十一天之后          2026-12-09
三天后下午三点        2026-11-21 15:00
3日后               2026-11-21
一周后              2026-11-25
两周后              2026-12-02
两个星期后           2026-12-02
一个月后             2026-12-18
半个月后             2026-12-03
半年后              2027-05-18
一年后              2027-11-18
5个工作日后          2026-11-25
十个工作日后          2026-12-02
下个工作日           2026-11-19
下一个工作日          2026-11-19
半小时后             2026-11-18 10:30
半个小时后           2026-11-18 10:30
一个半小时后          2026-11-18 11:30
两个小时后           2026-11-18 12:00
2小时               2026-11-18 12:00
90分钟后             2026-11-18 11:30
一刻钟后             2026-11-18 10:15
本月25号             2026-11-25
25号                2026-11-25
17号                2026-12-17
3日                 2026-12-03
下个月5号            2026-12-05
下下个月5号          2027-01-05
下月初              2026-12-01
下个月              2026-12-01
月底                2026-11-30
月末                2026-11-30
本月底下午4点         2026-11-30 16:00
下个月底             2026-12-31
12月底              2026-12-31
明年3月底            2027-03-31
下季度              2027-01-01
季度末              2026-12-31
本季末              2026-12-31
下季度末             2027-03-31
年底                2026-12-31
明年底              2027-12-31
明年                2027-01-01
12月5日             2026-12-05
12月5号上午9点        2026-12-05 09:00
十二月二十五号        2026-12-25
1月5日              2027-01-05
11月30日14:30        2026-11-30 14:30
11月30日（周一）下午    2026-11-30 14:00
明年1月3日           2027-01-03
后年1月1日           2028-01-01
2027年1月15日        2027-01-15
２０２７年１月１５日    2027-01-15
二〇二七年一月五日     2027-01-05
2027年1月5日上午10时   2027-01-05 10:00
2026-11-24 周二 15:00  2026-11-24 15:00
２０２６－１１－２４ １５：００  2026-11-24 15:00
"""

LOOKING_BACK = """
刚才                2026-11-18 10:00
just now            2026-11-18 10:00
today               2026-11-18
今早9点             2026-11-18 09:00
昨天                2026-11-17
yesterday           2026-11-17
yesterday 4pm       2026-11-17 16:00
昨天下午三点         2026-11-17 15:00
昨晚8点             2026-11-17 20:00
last night          2026-11-17 19:00
前天                2026-11-16
the day before yesterday  2026-11-16
大前天              2026-11-15
3天前               2026-11-15
three days ago      2026-11-15
-3d                 2026-11-15
两周前              2026-11-04
a month ago         2026-10-18
3个工作日前          2026-11-13
last working day    2026-11-17
半小时前             2026-11-18 09:30
2 hours ago         2026-11-18 08:00
上周五              2026-11-13
last friday         2026-11-13
周一                2026-11-16
wednesday           2026-11-11
9:30                2026-11-18 09:30
10:30               2026-11-17 10:30
11/5                2026-11-05
12/5                2025-12-05
15号                2026-11-15
上个月5号            2026-10-05
去年12月5日          2025-12-05
2020-01-01          2020-01-01
明天                2026-11-19
"""

REFUSED = """
张三
asap maybe
call him back about the 300000 loan
call tomorrow
明天给张三打电话
大概明天
明天吧
明天左右
3天左右
三天内
before friday
周五前
最晚周五
晚周五
every friday
每周一
tomorrow or friday
周六日
下周八
周十点
本周一
this monday
last friday
昨天
yesterday
刚才
now
3天前
2 hours ago
today 9am
today 10:00
今天凌晨2点
2020-01-01
去年12月5日
2026-11-17
32/13
00/00
25/12
12/25/2026
2026-13-01
2026-02-30
2026-11/24
2月29日
2月30日
31号
本月31号
十三月一日
八月十五
农历八月十五
三月后
12月5
thu 27 nov
2026-11-24 周三
25:00
12:60
24点
13pm
明天6点
tomorrow 7:30
下午10点
上午13点
晚上12点
midnight
30m
5m
2:5
12
十五
300000
13800138000
3.5
+9999y
9999-12-31 +1d
+
半
周
点
。
next
下
decaf 5
monkey
"""


def rows(table: str) -> list[tuple[str, date, time | None]]:
    """``phrase  day [time]``, the phrase set off by two spaces."""
    found = []
    for line in table.strip().splitlines():
        phrase, expected = (part.strip() for part in line.split("  ", 1))
        day, _, at = expected.partition(" ")
        found.append((phrase, date.fromisoformat(day), time.fromisoformat(at) if at else None))
    return found


AHEAD = rows(ENGLISH) + rows(CHINESE)


@pytest.fixture(params=["en", "zh_CN"])
def said_in(request: pytest.FixtureRequest) -> Iterator[str]:
    before = language()
    set_language(request.param)
    yield request.param
    set_language(before)


def test_there_are_enough_phrases() -> None:
    assert len({phrase for phrase, _, _ in AHEAD}) >= 200


@pytest.mark.parametrize(("phrase", "day", "at"), AHEAD, ids=[row[0] for row in AHEAD])
def test_a_phrase_is_read(phrase: str, day: date, at: time | None) -> None:
    spoken = read_date(phrase, NOW, CALENDAR)
    assert spoken is not None
    assert (spoken.day, spoken.time) == (day, at)


@pytest.mark.parametrize(("phrase", "day", "at"), rows(LOOKING_BACK))
def test_looking_back_a_phrase_is_read(phrase: str, day: date, at: time | None) -> None:
    spoken = read_date(phrase, NOW, CALENDAR, future_only=False)
    assert spoken is not None
    assert (spoken.day, spoken.time) == (day, at)


@pytest.mark.parametrize("phrase", REFUSED.strip().splitlines())
def test_what_is_not_understood_in_full_or_is_past_is_refused(phrase: str) -> None:
    assert read_date(phrase, NOW, CALENDAR) is None


@pytest.mark.parametrize(
    "phrase", ["", " ", "3天", "2小时", "上周", "last monday", "31号", "2月29日"]
)
def test_looking_back_what_could_be_two_days_is_refused(phrase: str) -> None:
    assert read_date(phrase, NOW, CALENDAR, future_only=False) is None


@pytest.mark.parametrize("frame", ["{} maybe", "not {}", "{}吧", "除了{}", "{}或者", "{0} {0}"])
def test_a_phrase_with_more_around_it_is_refused(frame: str) -> None:
    framed = [frame.format(phrase) for phrase, _, _ in AHEAD]
    assert [text for text in framed if read_date(text, NOW, CALENDAR)] == []


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    for future_only in (True, False):
        spoken = read_date(text, NOW, CALENDAR, future_only=future_only)
        assert spoken is None or isinstance(spoken, SpokenDate)


CHINESE_PIECES = "下上个周三十点半号月年天后前今明"
OTHER_PIECES = [
    "上午",
    "晚上",
    "in",
    "+",
    "-",
    "3",
    "12",
    "31",
    "/",
    ":",
    "2026",
    "pm",
    "at",
    "next",
]
OTHER_PIECES += ["last", "friday", "december", "day", "week", "working", "quarter", "of", "half"]
pieces = st.sampled_from([*CHINESE_PIECES, *OTHER_PIECES])


@given(st.lists(pieces, max_size=7), st.sampled_from(["", " "]))
def test_what_is_read_as_future_is_never_past(words: list[str], joint: str) -> None:
    spoken = read_date(joint.join(words), NOW, CALENDAR)
    if spoken is not None:
        at = spoken.time or time.max
        assert datetime.combine(spoken.day, at) > NOW


def test_the_working_days_until_then_skip_holidays_and_count_make_up_weekends() -> None:
    before_golden_week = datetime(2026, 9, 24, 9, 0)  # noqa: DTZ001
    spoken = read_date("10个工作日后", before_golden_week, CALENDAR)
    assert spoken == SpokenDate(date(2026, 10, 15), None, 10, provisional=False)
    made_up = read_date("2026-10-10", before_golden_week, CALENDAR)
    assert made_up is not None
    assert made_up.working_days == CALENDAR.between(date(2026, 9, 24), date(2026, 10, 10))
    assert not made_up.rest_day


def test_a_count_into_a_year_not_announced_is_provisional() -> None:
    near, far = (read_date(phrase, NOW, CALENDAR) for phrase in ("12月25日", "2027-01-15"))
    assert near is not None
    assert not near.provisional
    assert far is not None
    assert far.provisional


ECHOES = [
    (
        "2026-11-19 15:00",
        "Thu 2026-11-19 15:00 · in 1 working day",
        "2026-11-19 周四 15:00 · 1 个工作日后",
    ),
    ("fri", "Fri 2026-11-20 · in 2 working days", "2026-11-20 周五 · 2 个工作日后"),
    ("today", "Wed 2026-11-18 · today", "2026-11-18 周三 · 今天"),
    ("yesterday", "Tue 2026-11-17 · 1 working day ago", "2026-11-17 周二 · 1 个工作日前"),
    (
        "sat",
        "Sat 2026-11-21 · in 2 working days · not a working day",
        "2026-11-21 周六 · 2 个工作日后 · 非工作日",
    ),
    (
        "2027-01-05",
        "Tue 2027-01-05 · in 34 working days · provisional",
        "2027-01-05 周二 · 34 个工作日后 · 暂定",
    ),
]


@pytest.mark.parametrize(("phrase", "english", "chinese"), ECHOES)
def test_a_date_is_said_back_in_full(said_in: str, phrase: str, english: str, chinese: str) -> None:
    looks_back = phrase == "yesterday"
    spoken = read_date(phrase, NOW, CALENDAR, future_only=not looks_back)
    assert spoken is not None
    assert echo(spoken) == (english if said_in == "en" else chinese)


@given(
    st.integers(1, 400), st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0))
)
def test_what_is_said_back_reads_as_the_same_date(days: int, at: time | None) -> None:
    day = NOW.date() + timedelta(days=days)
    at = at and at.replace(tzinfo=None)
    spoken = read_date(f"{day} {at:%H:%M}" if at else str(day), NOW, CALENDAR)
    assert spoken is not None
    assert read_date(echo(spoken).split(" · ")[0], NOW, CALENDAR) == spoken
