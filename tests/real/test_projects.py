"""One line stamps the projects that exist: the newest release of each, from the index."""

from pathlib import Path

import pytest

from tests.real.differences import find_differences, read_files
from tests.real.project import RealProject, fetch
from tests.support import tarballs

# Projects of different layouts, with the variables that their builds need.
PROJECTS: dict[str, dict[str, str]] = {
    "attrs": {},  # two packages
    "black": {},  # two packages and a generated module next to them
    "dbt-adapters": {},  # hatch.toml, and a namespace package
    "dirty-equals": {},
    # Hatch reads its version from tags such as hatch-v1.16.0 only.
    "hatch": {"SETUPTOOLS_SCM_PRETEND_VERSION": "{version}"},
    "httpx": {},  # __version__.py
    "litestar": {},
    "nbclient": {},
    "opentelemetry-api": {},  # a namespace package
    "pydantic-settings": {},  # VERSION in version.py
    "starlette": {},
    "structlog": {},  # no version in the code
    "traitlets": {},
    "urllib3": {},  # a version.py that hatch-vcs writes
    "uvicorn": {},
}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in PROJECTS
    ],
)
def project(
    request: pytest.FixtureRequest,
    own_wheel: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> RealProject:
    folder = tmp_path_factory.mktemp(request.param)
    return fetch(request.param, own_wheel, folder, PROJECTS[request.param])


@pytest.mark.parametrize("form", ["v{version}", "{version}"])
def test_a_real_project_is_stamped_by_one_line_and_changed_by_nothing_else(
    project: RealProject, form: str, tmp_path: Path
) -> None:
    tree, tag = project.repository, form.format(version=project.version)
    for old in tree.git("tag", "--list").split():
        tree.git("tag", "--delete", old)
    tree.tag(tag)
    built: dict[bool, dict[str, Path]] = {}
    for hook in (False, True):
        folder = tmp_path / f"{hook=}"
        # As in a fresh clone: a build may have generated files.
        tree.git("clean", "--quiet", "-dfx")
        project.build(tree.root, folder, "sdist", "wheel", hook=hook)
        (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
        unpacked = tarballs.unpack(sdist, folder / "unpacked")
        project.build(unpacked, folder / "again", "wheel", hook=hook)
        built[hook] = {
            "sdist": sdist,
            "wheel": wheel,
            "wheel from the sdist": folder / "again" / wheel.name,
        }

    project.verify(tag, *built[True].values())
    for name, artifact in built[True].items():
        assert find_differences(built[False][name], artifact) == [], name
    assert read_files(built[True]["wheel"]) == read_files(
        built[True]["wheel from the sdist"]
    )
