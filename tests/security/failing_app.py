"""The real program with a fault in it: opening the queue's brief fails, opening a call sheet kills
the app, each with values of the customer in its error and among its locals."""

from __future__ import annotations

from typing import Any, NoReturn

from deskcrm.__main__ import main
from deskcrm.screens import today


def _fails(desk: Any, followup_id: int) -> NoReturn:
    from deskcrm.services.brief import brief

    found = brief(desk, followup_id)
    raise RuntimeError(f"cannot show {found.customer_name}: {found}")


def _kills(screen: today.TodayScreen) -> NoReturn:
    item = screen.item
    raise ValueError(f"no call sheet for {item}")


if __name__ == "__main__":
    today.why = _fails  # type: ignore[assignment]
    today.TodayScreen.action_call_sheet = _kills  # type: ignore[method-assign]
    main()
