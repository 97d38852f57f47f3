"""`manage.py check` names every fault of a project at once, with the line that fixes it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from pytest_django.fixtures import Settings

from paperless import version as host_version
from paperless_report import contract
from paperless_report.apps import check_project
from paperless_report.project import Project
from tests.report import bookshelf

FIELD = {"title": "A", "description": "B.", "type": "boolean", "examples": [True]}


def change(schema: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], **properties}}


def check() -> list[tuple[str, str, str]]:
    """Return the number, the text and the hint of each finding."""
    found = check_project()
    assert not any(it.is_serious() for it in found), "an error would stop `migrate`"
    return [
        (str(it.id).removeprefix("paperless_report."), it.msg, it.hint or "")
        for it in found
    ]


def test_paperless_ngx_needs_no_setting_and_has_no_finding() -> None:
    assert check() == []


def test_a_project_with_a_contract_of_its_own_has_no_finding(
    settings: Settings, tmp_path: Path
) -> None:
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(
        tmp_path, bookshelf.build_schema()
    )

    assert check() == []


@pytest.mark.usefixtures("other_host")
def test_a_missing_setting_is_found_in_another_host(settings: Settings) -> None:
    settings.ROOT_URLCONF = "bookshelf.urls"

    assert check() == [
        (
            "W002",
            (
                "The setting USAGE_REPORTING_PROJECT is missing. It says which project "
                "receives the reports."
            ),
            (
                'Add to your settings: USAGE_REPORTING_PROJECT = {"package": '
                '"bookshelf", "name": "Bookshelf", "page": '
                '"https://bookshelf.example.org/reports", "prefix": "BOOKSHELF"}'
            ),
        )
    ]


@pytest.mark.usefixtures("other_host")
def test_every_fault_of_the_setting_is_found_at_once(settings: Settings) -> None:
    settings.ROOT_URLCONF = "bookshelf.urls"
    settings.USAGE_REPORTING_PROJECT = {
        "package": "bookshelf",
        "name": "",
        "contract": "report.schema.json",
        "collector": "bookshelf.usage_report.COLLECTORS",
    }

    number, texts, fixes = zip(*check(), strict=True)

    assert {*number} == {"W002"}
    assert texts == (
        (
            'USAGE_REPORTING_PROJECT has an unknown key "collector". The keys are '
            "package, name, page, contract, collectors, prefix, events, "
            "groups, period."
        ),
        'USAGE_REPORTING_PROJECT has a malformed "name".',
        'USAGE_REPORTING_PROJECT has no "page".',
        'USAGE_REPORTING_PROJECT has a malformed "contract".',
        "USAGE_REPORTING_PROJECT has no prefix, so its variables begin with PAPERLESS_.",
    )
    assert fixes == (
        'Remove the line "collector": ...',
        'Write this line: "name": "Bookshelf",',
        'Write this line: "page": "https://bookshelf.example.org/reports",',
        'Write this line: "contract": "bookshelf:report.schema.json",',
        'Add this line: "prefix": "BOOKSHELF",',
    )


@pytest.mark.parametrize(
    ("key", "value", "fix"),
    [
        ("events", "events.schema.json", '"events": "paperless:events.schema.json",'),
        ("groups", ["import"], '"groups": {"imports": ["import"]},'),
        ("period", 7, '"period": datetime.timedelta(days=7),'),
    ],
)
def test_a_malformed_key_of_the_schedule_is_found(
    settings: Settings, tmp_path: Path, key: str, value: object, fix: str
) -> None:
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(
        tmp_path, bookshelf.build_schema(), **{key: value}
    )

    assert check() == [
        (
            "W002",
            f'USAGE_REPORTING_PROJECT has a malformed "{key}".',
            f"Write this line: {fix}",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "attribute", "reason"),
    [
        ({"page": "reports"}, "page", "must be the address of the page about reports"),
        ({"groups": {"imports": ["import"]}}, "groups", "'import' in 'imports'"),
        ({"events": "no_such_package:events.json"}, "events", "no_such_package"),
    ],
)
def test_what_keeps_a_project_from_reporting_on_a_schedule_is_found(
    settings: Settings,
    tmp_path: Path,
    changes: dict[str, object],
    attribute: str,
    reason: str,
) -> None:
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(
        tmp_path, bookshelf.build_schema(), **changes
    )

    ((number, text, fix),) = check()

    assert (number, fix) == ("W006", f"Change {attribute}.")
    assert text.startswith(
        f"The project of USAGE_REPORTING_PROJECT cannot report on a schedule: {attribute} "
    )
    assert reason in text


PROJECT = Project(
    name="Bookshelf",
    page="https://bookshelf.example.org/reports",
    prefix="BOOKSHELF",
    data_dir="/srv/bookshelf",
    contract=bookshelf.build_schema(),
    package="paperless",
    collectors={"layout": lambda: "grid", "book_bucket": lambda: 12, "shelves": list},
)


def test_the_collectors_of_a_project_in_the_code_are_compared(
    settings: Settings,
) -> None:
    settings.USAGE_REPORTING_PROJECT = path = f"{__name__}.PROJECT"

    assert check() == [
        (
            "W004",
            "The field has_loans of the contract has no collector.",
            f'Add to the collectors of {path}: "has_loans": collect_has_loans,',
        ),
        (
            "W004",
            "The collector shelves has no field in the contract.",
            (
                f'Remove this line from the collectors of {path}: "shelves": ..., or '
                "declare the field."
            ),
        ),
    ]


def test_a_dotted_path_without_a_project_is_found(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = "no_such_package.PROJECT"

    assert check() == [
        (
            "W002",
            (
                "The setting USAGE_REPORTING_PROJECT names no_such_package.PROJECT, "
                "which is not a Project (No module named 'no_such_package')."
            ),
            "Write the dotted path of a paperless_report.Project.",
        )
    ]


def test_contract_and_collectors_are_compared(
    settings: Settings, tmp_path: Path
) -> None:
    schema = change(bookshelf.build_schema(), has_tags=FIELD, covers=FIELD)
    del schema["properties"]["layout"]
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(tmp_path, schema)

    path = bookshelf.PATH
    assert check() == [
        (
            "W004",
            "The field covers of the contract has no collector.",
            f'Add to {path}: "covers": collect_covers,',
        ),
        (
            "W004",
            "The field has_tags of the contract has no collector.",
            f'Add to {path}: "has_tags": collect_has_tags,',
        ),
        (
            "W004",
            "The collector layout has no field in the contract.",
            f'Remove this line from {path}: "layout": ..., or declare the field.',
        ),
    ]


def test_a_contract_without_collectors_gets_the_line_for_the_setting(
    settings: Settings, tmp_path: Path
) -> None:
    value = bookshelf.write_setting(tmp_path, bookshelf.build_schema())
    del value["collectors"]
    settings.USAGE_REPORTING_PROJECT = value

    (_, text, fix), *_ = check()

    assert text == "The field book_bucket of the contract has no collector."
    assert fix == (
        'Add to paperless.usage_report.COLLECTORS: "book_bucket": collect_book_bucket, '
        'And add to USAGE_REPORTING_PROJECT: "collectors": '
        '"paperless.usage_report.COLLECTORS",'
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no_such_package.COLLECTORS", "No module named 'no_such_package'"),
        ("tests.report.bookshelf.GONE", '"GONE"'),
        ("bookshelf", "bookshelf"),
        ("tests.report.bookshelf.PATH", "must be a mapping"),
    ],
)
def test_collectors_that_cannot_be_used_are_found(
    settings: Settings, path: str, reason: str
) -> None:
    settings.USAGE_REPORTING_PROJECT = {
        **bookshelf.SETTING,
        "package": "paperless",
        "collectors": path,
        "prefix": "BOOKSHELF",
    }

    ((number, text, fix),) = check()

    assert (number, reason in text) == ("W004", True)
    assert fix.startswith('Write this line: "collectors": "paperless.usage_report.')


@pytest.mark.parametrize(
    ("contract_", "reason"),
    [
        ("/no/such/file.json", "No such file or directory"),
        ("paperless:no_such_file.json", "No such file or directory"),
        ("no_such_package:report.json", "No module named 'no_such_package'"),
        (":report.json", "Empty module name"),
        (".a:report.json", "relative import"),
        ("paperless:version.py", "Expecting value"),
    ],
)
def test_a_contract_that_cannot_be_read_is_found(
    settings: Settings, contract_: str, reason: str
) -> None:
    settings.USAGE_REPORTING_PROJECT = {
        **bookshelf.SETTING,
        "package": "paperless",
        "contract": contract_,
        "prefix": "BOOKSHELF",
    }

    ((number, text, fix),) = check()

    assert (number, reason in text) == ("W003", True)
    assert fix == f"Change {contract_}."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "object",}', r"trailing comma|remove the comma before }"),
        ('{"required": ["uuid", ]}', r"trailing comma|remove the comma before ]"),
        ('{"type" "object"}', r"Expecting ':' delimiter: line 1 column 9"),
    ],
)
def test_what_is_wrong_with_the_json_of_a_contract_is_said(
    settings: Settings, tmp_path: Path, text: str, reason: str
) -> None:
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(tmp_path, {})
    (tmp_path / "report.schema.json").write_text(text, encoding="utf-8")

    ((number, found, _),) = check()

    assert number == "W003"
    assert re.search(f"it is not JSON: .*({reason})", found)


@pytest.mark.parametrize(
    ("attribute", "value", "text", "fix"),
    [
        (
            "__full_version_str__",
            "1.4",
            "Version is '1.4', which does not fit the contract.",
            '__full_version_str__ = "2.15.0"',
        ),
        (
            "__full_version_str__",
            None,
            "Version cannot be determined: AttributeError(",
            '__full_version_str__ = "2.15.0"',
        ),
        (
            "__channel__",
            "nightly",
            "Channel is 'nightly', which does not fit the contract.",
            '__channel__ = "beta"',
        ),
    ],
)
def test_a_fact_that_would_stop_a_report_is_found(
    monkeypatch: pytest.MonkeyPatch,
    attribute: str,
    value: str | None,
    text: str,
    fix: str,
) -> None:
    if value is None:
        monkeypatch.delattr(host_version, attribute)
    else:
        monkeypatch.setattr(host_version, attribute, value)

    ((number, found, hint),) = check()

    assert number == "W005"
    assert found.startswith(f"No report can be sent: {text}")
    assert hint == f"Write this line in paperless/version.py: {fix}"


@pytest.mark.parametrize("package", ["no_such_package", "no_such.package"])
def test_a_package_that_does_not_exist_is_found(
    settings: Settings, package: str
) -> None:
    settings.USAGE_REPORTING_PROJECT = {
        **bookshelf.SETTING,
        "package": package,
        "prefix": "BOOKSHELF",
    }

    found = check()

    assert [text.partition(" cannot")[0] for _, text, _ in found] == [
        "No report can be sent: Version",
        "No report can be sent: Install type",
    ]
    assert {fix for *_, fix in found} == {
        "Write in USAGE_REPORTING_PROJECT the name of the package that holds version.py."
    }


def test_an_installation_id_that_accepts_no_uuid_is_found(
    settings: Settings, tmp_path: Path
) -> None:
    uuid = contract.load_schema()["properties"]["uuid"]
    schema = change(bookshelf.build_schema(), uuid={**uuid, "pattern": "^[0-9]{8}$"})
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(tmp_path, schema)

    ((number, text, _),) = check()

    assert number == "W003"
    assert text == "The installation ID, uuid, does not accept a version 4 UUID."


@pytest.mark.parametrize("value", [None, {"package": "bookshelf"}, "bookshelf"])
def test_the_check_is_registered_and_never_stops_a_command(
    settings: Settings, value: object
) -> None:
    settings.USAGE_REPORTING_PROJECT = value

    assert not any(it.is_serious() for it in checks.run_checks())


def test_every_word_that_is_not_enforced_is_found_with_its_path(
    settings: Settings, tmp_path: Path
) -> None:
    schema = change(
        bookshelf.build_schema(),
        covers={**FIELD, "format": "uri"},
        tags={**FIELD, "$ref": "#/properties/covers"},
    )
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(tmp_path, schema)

    numbers, texts, fixes = zip(*check(), strict=True)

    assert numbers == ("W003", "W003")
    assert "/properties/covers/format" in texts[0]
    assert "/properties/tags/$ref" in texts[1]
    assert {*fixes} == {f"Change {tmp_path}/report.schema.json."}
