"""The Dockerfiles of the demo and of the pages, built and run with Buildah."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline import commands, hosts, paperless
from tests.support import docker, pages, rootfs
from tests.support.buildah import Container, ImageBuildError, Store
from tests.support.needs import needs
from tests.support.preview import read_preview
from tests.support.repository import Repository, hermetic
from tests.support.temporary import make_folder

pytestmark = pytest.mark.slow

PAGE = "docs/how-to/images.md"
DEMO = commands.ROOT / "demo"
# What a clone has on a developer's machine, and no image may have.
LOCAL = {
    ".git/config": "",
    "demo/data/db.sqlite3": "",
    "demo/src/paperless/build_info.py": "",
    "demo/src/paperless/__pycache__/urls.cpython-311.pyc": "",
}


class ImageFile(NamedTuple):
    """A Dockerfile, and the prefix of its arguments."""

    path: Path
    prefix: str


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, own_wheel: Path) -> Iterator[Store]:
    """A store with the base images; it is removed at the end."""
    with make_folder("images-", tmp_path_factory.getbasetemp()) as folder:
        store = Store(folder)
        store.make_base(own_wheel, commands.ROOT / "constraints.txt")
        yield store


@pytest.fixture(scope="module")
def follow(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The variables with which a page's commands use Buildah and this store."""
    programs = tmp_path_factory.mktemp("programs")
    store.write_programs(programs)
    python = Path(sys.executable).parent
    path = os.pathsep.join(map(str, (programs, python, os.environ["PATH"])))
    return {**store.environ, "PATH": path}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, own_wheel: Path) -> Path:
    """The working tree with local files, and the wheel in dist/."""
    folder = tmp_path_factory.mktemp("context")
    commands.copy_files(commands.list_working_tree(), folder)
    for name, text in LOCAL.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "dist").mkdir()
    shutil.copy(own_wheel, folder / "dist")
    return folder


FILES = (
    ImageFile(DEMO / "Dockerfile", "PAPERLESS_DEMO"),
    ImageFile(DEMO / "tree.Dockerfile", "PAPERLESS_NGX"),
)


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.path.name)
def image_file(request: pytest.FixtureRequest) -> ImageFile:
    file: ImageFile = request.param
    return file


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return hosts.create_beta(tmp_path_factory.mktemp("host") / "host")


@pytest.fixture(scope="module")
def image(store: Store, image_file: ImageFile, context: Path, host: Repository) -> str:
    """The image that the arguments of `build-stamp show` make."""
    arguments = commands.build_stamp(
        *("show", host.root, "--env-prefix", image_file.prefix),
        *("--format", "docker"),
    )
    return store.build(image_file.path, context, *arguments.split())


@pytest.fixture(scope="module")
def container(store: Store, image: str) -> Iterator[Container]:
    with store.container(image) as container:
        yield container


class TestDemo:
    """demo/Dockerfile installs a wheel, demo/tree.Dockerfile stamps a copied tree."""

    def test_the_container_shows_the_stamp(
        self, store: Store, image: str, host: Repository
    ) -> None:
        commit = host.git("rev-parse", "HEAD")[:9]

        shown = read_preview(store.run(image))

        assert shown["channel"] == "beta"
        assert shown["commit"] == f"{commit}  (built 2026-05-18T12:00:00Z)"
        assert shown["install_type"] == "docker"

    def test_the_labels_match_the_stamp(
        self, store: Store, image: str, host: Repository
    ) -> None:
        labels = store.inspect(image)["Labels"]

        start = "org.opencontainers.image"
        assert labels[f"{start}.revision"] == host.git("rev-parse", "HEAD")
        assert labels[f"{start}.created"] == "2026-05-18T12:00:00Z"
        assert labels[f"{start}.licenses"] == "MIT"

    def test_the_user_is_not_root_and_its_group_can_write_the_data(
        self, container: Container
    ) -> None:
        printed = container.run(
            "sh", "-c", 'id -u; id -g; stat -c %a "$PAPERLESS_DATA_DIR"'
        )

        assert printed.split() == ["1000", "0", "770"]

    def test_the_image_has_no_files_of_git_or_the_build(
        self, container: Container
    ) -> None:
        names = {Path(line).name for line in container.run("find", ".").split()}

        assert "data" in names
        assert not names & {".git", "constraints.txt", "db.sqlite3"}
        assert not [name for name in names if name.endswith((".whl", ".pyc"))]

    def test_a_build_without_arguments_fails(
        self, store: Store, context: Path, image_file: ImageFile
    ) -> None:
        with pytest.raises(ImageBuildError, match="Strict mode does not allow"):
            store.build(image_file.path, context)

    def test_the_build_context_has_only_the_files_that_are_copied(
        self, store: Store, context: Path
    ) -> None:
        with store.container() as container:
            container.copy_context(context, "/context")
            found = container.run("find", "/context", "-type", "f").splitlines()

        copied = {name.removeprefix("/context/") for name in found}
        assert {name.split("/")[0] for name in copied} == {
            "constraints.txt",
            "demo",
            "dist",
        }
        assert not copied & LOCAL.keys()


RECEIVER = commands.ROOT / "worker" / "deploy" / "Dockerfile"
# The options of docs/how-to/server.md that make a container tight.
TIGHT = "--read-only --cap-drop ALL --security-opt no-new-privileges"
REPORT = (
    '{"uuid": "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11", "version": "2.15.0",'
    ' "channel": "dev", "install_type": "source", "arch": "x86_64"}'
)
# Runs in the container, with the command of the image as arguments.
USE_RECEIVER = f"""\
id -u
"$@" &
for second in 1 2 3 4 5 6 7 8 9; do
  sleep 1
  if python -c "$HEALTH_CHECK"; then echo healthy; break; fi
done
python - << 'END'
import urllib.request
request = urllib.request.Request(
    "http://127.0.0.1:8787/report", b'''{REPORT}''', {{"Content-Type": "application/json"}}
)
print(urllib.request.urlopen(request).status)
END
usage-receiver count --data /data
kill -TERM $!
wait $!
echo "ended with $?"
find /data -type f -exec stat -c '%a %n' {{}} +
touch /changed 2>&1 || true
"""


@pytest.fixture(scope="module")
def receiver(store: Store, context: Path) -> str:
    """The receiver's image, in the format that has health checks."""
    commands.build(commands.ROOT / "usage_receiver", context / "dist", "--wheel")
    return store.build(RECEIVER, context, "--format=docker")


class TestReceiver:
    """worker/deploy/Dockerfile, with the options of docs/how-to/server.md."""

    def test_the_configuration_names_a_user_one_volume_and_a_health_check(
        self, store: Store, receiver: str
    ) -> None:
        configuration = store.inspect(receiver)

        assert configuration["User"] == "1000:1000"
        assert list(configuration["Volumes"]) == ["/data"]
        assert configuration["Healthcheck"]["Test"][:3] == ["CMD", "python", "-c"]

    @needs("podman")
    def test_it_receives_a_report_on_a_read_only_root_without_rights(
        self, store: Store, receiver: str, follow: Mapping[str, str], tmp_path: Path
    ) -> None:
        (run,) = (
            it
            for it in pages.exempt("docs/how-to/server.md")
            if it.startswith("docker run")
        )
        configuration = store.inspect(receiver)
        command = [*configuration["Entrypoint"], *configuration["Cmd"]]
        check = configuration["Healthcheck"]["Test"][3]

        printed = pages.run_commands(
            tmp_path,
            f"podman run --rm {TIGHT} --volume usage-data:/data"
            f" --env HEALTH_CHECK={shlex.quote(check)} --entrypoint sh {receiver}"
            f" -euc {shlex.quote(USE_RECEIVER)} sh {shlex.join(command)}",
            environ=follow,
        )

        assert TIGHT in run
        assert printed.startswith("1000\n")
        assert "\nhealthy\n204\n" in printed
        assert "\nended with 0\n" in printed
        assert "\n600 /data/receiver.sqlite\n" in printed
        assert "Read-only file system" in printed


SHELF = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling", "paperless-report"]
build-backend = "hatchling.build"

[project]
name = "shelf"
dynamic = ["version"]

[tool.hatch.version]
path = "src/shelf/__about__.py"

[tool.hatch.build.hooks.build-info]
""",
    ".gitignore": "build_info.py\n__pycache__/\n/stamped/\n",
    "src/shelf/__init__.py": "",
    "src/shelf/__about__.py": '__version__ = "1.4.0"\n',
    "src/shelf/books.py": "",
    "docs/index.md": "# A page\n",
}


BUILD = "docker build $(build-stamp show --format docker) --tag shelf ."
RUN = "docker run --rm shelf"
COMPOSE = (
    "build-stamp show --format env > stamp.env",
    "docker compose --env-file stamp.env build",
)
BAKE = "env $(build-stamp show --format build-args) docker buildx bake"
# Build the project in the first argument, strictly or not; print the stamp in the wheel.
BUILD_WHEEL = """\
cd "$1"
SHELF_STRICT="$2" python -m hatchling build -t wheel -d /tmp/dist"$1"
python -m zipfile -e /tmp/dist"$1"/*.whl /tmp/unpacked"$1"
cat /tmp/unpacked"$1"/shelf/build_info.py || true
"""
FILES_FOR_DOCKER = {"hcl": "docker-bake.hcl", "yaml": "compose.yaml"}


class Context(NamedTuple):
    """A build context, made from a tagged repository.

    Attributes:
        name: What happened to it.
        is_release: Whether a strict build passes; else it must stop.
        has_commit: Whether a build knows the commit.
        ignored: The text of `.dockerignore`.
        commands: The git commands that make it in a folder `$1`, or () for the clone.
        owner: The owner of the files in the image.
    """

    name: str
    is_release: bool = True
    has_commit: bool = True
    ignored: str = ""
    commands: str = ""
    owner: str = "0:0"

    def prepare(self, repository: Repository, folder: Path) -> Path:
        """Make the context in *folder*; return it."""
        script = self.commands or 'git clone --quiet . "$1"'
        subprocess.run(
            ("sh", "-euc", script, "sh", folder),
            cwd=repository.root,
            env=hermetic(os.environ),
            check=True,
        )
        if self.ignored:
            (folder / ".dockerignore").write_text(self.ignored)
        return folder


CONTEXTS = (
    Context("whole"),
    Context("git-hidden", is_release=False, has_commit=False, ignored=".git\n"),
    Context(
        "worktree",
        is_release=False,
        has_commit=False,
        commands='git worktree add --quiet --detach "$1"',
    ),
    Context(
        "submodule",
        is_release=False,
        has_commit=False,
        commands="""\
            git init --quiet "$1.whole"
            git -C "$1.whole" -c protocol.file.allow=always submodule --quiet add "$PWD" shelf
            mv "$1.whole/shelf" "$1"
        """,
    ),
    Context(
        "shallow-tag",
        commands='git clone --quiet --depth 1 --branch v1.4.0rc1 "file://$PWD" "$1"',
    ),
    Context(
        "shallow-branch",
        is_release=False,
        commands='git clone --quiet --depth 1 --no-tags "file://$PWD" "$1"',
    ),
    Context("docs-hidden", ignored="docs\n"),
    Context("module-hidden", is_release=False, ignored="src/shelf/books.py\n"),
    Context("another-owner", is_release=False, has_commit=False, owner="1:1"),
)


@pytest.fixture
def shelf(tmp_path: Path) -> Repository:
    """The project of the page, as `hatch new` makes it, tagged as a beta."""
    (dockerfile,) = (block.text for block in pages.blocks(PAGE, "dockerfile"))
    (program,) = (block.text for block in pages.blocks(PAGE, "python"))
    repository = Repository(tmp_path / "shelf")
    repository.write(
        {**SHELF, "Dockerfile": dockerfile, "src/shelf/__main__.py": program}
    )
    repository.commit()
    repository.tag("v1.4.0rc1")
    return repository


class TestPage:
    """The Dockerfile of docs/how-to/images.md, and the commands of the page."""

    def test_a_project_that_follows_the_page_gets_a_stamped_image(
        self, store: Store, shelf: Repository, follow: Mapping[str, str]
    ) -> None:
        dockerfile = (shelf.root / "Dockerfile").read_text()
        store.name_bases(dockerfile)
        commit = shelf.git("rev-parse", "HEAD")[:9]

        pages.run_commands(shelf.root, BUILD, environ=follow)

        assert store.run("shelf") == f"beta {commit} 2026-05-18T12:00:00Z\n"
        labels = store.inspect("shelf")["Labels"]
        start = "org.opencontainers.image"
        assert labels[f"{start}.revision"] == shelf.git("rev-parse", "HEAD")
        assert labels[f"{start}.created"] == "2026-05-18T12:00:00Z"
        with store.container("shelf") as container:
            found = container.run("find", "/usr/local", "/app", "-name", "build*")
        assert "/app/src/shelf/build_info.py" in found
        assert "build-stamp" not in found
        assert "build_hooks" not in found

    def test_the_dockerfile_begins_with_what_show_prints(
        self, shelf: Repository
    ) -> None:
        printed = commands.build_stamp("show", shelf.root, "--format", "dockerfile")

        lines, advice = printed.split("\n\n# In the final stage")
        dockerfile = (shelf.root / "Dockerfile").read_text()
        assert dockerfile.startswith(f"{lines}\n\nFROM ")
        final = re.findall("^# ((?:COPY|ARG|LABEL) .*)", advice, re.MULTILINE)
        assert len(final) == 3
        assert [it for it in dockerfile.splitlines() if it in final][-3:] == final

    def test_a_failed_show_stops_the_build(
        self, shelf: Repository, follow: Mapping[str, str]
    ) -> None:
        wrong = {**follow, "SHELF_TAG": "tomorrow"}

        with pytest.raises(
            AssertionError, match="unknown flag: --build-stamp-show-failed"
        ):
            pages.run_commands(shelf.root, BUILD, environ=wrong)

    @pytest.mark.parametrize("strict", ["0", "1"])
    def test_variables_of_a_failed_show_stop_the_build(
        self, store: Store, shelf: Repository, strict: str
    ) -> None:
        """Compose and Bake pass them on: they cannot see that `show` failed."""
        with pytest.raises(
            ImageBuildError, match="SHELF_SOURCE_COMMIT must be a commit"
        ):
            store.build(
                shelf.root / "Dockerfile",
                shelf.root,
                f"--build-arg=SHELF_STRICT={strict}",
                "--build-arg=SHELF_SOURCE_COMMIT=--build-stamp-show-failed",
            )

    def test_a_build_without_arguments_fails(
        self, store: Store, shelf: Repository
    ) -> None:
        with pytest.raises(ImageBuildError, match="Strict mode does not allow"):
            store.build(shelf.root / "Dockerfile", shelf.root)

    @pytest.mark.nightly
    def test_the_other_commands_of_the_page_work(
        self,
        store: Store,
        follow: Mapping[str, str],
        context: Path,
        tmp_path: Path,
    ) -> None:
        clone = Repository(tmp_path / "clone")
        shutil.copytree(context, clone.root, dirs_exist_ok=True)
        shutil.rmtree(clone.root / "dist")
        clone.commit()
        tree = hosts.create_beta(tmp_path / "tree").root
        shutil.copytree(tree / "src", tree / "dist" / "paperless-ngx" / "src")

        store.name_bases((DEMO / "Dockerfile").read_text())

        with pages.follow("docs/how-to/images.md") as page:
            # Other tests run these in the project of the page.
            for command in (
                "build-stamp show --format dockerfile",
                *(BUILD, RUN, *COMPOSE, BAKE),
            ):
                page.check_off(command)
            page.run(
                clone.root,
                "python -m build --wheel",
                page.find("docker build --file demo/Dockerfile"),
                environ=follow,
            )
            page.check_off("docker run --rm demo")
            page.run(tree, page.find("build-stamp write"))
            settings = tmp_path / "settings"
            page.run(
                clone.root,
                page.find("git config --global"),
                environ={**follow, "GIT_CONFIG_GLOBAL": str(settings)},
            )

        assert str(clone.root) in settings.read_text()
        shown = store.run("demo")
        assert "  Channel         : dev\n" in shown
        assert clone.git("rev-parse", "HEAD")[:9] in shown
        assert (tree / "dist/paperless-ngx/src/paperless/build_info.py").is_file()


PODMAN_BUILD = "podman build $(build-stamp show --format docker) --tag shelf ."
PODMAN_RUN = "podman run --rm shelf"


@needs("podman")
@pytest.mark.nightly
class TestPodman:
    """docs/how-to/podman.md, with Podman."""

    def test_the_commands_of_the_page_build_and_run_a_stamped_image(
        self, store: Store, shelf: Repository, follow: Mapping[str, str]
    ) -> None:
        store.name_bases((shelf.root / "Dockerfile").read_text())
        commit = shelf.git("rev-parse", "HEAD")[:9]

        printed = pages.run_commands(
            shelf.root, PODMAN_BUILD, PODMAN_RUN, environ=follow
        )

        assert printed.endswith(f"\nbeta {commit} 2026-05-18T12:00:00Z\n")

    def test_a_failed_show_stops_the_build(
        self, shelf: Repository, follow: Mapping[str, str]
    ) -> None:
        wrong = {**follow, "SHELF_TAG": "tomorrow"}

        with pytest.raises(
            AssertionError, match="unknown flag: --build-stamp-show-failed"
        ):
            pages.run_commands(shelf.root, PODMAN_BUILD, environ=wrong)

    def test_a_report_from_a_container_has_the_install_type_podman(
        self, store: Store, context: Path, host: Repository, follow: Mapping[str, str]
    ) -> None:
        arguments = commands.build_stamp("show", host.root, "--format", "docker")
        image = store.build(DEMO / "Dockerfile", context, *arguments.split())

        shown = read_preview(
            pages.run_commands(context, f"podman run --rm {image}", environ=follow)
        )

        assert (shown["install_type"], shown["channel"]) == ("podman", "beta")


class TestBuildah:
    """docs/how-to/podman.md, with Buildah."""

    def test_the_commands_of_the_page_make_stamped_images(
        self, store: Store, shelf: Repository, follow: Mapping[str, str]
    ) -> None:
        commit = shelf.git("rev-parse", "HEAD")
        expected = f"beta {commit[:9]} 2026-05-18T12:00:00Z\n"
        store.name_bases((shelf.root / "Dockerfile").read_text())
        with pages.follow("docs/how-to/podman.md") as page:
            for command in (PODMAN_BUILD, PODMAN_RUN):
                page.check_off(command)

            without_dockerfile = [
                page.find(start)
                for start in (
                    *("mkdir stamped", "build-stamp write", "container="),
                    *("buildah copy", "buildah config", "buildah commit"),
                )
            ]
            page.run(shelf.root, *without_dockerfile, environ=follow)
            assert store.run("shelf") == expected

            variables = page.find("export ")
            printed = page.run(
                shelf.root,
                variables,
                page.find("buildah build"),
                page.find("buildah inspect"),
                environ=follow,
            )
            assert store.run("shelf") == expected
        assert "io.buildah.version" in printed


@pytest.fixture(scope="module")
def builder(store: Store) -> Iterator[Container]:
    with store.container() as container:
        container.run(
            *("python", "-m", "pip", "install", "--quiet"),
            *("hatchling", "paperless-report"),
        )
        yield container


class TestGitInTheBuild:
    """An image that builds the wheel itself, from a context that has lost something."""

    @pytest.mark.parametrize("case", CONTEXTS, ids=lambda case: case.name)
    def test_the_image_says_the_truth_or_stops(
        self, builder: Container, shelf: Repository, tmp_path: Path, case: Context
    ) -> None:
        context = case.prepare(shelf, tmp_path / "context")
        commit = shelf.git("rev-parse", "HEAD")[:9]
        folder = f"/{case.name}"
        builder.copy_context(context, folder, case.owner)

        def build(strict: str) -> str:
            return builder.run("sh", "-euc", BUILD_WHEEL, "sh", folder, strict)

        if not case.is_release:
            with pytest.raises(ImageBuildError, match="Strict mode does not allow"):
                build("1")
        built = build("1" if case.is_release else "0")

        assert (f'"{commit}"' in built, 'CHANNEL = "beta"' in built) == (
            case.has_commit,
            case.is_release,
        )


@pytest.mark.nightly
class TestPaperless:
    """docs/how-to/paperless-ngx.md: the Dockerfile with the page's diff."""

    def test_an_image_with_the_arguments_of_show_has_their_stamp(
        self, store: Store, tmp_path: Path
    ) -> None:
        project = paperless.create(tmp_path / "project")
        package = project.root / "src" / "paperless"
        arguments = commands.build_stamp("show", package, "--format", "docker")

        image = store.build(
            project.root / "Dockerfile", project.root, *arguments.split()
        )

        assert "PAPERLESS_APPS=paperless_report" in store.inspect(image)["Env"]
        with store.container(image) as container:
            shown = container.run(
                *(
                    "env",
                    "PAPERLESS_DATA_DIR=.",
                    "DJANGO_SETTINGS_MODULE=paperless.settings",
                ),
                *("python3", "-m", "django", "send_usage_report", "--dry-run"),
            )
        commit = project.git("rev-parse", "HEAD")[:9]
        assert re.search(r"Channel +: beta\n", shown)
        assert f"{commit}  (built 2026-05-18T12:00:00Z)" in shown
        assert re.search(r"Install type +: docker\n", shown)


@pytest.fixture(scope="module")
def engine(
    own_wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[rootfs.RootFileSystem]:
    """Debian with Docker's engine, and an image under both names of the page."""
    parent = tmp_path_factory.mktemp("docker")
    with rootfs.debian("trixie", *docker.PACKAGES, parent=parent) as made:
        docker.make_base(made, own_wheel, "python:3-slim", "python:3.14-slim")
        yield made


@pytest.mark.nightly
class TestDocker:
    """docs/how-to/images.md with Docker's engine, Compose and Bake."""

    @pytest.mark.parametrize(
        ("form", "lines"),
        [
            ("docker", (BUILD, RUN)),
            # Compose puts the project's name before the service's.
            ("env", (*COMPOSE, f"{RUN}-shelf")),
            *(
                ("build-args", (f"{BAKE} --set *.tags=shelf -f {name}", RUN))
                for name in FILES_FOR_DOCKER.values()
            ),
        ],
    )
    def test_the_image_has_the_stamp(
        self,
        engine: rootfs.RootFileSystem,
        shelf: Repository,
        form: str,
        lines: tuple[str, ...],
    ) -> None:
        shown = commands.build_stamp("show", shelf.root, "--format", form)
        copy_for_docker(shelf, engine, shown)

        printed = docker.run(engine, "/shelf", *lines)

        commit = shelf.git("rev-parse", "HEAD")[:9]
        assert printed.endswith(f"beta {commit} 2026-05-18T12:00:00Z\n")

    def test_a_failed_show_stops_the_build(
        self, engine: rootfs.RootFileSystem, shelf: Repository
    ) -> None:
        copy_for_docker(shelf, engine, "--build-stamp-show-failed")

        with pytest.raises(
            rootfs.RootFileSystemError,
            match="unknown flag: --build-stamp-show-failed",
        ):
            docker.run(engine, "/shelf", BUILD)


def copy_for_docker(
    shelf: Repository, engine: rootfs.RootFileSystem, shown: str
) -> None:
    """Copy the project without git to /shelf, with what `build-stamp show` prints there."""
    folder = engine.inside("/shelf")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(shelf.root, folder, ignore=shutil.ignore_patterns(".git"))
    for language, name in FILES_FOR_DOCKER.items():
        (text,) = (
            block.text
            for block in pages.blocks(PAGE, language)
            if "uses:" not in block.text
        )
        (folder / name).write_text(text)
    (folder / "shown").write_text(shown)
    program = engine.inside("/usr/local/sbin/build-stamp")
    program.write_text("#!/bin/sh\nexec cat /shelf/shown\n")
    program.chmod(0o755)
