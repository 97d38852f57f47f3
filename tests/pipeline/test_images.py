"""The Dockerfiles of the demo project, run without a container engine."""

import dataclasses
import json
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest

from tests.pipeline import commands, hosts
from tests.support import dockerfile
from tests.support.dockerfile import Stage
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

IGNORED = commands.ROOT / ".dockerignore"


class ImageFile(NamedTuple):
    """A Dockerfile, the prefix of its arguments, and the command that stamps."""

    path: Path
    prefix: str
    stage: str
    command: str

    def arguments(self) -> dict[str, str]:
        """Return the build arguments that the file declares, with their defaults."""
        return {
            name: default
            for instruction, words in dockerfile.instructions(self.path)
            if instruction == "ARG"
            for name, _, default in (word.partition("=") for word in words.split())
        }


DEMO = commands.ROOT / "demo"
FILES = [
    ImageFile(DEMO / "Dockerfile", "PAPERLESS_DEMO", "build", "pip wheel"),
    ImageFile(DEMO / "tree.Dockerfile", "PAPERLESS_NGX", "final", "build-stamp write"),
]


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.path.name)
def image_file(request: pytest.FixtureRequest) -> ImageFile:
    file: ImageFile = request.param
    return file


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, own_wheel: Path) -> Path:
    """The build context: the files that .dockerignore allows, and the wheel in dist/."""
    folder = tmp_path_factory.mktemp("context")
    commands.copy_files(
        dockerfile.without_ignored(IGNORED, commands.list_working_tree()), folder
    )
    (folder / "dist").mkdir()
    shutil.copy(own_wheel, folder / "dist")
    return folder


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return hosts.create_beta(tmp_path_factory.mktemp("host") / "host")


@pytest.fixture(scope="module")
def arguments(image_file: ImageFile, host: Repository) -> dict[str, str]:
    """The build arguments that `build-stamp show` prints for the host."""
    printed = commands.build_stamp(
        *("show", host.root, "--env-prefix", image_file.prefix),
        *("--format", "build-args"),
    )
    return dict(line.split("=", 1) for line in printed.splitlines())


@pytest.fixture(scope="module")
def stages(
    image_file: ImageFile,
    context: Path,
    arguments: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Stage]:
    """The stages that the commands of the file build."""
    folder = tmp_path_factory.mktemp("image")
    return dockerfile.build(image_file.path, context, arguments, folder)


@pytest.fixture
def image(stages: Mapping[str, Stage]) -> Stage:
    return stages["final"]


def test_the_file_declares_every_argument_of_the_stamp(
    image_file: ImageFile, arguments: dict[str, str]
) -> None:
    assert set(arguments) <= set(image_file.arguments())


def test_the_container_shows_the_stamp(image: Stage, host: Repository) -> None:
    commit = host.git("rev-parse", "HEAD")[:9]

    done = image.run(
        " ".join((*json.loads(image.entrypoint), *json.loads(image.command)))
    )

    assert done.returncode == 0, done.stderr
    for line in (
        "  Channel         : beta",
        f"  Commit          : {commit}  (built 2026-05-18T12:00:00Z)",
        "  Install type    : docker",
    ):
        assert f"{line}\n" in done.stdout


def test_the_labels_match_the_stamp(image: Stage, host: Repository) -> None:
    labels = image.labels

    assert labels["org.opencontainers.image.revision"] == host.git("rev-parse", "HEAD")
    assert labels["org.opencontainers.image.created"] == "2026-05-18T12:00:00Z"
    assert labels["org.opencontainers.image.licenses"] == "MIT"


def test_the_user_is_not_root_and_its_group_can_write_the_data(image: Stage) -> None:
    user, _, group = image.user.partition(":")
    data = image.root / image.environ["PAPERLESS_DATA_DIR"].lstrip("/")

    assert int(user) > 0
    assert group == "0"
    assert data.stat().st_mode & 0o777 == 0o770


def test_the_image_has_no_files_of_git_or_the_build(image: Stage) -> None:
    names = {path.name for path in image.resolve(".").rglob("*")}

    assert not names & {".git", "constraints.txt"}
    assert not [name for name in names if name.endswith(".whl")]


def test_the_build_context_has_only_the_files_that_are_copied(context: Path) -> None:
    top = {path.name for path in context.iterdir()}
    local = [".git/config", "demo/data/db.sqlite3", "demo/src/paperless/build_info.py"]

    assert top == {"constraints.txt", "demo", "dist"}
    assert dockerfile.without_ignored(IGNORED, local) == []


def test_a_build_without_arguments_fails(
    stages: Mapping[str, Stage], context: Path, image_file: ImageFile
) -> None:
    """The stamping command runs again, on an unstamped copy with the default arguments."""
    (command,) = (
        words
        for name, words in dockerfile.instructions(image_file.path)
        if name == "RUN" and image_file.command in words
    )
    defaults = {key: value for key, value in image_file.arguments().items() if value}
    built = stages[image_file.stage]
    unstamped = dataclasses.replace(
        built, workdir=PurePosixPath("/unstamped"), arguments=defaults
    )
    shutil.copytree(built.resolve("."), unstamped.resolve("."))
    for stamp in unstamped.resolve(".").glob("**/paperless/build_info.py"):
        stamp.unlink()
        shutil.copy(context / "demo/src/paperless/version.py", stamp.parent)

    done = unstamped.run(command)

    assert done.returncode != 0
    assert "Strict mode does not allow this build." in done.stdout + done.stderr
