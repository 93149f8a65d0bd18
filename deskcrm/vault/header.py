"""The key file `vault.keys`: its JSON form, its bounds, and saving it whole.

The file is canonical JSON with two seals. ``sum`` is a plain digest: a file that fails it was
damaged. ``mac`` is keyed with the data key: a file that passes the first and fails the second was
changed by someone. Until the second is checked nothing in the file is believed, so the work it may
ask for is bounded when it is loaded.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from deskcrm.vault.errors import (
    DatabaseMissingError,
    HeaderDamagedError,
    HeaderExposedError,
    HeaderMissingError,
    HeaderTamperedError,
)
from deskcrm.vault.files import is_private, storage_errors, write_whole
from deskcrm.vault.policy import KdfCost, Policy

MAGIC = "DESKCRM-KEYS"
VERSION = 1
_MOST_BYTES = 1 << 20
_WRAPPED_BYTES = 12 + 32 + 16  # nonce, X25519 key, tag
_SEALED_BYTES = 32 + 64 + 16  # encapsulated key, two keys, tag


class SlotKind(StrEnum):
    """Who a key slot is for."""

    OFFICER = "officer"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to open the vault.

    ``device`` is the check value of the device secret, empty without one. ``private_key`` is the
    slot's X25519 key, wrapped by what the officer knows; ``keys`` is the bundle sealed to
    ``public_key``, and ``former_keys`` the bundle before a rotation that is not finished.
    """

    id: str
    kind: SlotKind
    login: str
    device: str
    cost: KdfCost | None
    salt: bytes
    public_key: bytes
    private_key: bytes
    keys: bytes
    former_keys: bytes | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The key file's content. ``epoch`` counts data keys, ``generation`` counts saves."""

    vault_id: str
    branch: str
    generation: int
    epoch: int
    slots: tuple[Slot, ...]
    mac: bytes = b""

    def officer(self, login: str) -> Slot | None:
        """The slot of an officer."""
        found = (s for s in self.slots if s.kind is SlotKind.OFFICER and s.login == login)
        return next(found, None)

    def logins(self) -> tuple[str, ...]:
        """The officers who can sign in, in the order they were enrolled."""
        return tuple(s.login for s in self.slots if s.kind is SlotKind.OFFICER)

    def recovery(self) -> Slot | None:
        """The slot of the recovery code."""
        return next((s for s in self.slots if s.kind is SlotKind.RECOVERY), None)

    @property
    def rotating(self) -> bool:
        """Whether a rotation of the data key was begun and not ended."""
        return any(slot.former_keys is not None for slot in self.slots)


def canonical(value: object) -> bytes:
    """JSON in its one canonical form, for digests and authenticated data."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def load_header(path: Path, policy: Policy, *, private: bool = True) -> Header:
    """Read and check a key file; nothing in it is authenticated yet.

    ``private`` refuses one that others can reach; a backup may lie where rights are not kept.

    Raises the errors for a missing, exposed or damaged key file.
    """
    with storage_errors(path.parent):
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise HeaderDamagedError(name=path.name, reason="not a file")
            if private and not is_private(path):
                raise HeaderExposedError(name=path.name)
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            if path.with_name("vault.db").exists():
                raise HeaderMissingError(name=path.name) from None
            raise DatabaseMissingError(name="vault.db") from None
    return parse_header(content, path.name, policy)


def parse_header(content: bytes, name: str, policy: Policy) -> Header:
    """The header in the bytes of a key file called ``name``. Raises ``HeaderDamagedError``."""
    try:
        header = _from_json(content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise HeaderDamagedError(name=name, reason="unreadable") from None
    if serialise(header) != content:
        raise HeaderDamagedError(name=name, reason="checksum")
    for slot in header.slots:
        is_officer = slot.kind is SlotKind.OFFICER
        if is_officer != (slot.cost is not None) or (
            slot.cost is not None and not slot.cost.within(policy.least_cost, policy.most_cost)
        ):
            raise HeaderDamagedError(name=name, reason="key derivation out of bounds")
    return header


def save_header(path: Path, header: Header, data_key: bytes) -> Header:
    """Write the next generation, sealed with ``data_key``, and a copy beside it; returns it.

    The caller holds the lock of the key file. The copy holds the same generation, so that a
    removed officer's slot does not live on in it.
    """
    saved = replace(header, generation=header.generation + 1)
    saved = replace(saved, mac=header_mac(saved, data_key))
    content = serialise(saved)
    with storage_errors(path.parent):
        write_whole(path, content)
        write_whole(path.with_name(path.name + ".bak"), content)
    return saved


def check_mac(header: Header, data_key: bytes, name: str) -> None:
    """Raise ``HeaderTamperedError`` unless the header was sealed with ``data_key``."""
    if not hmac.compare_digest(header.mac, header_mac(header, data_key)):
        raise HeaderTamperedError(name=name)


def header_mac(header: Header, data_key: bytes) -> bytes:
    """The keyed seal of a header."""
    return hmac.digest(derive_key(data_key, b"key file"), canonical(_body(header)), "sha256")


def derive_key(key: bytes, purpose: bytes, length: int = 32) -> bytes:
    """A subkey for one purpose (HKDF-SHA256)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(hashes.SHA256(), length, None, b"deskcrm " + purpose).derive(key)


def serialise(header: Header) -> bytes:
    """The bytes of the key file."""
    body = _body(header) | {"mac": header.mac.hex()}
    body["sum"] = hashlib.sha256(canonical(body)).hexdigest()
    return json.dumps(body, sort_keys=True, indent=1, ensure_ascii=True).encode() + b"\n"


def _body(header: Header) -> dict[str, Any]:
    return {
        "magic": MAGIC,
        "version": VERSION,
        "vault": header.vault_id,
        "branch": header.branch,
        "generation": header.generation,
        "epoch": header.epoch,
        "slots": [_slot_to_json(slot) for slot in header.slots],
    }


def _slot_to_json(slot: Slot) -> dict[str, Any]:
    cost = slot.cost and [slot.cost.memory_kib, slot.cost.passes, slot.cost.lanes]
    return {
        "id": slot.id,
        "kind": slot.kind.value,
        "login": slot.login,
        "device": slot.device,
        "argon2id": cost,
        "salt": slot.salt.hex(),
        "public_key": slot.public_key.hex(),
        "private_key": slot.private_key.hex(),
        "keys": slot.keys.hex(),
        "former_keys": None if slot.former_keys is None else slot.former_keys.hex(),
    }


def _from_json(content: bytes) -> Header:
    if len(content) > _MOST_BYTES:
        raise ValueError("too long")
    data = json.loads(content)
    if (data["magic"], data["version"]) != (MAGIC, VERSION):
        raise ValueError("another kind of file")
    return Header(
        vault_id=_text(data["vault"]),
        branch=_text(data["branch"]),
        generation=_count(data["generation"]),
        epoch=_count(data["epoch"]),
        slots=tuple(_slot_from_json(slot) for slot in data["slots"]),
        mac=_bytes(data["mac"], 32),
    )


def _slot_from_json(data: dict[str, Any]) -> Slot:
    cost, former = data["argon2id"], data["former_keys"]
    return Slot(
        id=_text(data["id"]),
        kind=SlotKind(data["kind"]),
        login=_text(data["login"]),
        device=_text(data["device"]),
        cost=None if cost is None else KdfCost(*(_count(figure) for figure in cost)),
        salt=_bytes(data["salt"], 16),
        public_key=_bytes(data["public_key"], 32),
        private_key=_bytes(data["private_key"], _WRAPPED_BYTES),
        keys=_bytes(data["keys"], _SEALED_BYTES),
        former_keys=None if former is None else _bytes(former, _SEALED_BYTES),
    )


def _bytes(value: str, length: int) -> bytes:
    found = bytes.fromhex(value)
    if len(found) != length:
        raise ValueError("wrong length")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value
