"""What can go wrong with the locked box, one type per cause.

Each says what happened, what was kept and what to do. Whoever is not let in gets exit code 3;
everything else that fails is exit code 1.
"""

from __future__ import annotations

from deskcrm.errors import DeskError, ExitCode
from deskcrm.i18n import N_


class VaultError(DeskError):
    """Anything about the vault that a person can act on."""

    code = "vault"


class LockedError(VaultError):
    """The vault was not unlocked."""

    code = "not-unlocked"
    message = N_("The vault is locked. Sign in first.")
    exit_code = ExitCode.NOT_ALLOWED


class WrongPasswordError(LockedError):
    """The password does not open the officer's key slot; ``left`` tries remain."""

    code = "wrong-password"
    message = N_("Wrong password. Tries left before signing in is blocked: {left}.")


class LockedOutError(LockedError):
    """Too many wrong passwords; ``minutes`` remain, until ``until`` (local time)."""

    code = "locked-out"
    message = N_(
        "Too many wrong passwords. Signing in is blocked for {minutes} more minutes, "
        "until {until}. Nothing was changed."
    )


class NoSuchOfficerError(LockedError):
    """No key slot has this login."""

    code = "no-such-officer"
    message = N_("No officer signs in as “{login}” here. Check the spelling.")


class WrongDeviceError(LockedError):
    """The slot is bound to the key store of another workstation or OS account."""

    code = "wrong-device"
    message = N_(
        "“{login}” was enrolled on another workstation or under another account of this computer. "
        "Nothing was changed. Sign in there, or set a new password here with the recovery code."
    )


class NoKeyringError(LockedError):
    """There is no trustworthy key store; ``reason`` is a technical name, not a sentence."""

    code = "no-keyring"
    message = N_(
        "This computer offers no key store that can be trusted ({reason}). Without one a password "
        "protects the vault alone, so it must be long. An officer bound to a key store cannot "
        "sign in here; the recovery code can."
    )


class RecoveryCodeMistypedError(LockedError):
    """The recovery code's length, letters or checksum are wrong."""

    code = "recovery-code-mistyped"
    message = N_(
        "The recovery code has a typing mistake: it is {length} letters and digits in groups of "
        "six. Compare it with the printed one; letter case and dashes do not matter."
    )


class RecoveryCodeWrongError(LockedError):
    """A well-formed recovery code of another vault, or one that was replaced."""

    code = "recovery-code-wrong"
    message = N_(
        "This recovery code is well formed but does not open this vault. It belongs to another "
        "vault or was replaced by a newer code. Nothing was changed."
    )


class HeaderMissingError(LockedError):
    """The database is there, its key file is not."""

    code = "header-missing"
    message = N_(
        "The key file {name} is missing; without it the database cannot be opened. The database "
        "was not touched. Put the key file back: rename its copy {name}.bak, or restore a backup."
    )


class HeaderDamagedError(LockedError):
    """The key file is not what deskcrm wrote; ``reason`` is a technical detail."""

    code = "header-damaged"
    message = N_(
        "The key file {name} is damaged ({reason}). The database was not touched. Replace the key "
        "file by its copy {name}.bak, or restore a backup."
    )


class HeaderExposedError(LockedError):
    """Other accounts of this computer can read or change the key file."""

    code = "header-exposed"
    message = N_(
        "Other accounts of this computer can read or change the key file {name}. Nothing was "
        "opened. Make it private (chmod 600), and change the passwords if that was not intended."
    )


class HeaderTamperedError(LockedError):
    """The key file is well formed but was not written with this vault's keys."""

    code = "header-tampered"
    message = N_(
        "The key file {name} was changed outside deskcrm. Nothing was opened and the database was "
        "not touched. Tell the security administrator, and restore the key file from a backup."
    )


class HeaderRolledBackError(LockedError):
    """An older key file was put back: removed officers or old passwords would work again."""

    code = "header-rolled-back"
    message = N_(
        "An older key file was put in place of {name}: version {found}, but the database has seen "
        "version {known}. Nothing was opened. Tell the security administrator, and put the newest "
        "key file back."
    )


class DatabaseMissingError(VaultError):
    """There is no database in the folder."""

    code = "database-missing"
    message = N_(
        "There is no database {name} in this folder. Nothing was created. Check the folder, or "
        "restore a backup."
    )


class DatabaseEmptyError(VaultError):
    """The database file has no bytes."""

    code = "database-empty"
    message = N_(
        "The database {name} is an empty file. It was left as it is. Restore a backup into a new "
        "folder."
    )


class DatabaseDamagedError(VaultError):
    """The database belongs to this vault but parts of it cannot be read."""

    code = "database-damaged"
    message = N_(
        "The database {name} is damaged. It was not changed. Make a copy of the whole folder, then "
        "restore the last backup into a new folder."
    )


class DatabaseForeignError(VaultError):
    """The file is not this vault's database: another program's, another vault's, not encrypted."""

    code = "database-foreign"
    message = N_(
        "The file {name} is not the database of this vault. It was not changed. Put the right file "
        "back, or restore a backup into a new folder."
    )


class NewerSchemaError(VaultError):
    """A newer deskcrm wrote the database."""

    code = "newer-schema"
    message = N_(
        "This database was written by a newer deskcrm (version {found} of its tables, this program "
        "knows {known}). It was not changed. Update deskcrm on this workstation."
    )


class MigrationFailedError(VaultError):
    """A step of a migration failed; the database is as it was."""

    code = "migration-failed"
    message = N_(
        "The database could not be brought to version {step} of its tables. Nothing was changed: "
        "the version before still opens it. Tell your administrator."
    )


class ReadOnlyFolderError(VaultError):
    """The folder or a file in it cannot be written."""

    code = "read-only"
    message = N_(
        "The folder {folder} cannot be written. Nothing was changed. Check its permissions and "
        "whether its disk is mounted read-only."
    )


class DiskFullError(VaultError):
    """No room left on the disk."""

    code = "disk-full"
    message = N_(
        "The disk of {folder} is full. What was not yet saved was not written, everything saved "
        "before is kept. Free some space and try again."
    )


class StorageFailedError(VaultError):
    """The operating system refused; ``reason`` is the name of its error."""

    code = "storage-failed"
    message = N_(
        "The operating system refused to read or write in {folder} ({reason}). What was saved "
        "before is kept. Check the disk and try again."
    )


class NetworkShareError(VaultError):
    """A database on a network share is damaged sooner or later."""

    code = "network-share"
    message = N_(
        "The folder {folder} lies on a network share ({kind}), where a database is damaged sooner "
        "or later. Nothing was opened. Keep the vault on a local disk, and backups on the share."
    )


class VaultInUseError(VaultError):
    """Another process has the vault open, and this work needs it alone."""

    code = "vault-in-use"
    message = N_(
        "The vault is in use by another deskcrm, and this needs it alone. Nothing was changed. "
        "Close the other windows and try again."
    )


class VaultExistsError(VaultError):
    """A new vault or a restore was asked for where something already lies."""

    code = "vault-exists"
    message = N_(
        "The folder {folder} is not empty. Nothing in it was changed. Choose a new or empty folder."
    )


class LastOfficerError(VaultError):
    """The last officer of a vault cannot be removed."""

    code = "last-officer"
    message = N_(
        "This is the last officer who can sign in. Nothing was changed. Add another first."
    )


class OfficerExistsError(VaultError):
    """An officer with this login is already enrolled."""

    code = "officer-exists"
    message = N_("“{login}” already signs in here. Nothing was changed. Choose another login.")


class WeakPasswordError(VaultError):
    """The new password does not pass the rule in the message."""

    code = "weak-password"


class BackupRefusedError(VaultError):
    """A backup that is not taken: the database in use stays as it is."""

    code = "backup-refused"


class BackupPartialError(BackupRefusedError):
    """A file of the backup is missing or short."""

    code = "backup-partial"
    message = N_(
        "The backup is incomplete: {name} is missing or short. Nothing was restored; the present "
        "database stays. Use another backup."
    )


class BackupTamperedError(BackupRefusedError):
    """A file of the backup is not what was written."""

    code = "backup-tampered"
    message = N_(
        "The backup was changed after it was made ({name}). Nothing was restored; the present "
        "database stays. Use another backup and tell the security administrator."
    )


class BackupForeignError(BackupRefusedError):
    """The folder is no backup of deskcrm, or of another vault or program version."""

    code = "backup-foreign"
    message = N_(
        "This is not a backup of this vault. Nothing was restored; the present database stays. "
        "Check the folder."
    )


class BackupOlderError(BackupRefusedError):
    """The backup ends before what is known to have been written."""

    code = "backup-older"
    message = N_(
        "The backup ends at ledger entry {found}, but entry {known} is known to exist. Nothing was "
        "restored; the present database stays. Use a newer backup."
    )


class BackupFailedError(BackupRefusedError):
    """The copy that was just made did not verify."""

    code = "backup-failed"
    message = N_(
        "The backup did not pass its check ({reason}) and was thrown away. The present database "
        "stays. Run the checks of the database (deskcrm doctor)."
    )
