from pathlib import PurePosixPath

import pytest

from build_hooks.tracked_packages import find_missing

WHEEL = ["shelf/__init__.py", "shelf/api/__init__.py", "shelf-1.4.0.dist-info/RECORD"]
SRC = ["src/shelf/__init__.py", "src/shelf/api/__init__.py"]
FLAT = ["shelf/__init__.py", "shelf/api/__init__.py"]


@pytest.mark.parametrize(
    ("tracked", "missing"),
    [
        pytest.param([*SRC, "src/blog/__init__.py"], ["src/blog"], id="next to it"),
        pytest.param(
            [*FLAT, "blog/__init__.py"], ["blog"], id="next to it, at the root"
        ),
        pytest.param(
            # A rule of .gitignore keeps it out, although git tracks it.
            [*SRC, "src/shelf/build/__init__.py"],
            ["src/shelf/build"],
            id="inside it",
        ),
        pytest.param(
            [*SRC, "src/blog/__init__.py", "src/blog/api/__init__.py"],
            ["src/blog"],
            id="with a package in it",
        ),
    ],
)
def test_a_tracked_package_that_the_wheel_lacks_is_found(
    tracked: list[str], missing: list[str]
) -> None:
    assert find_missing(tracked, WHEEL) == [PurePosixPath(it) for it in missing]


@pytest.mark.parametrize(
    "tracked",
    [
        pytest.param(SRC, id="nothing else"),
        pytest.param(
            [*FLAT, "tests/__init__.py", "docs/__init__.py"], id="tests, docs"
        ),
        pytest.param([*SRC, "src/shelf/tests/__init__.py"], id="tests inside it"),
        pytest.param([*SRC, "src/shelf_tests/__init__.py"], id="tests next to it"),
        pytest.param(
            [*FLAT, "tools/__init__.py", "tools/lint/__init__.py"], id="tools"
        ),
        pytest.param([*SRC, "worker/__init__.py"], id="elsewhere"),
        pytest.param([*SRC, "src/data/people.csv", "src/one.py"], id="not packages"),
        pytest.param(
            [*FLAT, "plugin/pyproject.toml", "plugin/__init__.py"], id="another project"
        ),
        pytest.param(["lib/shelf/api/__init__.py", *SRC], id="twice"),
        pytest.param(["code/other/__init__.py"], id="none of the wheel's packages"),
        pytest.param(
            ["__init__.py", "pyproject.toml", *SRC], id="the root is a package"
        ),
    ],
)
def test_a_package_that_wheels_do_not_contain_is_not_missing(
    tracked: list[str],
) -> None:
    assert find_missing(tracked, WHEEL) == []


def test_a_subpackage_of_a_namespace_is_found_without_its_namespace() -> None:
    tracked = ["src/acme/shelf/__init__.py", "src/acme/blog/__init__.py"]

    missing = find_missing(tracked, ["acme/shelf/__init__.py"])

    assert missing == [PurePosixPath("src/acme/blog")]
