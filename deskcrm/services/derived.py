"""What is brought up to date before every unit of work ends, in the same transaction."""

from __future__ import annotations

from deskcrm.services.ranks import rank_touched
from deskcrm.services.scans import raise_for_touched
from deskcrm.services.search_index import keep_index
from deskcrm.vault.session import DerivedHook

DERIVED: tuple[DerivedHook, ...] = (keep_index, raise_for_touched, rank_touched)
"""Search index, duplicate keys, follow-ups that a change makes due, and ranks, in this order; each
hook gets the unit of work and what it touched."""
