"""What a program may write to its terminal, and what in a stream is anything else."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_RGB = r"[34]8;2;[0-9]+;[0-9]+;[0-9]+"
_MODE = r"\x1b(?:\[\?[0-9]+[hl]|\[\?[0-9]+\$p|\[>[0-9]+u|\[<u)"
_DRAWN = re.compile(
    r"\x1b(?:"
    rf"\[(?:(?:[0-57-9]|{_RGB})(?:;|(?=m)))+m"  # styles and 24-bit colours
    r"|\[[0-9]+;[0-9]+H"  # where the cursor goes
    r"|\]22;default\x07"  # the shape of the pointer
    r")"
)
_BEFORE, _AFTER = re.compile(rf"\A(?:{_MODE})+"), re.compile(rf"(?:{_MODE})+\Z")

PLAIN = frozenset("\r\n")
INERT = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def foreign(stream: bytes) -> Counter[str]:
    """Whatever is neither drawn by the program's own terminal driver nor a visible character.

    The driver sets the terminal's modes before the first frame and after the last one; between
    them it writes only colours, the place of the cursor and the plain shape of the pointer.
    """
    text = stream.decode("utf-8", errors="surrogateescape")
    drawn = _DRAWN.sub("", _AFTER.sub("", _BEFORE.sub("", text)))
    return Counter(f"U+{ord(char):04X}" for char in drawn if _acts(char))


def _acts(char: str) -> bool:
    return char not in PLAIN and unicodedata.category(char) in INERT
