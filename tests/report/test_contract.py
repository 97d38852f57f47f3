import copy
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs_tools import fields as written
from paperless_report import contract
from paperless_report.host.collectors import list_usage_collectors
from tests.support.probes import PROBES

ROOT = Path(__file__).parents[2]
SCHEMA = contract.load_schema()

# Columns that the server fills by itself.
SERVER_COLUMNS = {"id", "received"}


def drift(schema: Mapping[str, Any]) -> list[str]:
    """Where the rest of the project says otherwise than *schema*."""
    fields = contract.parse_fields(schema)
    found = []
    if difference := set(fields) ^ set(columns()) - SERVER_COLUMNS:
        found.append(f"columns of worker/migrations: {sorted(difference)}")
    if difference := set(fields) ^ (set(list_usage_collectors()) | {"uuid"}):
        found.append(f"paperless_report/host/collectors.py: {sorted(difference)}")
    contracts = {**written.contracts(), "report": fields}
    for file, render in written.RENDERERS.items():
        text = file.read_text(encoding="utf-8")
        if text != render(contracts, text):
            found.append(
                f"{file.relative_to(ROOT).as_posix()}: run `python -m docs_tools`"
            )
    return found


def columns() -> dict[str, str]:
    """The columns of `reports` and their types, after every migration."""
    with sqlite3.connect(":memory:") as database:
        for migration in sorted((ROOT / "worker" / "migrations").glob("*.sql")):
            database.executescript(migration.read_text(encoding="utf-8"))
        rows = database.execute("SELECT name, type FROM pragma_table_info('reports')")
        found = dict(rows.fetchall())
    database.close()
    return found


def test_nothing_drifts_from_the_contract() -> None:
    assert drift(SCHEMA) == []


def test_a_property_added_to_the_schema_alone_is_drift() -> None:
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["colour"] = {
        "title": "Colour",
        "description": "What it looks like.",
        "type": "string",
        "enum": ["red"],
        "examples": ["red"],
        "x-published": True,
    }

    assert [place.partition(":")[0] for place in drift(schema)] == [
        "columns of worker/migrations",
        "paperless_report/host/collectors.py",
        "docs/usage-reporting.md",
        "worker/openapi.yaml",
        "docs/grafana.json",
    ]


def test_a_property_taken_from_the_schema_alone_is_drift() -> None:
    schema = copy.deepcopy(SCHEMA)
    del schema["properties"]["python"]

    assert len(drift(schema)) == 5


def test_a_kind_of_report_that_the_page_does_not_tell_of_is_named() -> None:
    with pytest.raises(ValueError, match="fields of colour: begin"):
        written.render_page({"colour": contract.load_fields()}, "# A page\n")


def test_flags_are_stored_as_integers_and_the_rest_as_text() -> None:
    types = {"string": "TEXT", "boolean": "INTEGER"}

    for name, field in contract.load_fields().items():
        assert columns()[name] == types[field.schema["type"]], name


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_spec_s_fields_come_first_in_its_order() -> None:
    assert list(contract.load_fields())[:13] == [
        "uuid",
        "version",
        "channel",
        "commit",
        "build_date",
        "install_type",
        "arch",
        "python",
        "database",
        "doc_bucket",
        "multi_user",
        "feature_mail",
        "feature_ai",
    ]


def test_the_required_fields_are_those_of_decision_c13() -> None:
    required = {
        name for name, field in contract.load_fields().items() if field.required
    }

    assert required == {"uuid", "version", "channel", "install_type", "arch"}


@pytest.mark.parametrize(
    "field", contract.load_fields().values(), ids=contract.load_fields()
)
def test_every_field_is_closed(field: contract.Field) -> None:
    """Its type is closed by a list, or by a pattern and a length."""
    schema = field.schema

    assert field.title
    assert field.description.count("Answers: ") == 1
    assert (
        schema["type"] == "boolean"
        or "enum" in schema
        or all("enum" in branch for branch in schema.get("anyOf", [{}]))
        or ("pattern" in schema and "maxLength" in schema)
    )


def test_what_tells_an_installation_from_another_is_never_published() -> None:
    published = {
        name: field.schema.get("x-published")
        for name, field in contract.load_fields().items()
    }

    assert published == {
        **dict.fromkeys(contract.load_fields(), True),
        # Which of several betas of one version: no more than that.
        "commit": {"channel": "beta"},
        "uuid": None,
        "build_date": None,
    }


def test_what_is_published_within_a_value_names_one_that_fits() -> None:
    for field in contract.load_fields().values():
        within = field.schema.get("x-published")
        for name, value in within.items() if isinstance(within, dict) else ():
            assert contract.load_fields()[name].schema["x-published"] is True
            assert contract.load_fields()[name].fits(value)


def subschemas() -> list[dict[str, Any]]:
    properties = SCHEMA["properties"].values()
    return [
        *properties,
        *(branch for it in properties for branch in it.get("anyOf", ())),
    ]


def test_the_client_interprets_every_keyword() -> None:
    """A keyword that `fits` passes over would be enforced on the server alone."""
    for schema in subschemas():
        assert set(schema) <= contract.ANNOTATIONS | contract.CONSTRAINTS


def test_every_pattern_is_anchored_and_means_the_same_in_both_languages() -> None:
    for pattern in (it["pattern"] for it in subschemas() if "pattern" in it):
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert not re.search(r"\\[dwsb]", pattern), "Python's classes are Unicode's"


@pytest.mark.parametrize(
    "field", contract.load_fields().values(), ids=contract.load_fields()
)
def test_fits_agrees_with_jsonschema(field: contract.Field) -> None:
    validator = jsonschema.Draft202012Validator(field.schema)

    for value in (*PROBES, *field.schema["examples"]):
        expected = validator.is_valid(value)
        if isinstance(value, str) and value.endswith("\n"):
            expected = False  # Python's `$` lets it by; JSON Schema's does not
        assert field.fits(value) is expected, value


@pytest.mark.parametrize(
    "field", contract.load_fields().values(), ids=contract.load_fields()
)
def test_every_example_fits(field: contract.Field) -> None:
    assert all(map(field.fits, field.schema["examples"]))


def test_the_specs_own_example_id_is_none() -> None:
    """It is a version 7 UUID in the spec's preview, which its server refuses."""
    assert not contract.load_fields()["uuid"].fits(
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
    )
