"""README.md is short, shows real output, and works on a package index's page, too."""

import re
import tomllib
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from docs_tools import links
from hatch_build import ReadmeHook
from tests.support.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
REPOSITORY = "https://git.example/owner/repository"


def test_it_has_at_most_120_lines() -> None:
    assert len(README.splitlines()) <= 120


def test_every_extra_that_it_and_the_install_page_name_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for page in ("README.md", "docs/install.md"):
        named = re.findall(
            r"paperless-report\[(\w+)\]", (ROOT / page).read_text("utf-8")
        )

        assert {*named} == {*project["optional-dependencies"]}


def test_its_links_are_absolute_on_a_package_index() -> None:
    page = links.make_absolute(README, REPOSITORY)

    targets = re.findall(r"\]\(([^)\s]+)\)", page)
    assert [it for it in targets if not it.startswith("https://")] == []
    assert f"]({REPOSITORY}/raw/HEAD/docs/pictures/path.svg)" in page
    assert f"]({REPOSITORY}/blob/HEAD/docs/index.md)" in page
    assert len(targets) == len(re.findall(r"\]\(([^)\s]+)\)", README))


@pytest.mark.filterwarnings("ignore:.*'tag_regex' is deprecated:DeprecationWarning")
def test_the_metadata_has_it_with_absolute_links_once_there_is_an_address(
    tmp_path: Path,
) -> None:
    assert ProjectMetadata(str(ROOT), PluginManager()).core.readme == README

    (tmp_path / "README.md").write_text(README, "utf-8")
    stated = f"[project]\n[project.urls]\nRepository = '{REPOSITORY}'\n"
    (tmp_path / "pyproject.toml").write_text(stated, "utf-8")
    metadata: dict[str, dict[str, str]] = {}
    ReadmeHook(str(tmp_path), {}).update(metadata)

    assert metadata["readme"]["text"] == links.make_absolute(README, REPOSITORY)
    assert metadata["readme"]["text"] != README


@pytest.mark.parametrize(
    ("page", "changed"),
    [
        ("[a](b.md#c)", f"[a]({REPOSITORY}/blob/HEAD/b.md#c)"),
        ("[`a`](b.md)", f"[`a`]({REPOSITORY}/blob/HEAD/b.md)"),
        ("![a](b.png)", f"![a]({REPOSITORY}/raw/HEAD/b.png)"),
        ("[a](https://example.org/b.md)", "[a](https://example.org/b.md)"),
        ("[a](mailto:b@example.org)", "[a](mailto:b@example.org)"),
        ("[a](#b)", "[a](#b)"),
        ("`[a](b.md)`", "`[a](b.md)`"),
        ("```text\n[a](b.md)\n```", "```text\n[a](b.md)\n```"),
    ],
)
def test_only_links_to_files_change(page: str, changed: str) -> None:
    assert links.make_absolute(page, REPOSITORY) == changed


def test_the_address_is_the_stated_one_then_the_one_that_github_names(
    tmp_path: Path,
) -> None:
    github = {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "a/b"}
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", "utf-8")

    assert links.find_repository(tmp_path, {}) is None
    assert links.find_repository(tmp_path, github) == "https://git.example/a/b"

    stated = f"[project.urls]\nRepository = '{REPOSITORY}/'\n"
    (tmp_path / "pyproject.toml").write_text(stated, "utf-8")

    assert links.find_repository(tmp_path, github) == REPOSITORY
