"""The subcommands of `build-stamp`, one module each.

Each module has `HELP`, `EPILOG`, `add_arguments` and `run`, which returns the exit
status.
"""
