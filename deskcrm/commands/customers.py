"""``find`` and ``show``: customers from the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deskcrm.commands.shell import Shell, read_id, say
from deskcrm.errors import ExitCode
from deskcrm.i18n import _


def register(program: typer.Typer) -> None:
    """Add the commands."""
    program.command("find", help=_("Find customers by name, pinyin, phone or number"))(find)
    program.command("show", help=_("Everything known about a customer"))(show)


def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help=_("Part of a name, pinyin, phone or number"))],
    limit: Annotated[int, typer.Option(help=_("How many at most"), min=1, max=1000)] = 50,
) -> int:
    """The type-ahead search."""
    from deskcrm.services.search import find_json

    shell: Shell = context.obj
    with shell.desk() as desk:
        found = find_json(desk, text, limit)

    def human() -> None:
        for hit in found["results"]:
            say(
                f"{hit['id']}  {hit['name']}  {hit['tier']}  {hit['phone'] or ''}"
                f"  {hit['identity_number'] or ''}"
            )
        if not found["results"]:
            say(_("Nobody in your care is found by this."))

    shell.emit(found, human)
    return int(ExitCode.DONE)


def show(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help=_("The customer's identifier"))],
) -> int:
    """The 360 view, with sensitive values masked."""
    from deskcrm.services.customer_json import show_json

    shell: Shell = context.obj
    with shell.desk() as desk:
        content = show_json(desk, read_id(customer))
    shell.emit(content, lambda: _print_sections(content))
    return int(ExitCode.DONE)


def _print_sections(content: dict[str, Any]) -> None:
    for name, section in content.items():
        rows = section if isinstance(section, list) else [section]
        say(f"{name} ({len(rows)})" if isinstance(section, list) else name)
        for row in rows:
            pairs = row.items() if isinstance(row, dict) else [("", row)]
            say("    " + "  ".join(f"{key}: {_plain(value)}" for key, value in pairs if value))


def _plain(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"minor", "currency"}:
        from deskcrm.i18n import language
        from deskcrm.rules.money import Money, format_money

        return format_money(Money(value["minor"], value["currency"]), language())
    return str(value)
