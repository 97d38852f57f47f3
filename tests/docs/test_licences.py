"""docs/licences.md, held against what the packages say of themselves."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import ROOT

PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = ("report", "release")
IMAGES = sorted((ROOT / "demo").glob("*Dockerfile"))


def closure(requirements: list[str]) -> Iterator[str]:
    """Everything that *requirements* lead to, on this Python, by its canonical name."""
    for one in map(Requirement, requirements):
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield canonicalize_name(one.name)
            yield from closure(metadata.requires(one.name) or [])


def licence(package: str) -> str:
    """What *package* says its licence is."""
    said = metadata.metadata(package)
    classifiers = [
        it.rpartition(" :: ")[2]
        for it in said.get_all("Classifier") or []
        if it.startswith("License :: ")
    ]
    stated = said["License-Expression"] or said["License"] or ""
    return str(stated).strip() or ", ".join(classifiers)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_page_lists_what_an_extra_installs_and_its_licences(extra: str) -> None:
    listed = dict(
        re.findall(rf"^\| `([^`]+)` \| ([^|]+) \| `{extra}` \|$", PAGE, re.MULTILINE)
    )
    installed = set(closure(PROJECT["optional-dependencies"][extra]))

    assert listed == {name: licence(name) for name in installed}


def test_the_wheel_depends_on_nothing_and_carries_its_own_licence() -> None:
    assert PROJECT["dependencies"] == []
    assert set(PROJECT["optional-dependencies"]) == set(EXTRAS)
    assert (PROJECT["license"], PROJECT["license-files"]) == ("MIT", ["LICENSE"])


@pytest.mark.parametrize("image", IMAGES, ids=lambda it: it.name)
def test_the_page_names_each_image_and_what_it_is_made_from(image: Path) -> None:
    text = image.read_text(encoding="utf-8")
    *_, base = re.findall(r"^FROM (?:--\S+ )?(\S+)", text, re.MULTILINE)

    assert f"`demo/{image.name}`" in PAGE
    assert f"`{base}`" in PAGE


def test_an_image_installs_nothing_but_what_report_names() -> None:
    """The demo host's own wheel, this project's, and what either depends on."""
    demo = tomllib.loads((ROOT / "demo" / "pyproject.toml").read_text("utf-8"))

    assert {
        canonicalize_name(Requirement(it).name)
        for it in demo["project"]["dependencies"]
    } - {"paperless-report"} <= set(closure(PROJECT["optional-dependencies"]["report"]))
    for image in IMAGES:
        final = image.read_text(encoding="utf-8").rpartition("\nFROM ")[2]
        assert "apt-get" not in final
        for line in re.findall(r"pip install (.*?)(?: \\)?$", final, re.MULTILINE):
            assert re.search(r'(\./\*\.whl|"\$\{wheel\}\[report\]")$', line), line
