"""What is brought up to date before every unit of work ends, in the same transaction."""

from __future__ import annotations

from deskcrm.services.search_index import keep_index
from deskcrm.vault.session import DerivedHook

DERIVED: tuple[DerivedHook, ...] = (keep_index,)
"""Search index, duplicate keys and ranks; each hook gets the unit of work and what it touched."""
