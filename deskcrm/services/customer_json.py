"""A customer as the command line prints it: plain values, sensitive ones masked."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from deskcrm.i18n import translate
from deskcrm.rules.masking import Masked
from deskcrm.rules.money import Money
from deskcrm.services import customer_tabs as tabs
from deskcrm.services.customer_360 import customer_360
from deskcrm.services.customer_accounts import accounts, transactions
from deskcrm.services.customer_insight import insight
from deskcrm.services.customer_timeline import Happened, timeline
from deskcrm.services.desk import Desk

MOST = 200


def show_json(desk: Desk, customer_id: int) -> dict[str, Any]:
    """Everything on the customer's tabs, at most 200 rows of each list.

    Money is ``{"minor", "currency"}``, identifiers are text, dates ISO, instants ISO in UTC.
    """
    view = customer_360(desk, customer_id)
    happened = timeline(desk, customer_id, limit=MOST).rows
    alerts = [
        {**plain(alert), "text": translate(alert.title, **alert.values)} for alert in view.alerts
    ]
    return {
        "customer": {**plain(view.header), **plain(view.overview), "revision": view.revision},
        "alerts": alerts,
        "accounts": plain(accounts(desk, customer_id)),
        "transactions": plain(transactions(desk, customer_id, limit=MOST).rows),
        "interactions": plain([row for row in happened if row.what is Happened.INTERACTION]),
        "followups": plain(tabs.followups(desk, customer_id, limit=MOST).rows),
        "cases": plain(tabs.cases(desk, customer_id, limit=MOST).rows),
        "documents": plain(tabs.documents(desk, customer_id, limit=MOST).rows),
        "relations": plain(tabs.relations(desk, customer_id, limit=MOST).rows),
        "insight": plain(insight(desk, customer_id)),
    }


def plain(value: Any) -> Any:
    """A view as JSON holds it: dataclasses as objects, ids as text."""
    if isinstance(value, Masked):
        return value.text
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _named(f.name, getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _named(name: str, value: Any) -> Any:
    is_id = name == "id" or name.endswith("_id")
    return str(value) if is_id and isinstance(value, int) else plain(value)
