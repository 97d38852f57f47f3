"""No text that somebody made up appears in public.

Anyone may send any architecture that fits the contract's pattern. The receiver publishes the
values that the contract knows, and text that cannot be a message; it counts the rest as `other`.
"""

import pytest

from tests.worker.client import get
from tests.worker.clock import DAY, DUE
from tests.worker.population import store_identical
from tests.worker.reports import FIELDS, PUBLISHED
from tests.worker.statistics import publish
from worker.local.harness import Harness

EXAMPLES = {name: field.schema["examples"][0] for name, field in FIELDS.items()}


def store_values(worker: Harness, field: str, *values: object) -> None:
    """Store forty reports of betas with each of *values*: every field of a beta counts."""
    for number, value in enumerate(values):
        facts = {name: EXAMPLES[name] for name in PUBLISHED}
        facts |= {"channel": "beta", field: value}
        store_identical(worker, 40, DUE - DAY, f"{number:x}-", **facts)


def published_values(worker: Harness, field: str) -> set[object]:
    """The values of *field* in the edition of 30 days."""
    edition = publish(worker)["30d"]
    betas = edition["betas"] or {"fields": {}}
    fields = {**edition["fields"], **betas["fields"]}
    return {cell["value"] for cell in fields[field]["cells"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("arch", value) for value in FIELDS["arch"].schema["x-known"]),
        *(("version", value) for value in ("2.15.0", "0.0.0")),
        *(
            ("python", value)
            for value in ("3.12.3", "3.15.0a7", "3.15.0b2", "3.14.0rc1")
        ),
        *(("commit", value) for value in ("bd86dca", "bd86dca57", 40 * "0")),
        *(("install_type", value) for value in ("docker", "yunohost")),
    ],
)
def test_known_values_and_plain_versions_are_published(
    worker: Harness, field: str, value: str
) -> None:
    assert FIELDS[field].fits(value)
    store_values(worker, field, value)

    assert published_values(worker, field) == {value}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("arch", value)
            for value in ("visit-evil.example", "buy.pills.now", "X86_64")
        ),
        *(("arch", value) for value in ("1.2.3", "deadbeef", "other", "constructor")),
        *(
            ("python", value)
            for value in ("3.12.3visit.evil", "3.12.3+local", "3.12.3b")
        ),
        *(
            ("python", value)
            for value in ("3.12.3rc1.evil", "3.12.3c0ffee", "3.12.3a1b2")
        ),
    ],
)
def test_made_up_values_that_the_contract_accepts_count_as_other(
    worker: Harness, field: str, value: str
) -> None:
    assert FIELDS[field].fits(value)
    store_values(worker, field, EXAMPLES[field], value, f"{value}.x")

    assert published_values(worker, field) == {EXAMPLES[field], "other"}
    for path in ("/", "/stats", "/stats.csv"):
        assert value == "other" or value not in get(worker, path).text


@pytest.mark.parametrize(
    "field", [name for name in PUBLISHED if FIELDS[name].schema["type"] == "string"]
)
def test_text_that_no_field_accepts_is_never_published(
    worker: Harness, field: str
) -> None:
    """It may date from before a rule of the contract."""
    store_values(worker, field, EXAMPLES[field], "evil.example")

    assert "evil.example" not in published_values(worker, field)


def test_values_that_are_published_as_other_are_added_up_first(worker: Harness) -> None:
    """Several made-up values give one number, not one for each."""
    store_values(worker, "arch", "x86_64", "evil.a", "evil.b", "evil.c")

    (other,) = (
        cell["installs"]
        for cell in publish(worker)["30d"]["fields"]["arch"]["cells"]
        if cell["value"] == "other"
    )

    assert abs(other - 120) < 5
