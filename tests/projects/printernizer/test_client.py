"""Printernizer's client keeps what happens here, and sends the sums of weeks once agreed to."""

import datetime as dt
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from paperless_report import Result, State, find_faults
from projects.printernizer import client
from projects.printernizer.client import EVENTS, KEY, UsageStatistics
from projects.printernizer.week import LONGEST
from tests.projects.clients import list_differing_headers, run_command
from tests.projects.printernizer import recorded
from tests.projects.printernizer.installation import (
    DAY,
    HOUR,
    NOON,
    WEEK,
    Installation,
)
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint
from tests.support.misbehaving_servers import Connection, MisbehavingServer
from tests.support.pages import ROOT
from worker.local.harness import Harness

FOLDER = ROOT / "projects" / "printernizer"
FIELDS = client.project.load_contract().fields
PRINTERS, FEATURES = (
    [it.removeprefix(prefix) for it in FIELDS if it.startswith(prefix)]
    for prefix in ("printer_fleet.printer_type_counts.", "usage_stats.feature_usage.")
)
SECRET = "secret_benchy.3mf on /home/user of 192.0.2.5"  # noqa: S105  # in no report


def read_bodies(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [json.loads(it.body) for it in endpoint.arrived]


def read_periods(endpoint: Endpoint) -> list[tuple[str, str]]:
    periods = [it["period"] for it in read_bodies(endpoint)]
    return [(it["start"][:10], it["end"][:10]) for it in periods]


def record_day(usage: UsageStatistics) -> None:
    """Record what one day leaves behind: 2 jobs, a download, an upload and an error."""
    usage.record_start()
    usage.record("job_created", printer_type="bambu_lab")
    usage.record("job_completed", printer_type="bambu_lab", duration_minutes=47)
    usage.record("job_failed", printer_type="prusa_core")
    usage.record("file_downloaded", printer_type="bambu_lab")
    usage.record("file_uploaded", printer_type="bambu_lab")
    usage.record_error(ConnectionError(SECRET), "printer_service")
    usage.reporter.flush()


# What is recorded on this machine.


def test_the_declaration_has_no_faults_and_logs_every_event_of_the_allowlist() -> None:
    assert find_faults(client.project) == []
    assert len(EVENTS) == len({*client.project.logged}) == 12


def test_contract_and_events_name_printers_and_features_in_the_same_way() -> None:
    feature = client.project.load_events().by_name["feature_enabled"].labels["feature"]

    assert FIELDS["printer_fleet.printer_types"].schema["items"]["enum"] == PRINTERS
    assert feature.schema["enum"] == FEATURES


def test_events_are_recorded_before_anyone_opted_in_and_listed_by_type_and_time(
    installation: Installation,
) -> None:
    usage = installation.open()
    for event in EVENTS:
        installation.now += HOUR
        usage.record(event)
    usage.reporter.flush()

    # As another process sees them.
    reader = installation.open()
    listed = reader.reporter.read_log()
    assert [(it.event, it.at) for it in listed] == [
        (event, NOON + number * HOUR) for number, event in enumerate(EVENTS, 1)
    ]
    assert [it.event for it in reader.reporter.read_log("job_failed")] == ["job_failed"]
    since, until = NOON + 2 * HOUR, NOON + 4 * HOUR
    assert [it.event for it in reader.reporter.read_log(since=since, until=until)] == [
        "app_shutdown",
        "job_created",
    ]
    assert reader.reporter.status().decision.state is State.UNDECIDED


@pytest.mark.parametrize(
    ("event", "metadata", "kept"),
    [
        (
            "job_completed",
            {"printer_type": "bambu_lab", "duration_minutes": 3724, "file_name": SECRET},
            {"printer_type": "bambu_lab", "duration_minutes": 2880},
        ),
        ("job_completed", {"duration_minutes": 47.5}, {"duration_minutes": 60}),
        ("job_completed", {"duration_minutes": float("nan")}, {"duration_minutes": 2880}),
        ("job_completed", {"duration_minutes": SECRET}, {}),
        ("job_created", {"printer_type": SECRET, "printer_serial": "XYZ123"}, {}),
        ("printer_connected", {"printer_type": "prusa_core", "ip_address": "192.0.2.5"},
         {"printer_type": "prusa_core"}),
        ("error_occurred", {"error_type": SECRET, "message": SECRET}, {}),
        ("feature_enabled", {"feature": "timelapse_enabled", "user_name": "John"},
         {"feature": "timelapse_enabled"}),
        ("app_start", {"hostname": "my-printer", "deployment_mode": "docker"},
         {"deployment_mode": "docker"}),
        ("app_shutdown", {"email": "a@b.example"}, {}),
    ],
)  # fmt: skip
def test_only_allowed_metadata_is_stored(
    installation: Installation,
    event: str,
    metadata: dict[str, object],
    kept: dict[str, object],
) -> None:
    usage = installation.open()
    usage.record(event, **metadata)
    usage.reporter.flush()

    assert [dict(it.properties) for it in usage.reporter.read_log()] == [kept]


def test_an_event_of_another_type_is_not_stored(installation: Installation) -> None:
    usage = installation.open()
    usage.record("search_performed", search_query=SECRET)
    usage.reporter.flush()

    assert usage.reporter.read_log() == ()


def test_an_error_is_its_class_alone(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open()
    try:
        raise FileNotFoundError(2, SECRET, "/home/user/secret_benchy.3mf")
    except OSError as error:
        usage.record_error(error, "printer_service")
    usage.reporter.turn_on()
    installation.now += DAY
    usage.reporter.run(now=True)

    (event,) = usage.reporter.read_log("error_occurred")
    assert event.properties == {
        "error_type": "FileNotFoundError",
        "component": "printer_service",
    }
    stored = b"".join(it.read_bytes() for it in installation.folder.iterdir())
    assert b"benchy" not in stored
    assert b"benchy" not in endpoint.arrived[0].body


def test_a_storm_of_errors_does_not_push_out_the_jobs_of_the_week(
    installation: Installation,
) -> None:
    usage = installation.open()
    usage.record("job_completed", printer_type="bambu_lab")
    for _ in range(3):
        for _ in range(4_000):
            usage.record("error_occurred", error_type="TimeoutError")
        usage.reporter.flush()

    assert len(usage.reporter.read_log("job_completed")) == 1
    assert len(usage.reporter.read_log("error_occurred")) == 10_000


def test_events_are_deleted_once_no_report_can_be_about_them(
    installation: Installation,
) -> None:
    usage = installation.open()
    record_day(usage)
    installation.now += LONGEST + WEEK + DAY
    usage.record("app_start")
    usage.reporter.flush()

    assert [it.event for it in usage.reporter.read_log()] == ["app_start"]


# Consent.


def test_nothing_is_sent_and_no_id_made_before_an_admin_opts_in(
    installation: Installation, endpoint: Endpoint
) -> None:
    record_day(installation.open())
    with sockets.denied():
        outcomes = installation.run_hourly(3 * WEEK)

    assert {it.result for it in outcomes} == {Result.NOT_ON}
    assert not endpoint.arrived
    assert installation.open().reporter.status().installation_id is None


@pytest.mark.parametrize(
    ("name", "value"), [("DO_NOT_TRACK", "1"), ("PRINTERNIZER_USAGE_REPORTING", "off")]
)
def test_a_variable_stops_recording_too_and_leaves_no_file(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    record_day(installation.open())
    with sockets.denied():
        installation.run_hourly(2 * WEEK)

    assert not installation.folder.exists()


def test_opting_out_deletes_the_id_and_reaches_running_processes(
    installation: Installation, endpoint: Endpoint
) -> None:
    running = installation.open()
    record_day(running)
    running.reporter.turn_on()
    installation.now += DAY
    first = running.reporter.status().installation_id
    assert running.reporter.run(now=True).result is Result.SENT

    installation.open().reporter.turn_off()
    installation.now += 2 * WEEK

    assert running.reporter.run(now=True).result is Result.NOT_ON
    assert len(endpoint.arrived) == 1
    assert first is not None
    stored = b"".join(it.read_bytes() for it in installation.folder.iterdir())
    assert first.encode() not in stored


def test_events_stay_here_after_opting_out_and_go_with_the_rest_when_deleted(
    installation: Installation,
) -> None:
    usage = installation.open()
    usage.record("app_start")
    usage.reporter.turn_on()
    usage.reporter.turn_off()
    usage.record("app_shutdown")
    usage.reporter.flush()
    assert [it.event for it in usage.reporter.read_log()] == [
        "app_start",
        "app_shutdown",
    ]

    usage.reporter.delete()

    assert usage.reporter.read_log() == ()
    assert not [*installation.folder.glob("*")]


def test_opting_in_again_makes_a_new_id_and_reports_no_day_twice(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open()
    record_day(usage)
    usage.reporter.turn_on()
    installation.now += 2 * DAY
    usage.reporter.run(now=True)
    usage.reporter.turn_off()
    installation.now += 3 * DAY
    record_day(usage)
    usage.reporter.turn_on()
    installation.now += WEEK
    usage.reporter.run(now=True)

    first, second = read_bodies(endpoint)
    ids = {it["installation"]["installation_id"] for it in (first, second)}
    assert len(ids) == 2
    assert second["period"]["start"] >= first["period"]["end"]
    assert second["installation"]["first_seen"] != first["installation"]["first_seen"]


# What is sent.


def test_a_request_is_the_recorded_one_in_method_path_headers_and_shape(
    installation: Installation, endpoint: Endpoint
) -> None:
    record_day(installation.open())
    usage = installation.open(features=lambda: dict.fromkeys(FEATURES, True))
    usage.reporter.turn_on()
    installation.now += DAY
    usage.reporter.run(now=True)

    example = recorded.RECORDINGS[0].build()
    head, _, body = example.partition(b"\r\n\r\n")
    (request,) = endpoint.arrived
    assert f"{request.method} {request.path} HTTP/1.1" == head.decode().split("\r\n")[0]
    assert list_differing_headers(example, request) == {
        *("accept", "accept-encoding", "user-agent")
    }
    assert describe(json.loads(request.body)) == describe(json.loads(body))


def describe(value: object) -> object:
    """Replace each value by its type."""
    if isinstance(value, dict):
        return {name: describe(it) for name, it in value.items()}
    return type(value)


def test_the_first_report_is_what_the_preview_showed_before_opting_in(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open()
    record_day(usage)
    installation.now += 3 * DAY
    preview = usage.reporter.preview()
    usage.reporter.turn_on(preview)
    installation.now += 3 * DAY
    record_day(usage)
    usage.reporter.run(now=True)

    (body,) = read_bodies(endpoint)
    shown = json.loads(preview.bodies[0])
    assert body.pop("submission_timestamp") >= shown.pop("submission_timestamp")
    assert body == shown
    assert body["usage_stats"]["job_count"] == 2
    assert body["error_summary"] == {"total_errors": 1}


def test_every_time_of_a_report_is_a_midnight(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open()
    record_day(usage)
    usage.reporter.turn_on()
    installation.now += DAY
    usage.reporter.run(now=True)

    (body,) = read_bodies(endpoint)
    times = [
        body["submission_timestamp"],
        body["installation"]["first_seen"],
        body["period"]["start"],
        body["period"]["end"],
    ]
    assert {it[10:] for it in times} == {" 00:00:00"}


def test_the_largest_report_has_less_than_10_kilobytes(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open(
        version="9" * 50,
        printers=lambda: [*PRINTERS] * 500_000,
        features=lambda: dict.fromkeys(FEATURES, False),
    )
    for event in EVENTS:
        for _ in range(200):
            usage.record(event)
    usage.reporter.turn_on()
    installation.now += DAY
    usage.reporter.run(now=True)

    assert len(endpoint.arrived[0].body) < 1_500
    assert read_bodies(endpoint)[0]["printer_fleet"]["printer_count"] == 1_000_000


def test_nothing_is_looked_up_in_the_network_for_the_facts(
    installation: Installation,
) -> None:
    usage = installation.open()
    with sockets.denied():
        preview = usage.reporter.preview()

    assert preview.payload.values["installation.country_code"] == "DE"


def test_a_report_has_the_only_connection(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open()
    usage.reporter.turn_on()
    installation.now += DAY
    with sockets.watched() as addresses:
        usage.reporter.run(now=True)

    assert addresses == [("127.0.0.1", int(endpoint.url.rpartition(":")[2]))]


# When it is sent.


def test_a_month_of_hourly_runs_sends_a_report_a_week(
    installation: Installation, endpoint: Endpoint
) -> None:
    installation.open().reporter.turn_on()
    for _ in range(28):
        record_day(installation.open())
        installation.run_hourly(DAY)

    bodies, (starts, ends) = (
        read_bodies(endpoint),
        zip(*read_periods(endpoint), strict=True),
    )
    assert len(bodies) == 4
    assert starts[1:] == ends[:-1]
    assert {it["period"]["duration_days"] % 7 for it in bodies} == {0}
    jobs = sum(it["usage_stats"]["job_count"] for it in bodies)
    assert jobs == 2 * (dt.date.fromisoformat(ends[-1]) - NOON.date()).days


def test_there_is_an_hour_between_two_requests_even_if_an_admin_asks(
    installation: Installation, endpoint: Endpoint
) -> None:
    usage = installation.open()
    usage.reporter.turn_on()
    for _ in range(60):
        usage.reporter.run(now=True)
        installation.now += HOUR / 60
    assert len(endpoint.arrived) == 1

    usage.reporter.run(now=True)

    assert len(endpoint.arrived) == 2


@pytest.mark.parametrize("status", [201, 204, 401, 403, 422, 429, 500, 503])
def test_every_other_status_is_a_failure(
    installation: Installation, endpoint: Endpoint, status: int
) -> None:
    endpoint.answer = Answer(status)
    usage = installation.open()
    usage.reporter.turn_on()

    assert usage.reporter.run(now=True).result is Result.FAILED
    assert usage.reporter.status().last_sent is None


def test_a_receiver_that_refuses_gets_a_request_a_day_at_most(
    installation: Installation, endpoint: Endpoint
) -> None:
    """The real client sends 4 each hour, which are 1,344 in two weeks."""
    endpoint.answer = Answer(403)
    installation.open().reporter.turn_on()
    installation.run_hourly(2 * WEEK)

    times = [it.at for it in installation.open().reporter.history()]
    assert 2 < len(times) < 20
    assert min(b - a for a, b in pairwise(times)) >= HOUR


def test_a_receiver_that_asks_for_more_time_gets_it(
    installation: Installation, endpoint: Endpoint
) -> None:
    endpoint.answer = Answer(429, headers={"Retry-After": str(6 * 3600)})
    usage = installation.open()
    usage.reporter.turn_on()
    usage.reporter.run(now=True)
    installation.run_hourly(5 * HOUR)

    assert len(endpoint.arrived) == 1


def test_a_failure_is_silent_and_no_method_raises(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    usage = installation.open(endpoint="http://127.0.0.1:9")
    usage.reporter.turn_on()
    usage.record(SECRET, **{"": object(), "duration_minutes": object()})
    usage.record_error(KeyboardInterrupt(), SECRET)
    usage.start()
    usage.stop()
    installation.now += DAY
    assert usage.reporter.run(now=True).result is not Result.SENT
    # A folder that cannot be made.
    nowhere = Installation(Path(os.devnull) / "data", "http://127.0.0.1:9").open()
    record_day(nowhere)
    nowhere.start()
    nowhere.stop()

    assert capfd.readouterr() == ("", "")


def test_a_start_and_a_stop_are_events(installation: Installation) -> None:
    usage = installation.open()
    usage.start()
    installation.now += HOUR
    usage.stop()

    started, ended = installation.open().reporter.read_log()
    assert (started.event, ended.event) == ("app_start", "app_shutdown")
    assert started.properties["app_version"] == "2.41.7"
    assert {*started.properties} == {
        *("app_version", "python_version", "platform", "deployment_mode")
    }


# What the receiver makes of it.


@pytest.fixture
def reporting(installation: Installation, keyed: Harness) -> Installation:
    """An installation that reports to the real receiver, and whose clock is a month behind."""
    installation.url = keyed.url
    installation.now = dt.datetime.now(dt.UTC) - 28 * DAY
    installation.open().reporter.turn_on()
    return installation


def read_sums(worker: Harness) -> dict[str, int]:
    """What the receiver has added up over all days."""
    (row,) = worker.query(
        "SELECT SUM(jobs) AS jobs, SUM(downloads) AS downloads,"
        " SUM(uploads) AS uploads, SUM(errors) AS errors FROM counters"
        " WHERE pair = 'installation.deployment_mode'"
    )
    return row


def sums_of(days: int) -> dict[str, int]:
    """What `record_day` adds up to on so many days."""
    return {
        "jobs": 2 * days,
        "downloads": days,
        "uploads": days,
        "errors": days,
    }


def count_reported_days(installation: Installation) -> int:
    """The days from the one on that reporting was turned on that reports were about."""
    bodies = (json.loads(it.body) for it in installation.open().reporter.history())
    end = max(dt.datetime.fromisoformat(it["period"]["end"]) for it in bodies)
    return (end.date() - (installation.now - 28 * DAY).date()).days


def live(installation: Installation, days: int, *, is_online: bool = True) -> None:
    for _ in range(days):
        record_day(installation.open())
        if is_online:
            installation.run_hourly(DAY)
        else:
            installation.now += DAY


def test_the_receiver_accepts_a_report_and_adds_each_week_once(
    reporting: Installation, keyed: Harness
) -> None:
    live(reporting, 28)

    days = count_reported_days(reporting)
    assert days in {21, 28}
    assert read_sums(keyed) == sums_of(days)
    (row,) = keyed.query("SELECT * FROM installations")
    assert row["installation.country_code"] == "DE"
    assert row["printer_fleet.printer_count"] == 3


def test_weeks_that_are_late_are_added_completely(
    reporting: Installation, keyed: Harness
) -> None:
    live(reporting, 8)
    live(reporting, 17, is_online=False)
    live(reporting, 3)

    assert count_reported_days(reporting) == 21
    assert read_sums(keyed) == sums_of(days=21)


def test_a_second_run_by_hand_adds_nothing(
    reporting: Installation, keyed: Harness
) -> None:
    live(reporting, 15)
    for _ in range(3):
        reporting.now += 2 * HOUR
        assert reporting.open().reporter.run(now=True).result is Result.SENT

        assert read_sums(keyed) == sums_of(days=14)


def test_a_report_whose_answer_was_lost_is_added_once_even_a_week_later(
    reporting: Installation, keyed: Harness
) -> None:
    """The receiver has it, and the client does not know."""

    def lose(connection: Connection) -> None:
        head, _, body = connection.read_request().partition(b"\r\n\r\n")
        headers = dict(it.split(": ", 1) for it in head.decode().split("\r\n")[1:])
        headers.pop("Host")
        answer = requests.post(f"{keyed.url}/submit", body, headers=headers, timeout=30)
        assert answer.status_code == 200
        connection.reset()

    live(reporting, 8)
    reporting.now += 5 * DAY
    with MisbehavingServer(lose) as server:
        usage = reporting.open(endpoint=server.url)
        for _ in range(2):
            assert usage.reporter.run(now=True).result is Result.FAILED
            reporting.now += 5 * DAY
    live(reporting, 5)
    for _ in range(2):
        reporting.now += 2 * HOUR
        assert reporting.open().reporter.run(now=True).result is Result.SENT

    # Nothing was printed on the days in the middle.
    assert count_reported_days(reporting) == 28
    assert read_sums(keyed)["jobs"] == 2 * (8 + 5)


def test_the_receiver_forgets_an_installation_before_it_opts_out(
    reporting: Installation, keyed: Harness
) -> None:
    live(reporting, 8)
    usage = reporting.open()
    removed = usage.reporter.turn_off()
    assert usage.reporter.forget(removed).ids == (removed,)

    assert keyed.query("SELECT * FROM installations") == []


def test_a_wrong_key_is_a_failure_that_keeps_everything(
    reporting: Installation, keyed: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "wrong")
    live(reporting, 8)
    assert keyed.query("SELECT * FROM installations") == []

    monkeypatch.setenv(KEY, recorded.KEY)
    live(reporting, 8)

    assert read_sums(keyed)["jobs"] >= 14


def test_a_key_from_a_file_may_end_with_a_new_line(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, f"{recorded.KEY}\n")

    (request,) = installation.open().reporter.preview().requests

    assert request.headers["X-API-Key"] == recorded.KEY


# The command line.


def test_the_command_line_shows_the_state_of_an_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRINTERNIZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("USAGE_STATS_ENDPOINT", "https://stats.example/submit")

    done = run_command(monkeypatch, "projects.printernizer.client:project", "status")

    assert (done.status, done.stderr) == (0, "")
    assert "https://stats.example/submit" in done.stdout
    assert "undecided" in done.stdout
    assert not (tmp_path / "data").exists()
