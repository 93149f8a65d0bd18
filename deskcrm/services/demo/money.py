"""What the customers hold, and two years of bookings that add up.

On every account the balance before the first booking plus the bookings is the present balance.
What is owed (loans, credit cards) is a negative balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from deskcrm.models import Account, CustomerKind, RiskTolerance
from deskcrm.rules.identity import card_check_digit
from deskcrm.services.demo import sources
from deskcrm.services.demo.dice import Dice, Weighted
from deskcrm.services.demo.scene import HISTORY_DAYS, Client, Scene
from deskcrm.services.demo.sources import MINOR, Payment

CARD_PREFIX = "999999"
"""No bank issues cards under it: 9 is for national use and 999 is no country."""

_GAP = 7_919  # between two numbers, so that their last digits differ
_TIMES = [f"{h:02d}:{m:02d}:{s:02d}" for h in range(8, 22) for m, s in ((3, 41), (17, 5), (38, 56))]
_NIGHT = "02:30:00"
_BUSY, _REGULAR, _QUIET = "busy", "regular", "quiet"
_HABITS = Weighted([(_BUSY, 15), (_REGULAR, 29), (_QUIET, 56)])
_AGGRESSIVE = {RiskTolerance.C4, RiskTolerance.C5}
_INCOMING = ("本人他行账户", "家人转账", "还款", "货款", "房租收入")
_OUTGOING = ("本人他行账户", "家人转账", "房东", "装修款", "朋友借款")

Move = tuple[int, str, int, str, str, str, str]
"""Day of the history, time, signed minor units, kind, category, counterparty, channel."""


@dataclass(slots=True)
class _Contract:
    """An account to be opened."""

    type: str
    product: str
    balance_minor: int
    opened_on: date
    matures_on: date | None = None
    account_class: str = ""


def open_accounts(scene: Scene, client: Client) -> None:
    """Gather the accounts of a customer with their bookings; sets what it owns in all."""
    if client.kind is CustomerKind.PROSPECT:
        return
    dice = scene.dice
    company = client.kind is CustomerKind.CORPORATE
    wealth = int(dice.around(420_000 if company else 62_000, 1.5)) * MINOR
    liquid = int(wealth * (0.6 if company else 0.08 + 0.3 * dice.random()))
    moves = _company_moves(scene) if company else _person_moves(scene, client, liquid)
    moves = _since(moves, scene.days.number(client.opened_on))
    opening = _opening(moves, liquid)
    first = _Contract(
        "current", "CUR", opening + sum(m[2] for m in moves), client.opened_on, None, "I"
    )
    _book(scene, client, first, moves)
    held = first.balance_minor
    held += _invest(scene, client, wealth - liquid, company)
    _borrow(scene, client, company)
    client.assets_minor = held


def account_number(serial: int) -> str:
    """A card-like number of 19 digits with a Luhn check digit; another for every serial."""
    payload = f"{CARD_PREFIX}{serial * _GAP:012d}"
    return payload + card_check_digit(payload)


def _opening(moves: list[Move], wanted_minor: int) -> int:
    """A balance to begin with that ends near ``wanted_minor`` and never falls below zero."""
    lowest = total = 0
    for move in moves:
        total += move[2]
        lowest = min(lowest, total)
    return max(wanted_minor - total, -lowest)


def _since(moves: list[Move], first_day: int) -> list[Move]:
    """The moves in order, without those before the account was opened."""
    kept = [move for move in moves if move[0] >= first_day]
    kept.sort()
    return kept


def _person_moves(scene: Scene, client: Client, liquid: int) -> list[Move]:
    dice, days = scene.dice, scene.days
    habit = dice.draw(_HABITS)
    interest = max(1, liquid // 8000)
    credited = days.interest if habit != _QUIET else days.interest[-4:]
    moves: list[Move] = [
        (day, _NIGHT, interest, "interest", "interest", "", "batch") for day in credited
    ]
    monthly = client.monthly_minor
    if habit == _BUSY and monthly:
        moves += _wages(scene, client, monthly)
    payments = {_BUSY: 20, _REGULAR: 9, _QUIET: 0}[habit] + int(dice.random() * 3)
    moves += [_payment(dice, sources.spending(), third_party=True) for _ in range(payments)]
    for _ in range(int(dice.random() * (4 if habit != _QUIET else 1.6))):
        moves.append(_transfer(dice, max(monthly, 300_000)))
    return moves


def _wages(scene: Scene, client: Client, monthly: int) -> list[Move]:
    dice, days = scene.dice, scene.days
    employer = str(client.fields["employer"])
    pension = client.fields["occupation"] == sources.work().retired.name
    category = "pension" if pension else "salary"
    payer = "杭州市社会保险管理中心" if pension else employer or "代发工资"
    payday = days.of_month[dice.between(5, 15)]
    moves: list[Move] = [
        (day, "09:05:00", monthly, "transfer_in", category, payer, "batch") for day in payday
    ]
    if dice.chance(0.45):
        rent = monthly * dice.between(22, 38) // 100
        loan = dice.chance(0.5)
        label, payee = ("loan_payment", "住房贷款还款") if loan else ("rent", "房东")
        moves += [
            (day, "10:30:00", -rent, "transfer_out", label, payee, "mobile")
            for day in days.of_month[20]
        ]
    saved = monthly * dice.between(35, 50) // 100
    moves += [
        (day, "20:15:00", -saved, "transfer_out", "savings", "本人他行账户", "mobile")
        for day in days.of_month[25][::2]
    ]
    return moves


def _payment(dice: Dice, table: Weighted[Payment], *, third_party: bool = False) -> Move:
    paid = dice.draw(table)
    # Small amounts are common, large ones rare.
    yuan = paid.low + (paid.high - paid.low) * dice.random() ** 3
    channel = ("third_party", "third_party", "pos") if third_party else ("online", "counter")
    return (
        int(dice.random() * HISTORY_DAYS),
        dice.pick(_TIMES),
        -int(yuan * MINOR),
        "purchase" if third_party else "transfer_out",
        paid.category,
        dice.pick(paid.payees),
        dice.pick(channel),
    )


def _transfer(dice: Dice, usual: int) -> Move:
    amount = max(100, int(dice.around(usual, 0.9)) // 10_000 * 10_000)
    day, when = int(dice.random() * HISTORY_DAYS), dice.pick(_TIMES)
    if dice.chance(0.5):
        return (day, when, amount, "transfer_in", "", dice.pick(_INCOMING), "mobile")
    if dice.chance(0.3):
        return (day, when, -min(amount, 5_000_000), "cash_withdrawal", "", "", "atm")
    return (day, when, -amount, "transfer_out", "", dice.pick(_OUTGOING), "mobile")


def _company_moves(scene: Scene) -> list[Move]:
    dice, days = scene.dice, scene.days
    moves: list[Move] = [
        (day, _NIGHT, dice.between(500, 90_000), "interest", "interest", "", "batch")
        for day in days.interest
    ]
    paid = [_payment(dice, sources.company_payments()) for _ in range(dice.between(10, 36))]
    received = int(-sum(move[2] for move in paid) * (0.9 + 0.25 * dice.random()))
    parts = dice.between(6, 14)
    moves += paid
    for _ in range(parts):
        share = int(received / parts * (0.5 + dice.random()))
        buyer = dice.pick(dice.draw(sources.company_payments()).payees)
        day = int(dice.random() * HISTORY_DAYS)
        moves.append((day, dice.pick(_TIMES), share, "transfer_in", "sales", buyer, "online"))
    moves += [
        (day, _NIGHT, -2_000, "fee", "", "账户管理费", "batch") for day in days.of_month[1][::6]
    ]
    return moves


def _invest(scene: Scene, client: Client, left: int, company: bool) -> int:
    """Put what is not liquid into deposits and wealth products; how much that was."""
    placed, dice = 0, scene.dice
    if left < 10_000 * MINOR:
        return 0
    for _ in range(dice.between(1, 3)):
        part = left if left < 100_000 * MINOR else int(left * (0.3 + 0.5 * dice.random()))
        part = part // (1_000 * MINOR) * 1_000 * MINOR
        if part < 5_000 * MINOR:
            break
        type_, code = _placement(scene, client, part, company)
        _book_placement(scene, client, type_, code, part)
        placed, left = placed + part, left - part
    return placed


def _placement(scene: Scene, client: Client, part: int, company: bool) -> tuple[str, str]:
    tolerance, chance = client.fields.get("risk_tolerance"), scene.dice.random()
    if company or tolerance is None or chance < 0.55:
        return "term", "CD-20" if part >= 200_000 * MINOR else "TD-36" if chance < 0.3 else "TD-12"
    if tolerance in _AGGRESSIVE and chance > 0.85:
        return "fund", "FUND-R4"
    if tolerance is not RiskTolerance.C1 and tolerance is not RiskTolerance.C2 and chance > 0.75:
        return "wealth", "WM-R3"
    if chance > 0.96:
        return "insurance", "INS"
    return ("term", "TD-12") if tolerance is RiskTolerance.C1 else ("wealth", "WM-R2")


def _book_placement(scene: Scene, client: Client, type_: str, code: str, part: int) -> None:
    dice, today = scene.dice, scene.today
    term = scene.branch.products[code].term_days
    oldest = min(term or 1400, (today - client.opened_on).days)
    opened_on = today - timedelta(days=dice.between(1, max(oldest - 1, 1)))
    matures_on = opened_on + timedelta(days=term) if term else None
    day = scene.days.number(opened_on)
    paid_in: list[Move] = (
        [(day, "10:20:00", part, "transfer_in", type_, client.name, "mobile")] if day >= 0 else []
    )
    _book(scene, client, _Contract(type_, code, part, opened_on, matures_on), paid_in)


def _borrow(scene: Scene, client: Client, company: bool) -> None:
    dice = scene.dice
    if company:
        if dice.chance(0.35):
            _lend(scene, client, "LOAN-B", dice.between(30, 800) * 10_000 * MINOR, 4)
        return
    if client.monthly_minor and client.married and dice.chance(0.2):
        _lend(scene, client, "LOAN-H", dice.between(40, 320) * 10_000 * MINOR, 12)
    elif client.monthly_minor and dice.chance(0.07):
        _lend(scene, client, "LOAN-C", dice.between(3, 30) * 10_000 * MINOR, 6)
    if client.monthly_minor and dice.chance(0.3):
        _credit_card(scene, client)


def _lend(scene: Scene, client: Client, code: str, owed: int, payments: int) -> None:
    dice, today = scene.dice, scene.today
    term = scene.branch.products[code].term_days or 365
    longest = min(term - 30, (today - client.opened_on).days)
    opened_on = today - timedelta(days=dice.between(min(60, longest), longest))
    monthly = max(owed // (term // 30), 1)
    due = scene.days.of_month[20][-payments:]
    moves: list[Move] = [
        (day, _NIGHT, monthly, "transfer_in", "loan_payment", client.name, "batch") for day in due
    ]
    contract = _Contract("loan", code, -owed, opened_on, opened_on + timedelta(days=term))
    _book(scene, client, contract, _since(moves, scene.days.number(opened_on) + 1))


def _credit_card(scene: Scene, client: Client) -> None:
    dice = scene.dice
    bought = [_payment(dice, sources.spending(), third_party=True) for _ in range(6)]
    bought.sort()
    bought = _since(bought, scene.days.number(client.opened_on))
    owed = sum(move[2] for move in bought[len(bought) // 2 :])
    _book(scene, client, _Contract("credit_card", "CARD", owed, client.opened_on), bought)


def _book(scene: Scene, client: Client, contract: _Contract, moves: list[Move]) -> None:
    """Gather an account and its bookings, which end at the balance of the contract."""
    rows, offer, today = scene.rows, scene.branch.products[contract.product], scene.today
    account_id = rows.new_id()
    scene.accounts += 1
    rows.add(
        Account,
        id=account_id,
        customer_id=client.id,
        number=account_number(scene.accounts),
        type=contract.type,
        account_class=contract.account_class,
        balance_minor=contract.balance_minor,
        rate_ppm=offer.rate_ppm,
        opened_on=contract.opened_on,
        matures_on=contract.matures_on,
        product_id=offer.id,
        data_as_of=today - timedelta(days=1),
    )
    balance = contract.balance_minor - sum([move[2] for move in moves])
    iso, new_id, gather = scene.days.iso, rows.new_id, rows.bookings.append
    for day, when, signed, kind, category, counterparty, channel in moves:
        balance += signed
        gather(
            (
                new_id(),
                account_id,
                iso[day],
                when,
                "credit" if signed > 0 else "debit",
                abs(signed),
                balance,
                kind,
                category,
                counterparty,
                channel,
            )
        )
