"""The words of the type-ahead index, and what a query asks of it.

A token is a class letter and a key, so that one FTS5 table answers many kinds of question without
mixing them up. In the table of names:

====  ===========================================================
x     the whole name
n     each Han character and each pair of neighbours
p, i  a whole reading in pinyin, and its initials
q, j  the reading, and the initials, from a later syllable on
o     the officer in charge (also in the table of numbers)
====  ===========================================================

In the table of numbers: identity numbers, credit codes, phones, accounts and customer numbers.

====  ===========================================================
w     the whole number, but for phones
c     a customer number without its letters and leading zeros
h     the first 2, 4, … 14 characters; of a phone the first 2 and 4
r     the last 4 and 6 characters, backwards
t     a phone number from each digit on
d     a birth date, its month and its year, from an identity number
====  ===========================================================

Heads and tails of an even length only: for an odd length every possible next character is asked
for. All of these are exact lookups that stream in rank order, which a prefix search over
thousands of different numbers would not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deskcrm.rules.names import pinyin_readings
from deskcrm.rules.text import half_width

LONGEST_HEAD = 14
TAILS = (4, 6)
PHONE_TAIL = 4
IDENTITY_LENGTH = 18
MOST_TERMS = 6
MOST_CHARACTERS = 64

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_WORD = re.compile(rf"[{_HAN}]+|[^\W{_HAN}_]+")
_NOT_NUMBER = re.compile(r"[^0-9a-z]")
_BEFORE_COUNTER = re.compile(r"[a-z]*0*")
_DIGITS = "0123456789"
_SYMBOLS = "0123456789abcdefghjklmnpqrtuwxy"  # of a credit code, in lower case


@dataclass(frozen=True, slots=True)
class Match:
    """What one step of a search asks: FTS5 expressions on names and on numbers, both to hold.

    Either may be empty. ``contains`` are runs of Han characters that the name must really hold:
    pairs of neighbours alone do not say in which order they come.
    """

    names: str = ""
    numbers: str = ""
    contains: tuple[str, ...] = ()


def name_tokens(*names: str) -> list[str]:
    """The tokens of a customer's names; a token may come twice."""
    tokens: list[str] = []
    for name in filter(None, names):
        folded = half_width(name).casefold()
        tokens.append("x" + "".join(_WORD.findall(folded)))
        for run in _HAN_RUN.findall(folded):
            tokens += ["n" + char for char in run]
            tokens += ["n" + run[at : at + 2] for at in range(len(run) - 1)]
        for reading in pinyin_readings(name):
            firsts = "".join([part[0] for part in reading])
            tokens += ["p" + "".join(reading), "i" + firsts]
            tokens += ["q" + "".join(reading[at:]) for at in range(1, len(reading))]
            tokens += ["j" + firsts[at:] for at in range(1, len(reading))]
    return tokens


def number_tokens(
    numbers: Iterable[str], phones: Iterable[str] = (), *, identity: str = "", customer: str = ""
) -> list[str]:
    """The tokens of a customer's numbers; ``numbers`` are accounts and credit codes."""
    tokens: list[str] = []
    for phone in map(plain_number, phones):
        tokens += ["h" + phone[:2], "h" + phone[:4]]
        tokens += ["t" + phone[at:] for at in range(len(phone) - PHONE_TAIL + 1)]
    for number in filter(None, map(plain_number, (*numbers, identity))):
        backwards = number[::-1]
        tokens += _heads(number)
        tokens += ["r" + backwards[:tail] for tail in TAILS if tail <= len(number)]
    if len(identity) == IDENTITY_LENGTH:
        tokens += ["d" + identity[6:end] for end in (10, 12, 14)]
    own = plain_number(customer)
    counter = _counter(own)
    tokens += _heads(own) if own else []
    tokens += ["c" + counter] if counter else []
    return tokens


def owner_token(officer_id: int) -> str:
    """The token of the officer in charge, which keeps a search within an officer's customers."""
    return f"o{officer_id:x}"


def plain_number(text: str) -> str:
    """A number as it is indexed and asked for: ASCII digits and letters in lower case."""
    if text.isascii() and text.isdigit():
        return text
    return _NOT_NUMBER.sub("", half_width(text).lower())


def query_terms(text: str) -> tuple[str, ...]:
    """The words of a query: runs of Han characters, of letters, and numbers; at most six.

    Blanks part words, and so does the change from Han to Latin; ``王xm 138`` is three words. Signs
    within a number (``138-0013``) do not.
    """
    folded = half_width(text[:MOST_CHARACTERS]).casefold()
    found: list[str] = []
    for part in folded.split():
        if not _HAN_RUN.search(part) and any(char in _DIGITS for char in part):
            number = plain_number(part)
            found += [number] if number else []
        else:
            found += _WORD.findall(part)
    return tuple(found[:MOST_TERMS])


def query_steps(terms: Sequence[str], *, owner: int | None = None) -> tuple[Match, ...]:
    """What to ask for, best matches first; later steps find again what earlier ones found.

    ``owner`` keeps to the customers of one officer. No terms, no steps.
    """
    if not terms:
        return ()
    steps = []
    if len(terms) == 1:
        steps = [_joined(terms, [wanted], owner) for wanted in _first_steps(terms[0])]
    return (*steps, _joined(terms, [_anywhere(term) for term in terms], owner))


def is_number(term: str) -> bool:
    """Whether a word of a query is looked for among the numbers."""
    return not _HAN_RUN.search(term) and any(char in _DIGITS for char in term)


def _heads(number: str) -> list[str]:
    longest = min(len(number), LONGEST_HEAD)
    return ["w" + number, *["h" + number[:size] for size in range(2, longest + 1, 2)]]


def _first_steps(term: str) -> list[str]:
    if is_number(term):
        counter = _counter(term)
        return [_any(f"w{term}", f"c{counter}" if counter else "")]
    if _HAN_RUN.fullmatch(term):
        return [_any(f"x{term}"), _any(f"x{term}*")]
    return [_any(f"p{term}*", f"i{term}*")]


def _anywhere(term: str) -> str:
    if is_number(term):
        return _any(*_number_question(term))
    if _HAN_RUN.fullmatch(term):
        if len(term) <= 2:
            return _any(f"n{term}")
        return " AND ".join(_any(f"n{term[at : at + 2]}") for at in range(len(term) - 1))
    return _any(*(f"{letter}{term}*" for letter in "piqj"))


def _number_question(number: str) -> Iterator[str]:
    size = len(number)
    counter = _counter(number)
    yield f"c{counter}" if counter else ""
    yield f"w{number}" if size <= LONGEST_HEAD else f"w{number}*"
    if size <= LONGEST_HEAD and size % 2 == 0:
        yield f"h{number}"
    elif size < LONGEST_HEAD:
        yield from (f"h{number}{char}" for char in _next_characters(number))
    backwards = number[::-1]
    if size in TAILS:
        yield f"r{backwards}"
    elif size + 1 in TAILS and size >= PHONE_TAIL:
        yield from (f"r{backwards}{char}" for char in _DIGITS)
    if size >= PHONE_TAIL:
        yield f"t{number}*"
    if size in {4, 6, 8}:
        yield f"d{number}"


def _next_characters(number: str) -> str:
    """A credit code has its first letter in the ninth place or later, or is one with a letter."""
    return _SYMBOLS if len(number) >= 7 or not number.isdigit() else _DIGITS


def _joined(terms: Sequence[str], questions: Sequence[str], owner: int | None) -> Match:
    names = [q for term, q in zip(terms, questions, strict=True) if not is_number(term)]
    numbers = [q for term, q in zip(terms, questions, strict=True) if is_number(term)]
    contains = tuple(t for t in terms if len(t) > 2 and _HAN_RUN.fullmatch(t))
    if owner is not None:
        mine = _any(owner_token(owner))
        # Once is enough: what holds in both tables is asked for.
        names, numbers = ([*names, mine], numbers) if names else (names, [*numbers, mine])
    return Match(
        " AND ".join(f"({question})" for question in names),
        " AND ".join(f"({question})" for question in numbers),
        contains,
    )


def _any(*tokens: str) -> str:
    """An FTS5 expression for any of ``tokens``; a final ``*`` asks for a prefix."""
    return " OR ".join(
        f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"' for token in tokens if token
    )


def _counter(number: str) -> str:
    """What people say of a customer number: ``c0001234`` is 1234; empty if nothing is left."""
    rest = _BEFORE_COUNTER.sub("", number, count=1)
    return rest if rest.isdigit() else ""
