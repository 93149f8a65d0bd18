"""A fixed working day with a small queue: promises, late updates, long and hostile names."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import select
from textual.pilot import Pilot

from deskcrm.clock import local
from deskcrm.models import (
    Account,
    CustomerKind,
    Document,
    Followup,
    Interaction,
    InteractionChannel,
)
from deskcrm.services.desk import Desk
from deskcrm.services.followups import NewFollowup, add
from tests.desks import add_customer

HOSTILE = "[/]\x1b]52;c;QQ==\x07[@click=app.quit]Li \u202eWei[/]"
CADENCE = 60
LONG = "中华人民共和国杭州市余杭区未来科技城发展投资股份有限公司"


def busy_day(desk: Desk) -> dict[str, int]:
    """Fill the desk's branch; customer names to the ids of their follow-ups.

    ``days_late`` of a customer is of the regular update, which the rules raise by themselves.
    """
    made = {
        "张伟": _promised(desk, "张伟", "13800000000", hour=15, tier="diamond"),
        "欧阳娜娜": _promised(desk, "欧阳娜娜", "13800000001", hour=8, tier="gold"),
        LONG: _to_update(desk, LONG, 3, tier="private", kind=CustomerKind.CORPORATE),
        HOSTILE: _to_update(desk, HOSTILE, 40),
        "王芳": _to_update(desk, "王芳", 0, tier="platinum"),
    }
    long_name = "Margaret Featherstonehaugh-Cholmondeley"
    agreed = NewFollowup(add_customer(desk, long_name), due_on=desk.today(), title="补签开户协议")
    made[long_name] = add(desk, agreed).followups[0].id
    _history(desk, made["张伟"])
    return made


def _promised(desk: Desk, name: str, phone: str, *, hour: int, **fields: Any) -> int:
    """A customer who was promised a call today at the full hour."""
    customer_id = add_customer(desk, name, phone=phone, **fields)
    with desk.write("followup.add") as work:
        promised = work.add(
            Followup(
                customer_id=customer_id,
                rule_code="callback",
                period="promise",
                owner_id=desk.officer.id,
                due_on=desk.today(),
                due_at=_at(desk, hour, 0),
                raised_at=work.now,
            )
        )
    return promised.id


def _to_update(desk: Desk, name: str, days_late: int, **fields: Any) -> int:
    """A customer whose regular update has been due for so many days."""
    anchor = desk.today() - timedelta(days=CADENCE + days_late)
    customer_id = add_customer(
        desk, name, cadence_days=CADENCE, cadence_anchor_on=anchor, phone="13900000000", **fields
    )
    with desk.read() as session:
        raised = session.exec(select(Followup.id).where(Followup.customer_id == customer_id))
        return raised.one()


def _at(desk: Desk, hour: int, minute: int) -> datetime:
    return local(desk.now(), desk.clock).replace(hour=hour, minute=minute, second=0)


def _history(desk: Desk, followup_id: int) -> None:
    """A customer with a past: a contact, an account, a document that soon expires."""
    with desk.write("customer.edit") as work:
        customer_id = work.session.get_one(Followup, followup_id).customer_id
        contact_at = _at(desk, 10, 20) - timedelta(days=12)
        work.add(
            Interaction(
                customer_id=customer_id,
                officer_id=desk.officer.id,
                channel=InteractionChannel.PHONE,
                at=contact_at,
                contact_on=contact_at.date(),
                notes="想比较三年定期与大额存单的利率，\n让我十一月二十三日下午三点再打。",
                outcome="later",
                reached=True,
                recorded_at=contact_at,
            )
        )
        work.add(
            Account(
                customer_id=customer_id,
                number="6222020000000000001",
                balance_minor=12_345_600,
                opened_on=date(2024, 3, 1),
            )
        )
        work.add(
            Document(
                customer_id=customer_id,
                kind="resident_id",
                expires_on=desk.today() + timedelta(days=20),
            )
        )


async def settled(app: Any, pilot: Pilot[Any]) -> None:
    """Wait until nothing runs in the background and everything is on the screen."""
    quiet = 0
    while quiet < 3:
        await pilot.pause()
        quiet = 0 if any(not worker.is_finished for worker in app.workers) else quiet + 1


def text_of(app: Any) -> str:
    """What is on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in strips)
