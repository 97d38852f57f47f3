"""docs/adopt/distro.md: its recipes, read from the page, in an archive that knows no git."""

import re
from pathlib import Path

import pytest

from tests.pipeline import flow, shapes
from tests.pipeline.test_users import NO_PACKAGE, STABLE, VERSION_PY
from tests.support import pages, workflows
from tests.support.needs import needs
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

PAGE = "docs/adopt/distro.md"
RULES = "debian/rules"
STAMPED = "debian/paperless-ngx/usr/share/paperless-ngx/src/paperless"
COMMIT = "8fb73b270"


def block(language: str) -> str:
    (found,) = pages.blocks(PAGE, language)
    return found.text


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The archive of paperless-ngx 3.0.5, in its shape, unpacked."""
    files = {
        "pyproject.toml": NO_PACKAGE,
        "src/paperless/version.py": VERSION_PY.replace("(2, 15, 0)", "(3, 0, 5)"),
    }
    repository = flow.host_repository(tmp_path / "host", files)
    repository.commit("Release v3.0.5")
    return shapes.archive(repository, tmp_path)


def make(source: Path, **environ: str) -> None:
    flow.run(
        *("make", "-C", source, "-f", RULES, "override_dh_auto_install"),
        environ={**workflows.runner_environment(), **environ},
    )


def recipe(source: Path) -> None:
    """Put the page's `debian/rules` into *source*."""
    (source / RULES).parent.mkdir()
    (source / RULES).write_text(block("make"), encoding="utf-8")


@needs("make", "sh")
def test_the_page_is_followed(source: Path, tmp_path: Path) -> None:
    with pages.follow("docs/adopt/distro.md") as page:
        a_wheel_is_built_of_an_archive(page, tmp_path / "wheel")
        what_debian_installs_is_verified(page, source)


def a_wheel_is_built_of_an_archive(page: pages.FollowedPage, folder: Path) -> None:
    repository = flow.host_repository(folder / "host")
    repository.commit()
    source = shapes.archive(repository, folder)

    page.run(
        source,
        "export PAPERLESS_DEMO_SOURCE_COMMIT=bd86dca57",
        f"export PAPERLESS_DEMO_TAG={STABLE}",
        "export SOURCE_DATE_EPOCH=1779105600",
        "python -m build --wheel",
    )

    (wheel,) = (source / "dist").iterdir()
    printed = shapes.stamp("verify", wheel)
    assert "ok    stamp    commit bd86dca57, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  stable" in printed


def what_debian_installs_is_verified(page: pages.FollowedPage, source: Path) -> None:
    recipe(source)

    make(source, SOURCE_DATE_EPOCH="1779105600")

    printed = page.run(source, f"build-stamp verify {STAMPED} --strict")
    assert f"ok    stamp    commit {COMMIT}, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  stable" in printed
    assert (source / STAMPED / "distro_info.py").read_text() == 'DISTRO = "debian"\n'


@needs("make", "sh")
def test_the_debian_recipe_leaves_what_a_packaging_repository_tracks(
    source: Path,
) -> None:
    recipe(source)
    repository = Repository(source)
    repository.commit("Import upstream 3.0.5")

    make(source, SOURCE_DATE_EPOCH="1779105600")

    assert COMMIT in (source / STAMPED / "build_info.py").read_text()
    assert repository.git("status", "--porcelain") == "?? debian/paperless-ngx/"


@needs("make", "sh")
def test_the_debian_recipe_stops_where_the_archive_is_newer(source: Path) -> None:
    recipe(source)
    version_py = source / "src" / "paperless" / "version.py"
    version_py.write_text(VERSION_PY.replace("(2, 15, 0)", "(3, 0, 6)"))

    with pytest.raises(flow.StepFailedError, match=r"v3\.0\.5.*3\.0\.6"):
        make(source, SOURCE_DATE_EPOCH="1779105600")


@needs("bash")
def test_the_nix_recipe_stamps_the_source(source: Path) -> None:
    text = block("nix")
    environ = dict(re.findall(r'^ +([A-Z_]+) = "(.*)";$', text, re.MULTILINE))
    (script,) = re.findall(r"postPatch = ''\n(.*?)''", text, re.DOTALL)
    assert len(environ) == 4

    flow.run(
        *("bash", "-euc", f"cd {source}\n{script}"),
        # Nix's own, of which the stamp must not take its date.
        environ={
            **workflows.runner_environment(),
            **environ,
            "SOURCE_DATE_EPOCH": "315532800",
        },
    )

    printed = shapes.stamp("verify", source / "src" / "paperless", "--strict")
    assert f"ok    stamp    commit {COMMIT}, built 2026-08-01T21:38:08Z" in printed
