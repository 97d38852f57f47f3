"""Counts what happens in a program, and writes the sums in the background."""
