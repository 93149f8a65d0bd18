"""An officer without a screen: takes down call after call and says each that was saved."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from deskcrm.clock import FrozenClock
from deskcrm.services.derived import DERIVED
from deskcrm.services.desk import Actor, Desk
from deskcrm.services.drafts import drop_draft, save_draft
from deskcrm.services.interactions import NewInteraction, log_interaction
from deskcrm.services.queue import queue
from deskcrm.vault.engine import open_engine
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.ledger import HeadFile
from deskcrm.vault.session import OpenVault

CALLS = 6


def open_vault(home: Path, keys: VaultKeys) -> OpenVault:
    """A vault without the cost of deriving its keys."""
    return OpenVault(
        home,
        open_engine(home / "vault.db", keys.data_key),
        keys,
        HeadFile(home / "ledger.head", keys.ledger_key),
        IdMaker(1),
        derived=list(DERIVED),
    )


@dataclass(frozen=True)
class Shift:
    """Where a clerk works, with whose rights, and which of many lives this is."""

    home: Path
    keys: VaultKeys
    actor: Actor
    now: datetime
    life: int


def work(shift: Shift, told: Connection) -> None:
    """Take down ``CALLS`` calls of today's queue with notes of their own, then wait for the end."""
    desk = Desk(shift.actor, open_vault(shift.home, shift.keys), FrozenClock(shift.now))
    following = queue(desk, limit=1).items[0].id
    told.send("ready")
    for number in range(CALLS):
        notes = f"第{shift.life}次运行，第{number}次通话。"
        following = take_down(desk, following, notes)
        told.send(notes)
    signal.pause()


def take_down(desk: Desk, followup_id: int, notes: str) -> int:
    """Work a follow-up as the call sheet does; the one that comes next."""
    item = next(one for one in queue(desk, limit=50).items if one.id == followup_id)
    form_key = notes
    save_draft(desk, "call_sheet", item.customer_id, {"notes": notes, "form_key": form_key})
    logged = log_interaction(
        desk,
        NewInteraction(
            customer_id=item.customer_id,
            channel="phone",
            outcome="done",
            notes=notes,
            next_kind="callback",
            next_on=desk.today() + timedelta(days=1),
            followup_id=followup_id,
            form_key=form_key,
        ),
    )
    drop_draft(desk, "call_sheet", item.customer_id)
    assert logged.next_in_queue is not None
    return logged.next_in_queue
