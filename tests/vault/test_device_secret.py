from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from deskcrm.vault.device_secret import (
    NO_ENTRY,
    find_device_secret,
    is_secret,
    key_store_problem,
    make_device_secret,
    trusted_key_store,
)
from tests.vault.boxes import MemoryKeyring


class ForgetfulKeyring(MemoryKeyring):
    """Says yes and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class GarblingKeyring(MemoryKeyring):
    """Keeps something else."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[::-1])


class BrokenKeyring(MemoryKeyring):
    """Fails as a desktop without a session bus does."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("no bus, and a secret in the text")


class SystemKeyring(MemoryKeyring):
    """Passes for the key store of the desktop."""


class PlainTextKeyring(MemoryKeyring):
    """Passes for the one that writes a plain file."""


SystemKeyring.__module__ = "keyring.backends.SecretService"
PlainTextKeyring.__module__ = "keyrings.alt.file"


@pytest.fixture
def chosen_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_secret_is_made_once_and_found_again() -> None:
    store = MemoryKeyring()
    assert find_device_secret("vault-1", store) is NO_ENTRY
    secret = make_device_secret("vault-1", store)
    assert is_secret(secret)
    assert len(secret) == 32
    assert make_device_secret("vault-1", store) == secret
    assert find_device_secret("vault-1", store) == secret
    assert make_device_secret("vault-2", store) != secret


@pytest.mark.parametrize(
    "store",
    [
        null.Keyring(),
        fail.Keyring(),
        ForgetfulKeyring(),
        GarblingKeyring(),
        BrokenKeyring(),
    ],
    ids=lambda store: type(store).__name__,
)
def test_a_key_store_that_does_not_keep_a_secret_gives_a_reason(store: KeyringBackend) -> None:
    found = make_device_secret("vault", store)
    assert not is_secret(found)
    assert found
    assert "secret in the text" not in found
    assert key_store_problem(store) == found


def test_an_entry_that_is_no_secret_is_not_taken() -> None:
    store = MemoryKeyring()
    for text in ("", "short", "é", "A" * 43):
        store.set_password("deskcrm", "device:vault", text)
        assert not is_secret(find_device_secret("vault", store))


@pytest.mark.usefixtures("chosen_keyring")
@pytest.mark.parametrize(
    "backend",
    [null.Keyring(), fail.Keyring(), PlainTextKeyring(), MemoryKeyring()],
    ids=lambda backend: type(backend).__module__,
)
def test_only_listed_key_stores_are_trusted(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    assert trusted_key_store() == type(backend).__module__
    assert make_device_secret("vault") == type(backend).__module__


@pytest.mark.usefixtures("chosen_keyring")
def test_a_listed_key_store_is_found_also_behind_others(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = SystemKeyring()
    keyring.set_keyring(trusted)
    assert trusted_key_store() is trusted
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [PlainTextKeyring(), trusted])
    keyring.set_keyring(chainer.ChainerBackend())
    assert trusted_key_store() is trusted
    assert key_store_problem() is None
