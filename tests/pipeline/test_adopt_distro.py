"""docs/how-to/distributions.md: its recipes, taken from the page, make stamped packages."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline import bookshelf, commands, hosts, packages
from tests.support import pages, tarballs, workflows
from tests.support.needs import needs
from tests.support.preview import read_preview
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

RULES = "debian/rules"
STAMPED = "debian/paperless-ngx/usr/share/paperless-ngx/src/paperless"
DATE = "1779105600"

# The page's commands.
WHEEL = (
    "export BOOKSHELF_SOURCE_COMMIT=5c77e0a3104cd9fbb1b2ed40fcf1ec9b3cbc0a1f",
    "export BOOKSHELF_TAG=v1.4.0",
    f"export SOURCE_DATE_EPOCH={DATE}",
    "python -m build --wheel",
)
VERIFY = f"build-stamp verify {STAMPED} --strict"
VERIFY_OFF = f"build-stamp verify {STAMPED} --no-reporting"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a release."""
    return packages.make_archive(tmp_path_factory.mktemp("release"))


@pytest.fixture
def source(archive: Path, tmp_path: Path) -> Path:
    """The unpacked archive."""
    return tarballs.unpack(archive, tmp_path / "unpacked")


@pytest.fixture
def debian(archive: Path, tmp_path: Path) -> Path:
    """The same, with a `debian/`."""
    return packages.unpack_for_debian(archive, tmp_path, packages.TREE)


class Format(NamedTuple):
    """A format of packages: how to build and unpack one, and the date in its stamp."""

    build: Callable[[Path, Path], Path]
    unpack: Callable[[Path, Path], None]
    date: str


FORMATS = {
    "debian": Format(packages.build_deb, packages.unpack_deb, "2026-05-18T12:00:00Z"),
    "fedora": Format(packages.build_rpm, packages.unpack_rpm, "2026-08-01T21:38:08Z"),
}


@pytest.fixture(scope="module")
def built() -> dict[str, Path]:
    """The packages that were built so far, for the next fixture."""
    return {}


@pytest.fixture
def build_once(
    archive: Path, built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Returns the package of a distribution, which the first test builds."""

    def build(distro: str) -> Path:
        if distro not in built:
            folder = tmp_path_factory.mktemp(distro)
            built[distro] = FORMATS[distro].build(archive, folder)
        return built[distro]

    return build


def test_every_command_of_the_page_is_run_below() -> None:
    with pages.follow("docs/how-to/distributions.md") as page:
        for command in (
            *WHEEL,
            VERIFY,
            VERIFY_OFF,
            packages.DEB,
            packages.LINT,
            packages.RPM,
        ):
            page.check_off(command)


@pytest.mark.parametrize("distro", FORMATS)
def test_a_package_carries_its_stamp_and_reports_its_install_type(
    build_once: Callable[[str], Path], tmp_path: Path, distro: str
) -> None:
    date = FORMATS[distro].date

    FORMATS[distro].unpack(build_once(distro), tmp_path / "root")

    place = tmp_path / "root" / packages.INSTALLED
    printed = commands.build_stamp("verify", place / "paperless", "--strict")
    assert f"ok    stamp    commit {packages.COMMIT}, built {date}" in printed
    assert "ok    channel  stable" in printed
    host = hosts.Host.imported_from(place, tmp_path / "data")
    host.load_sample_data()
    shown = read_preview(host.manage("send_usage_report", "--dry-run"))
    assert shown["commit"] == f"{packages.COMMIT}  (built {date})"
    in_container = Path("/.dockerenv").exists()
    assert shown["install_type"] == ("docker" if in_container else distro)


@pytest.mark.parametrize("distro", FORMATS)
def test_two_builds_of_a_package_have_the_same_bytes(
    archive: Path, build_once: Callable[[str], Path], tmp_path: Path, distro: str
) -> None:
    second = FORMATS[distro].build(archive, tmp_path)

    assert second.read_bytes() == build_once(distro).read_bytes()


@needs("lintian")
def test_lintian_accepts_the_debian_package(build_once: Callable[[str], Path]) -> None:
    folder = build_once("debian").parent

    assert pages.run_commands(folder / "paperless-ngx-3.0.5", packages.LINT) == ""


def make(source: Path) -> None:
    commands.run(
        *("make", "-C", source, "-f", RULES, "override_dh_auto_install"),
        environ={**workflows.runner_environment(), "SOURCE_DATE_EPOCH": DATE},
    )


@needs("bash")
def test_a_wheel_carries_the_stamp_that_the_packager_states(tmp_path: Path) -> None:
    repository = bookshelf.create(tmp_path / "project")
    source = commands.archive(repository, tmp_path)

    pages.run_commands(source, *WHEEL)

    (wheel,) = (source / "dist").iterdir()
    printed = commands.build_stamp("verify", wheel)
    assert "ok    stamp    commit 5c77e0a31, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  stable" in printed


@needs("make", "sh")
def test_the_page_verifies_the_tree_of_the_debian_package(debian: Path) -> None:
    make(debian)

    printed = pages.run_commands(debian, VERIFY)

    assert (
        f"ok    stamp    commit {packages.COMMIT}, built 2026-05-18T12:00:00Z"
        in printed
    )


@needs("make", "sh")
def test_a_line_of_the_page_turns_reporting_off_for_every_admin(
    debian: Path, tmp_path: Path
) -> None:
    line = pages.blocks(packages.PAGE, "make")[-1].text
    rules = debian / RULES
    rules.write_text(rules.read_text().replace("\nexport", f"\n{line}export", 1))

    make(debian)

    printed = pages.run_commands(debian, VERIFY_OFF)
    assert "ok    reports  REPORTING is False" in printed
    url = "https://reports.example.org"
    place = (debian / STAMPED).parent
    host = hosts.Host.imported_from(place, tmp_path / "data", url)
    host.data.mkdir()
    status = host.manage("usage_reporting", "status")
    assert re.search("Decided by +: the packager of this software\n", status)
    off = "The packager of this software has turned reporting off."
    with pytest.raises(commands.CommandFailedError, match=re.escape(off)):
        host.manage("usage_reporting", "on", answer="y\n")
    shown = host.manage("send_usage_report", answer="y\n")
    assert read_preview(shown)["commit"].startswith(packages.COMMIT)
    assert off in shown
    assert "[y/N]" not in shown


@needs("make", "sh")
def test_the_debian_recipe_changes_no_tracked_file(debian: Path) -> None:
    repository = Repository(debian)
    repository.commit("Import upstream 3.0.5")

    make(debian)

    assert packages.COMMIT in (debian / STAMPED / "build_info.py").read_text()
    assert repository.git("status", "--porcelain") == "?? debian/paperless-ngx/"


@needs("make", "sh")
def test_the_debian_recipe_fails_for_a_newer_archive(debian: Path) -> None:
    (debian / "src/paperless/version.py").write_text(packages.version_py("(3, 0, 6)"))

    with pytest.raises(commands.CommandFailedError, match=r"v3\.0\.5.*3\.0\.6"):
        make(debian)


@needs("bash")
def test_the_nix_recipe_stamps_the_source(source: Path) -> None:
    recipe = packages.only_block("nix")
    variables = dict(re.findall(r'^ +([A-Z_]+) = "(.*)";$', recipe, re.MULTILINE))
    (script,) = re.findall(r"postPatch = ''\n(.*?)''", recipe, re.DOTALL)
    assert len(variables) == 4

    commands.run(
        *("bash", "-euc", f"cd {source}\n{script}"),
        # Nix sets its own SOURCE_DATE_EPOCH, which the stamp must not use.
        environ={
            **workflows.runner_environment(),
            **variables,
            "SOURCE_DATE_EPOCH": "315532800",
        },
    )

    printed = commands.build_stamp("verify", source / "src" / "paperless", "--strict")
    assert (
        f"ok    stamp    commit {packages.COMMIT}, built 2026-08-01T21:38:08Z"
        in printed
    )
