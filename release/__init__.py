"""This project's own releases: the notes, and the release engineer's one command."""
