"""docs/adopt/distro.md: its recipes, taken from the page, stamp an archive without git."""

import re
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts
from tests.support import pages, workflows
from tests.support.needs import needs
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

PAGE = "docs/adopt/distro.md"
RULES = "debian/rules"
STAMPED = "debian/paperless-ngx/usr/share/paperless-ngx/src/paperless"
COMMIT = "8fb73b270"
DATE = "1779105600"


def only_block(language: str) -> str:
    (block,) = pages.blocks(PAGE, language)
    return block.text


def version_py(version: str) -> str:
    return hosts.PAPERLESS["src/paperless/version.py"].replace("(2, 15, 0)", version)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The unpacked archive of a release that looks like paperless-ngx 3.0.5."""
    files = {**hosts.PAPERLESS, "src/paperless/version.py": version_py("(3, 0, 5)")}
    repository = hosts.create(tmp_path / "host", files)
    repository.commit("Release v3.0.5")
    return commands.archive(repository, tmp_path)


@pytest.fixture
def debian(source: Path) -> Path:
    """The same, with the page's `debian/rules`."""
    (source / RULES).parent.mkdir()
    (source / RULES).write_text(only_block("make"), encoding="utf-8")
    return source


def make(source: Path) -> None:
    commands.run(
        *("make", "-C", source, "-f", RULES, "override_dh_auto_install"),
        environ={**workflows.runner_environment(), "SOURCE_DATE_EPOCH": DATE},
    )


@needs("make", "sh")
def test_the_commands_of_the_page_work(debian: Path, tmp_path: Path) -> None:
    repository = hosts.create(tmp_path / "wheel" / "host")
    repository.commit()
    source = commands.archive(repository, tmp_path / "wheel")
    make(debian)

    with pages.follow("docs/adopt/distro.md") as page:
        page.run(
            source,
            "export PAPERLESS_DEMO_SOURCE_COMMIT=bd86dca57",
            f"export PAPERLESS_DEMO_TAG={hosts.STABLE}",
            f"export SOURCE_DATE_EPOCH={DATE}",
            "python -m build --wheel",
        )
        verified = page.run(debian, f"build-stamp verify {STAMPED} --strict")

    (wheel,) = (source / "dist").iterdir()
    for commit, printed in (
        ("bd86dca57", commands.build_stamp("verify", wheel)),
        (COMMIT, verified),
    ):
        assert f"ok    stamp    commit {commit}, built 2026-05-18T12:00:00Z" in printed
        assert "ok    channel  stable" in printed
    assert (debian / STAMPED / "distro_info.py").read_text() == 'DISTRO = "debian"\n'


@needs("make", "sh")
def test_the_debian_recipe_changes_no_tracked_file(debian: Path) -> None:
    repository = Repository(debian)
    repository.commit("Import upstream 3.0.5")

    make(debian)

    assert COMMIT in (debian / STAMPED / "build_info.py").read_text()
    assert repository.git("status", "--porcelain") == "?? debian/paperless-ngx/"


@needs("make", "sh")
def test_the_debian_recipe_fails_for_a_newer_archive(debian: Path) -> None:
    (debian / "src/paperless/version.py").write_text(version_py("(3, 0, 6)"))

    with pytest.raises(commands.CommandFailedError, match=r"v3\.0\.5.*3\.0\.6"):
        make(debian)


@needs("bash")
def test_the_nix_recipe_stamps_the_source(source: Path) -> None:
    recipe = only_block("nix")
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
    assert f"ok    stamp    commit {COMMIT}, built 2026-08-01T21:38:08Z" in printed
