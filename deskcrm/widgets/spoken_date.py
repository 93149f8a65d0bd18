"""A date typed as people say it, read back in full while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskcrm.widgets.inputs import LineInput

if TYPE_CHECKING:
    pass


class DateInput(LineInput):
    """One line for a date or a moment; ``echo()`` reads it back."""

    def __init__(
        self,
        value: str = "",
        *,
        future_only: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(value, max_length=60, id=id, classes=classes)
        self.future_only = future_only
