"""How a desk is opened: the functions behind the screens before unlocking, each replaceable.

Importing this costs nothing; the data stack is imported by the call that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """An officer as the first-run wizard takes it down; ``role`` is the value of a ``Role``."""

    login: str
    name: str
    role: str
    password: str


def _has_vault(home: Path) -> bool:
    return any((home / name).exists() for name in ("vault.keys", "vault.db"))


def _open_desk(home: Path, login: str, password: str) -> Desk:
    from deskcrm.services.session_start import open_desk

    return open_desk(home, login, password)


def _check_password(desk: Desk, password: str) -> None:
    from deskcrm.services.session_start import check_password

    check_password(desk, password)


def _create_branch(home: Path, branch_name: str, officers: Sequence[NewOfficer]) -> Any:
    from deskcrm.services.session_start import create_branch

    return create_branch(home, branch_name, officers)


def _judge_password(login: str, branch: str, password: str) -> None:
    from deskcrm.vault.device_secret import key_store_problem
    from deskcrm.vault.passwords import check_password
    from deskcrm.vault.policy import default_policy

    check_password(
        password,
        login=login,
        branch=branch,
        with_device=key_store_problem() is None,
        policy=default_policy(),
    )


def _close_desk(desk: Desk) -> None:
    from deskcrm.services.session_start import close_desk

    close_desk(desk)


@dataclass(frozen=True, slots=True)
class Gate:
    """The ways in. All but ``has_vault`` run in a thread and raise ``DeskError`` with a sentence.

    ``open_at_once`` opens a demo desk without a question; ``create_branch`` returns something with
    a ``recovery_code``.
    """

    has_vault: Callable[[Path], bool] = _has_vault
    open_desk: Callable[[Path, str, str], Desk] = _open_desk
    check_password: Callable[[Desk, str], None] = _check_password
    create_branch: Callable[[Path, str, Sequence[NewOfficer]], Any] = _create_branch
    judge_password: Callable[[str, str, str], None] = _judge_password
    close_desk: Callable[[Desk], None] = _close_desk
    open_at_once: Callable[[], Desk] | None = None
