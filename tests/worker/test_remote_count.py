"""`nox -s count -- --remote URL` runs the daily work of a receiver, with the operator's secret."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import pages
from tests.support.endpoint import Answer, Endpoint
from tests.worker import operator
from worker.local import remote_count
from worker.local.harness import Harness


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the operator's secret, as a shell writes it."""
    path = tmp_path / "operator-secret"
    path.write_text(f"{operator.SECRET}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "worker.local", "count", *arguments),
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_receiver_counts_and_says_what_it_did(
    operated: Harness, file: Path
) -> None:
    options = ("--operator-secret-file", str(file))

    done = run("--remote", f"{operated.url}/report", *options)

    assert done.returncode == 0, done.stderr
    assert "counted the active installations of" in done.stdout
    assert operator.ask(operated, "/operator/installations").json()


def test_a_wrong_secret_is_named_and_not_repeated(
    operated: Harness, file: Path
) -> None:
    wrong = operator.SECRET.replace("first", "wrong")
    file.write_text(wrong, encoding="utf-8")

    with pytest.raises(remote_count.CountFailedError) as error:
        remote_count.count(operated.url, file)

    assert str(error.value).endswith(
        "answered 401. The secret in the file is not the receiver's."
    )
    assert wrong not in str(error.value)


def test_a_receiver_without_a_secret_says_so(worker: Harness, file: Path) -> None:
    with pytest.raises(remote_count.CountFailedError, match=r"404.* operator's secret"):
        remote_count.count(worker.url, file)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            Answer(307, headers={"Location": "/elsewhere"}),
            "answered 307. Check the URL.",
        ),
        (Answer(503, b'{"error": "failed", "detail": "D1 is down"}'), "D1 is down"),
        (Answer(200, b"<html>A captive portal</html>"), "is not a receiver"),
        (Answer(200, b"[1]"), "is not a receiver"),
    ],
    ids=["redirect", "failed", "page", "list"],
)
def test_any_other_answer_is_a_failure_and_no_redirect_gets_the_secret(
    file: Path, answer: Answer, reason: str
) -> None:
    with Endpoint() as endpoint:
        endpoint.answer = answer

        with pytest.raises(remote_count.CountFailedError, match=reason):
            remote_count.count(endpoint.url, file)

    (request,) = endpoint.arrived
    assert (request.method, request.path) == ("POST", "/operator/count")
    assert request.headers["Authorization"] == f"Bearer {operator.SECRET}"


def test_a_receiver_out_of_reach_is_named(file: Path) -> None:
    with pytest.raises(remote_count.CountFailedError, match=r"Cannot reach http://127"):
        remote_count.count("http://127.0.0.1:1", file)


@pytest.mark.parametrize(
    "url", ["http://reports.example.org", "reports.example.org", "ftp://localhost", ""]
)
def test_the_secret_goes_to_https_or_this_machine_only(url: str, file: Path) -> None:
    done = run("--remote", url, "--operator-secret-file", str(file))

    assert done.returncode == 2
    assert "is not a URL that begins with https://" in done.stderr


def test_the_command_needs_a_secret() -> None:
    done = run("--remote", "https://reports.example.org")

    assert done.returncode == 1
    assert "--operator-secret-file" in done.stderr
