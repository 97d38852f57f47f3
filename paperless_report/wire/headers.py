"""Completes the headers of a request, so that a preview shows what is sent."""

from collections.abc import Mapping


def complete_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return *headers* with those that each request has; *headers* win.

    They are all that the receiver learns about this machine.
    """
    stated = {it.lower() for it in headers}
    defaults = {"Accept-Encoding": "identity"}
    if "user-agent" not in stated:
        defaults["User-Agent"] = _name_agent()
    added = {name: it for name, it in defaults.items() if name.lower() not in stated}
    return {**headers, **added}


def _name_agent() -> str:
    """Return `paperless-report/X.Y`, which says nothing about the machine."""
    # Here, because looking up the version takes longer than a dry run's other imports.
    from paperless_report.version import __version__  # noqa: PLC0415

    major_minor = ".".join(__version__.split(".")[:2])
    return f"paperless-report/{major_minor}"
