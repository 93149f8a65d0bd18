"""The draft of one form, brought to the database by threads: the latest state wins, always."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from deskcrm.services.drafts import drop_draft, save_draft

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk


class KeptDraft:
    """``values`` is what the form holds now, ``None`` when there is nothing to keep.

    Several threads may call ``settle`` in any order: each one writes the state of that moment, so
    that a draft that is late neither overwrites a newer one nor outlives the saving of its form.
    """

    def __init__(self, form: str, subject_id: int) -> None:
        self.values: dict[str, Any] | None = None
        self._form = form
        self._subject_id = subject_id
        self._lock = threading.Lock()

    def settle(self, desk: Desk) -> bool:
        """In a thread: keep or drop the draft; whether there is one now."""
        with self._lock:
            values = self.values
            if values is None:
                drop_draft(desk, self._form, self._subject_id)
            else:
                save_draft(desk, self._form, self._subject_id, values)
            return values is not None
