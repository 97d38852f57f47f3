"""Shows a report at a terminal, asks, sends; writes the sentences of all packages."""
