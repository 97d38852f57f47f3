"""Runs the Worker on this machine, from Python: Cloudflare's own runtime, no account.

`toolchain` brings Node and the locked packages, `serve` keeps the Worker up with
its database in a folder, `harness` runs it for tests.
"""
