"""What a vault takes from outside: the machine, the branch's policy, the tables to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deskcrm.clock import Clock
from deskcrm.vault.device_secret import KeyStore
from deskcrm.vault.lockout import BootClock, Lockout
from deskcrm.vault.migrate import Step
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import Policy, default_policy


@dataclass(frozen=True, slots=True)
class Tables:
    """What the database must hold: its migrations in order and the id that marks it as ours."""

    migrations: Sequence[Step]
    application_id: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a vault takes from the machine and the branch's policy; tests put others in place.

    ``key_store`` None is the operating system's, ``boot_clock`` None the machine's.
    """

    clock: Clock
    policy: Policy
    key_store: KeyStore | None = None
    boot_clock: BootClock | None = None

    @classmethod
    def of(cls, clock: Clock) -> Surroundings:
        """Those of this machine, with the policy of the reference data."""
        return cls(clock, default_policy())

    def lockout(self, paths: VaultPaths) -> Lockout:
        """The count of wrong passwords of a vault."""
        return Lockout(paths.lockout, self.policy, self.clock, self.boot_clock)
