"""This project's own releases: the notes, and the engineer's one command."""
