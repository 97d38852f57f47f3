"""Shows, asks and sends at a terminal; the only package with sentences in it."""
