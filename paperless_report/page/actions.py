"""Does what a button of the page says; what may take long, it does in a thread."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from paperless_report.consent.ladder import Source
from paperless_report.errors import Problem, ReportingError
from paperless_report.page.content import digest_state, read_status
from paperless_report.page.notices import Notice
from paperless_report.reporter import Reporter
from paperless_report.results import Forgotten, Result, Status
from paperless_report.state.identity import parse_id

# The page waits this long for an endpoint, and then shows that it is being sent.
PATIENCE_SECONDS: Final = 1.0

_Form = Mapping[str, str]
_RESULTS = {
    Result.SENT: Notice.SENT,
    Result.ALREADY_SENT: Notice.ALREADY_SENT,
    Result.NOT_ON: Notice.NOT_ON,
    Result.STOPPED: Notice.NOT_ON,
    Result.NEEDS_CONSENT: Notice.NEEDS_CONSENT,
    Result.BUSY: Notice.BUSY,
}


def perform(reporter: Reporter, form: _Form) -> Notice:
    """Do what a form of the page says, unless the state is not the one it has shown.

    Args:
        reporter: The reporter.
        form: The fields of the form.

    Raises:
        ReportingError: If it fails.
    """
    action = form.get("action", "")
    if action not in _ACTIONS:
        return Notice.UNKNOWN_ACTION
    status, problem = read_status(reporter)
    if form.get("seen") != digest_state(status, problem):
        return Notice.STALE
    if action in CONFIRMED and form.get("confirm") != "yes":
        return Notice.UNCONFIRMED
    if action == "delete":
        return _delete(reporter)
    if status is None:
        raise problem or ReportingError(Problem.UNEXPECTED, reason="status")
    return _ACTIONS[action](reporter, form, status)


def _turn_on(reporter: Reporter, form: _Form, status: Status) -> Notice:
    from paperless_report.wire import delivery  # noqa: PLC0415  # only where it may send

    if status.decision.source is Source.PACKAGER:
        raise ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
    delivery.require_requests()
    preview = reporter.preview()
    if preview.problem:
        raise preview.problem
    if preview.contract != status.contract:
        return Notice.STALE
    # The ID that the page has shown is the one that is stored.
    shown_id = parse_id(form.get("id", "").encode())
    if shown_id and preview.identity_is_new:
        preview = replace(preview, installation_id=shown_id)
    reporter.turn_on(preview)
    return Notice.TURNED_ON


def _turn_off(reporter: Reporter, _form: _Form, _status: Status) -> Notice:
    reporter.turn_off()
    return Notice.TURNED_OFF


def _turn_off_and_forget(reporter: Reporter, _form: _Form, status: Status) -> Notice:
    removed_id = reporter.turn_off()
    if not (removed_id or status.set_aside):
        return Notice.TURNED_OFF
    return _forget_in_thread(reporter, removed_id)


def _turn_group_on(reporter: Reporter, form: _Form, _status: Status) -> Notice:
    reporter.turn_group(form.get("group", ""), on=True)
    return Notice.GROUP_ON


def _turn_group_off(reporter: Reporter, form: _Form, _status: Status) -> Notice:
    reporter.turn_group(form.get("group", ""), on=False)
    return Notice.GROUP_OFF


def _send_now(reporter: Reporter, _form: _Form, _status: Status) -> Notice:
    def send() -> Notice:
        outcome = reporter.run(now=True)
        if outcome.problem:
            raise outcome.problem
        return _RESULTS.get(outcome.result, Notice.NOT_SENT)

    return _do_in_thread(send, Notice.SENDING)


def _forget(reporter: Reporter, _form: _Form, status: Status) -> Notice:
    if not (status.installation_id or status.set_aside):
        return Notice.NOTHING_TO_FORGET
    return _forget_in_thread(reporter, None)


def _delete(reporter: Reporter) -> Notice:
    return Notice.DELETED if reporter.delete() else Notice.NOTHING_STORED


def _forget_in_thread(reporter: Reporter, removed_id: str | None) -> Notice:
    def forget() -> Notice:
        forgotten: Forgotten = reporter.forget(removed_id)
        if forgotten.problem:
            raise forgotten.problem
        return Notice.NOT_FORGOTTEN if forgotten.kept else Notice.FORGOTTEN

    return _do_in_thread(forget, Notice.FORGETTING)


def _do_in_thread(work: Callable[[], Notice], still_running: Notice) -> Notice:
    """Do *work* in a thread, and return its notice if it ends soon.

    Raises:
        ReportingError: If it fails soon.
    """
    results: list[Notice | ReportingError] = []

    def run() -> None:
        try:
            results.append(work())
        except ReportingError as error:
            results.append(error)
        except Exception as error:  # noqa: BLE001  # whatever the host's own modules do
            reason = type(error).__name__
            results.append(ReportingError(Problem.UNEXPECTED, reason=reason))

    thread = threading.Thread(target=run, name="usage-report-page", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # the limit on threads is reached
        raise ReportingError(Problem.UNEXPECTED, reason="RuntimeError") from error
    thread.join(PATIENCE_SECONDS)
    result = results[0] if results else still_running
    if isinstance(result, ReportingError):
        raise result
    return result


_ACTIONS: Final[Mapping[str, Callable[[Reporter, _Form, Status], Notice]]] = {
    "on": _turn_on,
    "off": _turn_off,
    "off_and_forget": _turn_off_and_forget,
    "group_on": _turn_group_on,
    "group_off": _turn_group_off,
    "send_now": _send_now,
    "forget": _forget,
    "delete": lambda reporter, _form, _status: _delete(reporter),
}
# They cannot be taken back.
CONFIRMED: Final = frozenset({"forget", "delete"})
