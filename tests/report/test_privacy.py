"""A host full of canaries: none reaches the wire, the terminal or a log."""

import datetime as dt
import json
import logging
import platform
import socket
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django.fixtures import Settings

from documents.models import Document
from paperless_mail.models import MailAccount
from paperless_report import contract
from paperless_report.host import collectors, paperless_ngx
from tests.report.command import Run, after_preview
from tests.report.scenarios import GARBAGE, SCENARIOS, Scenario
from tests.support import sockets
from tests.support.endpoint import Endpoint

pytestmark = [pytest.mark.django_db]

CANARY = "canary"
COLLECTORS = {
    name: module.COLLECTORS
    for module in (collectors, paperless_ngx)
    for name in module.COLLECTORS
}
URL = "PAPERLESS_USAGE_REPORTING_URL"


@pytest.fixture(autouse=True)
def data_dir(
    data_dir: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The data directory of a host that is full of secrets."""
    User.objects.create(username="canary-user", email="canary@example.org")
    User.objects.create(username="canary-other", last_name="canary-name")
    MailAccount.objects.create(name="canary-mail", username="canary@example.org")
    Document.objects.create(title="canary-title", created=dt.date(2026, 5, 18))
    settings.SECRET_KEY = "canary-secret-key"  # noqa: S105  # a canary
    settings.DATABASES["default"]["PASSWORD"] = "canary-database-password"  # noqa: S105  # a canary
    settings.DATABASES["default"]["HOST"] = "canary-database-host"
    settings.DATA_DIR = data_dir.rename(tmp_path / "canary-path")
    for module, name in ((socket, "gethostname"), (platform, "node")):
        monkeypatch.setattr(module, name, lambda: "canary-host")
    for variable in ("HOSTNAME", "USER", "LOGNAME", "HOME", "PAPERLESS_URL"):
        monkeypatch.setenv(variable, "canary-variable")
    monkeypatch.setenv("https_proxy", "http://canary:canary@127.0.0.1:9")
    path: Path = settings.DATA_DIR
    return path


@pytest.mark.parametrize("verbosity", [1, 3])
@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_no_canary_reaches_the_terminal_the_wire_or_a_log(
    scenario: Scenario,
    verbosity: int,
    data_dir: Path,
    run: Run,
    endpoint: Endpoint,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    endpoint.answer = scenario.answer
    scenario.prepare(data_dir)
    caplog.set_level(logging.DEBUG)

    printed = run(*scenario.arguments, stdin=scenario.stdin, verbosity=verbosity)

    # The admin may read where their own file is, and nobody else does.
    terminal = "".join((printed, *capfd.readouterr())).replace(str(data_dir), "")
    # The log's text holds tracebacks too.
    for text in (terminal, repr(endpoint.arrived), caplog.text):
        assert CANARY not in text.lower()


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_no_log_holds_the_id_or_the_payload(
    scenario: Scenario,
    data_dir: Path,
    run: Run,
    endpoint: Endpoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    endpoint.answer = scenario.answer
    scenario.prepare(data_dir)
    file = data_dir / "usage_uuid"
    before = file.read_text() if file.is_file() else GARBAGE
    caplog.set_level(logging.DEBUG)

    run(*scenario.arguments, stdin=scenario.stdin, verbosity=3)

    after = file.read_text() if file.is_file() else GARBAGE
    for secret in (before.strip(), after.strip(), "doc_bucket"):
        assert secret not in caplog.text


@pytest.mark.parametrize("field", COLLECTORS)
@pytest.mark.point("C13")
def test_a_collector_that_fails_reveals_nothing(
    field: str, run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise RuntimeError(f"{CANARY} in /home/{CANARY}")

    monkeypatch.setitem(COLLECTORS[field], field, fail)

    printed = run(stdin="y\n", verbosity=3)

    assert f"Left out: {field} (its collector failed with RuntimeError)" in printed
    assert CANARY not in printed
    declared = contract.load_fields()[field]
    if declared.required:
        reason = f"Could not be determined: {declared.title}. Nothing was sent."
        assert reason in printed
        assert endpoint.arrived == []
    else:
        assert field not in json.loads(endpoint.arrived[0].body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (field, value)
        for field in COLLECTORS
        for value in ("canary", "canary\n", {"canary": 1}, b"canary", 7)
        # An architecture may be any word.
        if (field, value) != ("arch", "canary")
    ],
)
def test_a_value_that_does_not_fit_the_contract_is_neither_shown_nor_sent(
    field: str,
    value: object,
    run: Run,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(COLLECTORS[field], field, lambda: value)

    printed = run(stdin="y\n", verbosity=3)

    assert CANARY not in printed + repr(endpoint.arrived)


@pytest.mark.parametrize(
    "environ",
    [
        {"https_proxy": "http://canary:canary@127.0.0.1:9"},
        {"https_proxy": "", "REQUESTS_CA_BUNDLE": "/srv/canary/authorities.pem"},
        {"https_proxy": "canary://canary"},
    ],
    ids=["proxy", "authorities", "malformed proxy"],
)
def test_the_reason_for_a_failed_connection_quotes_nothing(
    environ: dict[str, str],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in {**environ, URL: "https://127.0.0.1:9/canary"}.items():
        monkeypatch.setenv(name, value)

    # The preview shows the address that the admin has set.
    printed = after_preview(run(stdin="y\n", verbosity=3))

    assert "Reason: " in printed
    assert CANARY not in printed + caplog.text


def test_a_malformed_endpoint_is_not_echoed(
    run: Run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(URL, "https://canary:canary@reports.example.org")

    printed = run(stdin="y\n", verbosity=3)
    call_command("check")

    assert CANARY not in "".join((printed, *capfd.readouterr()))


def test_the_denied_sockets_would_be_noticed(run: Run) -> None:
    """The tests that deny sockets would prove nothing if this one failed."""
    with sockets.denied() as attempts:
        run(stdin="y\n")

    assert attempts != []


def test_a_yes_opens_one_connection_to_the_endpoint_and_no_other(
    run: Run, endpoint: Endpoint
) -> None:
    with sockets.watched() as addresses:
        run(stdin="y\n")

    assert {address for address in addresses if address is not None} == {
        ("127.0.0.1", int(endpoint.url.rpartition(":")[2]))
    }
