"""What Printernizer's own server answered when it was recorded, and where ours differs.

Of a 422, the table has `type`, `loc` and `msg`. The recorded ones also had `url`, `input`
and `ctx`, which no answer of ours has.
"""

import json
from dataclasses import dataclass, field

from tests.projects.printernizer.recorded import KEY


@dataclass(frozen=True)
class Answer:
    """A status, a body as JSON, and the headers that a client needs."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A recorded request and its answer.

    `changed` is the answer of ours if it differs. Then docs/explanation/deviations.md has a row for it.
    """

    name: str
    recorded: Answer
    changed: Answer | None = None

    @property
    def expected(self) -> Answer:
        return self.changed or self.recorded


@dataclass(frozen=True)
class ReportCase(Case):
    """A report in which the property at a dotted path is `value`, or is left out."""

    path: str = ""
    value: object = ...


@dataclass(frozen=True)
class RequestCase(Case):
    """Any other request. The body None stands for the example report."""

    method: str = "POST"
    path: str = "/submit"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    key: str | None = KEY


# The test compares `submission_id` apart: ours is the time.
ACCEPTED = Answer(
    200, {"status": "success", "message": "Statistics submitted successfully"}
)
NOT_AUTHENTICATED = Answer(403, {"detail": "Not authenticated"})
WRONG_KEY = Answer(401, {"detail": "Invalid API key"})
NOT_FOUND = Answer(404, {"detail": "Not Found"})
LIMITED = Answer(
    429, {"detail": "Rate limit exceeded. Maximum 10 submissions per hour."}
)
_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
NOT_AN_OBJECT = "Input should be a valid dictionary or object to extract fields from"


def refused(kind: str, path: str, message: str) -> Answer:
    """A 422 with one error."""
    loc = ["body", *path.split(".")] if path else ["body"]
    return Answer(422, {"detail": [{"type": kind, "loc": loc, "msg": message}]})


def deleted(count: int) -> Answer:
    return Answer(
        200,
        {
            "status": "success",
            "deleted_count": count,
            "message": f"Deleted {count} submissions",
        },
    )


def without(path: str, *, required: bool) -> ReportCase:
    recorded = refused("missing", path, "Field required") if required else ACCEPTED
    return ReportCase(f"without {path}", recorded, path=path)


def replaced(
    path: str, value: object, recorded: Answer, changed: Answer | None = None
) -> ReportCase:
    name = f"{path} = {json.dumps(value)}"
    return ReportCase(name, recorded, changed, path=path, value=value)


_JOBS = "usage_stats.job_count"
_TOO_LARGE = refused(
    "less_than_equal", _JOBS, "Input should be less than or equal to 1000000"
)
_NOT_A_NUMBER = "Input should be a valid integer, unable to parse string as an integer"
_NOT_A_UUID = refused(
    "string_pattern_mismatch",
    "installation.installation_id",
    f"String should match pattern '{_ID}'",
)

REPORTS = (
    without("schema_version", required=False),
    without("submission_timestamp", required=False),
    without("installation", required=True),
    without("installation.first_seen", required=False),
    without("installation.app_version", required=True),
    without("installation.python_version", required=False),
    without("installation.platform", required=True),
    without("installation.country_code", required=True),
    without("period", required=True),
    without("period.start", required=True),
    without("period.end", required=True),
    without("printer_fleet", required=True),
    without("printer_fleet.printer_count", required=False),
    without("usage_stats", required=True),
    without("usage_stats.feature_usage", required=False),
    replaced("schema_version", "9.9", ACCEPTED),
    replaced(
        "schema_version",
        1,
        refused("string_type", "schema_version", "Input should be a valid string"),
    ),
    replaced("installation.installation_id", "not-a-uuid", ACCEPTED, _NOT_A_UUID),
    replaced("installation.installation_id", "", ACCEPTED, _NOT_A_UUID),
    replaced(
        "installation.app_version",
        None,
        refused(
            "string_type", "installation.app_version", "Input should be a valid string"
        ),
    ),
    replaced("installation.deployment_mode", "spaceship", ACCEPTED),
    replaced(
        "period.start",
        "yesterday",
        refused(
            "datetime_parsing",
            "period.start",
            "Input should be a valid datetime, input is too short",
        ),
    ),
    replaced(
        "period.start",
        1732060800,
        ACCEPTED,
        refused("datetime_type", "period.start", "Input should be a valid datetime"),
    ),
    replaced(
        "period.end",
        "2020-01-01",
        refused(
            "datetime_parsing",
            "period.end",
            "Input should be a valid datetime, invalid datetime separator,"
            " expected `T`, `t`, `_` or space",
        ),
    ),
    replaced(
        "period.duration_days",
        -1,
        refused(
            "greater_than_equal",
            "period.duration_days",
            "Input should be greater than or equal to 0",
        ),
    ),
    replaced(
        "period.duration_days",
        7.5,
        refused(
            "int_from_float",
            "period.duration_days",
            "Input should be a valid integer, got a number with a fractional part",
        ),
    ),
    replaced(
        "period.duration_days",
        "7",
        ACCEPTED,
        refused("int_parsing", "period.duration_days", _NOT_A_NUMBER),
    ),
    replaced(_JOBS, "3", ACCEPTED, refused("int_parsing", _JOBS, _NOT_A_NUMBER)),
    replaced(_JOBS, 10**18, ACCEPTED, _TOO_LARGE),
    replaced(
        _JOBS,
        10**20,
        Answer(500, {"detail": "Failed to process submission"}),
        _TOO_LARGE,
    ),
    replaced(
        _JOBS, None, refused("int_type", _JOBS, "Input should be a valid integer")
    ),
    replaced("usage_stats.feature_usage", {"a": "yes"}, ACCEPTED),
    replaced(
        "usage_stats.feature_usage",
        {"a": 2},
        refused(
            "bool_parsing",
            "usage_stats.feature_usage.a",
            "Input should be a valid boolean, unable to interpret input",
        ),
        ACCEPTED,
    ),
    replaced(
        "printer_fleet.printer_types",
        "bambu",
        refused(
            "list_type", "printer_fleet.printer_types", "Input should be a valid list"
        ),
    ),
    replaced("printer_fleet.printer_type_counts", {"a": -5}, ACCEPTED),
    replaced("error_summary", {"a": -1}, ACCEPTED),
    replaced("unknown", "x", ACCEPTED),
    ReportCase(
        "a body of 20 KB",
        ACCEPTED,
        refused("bytes_too_long", "", "Data should have at most 10240 bytes"),
        path="unknown",
        value="x" * 20_000,
    ),
)

_TIME = "Input should be a valid datetime"
_FLAG = "usage_stats.feature_usage.library_enabled"
# Not recorded: what FastAPI 0.104.1 with pydantic 2.5, the versions of its server, make of
# the same models.
MORE_REPORTS = tuple(
    replaced(path, value, refused(kind, path, message))
    for path, value, kind, message in (
        ("installation", None, "model_attributes_type", NOT_AN_OBJECT),
        ("printer_fleet", [], "model_attributes_type", NOT_AN_OBJECT),
        ("error_summary", "{}", "dict_type", "Input should be a valid dictionary"),
        (_FLAG, None, "bool_type", "Input should be a valid boolean"),
        (_FLAG, 2.5, "bool_type", "Input should be a valid boolean"),
        (
            *(_FLAG, 2, "bool_parsing"),
            "Input should be a valid boolean, unable to interpret input",
        ),
        (_JOBS, "abc", "int_parsing", _NOT_A_NUMBER),
        (_JOBS, [], "int_type", "Input should be a valid integer"),
        ("period.end", None, "datetime_type", _TIME),
        ("period.end", "", "datetime_parsing", f"{_TIME}, input is too short"),
        (
            *("period.end", "20200101T000000", "datetime_parsing"),
            f"{_TIME}, invalid date separator, expected `-`",
        ),
        (
            *("period.end", "2020-13-01T00:00", "datetime_parsing"),
            f"{_TIME}, month value is outside expected range of 1-12",
        ),
        (
            *("period.end", "2020-01-32T00:00", "datetime_parsing"),
            f"{_TIME}, day value is outside expected range",
        ),
        (
            "period.end",
            "2020-01-01T00",
            "datetime_parsing",
            f"{_TIME}, input is too short",
        ),
        (
            *("period.end", "2020-01-01T25:00", "datetime_parsing"),
            f"{_TIME}, hour value is outside expected range of 0-23",
        ),
        ("schema_version", None, "string_type", "Input should be a valid string"),
    )
) + tuple(
    replaced(path, value, ACCEPTED)
    for path, value in (
        ("submission_timestamp", None),
        ("installation.first_seen", None),
        ("installation.python_version", None),
        ("period.end", "2020-01-01T00:00"),
        ("period.end", "2020-01-01_00:00:00.1234567+01:00"),
        (_JOBS, 1.0),
    )
)

_BROKEN = Answer(
    422,
    {
        "detail": [
            {"type": "json_invalid", "loc": ["body", 1], "msg": "JSON decode error"}
        ]
    },
)
_BROKEN_HERE = refused("json_invalid", "", "JSON decode error")
_RECORDED_STATISTICS = (
    *("overview", "installations", "deployment-modes", "geography", "printers"),
    *("features", "anomalies"),
)

REQUESTS = (
    RequestCase("no X-API-Key", NOT_AUTHENTICATED, key=None),
    RequestCase("an empty X-API-Key", NOT_AUTHENTICATED, key=""),
    RequestCase("a wrong X-API-Key and a bad body", WRONG_KEY, key="x", body=b"{}"),
    RequestCase("no X-API-Key and a bad body", NOT_AUTHENTICATED, key=None, body=b"{}"),
    RequestCase(
        *("broken JSON without a key", _BROKEN, _BROKEN_HERE),
        key=None,
        body=b"{x",
    ),
    RequestCase(
        *("broken JSON", _BROKEN, _BROKEN_HERE),
        body=b"{x",
    ),
    RequestCase("an empty body", refused("missing", "", "Field required"), body=b""),
    RequestCase("null", refused("missing", "", "Field required"), body=b"null"),
    RequestCase(
        "a JSON array", refused("model_attributes_type", "", NOT_AN_OBJECT), body=b"[]"
    ),
    RequestCase(
        "Content-Type text/plain",
        refused("model_attributes_type", "", NOT_AN_OBJECT),
        headers={"Content-Type": "text/plain"},
    ),
    RequestCase(
        "GET /",
        Answer(
            200,
            {
                "service": "Printernizer Usage Statistics Aggregation",
                "status": "healthy",
                "version": "1.0.0",
            },
        ),
        method="GET",
        path="/",
    ),
    RequestCase(
        "GET /submit",
        Answer(405, {"detail": "Method Not Allowed"}, {"Allow": "POST"}),
        method="GET",
    ),
    RequestCase(
        "POST /submit/",
        Answer(307, None, {"Location": "http://127.0.0.1:18085/submit"}),
        NOT_FOUND,
        path="/submit/",
    ),
    RequestCase("GET /nope", NOT_FOUND, method="GET", path="/nope"),
    RequestCase(
        "DELETE of an unknown ID, without a key",
        NOT_AUTHENTICATED,
        method="DELETE",
        path="/installation/00d81f15-7237-4bac-ab46-686bccfe313b",
        key=None,
    ),
    RequestCase(
        "DELETE of an unknown ID",
        Answer(
            200,
            {
                "status": "success",
                "deleted_count": 0,
                "message": "Deleted 0 submissions for installation"
                " 00d81f15-7237-4bac-ab46-686bccfe313b",
            },
        ),
        deleted(0),
        method="DELETE",
        path="/installation/00d81f15-7237-4bac-ab46-686bccfe313b",
    ),
    RequestCase(
        *("GET /stats/...", NOT_AUTHENTICATED, NOT_FOUND),
        method="GET",
        path="/stats/summary",
        key=None,
    ),
    *(
        RequestCase(
            *("GET /stats/...", Answer(200, ...), NOT_FOUND),
            method="GET",
            path=f"/stats/{name}",
        )
        for name in _RECORDED_STATISTICS
    ),
)
