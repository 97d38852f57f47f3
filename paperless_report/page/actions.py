"""Does what a button of the page says; what may take long, it does in a thread."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from paperless_report.consent.ladder import Source
from paperless_report.errors import Problem, ReportingError
from paperless_report.page.content import digest_state, read_status
from paperless_report.page.notices import Notice
from paperless_report.reporter import Reporter
from paperless_report.results import Result, Status
from paperless_report.state.identity import parse_id

# An action waits this long for an endpoint. Then the page shows that it is being sent.
PATIENCE_SECONDS: Final = 1.0

_RESULTS = {
    Result.SENT: Notice.SENT,
    Result.ALREADY_SENT: Notice.ALREADY_SENT,
    Result.NOT_ON: Notice.NOT_ON,
    Result.STOPPED: Notice.NOT_ON,
    Result.NEEDS_CONSENT: Notice.NEEDS_CONSENT,
    Result.BUSY: Notice.BUSY,
}
# They cannot be taken back.
_CONFIRMED: Final = {"forget", "delete"}


class _Call(NamedTuple):
    """What an action gets; *status* is the state that its admin saw."""

    reporter: Reporter
    form: Mapping[str, str]
    status: Status
    clean_up: Callable[[], object]


def perform(
    reporter: Reporter,
    form: Mapping[str, str],
    *,
    clean_up: Callable[[], object] = lambda: None,
) -> Notice:
    """Do what a form of the page says, unless the state is not the one that it showed.

    Args:
        reporter: The reporter.
        form: The fields of the form.
        clean_up: Called at the end of each thread that this starts.

    Raises:
        ReportingError: If it fails.
    """
    action = form.get("action", "")
    if action not in {*_ACTIONS, "delete"}:
        return Notice.UNKNOWN_ACTION
    status, problem = read_status(reporter)
    if form.get("seen") != digest_state(status, problem):
        return Notice.STALE
    if action in _CONFIRMED and form.get("confirm") != "yes":
        return Notice.UNCONFIRMED
    if action == "delete":
        # A state that cannot be read can be deleted.
        return Notice.DELETED if reporter.delete() else Notice.NOTHING_STORED
    if status is None:
        raise problem or ReportingError(Problem.UNEXPECTED, reason="None")
    return _ACTIONS[action](_Call(reporter, form, status, clean_up))


def _turn_on(call: _Call) -> Notice:
    from paperless_report.wire import delivery  # noqa: PLC0415  # only where it may send

    if call.status.decision.source is Source.PACKAGER:
        raise ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
    delivery.require_requests()
    preview = call.reporter.preview()
    if preview.problem:
        raise preview.problem
    if preview.contract != call.status.contract:
        return Notice.STALE
    # Store the ID that the page has shown.
    shown_id = parse_id(call.form.get("id", "").encode("utf-8", "replace"))
    if shown_id and preview.identity_is_new:
        preview = replace(preview, installation_id=shown_id)
    call.reporter.turn_on(preview)
    return Notice.TURNED_ON


def _turn_off(call: _Call) -> Notice:
    call.reporter.turn_off()
    return Notice.TURNED_OFF


def _turn_off_and_forget(call: _Call) -> Notice:
    removed_id = call.reporter.turn_off()
    if not (removed_id or call.status.set_aside):
        return Notice.TURNED_OFF
    return _forget_in_thread(call, removed_id)


def _turn_group(call: _Call) -> Notice:
    is_on = call.form["action"] == "group_on"
    call.reporter.turn_group(call.form.get("group", ""), on=is_on)
    return Notice.GROUP_ON if is_on else Notice.GROUP_OFF


def _send_now(call: _Call) -> Notice:
    def send() -> Notice:
        outcome = call.reporter.run(now=True)
        if outcome.problem:
            raise outcome.problem
        return _RESULTS.get(outcome.result, Notice.NOT_SENT)

    return _do_in_thread(send, call.clean_up, Notice.SENDING)


def _forget(call: _Call) -> Notice:
    if not (call.status.installation_id or call.status.set_aside):
        return Notice.NOTHING_TO_FORGET
    return _forget_in_thread(call, None)


def _forget_in_thread(call: _Call, removed_id: str | None) -> Notice:
    def forget() -> Notice:
        forgotten = call.reporter.forget(removed_id)
        if forgotten.problem:
            raise forgotten.problem
        return Notice.NOT_FORGOTTEN if forgotten.kept else Notice.FORGOTTEN

    return _do_in_thread(forget, call.clean_up, Notice.FORGETTING)


def _do_in_thread(
    work: Callable[[], Notice],
    clean_up: Callable[[], object],
    still_running: Notice,
) -> Notice:
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
        finally:
            clean_up()

    thread = threading.Thread(target=run, name="usage-report-page", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # the limit on threads is reached
        reason = type(error).__name__
        raise ReportingError(Problem.UNEXPECTED, reason=reason) from error
    thread.join(PATIENCE_SECONDS)
    result = results[0] if results else still_running
    if isinstance(result, ReportingError):
        raise result
    return result


_ACTIONS: Final[Mapping[str, Callable[[_Call], Notice]]] = {
    "on": _turn_on,
    "off": _turn_off,
    "off_and_forget": _turn_off_and_forget,
    "group_on": _turn_group,
    "group_off": _turn_group,
    "send_now": _send_now,
    "forget": _forget,
}
