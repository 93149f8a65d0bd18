"""Key slots: every officer opens the same keys with a password of their own.

    password + device secret --Argon2id--> wraps the slot's X25519 private key
    data key + ledger key    --HPKE------> sealed to the slot's public key

So a new data key can be given to everyone, or an officer removed, without anybody else's password.
Removing a slot does not revoke keys that the officer's program has already seen: rotate the data
key for that.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from deskcrm.vault.device_secret import NO_ENTRY, DeviceSecret, is_secret
from deskcrm.vault.errors import (
    HeaderTamperedError,
    LastOfficerError,
    NoKeyringError,
    NoSuchOfficerError,
    OfficerExistsError,
    RecoveryCodeWrongError,
    WrongDeviceError,
    WrongPasswordError,
)
from deskcrm.vault.header import (
    MAGIC,
    VERSION,
    Header,
    Slot,
    SlotKind,
    canonical,
    check_mac,
    derive_key,
)
from deskcrm.vault.passwords import normal_password
from deskcrm.vault.policy import KdfCost
from deskcrm.vault.recovery_code import recovery_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hpke

KEY_BYTES = 32
_NONCE_BYTES = 12
_HEADER_NAME = "vault.keys"


@dataclass(frozen=True, slots=True, repr=False)
class VaultKeys:
    """The two keys of a vault, 32 bytes each.

    ``data_key`` encrypts the database and may be rotated; ``ledger_key`` chains the ledger and
    seals backups for the life of the vault.
    """

    data_key: bytes
    ledger_key: bytes


class OpenedSlot(NamedTuple):
    """What a slot yields; ``former`` while a rotation is not finished."""

    keys: VaultKeys
    former: VaultKeys | None


def new_keys() -> VaultKeys:
    """Two random keys."""
    return VaultKeys(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))


def new_header(branch: str) -> Header:
    """A header without slots, not saved yet."""
    return Header(vault_id=str(uuid.uuid4()), branch=branch, generation=0, epoch=1, slots=())


def add_officer(
    header: Header,
    keys: VaultKeys,
    login: str,
    password: str,
    *,
    device: DeviceSecret,
    cost: KdfCost,
) -> Header:
    """The header with a slot for an officer. Raises ``OfficerExistsError``."""
    if header.officer(login) is not None:
        raise OfficerExistsError(login=login)
    slot = _new_slot(
        header,
        keys,
        SlotKind.OFFICER,
        login,
        lambda slot: _password_key(slot, password, device),
        device=device_check(device),
        cost=cost,
    )
    return replace(header, slots=(*header.slots, slot))


def set_password(
    header: Header,
    keys: VaultKeys,
    login: str,
    password: str,
    *,
    device: DeviceSecret,
    cost: KdfCost,
) -> Header:
    """The header with the officer's slot made anew. Raises ``NoSuchOfficerError``."""
    old = _officer(header, login)
    others = replace(header, slots=tuple(slot for slot in header.slots if slot is not old))
    return add_officer(others, keys, login, password, device=device, cost=cost)


def remove_officer(header: Header, login: str) -> Header:
    """The header without the officer's slot.

    Raises ``NoSuchOfficerError`` and ``LastOfficerError``.
    """
    old = _officer(header, login)
    if len(header.logins()) == 1:
        raise LastOfficerError
    return replace(header, slots=tuple(slot for slot in header.slots if slot is not old))


def set_recovery_code(header: Header, keys: VaultKeys, code: str) -> Header:
    """The header with a recovery slot for ``code`` in place of any before."""
    secret = recovery_secret(code)
    slot = _new_slot(
        header, keys, SlotKind.RECOVERY, "", lambda slot: _recovery_key(slot, secret), device=""
    )
    officers = tuple(slot for slot in header.slots if slot.kind is SlotKind.OFFICER)
    return replace(header, slots=(*officers, slot))


def check_device(header: Header, login: str, device: DeviceSecret) -> Slot:
    """The officer's slot, if this device may open it; costs nothing and tells no secret.

    Raises ``NoSuchOfficerError``, ``NoKeyringError`` and ``WrongDeviceError``.
    """
    slot = _officer(header, login)
    if slot.device and not is_secret(device) and device is not NO_ENTRY:
        raise NoKeyringError(reason=device)
    if slot.device and not hmac.compare_digest(slot.device, device_check(device)):
        raise WrongDeviceError(login=login)
    return slot


def unlock(header: Header, login: str, password: str, *, device: DeviceSecret) -> OpenedSlot:
    """The keys in an officer's slot; the header is authenticated with them.

    Raises what ``check_device`` does, ``WrongPasswordError`` and ``HeaderTamperedError``.
    """
    slot = check_device(header, login, device)
    private_key = _unwrap(header, slot, _password_key(slot, password, device))
    if private_key is None:
        raise WrongPasswordError(left=0)
    return _open(header, slot, private_key)


def unlock_with_code(header: Header, code: str) -> OpenedSlot:
    """The keys in the recovery slot; the header is authenticated with them.

    Raises the two errors of recovery codes and ``HeaderTamperedError``.
    """
    secret = recovery_secret(code)
    slot = header.recovery()
    if slot is None:
        raise RecoveryCodeWrongError
    private_key = _unwrap(header, slot, _recovery_key(slot, secret))
    if private_key is None:
        raise RecoveryCodeWrongError
    return _open(header, slot, private_key)


def begin_rotation(
    header: Header, keys: VaultKeys, *, drop: Collection[str] = ()
) -> tuple[Header, VaultKeys]:
    """The header with a new data key beside the old in every slot, without the officers ``drop``.

    The ledger key stays. Raises ``NoSuchOfficerError`` and ``LastOfficerError``.
    """
    for login in drop:
        header = remove_officer(header, login)
    fresh = VaultKeys(secrets.token_bytes(KEY_BYTES), keys.ledger_key)
    header = replace(header, epoch=header.epoch + 1)
    slots = tuple(
        replace(
            slot,
            keys=_seal(header, slot.id, slot.public_key, fresh, header.epoch),
            former_keys=_seal(header, slot.id, slot.public_key, keys, header.epoch - 1),
        )
        for slot in header.slots
    )
    return replace(header, slots=slots), fresh


def end_rotation(header: Header) -> Header:
    """The header without the former keys."""
    return replace(header, slots=tuple(replace(slot, former_keys=None) for slot in header.slots))


def device_check(device: DeviceSecret) -> str:
    """What a slot keeps to recognise its device secret; empty without one."""
    return hmac.digest(device, b"deskcrm device", "sha256")[:8].hex() if is_secret(device) else ""


def _officer(header: Header, login: str) -> Slot:
    slot = header.officer(login)
    if slot is None:
        raise NoSuchOfficerError(login=login)
    return slot


def _new_slot(
    header: Header,
    keys: VaultKeys,
    kind: SlotKind,
    login: str,
    wrapping_key: Callable[[Slot], bytes],
    *,
    device: str,
    cost: KdfCost | None = None,
) -> Slot:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    private_key = X25519PrivateKey.generate()
    public_key = private_key.public_key().public_bytes_raw()
    slot_id = secrets.token_hex(8)
    slot = Slot(
        id=slot_id,
        kind=kind,
        login=login,
        device=device,
        cost=cost,
        salt=secrets.token_bytes(16),
        public_key=public_key,
        private_key=b"",
        keys=_seal(header, slot_id, public_key, keys, header.epoch),
    )
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = AESGCM(wrapping_key(slot))
    wrapped = cipher.encrypt(nonce, private_key.private_bytes_raw(), _context(header, slot))
    return replace(slot, private_key=nonce + wrapped)


def _unwrap(header: Header, slot: Slot, wrapping_key: bytes) -> bytes | None:
    """The slot's private key, or None when the wrapping key is not the one."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, wrapped = slot.private_key[:_NONCE_BYTES], slot.private_key[_NONCE_BYTES:]
    try:
        return AESGCM(wrapping_key).decrypt(nonce, wrapped, _context(header, slot))
    except (InvalidTag, ValueError):
        return None


def _open(header: Header, slot: Slot, private_key: bytes) -> OpenedSlot:
    keys = _unseal(header, slot.id, private_key, slot.keys, header.epoch)
    check_mac(header, keys.data_key, _HEADER_NAME)
    former = None
    if slot.former_keys is not None:
        former = _unseal(header, slot.id, private_key, slot.former_keys, header.epoch - 1)
    return OpenedSlot(keys, former)


def _seal(header: Header, slot_id: str, public_key: bytes, keys: VaultKeys, epoch: int) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    return _suite().encrypt(
        keys.data_key + keys.ledger_key,
        X25519PublicKey.from_public_bytes(public_key),
        info=canonical([MAGIC, header.vault_id, slot_id, epoch]),
    )


def _unseal(
    header: Header, slot_id: str, private_key: bytes, sealed: bytes, epoch: int
) -> VaultKeys:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        bundle = _suite().decrypt(
            sealed,
            X25519PrivateKey.from_private_bytes(private_key),
            info=canonical([MAGIC, header.vault_id, slot_id, epoch]),
        )
    except (InvalidTag, ValueError):
        raise HeaderTamperedError(name=_HEADER_NAME) from None
    return VaultKeys(bundle[:KEY_BYTES], bundle[KEY_BYTES:])


def _suite() -> hpke.Suite:
    from cryptography.hazmat.primitives import hpke

    return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def _context(header: Header, slot: Slot) -> bytes:
    """What a wrapped private key is bound to."""
    cost = slot.cost and [slot.cost.memory_kib, slot.cost.passes, slot.cost.lanes]
    bound = [MAGIC, VERSION, header.vault_id, slot.id, slot.kind, slot.login, slot.device, cost]
    return canonical([*bound, slot.salt.hex(), slot.public_key.hex()])


def _password_key(slot: Slot, password: str, device: DeviceSecret) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    assert slot.cost is not None
    derivation = Argon2id(
        salt=slot.salt,
        length=KEY_BYTES,
        iterations=slot.cost.passes,
        lanes=slot.cost.lanes,
        memory_cost=slot.cost.memory_kib,
        ad=slot.id.encode(),
        secret=device if slot.device and is_secret(device) else None,
    )
    return derivation.derive(normal_password(password).encode(errors="surrogatepass"))


def _recovery_key(slot: Slot, secret: bytes) -> bytes:
    return derive_key(secret + slot.salt, b"recovery code")
