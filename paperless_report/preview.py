"""The preview: what an admin reads before saying yes. Pure (decision C1)."""

from collections.abc import Iterator, Mapping

from paperless_report.contract import Field, Value

HEADER = """\
The following information will be sent to paperless-ngx to help
improve the project:
"""
FOOTER = """\
No personal data, document content, or IP address is stored.
More information: https://docs.paperless-ngx.com/usage-reporting/
"""

# A field that stands in brackets behind another, where both are there.
_BRACKETS = {"commit": ("build_date", "built")}
# Ranges are read with an en dash; the payload has a hyphen (decision P1).
_RANGES = ("doc_bucket",)
# What stands in where a terminal cannot print the dashes.
_PLAIN = str.maketrans({"\N{EN DASH}": "-", "\N{EM DASH}": "-"})


def render(values: Mapping[str, Value], fields: Mapping[str, Field]) -> str:
    """The whole preview, without the question."""
    return "\n".join((HEADER, *_rows(values, fields), "", FOOTER, ""))


def encodable(text: str, encoding: str | None) -> str:
    """*text*, with plain hyphens and escapes for what *encoding* lacks."""
    try:
        text.encode(encoding or "utf-8")
    except LookupError:
        encoding = "ascii"
    except UnicodeEncodeError:
        pass
    else:
        return text
    # Beside the dashes, only a path can hold what a terminal lacks.
    plain = text.translate(_PLAIN).encode(encoding or "utf-8", "backslashreplace")
    return plain.decode(encoding or "utf-8")


def _rows(values: Mapping[str, Value], fields: Mapping[str, Field]) -> Iterator[str]:
    width = max(len(field.title) for field in fields.values())
    bracketed = {inner for outer, (inner, _) in _BRACKETS.items() if outer in values}
    for name, field in fields.items():
        if name not in values or name in bracketed:
            continue
        yield f"  {field.title:{width}} : {_words(name, values[name])}{_bracket(name, values)}"


def _bracket(name: str, values: Mapping[str, Value]) -> str:
    inner, word = _BRACKETS.get(name, ("", ""))
    return f"  ({word} {values[inner]})" if inner in values else ""


def _words(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.replace("-", "\N{EN DASH}") if name in _RANGES else value
