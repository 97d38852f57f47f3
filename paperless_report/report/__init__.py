"""Builds a report from a contract and its collectors; needs no Django."""
