"""Decides when a report is due, and when a failed one is tried again; does no I/O."""
