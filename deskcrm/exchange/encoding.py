"""Which encoding a text file is in: byte order mark, then strict UTF-8, then strict GB18030.

Big5 and UTF-16 without a mark cannot be told from GB18030 by their bytes, so they are a choice of
the person who imports. The whole file is checked, because an extract may be plain ASCII for a
million lines before the first name, and a file must not fail half-way through an import.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from deskcrm.errors import DeskError, UsageError
from deskcrm.i18n import N_

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DETECTED = ("utf-8", "gb18030")
# Files said to be in the narrower set often hold characters of the wider one.
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp936": "gb18030",
    "ascii": "utf-8",
}
_BLOCK = 1 << 20


class EncodingError(DeskError):
    """The bytes of the file do not fit the encoding."""

    code = "encoding"


class UnknownEncodingError(UsageError):
    """An encoding was asked for that does not exist."""

    code = "unknown-encoding"
    message = N_(
        "There is no encoding called {encoding}. Choose utf-8, gb18030, big5, utf-16, utf-16-le or "
        "utf-16-be."
    )


def detect_encoding(path: Path, chosen: str | None = None, fallback: str | None = None) -> str:
    """The Python name of the encoding that ``path`` can be read in from end to end.

    ``chosen`` is checked instead of guessing; ``fallback`` is answered when nothing fits, where a
    doubtful preview is better than none. Raises ``EncodingError`` or ``UnknownEncodingError``.
    """
    if chosen:
        return _checked(path, chosen)
    with path.open("rb") as file:
        head = file.read(4)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return _checked(path, encoding)
    for encoding in DETECTED:
        if _misfit(path, encoding) is None:
            return encoding
    if fallback:
        return fallback
    raise EncodingError(
        N_(
            "The text is neither UTF-8 nor GB18030. Nothing was read. Say which encoding the file "
            "is in, for example big5 or utf-16."
        )
    )


def _checked(path: Path, chosen: str) -> str:
    """The encoding asked for, widened where usual, once the whole file is known to fit it."""
    try:
        name = codecs.lookup(chosen.strip()).name
    except LookupError:
        raise UnknownEncodingError(encoding=chosen) from None
    name = WIDER.get(name, name)
    position = _misfit(path, name)
    if position is not None:
        raise EncodingError(
            N_(
                "The file is not in {encoding}: the byte at position {position} does not fit. "
                "Nothing was read. Choose another encoding."
            ),
            encoding=chosen,
            position=position,
        )
    return name


def _misfit(path: Path, encoding: str) -> int | None:
    """The position of a byte that cannot be decoded, to the block; nothing when all can."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeError as error:
                return position + (error.start if isinstance(error, UnicodeDecodeError) else 0)
            position += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return position
    return None
