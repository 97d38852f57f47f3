"""Reads facts about a program and its machine that need no framework."""
