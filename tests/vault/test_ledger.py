"""The ledger writes itself, and every change of it is noticed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from deskcrm.clock import FrozenClock
from deskcrm.models import Customer, Tag
from deskcrm.services.desk import Desk
from deskcrm.vault import ledger
from deskcrm.vault.ledger import GENESIS, Head, HeadFile
from tests.desks import TestBranch, add_customer


def last_entries(desk: Desk, count: int) -> list[tuple[str, str, dict[str, list[object]]]]:
    with desk.read() as session:
        rows = session.execute(
            text("SELECT operation, subject_table, changes FROM ledger ORDER BY seq DESC LIMIT :n"),
            {"n": count},
        ).all()
    return [(row[0], row[1], json.loads(row[2] or "{}")) for row in reversed(rows)]


def test_an_insert_an_update_and_a_delete_write_themselves_down(desk: Desk) -> None:
    with desk.write("tag.add") as work:
        tag = work.add(Tag(name="茶"))
    with desk.write("tag.rename") as work:
        work.session.get(Tag, tag.id).name = "喝茶"  # type: ignore[union-attr]
    with desk.write("tag.remove") as work:
        work.session.delete(work.session.get(Tag, tag.id))
    assert last_entries(desk, 3) == [
        (
            "insert",
            "tag",
            {"id": [None, tag.id], "name": [None, "茶"], "made_by_rule": [None, False]},
        ),
        ("update", "tag", {"name": ["茶", "喝茶"]}),
        (
            "delete",
            "tag",
            {"id": [tag.id, None], "name": ["喝茶", None], "made_by_rule": [False, None]},
        ),
    ]


def test_a_change_raises_the_revision_and_derived_columns_stay_out(desk: Desk) -> None:
    customer_id = add_customer(desk, "单小红")
    with desk.write("customer.edit") as work:
        customer = work.session.get(Customer, customer_id)
        assert customer is not None
        customer.occupation = "教师"
        customer.name_sort = "shan xiao hong"
    ((operation, table, changes),) = last_entries(desk, 1)
    assert (operation, table) == ("update", "customer")
    assert changes["occupation"] == ["", "教师"]
    assert changes["revision"] == [1, 2]
    assert "name_sort" not in changes


def test_setting_a_field_to_what_it_was_writes_nothing(desk: Desk) -> None:
    customer_id = add_customer(desk, "王芳", occupation="教师")
    before = last_entries(desk, 1)
    with desk.write("customer.edit") as work:
        customer = work.session.get(Customer, customer_id)
        assert customer is not None
        customer.occupation = "教师"
    assert last_entries(desk, 1) == before


def test_an_exception_leaves_neither_row_nor_entry(desk: Desk) -> None:
    before = last_entries(desk, 1)
    with pytest.raises(RuntimeError, match="half way"), desk.write("tag.add") as work:
        work.add(Tag(name="不该留下"))
        work.session.flush()
        raise RuntimeError("half way")
    with desk.read() as session:
        assert session.scalar(text("SELECT count(*) FROM tag")) == 0
    assert last_entries(desk, 1) == before


def test_the_database_refuses_to_change_or_drop_an_entry(branch: TestBranch) -> None:
    for statement in ("UPDATE ledger SET reason = 'x'", "DELETE FROM ledger"):
        with (
            pytest.raises(Exception, match="append-only"),
            branch.vault.engine.begin() as connection,
        ):
            connection.exec_driver_sql(statement)


def swap(connection: Connection, seq: int, other: int) -> None:
    connection.execute(text("UPDATE ledger SET seq = -1 WHERE seq = :a"), {"a": seq})
    connection.execute(text("UPDATE ledger SET seq = :a WHERE seq = :b"), {"a": seq, "b": other})
    connection.execute(text("UPDATE ledger SET seq = :b WHERE seq = -1"), {"b": other})


def edit(connection: Connection, seq: int, _other: int) -> None:
    connection.execute(
        text("UPDATE ledger SET changes = changes || ' ' WHERE seq = :a"), {"a": seq}
    )


def remove(connection: Connection, seq: int, _other: int) -> None:
    connection.execute(text("DELETE FROM ledger WHERE seq = :a"), {"a": seq})


def rehash(connection: Connection, seq: int, _other: int) -> None:
    edit(connection, seq, 0)
    previous = connection.scalar(text("SELECT mac FROM ledger WHERE seq = :a"), {"a": seq - 1})
    names = ", ".join(ledger.COLUMNS)
    row = connection.execute(text(f"SELECT {names} FROM ledger WHERE seq = :a"), {"a": seq}).one()
    mac = ledger.seal(b"a guessed key", previous or GENESIS, list(row))
    connection.execute(text("UPDATE ledger SET mac = :mac WHERE seq = :a"), {"mac": mac, "a": seq})


@pytest.fixture
def written(branch: TestBranch, clock: FrozenClock) -> TestBranch:
    desk = branch.desk("manager")
    for number in range(30):
        clock.advance(timedelta(seconds=5))
        with desk.write("tag.add") as work:
            work.add(Tag(name=f"tag {number}"))
    branch.vault.checkpoint()
    return branch


def in_a_tampered_copy(engine: Engine, attack: Callable[[Connection], object]) -> Connection:
    connection = engine.connect()
    for trigger in ("ledger_keeps_its_entries", "ledger_loses_no_entry"):
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    attack(connection)
    return connection


def test_an_untouched_ledger_verifies(written: TestBranch) -> None:
    with written.vault.engine.connect() as connection:
        found = ledger.verify(connection, written.vault.ledger_key, written.vault.head_file.load())
    assert found.ok
    assert found.entries == found.head.seq > 30


@pytest.mark.parametrize("attack", [edit, remove, swap, rehash])
def test_every_attack_is_found_at_its_first_bad_entry(
    written: TestBranch,
    attack: Callable[[Connection, int, int], None],
    full_size: bool,
) -> None:
    choose = random.Random(7)
    head = written.vault.head_file.load()
    assert head is not None
    for _ in range(250 if full_size else 40):
        seq, other = choose.sample(range(2, head.seq + 1), 2)
        first_bad = min(seq, other) if attack is swap else seq
        connection = in_a_tampered_copy(
            written.vault.engine, lambda c, seq=seq, other=other: attack(c, seq, other)
        )
        found = ledger.verify(connection, written.vault.ledger_key, head)
        connection.rollback()
        connection.close()
        assert not found.ok
        assert found.first_bad == first_bad


def test_a_cut_off_end_is_found_by_the_head_outside(written: TestBranch) -> None:
    head = written.vault.head_file.load()
    assert head is not None
    connection = in_a_tampered_copy(
        written.vault.engine,
        lambda c: c.execute(text("DELETE FROM ledger WHERE seq > :n"), {"n": head.seq - 3}),
    )
    assert ledger.verify(connection, written.vault.ledger_key).ok
    found = ledger.verify(connection, written.vault.ledger_key, head)
    connection.rollback()
    connection.close()
    assert found.first_bad == head.seq - 2
    assert found.problem == "end-missing"


def test_the_head_file_is_authenticated(tmp_path: Path) -> None:
    path = tmp_path / "ledger.head"
    HeadFile(path, b"k" * 32).save(Head(5, 1234, b"m" * 32), durable=True)
    assert HeadFile(path, b"k" * 32).load() == Head(5, 1234, b"m" * 32)
    with pytest.raises(ValueError, match="tag"):
        HeadFile(path, b"x" * 32).load()
    path.write_text(path.read_text().replace('"seq": 5', '"seq": 4'))
    with pytest.raises(ValueError, match="tag"):
        HeadFile(path, b"k" * 32).load()
    assert HeadFile(tmp_path / "none", b"k" * 32).load() is None


def test_the_head_outside_follows_every_commit(branch: TestBranch, desk: Desk) -> None:
    for name in ("一", "二", "三"):
        with desk.write("tag.add") as work:
            work.add(Tag(name=name))
        with branch.vault.engine.connect() as connection:
            assert branch.vault.head_file.load() == ledger.read_head(connection)
