"""The image files, each of their commands run as the shell that it is."""

import dataclasses
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from build_hooks import cli
from tests.pipeline import flow
from tests.support import dockerfile
from tests.support.dockerfile import Stage
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

WHEEL = flow.ROOT / "demo" / "Dockerfile"
TREE = flow.ROOT / "demo" / "tree.Dockerfile"
FILES = [pytest.param(it, id=it.name) for it in (WHEEL, TREE)]
PREFIX = {WHEEL: "PAPERLESS_DEMO", TREE: "PAPERLESS_NGX"}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, own_wheel: Path) -> Path:
    """What reaches the engine of this repository, with the wheel in dist/."""
    listed = flow.run(
        *("git", "ls-files", "--cached", "--others", "--exclude-standard")
    ).splitlines()
    folder = tmp_path_factory.mktemp("context")
    for name in dockerfile.allowed(flow.ROOT / ".dockerignore", listed):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(flow.ROOT / name, path)
    (folder / "dist").mkdir()
    shutil.copy(own_wheel, folder / "dist")
    return folder


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Where the facts come from: the tagged host."""
    return flow.tagged_repository(tmp_path_factory.mktemp("host") / "host")


def build_args(
    repository: Repository, prefix: str, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    capsys.readouterr()
    cli.main(
        ["show", str(repository.root), "--env-prefix", prefix, "--format", "build-args"]
    )
    return dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())


@pytest.fixture(scope="module")
def built(
    context: Path, facts: Repository, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Path, Mapping[str, Stage]]:
    """Both images, each made by its own commands."""
    commit = facts.git("rev-parse", "HEAD")
    stages = {}
    for file, prefix in PREFIX.items():
        stages[file] = dockerfile.build(
            file,
            context,
            {
                f"{prefix}_SOURCE_COMMIT": commit,
                f"{prefix}_BUILD_DATE": "2026-05-18T12:00:00Z",
                f"{prefix}_TAG": flow.TAG,
                f"{prefix}_CHANNEL": "beta",
            },
            tmp_path_factory.mktemp("image"),
        )
    return stages


@pytest.mark.parametrize("file", FILES)
def test_the_arguments_are_those_that_the_file_takes(
    file: Path, facts: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = {
        word.partition("=")[0]
        for name, words in dockerfile.instructions(file)
        if name == "ARG"
        for word in words.split()
    }

    assert set(build_args(facts, PREFIX[file], capsys)) <= declared


@pytest.mark.parametrize("file", FILES)
def test_what_runs_in_it_shows_the_stamp(
    built: Mapping[Path, Mapping[str, Stage]], facts: Repository, file: Path
) -> None:
    stage = built[file]["final"]
    commit = facts.git("rev-parse", "HEAD")[:9]

    done = stage.shell(
        " ".join((*json.loads(stage.entrypoint), *json.loads(stage.command)))
    )

    assert done.returncode == 0, done.stderr
    assert "  Channel         : beta\n" in done.stdout
    assert (
        f"  Commit          : {commit}  (built 2026-05-18T12:00:00Z)\n" in done.stdout
    )
    assert "  Install type    : docker\n" in done.stdout


@pytest.mark.parametrize("file", FILES)
def test_its_labels_are_those_of_the_stamp(
    built: Mapping[Path, Mapping[str, Stage]], facts: Repository, file: Path
) -> None:
    labels = built[file]["final"].labels

    assert labels["org.opencontainers.image.revision"] == facts.git("rev-parse", "HEAD")
    assert labels["org.opencontainers.image.created"] == "2026-05-18T12:00:00Z"
    assert labels["org.opencontainers.image.licenses"] == "MIT"


@pytest.mark.parametrize("file", FILES)
def test_it_is_not_root_and_writes_to_its_data_alone(
    built: Mapping[Path, Mapping[str, Stage]], file: Path
) -> None:
    stage = built[file]["final"]
    user, _, group = stage.user.partition(":")
    data = stage.root / stage.environ["PAPERLESS_DATA_DIR"].lstrip("/")

    assert int(user) > 0
    assert group == "0"
    assert data.stat().st_mode & 0o777 == 0o770


@pytest.mark.parametrize("file", FILES)
def test_nothing_of_git_or_of_the_build_is_left_in_it(
    built: Mapping[Path, Mapping[str, Stage]], file: Path
) -> None:
    there = {path.name for path in built[file]["final"].place(".").rglob("*")}

    assert not there & {".git", "constraints.txt"}
    assert not [name for name in there if name.endswith(".whl")]


def test_only_what_is_copied_reaches_the_engine(context: Path) -> None:
    there = {path.relative_to(context).parts[0] for path in context.iterdir()}

    assert there == {"constraints.txt", "demo", "dist"}
    assert (
        dockerfile.allowed(
            flow.ROOT / ".dockerignore",
            [".git/config", "demo/data/db.sqlite3", "demo/src/paperless/build_info.py"],
        )
        == []
    )


@pytest.mark.parametrize(
    ("file", "stage", "command"),
    [(WHEEL, "build", "pip wheel"), (TREE, "final", "build-stamp write")],
    ids=lambda it: getattr(it, "name", ""),
)
def test_an_image_of_no_release_is_refused(
    built: Mapping[Path, Mapping[str, Stage]],
    context: Path,
    file: Path,
    stage: str,
    command: str,
) -> None:
    """The command that stamps, once more, on a fresh copy and without arguments."""
    written = list(dockerfile.instructions(file))
    (words,) = (it for name, it in written if name == "RUN" and command in it)
    default = dict(
        it.split("=", 1)
        for name, names in written
        if name == "ARG"
        for it in names.split()
        if it.startswith(f"{PREFIX[file]}_STRICT=")
    )
    again = dataclasses.replace(built[file][stage], arguments=default)
    stamped = list(again.place(".").glob("**/paperless/build_info.py"))
    before = {
        it: it.read_bytes() for path in stamped for it in path.parent.glob("*.py")
    }
    for copy in stamped:
        copy.unlink()
        shutil.copy(context / "demo/src/paperless/version.py", copy.parent)

    done = again.shell(words)
    for path, content in before.items():  # other tests look at the same image
        path.write_bytes(content)

    assert done.returncode != 0
    assert "Strict mode does not allow this build." in done.stdout + done.stderr
