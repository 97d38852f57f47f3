"""Writes the Grafana dashboard of each project.

The API's description has the paths, the periods and the published fields. The project's
`dashboard.json` lists what to show of its counters, and the fields to show week by week.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from docs_tools.grafana import (
    Json,
    build_dashboard,
    build_panel,
    build_query,
    build_row,
    build_variable,
    escape,
)
from paperless_report import contract
from paperless_report.contract import Field

ROOT = Path(__file__).parents[1]
# The plugin's own macros, which also work where no browser fills them in.
# The last day is not over, and the time of its day includes it.
_RANGE = "from=${__timeFrom:date:YYYY-MM-DD}&until=${__timeTo:date:iso}"
# A table shows more values than a request gets by default.
_MOST_ROWS = 100
_CELL = {"value": "Value", "installs": "Installations"}
_TOTAL = {"total": "Installations"}
_published = functools.partial(
    build_panel,
    description="Published numbers are rounded to 5, and shown from 15.",
)
_exact = functools.partial(
    build_panel,
    description=(
        "Exact numbers from /operator. Do not publish this panel: that would undo the "
        "rounding of the published statistics."
    ),
)


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of each project's dashboard."""
    for file in sorted((ROOT / "projects").glob("*/dashboard.json")):
        api, questions = map(_read, (file.with_name("openapi.json"), file))
        yield file.with_name("grafana.json"), render(api, questions)


def render(api: Json, questions: Json) -> str:
    """Return the dashboard of a project.

    Args:
        api: The OpenAPI document that the project's receiver serves.
        questions: The content of its `dashboard.json`.
    """
    schemas = api["components"]["schemas"]
    contracts = (it for it in schemas.values() if "x-installation-id" in it)
    # The first report kind is the one that is counted.
    fields = contract.parse_fields(next(contracts))
    paths = {
        operation["operationId"]: path
        for path, operations in api["paths"].items()
        for operation in operations.values()
    }
    panels = [
        build_row("Published statistics"),
        *_list_weekly(paths["weeks"], fields, questions["weekly"]),
        *_list_published(f"{paths['statistics']}?period=${{period}}", fields),
        build_row("For the operator only"),
        *_list_exact(questions.get("counters", ())),
    ]
    values, default = (
        schemas["Period"]["anyOf"][0]["enum"],
        schemas["Period"]["default"],
    )
    period = build_variable("period", values, default)
    return build_dashboard(api["info"]["title"], [period], panels)


def _read(path: Path) -> Json:
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    return content


def _list_weekly(
    path: str, fields: Mapping[str, Field], names: list[str]
) -> Iterator[Json]:
    columns = {"until": "Time", "installs": "Installations"}
    query = build_query(f"{path}?field=total", columns)
    yield _published("timeseries", "Installations by week", query)
    for name in names:
        query = build_query(f"{path}?field={name}", {"until": "Time", **_CELL})
        yield _published("timeseries", f"{fields[name].title} by week", query)


def _list_published(path: str, fields: Mapping[str, Field]) -> Iterator[Json]:
    rules = {name: field.schema.get("x-published") for name, field in fields.items()}
    yield _published("stat", "Installations", build_query(path, _TOTAL))
    for name in (it for it in rules if rules[it] is True):
        query = build_query(path, _CELL, f"fields.{escape(name)}.cells")
        yield _published("bargauge", fields[name].title, query)
    if betas := [name for name, rule in rules.items() if isinstance(rule, Mapping)]:
        yield _published("stat", "On a beta", build_query(path, _TOTAL, "betas"))
        for name in betas:
            query = build_query(path, _CELL, f"betas.fields.{escape(name)}.cells")
            title = f"Betas by {fields[name].title.lower()}"
            yield _published("table", title, query)


def _list_exact(counters: list[Json]) -> Iterator[Json]:
    columns = {
        "day": "Time",
        "active_1": "On the day",
        "active_7": "In 7 days",
        "active_30": "In 30 days",
    }
    query = build_query(f"/operator/installations?{_RANGE}", columns)
    yield _exact("timeseries", "Active installations", query)
    for panel in counters:
        yield _build_counters(**panel)


def _build_counters(
    *,
    title: str,
    pair: str,
    events: Mapping[str, Mapping[str, str]],
    step: str = "total",
    unit: str = "none",
) -> Json:
    """Draw counters: over time, as a table, or as bars if there is one number for a value.

    Args:
        title: The panel's title.
        pair: The fields that `first` and `second` are values of.
        events: By event, the columns to show with their titles. Numbers are summed over
            what is not among them.
        step: `day`, `week` or `total`.
        unit: Grafana's name for the unit.
    """
    is_series = step != "total"
    _value, *numbers = next(iter(events.values()))
    kind = "timeseries" if is_series else "table" if numbers[1:] else "bargauge"
    times = {"day": "Time"} if is_series else {}
    top = {"top": _MOST_ROWS} if kind == "table" else {}
    queries = []
    for event, columns in events.items():
        values = [it for it in ("first", "second") if it in columns]
        by = "both" if values[1:] else "".join(values) or "none"
        parameters = {"event": event, "pair": pair, "by": by, "step": step, **top}
        path = f"/operator/counters?{urlencode(parameters, safe=',')}&{_RANGE}"
        queries.append(build_query(path, {**times, **columns}))
    return _exact(kind, title, *queries, unit=unit)
