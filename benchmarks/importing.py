"""Bringing in transactions of the officer's customers from a file: checked, inserted, indexed."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

from benchmarks.branches import copy_of, open_branch
from benchmarks.harness import Bench, Figure
from deskcrm.exchange.importer import import_file
from deskcrm.services.desk import Desk

GOAL_ROWS_PER_SECOND = 50_000.0

_ROWS_PER_CUSTOMER = 5
_MOST_ROWS = 500_000
_HEADER = (
    *("流水号", "账号", "交易日期", "交易时间", "借贷标志", "金额"),
    *("余额", "交易类型", "用途", "对方户名", "渠道", "摘要"),
)
_NEW_ROWS = """
    SELECT ?4 || printf('%010d', row_number() OVER ()), a.number,
           coalesce(?2, t.booked_on), t.booked_time,
           CASE t.direction WHEN 'credit' THEN '贷' ELSE '借' END,
           printf('%.2f', t.amount_minor / 100.0), printf('%.2f', t.balance_after_minor / 100.0),
           t.kind, t.category, t.counterparty, t.channel, '补录'
      FROM account_transaction t
      JOIN account a ON a.id = t.account_id
      JOIN customer c ON c.id = a.customer_id
     WHERE c.owner_id = ?1 LIMIT ?3
"""


def measure(bench: Bench) -> list[Figure]:
    """Rows a second, into a branch that holds all its transactions: first bookings of the years
    before, then those of today, which move the balance of every account."""
    with copy_of(bench.home) as home:
        desk = open_branch(home)
        try:
            today = desk.today().isoformat()
            rows = min(_ROWS_PER_CUSTOMER * bench.size.customers, _MOST_ROWS)
            return [
                *_imported(desk, home.parent / "years.csv", rows, None, "transactions"),
                *_imported(desk, home.parent / "today.csv", rows, today, "transactions of today"),
            ]
        finally:
            desk.vault.close()


def _imported(desk: Desk, path: Path, rows: int, day: str | None, what: str) -> list[Figure]:
    _write_file(desk, path, rows, day)
    wall, cpu = time.perf_counter(), _cpu_seconds()
    report = import_file(desk, "transactions", path)
    cpu, wall = _cpu_seconds() - cpu, time.perf_counter() - wall
    note = f"{report.read:,} rows, {report.created:,} created, {report.rejected:,} rejected"
    goal = None if day else GOAL_ROWS_PER_SECOND
    return [
        Figure(f"import of {what}", report.read / wall, "rows/s", goal, True, note),
        Figure(f"import of {what}, CPU", report.read / cpu, "rows/s CPU", None, True),
    ]


def _cpu_seconds() -> float:
    """CPU time of this process and of those it has waited for."""
    return sum(os.times()[:4])


def _write_file(desk: Desk, path: Path, rows: int, day: str | None) -> None:
    values = (desk.officer.id, day, rows, path.stem)
    with desk.read() as session, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows(session.connection().exec_driver_sql(_NEW_ROWS, values))
