"""A secret that the operating system's key store keeps for this workstation and account.

It is a second factor beside the password, never enough by itself: a branch may share one login of
the operating system. Only key stores that keep what they are given are taken; keyring's own choice
may be one that stores nothing (null), refuses (fail) or writes plain text (keyrings.alt).
"""

from __future__ import annotations

import base64
import secrets
from typing import Protocol, TypeGuard

SERVICE = "deskcrm"
TRUSTED_BACKENDS = (
    "keyring.backends.Windows",
    "keyring.backends.macOS",
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
)
_SECRET_BYTES = 32


class KeyStore(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """The kept text, or None."""

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep a text."""


class NoDeviceSecret(str):
    """Why there is no device secret: the name of a backend or error, for display."""

    __slots__ = ()


DeviceSecret = bytes | NoDeviceSecret
NO_ENTRY = NoDeviceSecret("no entry")


def is_secret(found: DeviceSecret) -> TypeGuard[bytes]:
    """Whether a device secret was found, rather than the reason why not."""
    return isinstance(found, bytes)


def trusted_key_store() -> KeyStore | NoDeviceSecret:
    """The first backend on the allow-list that works here, or why there is none."""
    import keyring

    chosen = keyring.get_keyring()
    backends = list(getattr(chosen, "backends", [chosen]))
    for backend in backends:
        if type(backend).__module__.startswith(TRUSTED_BACKENDS):
            trusted: KeyStore = backend
            return trusted
    return NoDeviceSecret(type(backends[0] if backends else chosen).__module__)


def find_device_secret(vault_id: str, store: KeyStore | None = None) -> DeviceSecret:
    """The device secret of a vault, or why there is none. Never raises, never creates one.

    ``store`` stands in for the operating system's key store.
    """
    try:
        usable = store if store is not None else trusted_key_store()
        if isinstance(usable, NoDeviceSecret):
            return usable
        return _decoded(usable.get_password(SERVICE, _entry(vault_id)))
    except Exception as error:  # backends raise whatever their system does
        return NoDeviceSecret(type(error).__name__)


def make_device_secret(vault_id: str, store: KeyStore | None = None) -> DeviceSecret:
    """The device secret of a vault, made if need be and read back; or why there is none."""
    found = find_device_secret(vault_id, store)
    if is_secret(found):
        return found
    try:
        usable = store if store is not None else trusted_key_store()
        if isinstance(usable, NoDeviceSecret):
            return usable
        secret = secrets.token_bytes(_SECRET_BYTES)
        usable.set_password(SERVICE, _entry(vault_id), base64.b64encode(secret).decode())
        kept = _decoded(usable.get_password(SERVICE, _entry(vault_id)))
    except Exception as error:  # backends raise whatever their system does
        return NoDeviceSecret(type(error).__name__)
    return secret if kept == secret else NoDeviceSecret(type(usable).__module__)


def key_store_problem(store: KeyStore | None = None) -> NoDeviceSecret | None:
    """Why this workstation has no key store that keeps a secret, or None when it has one."""
    probe = make_device_secret("probe", store)
    return probe if isinstance(probe, NoDeviceSecret) else None


def _entry(vault_id: str) -> str:
    return f"device:{vault_id}"


def _decoded(text: str | None) -> DeviceSecret:
    secret = base64.b64decode(text, validate=True) if text else b""
    return secret if len(secret) == _SECRET_BYTES else NO_ENTRY
