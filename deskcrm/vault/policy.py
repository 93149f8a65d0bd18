"""The figures of the vault: password lengths, lockout, cost of key derivation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from deskcrm.resources import load_toml

POLICY_FILE = "policy/passwords.toml"


@dataclass(frozen=True, slots=True)
class KdfCost:
    """What one Argon2id derivation costs: memory in KiB, passes over it, parallel lanes."""

    memory_kib: int
    passes: int
    lanes: int

    def within(self, least: KdfCost, most: KdfCost) -> bool:
        """Whether every figure lies between those of ``least`` and ``most``."""
        return (
            least.memory_kib <= self.memory_kib <= most.memory_kib
            and least.passes <= self.passes <= most.passes
            and least.lanes <= self.lanes <= most.lanes
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """The password policy in force. Lengths are characters after NFKC.

    ``cost`` is for new key slots; a key file that asks for less than ``least_cost`` (a downgrade)
    or more than ``most_cost`` (a trap, as it is not yet authenticated) is refused.
    """

    least_length: int
    least_length_with_device: int
    most_length: int
    common_file: str
    lockout_attempts: int
    lockout: timedelta
    cost: KdfCost
    least_cost: KdfCost
    most_cost: KdfCost


@cache
def default_policy() -> Policy:
    """The policy in the reference data."""
    data: dict[str, Any] = load_toml(POLICY_FILE)
    length, lockout, derivation = data["length"], data["lockout"], data["key_derivation"]
    return Policy(
        least_length=length["least"],
        least_length_with_device=length["least_with_device"],
        most_length=length["most"],
        common_file=data["common"]["file"],
        lockout_attempts=lockout["attempts"],
        lockout=timedelta(minutes=lockout["minutes"]),
        cost=KdfCost(**derivation["cost"]),
        least_cost=KdfCost(**derivation["least"]),
        most_cost=KdfCost(**derivation["most"]),
    )
