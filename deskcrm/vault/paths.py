"""Where the files of a vault lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class VaultPaths:
    """The files in a vault's home folder."""

    home: Path

    @property
    def database(self) -> Path:
        return self.home / "vault.db"

    @property
    def unfinished(self) -> Path:
        """A database that is being made and does not count yet."""
        return self.home / ".vault.db.new"

    @property
    def header(self) -> Path:
        """The key file: the sidecar with the key slots."""
        return self.home / "vault.keys"

    @property
    def lock(self) -> Path:
        """Held shared by every open desk, alone by migration and rekeying."""
        return self.home / "vault.lock"

    @property
    def lockout(self) -> Path:
        return self.home / "lockout.json"

    @property
    def ledger_head(self) -> Path:
        return self.home / "ledger.head"

    @property
    def demo(self) -> Path:
        """Marks a demo vault."""
        return self.home / "demo.json"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def exists(self) -> bool:
        """Whether there is a vault, or what is left of one."""
        return self.database.exists() or self.header.exists()


def default_home() -> Path:
    """The operating system's folder for this program's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("deskcrm", appauthor=False))
