"""The operator's view is behind a secret, and only the operator runs the daily work."""

import json

import pytest
import requests

from tests.worker.client import get, sent_from
from tests.worker.clock import DUE
from tests.worker.database import select_all
from tests.worker.failing_database import failing
from tests.worker.machines import SUNDAY
from tests.worker.machines import store as store_machines
from tests.worker.operator import SECOND_SECRET, SECRET, ask, days_ago
from tests.worker.population import store_identical
from worker.local.harness import Harness

PATHS = (
    *("/operator/counters", "/operator/counters.csv"),
    *("/operator/installations", "/operator/installations.csv"),
)
INSTALLATIONS = "/operator/installations"
NO_SECRET = json.dumps({"OPERATOR_SECRET": "", "OPERATOR_SECRET_2": ""})


def post_count(worker: Harness, **headers: str) -> requests.Response:
    own = {"Authorization": f"Bearer {SECRET}", **headers}
    return requests.post(f"{worker.url}/operator/count", headers=own, timeout=30)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", [*PATHS, "/operator/count"])
def test_without_a_secret_the_paths_are_like_any_unknown_path(
    operator_runtime: Harness, method: str, path: str
) -> None:
    headers = {"Test-Env": NO_SECRET, "Authorization": f"Bearer {SECRET}"}
    hidden, unknown = (
        requests.request(
            method, f"{operator_runtime.url}{it}", headers=headers, timeout=30
        )
        for it in (path, "/operator/nothing")
    )

    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content
    # The two may be sent in different seconds.
    assert {**hidden.headers, "Date": ""} == {**unknown.headers, "Date": ""}


def test_a_project_without_counters_has_no_path_for_them(worker: Harness) -> None:
    assert ask(worker, "/operator/counters").status_code == 404


@pytest.mark.parametrize("secret", [SECRET, SECOND_SECRET])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_both_secrets_open_the_view_during_a_rotation(
    operated: Harness, secret: str, scheme: str
) -> None:
    header = {"Authorization": f"{scheme}{secret}"}

    response = get(operated, INSTALLATIONS, **header)

    assert (response.status_code, response.json()) == (200, [])


def test_a_secret_that_was_removed_opens_nothing(operated: Harness) -> None:
    header = {"Test-Env": json.dumps({"OPERATOR_SECRET": ""}), **sent_from("r")}

    assert ask(operated, INSTALLATIONS, **header).status_code == 401
    assert ask(operated, INSTALLATIONS, SECOND_SECRET, **header).status_code == 200


WRONG_HEADERS = {
    "none": None,
    "another secret": f"Bearer {SECRET[::-1]}",
    "a prefix": f"Bearer {SECRET[:-1]}",
    "a longer one": f"Bearer {SECRET}x",
    "another case": f"Bearer {SECRET.upper()}",
    "both": f"Bearer {SECRET}{SECOND_SECRET}",
    "two words": f"Bearer {SECRET} {SECRET}",
    "no scheme": SECRET,
    "no secret": "Bearer ",
    "Basic": f"Basic {SECRET}",
    "the scheme in the middle": f"Basic Bearer {SECRET}",
}


@pytest.mark.parametrize("name", WRONG_HEADERS)
def test_a_wrong_header_gets_401_and_learns_nothing(
    operated: Harness, name: str
) -> None:
    header = WRONG_HEADERS[name]
    own = sent_from(f"198.18.20.{list(WRONG_HEADERS).index(name)}")
    own |= {} if header is None else {"Authorization": header}

    for path in PATHS[:3]:
        response = get(operated, path, **own)

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.json()["error"] == "unauthorized"
        assert SECRET not in response.text
    assert post_count(operated, **{"Authorization": "", **own}).status_code == 401
    assert select_all(operated, "activity") == []


@pytest.mark.parametrize(
    "query", ["secret", "access_token", "token", "authorization", "OPERATOR_SECRET"]
)
def test_a_secret_in_the_address_is_not_read(
    operator_runtime: Harness, query: str
) -> None:
    address = sent_from(f"198.18.21.{len(query)}")

    response = get(operator_runtime, f"{INSTALLATIONS}?{query}={SECRET}", **address)

    assert response.status_code == 401
    assert SECRET not in response.text


@pytest.mark.parametrize("short", ["x", "x" * 31, " " * 16 + "x" * 31])
def test_a_secret_that_is_too_short_counts_as_none_and_is_logged_without_its_value(
    operated: Harness, short: str
) -> None:
    operated.read_log()
    only = {"OPERATOR_SECRET": short, "OPERATOR_SECRET_2": ""}

    response = ask(operated, INSTALLATIONS, short, **{"Test-Env": json.dumps(only)})

    assert response.status_code == 404
    assert operated.read_log() == [
        "operator: OPERATOR_SECRET does not count: it has fewer than 32 characters"
    ]
    beside = {"Test-Env": json.dumps({"OPERATOR_SECRET_2": short})}
    assert ask(operated, INSTALLATIONS, **beside).status_code == 200
    address = sent_from(f"198.18.22.{len(short)}")
    assert ask(operated, INSTALLATIONS, short, **beside, **address).status_code == 401
    assert short * 2 not in str(operated.read_log())


def test_a_secret_of_32_characters_counts(operated: Harness) -> None:
    for secret in ("x" * 32, "a sentence of thirty-two letters"):
        # A file ends with a line break.
        only = {"Test-Env": json.dumps({"OPERATOR_SECRET": f"{secret}\n"})}

        assert ask(operated, INSTALLATIONS, secret, **only).status_code == 200


def test_only_wrong_secrets_count_for_the_limit_of_their_sender(
    operated: Harness,
) -> None:
    mine = sent_from("198.18.23.1")

    wrong = [
        ask(operated, INSTALLATIONS, "wrong", **mine).status_code for _ in range(11)
    ]
    right = {ask(operated, INSTALLATIONS, **mine).status_code for _ in range(11)}

    # At most five in each of the periods that the requests lie in.
    assert wrong[:5] == 5 * [401]
    assert 429 in wrong
    assert right == {200}
    others = sent_from("198.18.23.2")
    assert ask(operated, INSTALLATIONS, "wrong", **others).status_code == 401
    # Readers and senders have limits of their own.
    assert get(operated, "/badge", **mine).status_code == 200


@pytest.mark.parametrize("path", [*PATHS, "/operator/counters?event=used"])
def test_no_answer_may_be_cached_or_read_by_another_page(
    operator_runtime: Harness, path: str
) -> None:
    response = ask(operator_runtime, path)

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "ETag" not in response.headers


def test_the_daily_run_at_once_says_what_was_done(operated: Harness) -> None:
    store_machines(operated, 40, SUNDAY, SUNDAY)
    operated.query("UPDATE machines SET first_day = ?1, last_day = ?1", days_ago(2))

    response = post_count(operated)

    assert response.status_code == 200
    assert response.json() == {
        "done": [
            "machine: counted for 7d, 30d, 365d",
            "machine: purged 0, older than 366 days",
            "machine: purged 0 counters, older than 90 days",
            f"machine: counted the active installations of {days_ago(1)}",
        ]
    }
    assert get(operated, "/stats?period=7d").json()["total"] == 40
    (row,) = ask(operated, INSTALLATIONS).json()
    assert row == {"day": days_ago(1), "active_1": 0, "active_7": 40, "active_30": 40}


@pytest.mark.parametrize(
    ("failure", "done"),
    [("publication refused", True), ("activity refused", False)],
)
def test_a_run_that_fails_in_a_part_says_so_and_does_the_rest(
    operated: Harness, failure: str, *, done: bool
) -> None:
    store_machines(operated, 40, SUNDAY, SUNDAY)
    operated.query("UPDATE machines SET first_day = ?1, last_day = ?1", days_ago(2))

    with failing(operated, failure):
        response = post_count(operated)

    assert response.status_code == 503
    assert response.json()["error"] == "failed"
    assert (select_all(operated, "activity") != []) == done
    assert (select_all(operated, "publications") == []) == done
    assert post_count(operated).status_code == 200
    assert len(select_all(operated, "activity")) == 1
    assert get(operated, "/stats?period=7d").json()["total"] == 40


def test_a_run_that_fails_in_several_parts_names_every_failure(
    operated: Harness,
) -> None:
    with (
        failing(operated, "no publications table"),
        failing(operated, "activity refused"),
    ):
        response = post_count(operated)

    assert response.status_code == 503
    detail = response.json()["detail"]
    assert "no such table: publications" in detail
    assert "failure: SQLITE_CONSTRAINT" in detail


def test_a_run_with_a_wrong_setting_names_it(operated: Harness) -> None:
    response = post_count(
        operated, **{"Test-Env": json.dumps({"RETENTION_DAYS": "many"})}
    )

    assert response.status_code == 503
    assert "set RETENTION_DAYS" in response.json()["detail"]


def test_a_get_does_not_run_anything(operated: Harness) -> None:
    response = ask(operated, "/operator/count")

    assert response.status_code == 405
    assert select_all(operated, "activity") == []


def test_a_database_failure_is_503_and_logs_nothing_of_the_request(
    operated: Harness,
) -> None:
    operated.read_log()

    with failing(operated, "no activity table"):
        response = ask(operated, f"{INSTALLATIONS}?from=2026-01-01")

    assert response.status_code == 503
    assert response.headers["Cache-Control"] == "no-store"
    (line,) = operated.read_log()
    assert line.startswith("operator: the database failed")
    assert SECRET not in line


def test_the_operator_of_paperless_ngx_reads_the_same_tables(worker: Harness) -> None:
    """A project without an operator's secret records its activity, too."""
    store_identical(worker, 3, DUE)

    assert worker.run_cron(DUE) == "ok"

    assert [row["kind"] for row in select_all(worker, "activity")] == ["report"]
