"""Chinese names in pinyin: for sorting, and for search by syllables or initials.

pypinyin reads surnames as ordinary characters (单 as dan, 曾 as ceng), so data/surnames.toml
overrides it. pypinyin takes a quarter of a second to import; the first name to be read does that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product
from typing import Any, NamedTuple

from deskcrm.resources import load_toml

Reading = tuple[str, ...]

MAX_READINGS = 8
_PERSON = 4  # Han characters of a name; what is longer is taken for an organisation

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_HAN_ONLY = re.compile(f"[{_HAN}]+")
_RUNS = re.compile(rf"[{_HAN}]+|[^\W{_HAN}_]+")


class _GivenReadings(dict[str, tuple[str, ...]]):
    """The readings of a character outside a surname; asks pypinyin once for each character."""

    def __missing__(self, char: str) -> tuple[str, ...]:
        from pypinyin import lazy_pinyin

        self[char] = found = (str(lazy_pinyin(char)[0]),)
        return found


class _Tables(NamedTuple):
    single: dict[str, tuple[str, ...]]
    compound: dict[str, tuple[Reading, ...]]
    given: _GivenReadings
    firsts: frozenset[str]  # characters that begin a surname with a reading of its own


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name of a person; the surname is empty if it cannot be told.

    A compound surname counts only if something follows it. Latin and transliterated names
    (``买买提·阿卜杜拉``) and names of more than four characters without a compound surname give
    ``("", name)``.
    """
    compact = "".join(name.split())
    if _HAN_ONLY.fullmatch(compact):
        size = _compound_size(compact)
        if size:
            return compact[:size], compact[size:]
        if len(compact) <= _PERSON:
            return compact[:1], compact[1:]
    return "", name


def pinyin_readings(name: str) -> tuple[Reading, ...]:
    """All readings of ``name`` worth finding it by, the preferred one first; at most eight.

    A reading is toneless syllables in lower case, ``v`` for ü. Latin words and numbers are one
    "syllable" each, punctuation is left out; an empty name has no reading. Surnames are read as
    surnames; what is longer than a person's name is read in words (银行 yin hang).
    """
    if _HAN_ONLY.fullmatch(name):
        return _han_readings(name)
    compact = "".join(name.split())
    if _HAN_ONLY.fullmatch(compact):
        return _han_readings(compact)
    runs = _RUNS.findall(name)
    if not runs:
        return ()
    transliterated = "·" in name
    parts = [
        _run_readings(run, surname=not at and not transliterated) for at, run in enumerate(runs)
    ]
    joined = (sum(choice, ()) for choice in product(*parts))
    return tuple(islice(joined, MAX_READINGS))


def initials(name: str) -> tuple[str, ...]:
    """The first letters of each reading, without repeats: ``曾伟`` gives ``("zw", "cw")``."""
    found = ("".join([part[0] for part in reading]) for reading in pinyin_readings(name))
    return tuple(dict.fromkeys(found))


def sort_key(name: str) -> str:
    """The preferred reading, syllables apart, so that ``xi an`` sorts before ``xian``."""
    tables = _tables()
    if len(name) < _PERSON and name[:1] not in tables.firsts and _HAN_ONLY.fullmatch(name):
        # Most names, some hundred thousand in an import: spared the readings that don't matter.
        return " ".join([tables.given[char][0] for char in name])
    readings = pinyin_readings(name)
    return " ".join(readings[0]) if readings else ""


def _han_readings(name: str) -> tuple[Reading, ...]:
    tables = _tables()
    if name[0] in tables.firsts:
        return tuple(islice(dict.fromkeys(_surname_readings(name, tables)), MAX_READINGS))
    if len(name) < _PERSON:
        given = tables.given
        return tuple(islice(product(*[given[char] for char in name]), MAX_READINGS))
    return (_in_words(name),)


def _surname_readings(name: str, tables: _Tables) -> Iterator[Reading]:
    """The readings with a compound surname, then a single one, then as words."""
    given = tables.given
    size = _compound_size(name)
    for surname in tables.compound[name[:size]] if size else ():
        for rest in product(*[given[char] for char in name[size:]]):
            yield surname + rest
    single = tables.single.get(name[0])
    if len(name) < _PERSON or (len(name) == _PERSON and single):
        yield from product(single or given[name[0]], *[given[char] for char in name[1:]])
    yield from tables.compound.get(name, ())
    if len(name) >= _PERSON:
        yield _in_words(name)


def _run_readings(run: str, surname: bool) -> tuple[Reading, ...]:
    if not _HAN_ONLY.fullmatch(run):
        return ((run.lower(),),)
    if surname:
        return _han_readings(run)
    return (tuple(_tables().given[char][0] for char in run),)


@lru_cache(maxsize=4096)
def _in_words(name: str) -> Reading:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(name))


def _compound_size(name: str) -> int:
    """How many characters the compound surname of ``name`` has; 0 without one."""
    compound = _tables().compound
    return next((n for n in (2, 3, 4) if len(name) > n and name[:n] in compound), 0)


@cache
def _tables() -> _Tables:
    data: dict[str, Any] = load_toml("surnames.toml")
    return _Tables(
        single={char: tuple(found) for char, found in data["single"].items()},
        compound={
            surname: tuple(tuple(one.split()) for one in found)
            for surname, found in data["compound"].items()
        },
        given=_GivenReadings({char: tuple(found) for char, found in data["given"].items()}),
        firsts=frozenset(surname[0] for surname in (*data["single"], *data["compound"])),
    )
