"""Lays out the preview that an admin reads before saying yes (decision C1)."""

from collections.abc import Iterator, Mapping

from paperless_report.contract import Field, Value
from paperless_report.words import messages
from paperless_report.words.messages import label_field
from paperless_report.words.values import list_values


def render_preview(
    values: Mapping[str, Value], fields: Mapping[str, Field], project: str, page: str
) -> str:
    """Return the whole preview, without the question.

    Args:
        values: What would be sent.
        fields: The fields of the contract.
        project: The name of the project that receives the report.
        page: The address of its page about reports.
    """
    header = str(messages.WHAT_IS_SENT) % {"project": project}
    footer = messages.write_footer(page)
    return "\n".join((header, "", *_rows(values, fields), "", footer, "", ""))


def _rows(values: Mapping[str, Value], fields: Mapping[str, Field]) -> Iterator[str]:
    width = max(len(label_field(it)) for it in fields.values())
    for _field, label, value in list_values(values, fields):
        yield f"  {label:{width}} : {value}"
