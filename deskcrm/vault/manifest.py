"""The manifest of a backup: what it holds, sealed with the vault's ledger key."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from deskcrm.vault.errors import BackupForeignError, BackupPartialError, BackupTamperedError
from deskcrm.vault.files import storage_errors
from deskcrm.vault.header import canonical, derive_key
from deskcrm.vault.keyslots import VaultKeys

MANIFEST = "manifest.json"
MAGIC = "DESKCRM-BACKUP"
VERSION = 1
DATABASE = "vault.db"
HEADER = "vault.keys"


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Size in bytes and SHA-256 (hex) of a file."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``ledger_seq`` and ``ledger_mac`` are the ledger's newest entry."""

    vault_id: str
    created_at: datetime
    schema_version: int
    application_id: int
    files: dict[str, FileDigest]
    rows: dict[str, int]
    ledger_seq: int
    ledger_mac: str
    mac: str = ""


def file_digest(path: Path) -> FileDigest:
    """The size and digest of a file. Raises ``OSError``."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileDigest(path.stat().st_size, digest)


def read_manifest(source: Path) -> Manifest:
    """The manifest of a backup, not authenticated yet.

    Raises ``BackupForeignError``, ``BackupPartialError`` and ``BackupTamperedError``.
    """
    with storage_errors(source):
        try:
            content = (source / MANIFEST).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            if (source / DATABASE).exists():
                raise BackupPartialError(name=MANIFEST) from None
            raise BackupForeignError from None
    try:
        data = json.loads(content)
        if (data.pop("magic"), data.pop("version")) != (MAGIC, VERSION):
            raise BackupForeignError
        data["created_at"] = datetime.fromisoformat(data["created_at"])
        data["files"] = {name: FileDigest(**each) for name, each in data["files"].items()}
        manifest = Manifest(**data)
        sound = _is_sound(manifest) and manifest_bytes(manifest) == content
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise BackupTamperedError(name=MANIFEST)
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    """Whether a manifest that anybody may have written has values of the right types."""
    digests = manifest.files.values()
    counts = [manifest.schema_version, manifest.application_id, manifest.ledger_seq]
    counts += [*manifest.rows.values(), *(digest.size for digest in digests)]
    texts = [manifest.vault_id, manifest.ledger_mac, manifest.mac]
    texts += [digest.sha256 for digest in digests]
    return (
        set(manifest.files) == {DATABASE, HEADER}
        and all(type(count) is int for count in counts)
        and all(isinstance(text, str) and text.isascii() for text in texts)
    )


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    fields = asdict(manifest) | {"created_at": manifest.created_at.isoformat()}
    return fields | {"magic": MAGIC, "version": VERSION}


def manifest_bytes(manifest: Manifest) -> bytes:
    """The bytes of the manifest's file."""
    return json.dumps(_manifest_json(manifest), sort_keys=True, indent=1).encode() + b"\n"


def sealed(manifest: Manifest, keys: VaultKeys) -> Manifest:
    """The manifest with its seal."""
    return replace(manifest, mac=_mac(manifest, keys))


def is_sealed(manifest: Manifest, keys: VaultKeys) -> bool:
    """Whether the manifest was sealed with these keys."""
    return hmac.compare_digest(manifest.mac, _mac(manifest, keys))


def _mac(manifest: Manifest, keys: VaultKeys) -> str:
    body = canonical(_manifest_json(replace(manifest, mac="")))
    return hmac.digest(derive_key(keys.ledger_key, b"backup"), body, "sha256").hex()
