"""The branch and its officers."""

from __future__ import annotations

from sqlmodel import Field

from deskcrm.models.base import Code, Record, coded


class Role(Code):
    """What an officer is at the branch; rights per role are in ``data/authority.toml``."""

    TELLER = "teller"
    ACCOUNT_MANAGER = "account_manager"
    SUPERVISOR = "supervisor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


class Branch(Record, table=True):
    """A branch of the bank; a vault belongs to one."""

    __tablename__ = "branch"

    code: str = Field(default="", index=True)
    name: str
    address: str = ""
    phone: str = ""
    time_zone: str = "Asia/Shanghai"


class Officer(Record, table=True):
    """Somebody who works at the desk. The password lives in the key file, never here."""

    __tablename__ = "officer"

    login: str = Field(unique=True)
    name: str
    role: Role = coded(Role)
    branch_id: int = Field(foreign_key="branch.id")
    team: str = ""
    employee_number: str = ""
    phone: str = Field(default="", repr=False)
    active: bool = True
