"""Keeps what has to outlive a run; needs no Django."""
