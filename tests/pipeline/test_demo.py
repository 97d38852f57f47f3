"""The demo: the stored row matches the tag and the preview, and the tutorial the output."""

import json
import re
import stat

import pytest

from docs_tools.transcript import read_transcript
from tests.pipeline import demo, hosts, reports
from tests.support.pages import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstrated(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[demo.Journey, str]:
    return demo.transcript(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def journey(demonstrated: tuple[demo.Journey, str]) -> demo.Journey:
    return demonstrated[0]


def test_the_row_matches_the_tag(journey: demo.Journey) -> None:
    (row,) = journey.rows

    assert reports.read_stamp(row) == hosts.expected_stamp(journey.repository, "beta")


def test_the_row_matches_the_preview(journey: demo.Journey) -> None:
    (row,) = journey.rows

    for name in ("uuid", "commit", "arch", "python", "install_type"):
        assert f" : {row[name]}" in journey.previewed
        assert f" : {row[name]}" in journey.accepted
    # demo/src/documents/fixtures/demo.json
    assert (row["doc_bucket"], row["database"]) == ("0-99", "sqlite3")
    assert (row["multi_user"], row["feature_mail"], row["feature_ai"]) == (1, 1, 0)


def test_the_preview_names_the_built_in_address_and_the_reports_go_to_the_variable(
    journey: demo.Journey,
) -> None:
    assert journey.previewed.startswith(f"Reports go to {demo.ENDPOINT}/report\n")
    assert journey.accepted.startswith(f"Reports go to {journey.host.url}/report\n")


def test_only_the_confirmed_reports_reach_the_receiver(journey: demo.Journey) -> None:
    lines = map(json.loads, journey.log.read_text(encoding="utf-8").splitlines())
    requests = [(it["route"], it["status"]) for it in lines if "route" in it]

    assert requests == [("/report", 204), ("/report", 429)]
    assert journey.previewed.endswith("Dry run \N{EM DASH} nothing sent.\n")
    assert journey.accepted.endswith("Report sent. Thank you!\n")
    assert "Already submitted today. Nothing sent." in journey.refused


def test_only_its_owner_can_read_the_id(journey: demo.Journey) -> None:
    path = journey.host.data / "usage_uuid"

    assert path.read_text() == f"{journey.rows[0]['uuid']}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_report_leaves_the_host_as_it_was(journey: demo.Journey) -> None:
    assert journey.host.manage("makemigrations", "--check", "--dry-run") == (
        "No changes detected\n"
    )
    files = {path.name for path in journey.host.data.iterdir()}
    assert files == {"db.sqlite3", "usage_uuid"}


def test_what_to_look_at_next_exists() -> None:
    sessions = set(re.findall(r"nox -s (\w+)", demo.NEXT))
    defined = (ROOT / "noxfile.py").read_text(encoding="utf-8")

    assert sessions == {"serve", "demo"}
    for name in sessions:
        assert f"def {name}(session" in defined
    for path in re.findall(r"docs/\S+", demo.NEXT):
        assert (ROOT / path).is_file()


def test_the_tutorial_shows_the_output_of_the_demo(
    demonstrated: tuple[demo.Journey, str],
) -> None:
    """If this fails, run `nox -s pictures`."""
    page = (ROOT / "docs/tutorials/whole-path.md").read_text(encoding="utf-8")

    _, printed = demonstrated
    assert demo.mask(read_transcript(page)) == demo.mask(printed)
