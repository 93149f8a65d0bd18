"""The vault with a morning's queue, as the journeys have it."""

from __future__ import annotations

from tests.journeys.conftest import morning, morning_master

__all__ = ["morning", "morning_master"]
