"""Lets installations of five systems live a week, with the clocks of both sides moved.

`plan` makes up what happens, `client_model`, `receiver_model` and `editions` work out what
must follow from it, all without I/O. `world` lets the real clients and the real receiver do
the same, and `checks` compares the two. `systems/` has what differs between the systems.
"""
