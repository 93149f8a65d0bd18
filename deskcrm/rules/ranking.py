"""The order of the queue, as a sum of whole numbers that can be shown and added up again.

Work is ordered by the c-μ rule: what it is worth, plus what being late costs, times the chance
that the try succeeds, per minute of work. Under overload this keeps late promises few, where the
earliest due date first makes nearly all of them late. Statutory duties have a lane above
everything else.

That is a product, yet a reason must be a share of the score. Since ``(a + b) × P ÷ minutes`` is
``a × P ÷ minutes + b × P ÷ minutes``, every reason is multiplied and divided *for itself* and
rounded to a whole number, and the score is *defined* as the sum of these terms. So the terms shown
always add up to the score, to the unit, and the score differs from the exact quotient by at most
half a unit a term. The unit is a thousandth of a point per minute: points × per mille ÷ minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from deskcrm.errors import FieldError
from deskcrm.i18n import N_, translate, translate_plural
from deskcrm.resources import load_toml

MOST_POINTS = 10_000
"""No single weight, value, tier or late penalty may be more."""

_CERTAIN = 1000  # per mille
_TERMS_PER_MINUTE = 8
_NO_PROMISE = 10**9


class TermCode(StrEnum):
    """The reasons that make up a score."""

    STATUTORY = "statutory"
    VALUE = "value"
    LATE_RISK = "late_risk"
    DAYS_LATE = "days_late"
    PROMISE = "promise"
    TIER = "tier"
    COMPLAINT = "complaint"
    BALANCE = "balance"
    ATTEMPTS = "attempts"


class Term(NamedTuple):
    """One reason and its share of the score; goes into JSON as ``[code, points]``."""

    code: TermCode
    points: int


class PromiseBand(NamedTuple):
    """``points`` for a promise due within so many minutes."""

    within_minutes: int
    points: int


class WeightsError(FieldError):
    """Weights that would not order the queue as they should."""

    code = "ranking-weights"
    message = N_("These weights cannot be used ({problem}). The order of the queue is unchanged.")


@dataclass(frozen=True, slots=True)
class Weights:
    """The settings of the order, in points; see ``data/ranking.toml``. Checked when made."""

    statutory: int
    per_day_late: int
    days_late_at_most: int
    open_complaint: int
    per_attempt: int
    attempts_at_most: int
    balance_bands: tuple[int, ...]
    promise: tuple[PromiseBand, ...]

    def __post_init__(self) -> None:
        bounded = {
            "per_day_late": self.per_day_late * self.days_late_at_most,
            "days_late_at_most": self.days_late_at_most,
            "open_complaint": self.open_complaint,
            "per_attempt": self.per_attempt * self.attempts_at_most,
            "attempts_at_most": self.attempts_at_most,
        }
        bounded |= {f"balance_bands {n}": each for n, each in enumerate(self.balance_bands)}
        bounded |= {f"promise {band.within_minutes}": band.points for band in self.promise}
        wrong = [name for name, most in bounded.items() if not 0 <= most <= MOST_POINTS]
        if not self.balance_bands:
            wrong.append("balance_bands")
        if self.statutory <= _TERMS_PER_MINUTE * MOST_POINTS * _CERTAIN:
            wrong.append("statutory")
        if any(a.within_minutes >= b.within_minutes for a, b in pairwise(self.promise)):
            wrong.append("promise")
        if wrong:
            raise WeightsError(problem=", ".join(wrong))


@dataclass(frozen=True, slots=True)
class RankInputs:
    """What the rank of one follow-up depends on.

    ``value_points`` and ``late_points`` are the rule's, ``tier_points`` the tier's, each up to
    ``MOST_POINTS``. ``minutes`` is the expected work, at least one; ``probability`` the chance of
    success in per mille. ``days_late`` is negative while there is slack; ``minutes_to_promise`` is
    negative once the promised time has passed, None when nothing was promised for a time.
    ``balance_band`` is an index into the bands of the weights, the top band beyond them.
    """

    statutory: bool
    value_points: int
    late_points: int
    minutes: int
    probability: int
    days_late: int = 0
    tier_points: int = 0
    minutes_to_promise: int | None = None
    attempts: int = 0
    complaint_open: bool = False
    balance_band: int = 0

    def __post_init__(self) -> None:
        points = (self.value_points, self.late_points, self.tier_points)
        if not all(0 <= each <= MOST_POINTS for each in points):
            raise ValueError(points)
        if self.minutes < 1 or not 0 <= self.probability <= _CERTAIN:
            raise ValueError((self.minutes, self.probability))
        if self.attempts < 0 or self.balance_band < 0:
            raise ValueError((self.attempts, self.balance_band))


@dataclass(frozen=True, slots=True)
class Rank:
    """A score and the reasons that add up to it; reasons worth nothing are left out."""

    score: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class RankWords:
    """What the reasons are told with; ``rule`` and ``tier`` are titles already translated."""

    rule: str = ""
    tier: str = ""
    days_late: int = 0
    attempts: int = 0
    promised_for: str = ""


_PLACES = {code: place for place, code in enumerate(TermCode)}
_TITLES = {
    TermCode.STATUTORY: N_("Statutory deadline"),
    TermCode.VALUE: N_("Reason: {rule}"),
    TermCode.LATE_RISK: N_("Must not be late"),
    TermCode.PROMISE: N_("Promised for {promised_for}"),
    TermCode.TIER: N_("{tier} customer"),
    TermCode.COMPLAINT: N_("Open complaint"),
    TermCode.BALANCE: N_("High balance"),
}


def rank(inputs: RankInputs, weights: Weights) -> Rank:
    """The score of a follow-up and its terms, in units of points × per mille ÷ minutes."""
    shares = ((code, _per_minute(points, inputs)) for code, points in _points(inputs, weights))
    terms = [Term(code, points) for code, points in shares if points]
    if inputs.statutory:
        terms.insert(0, Term(TermCode.STATUTORY, weights.statutory))
    return Rank(sum(term.points for term in terms), tuple(terms))


def order_key(ranked: Rank, inputs: RankInputs) -> tuple[int, int, int]:
    """Sort ascending by this: the score decides, and only between equals the slack."""
    promise = inputs.minutes_to_promise
    return -ranked.score, -inputs.days_late, _NO_PROMISE if promise is None else promise


def top_terms(ranked: Rank, n: int = 3) -> tuple[Term, ...]:
    """The ``n`` largest reasons that speak for the follow-up, largest first."""
    speaking_for = [term for term in ranked.terms if term.points > 0]
    return tuple(sorted(speaking_for, key=_largest_first)[:n])


def _largest_first(term: Term) -> tuple[int, int]:
    return -term.points, _PLACES[term.code]


def explain(term: Term, words: RankWords) -> str:
    """The reason in words, in the language in force."""
    if term.code is TermCode.DAYS_LATE:
        return translate_plural("{n} day late", "{n} days late", words.days_late)
    if term.code is TermCode.ATTEMPTS:
        return translate_plural("Tried {n} time", "Tried {n} times", words.attempts)
    title = _TITLES[term.code]
    return translate(title, rule=words.rule, tier=words.tier, promised_for=words.promised_for)


def parse_weights(data: Mapping[str, Any]) -> Weights:
    """Weights as in ``data/ranking.toml``; ``WeightsError`` when something is missing or wrong."""
    try:
        return Weights(
            **{name: _whole(data[name]) for name in _WHOLE_NUMBERS},
            balance_bands=tuple(map(_whole, data["balance_bands"])),
            promise=_promise_bands(data["promise"]),
        )
    except (KeyError, TypeError) as error:
        raise WeightsError(problem=str(error)) from error


@cache
def load_weights() -> Weights:
    """The weights that ship with the program."""
    return parse_weights(load_toml("ranking.toml"))


_WHOLE_NUMBERS = (
    "statutory",
    "per_day_late",
    "days_late_at_most",
    "open_complaint",
    "per_attempt",
    "attempts_at_most",
)


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


def _promise_bands(rows: Sequence[Mapping[str, Any]]) -> tuple[PromiseBand, ...]:
    return tuple(PromiseBand(_whole(row["within_minutes"]), _whole(row["points"])) for row in rows)


def _points(inputs: RankInputs, weights: Weights) -> tuple[tuple[TermCode, int], ...]:
    """Each reason in plain points, before chance and minutes."""
    days_late = min(max(inputs.days_late, 0), weights.days_late_at_most)
    attempts = min(inputs.attempts, weights.attempts_at_most)
    band = min(inputs.balance_band, len(weights.balance_bands) - 1)
    return (
        (TermCode.VALUE, inputs.value_points),
        (TermCode.LATE_RISK, inputs.late_points),
        (TermCode.DAYS_LATE, weights.per_day_late * days_late),
        (TermCode.PROMISE, _promise_points(inputs.minutes_to_promise, weights.promise)),
        (TermCode.TIER, inputs.tier_points),
        (TermCode.COMPLAINT, weights.open_complaint if inputs.complaint_open else 0),
        (TermCode.BALANCE, weights.balance_bands[band]),
        (TermCode.ATTEMPTS, -weights.per_attempt * attempts),
    )


def _promise_points(minutes: int | None, bands: tuple[PromiseBand, ...]) -> int:
    if minutes is None:
        return 0
    return next((band.points for band in bands if minutes <= band.within_minutes), 0)


def _per_minute(points: int, inputs: RankInputs) -> int:
    """``points`` × probability ÷ minutes, to the nearest whole number, halves up."""
    return (2 * points * inputs.probability + inputs.minutes) // (2 * inputs.minutes)
