import copy
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from build_hooks.tags import Channel
from docs_tools import fields as written
from paperless_report import contract
from paperless_report.host.collectors import COLLECTORS
from paperless_report.host.kinds import load_own_collectors
from paperless_report.host.project import find_project
from tests.support.probes import PROBES

ROOT = Path(__file__).parents[2]
SCHEMA = contract.load_schema()
FIELDS = contract.load_fields()

# Columns that the receiver fills by itself.
SERVER_COLUMNS = {"id", "received"}


def drift(schema: Mapping[str, Any]) -> list[str]:
    """List the files that do not agree with *schema*."""
    fields = contract.parse_fields(schema)
    places = []
    if difference := set(fields) ^ set(read_columns()) - SERVER_COLUMNS:
        places.append(
            f"projects/paperless-ngx/migrations: add a migration for {sorted(difference)}"
        )
    known = {*COLLECTORS, *load_own_collectors(find_project()), "uuid"}
    if difference := set(fields) ^ known:
        places.append(
            f"paperless_report/host/paperless_ngx.py: add or remove {sorted(difference)}"
        )
    contracts = {**written.contracts(), "report": fields}
    return places + [
        f"{path.relative_to(ROOT)}: run `python -m docs_tools`"
        for path, text in written.files(contracts)
        if path.read_text(encoding="utf-8") != text
    ]


def read_columns() -> dict[str, str]:
    """Return the columns of `reports` and their types, after every migration."""
    with sqlite3.connect(":memory:") as database:
        for migration in sorted(
            (ROOT / "projects" / "paperless-ngx" / "migrations").glob("*.sql")
        ):
            database.executescript(migration.read_text(encoding="utf-8"))
        rows = database.execute("SELECT name, type FROM pragma_table_info('reports')")
        types = dict(rows.fetchall())
    database.close()
    return types


def test_everything_agrees_with_the_contract() -> None:
    places = drift(SCHEMA)

    assert places == [], "\n".join(places)


def test_every_file_that_misses_a_new_property_is_named() -> None:
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
        "projects/paperless-ngx/migrations",
        "paperless_report/host/paperless_ngx.py",
        "docs/reference/report.md",
        "docs/how-to/usage-reporting.md",
    ]


def test_every_file_that_keeps_a_removed_property_is_named() -> None:
    schema = copy.deepcopy(SCHEMA)
    del schema["properties"]["python"]

    assert len(drift(schema)) == 4


def test_a_report_kind_without_a_section_in_the_page_is_named() -> None:
    with pytest.raises(ValueError, match="fields of colour: begin"):
        written.render_fields({"colour": FIELDS}, "# A page\n")


def test_the_contract_and_the_build_know_the_same_channels() -> None:
    assert FIELDS["channel"].schema["enum"] == [*get_args(Channel)]


def test_flags_are_stored_as_integers_and_the_rest_as_text() -> None:
    columns = read_columns()
    types = {"string": "TEXT", "boolean": "INTEGER"}

    for name, field in FIELDS.items():
        assert columns.get(name) == types[field.schema["type"]], (
            f"projects/paperless-ngx/migrations: give {name} a column of this type."
        )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_specs_fields_come_first_in_its_order() -> None:
    assert list(FIELDS)[:13] == [
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
    required = {name for name, field in FIELDS.items() if field.required}

    assert required == {"uuid", "version", "channel", "install_type", "arch"}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_field_has_a_title_and_answers_one_question(
    field: contract.Field,
) -> None:
    assert field.title
    assert field.description.count("Answers: ") == 1


def test_fields_that_could_identify_an_installation_are_not_published() -> None:
    published = {
        name: field.schema.get("x-published") for name, field in FIELDS.items()
    }

    assert published == {
        **dict.fromkeys(FIELDS, True),
        # Only to tell the betas of one version apart.
        "commit": {"channel": "beta"},
        "uuid": None,
        "build_date": None,
    }, (
        "Set x-published in paperless_report/contract/report.schema.json, or list the "
        "field in this test as one that is not published."
    )


def test_a_condition_for_publishing_names_a_published_field_and_a_valid_value() -> None:
    for field in FIELDS.values():
        condition = field.schema.get("x-published")
        for name, value in condition.items() if isinstance(condition, dict) else ():
            assert FIELDS[name].schema["x-published"] is True
            assert FIELDS[name].fits(value)


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_fits_agrees_with_jsonschema(field: contract.Field) -> None:
    validator = jsonschema.Draft202012Validator(field.schema)

    for value in (*PROBES, *field.schema["examples"]):
        expected = validator.is_valid(value)
        if isinstance(value, str) and value.endswith("\n"):
            expected = (
                False  # Python's `$` accepts a final newline, JSON Schema's does not
            )
        assert field.fits(value) is expected, value


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_example_fits(field: contract.Field) -> None:
    assert all(map(field.fits, field.schema["examples"]))


def test_the_specs_own_example_id_does_not_fit() -> None:
    """It is not a version 4 UUID, so the spec's own receiver must refuse it."""
    assert not FIELDS["uuid"].fits("a1b2c3d4-e5f6-7890-abcd-ef1234567890")
