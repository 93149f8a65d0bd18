"""deskcrm: a terminal program for bank desk officers."""

__version__ = "0.1.0"
