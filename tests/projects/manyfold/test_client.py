"""Manyfold's client in Python sends the recorded report once a day, if an admin wants that."""

import datetime as dt
import json
import uuid

import pytest

from paperless_report import Problem, ReportingError, Result, State
from projects.manyfold.client import UsageReport, build_project, read_platform
from tests.projects.clients import list_differing_headers, run_command
from tests.projects.manyfold.instance import DAY, HOUR, NOON, PROJECT, Instance
from tests.projects.manyfold.recorded import CLIENTS, ID, Report, report
from tests.support import sockets
from tests.support.endpoint import Answer
from tests.support.pages import ROOT
from tests.worker.database import select_all
from worker.local.harness import Harness

PAGE = ROOT / "docs" / "explanation" / "deviations.md"
REGISTRY = "localhost:5000/manyfold:v0.147.2"
# The variables of the instances that were recorded, and what they sent.
RECORDED: dict[str, tuple[dict[str, str | None], Report, str]] = {
    "an image": ({}, report(), "/"),
    "no image": (
        {"APP_VERSION": None, "DOCKER_TAG": None},
        report(app="unknown", image=None),
        "/",
    ),
    # The real client cuts the name of the image at its first colon.
    "a registry with a port": (
        {"APP_VERSION": REGISTRY, "DOCKER_TAG": REGISTRY},
        report(image=None),
        "/",
    ),
    "a URL with a path": (
        {"APP_VERSION": None, "DOCKER_TAG": None},
        report(app="unknown", image=None),
        "/in/here?x=1",
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_report_is_the_recorded_one(
    name: str, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables, expected, path = RECORDED[name]
    for variable, value in variables.items():
        if value is None:
            monkeypatch.delenv(variable)
        else:
            monkeypatch.setenv(variable, value)
    monkeypatch.setenv("USAGE_REPORTING_URL", f"{instance.endpoint.url}{path}")
    instance.open().enable()
    instance.perform(DAY)

    (sent,) = instance.endpoint.arrived
    assert (sent.method, sent.path) == ("POST", path)
    assert instance.installation_id is not None
    recorded = json.dumps({**expected, "id": instance.installation_id}).encode()
    assert sent.body == recorded.replace(b" ", b"")
    for header in ("Content-Type", "User-Agent", "Accept"):
        assert f"\r\n{header}: {sent.headers[header]}\r\n".encode() in CLIENTS[name][0]


def test_the_page_names_every_header_that_differs(instance: Instance) -> None:
    instance.open().enable()
    instance.perform(DAY)
    section = PAGE.read_text("utf-8").partition("\n## Manyfold\n")[2]
    section = section.partition("### The client here\n")[2].partition("\n## ")[0]

    differing = list_differing_headers(
        CLIENTS["an image"][0], instance.endpoint.arrived[0]
    )

    assert differing
    assert {it for it in differing if f"`{it}`" not in section} == set()


def test_the_preview_has_no_id_before_consent_and_stores_nothing(
    instance: Instance,
) -> None:
    with sockets.denied():
        shown = instance.open().payload()

    assert json.loads(shown) == report(None)
    assert not instance.folder.exists()


def test_after_consent_the_preview_is_what_is_sent(instance: Instance) -> None:
    instance.open().enable()
    shown = instance.open().payload()
    instance.perform(DAY)

    assert [it.body.decode() for it in instance.endpoint.arrived] == [shown]


def test_nothing_is_sent_without_consent(instance: Instance) -> None:
    with sockets.denied() as attempts:
        instance.perform(10 * DAY, DAY)

    assert attempts == []
    assert instance.installation_id is None


def test_there_is_one_report_a_day(instance: Instance) -> None:
    instance.open().enable()
    instance.perform(10 * DAY)

    assert len(instance.endpoint.arrived) == 10
    assert {it["id"] for it in instance.bodies} == {instance.installation_id}


def test_enabling_sends_nothing_at_once(instance: Instance) -> None:
    with sockets.denied() as attempts:
        instance.open().enable()

    assert attempts == []


def test_the_reports_of_many_instances_are_spread_over_the_day(
    instance: Instance,
) -> None:
    """All real instances of a time zone report at midnight."""
    hours = []
    for number in range(48):
        folder = instance.folder.with_name(f"{number}")
        usage = UsageReport(build_project(folder), clock=lambda: NOON)
        usage.enable()
        due = usage.reporter.status().next_due
        assert due is not None
        assert NOON <= due <= NOON + DAY
        hours.append(due.hour)

    assert len(set(hours)) >= 12


def test_the_id_is_a_random_uuid_that_enabling_again_keeps(instance: Instance) -> None:
    instance.open().enable()
    first = instance.installation_id
    instance.open().enable()

    assert uuid.UUID(instance.installation_id).version == 4
    assert instance.installation_id == first


def test_disabling_deletes_the_id_and_enabling_makes_another(
    instance: Instance,
) -> None:
    instance.open().enable()
    first = instance.installation_id
    assert first is not None
    instance.perform(DAY)
    instance.open().disable()
    assert instance.installation_id is None
    for file in instance.folder.iterdir():
        assert first.encode() not in file.read_bytes()
    with sockets.denied() as attempts:
        instance.perform(2 * DAY)
    assert attempts == []
    instance.open().enable()

    assert instance.installation_id not in {None, first}


def test_disabling_reaches_a_process_that_runs(instance: Instance) -> None:
    running = instance.open()
    running.enable()
    instance.open().disable()
    instance.now += 2 * DAY

    with sockets.denied() as attempts:
        assert running.perform().result is Result.NOT_ON

    assert attempts == []


@pytest.mark.parametrize(
    ("reporting", "tracking", "expected"),
    [
        ("", "", "https://tracking.manyfold.app"),
        ("https://a.example", "", "https://a.example"),
        ("", "https://b.example/x?y=1", "https://b.example/x?y=1"),
        ("https://a.example", "https://b.example", "https://a.example"),
    ],
)
def test_both_names_of_the_variable_say_where_reports_go(
    reporting: str,
    tracking: str,
    expected: str,
    instance: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USAGE_REPORTING_URL", reporting)
    monkeypatch.setenv("USAGE_TRACKING_URL", tracking)

    assert str(instance.open().reporter.status().url).rstrip("/") == expected


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("APP_VERSION", "v0.67.0", "app", "0.67.0"),
        ("APP_VERSION", "nightly", "app", "nightly"),
        ("APP_VERSION", "", "app", "unknown"),
        ("GIT_SHA", "", "sha", "main"),
        ("DOCKER_TAG", "linuxserver/manyfold", "image", "linuxserver/manyfold"),
        ("DOCKER_TAG", "x/y@sha256:0123", "image", "x/y"),
        ("DOCKER_TAG", "x/y:1.0@sha256:0123", "image", "x/y"),
        ("DOCKER_TAG", "registry.example:5000/x/y", "image", None),
        ("DOCKER_TAG", "", "image", None),
    ],
)
def test_a_field_follows_from_its_variable(
    name: str,
    value: str,
    field: str,
    expected: str | None,
    instance: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, value)

    shown: Report = json.loads(instance.open().payload())
    assert shown["version"] == {**report()["version"], field: expected}


def test_a_preview_names_the_fact_that_keeps_reports_from_being_sent(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SHA", "a changed tree")

    with pytest.raises(ReportingError) as caught:
        instance.open().payload()

    assert caught.value.problem is Problem.FIELDS_MISSING


def test_a_platform_without_linux_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_config_var", lambda _: None)
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    monkeypatch.setattr("sys.platform", "darwin")

    assert read_platform() == "arm64-darwin"


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500])
def test_a_report_that_was_not_accepted_is_sent_again_but_not_at_once(
    status: int, instance: Instance
) -> None:
    instance.open().enable()
    instance.now += DAY
    instance.endpoint.answer = Answer(status)
    instance.open().perform()
    instance.endpoint.answer = Answer(201)
    with sockets.denied() as attempts:
        instance.open().perform()
    assert attempts == []
    instance.perform(3 * HOUR)

    assert len(instance.endpoint.arrived) == 2


def test_performing_writes_nothing_to_any_log(
    instance: Instance,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The real job logs the payload."""
    with caplog.at_level(0):
        instance.open().enable()
        instance.perform(2 * DAY)

    assert len(instance.bodies) == 2
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_manyfolds_receiver_counts_the_instance(
    instance: Instance, receiver: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USAGE_REPORTING_URL", receiver.url)
    instance.now = dt.datetime.now(dt.UTC) - DAY
    instance.open().enable()
    instance.perform(DAY)

    (row,) = select_all(receiver, "installations")
    version = {name: row[f"version.{name}"] for name in report()["version"]}
    assert {"id": row["id"], "version": version} == report(instance.installation_id)
    instance.open().reporter.forget()
    assert select_all(receiver, "installations") == []


@pytest.mark.parametrize("answer", ["on", "off"])
def test_the_command_line_turns_it_on_and_off(
    answer: str, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.open().enable()
    assert run_command(monkeypatch, PROJECT, answer).status == 0

    expected = {"on": State.ON, "off": State.OFF}[answer]
    assert instance.open().reporter.status().decision.state is expected


def test_the_real_client_sends_the_recorded_id_in_the_same_place(
    instance: Instance,
) -> None:
    instance.open().enable()
    instance.perform(DAY)

    assert list(instance.bodies[0]) == list(report(ID))
