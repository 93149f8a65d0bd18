"""The vault: what is in it, who signs in, backups, whether everything is in order."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from deskcrm.actions import bindings
from deskcrm.clock import local
from deskcrm.i18n import N_, _
from deskcrm.screens.base import WRITES, DeskScreen
from deskcrm.services.audit import verify_ledger
from deskcrm.services.backups import back_up
from deskcrm.services.doctor import examine
from deskcrm.services.vault_overview import VaultOverview, vault_overview
from deskcrm.vault.integrity import Check
from deskcrm.vault.ledger import Verification
from deskcrm.vault.manifest import Manifest
from deskcrm.widgets.dialogs import ask_text, tell
from deskcrm.widgets.tables import Column, PagedTable, Row
from deskcrm.widgets.text import SafeStatic, show

ROLES = {
    "teller": N_("Teller"),
    "account_manager": N_("Account manager"),
    "supervisor": N_("Supervisor"),
    "system_admin": N_("System administrator"),
    "security_admin": N_("Security administrator"),
    "auditor": N_("Auditor"),
}
TABLES = {
    "customer": N_("Customers"),
    "account": N_("Accounts"),
    "account_transaction": N_("Transactions"),
    "interaction": N_("Contacts"),
    "followup": N_("Follow-ups"),
}
COLUMNS = (
    Column("login", N_("Login"), 14),
    Column("name", N_("Name"), 16, grow=True),
    Column("role", N_("Role"), 22),
    Column("state", N_("State"), 12),
)
CHECKS = {
    "pages": N_("Every page authentic"),
    "structure": N_("Tables sound"),
    "foreign-keys": N_("References sound"),
    "permissions": N_("Files private"),
    "key-file": N_("Key file current"),
    "ledger": N_("Audit trail whole"),
    "one-owner": N_("Owners known"),
    "merged-into": N_("Merges sound"),
    "closed-followups": N_("Follow-ups sound"),
    "promises-raised": N_("Promises dated"),
    "cadence-anchor": N_("Cadence sound"),
    "searchable": N_("Everybody can be found"),
    "key-store": N_("Key store of this computer"),
    "python": N_("Python version"),
}
LABEL_CELLS = 22


class VaultScreen(DeskScreen[None]):
    """One page about the vault; every officer may see it, no customer is on it."""

    SCOPE = "vault"
    TITLE_ID = N_("Vault")
    BINDINGS = bindings("vault")
    DEFAULT_CSS = """
    VaultScreen #body { padding: 0 1; }
    VaultScreen #facts { height: auto; margin: 1 0; }
    VaultScreen PagedTable { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._overview: VaultOverview | None = None

    def compose_body(self) -> ComposeResult:
        with Vertical():
            yield SafeStatic(id="facts")
            yield PagedTable(COLUMNS)

    def on_mount(self) -> None:
        self.action_refresh()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.action_refresh()

    def refresh_language(self) -> None:
        super().refresh_language()
        if self._overview is not None:
            self._show(self._overview)

    def _show(self, overview: VaultOverview) -> None:
        self._overview = overview
        lines = [
            (_("Folder"), str(overview.home)),
            (_("Database"), _size(overview.database_bytes)),
            *((_(TABLES[name]), f"{count:,}") for name, count in overview.rows.items()),
            (_("Audit entries"), f"{overview.ledger_entries:,}"),
            (_("Last backup"), self._moment(overview.last_backup_at)),
            (_("Last scan"), self._moment(overview.last_scan_at)),
        ]
        if overview.demo:
            lines.insert(0, (_("Demo branch"), _("invented customers, known passwords")))
        content = Content("\n").join(_fact(label, value) for label, value in lines)
        self.query_one("#facts", SafeStatic).update(content)
        self.query_one(PagedTable).fill(
            [
                Row(
                    officer.login,
                    [
                        officer.login,
                        officer.name,
                        _(ROLES[officer.role.value]),
                        _("active") if officer.active else _("suspended"),
                    ],
                )
                for officer in overview.officers
            ]
        )

    def _moment(self, instant: datetime | None) -> str:
        if instant is None:
            return _("none yet")
        return local(instant, self.desk.clock).strftime("%Y-%m-%d %H:%M")

    def action_refresh(self) -> None:
        """Read everything anew."""
        self.call(vault_overview, then=self._show)

    def action_back_up(self) -> None:
        """Ask for a new folder and make a verified backup in it."""
        now = local(self.desk.now(), self.desk.clock)
        suggested = self.desk.vault.home.with_name(f"deskcrm-backup-{now:%Y%m%d-%H%M}")
        ask_text(
            self,
            _("Back up the vault"),
            self._make_backup,
            label=_("New folder for the backup; it stays encrypted"),
            value=str(suggested),
            shortest=1,
        )

    def _make_backup(self, folder: str) -> None:
        self.desk_app.toast(_("Backing up …"))
        self.call(back_up, Path(folder).expanduser(), then=self._backed_up, group=WRITES)

    def _backed_up(self, manifest: Manifest) -> None:
        self.desk_app.toast(
            _("The backup is whole: {n} rows, verified.", n=f"{sum(manifest.rows.values()):,}")
        )
        self.action_refresh()

    def action_verify(self) -> None:
        """Walk the whole audit trail."""
        self.call(verify_ledger, then=self._verified, group="verify")

    def _verified(self, found: Verification) -> None:
        if found.ok:
            body = _("{n} entries, each sealed with the one before it.", n=f"{found.entries:,}")
            tell(self, _("The audit trail is whole"), body)
        else:
            body = _(
                "Keep this vault as it is and call the security administrator. The first wrong "
                "entry is number {n}.",
                n=found.first_bad,
            )
            tell(self, _("The audit trail is broken"), body)

    def action_examine(self) -> None:
        """Every check of the doctor."""
        self.desk_app.toast(_("Checking …"))
        self.call(examine, then=self._examined, group="examine")

    def _examined(self, checks: tuple[Check, ...]) -> None:
        marks = {True: ("✓", "$text-success"), False: ("!", "$text-error"), None: ("-", "")}
        lines = []
        for check in checks:
            mark, style = marks[check.ok]
            label = show(_(CHECKS[check.name]), LABEL_CELLS + 6)
            detail = "" if check.ok else check.detail
            lines.append(Content.assemble((f"{mark} ", style), label, "  ", show(detail, 30)))
        failed = any(check.ok is False for check in checks)
        title = _("Something is not in order") if failed else _("Everything is in order")
        tell(self, title, Content("\n").join(lines))


def _fact(label: str, value: str) -> Content:
    name = show(label, LABEL_CELLS)
    padding = " " * (LABEL_CELLS - name.cell_length)
    return Content.assemble(name.stylize("$foreground-muted"), padding, show(value))


def _size(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
