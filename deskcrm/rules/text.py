"""Text of customers made safe to store and to show: cleaning, widths, full-width forms."""

from __future__ import annotations

import re
from unicodedata import category

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"
MAX_MARKS = 2

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACE = frozenset({"\n", "\r", "\t"})

# Printable characters that never combine: what nearly every value consists of. One regex search
# over them costs a tenth of asking for each character's category.
_UNUSUAL = re.compile(
    "[^ -~"
    "\u00a0-\u00ac\u00ae-\u02ff"  # Latin; U+00AD is the soft hyphen
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"  # punctuation, currency signs
    "\u3000-\u3029\u3030-\u303e\u3041-\u3096\u30a0-\u30ff"  # CJK punctuation, kana
    "\u4e00-\u9fff"  # Han
    "\uff01-\uff5e\uffe0-\uffe6"  # full-width forms
    "]"
)

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HALF_WIDTH |= {0x3000: 0x20, 0xFFE5: 0xA5}


def clean(text: str) -> str:
    """``text`` as one safe line.

    Drops control, format, surrogate, private-use, unassigned, line and paragraph separator
    characters (terminal escapes, bidi overrides, zero-width characters), turns a newline, return
    or tab into a space, and keeps at most two combining marks in a row. Idempotent.
    """
    return text if _UNUSUAL.search(text) is None else _cleaned(text.replace("\r\n", " "))


def clean_multiline(text: str) -> str:
    """``text`` cleaned as ``clean`` does, line by line; all line ends become ``\\n``."""
    if _UNUSUAL.search(text) is None:
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean(line) for line in lines)


def is_clean(text: str) -> bool:
    """Whether ``clean`` would leave ``text`` as it is."""
    return _UNUSUAL.search(text) is None or clean(text) == text


def _cleaned(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        kind = category(char)
        if char in _SPACE:
            kept.append(" ")
            marks = 0
        elif kind in _DROPPED:
            if kind == "Cn" and _is_ideograph_to_be(char):
                kept.append(char)
                marks = 0
        elif kind[0] == "M":
            marks += 1
            if marks <= MAX_MARKS:
                kept.append(char)
        else:
            kept.append(char)
            marks = 0
    return "".join(kept)


def _is_ideograph_to_be(char: str) -> bool:
    """Whether a code point unknown to this Python can only ever be a Han character.

    Planes 2 and 3 are set aside for ideographs, and rare surnames and given names are added there
    with each Unicode version; the last two code points of a plane are no characters.
    """
    code = ord(char)
    return 0x20000 <= code <= 0x3FFFD and code & 0xFFFF < 0xFFFE


def half_width(text: str) -> str:
    """Full-width ASCII, ``￥`` and the ideographic space as their ordinary forms.

    For numbers, codes and letters as typed with a Chinese input method. Nothing else is folded,
    unlike NFKC, which also rewrites ``①``, ``½`` or ``㈱``; don't use it on names, whose
    full-width brackets are meant.
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def cell_width(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    return len(text) if text.isascii() and text.isprintable() else cell_len(text)


def shorten(text: str, width: int) -> str:
    """``text`` within ``width`` cells; what was cut off is told by a final ``…``."""
    if width <= 0:
        return ""
    if cell_width(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def pad(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells, shortened or filled; ``right`` sets it to the right."""
    short = shorten(text, width)
    fill = " " * max(0, width - cell_width(short))
    return fill + short if right else short + fill
