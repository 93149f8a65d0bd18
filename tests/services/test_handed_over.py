"""Who is handed a follow-up can work it: every tab of its customer opens, until it is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from deskcrm.errors import NotFoundError
from deskcrm.services import customer_tabs, followups
from deskcrm.services.customer_accounts import accounts, transactions
from deskcrm.services.customer_history import history
from deskcrm.services.customer_insight import insight
from deskcrm.services.customer_timeline import timeline
from tests.desks import TestBranch, add_customer

TABS: list[Callable[..., Any]] = [
    accounts,
    transactions,
    timeline,
    customer_tabs.followups,
    customer_tabs.cases,
    customer_tabs.documents,
    customer_tabs.relations,
    insight,
    history,
]


@pytest.mark.parametrize("tab", TABS)
def test_a_handed_over_follow_up_opens_every_tab_until_it_is_closed(
    branch: TestBranch, tab: Callable[..., Any]
) -> None:
    manager, other = branch.desk("manager"), branch.desk("other")
    customer_id = add_customer(manager, "王小明")
    with pytest.raises(NotFoundError):
        tab(other, customer_id)
    added = followups.add(
        manager, followups.NewFollowup(customer_id, due_on=date(2026, 11, 24), owner="other")
    )
    tab(other, customer_id)
    followups.done(other, [added.followups[0].id])
    with pytest.raises(NotFoundError):
        tab(other, customer_id)
