"""The printed recovery code: 160 random bits with a checksum, in letters people do not confuse.

Six groups of six of Crockford's Base32 (no I, L, O, U): 160 bits of secret and 20 of checksum.
"""

from __future__ import annotations

import hashlib
import secrets

from deskcrm.vault.errors import RecoveryCodeMistypedError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_BYTES = 20
LENGTH = 36
_CHECK_BITS = 20
_GROUP = 6
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_recovery_code() -> str:
    """A new code as it is shown and printed: ``XXXXXX-XXXXXX-…``."""
    secret = secrets.token_bytes(SECRET_BYTES)
    number = int.from_bytes(secret) << _CHECK_BITS | _checksum(secret)
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(5 * LENGTH - 5, -5, -5))
    return "-".join(letters[i : i + _GROUP] for i in range(0, LENGTH, _GROUP))


def recovery_secret(code: str) -> bytes:
    """The 20 secret bytes of a typed code; case, dashes, spaces and look-alikes are forgiven.

    Raises ``RecoveryCodeMistypedError``.
    """
    letters = "".join(code.split()).upper().translate(_LOOKALIKES)
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET):
        raise RecoveryCodeMistypedError(length=LENGTH)
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    secret = (number >> _CHECK_BITS).to_bytes(SECRET_BYTES)
    if _checksum(secret) != number & (1 << _CHECK_BITS) - 1:
        raise RecoveryCodeMistypedError(length=LENGTH)
    return secret


def _checksum(secret: bytes) -> int:
    digest = hashlib.sha256(b"deskcrm recovery code" + secret).digest()
    return int.from_bytes(digest[:4]) >> (32 - _CHECK_BITS)
