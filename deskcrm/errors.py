"""One error type per cause, with a message a teller understands in both languages.

A message is an English message id with named placeholders; it is translated where it is shown,
so a live language switch also translates errors that are already on the screen.
"""

from __future__ import annotations

from enum import IntEnum

from deskcrm.i18n import N_, translate


class ExitCode(IntEnum):
    """Exit codes of the command line; scripts hold on to them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_ALLOWED = 3
    SOME_REJECTED = 4


class DeskError(Exception):
    """Something a person can act on: what happened, what was kept, what to do.

    ``code`` is stable and goes into JSON output and logs; ``message`` is a message id; ``values``
    fill its placeholders and must hold nothing sensitive.
    """

    code = "failed"
    message = N_("That did not work. Nothing was changed.")
    exit_code = ExitCode.FAILED

    def __init__(self, message: str | None = None, **values: object) -> None:
        self.message = message or self.message
        self.values = values
        super().__init__(self.code)

    def __str__(self) -> str:
        return translate(self.message, **self.values)


class NotAllowedError(DeskError):
    """The officer may not do this, or not to this record."""

    code = "not-allowed"
    message = N_("You are not allowed to do this. Nothing was changed.")
    exit_code = ExitCode.NOT_ALLOWED


class NotFoundError(DeskError):
    """No such record, or none that this officer may see."""

    code = "not-found"
    message = N_("No such record, or none that you may see.")


class UsageError(DeskError):
    """The command or form was filled in wrongly."""

    code = "usage"
    exit_code = ExitCode.USAGE


class InvalidError(DeskError):
    """Fields that do not pass their rules; ``fields`` maps a field to a message id and values."""

    code = "invalid"
    message = N_("Some fields need attention. Nothing was saved; your entry is kept as a draft.")

    def __init__(self, fields: dict[str, FieldError], message: str | None = None) -> None:
        super().__init__(message)
        self.fields = fields

    def __str__(self) -> str:
        details = "; ".join(f"{name}: {error}" for name, error in self.fields.items())
        return f"{super().__str__()} {details}" if details else super().__str__()


class FieldError(DeskError):
    """One field that does not pass a rule; shown beside the field."""

    code = "field"
    message = N_("This value is not valid.")


class StaleEditError(DeskError):
    """The record was changed by someone else since it was opened."""

    code = "stale"
    message = N_(
        "This record was changed meanwhile. Your entry is kept as a draft; reload and compare."
    )
