"""The preview: what an admin reads before saying yes. Pure (decision C1)."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from paperless_report import words
from paperless_report.contract import Field, Value

_HEADER = _(
    "The following information will be sent to %(project)s to help\n"
    "improve the project:"
)
_FOOTER = _(
    "No personal data, document content, or IP address is stored.\n"
    "More information: %(url)s"
)

# A field that stands in brackets behind another, where both are there.
_BRACKETS = {"commit": ("build_date", _("built %(value)s"))}
# Ranges are read with an en dash; the payload has a hyphen (decision P1).
_RANGES = ("doc_bucket",)


def render(
    values: Mapping[str, Value], fields: Mapping[str, Field], project: str, page: str
) -> str:
    """The whole preview, without the question.

    Args:
        values: What would be sent.
        fields: The contract's.
        project: The name of whom it would be sent to.
        page: The address where they tell more.
    """
    header = str(_HEADER) % {"project": project}
    footer = str(_FOOTER) % {"url": page}
    return "\n".join((header, "", *_rows(values, fields), "", footer, "", ""))


def _rows(values: Mapping[str, Value], fields: Mapping[str, Field]) -> Iterator[str]:
    labels = {name: words.label(field) for name, field in fields.items()}
    width = max(map(len, labels.values()))
    bracketed = {inner for outer, (inner, _) in _BRACKETS.items() if outer in values}
    for name, label in labels.items():
        if name not in values or name in bracketed:
            continue
        yield f"  {label:{width}} : {_words(name, values[name])}{_bracket(name, values)}"


def _bracket(name: str, values: Mapping[str, Value]) -> str:
    inner, said = _BRACKETS.get(name, ("", ""))
    return f"  ({str(said) % {'value': values[inner]}})" if inner in values else ""


def _words(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return (
            pgettext("usage report", "yes") if value else pgettext("usage report", "no")
        )
    return value.replace("-", "\N{EN DASH}") if name in _RANGES else value
