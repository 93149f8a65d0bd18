"""Fills an empty vault with the demo branch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from deskcrm.errors import DeskError
from deskcrm.i18n import N_
from deskcrm.models import Customer, CustomField, Officer, Product, Role, Tag
from deskcrm.rules.names import sort_key
from deskcrm.services.authority import allow
from deskcrm.services.demo.dice import Deck, Dice, Weighted
from deskcrm.services.demo.money import open_accounts
from deskcrm.services.demo.papers import FIELDS, TAGS, file_papers
from deskcrm.services.demo.people import meet
from deskcrm.services.demo.rows import Rows
from deskcrm.services.demo.scene import Branch, Days, Offer, Scene, Step
from deskcrm.services.demo.story import STANDINGS, tell
from deskcrm.services.desk import Desk
from deskcrm.services.reference import tiers_on
from deskcrm.services.scans import run_scans
from deskcrm.services.search_index import rebuild_index
from deskcrm.vault.session import UnitOfWork

CUSTOMERS = 2_000
SEED = 20_261_123
CHUNK = 5_000
"""Customers a unit of work."""

_OWNED = {Role.ACCOUNT_MANAGER: 72, Role.TELLER: 16, Role.SUPERVISOR: 12}
"""How many customers of a hundred the officers of a role look after together."""


class DemoNeedsEmptyVaultError(DeskError):
    """The vault holds customers already; invented ones are never mixed with them."""

    code = "demo-needs-empty-vault"
    message = N_("This vault already holds customers. No demo data was added; use another folder.")


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demo branch holds. ``rows`` counts what was inserted by table."""

    customers: int
    rows: dict[str, int]
    followups_raised: int

    @property
    def transactions(self) -> int:
        return self.rows.get("account_transaction", 0)


Progress = Callable[[int, int], None]
"""Told how many customers are done, and of how many."""


def fill_demo(
    desk: Desk,
    customers: int = CUSTOMERS,
    *,
    seed: int = SEED,
    progress: Progress | None = None,
) -> DemoReport:
    """Fill the empty vault with ``customers`` invented customers as of the desk's today.

    They are given to the active account managers, tellers and supervisors there are. Then the
    search index is built and the rules raise what is due. The same seed, date and officers give
    the same rows. Raises ``DemoNeedsEmptyVaultError``, and ``NotAllowedError`` to those who may
    not import.
    """
    allow(desk, "import.run")
    counts: dict[str, int] = {}
    days = Days(desk.today(), desk.calendar)
    scene = Scene(Dice(seed), days, _branch(desk), desk.clock.zone, Deck(STANDINGS))
    for start in range(0, customers, CHUNK):
        stop = min(start + CHUNK, customers)
        with desk.write("demo.fill") as work:
            scene.rows = Rows(work)
            for serial in range(start, stop):
                _customer(scene, serial)
            scene.rows.write()
        for table, count in scene.rows.counts.items():
            counts[table] = counts.get(table, 0) + count
        if progress:
            progress(stop, customers)
    rebuild_index(desk)
    return DemoReport(customers, counts, run_scans(desk).raised)


def _customer(scene: Scene, serial: int) -> None:
    client = meet(scene, serial)
    open_accounts(scene, client)
    tell(scene, client)
    file_papers(scene, client)
    scene.rows.add(Customer, name_sort=sort_key(client.name), **client.fields)


def _branch(desk: Desk) -> Branch:
    """What the empty vault knows, with the tags and custom fields of the demo added."""
    with desk.write("demo.prepare") as work:
        session = work.session
        if session.exec(select(func.count(col(Customer.id)))).one():
            raise DemoNeedsEmptyVaultError
        tiers = sorted(tiers_on(session, desk.today()).values(), key=lambda tier: tier.order)
        return Branch(
            id=desk.officer.branch_id,
            owners=_owners(session),
            supervisor_id=_supervisor(session) or desk.officer.id,
            tiers=[Step(t.code, t.minimum_assets_minor, t.cadence_days) for t in tiers],
            products={
                product.code: Offer(product.id, product.rate_ppm, product.term_days)
                for product in session.exec(select(Product))
            },
            tags={name: work.add(Tag(name=name)).id for name in TAGS},
            custom_fields=_custom_fields(work),
        )


def _owners(session: Session) -> Weighted[int]:
    found = session.exec(select(Officer).where(col(Officer.active)).order_by(col(Officer.id))).all()
    of_role = {role: [officer for officer in found if officer.role is role] for role in _OWNED}
    return Weighted(
        (officer.id, _OWNED[role] / len(officers))
        for role, officers in of_role.items()
        for officer in officers
    )


def _supervisor(session: Session) -> int | None:
    return session.exec(
        select(Officer.id).where(Officer.role == Role.SUPERVISOR, col(Officer.active))
    ).first()


def _custom_fields(work: UnitOfWork) -> dict[str, int]:
    return {
        key: work.add(
            CustomField(
                customer_kind=kind, key=key, label=label, value_type="choice", choices=choices
            )
        ).id
        for key, (kind, label, choices) in FIELDS.items()
    }
