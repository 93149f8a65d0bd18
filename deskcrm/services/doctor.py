"""The doctor: is everything in order with this vault and this workstation?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import text
from sqlmodel import Session

from deskcrm.services.audit import outside_head, verify_ledger
from deskcrm.services.desk import Desk
from deskcrm.vault.device_secret import key_store_problem
from deskcrm.vault.engine import connect
from deskcrm.vault.integrity import Check, check_vault
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import default_policy

_INVARIANTS = {
    "one-owner": (
        "SELECT count(*) FROM customer c WHERE c.owner_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM officer o WHERE o.id = c.owner_id)"
    ),
    "merged-into": (
        "SELECT count(*) FROM customer WHERE (status = 'merged') != (merged_into_id IS NOT NULL)"
    ),
    "closed-followups": (
        "SELECT count(*) FROM followup"
        " WHERE (state IN ('done', 'dismissed')) != (closed_at IS NOT NULL)"
    ),
    "promises-raised": (
        "SELECT count(*) FROM interaction i WHERE i.next_kind IS NOT NULL AND i.next_on IS NULL"
    ),
    "cadence-anchor": (
        "SELECT count(*) FROM customer"
        " WHERE last_contact_on IS NOT NULL AND cadence_anchor_on < last_contact_on"
    ),
    "searchable": (
        "SELECT (SELECT count(*) FROM customer WHERE status != 'merged')"
        " - (SELECT count(*) FROM search_document)"
    ),
}
"""Statements that count what must not be there; 0 is in order."""


def examine(desk: Desk) -> tuple[Check, ...]:
    """Every check of the files, the ledger, the data and the workstation, in this order."""
    paths = VaultPaths(desk.vault.home)
    with closing(connect(paths.database, desk.vault.keys.data_key)) as connection:
        checks = check_vault(paths, desk.vault.keys, connection, default_policy())
    checks.append(_ledger(desk))
    with desk.read() as session:
        checks += _invariants(session)
    checks += [_key_store(), Check("python", sys.version_info >= (3, 11), sys.version.split()[0])]
    return tuple(checks)


def _ledger(desk: Desk) -> Check:
    if outside_head(desk) is None:
        return Check("ledger", None, "no head outside the database yet")
    found = verify_ledger(desk)
    detail = f"{found.entries} entries" if found.ok else f"first bad entry {found.first_bad}"
    return Check("ledger", found.ok, detail)


def _invariants(session: Session) -> Iterator[Check]:
    for name, statement in _INVARIANTS.items():
        count = int(session.connection().scalar(text(statement)) or 0)
        yield Check(name, count == 0, "" if count == 0 else f"{count} rows")


def _key_store() -> Check:
    problem = key_store_problem()
    return Check("key-store", None, problem) if problem else Check("key-store", True)
