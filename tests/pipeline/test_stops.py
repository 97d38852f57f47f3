"""A release that contradicts its tag: release.yml stops before it publishes anything.

The steps of its job `build` run here as they are, on the demo project. Every job that
publishes waits for that job (tests/release/test_workflows.py).
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts
from tests.support import workflows
from tests.support.repository import Repository, hermetic

pytestmark = pytest.mark.slow

TAG = hosts.BETA
CHECKOUT = "checkout"
STAMP, BUILD, VERIFY = "Read the stamp", "Build", "Verify"

CheckOut = Callable[[Repository, Path], Repository]  # from the host to the runner
Change = Callable[[Repository, Repository], None]  # to the host or to the checkout


def run_release(
    checkout: Repository, folder: Path, after_build: Callable[[], None]
) -> tuple[str, str]:
    """Run the pipeline on *checkout*.

    Args:
        checkout: The runner's checkout.
        folder: A folder for the runner's own files.
        after_build: What happens between the build and its verification.

    Returns:
        The step that failed and what it printed; empty if all passed.
    """
    job = workflows.load(workflows.RELEASE)["jobs"]["build"]
    declared = workflows.resolve_variables(job["env"], {"github.ref_name": TAG})
    environ = {
        **workflows.runner_environment(),
        "GITHUB_OUTPUT": str(folder / "output"),
        "TAG": TAG,
        # The demo project has a prefix of its own.
        **{
            name.replace("PAPERLESS_REPORT_", "PAPERLESS_DEMO_"): value
            for name, value in declared.items()
        },
    }
    action = workflows.steps(workflows.ACTION)[0]
    inputs = workflows.load(workflows.ACTION)["inputs"]
    expressions: Mapping[str, str] = {
        "github.action_path": str(workflows.ROOT),
        **{f"inputs.{name}": spec["default"] for name, spec in inputs.items()},
    }
    for name in (STAMP, BUILD, VERIFY):
        step = workflows.find_step(workflows.RELEASE, "build", name)
        script = action if step.uses == "./" else step
        done = workflows.run_step(script, checkout.root, expressions, environ)
        if done.returncode:
            return name, done.stdout + done.stderr
        if name == BUILD:
            after_build()
    return "", ""


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
            f"Tag {TAG} means version 2.15.0, but src/paperless/version.py says 2.14.7",
        ),
        (wrong_commit, no_change, CHECKOUT, STAMP, "Check out the tag."),
        (
            shallow,
            no_change,
            CHECKOUT,
            VERIFY,
            f"no repository here has tag {TAG}: run git fetch --tags",
        ),
        (
            full,
            move_tag,
            CHECKOUT,
            STAMP,
            f"PAPERLESS_DEMO_TAG states {TAG}, which is at ",
        ),
        (full, move_tag, BUILD, VERIFY, f"but tag {TAG} is at "),
        (
            full,
            change_file,
            CHECKOUT,
            STAMP,
            "Commit or remove: src/paperless/settings.py.",
        ),
        (full, change_file, BUILD, VERIFY, "FAIL  rebuild"),
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

    step, printed = run_release(
        checkout, tmp_path, lambda: changes[BUILD](host, checkout)
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
    environ = {**hermetic(os.environ), "GITHUB_REF_NAME": TAG}

    (check,) = workflows.steps(workflows.CHECK_TAG)
    done = workflows.run_step(
        check, checkout.root, {"github.event.created": created}, environ
    )

    assert bool(done.returncode) == bool(reason), done.stderr
    assert reason in done.stdout


def test_a_strict_stamp_refuses_a_shallow_checkout_even_without_a_stated_tag(
    host: Repository, tmp_path: Path
) -> None:
    """Jobs that build but state no tag rely on this: worker.yml, an image."""
    checkout = shallow(host, tmp_path / "runner")

    with pytest.raises(commands.CommandFailedError, match="This clone is shallow") as e:
        commands.build_stamp("show", checkout.root, "--strict")

    assert "fetch-tags: true" in str(e.value)
