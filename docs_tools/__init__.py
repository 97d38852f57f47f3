"""Writes the generated parts of the documentation from code and contracts."""
