"""The workflow that publishes the website, run by act."""

import pytest

from tests.workflows.forge import MakeForge

pytestmark = pytest.mark.slow


def test_a_push_to_main_publishes_the_website_of_that_commit(
    make_own: MakeForge,
) -> None:
    forge = make_own()
    event = forge.branch_event("main")

    run = forge.run("docs.yml", *event)

    assert run.jobs == {"build": "success", "deploy": "success"}, run.log
    _, _, commit, _ = event
    assert (forge.state / "website" / "index.html").read_text() == commit


@pytest.mark.nightly
def test_a_fork_publishes_no_website(make_own: MakeForge) -> None:
    forge = make_own()
    forge.is_fork = True

    run = forge.run("docs.yml", *forge.branch_event("main"))

    assert "deploy" not in run.jobs, run.log
    assert not (forge.state / "website").exists()
