"""Writes the sentences that the terminal and the page share, in the admin's language."""
