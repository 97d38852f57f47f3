"""Runs a project's receiver on this machine with Cloudflare's own runtime, without an account.

`toolchain` installs the locked packages, `serve` runs the Worker with its database in a folder,
`withhold` takes a value out of the statistics, and `harness` runs the Worker for tests.
"""
