"""A badge's query selects a value of the type that the contract declares."""

import json
import subprocess

import pytest

from worker.local import toolchain

SCHEMA = {
    "type": "object",
    "x-installation-id": "id",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f]{8}$", "maxLength": 8},
        "size": {
            "type": "integer",
            "minimum": -9,
            "maximum": 9,
            "x-published": True,
        },
        "digits": {
            "type": "string",
            "pattern": "^[0-9]{1,4}$",
            "maxLength": 4,
            "x-published": True,
        },
        "shared": {"type": "boolean", "x-published": True},
    },
    "required": ["id"],
}


def parse(query: str) -> object:
    """The value that *query* selects, or None if it is refused."""
    source = toolchain.WORKER
    code = f"""
        const {{ defineReportKind }} = await import({json.dumps((source / "src/service/define.ts").as_uri())});
        const {{ parseBadgeQuery }} = await import({json.dumps((source / "site/badge.ts").as_uri())});
        const kind = defineReportKind({{
          name: "report",
          schema: {json.dumps(SCHEMA)},
          storage: {{ mode: "latest", table: "installations" }},
        }});
        const parsed = parseBadgeQuery(kind, new URLSearchParams({json.dumps(query)}));
        console.log(JSON.stringify(parsed.ok ? parsed.cell.value : null));
    """
    done = subprocess.run(
        (toolchain.NODE, "--input-type=module", "--eval", code),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("size=3", 3),
        ("size=-3", -3),
        ("size=10", None),
        ("size=", None),
        ("size=3.0", None),
        ("size=0x3", None),
        ("digits=3", "3"),
        ("digits=-3", None),
        ("shared=true", True),
        ("shared=1", None),
        ("shared=yes", None),
    ],
)
def test_a_value_is_read_as_the_contract_declares_it(query: str, value: object) -> None:
    parsed = parse(query)

    assert parsed == value
    assert type(parsed) is type(value)
