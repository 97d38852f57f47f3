"""Every point of the spec about the client, and every decision on it, has a test.

A test names its points with `@pytest.mark.point(...)`;
`pytest tests/report -m point --collect-only -q` lists them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

# The spec's headings about the client.
SPEC = (
    "Name",
    "Flags",
    "UUID storage",
    "Confirmation flow",
    "Network error handling",
    "Duplicate submission handling",
    "Payload schema",
    "Document count buckets",
    "Install type detection",
    "version.py additions",
    "build_info.py",
)
COMMAND = tuple(f"C{number}" for number in range(1, 15))
PAYLOAD = tuple(f"P{number}" for number in range(1, 8))
# The decision on the build that the client has a part in.
BUILD = ("B11",)
POINTS = (*SPEC, *COMMAND, *PAYLOAD, *BUILD)


def read_points() -> Iterator[tuple[str, str]]:
    for path in TESTS.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="point"),
                    args=arguments,
                ):
                    for argument in arguments:
                        yield ast.literal_eval(argument), path.name


@pytest.mark.parametrize("point", POINTS)
def test_every_point_has_a_test(point: str) -> None:
    assert point in {name for name, _ in read_points()}


def test_no_test_names_an_unknown_point() -> None:
    assert {name for name, _ in read_points()} <= set(POINTS)
