"""Lays out the preview that an admin reads before saying yes (decision C1)."""

from collections.abc import Iterator, Mapping

from paperless_report import contract
from paperless_report.contract import Field, Value
from paperless_report.report.ranges import list_ranges
from paperless_report.terminal.messages import label_field
from paperless_report.translate import gettext_lazy as _
from paperless_report.translate import pgettext

_HEADER = _(
    "The following information will be sent to %(project)s to help\n"
    "improve the project:"
)
# The spec's words: a promise of the receiver of paperless-ngx.
_FOOTER_OF_PAPERLESS = _(
    "No personal data, document content, or IP address is stored.\n"
    "More information: %(url)s"
)
# True whatever a project collects, and whatever its receiver does.
_FOOTER = _("The report contains only what is shown here.\nMore information: %(url)s")

_SET_BY_RECEIVER = _("added by the receiver")

# Fields that stand in brackets behind another one, if both are there.
_BRACKETS = {"commit": ("build_date", _("built %(value)s"))}


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
    header = str(_HEADER) % {"project": project}
    is_paperless = page == contract.load_project()["page"]
    footer = str(_FOOTER_OF_PAPERLESS if is_paperless else _FOOTER) % {"url": page}
    return "\n".join((header, "", *_rows(values, fields), "", footer, "", ""))


def _rows(values: Mapping[str, Value], fields: Mapping[str, Field]) -> Iterator[str]:
    labels = {name: label_field(field) for name, field in fields.items()}
    width = max(map(len, labels.values()))
    bracketed = {inner for outer, (inner, _) in _BRACKETS.items() if outer in values}
    for name, label in labels.items():
        if fields[name].set_by_receiver:
            yield f"  {label:{width}} : ({_SET_BY_RECEIVER})"
        elif name in values and name not in bracketed:
            value = _format(fields[name], values[name])
            yield f"  {label:{width}} : {value}{_bracket(name, values)}"


def _bracket(name: str, values: Mapping[str, Value]) -> str:
    inner, template = _BRACKETS.get(name, ("", ""))
    if inner not in values:
        return ""
    return f"  ({str(template) % {'value': values[inner]}})"


def _format(field: Field, value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(_format(field, element) for element in value)
    if isinstance(value, bool):
        return (
            pgettext("usage report", "yes") if value else pgettext("usage report", "no")
        )
    text = str(value)
    if list_ranges(field.schema):
        # The payload has a hyphen (decision P1).
        return text.replace("-", "\N{EN DASH}")
    return make_printable(text)


def make_printable(text: str) -> str:
    """Replace control and bidirectional characters by U+FFFD."""
    return "".join(
        it if it.isprintable() else "\N{REPLACEMENT CHARACTER}" for it in text
    )
