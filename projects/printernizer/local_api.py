"""Serves Printernizer's own API for its settings: what is stored, and the switch.

Who may use it is decided by the rules of the page for admins. A browser that shows another
site can neither read nor change anything. Scripts may, since they send no header of a browser:
the programs that use this API are scripts and Printernizer's own pages.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from paperless_report import Reporter, ReportingError, Source, State, Status
from paperless_report.asgi_access import (
    Answer,
    App,
    Authorize,
    Handler,
    Receive,
    RefusedError,
    Request,
    Routes,
    Scope,
    Send,
    protect,
    write_json,
)
from paperless_report.words.messages import describe_problem
from paperless_report.words.states import name_source
from projects.printernizer.week import WEEK, list_sent_periods

PATH = "/api/v1/usage-stats"
# What no click on a page can change.
_FIXED = {Source.PACKAGER, Source.DO_NOT_TRACK, Source.VARIABLE}


def create_local_api(reporter: Reporter, *, authorize: Authorize | None = None) -> App:
    """Return an ASGI app with the API, to mount at `PATH`.

    A framework that mounts it redirects `PATH` to `PATH/`, which a script that deletes does
    not follow. `LocalApi` does not.

    Args:
        reporter: What it shows, and turns on and off.
        authorize: Takes a request's ASGI scope, and returns True if the request may pass,
            as for `create_page`. Without it, only the same machine can use the API.
    """

    def use(answer: Callable[[Reporter], Answer]) -> Handler:
        def handle(_request: Request) -> Answer:
            try:
                return answer(reporter)
            except ReportingError as error:
                text = describe_problem(error, reporter.project.variables)
                raise RefusedError(503, text) from error

        return handle

    delete = {"DELETE": use(delete_all)}
    routes: Routes = {
        "/status": {"GET": lambda _request: read_status(reporter)},
        "/local": {"GET": use(read_local)},
        "/export": {"GET": use(export)},
        "/opt-in": {"POST": use(opt_in)},
        "/opt-out": {"POST": use(opt_out)},
        # As its code has it, and as its documentation has it.
        **dict.fromkeys(("", "/", "/delete-all"), delete),
    }
    return protect(
        routes,
        name="create_local_api",
        authorize=authorize,
        write_refusal=_write_refusal,
    )


class LocalApi:
    """Serves the API in front of another ASGI app: `app.add_middleware(LocalApi, reporter=...)`."""

    def __init__(
        self, app: App, *, reporter: Reporter, authorize: Authorize | None = None
    ) -> None:
        self._app = app
        self._api = create_local_api(reporter, authorize=authorize)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below `PATH`, and pass on any other."""
        root = scope.get("root_path", "").rstrip("/")
        path = scope.get("path", "").removeprefix(root)
        if scope["type"] != "http" or not f"{path}/".startswith(f"{PATH}/"):
            await self._app(scope, receive, send)
        else:
            await self._api({**scope, "root_path": f"{root}{PATH}"}, receive, send)


def read_status(reporter: Reporter) -> Answer:
    """Say whether events are stored, and whether reports are sent."""
    try:
        status = reporter.status()
    except ReportingError:
        return write_json(
            {
                "service_available": False,
                "opted_in": False,
                "total_events": 0,
                "collection_active": False,
            }
        )
    is_fixed = status.decision.source in _FIXED
    return write_json(
        {
            "service_available": True,
            "opted_in": _is_on(status),
            "total_events": status.logged,
            "collection_active": _is_on(status) or not is_fixed,
        }
    )


def read_local(reporter: Reporter) -> Answer:
    """Sum up what is stored on this machine."""
    status, events = reporter.status(), reporter.read_log()
    since = status.read_at - WEEK
    week = Counter(it.event for it in events if it.at >= since)
    return write_json(
        {
            "installation_id": status.installation_id or "not_generated",
            "first_seen": _write_time(events[0].at) if events else None,
            "opt_in_status": _name_choice(status),
            "total_events": len(events),
            "this_week": {
                "job_count": week["job_completed"] + week["job_failed"],
                "file_count": week["file_downloaded"],
                "error_count": week["error_occurred"],
            },
            "last_submission": _write_time(status.last_sent),
        }
    )


def export(reporter: Reporter) -> Answer:
    """Give all that is stored, as a file."""
    status, events = reporter.status(), reporter.read_log()
    sent = list_sent_periods(reporter.history())
    content = {
        "events": [
            {
                "id": str(it.number),
                "event_type": it.event,
                "timestamp": _write_time(it.at),
                "metadata": dict(it.properties),
                "submitted": int(any(a <= it.at.date() < b for a, b in sent)),
                "created_at": _write_time(it.at),
            }
            for it in events
        ],
        "settings": {
            "installation_id": status.installation_id or "not_generated",
            "first_run_date": _write_time(events[0].at) if events else None,
            "opt_in_status": _name_choice(status),
        },
        "exported_at": _write_time(status.read_at),
        "export_version": "1.0",
        "reporter": reporter.export(),
    }
    name = "attachment; filename=usage-statistics-export.json"
    return write_json(content, headers={"content-disposition": name})


def opt_in(reporter: Reporter) -> Answer:
    """Turn reports on, unless something else turns them off."""
    if fixed := _find_fixed(reporter, State.OFF):
        return _say(reporter, f"{fixed} turns usage statistics off.", is_done=False)
    reporter.turn_on()
    return _say(reporter, "Usage statistics are on. Thank you!")


def opt_out(reporter: Reporter) -> Answer:
    """Turn reports off, and delete the installation ID. Events stay on this machine."""
    reporter.turn_off()
    if fixed := _find_fixed(reporter, State.ON):
        return _say(reporter, f"{fixed} turns usage statistics on.", is_done=False)
    return _say(reporter, "Usage statistics are off. Events stay on this machine.")


def delete_all(reporter: Reporter) -> Answer:
    """Delete everything that is stored: events, history, choice and installation ID."""
    count = 0
    with contextlib.suppress(
        ReportingError
    ):  # a damaged file can be deleted all the same
        count = reporter.status().logged
    reporter.delete()
    return write_json(
        {
            "success": True,
            "deleted_events": count,
            "message": "All usage statistics on this machine are deleted.",
        }
    )


def _say(reporter: Reporter, text: str, *, is_done: bool = True) -> Answer:
    content = {
        "success": is_done,
        "installation_id": reporter.status().installation_id if is_done else None,
        "message": text,
    }
    return write_json(content, 200 if is_done else 409)


def _find_fixed(reporter: Reporter, state: State) -> str | None:
    """Name what keeps reporting in *state*, if it is not a choice."""
    decision = reporter.status().decision
    if decision.state is state and decision.source in _FIXED:
        return name_source(decision)
    return None


def _is_on(status: Status) -> bool:
    return status.decision.state is State.ON


def _name_choice(status: Status) -> str:
    return "enabled" if _is_on(status) else "disabled"


def _write_time(time: datetime | None) -> str | None:
    return time.replace(tzinfo=None).isoformat() if time else None


def _write_refusal(refused: RefusedError) -> Answer:
    texts = {404: "Not Found", 405: "Method Not Allowed"}
    text = texts.get(refused.status, refused.text)
    return write_json({"detail": text}, refused.status, refused.headers)
