"""Makes, serves, checks and deploys a project's receiver, without Node of your own.

`packages` installs the locked npm packages, `toolchain` finds them, `scaffold` makes a
project's folder, `generate` writes what follows from its contract, `serve` runs the Worker
with its database in a folder, `cloudflare` deploys it, and `harness` runs it for tests.
"""
