"""Talks to the endpoint: its URL, the request, the answer; needs no Django."""
