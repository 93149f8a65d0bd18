"""The order of the queue: the statutory lane, the c-μ rule, reasons that add up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.i18n import language, set_language
from deskcrm.resources import load_toml
from deskcrm.rules.ranking import (
    MOST_POINTS,
    Rank,
    RankInputs,
    RankWords,
    Term,
    TermCode,
    WeightsError,
    explain,
    load_weights,
    order_key,
    parse_weights,
    rank,
    top_terms,
)

WEIGHTS = load_weights()

CALL = RankInputs(
    statutory=False, value_points=60, late_points=20, minutes=8, probability=500, days_late=0
)

points = st.integers(0, MOST_POINTS)
inputs = st.builds(
    RankInputs,
    statutory=st.booleans(),
    value_points=points,
    late_points=points,
    minutes=st.integers(1, 480),
    probability=st.integers(0, 1000),
    days_late=st.integers(-400, 400),
    tier_points=points,
    minutes_to_promise=st.none() | st.integers(-5000, 5000),
    attempts=st.integers(0, 20),
    complaint_open=st.booleans(),
    balance_band=st.integers(0, 9),
)


def terms_of(each: RankInputs) -> dict[str, int]:
    return dict(rank(each, WEIGHTS).terms)


def test_a_score_worked_by_hand() -> None:
    callback = RankInputs(
        statutory=False,
        value_points=150,
        late_points=300,
        minutes=6,
        probability=750,
        days_late=2,
        tier_points=40,
        minutes_to_promise=20,
        attempts=1,
        complaint_open=True,
        balance_band=2,
    )
    ranked = rank(callback, WEIGHTS)
    assert ranked.terms == (
        (TermCode.VALUE, 18_750),
        (TermCode.LATE_RISK, 37_500),
        (TermCode.DAYS_LATE, 2_500),
        (TermCode.PROMISE, 25_000),
        (TermCode.TIER, 5_000),
        (TermCode.COMPLAINT, 10_000),
        (TermCode.BALANCE, 3_125),
        (TermCode.ATTEMPTS, -1_875),
    )
    assert ranked.score == 100_000


@given(inputs)
def test_the_terms_add_up_to_the_score(each: RankInputs) -> None:
    ranked = rank(each, WEIGHTS)
    assert sum(term.points for term in ranked.terms) == ranked.score
    assert all(term.points for term in ranked.terms)


@given(points, points, st.integers(1, 480), st.integers(0, 1000))
def test_the_score_is_the_c_mu_index_but_for_rounding(
    value: int, late: int, minutes: int, probability: int
) -> None:
    each = RankInputs(False, value, late, minutes, probability)
    exact = Fraction((value + late) * probability, minutes)
    assert abs(rank(each, WEIGHTS).score - exact) <= 1


@given(inputs, inputs)
def test_every_statutory_duty_comes_before_everything_else(
    one: RankInputs, other: RankInputs
) -> None:
    statutory = rank(replace(one, statutory=True), WEIGHTS)
    ordinary = rank(replace(other, statutory=False), WEIGHTS)
    assert statutory.score > ordinary.score
    assert top_terms(statutory)[0].code is TermCode.STATUTORY


@given(inputs)
def test_more_chance_less_work_and_more_lateness_never_lower_a_fresh_follow_up(
    each: RankInputs,
) -> None:
    fresh = replace(each, attempts=0)
    score = rank(fresh, WEIGHTS).score
    likelier = replace(fresh, probability=min(1000, fresh.probability + 50))
    quicker = replace(fresh, minutes=max(1, fresh.minutes - 1))
    later = replace(fresh, days_late=fresh.days_late + 1)
    richer = replace(fresh, balance_band=fresh.balance_band + 1)
    for better in (likelier, quicker, later, richer):
        assert rank(better, WEIGHTS).score >= score


def test_ten_quick_calls_come_before_a_long_one_of_twice_the_value() -> None:
    quick, slow = replace(CALL, minutes=3), replace(CALL, value_points=120, minutes=30)
    assert rank(quick, WEIGHTS).score > rank(slow, WEIGHTS).score


@pytest.mark.parametrize(
    ("minutes", "plain_points"),
    [
        (-600, 200),
        (0, 200),
        (30, 200),
        (31, 120),
        (120, 120),
        (480, 60),
        (481, 0),
        (None, 0),
    ],
)
def test_a_promise_presses_as_its_time_comes_near(minutes: int | None, plain_points: int) -> None:
    certain = replace(CALL, minutes=1, probability=1000, minutes_to_promise=minutes)
    assert terms_of(certain).get("promise", 0) == plain_points * 1000


def test_slack_is_no_reason_and_lateness_is_one_up_to_a_limit() -> None:
    assert "days_late" not in terms_of(replace(CALL, days_late=-5))
    assert "days_late" not in terms_of(CALL)
    month, year = (terms_of(replace(CALL, days_late=days))["days_late"] for days in (30, 365))
    assert month == year == 18_750


def test_the_top_balance_band_holds_beyond_the_bands() -> None:
    last = len(WEIGHTS.balance_bands) - 1
    assert terms_of(replace(CALL, balance_band=99)) == terms_of(replace(CALL, balance_band=last))


def test_slack_breaks_ties_and_nothing_else() -> None:
    pressing, relaxed = replace(CALL, days_late=-1), replace(CALL, days_late=-9)
    worthier = replace(relaxed, value_points=61)
    queue = sorted([relaxed, pressing, worthier], key=lambda i: order_key(rank(i, WEIGHTS), i))
    assert queue == [worthier, pressing, relaxed]


def test_between_equals_the_earlier_promise_comes_first() -> None:
    early, late = (replace(CALL, minutes_to_promise=minutes) for minutes in (600, 900))
    queue = sorted([CALL, late, early], key=lambda i: order_key(rank(i, WEIGHTS), i))
    assert queue == [early, late, CALL]


@given(inputs)
def test_the_reasons_shown_are_the_largest_that_speak_for_it(each: RankInputs) -> None:
    ranked = rank(each, WEIGHTS)
    shown = [term.points for term in top_terms(ranked)]
    rest = [term.points for term in ranked.terms if term not in top_terms(ranked)]
    assert len(shown) <= 3
    assert all(points > 0 for points in shown)
    assert shown == sorted(shown, reverse=True)
    assert all(points <= shown[-1] for points in rest if shown)


def test_terms_survive_json() -> None:
    ranked = rank(replace(CALL, statutory=True, attempts=2), WEIGHTS)
    read = json.loads(json.dumps(ranked.terms))
    terms = tuple(Term(TermCode(code), share) for code, share in read)
    assert Rank(ranked.score, terms) == ranked


@pytest.fixture(params=["en", "zh_CN"])
def said_in(request: pytest.FixtureRequest) -> Iterator[str]:
    before = language()
    set_language(request.param)
    yield request.param
    set_language(before)


WORDS = RankWords(rule="R", tier="Gold", days_late=9, attempts=1, promised_for="15:00")
TOLD = {
    TermCode.STATUTORY: ("Statutory deadline", "法定期限"),
    TermCode.VALUE: ("Reason: R", "事由：R"),
    TermCode.LATE_RISK: ("Must not be late", "不可逾期"),
    TermCode.DAYS_LATE: ("9 days late", "已逾期 9 天"),
    TermCode.PROMISE: ("Promised for 15:00", "已约定 15:00"),
    TermCode.TIER: ("Gold customer", "Gold客户"),
    TermCode.COMPLAINT: ("Open complaint", "投诉处理中"),
    TermCode.BALANCE: ("High balance", "资产余额较高"),
    TermCode.ATTEMPTS: ("Tried 1 time", "已尝试 1 次"),
}


@pytest.mark.parametrize("code", TermCode)
def test_every_reason_is_told_in_both_languages(said_in: str, code: TermCode) -> None:
    english, chinese = TOLD[code]
    assert explain(Term(code, 1), WORDS) == (english if said_in == "en" else chinese)


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"probability": 1001},
        {"probability": -1},
        {"value_points": MOST_POINTS + 1},
        {"late_points": -1},
        {"attempts": -1},
        {"balance_band": -1},
    ],
)
def test_inputs_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        replace(CALL, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"statutory": 1000},
        {"per_day_late": -1},
        {"per_day_late": 1.5},
        {"per_attempt": 9000},
        {"balance_bands": []},
        {"balance_bands": [-5, 10]},
        {"open_complaint": True},
        {"promise": [{"within_minutes": 30}]},
        {
            "promise": [
                {"within_minutes": 60, "points": 1},
                {"within_minutes": 30, "points": 2},
            ]
        },
    ],
)
def test_weights_that_would_break_the_order_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(WeightsError):
        parse_weights({**load_toml("ranking.toml"), **wrong})


def test_missing_weights_are_named() -> None:
    with pytest.raises(WeightsError, match="statutory"):
        parse_weights({})
