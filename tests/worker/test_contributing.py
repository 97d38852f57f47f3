"""What is added by the steps of docs/contributing.md, on the real runtime."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_contributing import (
    FIELD,
    INSTALL_TYPE,
    KIND,
    UNPUBLISHED,
    left_out,
    notices,
    taken,
)
from tests.support import pages, steps

pytestmark = pytest.mark.slow

SENDING = "Report sent. Thank you!"
AGAIN = "Already submitted 0 days ago. Nothing sent."


def lived(tree: Path, command: str, **facts: object) -> dict[str, Any]:
    """What becomes of a report of the demo host, in *tree*."""
    data = tree.parent / "data"
    arguments = ("-m", "tests.worker.newcomer", command, json.dumps(facts))
    done = steps.run(tree, *arguments, PAPERLESS_DATA_DIR=str(data), DO_NOT_TRACK="")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    tree = steps.copy(tmp_path)

    with pages.followed("docs/contributing.md") as page:
        page.types(tree, "python -m docs")
        for command in sorted(page.left):
            assert " passed" in page.types(tree, command)


def test_the_new_field_is_shown_stored_published_and_forgotten(tmp_path: Path) -> None:
    told = lived(taken(tmp_path, FIELD), "send_usage_report", feature_tika=1)

    assert "  Tika enabled    : no\n" in told["shown"]
    assert SENDING in told["sent"][0]
    assert AGAIN in told["sent"][1]
    assert [it["feature_tika"] for it in told["rows"]["reports"]] == [0]
    assert [it["feature_tika"] for it in told["rows"]["installations"]] == [0]
    assert told["left"] == {}
    assert told["fields"]["feature_tika"]["cells"] == [{"value": True, "installs": 12}]


def test_an_unpublished_field_is_stored_and_never_told(tmp_path: Path) -> None:
    told = lived(taken(tmp_path, UNPUBLISHED), "send_usage_report", feature_tika=1)

    assert "  Tika enabled    : no\n" in told["shown"]
    assert [it["feature_tika"] for it in told["rows"]["reports"]] == [0]
    assert "feature_tika" not in told["rows"]["installations"][0]
    assert told["fields"]["version"]["cells"]
    assert "feature_tika" not in told["fields"]


def test_the_new_kind_is_sent_once_stored_apart_and_forgotten(tmp_path: Path) -> None:
    told = lived(taken(tmp_path, KIND), "send_language_report")

    assert "  Language        : en-us\n" in told["shown"]
    assert "Version" not in told["shown"]
    assert SENDING in told["sent"][0]
    assert AGAIN in told["sent"][1]
    assert set(told["rows"]) == {"languages", "language_latest"}
    assert [it["language"] for it in told["rows"]["languages"]] == ["en-us"]
    assert "Forgotten" in told["forgotten"]
    assert told["left"] == {}


@pytest.mark.parametrize(("titles", "status"), [((), 400), ((INSTALL_TYPE,), 204)])
def test_the_new_install_type_is_taken_once_the_worker_knows_it(
    tmp_path: Path, titles: tuple[str, ...], status: int
) -> None:
    tree = steps.copy(tmp_path)
    for title in titles:
        steps.take(tree, steps.steps(title))
    code = (
        "from tests.worker.test_kinds import examples\n"
        "from tests.worker.wire import post\n"
        "from worker.local.harness import harness\n"
        "with harness() as worker:\n"
        "    report = {**examples('report'), 'install_type': 'appimage'}\n"
        "    print(post(worker, report).status_code)\n"
    )

    assert steps.run(tree, "-c", code).stdout == f"{status}\n"


@pytest.mark.parametrize(("title", "number"), left_out(with_worker=True))
def test_a_step_that_is_left_out_is_noticed(
    tmp_path: Path, title: str, number: int
) -> None:
    notices(tmp_path, title, number)


@pytest.mark.parametrize(
    ("title", "tests"),
    [
        (FIELD, ("test_stats", "test_page", "test_rollup", "test_installations")),
        (UNPUBLISHED, ("test_store",)),
        (KIND, ("test_health", "test_kinds", "test_description", "test_routes")),
        (KIND, ("test_cost", "test_logs", "test_purge", "test_forget")),
    ],
)
def test_with_all_of_them_the_workers_tests_pass_as_they_are(
    tmp_path: Path, title: str, tests: tuple[str, ...]
) -> None:
    files = [f"tests/worker/{it}.py" for it in tests]

    steps.passes(taken(tmp_path, title), *files, "-m", "not slow")
