"""Builders of small, realistic branches for tests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from deskcrm.clock import Clock
from deskcrm.models import (
    Branch,
    ChannelKind,
    ContactChannel,
    Customer,
    CustomerKind,
    Officer,
    Role,
)
from deskcrm.rules.names import sort_key
from deskcrm.services.derived import DERIVED
from deskcrm.services.desk import Actor, Desk
from deskcrm.services.seeding import seed
from deskcrm.vault.engine import connect, open_engine
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.ledger import HeadFile
from deskcrm.vault.migrate import migrate
from deskcrm.vault.schema import APPLICATION_ID, MIGRATIONS
from deskcrm.vault.session import OpenVault

OFFICERS = {
    "teller": Role.TELLER,
    "manager": Role.ACCOUNT_MANAGER,
    "other": Role.ACCOUNT_MANAGER,
    "supervisor": Role.SUPERVISOR,
    "auditor": Role.AUDITOR,
}


@dataclass
class TestBranch:
    """A branch on a real encrypted file; ``desk(login)`` is the desk of one of its officers."""

    __test__ = False

    vault: OpenVault
    clock: Clock
    branch_id: int
    data_key: bytes
    officers: dict[str, Actor] = field(default_factory=dict)

    def desk(self, login: str) -> Desk:
        return Desk(self.officers[login], self.vault, self.clock)


def make_branch(home: Path, clock: Clock, *, desk_number: int = 1) -> TestBranch:
    """An empty, migrated and seeded branch, without the cost of key derivation."""
    home.mkdir(parents=True, exist_ok=True)
    data_key, ledger_key = os.urandom(32), os.urandom(32)
    path = home / "vault.db"
    raw = connect(path, data_key, create=True)
    migrate(raw, MIGRATIONS, APPLICATION_ID)
    raw.close()
    vault = OpenVault(
        home,
        open_engine(path, data_key),
        VaultKeys(data_key, ledger_key),
        HeadFile(home / "ledger.head", ledger_key),
        IdMaker(desk_number),
        derived=list(DERIVED),
    )
    with vault.write(clock, action="branch.create") as work:
        branch = work.add(Branch(code="0001", name="示例支行"))
        work.session.flush()
        actors = {}
        for login, role in OFFICERS.items():
            officer = work.add(
                Officer(login=login, name=f"{login} name", role=role, branch_id=branch.id)
            )
            actors[login] = Actor(officer.id, login, officer.name, role, branch.id, branch.name)
        seed(work)
    return TestBranch(vault, clock, branch.id, data_key, actors)


def add_customer(desk: Desk, name: str = "王小明", **fields: Any) -> int:
    """A customer of this officer (individual, standard tier unless told) and its id.

    ``phone`` adds a preferred mobile number.
    """
    phone = fields.pop("phone", None)
    values: dict[str, Any] = {
        "kind": CustomerKind.INDIVIDUAL,
        "tier": "standard",
        "owner_id": desk.officer.id,
        "branch_id": desk.officer.branch_id,
        "opened_on": date(2024, 3, 1),
        "cadence_anchor_on": desk.today(),
        **fields,
    }
    with desk.write("customer.create") as work:
        customer = work.add(
            Customer(
                name=name,
                name_sort=sort_key(name),
                created_at=work.now,
                updated_at=work.now,
                **values,
            )
        )
        work.session.flush()
        if phone:
            work.add(
                ContactChannel(
                    customer_id=customer.id,
                    kind=ChannelKind.MOBILE,
                    value=phone,
                    normalized=phone,
                    preferred=True,
                )
            )
    return customer.id
