"""Measures, side by side with peers, and writes docs/performance.md."""
