"""Canaries all over the host: none reaches the wire, the terminal or a log."""

import datetime as dt
import json
import logging
import platform
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django.fixtures import Settings

from documents.models import Document
from paperless_mail.models import MailAccount
from paperless_report import contract
from paperless_report.host import collectors
from paperless_report.state import identity
from tests.report.command import Run
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint

pytestmark = [pytest.mark.django_db]

CANARY = "canary"
COLLECTORS = collectors.list_usage_collectors()
URL = "PAPERLESS_USAGE_REPORTING_URL"


@pytest.fixture(autouse=True)
def planted(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A host that is full of what nobody may learn; gives its data directory."""
    User.objects.create(username="canary-user", email="canary@example.org")
    User.objects.create(username="canary-other", last_name="canary-name")
    MailAccount.objects.create(name="canary-mail", username="canary@example.org")
    Document.objects.create(title="canary-title", created=dt.date(2026, 5, 18))
    settings.SECRET_KEY = "canary-secret-key"  # noqa: S105  # nobody's
    settings.DATABASES["default"]["PASSWORD"] = "canary-database-password"  # noqa: S105  # nobody's
    settings.DATABASES["default"]["HOST"] = "canary-database-host"
    data = tmp_path / "canary-path"
    data.mkdir()
    settings.DATA_DIR = data
    for module, name in ((socket, "gethostname"), (platform, "node")):
        monkeypatch.setattr(module, name, lambda: "canary-host")
    for variable in ("HOSTNAME", "USER", "LOGNAME", "HOME", "PAPERLESS_URL"):
        monkeypatch.setenv(variable, "canary-variable")
    monkeypatch.setenv("https_proxy", "http://canary:canary@127.0.0.1:9")
    return data


@pytest.fixture
def secrets() -> set[str]:
    """What may be found nowhere: the canaries, and this machine's own name."""
    own = socket.gethostname()
    return {CANARY} | ({own} if own != "localhost" else set())


def unwritable(data: Path) -> None:
    (data / "usage_uuid").mkdir()


def garbage(data: Path) -> None:
    (data / "usage_uuid").write_text(CANARY)


def with_id(data: Path) -> None:
    identity.obtain_identity(data)


def untouched(_: Path) -> None:
    pass


REFUSED = Answer(429, b'{"error": "rate_limited"}')
Case = tuple[tuple[str, ...], str, Answer, Callable[[Path], None]]
PATHS: dict[str, Case] = {
    "sent": ((), "y\n", Answer(), untouched),
    "declined": ((), "n\n", Answer(), untouched),
    "no answer": ((), "", Answer(), untouched),
    "dry run": (("--dry-run",), "", Answer(), untouched),
    "json": (("--json",), "", Answer(), untouched),
    "refused": ((), "y\n", REFUSED, untouched),
    "invalid": ((), "y\n", Answer(400, b'{"detail": "arch is missing."}'), untouched),
    "redirected": (
        (),
        "y\n",
        Answer(302, headers={"Location": "http://127.0.0.1:9/"}),
        untouched,
    ),
    "failed": ((), "y\n", Answer(503), untouched),
    "ID replaced": ((), "y\n", Answer(), garbage),
    "ID not saved": ((), "y\n", Answer(), unwritable),
    "forgotten": (("--forget",), "y\n", Answer(), with_id),
    "not forgotten": (("--forget",), "y\n", Answer(503), with_id),
    "forgetting declined": (("--forget",), "n\n", Answer(), with_id),
    "ID not read": (("--forget",), "y\n", Answer(), unwritable),
}


@pytest.mark.parametrize("verbosity", [1, 3])
@pytest.mark.parametrize("path", PATHS)
def test_no_canary_gets_out(
    path: str,
    verbosity: int,
    planted: Path,
    secrets: set[str],
    run: Run,
    endpoint: Endpoint,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    arguments, stdin, endpoint.answer, prepare = PATHS[path]
    prepare(planted)
    caplog.set_level(logging.DEBUG)

    printed = run(*arguments, stdin=stdin, verbosity=verbosity)

    terminal = "".join((printed, *capfd.readouterr()))
    wire = repr(endpoint.arrived)
    logged = caplog.text  # tracebacks and all
    for secret in secrets:
        assert secret not in terminal.lower()
        assert secret not in wire.lower()
        assert secret not in logged.lower()


@pytest.mark.parametrize("path", PATHS)
def test_no_log_holds_the_id_or_the_payload(
    path: str,
    planted: Path,
    run: Run,
    endpoint: Endpoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    arguments, stdin, endpoint.answer, prepare = PATHS[path]
    prepare(planted)
    file = planted / "usage_uuid"
    before = file.read_text() if file.is_file() else CANARY
    caplog.set_level(logging.DEBUG)

    run(*arguments, stdin=stdin, verbosity=3)

    after = file.read_text() if file.is_file() else CANARY
    logged = "".join(record.getMessage() for record in caplog.records)
    for secret in (before.strip(), after.strip(), "doc_bucket"):
        assert secret not in logged


@pytest.mark.parametrize("field", COLLECTORS)
@pytest.mark.point("C13")
def test_a_collector_that_fails_gives_nothing_away(
    field: str, run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise RuntimeError(f"{CANARY} in /home/{CANARY}")

    monkeypatch.setattr(collectors, COLLECTORS[field].__name__, fail)

    printed = run(stdin="y\n", verbosity=3)

    assert f"Left out: {field} (RuntimeError)" in printed
    assert CANARY not in printed
    if contract.load_fields()[field].required:
        label = contract.load_fields()[field].title
        assert f"Could not be determined: {label}. Nothing was sent." in printed
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
def test_what_does_not_fit_the_contract_gets_nowhere(
    field: str,
    value: object,
    run: Run,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collectors, COLLECTORS[field].__name__, lambda: value)

    printed = run(stdin="y\n", verbosity=3)

    assert CANARY not in printed + repr(endpoint.arrived)


@pytest.mark.parametrize(
    "environ",
    [
        {"https_proxy": "http://canary:canary@127.0.0.1:9"},
        {"https_proxy": "", "REQUESTS_CA_BUNDLE": "/srv/canary/authorities.pem"},
        {"https_proxy": "canary://canary"},
    ],
    ids=["proxy", "authorities", "no proxy at all"],
)
def test_why_a_connection_fails_quotes_nothing(
    environ: dict[str, str],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in {**environ, URL: "https://127.0.0.1:9/canary"}.items():
        monkeypatch.setenv(name, value)

    printed = run(stdin="y\n", verbosity=3)

    assert "Reason: " in printed
    assert CANARY not in printed + caplog.text


def test_a_malformed_endpoint_is_not_echoed(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(URL, "https://canary:canary@reports.example.org")

    printed = run(stdin="y\n", verbosity=3)
    call_command("check")

    assert CANARY not in "".join((printed, *capfd.readouterr()))


SILENT: dict[str, tuple[tuple[str, ...], str, dict[str, str]]] = {
    "dry run": (("--dry-run",), "y\n", {}),
    "json": (("--json",), "y\n", {}),
    "declined": ((), "n\n", {}),
    "no answer": ((), "", {}),
    "DO_NOT_TRACK": ((), "y\n", {"DO_NOT_TRACK": "1"}),
    "no endpoint": ((), "y\n", {URL: ""}),
    "malformed endpoint": ((), "y\n", {URL: "http://reports.example.org"}),
    "forgetting declined": (("--forget",), "n\n", {}),
    "nothing to forget": (("--forget",), "y\n", {}),
}


@pytest.mark.point("C3", "C7", "C8")
@pytest.mark.parametrize("path", SILENT)
def test_no_socket_is_opened_without_a_yes(
    path: str, run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, stdin, environ = SILENT[path]
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    with sockets.denied() as attempts:
        run(*arguments, stdin=stdin)

    assert attempts == []
    assert endpoint.arrived == []


def test_a_yes_opens_one_to_the_endpoint_and_no_other(
    run: Run, endpoint: Endpoint
) -> None:
    with sockets.watched() as addresses:
        run(stdin="y\n")

    assert {address for address in addresses if address is not None} == {
        ("127.0.0.1", int(endpoint.url.rpartition(":")[2]))
    }
