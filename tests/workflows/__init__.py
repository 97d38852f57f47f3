"""Runs the workflows with act, on a forge made of folders."""
