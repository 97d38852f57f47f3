"""A paperless-ngx that only has the app in PAPERLESS_APPS reports once a week."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from paperless_report.state import choices
from paperless_report.state.database import Database
from tests.pipeline import commands, queues, receivers
from tests.pipeline.hosts import Host
from tests.support.needs import needs
from tests.support.waiting import wait_until
from usage_receiver.data import run_sql

pytestmark = pytest.mark.slow

_WEEK_AND_A_DAY = timedelta(days=8)
_WORKER = ("worker", "--without-mingle", "--without-gossip")  # as paperless-ngx runs it


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL and the data folder of a receiver."""
    folder = tmp_path_factory.mktemp("receiver")
    with receivers.run(folder / "data", folder / "receiver.log") as url:
        yield url, folder / "data"


@pytest.fixture
def make_host(tmp_path: Path, receiver: tuple[str, Path]) -> Callable[[str], Host]:
    """A function that makes a host with a message broker's address."""

    def make(broker: str) -> Host:
        sources = commands.ROOT / "demo" / "src"
        host = Host.imported_from(sources, tmp_path / "host", receiver[0])
        (host.data / "queue" / "control").mkdir(parents=True)
        queue = {"PAPERLESS_REDIS": broker, "PAPERLESS_APPS": "paperless_report"}
        return dataclasses.replace(host, variables={**host.variables, **queue})

    return make


@pytest.fixture
def count_reports(receiver: tuple[str, Path], tmp_path: Path) -> Callable[[], int]:
    """A function that counts the reports of the host's ID that the receiver has."""
    uuids: list[str] = []

    def count() -> int:
        if not uuids:  # it is gone at the end
            uuids.append((tmp_path / "host" / "usage_uuid").read_text().strip())
        sql = f"SELECT COUNT(*) AS reports FROM reports WHERE uuid = '{uuids[0]}'"  # noqa: S608  # a UUID
        (row,) = run_sql(receiver[1], sql)
        reports: int = row["reports"]
        return reports

    return count


def let_a_week_pass(host: Host) -> None:
    """Move what is stored about the schedule into the past."""
    with Database(host.data).write() as connection:
        choice = choices.read_choice(connection)
        assert choice.at is not None
        choices.store_choice(
            connection,
            on=True,
            at=choice.at - _WEEK_AND_A_DAY,
            accepted=choice.accepted,
        )
        connection.execute(
            "UPDATE sending SET last_sent = last_sent - ?",
            (_WEEK_AND_A_DAY.total_seconds(),),
        )


def test_an_admin_turns_weekly_reports_on_and_off(
    make_host: Callable[[str], Host], count_reports: Callable[[], int]
) -> None:
    host = make_host(queues.FILES)
    host.manage("usage_reporting", "on", answer="y\n")
    let_a_week_pass(host)
    queues.make_entry_due(host)
    with queues.run_celery(host, *_WORKER) as log:
        with queues.run_celery(host, "beat"):
            wait_until(count_reports)

        queues.request_run(host)
        wait_until(lambda: queues.count_runs(log) == 2)
        assert count_reports() == 1

        let_a_week_pass(host)
        host.manage("usage_reporting", "off")
        queues.request_run(host)
        wait_until(lambda: queues.count_runs(log) == 3)

    assert count_reports() == 1
    assert not (host.data / "usage_uuid").exists()


@needs("redis-server")
def test_a_worker_reports_over_redis(
    make_host: Callable[[str], Host], count_reports: Callable[[], int], tmp_path: Path
) -> None:
    with queues.run_redis(tmp_path) as url:
        host = make_host(url)
        host.manage("usage_reporting", "on", answer="y\n")
        let_a_week_pass(host)
        with queues.run_celery(host, *_WORKER):
            queues.request_run(host)
            wait_until(count_reports)
