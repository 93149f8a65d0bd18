"""The list of customers, and the small things that are set on one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import text as sql
from sqlmodel import col, select

from deskcrm.errors import FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.models import (
    Consent,
    CustomerKind,
    CustomerStatus,
    DateCalendar,
    ImportantDate,
)
from deskcrm.rules.customer_words import known_word
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.rules.money import HOME_CURRENCY, Money
from deskcrm.rules.recurring_dates import YearlyCalendar, YearlyDateError, date_key
from deskcrm.rules.search_tokens import query_steps, query_terms
from deskcrm.rules.text import clean, clean_multiline
from deskcrm.services.authority import allow, visible_customer, visible_sql
from deskcrm.services.desk import Desk
from deskcrm.services.pages import PAGE_SIZE, Page, page_of
from deskcrm.services.search_index import DOCUMENT_MASK
from deskcrm.vault.session import ChangeSet

LONGEST_NOTE = 500


class Sort(StrEnum):
    """Orders of the list."""

    NAME = "name"
    LAST_CONTACT = "last_contact"
    NEWEST = "newest"


_ORDERS = {
    Sort.NAME: "c.name_sort, c.id",
    Sort.LAST_CONTACT: "c.last_contact_on, c.id",
    Sort.NEWEST: "c.id DESC",
}
# The page is found in an index first; only its rows are read in full.
_PAGE = """
    SELECT c.id, c.name, c.kind, c.tier, c.status, c.number, coalesce(o.name, ''),
           c.last_contact_on,
           (SELECT normalized FROM contact_channel
             WHERE customer_id = c.id AND kind IN ('mobile', 'landline')
             ORDER BY preferred DESC, id LIMIT 1),
           (SELECT min(f.due_on) FROM followup f WHERE f.customer_id = c.id AND f.state = 'open'),
           (SELECT coalesce(sum(a.balance_minor), 0) FROM account a
             WHERE a.customer_id = c.id AND a.currency = :home)
      FROM ({ids}) page
      JOIN customer c ON c.id = page.id
      LEFT JOIN officer o ON o.id = c.owner_id
     ORDER BY {order}
"""
_FOUND = f"""
    c.id IN (SELECT d.customer_id FROM {{table}} s
               JOIN search_document d ON d.document = s.rowid & {DOCUMENT_MASK}
              WHERE {{table}} MATCH :{{name}})"""


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What the list is narrowed to; nothing set means all active customers."""

    kind: CustomerKind | None = None
    tier: str | None = None
    text: str = ""
    status: CustomerStatus = CustomerStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line of the list. ``balance`` sums the accounts in the home currency."""

    id: int
    name: str
    kind: CustomerKind
    tier: str
    status: CustomerStatus
    number: str
    owner_name: str
    last_contact_on: date | None
    phone: Masked | None
    next_due_on: date | None
    balance: Money


def list_customers(
    desk: Desk,
    *,
    narrowed: CustomerFilter | None = None,
    sort: Sort = Sort.NAME,
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> Page[CustomerRow]:
    """One page of the customers that the officer may see."""
    allow(desk, "customer.view")
    where, values = _where(desk, narrowed or CustomerFilter())
    order = _ORDERS[sort]
    ids = f"SELECT c.id FROM customer c WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset"
    statement = sql(_PAGE.format(ids=ids, order=order))
    values |= {"home": HOME_CURRENCY, "limit": limit + 1, "offset": offset}
    with desk.read() as session:
        rows = session.connection().execute(statement, values).all()
    return page_of([_view(row) for row in rows], offset, limit)


def count_customers(desk: Desk, narrowed: CustomerFilter | None = None) -> int:
    """How many customers the whole list has; slower than a page of it."""
    allow(desk, "customer.view")
    where, values = _where(desk, narrowed or CustomerFilter())
    with desk.read() as session:
        counted = session.connection().execute(
            sql(f"SELECT count(*) FROM customer c WHERE {where}"), values
        )
        return int(counted.scalar_one())


def pin_note(desk: Desk, customer_id: int, note: str) -> ChangeSet:
    """Pin a note to the top of the customer, or take it off with an empty one."""
    allow(desk, "customer.edit")
    kept = clean_multiline(note).strip()
    if len(kept) > LONGEST_NOTE:
        raise InvalidError(
            {"note": FieldError(N_("A pinned note has at most {n} characters."), n=LONGEST_NOTE)}
        )
    with desk.write("customer.pin_note") as work:
        visible_customer(desk, work.session, customer_id).pinned_note = kept
    return work.change_set


def set_do_not_call(desk: Desk, customer_id: int, wanted: bool) -> ChangeSet:
    """Write down that the customer does not want to be called, or does again."""
    allow(desk, "customer.edit")
    with desk.write("customer.do_not_call") as work:
        visible_customer(desk, work.session, customer_id).do_not_call = wanted
    return work.change_set


def add_important_date(
    desk: Desk,
    customer_id: int,
    kind: str,
    month: int,
    day: int,
    *,
    calendar: DateCalendar = DateCalendar.SOLAR,
    year: int | None = None,
    label: str = "",
) -> ChangeSet:
    """Remember a yearly date, by the solar or the lunar calendar.

    Raises ``InvalidError`` for an unknown kind or a day that no year has.
    """
    allow(desk, "customer.edit")
    known_word("yearly", "kind", kind)
    yearly = YearlyCalendar.SOLAR if calendar is DateCalendar.SOLAR else YearlyCalendar.LUNAR
    try:
        key = date_key(yearly, month, day)
    except YearlyDateError as error:
        raise InvalidError({"day": error}) from error
    with desk.write("customer.date") as work:
        customer = visible_customer(desk, work.session, customer_id)
        dated = ImportantDate(
            customer_id=customer.id,
            kind=kind,
            calendar=calendar,
            month=month,
            day=day,
            year=year,
            key=key,
            label=clean(label).strip(),
        )
        same = select(ImportantDate.id).where(
            col(ImportantDate.customer_id) == customer.id,
            col(ImportantDate.kind) == kind,
            col(ImportantDate.key) == key,
        )
        if work.session.exec(same).first() is None:
            work.add(dated)
    return work.change_set


def state_consent(
    desk: Desk,
    customer_id: int,
    purpose: str,
    granted: bool,
    *,
    channel: str = "",
    source: str = "",
    expires_on: date | None = None,
) -> ChangeSet:
    """Write down that the customer consented to a purpose, or refused; the latest word counts."""
    allow(desk, "customer.edit")
    known_word("consent", "purpose", purpose)
    with desk.write("customer.consent") as work:
        customer = visible_customer(desk, work.session, customer_id)
        work.add(
            Consent(
                customer_id=customer.id,
                purpose=purpose,
                channel=channel,
                granted=granted,
                stated_at=work.now,
                source=clean(source).strip(),
                expires_on=expires_on,
            )
        )
    return work.change_set


def _where(desk: Desk, narrowed: CustomerFilter) -> tuple[str, dict[str, Any]]:
    scope, values = visible_sql(desk)
    conditions = ["c.status = :status", scope]
    values["status"] = narrowed.status.value
    if narrowed.kind is not None:
        conditions.append("c.kind = :kind")
        values["kind"] = narrowed.kind.value
    if narrowed.tier is not None:
        conditions.append("c.tier = :tier")
        values["tier"] = narrowed.tier
    if narrowed.text.strip():
        conditions += _text_conditions(narrowed.text, values)
    return " AND ".join(conditions), values


def _text_conditions(text: str, values: dict[str, Any]) -> list[str]:
    steps = query_steps(query_terms(text))
    if not steps:
        return ["0"]
    anywhere, conditions = steps[-1], []
    for table, asked in (("search_name", anywhere.names), ("search_number", anywhere.numbers)):
        if asked:
            conditions.append(_FOUND.format(table=table, name=table))
            values[table] = asked
    for number, part in enumerate(anywhere.contains):
        conditions.append(f"instr(c.name || ' ' || c.other_name, :part{number})")
        values[f"part{number}"] = part
    return conditions


def _view(row: Any) -> CustomerRow:
    contacted, phone, due = row[7], row[8], row[9]
    return CustomerRow(
        row[0],
        row[1],
        CustomerKind(row[2]),
        row[3],
        CustomerStatus(row[4]),
        row[5] or "",
        row[6],
        date.fromisoformat(contacted) if contacted else None,
        mask(MaskKind.PHONE, phone) if phone else None,
        date.fromisoformat(due) if due else None,
        Money(row[10]),
    )
