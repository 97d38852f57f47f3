"""A release that contradicts its tag: build.yml stops before anything is published.

The scripts of build.yml run here as they are, on the demo project. Every job that
publishes waits for it (tests/release/test_workflows.py).
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts
from tests.support import workflows
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

TAG = hosts.BETA
CHECKOUT = "checkout"
CHECK = "Check that the tag is new and on the release branch"
STAMP, BUILD, VERIFY = "Read the stamp", "Build", "Verify"

CheckOut = Callable[[Repository, Path], Repository]  # from the host to the runner
Change = Callable[[Repository, Repository], None]  # to the host or to the checkout


def full(host: Repository, runner: Path) -> Repository:
    """Check out the tag with all history."""
    host.git("clone", "--quiet", "--branch", TAG, str(host.root), str(runner))
    return Repository.at(runner)


def forgotten_bump(host: Repository, runner: Path) -> Repository:
    """Check out a tag whose version.py has the last version, as in paperless-ngx#12735."""
    version = host.root / "src" / "paperless" / "version.py"
    version.write_text(version.read_text().replace("(2, 15, 0)", "(2, 14, 7)"))
    host.git("tag", "--delete", TAG)
    host.commit("Release v2.15.0-beta.rc1 without a bump")
    host.tag(TAG)
    return full(host, runner)


def wrong_commit(host: Repository, runner: Path) -> Repository:
    """Check out a commit after the tag."""
    host.commit("After the tag")
    host.git("clone", "--quiet", str(host.root), str(runner))
    return Repository.at(runner)


def shallow(host: Repository, runner: Path) -> Repository:
    """Check out as actions/checkout does by default: one commit and no tag."""
    host.git("clone", "--quiet", "--depth=1", f"file://{host.root}", str(runner))
    checkout = Repository.at(runner)
    if checkout.git("tag"):
        checkout.git("tag", "--delete", TAG)
    return checkout


def unmerged(host: Repository, runner: Path) -> Repository:
    """Check out a tag on a branch that was never merged."""
    host.git("tag", "--delete", TAG)
    host.git("switch", "--quiet", "--create", "aside")
    host.commit("Not reviewed yet")
    host.tag(TAG)
    return full(host, runner)


def behind_main(host: Repository, runner: Path) -> Repository:
    """Check out a tag after which main has a newer commit."""
    host.commit("After the tag")
    return full(host, runner)


def no_change(host: Repository, checkout: Repository) -> None:
    pass


def move_tag(host: Repository, checkout: Repository) -> None:
    host.commit("After the tag")
    host.git("tag", "--force", "--annotate", "--message", TAG, TAG)
    checkout.git("fetch", "--quiet", "--tags", "--force")


def change_file(_: Repository, checkout: Repository) -> None:
    checkout.write({"src/paperless/settings.py": "DEBUG = True\n"})


def add_page(_: Repository, checkout: Repository) -> None:
    checkout.write({"docs/left.md": "Only an sdist contains it, so no stamp is dev.\n"})


def add_module(_: Repository, checkout: Repository) -> None:
    checkout.write({"src/paperless/left.py": ""})


@pytest.fixture
def host(tmp_path: Path) -> Repository:
    return hosts.create_beta(tmp_path / "host")


@pytest.mark.parametrize(
    ("check_out", "change", "when", "stopped_at", "reason"),
    [
        # Without this row the others would prove nothing.
        (full, no_change, CHECKOUT, "", ""),
        (
            forgotten_bump,
            no_change,
            CHECKOUT,
            STAMP,
            f"Tag {TAG} means version 2.15.0-beta.rc1, but src/paperless/version.py says 2.14.7",
        ),
        (wrong_commit, no_change, CHECKOUT, CHECK, f"The tag {TAG} is at "),
        (shallow, no_change, CHECKOUT, CHECK, f"This clone has no tag {TAG}"),
        (full, move_tag, CHECKOUT, CHECK, f"The tag {TAG} is at "),
        (full, move_tag, BUILD, VERIFY, f"but tag {TAG} is at "),
        (
            full,
            change_file,
            CHECKOUT,
            STAMP,
            "Commit or remove: src/paperless/settings.py.",
        ),
        (
            full,
            add_page,
            CHECKOUT,
            VERIFY,
            "has no docs/left.md, which the tag does not",
        ),
        (full, add_module, CHECKOUT, STAMP, "src/paperless/left.py (untracked)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_release_that_contradicts_its_tag_stops_with_a_reason(
    host: Repository,
    tmp_path: Path,
    check_out: CheckOut,
    change: Change,
    when: str,
    stopped_at: str,
    reason: str,
) -> None:
    checkout = check_out(host, tmp_path / "runner")
    changes = {CHECKOUT: no_change, BUILD: no_change, when: change}
    changes[CHECKOUT](host, checkout)

    step, printed = workflows.run_build(
        checkout.root, TAG, tmp_path, after_build=lambda: changes[BUILD](host, checkout)
    )

    assert step == stopped_at, printed
    assert reason in printed


@pytest.mark.parametrize(
    ("check_out", "created", "reason"),
    [
        (full, "true", ""),
        (behind_main, "true", ""),
        (unmerged, "true", "is at a commit that is not on main."),
        (full, "false", "was moved: cut the next one instead."),
    ],
    ids=["on main", "behind main", "not on main", "moved"],
)
def test_only_a_new_tag_on_main_is_released(
    host: Repository, tmp_path: Path, check_out: CheckOut, created: str, reason: str
) -> None:
    checkout = check_out(host, tmp_path / "runner")

    step, printed = workflows.run_build(checkout.root, TAG, tmp_path, created=created)

    assert step == (CHECK if reason else ""), printed
    assert reason in printed


def test_the_files_of_a_beta_are_not_for_the_index(
    host: Repository, tmp_path: Path
) -> None:
    checkout = full(host, tmp_path / "runner")

    assert workflows.run_build(checkout.root, TAG, tmp_path) == ("", "")

    assert "publishable=false\n" in (tmp_path / "output").read_text()
    summary = (tmp_path / "summary").read_text()
    assert summary.startswith("### Nothing is published to the package index\n\n- ")
    assert f"has version 2.15.0, but tag {TAG} is 2.15.0-beta.rc1" in summary


def test_a_strict_stamp_refuses_a_shallow_checkout_even_without_a_stated_tag(
    host: Repository, tmp_path: Path
) -> None:
    """Jobs that build but state no tag rely on this: worker.yml, an image."""
    checkout = shallow(host, tmp_path / "runner")

    with pytest.raises(commands.CommandFailedError, match="This clone is shallow") as e:
        commands.build_stamp("show", checkout.root, "--strict")

    assert "fetch-tags: true" in str(e.value)
