"""Decides whether reports may be sent; does no I/O."""
