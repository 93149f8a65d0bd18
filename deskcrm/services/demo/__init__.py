"""The demo branch: invented customers with two years of history, from a seed and a date.

The same seed and date give the same rows. Everything that is invented comes from ``data/demo``.
"""

from deskcrm.services.demo.fill import DemoNeedsEmptyVaultError, DemoReport, fill_demo

__all__ = ["DemoNeedsEmptyVaultError", "DemoReport", "fill_demo"]
