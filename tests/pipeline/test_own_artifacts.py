"""This project's own wheel and sdist, held against the rules of the index."""

import os
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.pipeline import flow, shapes
from tests.support import workflows
from tests.support.repository import Repository, hermetic

pytestmark = pytest.mark.slow

TAG = "v0.9.0rc1"
PACKAGES = {"build_hooks", "paperless_report"}


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This tree, as it is now, in a repository of its own whose commit is a release."""
    repository = Repository(tmp_path_factory.mktemp("own-tree"))
    listed = flow.run(
        *("git", "ls-files", "--cached", "--others", "--exclude-standard")
    ).splitlines()
    for name in listed:
        if (source := flow.ROOT / name).is_file():
            target = repository.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    repository.commit("All that is new")
    # As a candidate that is tagged once more looks after actions/checkout.
    repository.tag("v0.9.0rc0", annotated=True)
    repository.tag(TAG)
    return repository


@pytest.fixture(scope="module")
def built(tagged: Repository) -> Mapping[str, Path]:
    """The wheel and the sdist, by the steps of release.yml's job `build`."""
    found = workflows.load(workflows.RELEASE)
    environ = {
        **hermetic(os.environ),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **workflows.resolve_variables(
            found["env"] | found["jobs"]["build"]["env"], {"github.ref_name": TAG}
        ),
    }
    for name in (
        "Build",
        "Verify",
        "Check the rules of the package index",
        "Write the notes from the changelog",
    ):
        step = workflows.find_step(workflows.RELEASE, "build", name)
        done = workflows.run_step(step, tagged.root, {}, environ)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    return {it.suffix: it for it in (tagged.root / "dist").iterdir()}


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (
            it for it in archive.namelist() if it.endswith(".dist-info/METADATA")
        )
        return BytesParser().parsebytes(archive.read(name))


def test_the_release_workflow_makes_a_wheel_and_an_sdist_of_the_tags_version(
    built: Mapping[str, Path],
) -> None:
    assert sorted(it.name for it in built.values()) == [
        "paperless_report-0.9.0rc1-py3-none-any.whl",
        "paperless_report-0.9.0rc1.tar.gz",
    ]


def test_the_notes_are_there(built: Mapping[str, Path], tagged: Repository) -> None:
    assert built
    assert (tagged.root / "notes" / "notes.md").read_text().startswith("### ")


def test_nothing_of_tests_worker_or_demo_is_in_the_wheel(
    built: Mapping[str, Path],
) -> None:
    with zipfile.ZipFile(built[".whl"]) as archive:
        names = archive.namelist()

    assert {name.partition("/")[0] for name in names} - PACKAGES == {
        "paperless_report-0.9.0rc1.dist-info"
    }
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]
    assert "paperless_report-0.9.0rc1.dist-info/licenses/LICENSE" in names


def test_the_sdist_builds_without_git_and_leaves_the_hosts_own_out(
    built: Mapping[str, Path],
) -> None:
    with tarfile.open(built[".gz"]) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}

    assert {"PKG-INFO", "LICENSE", "hatch_build.py", *PACKAGES} <= top
    assert not top & {".git", ".github", ".ci", ".venv", "dist", "node_modules"}


@pytest.mark.parametrize(
    "field",
    [
        *("Name", "Version", "Summary", "Author", "License-Expression", "License-File"),
        *("Keywords", "Classifier", "Requires-Python", "Description-Content-Type"),
    ],
)
def test_the_metadata_tells_what_an_index_shows(
    built: Mapping[str, Path], field: str
) -> None:
    assert metadata(built[".whl"])[field]


def test_the_wheel_needs_no_other_package_but_for_an_extra(
    built: Mapping[str, Path],
) -> None:
    required = metadata(built[".whl"]).get_all("Requires-Dist", [])

    assert required
    assert all("extra == " in it for it in required)


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_types_are_shipped(built: Mapping[str, Path], name: str) -> None:
    with zipfile.ZipFile(built[".whl"]) as archive:
        assert f"{name}/py.typed" in archive.namelist()


def test_what_is_installed_knows_its_commit(
    built: Mapping[str, Path], tagged: Repository, tmp_path: Path
) -> None:
    place = shapes.installed(built[".gz"], tmp_path)

    build_info = (place / "paperless_report" / "build_info.py").read_text()
    assert f'"{tagged.git("rev-parse", "HEAD")[:9]}"' in build_info
