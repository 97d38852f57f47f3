"""A release that is not what it says: release.yml stops before anything is published.

The steps of its job `build` are run as they stand, on the demo host. Every job that
publishes waits for that one (tests/release/test_workflows.py).
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.pipeline import flow, shapes
from tests.support import workflows
from tests.support.repository import Repository, hermetic

pytestmark = pytest.mark.slow

TAG = flow.TAG
STAMP, BUILD, VERIFY = "Read the stamp", "Build", "Verify"
OWN_PREFIX = "PAPERLESS_REPORT_"


def run_until_it_stops(
    checkout: Repository,
    folder: Path,
    between: Callable[[Repository], None] = lambda _: None,
) -> tuple[str, str]:
    """The pipeline on *checkout*; the step that failed, or "", and what that printed.

    Args:
        checkout: What the runner has checked out.
        folder: The runner's own.
        between: What happens to the repository after the build.
    """
    job = workflows.load(workflows.RELEASE)["jobs"]["build"]
    # The job's own variables, under this host's prefix instead of this project's.
    stated = {
        name.replace(OWN_PREFIX, f"{shapes.PREFIX}_"): value
        for name, value in workflows.resolve_variables(
            job["env"], {"github.ref_name": TAG}
        ).items()
    }
    environ = {
        **hermetic(os.environ),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(folder / "output"),
        "TAG": TAG,
        **stated,
    }
    action = workflows.steps(workflows.ACTION)[0]
    inputs = workflows.load(workflows.ACTION)["inputs"]
    known: Mapping[str, str] = {
        "github.action_path": str(workflows.ROOT),
        **{f"inputs.{name}": it["default"] for name, it in inputs.items()},
    }
    for name in (STAMP, BUILD, VERIFY):
        step = workflows.find_step(workflows.RELEASE, "build", name)
        done = workflows.run_step(
            action if step.uses == "./" else step, checkout.root, known, environ
        )
        if done.returncode:
            return name, done.stdout + done.stderr
        if name == BUILD:
            between(checkout)
    return "", ""


def plain(host: Repository, runner: Path) -> Repository:
    """A whole checkout of the tag."""
    host.git("clone", "--quiet", "--branch", TAG, str(host.root), str(runner))
    return Repository.at(runner)


def forgotten_bump(host: Repository, runner: Path) -> Repository:
    """paperless-ngx#12735: the tag stands, and version.py says what it said before."""
    version = host.root / "src" / "paperless" / "version.py"
    version.write_text(version.read_text().replace("(2, 15, 0)", "(2, 14, 7)"))
    host.git("tag", "--delete", TAG)
    host.commit("Release v2.15.0-beta.rc1, or so it says")
    host.tag(TAG)
    return plain(host, runner)


def moved_tag(host: Repository, runner: Path) -> Repository:
    """Another commit has the tag by the time that this one is built."""
    checkout = plain(host, runner)
    host.commit("One more thing")
    host.git("tag", "--force", "--annotate", "--message", TAG, TAG)
    checkout.git("fetch", "--quiet", "--tags", "--force")
    return checkout


def wrong_commit(host: Repository, runner: Path) -> Repository:
    """The tag is at a commit before the one that is built."""
    host.commit("What was to be released")
    host.git("clone", "--quiet", str(host.root), str(runner))
    return Repository.at(runner)


def dirty_tree(host: Repository, runner: Path) -> Repository:
    """A step before has changed a file."""
    checkout = plain(host, runner)
    checkout.write({"src/paperless/settings.py": "DEBUG = True\n"})
    return checkout


def untracked_module(host: Repository, runner: Path) -> Repository:
    """A step before has left a module in the package."""
    checkout = plain(host, runner)
    checkout.write({"src/paperless/left.py": ""})
    return checkout


def shallow(host: Repository, runner: Path) -> Repository:
    """actions/checkout as it is by default: one commit, and no tag."""
    host.git("clone", "--quiet", "--depth=1", f"file://{host.root}", str(runner))
    checkout = Repository.at(runner)
    if checkout.git("tag"):
        checkout.git("tag", "--delete", TAG)
    return checkout


STOPS: list[tuple[Callable[[Repository, Path], Repository], str, str]] = [
    (
        forgotten_bump,
        STAMP,
        f"Tag {TAG} means version 2.15.0, but src/paperless/version.py says 2.14.7",
    ),
    (moved_tag, STAMP, f"PAPERLESS_DEMO_TAG states {TAG}, which is at "),
    (wrong_commit, STAMP, "Check out the tag."),
    (dirty_tree, STAMP, "Commit or remove: src/paperless/settings.py."),
    (untracked_module, STAMP, "src/paperless/left.py (untracked)"),
    (shallow, VERIFY, f"no repository here has tag {TAG}: run git fetch --tags"),
]


@pytest.fixture
def host(tmp_path: Path) -> Repository:
    return flow.tagged_repository(tmp_path / "host")


def test_a_true_release_passes(host: Repository, tmp_path: Path) -> None:
    """Or the stops below would prove nothing."""
    assert run_until_it_stops(plain(host, tmp_path / "runner"), tmp_path) == ("", "")


@pytest.mark.parametrize(
    ("make", "stopped_at", "reason"), STOPS, ids=lambda it: getattr(it, "__name__", "")
)
def test_it_stops_and_says_why(
    host: Repository,
    tmp_path: Path,
    make: Callable[[Repository, Path], Repository],
    stopped_at: str,
    reason: str,
) -> None:
    checkout = make(host, tmp_path / "runner")

    step, printed = run_until_it_stops(checkout, tmp_path)

    assert step == stopped_at, printed
    assert reason in printed


def on_a_branch_of_its_own(host: Repository, runner: Path) -> Repository:
    """Someone tags what was never merged."""
    host.git("tag", "--delete", TAG)
    host.git("switch", "--quiet", "--create", "aside")
    host.commit("Not reviewed yet")
    host.tag(TAG)
    return plain(host, runner)


def behind_main(host: Repository, runner: Path) -> Repository:
    """Main has gone on since."""
    host.commit("One more thing")
    return plain(host, runner)


@pytest.mark.parametrize(
    ("make", "created", "reason"),
    [
        (plain, "true", ""),
        (behind_main, "true", ""),
        (on_a_branch_of_its_own, "true", "is at a commit that is not on main."),
        (plain, "false", "was moved: cut the next one instead."),
    ],
    ids=["main", "behind", "aside", "moved"],
)
def test_a_tag_is_released_once_and_from_main_alone(
    host: Repository,
    tmp_path: Path,
    make: Callable[[Repository, Path], Repository],
    created: str,
    reason: str,
) -> None:
    checkout = make(host, tmp_path / "runner")
    environ = {**hermetic(os.environ), "GITHUB_REF_NAME": TAG}

    (check,) = workflows.steps(workflows.CHECK_TAG)
    done = workflows.run_step(
        check, checkout.root, {"github.event.created": created}, environ
    )

    assert bool(done.returncode) == bool(reason), done.stderr
    assert reason in done.stdout


def test_a_tag_that_moves_while_it_builds_is_seen_before_publishing(
    host: Repository, tmp_path: Path
) -> None:
    def move(checkout: Repository) -> None:
        host.commit("One more thing")
        host.git("tag", "--force", "--annotate", "--message", TAG, TAG)
        checkout.git("fetch", "--quiet", "--tags", "--force")

    checkout = plain(host, tmp_path / "runner")

    step, printed = run_until_it_stops(checkout, tmp_path, move)

    assert step == VERIFY
    assert f"but tag {TAG} is at {host.git('rev-parse', 'HEAD')[:9]}" in printed


def test_a_tree_that_changes_after_the_build_is_no_second_build_of_it(
    host: Repository, tmp_path: Path
) -> None:
    def change(checkout: Repository) -> None:
        checkout.write({"src/paperless/settings.py": "DEBUG = True\n"})

    step, printed = run_until_it_stops(
        plain(host, tmp_path / "runner"), tmp_path, change
    )

    assert step == VERIFY
    assert "FAIL  rebuild" in printed


def test_without_a_stated_tag_a_shallow_checkout_is_stopped_by_the_stamp(
    host: Repository, tmp_path: Path
) -> None:
    """As any job that builds and states none: worker.yml, an image."""
    checkout = shallow(host, tmp_path / "runner")

    with pytest.raises(flow.StepFailedError, match="This clone is shallow") as caught:
        shapes.stamp("show", checkout.root, "--strict")

    assert "fetch-tags: true" in str(caught.value)


def test_the_engineer_is_stopped_before_the_tag(
    host: Repository, tmp_path: Path
) -> None:
    """A forgotten bump, seen by `cut`: the version is out already."""
    remote = Repository.bare(tmp_path / "remote")
    host.git("remote", "add", "origin", str(remote.root))
    host.tag("v2.15.0")
    host.commit("New in 2.16")
    host.git("push", "--quiet", "--set-upstream", "--tags", "origin", "main")

    with pytest.raises(flow.StepFailedError, match=r"v2\.15\.0 is out: bump"):
        flow.cut(host, "beta", "--yes", "--push")

    assert "2.16" not in remote.git("tag")
