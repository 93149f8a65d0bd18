"""Bring a date as a person typed it into one spelling, before any grammar looks at it.

Full width becomes half width, traditional characters simplified, numbers written in words become
digits, and words that mean the same become one word. Nothing is guessed here: a text that is not
about dates passes through more or less as it is, and the grammar refuses it.
"""

from __future__ import annotations

import re
import unicodedata

_CHARACTERS = str.maketrans(
    {**dict(zip("後點時週個這號兩鐘禮間過內", "后点时周个这号两钟礼间过内", strict=True))}
    | dict.fromkeys("()、;", " ")
    | {",": " ", "’": "'"}
)

_DIGITS = {character: digit for digit, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}

_ENGLISH_NUMBERS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "fifteen": "15",
    "twenty": "20",
    "thirty": "30",
}

_UNITS_AFTER_AN_ARTICLE = "hour|minute|day|week|fortnight|month|quarter|year|working|business"

# In order: each pattern sees the text as the ones before it left it.
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"星期|礼拜", "周"),
        (r"\b([ap])\.m\.?", r"\1m"),
        (r"(?<=[a-z])\.(?=\s)", ""),
        (r"\bhalf an? hour\b", "half hour"),
        (rf"\ban? (?={_UNITS_AFTER_AN_ARTICLE})", "1 "),
        (r"\bthe\b", " "),
        (r"\btonight\b", "today evening"),
        (r"\blast night\b", "yesterday evening"),
        (r"\bthis (?=morning|afternoon|evening)", "today "),
        (r"的", ""),
        (r"([今明昨])([早晚])上?", r"\1天\2上"),
        (r"([今明昨])晨", r"\1天早上"),
        (r"([今明昨])(?=[上中下]午)", r"\1天"),
    )
)

_WEEKDAY = re.compile(r"周([一二三四五六日天]|[1-6](?![\d点:./年月日号]))")
_WEEKDAYS = {character: number for number, character in enumerate("一二三四五六日", start=1)}
_WEEKDAYS |= {"天": 7} | {str(number): number for number in range(1, 7)}

_CHINESE_NUMBER = re.compile(r"[零〇一二两三四五六七八九十]+")
_ENGLISH_NUMBER = re.compile(rf"\b(?:{'|'.join(_ENGLISH_NUMBERS)})\b")
_SPACE_BESIDE_CHINESE = re.compile(r"\s+(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\s+")


def canonical(text: str) -> str:
    """``text`` in the one spelling that the grammar of dates is written for.

    Lower case, half width, single spaces, none beside a Chinese character; numbers as digits;
    weekdays in Chinese as ``周1`` to ``周7``, set off from a number that follows.
    """
    result = unicodedata.normalize("NFKC", text).lower().translate(_CHARACTERS)
    result = " ".join(result.split())
    for pattern, replacement in _SPELLINGS:
        result = pattern.sub(replacement, result)
    # Weekdays first, or 周三三点 would read as the thirty-third.
    result = _WEEKDAY.sub(lambda match: f"周{_WEEKDAYS[match[1]]} ", result)
    result = _CHINESE_NUMBER.sub(lambda match: _digits(match[0]), result)
    result = _ENGLISH_NUMBER.sub(lambda match: _ENGLISH_NUMBERS[match[0]], result)
    result = _SPACE_BESIDE_CHINESE.sub("", " ".join(result.split()))
    return result.replace("下1个", "下个").replace("上1个", "上个")


def _digits(chinese: str) -> str:
    """Arabic digits of a Chinese number below a hundred or a year; other runs stay as they are."""
    if "十" in chinese:
        tens, _, ones = chinese.partition("十")
        parts = [_DIGITS.get(part, 0) for part in (tens, ones)]
        well_formed = all(
            part == "" or (part in _DIGITS and _DIGITS[part]) for part in (tens, ones)
        )
        return str((parts[0] or 1) * 10 + parts[1]) if well_formed else chinese
    is_year, is_minute = len(chinese) == 4, len(chinese) == 2 and chinese[0] in "零〇"
    if len(chinese) == 1 or is_year or is_minute:
        return "".join(str(_DIGITS[character]) for character in chinese)
    return chinese
