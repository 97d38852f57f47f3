"""Every point of the spec's client part, and of its decisions, has a test.

A test names its points with `@pytest.mark.point(...)`;
`pytest tests/report -m point --collect-only -q` lists them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

# The headings of the spec's part on the client.
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
COMMAND = tuple(f"C{number}" for number in range(1, 14))
PAYLOAD = tuple(f"P{number}" for number in range(1, 8))


def named() -> Iterator[tuple[str, str]]:
    for path in TESTS.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="point"),
                    args=arguments,
                ):
                    for argument in arguments:
                        yield ast.literal_eval(argument), path.name


@pytest.mark.parametrize("point", [*SPEC, *COMMAND, *PAYLOAD])
def test_a_point_has_its_test(point: str) -> None:
    assert point in {name for name, _ in named()}


def test_no_test_names_a_point_that_there_is_not() -> None:
    assert {name for name, _ in named()} <= {*SPEC, *COMMAND, *PAYLOAD}
