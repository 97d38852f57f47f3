"""Reads the Django project that this app is installed in; never writes to it."""
