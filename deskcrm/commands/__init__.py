"""The commands of the command line, one file per capability, thin: parse, call, print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def register(program: typer.Typer) -> None:
    """Add every command to ``program``."""
    from deskcrm.commands import (
        audit,
        backup,
        calendar,
        customers,
        dates,
        doctor,
        imports,
        vault,
        work,
    )

    groups = (vault, customers, work, imports, dates, calendar, backup, audit, doctor)
    for capability in groups:
        capability.register(program)
