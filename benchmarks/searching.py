"""The type-ahead query, asked after every key of what people type to find a customer."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Bench, Figure, Samples
from deskcrm.rules.names import initials, pinyin_readings
from deskcrm.services.desk import Desk
from deskcrm.services.search import find

GOAL_MS = 5.0
_SOUGHT = 40


def measure(bench: Bench) -> list[Figure]:
    """One query with the rows to show to show, in milliseconds."""
    samples = Samples()
    with bench.desk() as desk:
        typed = list(dict.fromkeys(texts_typed(desk)))
        find(desk, typed[0])
        for text in typed:
            with samples.time():
                find(desk, text)
    return samples.figures("type-ahead query", p95_goal_ms=GOAL_MS)


def texts_typed(desk: Desk) -> Iterator[str]:
    """What stands in the search field after each key, for customers spread over the branch."""
    for name, phone, identity, account in _customers(desk):
        reading = pinyin_readings(name)[0] if pinyin_readings(name) else ()
        for whole in (name, "".join(reading), initials(name)[0] if reading else ""):
            yield from _growing(whole)
        yield from _growing(phone)
        yield from (phone[-4:], identity[-4:], identity[:14], account[-4:], account[:10])
        yield f"{name[:1]} {phone[:3]}"


def _growing(text: str) -> Iterator[str]:
    return (text[:end] for end in range(1, len(text) + 1))


def _customers(desk: Desk) -> list[tuple[str, str, str, str]]:
    with desk.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT name, coalesce((SELECT normalized FROM contact_channel p"
            "   WHERE p.customer_id = c.id LIMIT 1), ''), coalesce(id_number, ''),"
            " coalesce((SELECT number FROM account a WHERE a.customer_id = c.id LIMIT 1), '')"
            " FROM customer c WHERE owner_id = ? AND kind = 'individual' ORDER BY number",
            (desk.officer.id,),
        )
        found = [tuple(row) for row in rows]
    return found[:: max(1, len(found) // _SOUGHT)]
