"""Small vaults with a cheap key derivation, and stand-ins for the machine around them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.compat import properties

from deskcrm.clock import FrozenClock
from deskcrm.vault.engine import connect
from deskcrm.vault.lockout import Boot
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import KdfCost, Policy, default_policy
from deskcrm.vault.schema import APPLICATION_ID, MIGRATIONS
from deskcrm.vault.surroundings import Surroundings, Tables
from deskcrm.vault.vault import CreatedVault, UnlockedVault, create_vault, unlock_vault

TABLES = Tables(MIGRATIONS, APPLICATION_ID)
CHEAP = KdfCost(memory_kib=8, passes=1, lanes=1)
POLICY: Policy = replace(default_policy(), cost=CHEAP, least_cost=CHEAP)
LOGIN, PASSWORD = "manager", "a long walk by the river"
OTHER, OTHER_PASSWORD = "teller", "seven lamps over a bridge"


class MemoryKeyring(KeyringBackend):
    """A key store that keeps what it is given."""

    priority = properties.classproperty(lambda _cls: 1.0)

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@dataclass
class ManualBoot:
    """A boot clock that is moved by hand; ``boot`` None is a machine that has none."""

    boot: Boot | None = field(default_factory=lambda: Boot("first", 100.0))

    def read(self) -> Boot | None:
        return self.boot

    def advance(self, span: timedelta) -> None:
        assert self.boot is not None
        self.boot = Boot(self.boot.id, self.boot.seconds + span.total_seconds())


@dataclass
class Box:
    """A vault with two officers."""

    home: Path
    around: Surroundings
    made: CreatedVault

    @property
    def paths(self) -> VaultPaths:
        return VaultPaths(self.home)

    def unlock(self, login: str = LOGIN, password: str = PASSWORD) -> UnlockedVault:
        return unlock_vault(self.home, login, password, TABLES, self.around)

    def opens(self, login: str = LOGIN, password: str = PASSWORD) -> bool:
        """Open and close; what does not open raises."""
        self.unlock(login, password).engine.dispose()
        return True

    def write_note(self, text: str) -> None:
        """A row in a table of the tests' own."""
        with closing(connect(self.paths.database, self.made.keys.data_key)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS note (text TEXT)")
            connection.execute("INSERT INTO note VALUES (?)", (text,))


def make_box(home: Path, clock: FrozenClock, *, key_store: KeyringBackend | None = None) -> Box:
    """A vault; without a key store there is none on this machine."""
    store = key_store if key_store is not None else fail.Keyring()
    around = Surroundings(clock, POLICY, key_store=store, boot_clock=ManualBoot())
    officers = [(LOGIN, PASSWORD), (OTHER, OTHER_PASSWORD)]
    return Box(home, around, create_vault(home, "示例支行", officers, TABLES, around))


def notes(path: Path, data_key: bytes) -> list[str]:
    """The rows that ``write_note`` wrote."""
    with closing(connect(path, data_key)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM note").fetchall()]
