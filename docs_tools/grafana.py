"""Builds dashboards for Grafana with the data source Infinity, whose base URL is the receiver's."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

_SOURCE = {"type": "yesoreyeram-infinity-datasource", "uid": "${infinity}"}
_TYPES = dict.fromkeys(("value", "first", "second"), "string") | dict.fromkeys(
    ("day", "until"), "timestamp"
)
_COLUMNS = 24
_WIDTHS = {"row": _COLUMNS, "bargauge": 8}
_VALUES: Json = {"calcs": [], "fields": "", "values": True, "limit": 25}
_OPTIONS: Mapping[str, Json] = {
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "none",
        "graphMode": "none",
    },
    "bargauge": {
        "orientation": "horizontal",
        "displayMode": "basic",
        "showUnfilled": True,
        "reduceOptions": _VALUES,
    },
    "table": {"showHeader": True, "cellHeight": "sm"},
    "timeseries": {
        "legend": {
            "showLegend": True,
            "displayMode": "table",
            "placement": "right",
            "calcs": ["lastNotNull"],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}


def build_dashboard(
    title: str, variables: Iterable[Json], panels: Iterable[Json]
) -> str:
    """Return the JSON of a dashboard with these panels, from left to right."""
    source = {
        "name": "infinity",
        "label": "Data source",
        "type": "datasource",
        "query": _SOURCE["type"],
    }
    dashboard = {
        "title": title,
        "tags": ["usage-reports"],
        "schemaVersion": 41,
        "editable": True,
        "refresh": "1h",
        "timezone": "utc",
        "time": {"from": "now-90d", "to": "now"},
        "templating": {"list": [source, *variables]},
        "panels": list(_place(panels)),
    }
    return json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"


def build_variable(name: str, values: Sequence[str], default: str) -> Json:
    """Build a variable that has one of these values."""
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "custom",
        "query": ",".join(values),
        "current": {"text": default, "value": default},
        "options": [
            {"text": it, "value": it, "selected": it == default} for it in values
        ],
    }


def build_query(path: str, columns: Mapping[str, str], root: str = "") -> Json:
    """Build a query.

    Args:
        path: The path and query of the URL.
        columns: The title of each property that is shown; `Time` is the time of a series.
        root: The selector of the rows in the answer.
    """
    return {
        "datasource": _SOURCE,
        "type": "json",
        "source": "url",
        "parser": "backend",
        "format": "timeseries" if "Time" in columns.values() else "table",
        "url": path,
        "url_options": {"method": "GET"},
        "root_selector": root,
        "columns": [
            {"selector": selector, "text": text, "type": _TYPES.get(selector, "number")}
            for selector, text in columns.items()
        ],
    }


def build_panel(
    kind: str, title: str, *queries: Json, description: str, unit: str = "none"
) -> Json:
    """Build a panel of this *kind*, Grafana's name for a type of chart."""
    columns = queries[0]["columns"]
    defaults = {"unit": unit, "decimals": 0, "noValue": "none"}
    labels = [it["text"] for it in columns if it["type"] == "string"]
    if kind == "timeseries" and labels:
        # A series is called what its value is.
        names = (f"${{__field.labels.{it}}}" for it in labels)
        defaults["displayName"] = ", ".join(names)
    panel = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": _SOURCE,
        "fieldConfig": {
            "defaults": defaults,
            # Without this, Grafana puts the query's letter before the name of a series.
            "overrides": [
                _override(column["text"])
                for query in (queries if queries[1:] else ())
                for column in query["columns"]
                if column["type"] == "number"
            ],
        },
        "options": _OPTIONS[kind],
        "targets": [
            {"refId": chr(ord("A") + index), **query}
            for index, query in enumerate(queries)
        ],
    }
    if kind == "table":
        # The data source sorts columns by name.
        order = {it["text"]: index for index, it in enumerate(columns)}
        panel["transformations"] = [
            {"id": "organize", "options": {"indexByName": order}}
        ]
    return panel


def _override(name: str) -> Json:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": "displayName", "value": name}],
    }


def build_row(title: str) -> Json:
    """Build a heading for the panels that follow."""
    return {"type": "row", "title": title, "collapsed": False, "panels": []}


def _place(panels: Iterable[Json]) -> Iterator[Json]:
    """Number the panels, and place them from left to right and from top to bottom."""
    x, top, bottom = 0, 0, 0
    for number, panel in enumerate(panels, start=1):
        width = _WIDTHS.get(panel["type"], _COLUMNS // 2)
        height = 1 if panel["type"] == "row" else 8
        if x + width > _COLUMNS:
            x, top = 0, bottom
        place = {"h": height, "w": width, "x": x, "y": top}
        yield {"id": number, **panel, "gridPos": place}
        x, bottom = x + width, max(bottom, top + height)


def escape(name: str) -> str:
    """Escape the dots of a property's name for a selector."""
    return name.replace(".", r"\.")
