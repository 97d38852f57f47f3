"""Reads the preview of a report, whatever the width of its columns."""

import re
from collections.abc import Mapping

from paperless_report import contract
from paperless_report.contract import Field


def read_preview(
    printed: str, fields: Mapping[str, Field] | None = None
) -> dict[str, str]:
    """Return what the preview in *printed* shows, by the names of the fields.

    Args:
        printed: What the command printed.
        fields: The fields of the contract; by default those of paperless-ngx.
    """
    names = {it.title: it.name for it in (fields or contract.load_fields()).values()}
    rows = re.findall(r"^  (.+?) +: (.+)$", printed, re.MULTILINE)
    return {names[title]: text for title, text in rows}
