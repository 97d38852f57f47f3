"""The demo's flow, judged: what was tagged is what D1 holds."""

import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import flow
from tests.support.repository import Repository
from worker.local import serve

pytestmark = pytest.mark.slow

ROWS = "SELECT * FROM reports"


@dataclass(frozen=True)
class Walked:
    """What the path left behind."""

    repository: Repository
    own_wheel: Path
    wheel: Path
    host: flow.Host
    dry_run: str
    rows_after_dry_run: list[dict[str, Any]]
    sent: str
    refused: str
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory, own_wheel: Path
) -> Iterator[Walked]:
    """The whole path, once, on real parts."""
    folder = tmp_path_factory.mktemp("pipeline")
    data = folder / "worker-data"
    repository = flow.tagged_repository(folder / "repository")
    constraints = flow.constrain(folder, own_wheel)
    _, wheel = flow.build_host(repository, folder / "dist", constraints)
    environment = flow.install(wheel, own_wheel, folder / "environment", constraints)
    serve.migrate(data)
    with serve.running(data, 0, io.StringIO()) as (url, _):
        host = flow.Host(environment, folder / "host-data", url)
        flow.load_rows(host)
        yield Walked(
            repository,
            own_wheel,
            wheel,
            host,
            dry_run=host.manage("send_usage_report", "--dry-run"),
            rows_after_dry_run=serve.query(data, ROWS),
            sent=host.manage("send_usage_report", answer="y\n"),
            refused=host.manage("send_usage_report", answer="y\n"),
            rows=serve.query(data, ROWS),
        )


def test_the_row_holds_what_was_tagged(walked: Walked) -> None:
    commit = walked.repository.git("rev-parse", "HEAD")

    (row,) = walked.rows
    assert {
        name: row[name] for name in ("channel", "version", "commit", "build_date")
    } == {
        "channel": "beta",
        "version": "2.15.0",
        "commit": commit[:9],
        "build_date": flow.date_of(walked.repository),
    }


def test_the_row_holds_what_was_shown(walked: Walked) -> None:
    (row,) = walked.rows

    for value in (
        row["uuid"],
        row["commit"],
        row["arch"],
        row["python"],
        row["install_type"],
    ):
        assert f" : {value}" in walked.dry_run
        assert f" : {value}" in walked.sent
    # demo/src/documents/fixtures/demo.json
    assert (row["doc_bucket"], row["database"]) == ("0-99", "sqlite3")
    assert (row["multi_user"], row["feature_mail"], row["feature_ai"]) == (1, 1, 0)


def test_a_dry_run_stores_nothing(walked: Walked) -> None:
    assert walked.dry_run.endswith("Dry run \N{EM DASH} nothing sent.\n")
    assert walked.rows_after_dry_run == []


def test_the_first_report_is_taken_and_the_second_refused(walked: Walked) -> None:
    assert walked.sent.endswith("Report sent. Thank you!\n")
    assert "Already submitted 0 days ago. Nothing sent." in walked.refused
    assert len(walked.rows) == 1


def test_the_id_is_kept_for_its_owner_alone(walked: Walked) -> None:
    path = walked.host.data / "usage_uuid"

    assert path.read_text() == f"{walked.rows[0]['uuid']}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_host_is_otherwise_as_it_was(walked: Walked) -> None:
    assert walked.host.manage("makemigrations", "--check", "--dry-run") == (
        "No changes detected\n"
    )
    assert sorted(path.name for path in walked.host.data.iterdir()) == [
        "db.sqlite3",
        "usage_uuid",
    ]


def test_this_project_stamps_itself(walked: Walked) -> None:
    commit = flow.run("git", "rev-parse", "HEAD").strip()

    with zipfile.ZipFile(walked.own_wheel) as archive:
        build_info = archive.read("paperless_report/build_info.py").decode()

    assert f'SOURCE_COMMIT = "{commit[:9]}"\n' in build_info


def test_the_wheel_holds_two_packages_and_nothing_else(walked: Walked) -> None:
    with zipfile.ZipFile(walked.own_wheel) as archive:
        top = {name.partition("/")[0] for name in archive.namelist()}

    assert {name for name in top if not name.endswith(".dist-info")} == {
        "build_hooks",
        "paperless_report",
    }


def test_the_hook_needs_nothing_but_hatchling(walked: Walked) -> None:
    with zipfile.ZipFile(walked.own_wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(name).decode()

    required = [
        line for line in metadata.splitlines() if line.startswith("Requires-Dist: ")
    ]
    assert all("extra == " in line for line in required)
