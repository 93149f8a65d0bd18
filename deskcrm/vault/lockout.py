"""Block signing in after too many wrong passwords, across restarts, kills and clock changes.

A try is written down before the password is checked, so that killing the program in between gains
nothing. It guards the person at the keyboard; whoever copies the files is held off by the cost of
key derivation alone.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from deskcrm.clock import Clock, local
from deskcrm.vault.errors import LockedOutError
from deskcrm.vault.files import storage_errors, write_whole
from deskcrm.vault.instance import file_lock
from deskcrm.vault.policy import Policy

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_EVERYONE = ""


@dataclass(frozen=True, slots=True)
class Boot:
    """Which start of the machine this is, and the seconds since, suspended ones included."""

    id: str
    seconds: float


class BootClock(Protocol):
    """A clock that nobody can set while the machine runs."""

    def read(self) -> Boot | None:
        """The present start and its age; None where the system tells none."""


class SystemBootClock:
    """The boot clock of Linux; elsewhere there is none and the wall clock decides."""

    def read(self) -> Boot | None:
        clock_id = getattr(time, "CLOCK_BOOTTIME", None)
        try:
            if clock_id is not None:
                return Boot(_BOOT_ID.read_text().strip(), time.clock_gettime(clock_id))
        except OSError:
            pass
        return None


@dataclass(frozen=True, slots=True)
class _Record:
    """Wrong tries of an officer; once blocked, ``at`` (epoch seconds) and the boot say since when.

    ``left`` is how many seconds the block had to run at that moment.
    """

    failures: int = 0
    left: float = 0.0
    at: float = 0.0
    boot_id: str = ""
    boot_seconds: float = 0.0


class Lockout:
    """The wrong tries of a vault's officers, in a file in its folder."""

    def __init__(
        self, path: Path, policy: Policy, clock: Clock, boot_clock: BootClock | None = None
    ) -> None:
        self._path = path
        self._policy = policy
        self._clock = clock
        self._boot_clock = boot_clock or SystemBootClock()

    def begin_try(self, login: str) -> int:
        """Write down a try as wrong before it is checked; returns how many are left after it.

        Raises ``LockedOutError``.
        """
        with self._records() as records:
            self._refuse_locked(records, login)
            failures = records.get(login, _Record()).failures + 1
            left = self._policy.lockout_attempts - failures
            lasting = self._policy.lockout.total_seconds() if left <= 0 else 0.0
            records[login] = self._stamped(failures, lasting)
        return max(left, 0)

    def clear(self, login: str) -> None:
        """Forget an officer's wrong tries, after a right one."""
        with self._records() as records:
            records.pop(login, None)

    def check(self, login: str) -> None:
        """Raise ``LockedOutError`` while the officer is blocked."""
        with self._records() as records:
            self._refuse_locked(records, login)

    def _refuse_locked(self, records: dict[str, _Record], login: str) -> None:
        for name in (_EVERYONE, login):
            record = records.get(name)
            if record is None or not record.left:
                continue
            left = self._left(record)
            if left <= 0:
                del records[name]
                continue
            records[name] = self._stamped(record.failures, left)
            until = local(self._clock.now() + timedelta(seconds=left), self._clock)
            raise LockedOutError(minutes=math.ceil(left / 60), until=f"{until:%H:%M}")

    def _left(self, record: _Record) -> float:
        """Seconds that a block still runs: by the boot clock within one start of the machine, by
        the wall clock across starts; time that went backwards does not count."""
        boot = self._boot_clock.read()
        if boot is not None and boot.id == record.boot_id:
            elapsed = boot.seconds - record.boot_seconds
        else:
            elapsed = self._clock.now().timestamp() - record.at
        return record.left - max(elapsed, 0.0)

    def _stamped(self, failures: int, left: float) -> _Record:
        boot = self._boot_clock.read() or Boot("", 0.0)
        return _Record(failures, left, self._clock.now().timestamp(), boot.id, boot.seconds)

    @contextmanager
    def _records(self) -> Iterator[dict[str, _Record]]:
        """The records, saved when the block ends, also by ``LockedOutError``."""
        folder = self._path.parent
        with (
            storage_errors(folder),
            file_lock(self._path.with_name(self._path.name + ".lock"), wait=True),
        ):
            before = self._load()
            records = dict(before)
            try:
                yield records
            finally:
                if records != before:
                    self._save(records)

    def _load(self) -> dict[str, _Record]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        try:
            found = {str(k): _Record(**v) for k, v in json.loads(content).items()}
            if all(_is_sound(record) for record in found.values()):
                return found
        except (ValueError, TypeError, AttributeError, RecursionError):
            pass
        # a file that was edited or damaged must not let anybody try again at once
        blocked = {_EVERYONE: self._stamped(0, self._policy.lockout.total_seconds())}
        self._save(blocked)
        return blocked

    def _save(self, records: dict[str, _Record]) -> None:
        content = {login: asdict(record) for login, record in records.items()}
        write_whole(self._path, json.dumps(content, indent=1).encode())


def _is_sound(record: _Record) -> bool:
    numbers = (record.failures, record.left, record.at, record.boot_seconds)
    return isinstance(record.boot_id, str) and all(
        isinstance(number, int | float) and math.isfinite(number) and number >= 0
        for number in numbers
    )
