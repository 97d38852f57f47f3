"""Measures, side by side with peers, and writes docs/explanation/performance.md."""
