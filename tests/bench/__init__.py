"""Measures, side by side with peers, and writes the tables in docs/explanation/."""
