"""Shows everything about the reports on one web page, and does what its buttons say.

`paperless_report.asgi` and `host.admin` serve it.
"""
