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
    SELECT 'BENCH' || printf('%010d', row_number() OVER ()), a.number, t.booked_on, t.booked_time,
           CASE t.direction WHEN 'credit' THEN '贷' ELSE '借' END,
           printf('%.2f', t.amount_minor / 100.0), printf('%.2f', t.balance_after_minor / 100.0),
           t.kind, t.category, t.counterparty, t.channel, '补录'
      FROM account_transaction t
      JOIN account a ON a.id = t.account_id
      JOIN customer c ON c.id = a.customer_id
     WHERE c.owner_id = ? LIMIT ?
"""


def measure(bench: Bench) -> list[Figure]:
    """Rows a second of elapsed time and of CPU, into a branch that holds all its transactions."""
    with copy_of(bench.home) as home:
        desk = open_branch(home)
        try:
            path = home.parent / "transactions.csv"
            _write_file(desk, path, min(_ROWS_PER_CUSTOMER * bench.size.customers, _MOST_ROWS))
            wall, cpu = time.perf_counter(), _cpu_seconds()
            report = import_file(desk, "transactions", path)
            cpu, wall = _cpu_seconds() - cpu, time.perf_counter() - wall
        finally:
            desk.vault.close()
    note = f"{report.read:,} rows, {report.created:,} created, {report.rejected:,} rejected"
    goal = GOAL_ROWS_PER_SECOND
    return [
        Figure("import of transactions", report.read / wall, "rows/s", goal, True, note),
        Figure("import of transactions, CPU", report.read / cpu, "rows/s CPU", None, True),
    ]


def _cpu_seconds() -> float:
    """CPU time of this process and of those it has waited for."""
    return sum(os.times()[:4])


def _write_file(desk: Desk, path: Path, rows: int) -> None:
    with desk.read() as session, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows(session.connection().exec_driver_sql(_NEW_ROWS, (desk.officer.id, rows)))
