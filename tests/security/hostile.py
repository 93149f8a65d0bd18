"""Hostile strings in every free-text field of a branch, as if an older program had let them in.

Field number ``n`` of a customer holds ``q<n>q<string>z<n>z``: what stands between the two marks on
the screen must be the cleaned string and nothing else.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from deskcrm.models import (
    Account,
    BalanceItem,
    Branch,
    Case,
    Consent,
    ContactChannel,
    Customer,
    CustomerKind,
    CustomerTag,
    CustomField,
    CustomValue,
    Document,
    Draft,
    FinancialStatement,
    Followup,
    ImportantDate,
    ImportBatch,
    Interaction,
    Officer,
    Relation,
    Tag,
    Transaction,
)
from deskcrm.models.base import Record
from deskcrm.services.desk import Desk
from tests.desks import add_customer

ESCAPES = (
    "\x1b]52;c;aGFja2Vk\x07",  # the clipboard
    "\x1b]0;pwned\x07",  # the window's title
    "\x1b[2J\x1b[H",  # an empty screen
    "\x1b[31m",
    "\x9b31m",  # the same with an 8-bit introducer
    "\x9d52;c;aGFja2Vk\x9c",
    "\x1bP+q544e\x1b\\",  # a device control string
    "\x1b[6n",  # asks the terminal to type an answer
    "\x1b[?1049l",  # leaves the alternate screen
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1bc",  # resets the terminal
    "\x00\x07\x08\x0b\x0e\x7f\x85",
    "\r\n\t",
)
MARKUP = (
    "[@click=app.quit]x[/]",
    "[bold]x[/bold]",
    "[/]",
    "Li [Wei]",
    "[link=http://evil.example]x[/link]",
    "[on red",
    "]x[",
    "$text-error[$primary]",
    "\\[x]",
)
BIDI = ("\u202eabc\u202c", "\u2066x\u2069", "\u200fאב", "")
ZERO_WIDTH = ("\u200b", "\ufeff", "\u00ad\u2060", "\u200d\u180e", "\u2028\u2029", "\U000e0041")
COMBINED = tuple("".join(parts) for parts in itertools.product(ESCAPES, MARKUP, BIDI, ZERO_WIDTH))
STRUCTURE = frozenset(
    {"currency", "rule_code", "period", "key", "form_key", "name_sort", "login", "time_zone"}
    | {"normalized", "value_type", "file_sha256", "state", "side", "booked_time", "tier", "form"}
)
"""Columns of text that name something of the program's own and are never typed."""


def samples(naughty: Path | None, count: int | None) -> list[str]:
    """The combined strings and the Big List of Naughty Strings; ``count`` of them, or all."""
    listed: list[str] = json.loads(naughty.read_text("utf-8")) if naughty else []
    storable = [text for text in listed if _storable(text)]
    if count is None:
        return [*COMBINED, *storable]
    half = count // 2 if storable else count
    return [*_spread(COMBINED, half), *_spread(storable, count - half)]


def _spread(strings: Sequence[str], count: int) -> list[str]:
    return [strings[place * len(strings) // count] for place in range(count)]


def _storable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


@dataclass
class Planter:
    """Fills rows with the strings in turn, so that each comes to every field in the end."""

    strings: Sequence[str]
    planted: dict[int, str] = field(default_factory=dict)
    """What stands in each numbered field, of all customers."""
    where: dict[int, str] = field(default_factory=dict)
    """Table and column of each numbered field."""

    def text(self, where: str) -> str:
        """The next field's value."""
        number = len(self.planted)
        string = self.strings[number % len(self.strings)]
        self.planted[number] = string
        self.where[number] = where
        return f"q{number}q{string}z{number}z"

    def fill(self, row: Record) -> Any:
        """Put a string into every column of free text that has no value of its own yet."""
        for name, info in type(row).model_fields.items():
            text = str in (get_args(info.annotation) or (info.annotation,))
            given = getattr(row, name, None) not in (None, "", info.default)
            if text and name not in STRUCTURE and not given:
                setattr(row, name, self.text(f"{row.__tablename__}.{name}"))
        return row


def plant_branch(desk: Desk, planter: Planter) -> None:
    """Hostile names of the branch, this officer and a colleague, and a hostile import."""
    with desk.write("test.plant") as work:
        branch = work.session.get_one(Branch, desk.officer.branch_id)
        officer = work.session.get_one(Officer, desk.officer.id)
        branch.name, officer.name = planter.text("branch.name"), planter.text("officer.name")
        batch = ImportBatch(
            kind="customers",
            officer_id=officer.id,
            started_at=work.now,
            file_sha256="",
            change_set_id=work.id,
        )
        work.add(planter.fill(batch))


def plant_customer(desk: Desk, planter: Planter, kind: CustomerKind) -> int:
    """A customer with hostile text in every field, and with one of everything around them."""
    name = planter.text("customer.name")
    late = desk.today() - timedelta(days=100)
    customer_id = add_customer(desk, name, kind=kind, cadence_days=60, cadence_anchor_on=late)
    with desk.write("test.plant") as work:
        customer = work.session.get_one(Customer, customer_id)
        planter.fill(customer)
        for row in _around(customer_id, desk, work.now):
            work.add(planter.fill(row))
        work.session.flush()
        account = planter.fill(Account(customer_id=customer_id, opened_on=late))
        work.add(account)
        tag = planter.fill(Tag())
        work.add(tag)
        own_field = CustomField(
            customer_kind=customer.kind, key=f"k{customer_id}", value_type="text"
        )
        work.add(planter.fill(own_field))
        work.session.flush()
        moved = {"account_id": account.id, "booked_on": late, "direction": "debit"}
        work.add(planter.fill(Transaction(**moved, amount_minor=12_300)))
        work.add(CustomerTag(customer_id=customer_id, tag_id=tag.id))
        work.add(planter.fill(CustomValue(customer_id=customer_id, field_id=own_field.id)))
        values = {"notes": planter.text("draft.values"), "needs": planter.text("draft.values")}
        work.add(
            Draft(
                officer_id=desk.officer.id,
                form="call_sheet",
                subject_id=customer_id,
                values={**values, "form_key": f"{customer_id}"},
                saved_at=work.now,
            )
        )
    return customer_id


def _around(customer_id: int, desk: Desk, now: Any) -> Iterator[Record]:
    """One row of every table that hangs on a customer."""
    today = desk.today()
    yield ContactChannel(customer_id=customer_id, kind="mobile", normalized="0", preferred=True)
    yield ImportantDate(customer_id=customer_id, kind="", month=5, day=1, key="S05-01")
    yield FinancialStatement(customer_id=customer_id, period="2025", revenue_minor=100)
    yield BalanceItem(customer_id=customer_id, side="asset", amount_minor=1, as_of=today)
    yield Relation(customer_id=customer_id)
    yield Consent(customer_id=customer_id, granted=True, stated_at=now)
    yield Case(customer_id=customer_id, kind="complaint", opened_on=today, due_on=today)
    yield Document(customer_id=customer_id, expires_on=today + timedelta(days=9))
    yield Interaction(
        customer_id=customer_id,
        officer_id=desk.officer.id,
        channel="phone",
        at=now - timedelta(days=100),
        contact_on=today - timedelta(days=100),
        next_kind="send",
        next_on=date(2024, 1, 5),
        recorded_at=now,
    )
    yield Followup(
        customer_id=customer_id,
        rule_code="manual",
        period=f"p{customer_id}",
        owner_id=desk.officer.id,
        due_on=today,
        raised_at=now,
    )
