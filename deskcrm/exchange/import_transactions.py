"""Transactions: to accounts by number, each once, and the balance they leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import repeat
from typing import Any, NamedTuple

from deskcrm.errors import FieldError
from deskcrm.exchange.columns import Batch, Reject
from deskcrm.exchange.loading import UNKNOWN_ACCOUNT, Changes, Loading, column_of, only_rows
from deskcrm.i18n import N_
from deskcrm.models import Direction
from deskcrm.rules.money import HOME_CURRENCY, currency

_COLUMNS = (
    "id",
    "account_id",
    "reference",
    "booked_on",
    "booked_time",
    "direction",
    "amount_minor",
    "currency",
    "balance_after_minor",
    "kind",
    "category",
    "counterparty",
    "channel",
    "memo",
    "batch_id",
    "batch_line",
)
_WORDS = ("kind", "category", "counterparty", "channel", "memo")
_CONTENT = ("booked_on", "booked_time", "balance_after", "counterparty", "memo")
_CREDIT, _DEBIT = Direction.CREDIT.value, Direction.DEBIT.value
_CHUNK = 5_000

_ACCOUNTS = """
    SELECT a.number, a.id, a.currency, a.balance_minor, a.data_as_of, a.customer_id
      FROM json_each(?) AS wanted
      CROSS JOIN account AS a ON a.number = wanted.value
"""
_STORED = """
    SELECT t.reference, t.id, t.account_id, t.booked_on, t.direction, t.amount_minor
      FROM json_each(?) AS wanted
      CROSS JOIN account_transaction AS t ON t.reference = wanted.value
"""
# The last booking that left a balance, where some of that day were stored before. Without times
# the order of the file counts, and what this file brought comes after what was there.
_LATEST = """
    SELECT a.id, a.balance_minor, a.data_as_of, t.balance_after_minor, t.booked_on
      FROM json_each(?1) AS wanted
      CROSS JOIN account AS a ON a.id = wanted.value
      JOIN account_transaction AS t ON t.id = (
             SELECT x.id FROM account_transaction AS x
              WHERE x.account_id = a.id AND x.currency = a.currency
                AND x.balance_after_minor IS NOT NULL
              ORDER BY x.booked_on DESC, coalesce(x.booked_time, '') DESC,
                       x.batch_id IS ?2 DESC, x.id {order} LIMIT 1)
     WHERE t.batch_id = ?2 AND coalesce(a.data_as_of, '') <= t.booked_on
"""


class _Account(NamedTuple):
    id: int
    currency: str
    balance: int | None
    as_of: str | None


@dataclass(slots=True)
class _Left:
    """The balance that the last booking of the file left: of those at the same time, that of the
    first and of the last row. ``some_known`` says that rows of the account were stored before."""

    moment: tuple[str, str]
    by_first: int
    by_last: int
    some_known: bool = False


class TransactionLoader:
    """Writes transactions; one that is stored already is left as it is."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self._accounts: dict[str, _Account | None] = {}
        self._seen: Counter[bytes] = Counter()
        self._left: dict[_Account, _Left] = {}
        self._first_day = self._last_day = self._through = ""
        self._digits = currency(loading.currency or HOME_CURRENCY).digits

    def load(self, batch: Batch) -> list[Reject]:
        self._look_up(batch.values["account_number"])
        problems = dict(self._problems(batch))
        directions, amounts = self._money(batch, problems)
        rejects = [self._loading.reject(batch, row, *why) for row, why in problems.items()]
        if problems:
            keep = [row not in problems for row in range(len(batch.lines))]
            batch = only_rows(batch, keep)
            directions = [one for one, kept in zip(directions, keep, strict=True) if kept]
            amounts = [one for one, kept in zip(amounts, keep, strict=True) if kept]
        if batch.lines:
            rejects += self._write(batch, directions, amounts)
        return rejects

    def finish(self) -> None:
        """Set the balance of each account to the one its last booking left, if that is newer."""
        if self._through:
            self._loading.through = date.fromisoformat(self._through)
        newest_first = self._last_day < self._first_day
        newer: list[tuple[int, Changes]] = []
        shared: list[int] = []
        for account, left in self._left.items():
            day, as_of = left.moment[0], account.as_of or ""
            if as_of == day or (left.some_known and as_of < day):
                shared.append(account.id)
            elif as_of < day:
                balance = left.by_first if newest_first else left.by_last
                newer.append((account.id, _newer(account.balance, account.as_of, balance, day)))
        statement = _LATEST.format(order="ASC" if newest_first else "DESC")
        for start in range(0, len(shared), _CHUNK):
            chunk = sorted(shared[start : start + _CHUNK])
            found = self._loading.rows(statement, chunk, self._loading.batch_id)
            newer += [
                (account, _newer(before, as_of, after, booked_on))
                for account, before, as_of, after, booked_on in found
                if (before, as_of) != (after, booked_on)
            ]
        self._loading.update("account", newer)

    def _look_up(self, numbers: Sequence[Any]) -> None:
        unknown = sorted(set(numbers).difference(self._accounts))
        self._accounts.update(dict.fromkeys(unknown))
        own = self._loading.own_customers
        for number, *account, customer_id in self._loading.rows(_ACCOUNTS, unknown):
            if own is None or customer_id in own:
                self._accounts[number] = _Account(*account)

    def _problems(self, batch: Batch) -> Iterator[tuple[int, tuple[str, FieldError]]]:
        """Rows whose account is not known, or kept in money that the amounts were not read as."""
        numbers: Sequence[Any] = batch.values["account_number"]
        accounts = self._accounts
        different = {accounts[number] for number in set(numbers)}
        if {account and account.currency for account in different} <= {HOME_CURRENCY}:
            return
        for row, account in enumerate(map(accounts.__getitem__, numbers)):
            if account is None:
                yield row, ("account_number", FieldError(UNKNOWN_ACCOUNT))
            elif account.currency != HOME_CURRENCY and not self._reads(batch, row, account):
                reason = FieldError(
                    N_("This account is kept in {currency}. Add a column with the currency."),
                    currency=account.currency,
                )
                yield row, ("account_number", reason)

    def _reads(self, batch: Batch, row: int, account: _Account) -> bool:
        given = column_of(batch, "currency")[row] or self._loading.currency
        return bool(given) or currency(account.currency).digits == self._digits

    def _money(
        self, batch: Batch, problems: dict[int, tuple[str, FieldError]]
    ) -> tuple[Sequence[str], Sequence[int]]:
        """Direction and positive amount of every row; what contradicts itself is a problem."""
        given, amounts = column_of(batch, "direction"), column_of(batch, "amount")
        if None not in given and None not in amounts and min(amounts, default=0) >= 0:
            return given, amounts
        directions, positive = [], []
        money_in, money_out = column_of(batch, "amount_in"), column_of(batch, "amount_out")
        rows = zip(given, amounts, money_in, money_out, strict=True)
        for row, values in enumerate(rows):
            direction, amount = _CREDIT, 0
            try:
                direction, amount = direction_and_amount(*values)
            except FieldError as error:
                name = "amount" if values[1] is not None else "amount_in"
                problems.setdefault(row, (name, error))
            directions.append(direction)
            positive.append(amount)
        return directions, positive

    def _write(
        self, batch: Batch, directions: Sequence[str], amounts: Sequence[int]
    ) -> list[Reject]:
        loading, values = self._loading, batch.values
        numbers: Sequence[Any] = values["account_number"]
        accounts: list[_Account] = list(map(self._accounts.__getitem__, numbers))  # type: ignore[arg-type]
        account_ids = [account.id for account in accounts]
        days: Sequence[Any] = values["booked_on"]
        references = self._references(batch, directions, amounts)
        balances = column_of(batch, "balance_after")
        ids = loading.work.new_ids(len(numbers))
        rows = list(
            zip(
                ids,
                account_ids,
                references,
                days,
                column_of(batch, "booked_time"),
                directions,
                amounts,
                self._currencies(batch, accounts),
                balances,
                *([text or "" for text in column_of(batch, name)] for name in _WORDS),
                repeat(loading.batch_id),
                batch.lines,
                strict=False,
            )
        )
        count = loading.insert(
            "account_transaction", _COLUMNS, rows, "ON CONFLICT (reference) DO NOTHING"
        )
        loading.created += count
        self._first_day = self._first_day or days[0]
        self._last_day = days[-1]
        self._through = max(self._through, *days)
        times, currencies = column_of(batch, "booked_time"), [row[7] for row in rows]
        self._note_balances(accounts, currencies, days, times, balances)
        if count == len(rows):
            return []
        for account in accounts:
            if account in self._left:
                self._left[account].some_known = True
        return self._known(batch, rows)

    def _note_balances(
        self,
        accounts: Sequence[_Account],
        currencies: Sequence[str],
        days: Sequence[str],
        times: Sequence[str | None],
        balances: Sequence[int | None],
    ) -> None:
        known = self._left
        for account, money, day, time, balance in zip(
            accounts, currencies, days, times, balances, strict=True
        ):
            if balance is None or money != account.currency:
                continue
            moment = (day, time or "")
            left = known.get(account)
            if left is None or left.moment < moment:
                known[account] = _Left(
                    moment, balance, balance, left is not None and left.some_known
                )
            elif left.moment == moment:
                left.by_last = balance

    def _currencies(self, batch: Batch, accounts: Sequence[_Account]) -> list[str]:
        default = self._loading.currency
        given = column_of(batch, "currency")
        return [
            money or default or account.currency
            for money, account in zip(given, accounts, strict=True)
        ]

    def _references(
        self, batch: Batch, directions: Sequence[str], amounts: Sequence[int]
    ) -> Sequence[str]:
        """The references; one that is missing is made of the content and how often it came."""
        given = column_of(batch, "reference")
        if None not in given:
            return given
        content = zip(
            batch.values["account_number"],
            directions,
            amounts,
            *(column_of(batch, name) for name in _CONTENT),
            strict=True,
        )
        return [
            reference or self._made_up(repr(row))
            for reference, row in zip(given, content, strict=True)
        ]

    def _made_up(self, content: str) -> str:
        digest = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        self._seen[digest] += 1
        return f"~{digest.hex()}-{self._seen[digest]}"

    def _known(self, batch: Batch, rows: Sequence[Sequence[Any]]) -> list[Reject]:
        """Tell rows that are stored already from those whose reference another one has."""
        loading, rejects = self._loading, []
        stored = {row[0]: row[1:] for row in loading.rows(_STORED, [row[2] for row in rows])}
        for place, row in enumerate(rows):
            transaction_id, account_id, booked_on, direction, amount = stored[row[2]]
            if transaction_id == row[0]:
                continue
            if (account_id, booked_on, direction, amount) == (row[1], row[3], row[5], row[6]):
                loading.unchanged += 1
            else:
                reason = FieldError(N_("Another transaction has this reference already."))
                rejects.append(loading.reject(batch, place, "reference", reason))
        return rejects


def _newer(before: int | None, as_of: str | None, after: int, booked_on: str) -> Changes:
    return {"balance_minor": (before, after), "data_as_of": (as_of, booked_on)}


def direction_and_amount(
    direction: str | None, amount: int | None, money_in: int | None, money_out: int | None
) -> tuple[str, int]:
    """Which way the money went, and the positive amount in minor units.

    ``money_in`` and ``money_out`` are the two columns of a statement that has two. Without a
    direction the sign says it; a debit may be written as negative, a negative credit is refused.
    """
    if amount is None:
        if money_in is None and money_out is None:
            raise FieldError(N_("This must be filled in."))
        if money_in and money_out:
            raise FieldError(N_("The row has both money in and money out."))
        amount = (money_in or 0) - (money_out or 0)
        direction = None
    if direction is None:
        return (_CREDIT if amount >= 0 else _DEBIT), abs(amount)
    if amount < 0 and direction == _CREDIT:
        raise FieldError(N_("The amount is negative, but the direction says that money came in."))
    return direction, abs(amount)
