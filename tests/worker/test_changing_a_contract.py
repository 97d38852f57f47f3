"""What docs/how-to/change-a-contract.md says of each change is true on the local runtime.

One receiver answers by the contract that a request names. So an old and a new receiver share
a database, as they do while the new one is deployed.
"""

import copy
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.worker.changed_contracts import CONTRACT, SampleProject, Schema
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import split_statements, tables
from usage_receiver import configuration, generate
from worker.local.harness import Harness, run_worker

INSTRUMENT = Path(__file__).with_name("instrument.ts")
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "change-a-contract.md"
COUNTRY = {"title": "Country", "type": "string", "enum": ["DE", "FR"]}
MORE_COUNTRIES = COUNTRY | {"enum": ["DE", "ES", "FR"]}
LESS_COUNTRIES = COUNTRY | {"enum": ["FR"]}
NUMBER = {"title": "Country", "type": "integer", "minimum": 0, "maximum": 999}
# Answers by the contract in the header `Contract`; its cron is the contract's name.
WORKER = f"""
import {{ toTestWorker }} from {json.dumps(str(INSTRUMENT))};
import {{ createReceiver }} from "usage-receiver/receiver";
import contracts from "./contracts.json" with {{ type: "json" }};
import {{ define }} from "./project.ts";

const receivers = new Map(
  Object.entries(contracts).map(([name, contract]) => [
    name,
    createReceiver(define(contract)),
  ]),
);
const [{{ project }}] = receivers.values();
export const receiver = {{
  project,
  answer: (request, env, sender) =>
    receivers.get(request.headers.get("Contract")).answer(request, env, sender),
  runDaily: (env, due) => receivers.get(env.TEST_CRON).runDaily(env, due),
}};

export default toTestWorker(receiver);
"""


@dataclass
class Case:
    """A change of the contract: its own fields, and what clients send in them."""

    before: Mapping[str, Schema]
    after: Mapping[str, Schema]
    old: Mapping[str, object]
    new: Mapping[str, object]
    required_before: bool = False
    required_after: bool = False

    def contracts(self) -> tuple[Schema, Schema]:
        """The contract before and after the change."""
        return (
            extend(self.before, required=self.required_before),
            extend(self.after, required=self.required_after),
        )


def extend(fields: Mapping[str, Schema], *, required: bool) -> Schema:
    contract = copy.deepcopy(CONTRACT)
    contract["properties"] |= fields
    contract["required"] += fields if required else ()
    return contract


def without_size(**fields: Schema) -> Schema:
    contract = extend(fields, required=False)
    del contract["properties"]["size"]
    return contract


ONE, LAND = {"country": COUNTRY}, {"land": COUNTRY}
DE, FR, ES = {"country": "DE"}, {"country": "FR"}, {"country": "ES"}
CASES = {
    "add an optional field": Case({}, ONE, {}, DE),
    "add a required field": Case({}, ONE, {}, DE, required_after=True),
    "remove an optional field": Case(ONE, {}, DE, {}),
    "remove a required field": Case(ONE, {}, DE, {}, required_before=True),
    "rename an optional field": Case(ONE, LAND, DE, {"land": "DE"}),
    "rename a required field": Case(
        ONE, LAND, DE, {"land": "DE"}, required_before=True, required_after=True
    ),
    "make a field required": Case(ONE, ONE, {}, DE, required_after=True),
    "make a field optional": Case(ONE, ONE, DE, {}, required_before=True),
    "add a value to an optional field": Case(ONE, {"country": MORE_COUNTRIES}, DE, ES),
    "add a value to a required field": Case(
        *(ONE, {"country": MORE_COUNTRIES}, DE, ES),
        required_before=True,
        required_after=True,
    ),
    "remove a value of an optional field": Case(
        ONE, {"country": LESS_COUNTRIES}, DE, FR
    ),
    "remove a value of a required field": Case(
        *(ONE, {"country": LESS_COUNTRIES}, DE, FR),
        required_before=True,
        required_after=True,
    ),
    "change the type of an optional field": Case(
        ONE, {"country": NUMBER}, DE, {"country": 49}
    ),
    "publish a field": Case(ONE, {"country": COUNTRY | {"x-published": True}}, DE, DE),
}


# How contracts change whose statistics are counted before and after.
SIZES: Schema = CONTRACT["properties"]["size"]
ELEMENTS = {"type": "string", "enum": SIZES["enum"]}
STATISTICS = {
    "added": extend({"country": COUNTRY | {"x-published": True}}, required=False),
    "listed no longer": extend({"size": SIZES | {"enum": ["100+"]}}, required=False),
    "removed": without_size(),
    "renamed": without_size(volume=SIZES),
    "listed as elements": extend(
        {
            "size": {
                "type": "array",
                "maxItems": 2,
                "items": ELEMENTS,
                "x-published": True,
            }
        },
        required=False,
    ),
}
DEGREES = {"type": "integer", "minimum": -9, "maximum": 9, "x-published": True}
CONTRACTS = {name: case.contracts() for name, case in CASES.items()} | {
    name: (CONTRACT, contract) for name, contract in STATISTICS.items()
}
CONTRACTS["a number that becomes a flag"] = (
    extend({"size": DEGREES}, required=False),
    extend({"size": {"type": "boolean", "x-published": True}}, required=False),
)


def read_rows() -> dict[str, tuple[str, ...]]:
    """The cells of each row of the page's table, by the change."""
    text = PAGE.read_text(encoding="utf-8")
    (block,) = re.findall(
        "<!-- changes: begin -->(.*)<!-- changes: end -->", text, re.DOTALL
    )
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in block.strip().splitlines()[2:]
    ]
    return {change: tuple(cells) for change, *cells in rows}


ROWS = read_rows()


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """The receiver of every contract, old and new."""
    sample = SampleProject(tmp_path_factory.mktemp("contracts") / "sample")
    sample.write_first_migration()
    contracts = {
        f"{name}, {when}": contract
        for name, pair in CONTRACTS.items()
        for when, contract in zip(("before", "after"), pair, strict=True)
    }
    (sample.folder / "contracts.json").write_text(json.dumps(contracts))
    (sample.folder / "worker.js").write_text(WORKER)
    config = {**configuration.read_environment("local"), "main": "worker.js"}
    with run_worker({"config": config}, sample.folder) as worker:
        yield worker


class Deployment:
    """A database that receivers of two contracts share, before and after its migration."""

    def __init__(self, worker: Harness, name: str, folder: Path) -> None:
        self.worker = worker
        self._name = name
        self._sent = 0
        self._project = SampleProject(folder)
        self._project.contract, after = CONTRACTS[name]
        for table in tables(worker):
            worker.query(f'DROP TABLE "{table}"')
        self._project.save()
        self._project.write_first_migration()
        self._apply(self._project.read_migrations().values())
        self._project.contract = after
        self._project.save()

    def migrate(self, *options: str) -> str:
        """Write the migration, apply it, and return what the command said.

        *options* are `--drop` and `--rename` for the field of `CASES`, or have a value.
        """
        folder = self._project.folder
        known = self._project.read_migrations()
        renames, drops = (
            [
                option.partition("=")[2] or name
                for option in options
                if option.startswith(start)
            ]
            for start, name in (("--rename", "country=land"), ("--drop", "country"))
        )
        said = generate.write_migration(folder, renames, drops)
        migrations = self._project.read_migrations().items()
        self._apply(text for name, text in migrations if name not in known)
        return said

    def _apply(self, migrations: Iterable[str]) -> None:
        for migration in migrations:
            for statement in split_statements(migration):
                self.worker.query(statement)

    def send(self, receiver: str, fields: Mapping[str, object]) -> tuple[int, Any]:
        """Report by a new installation; return the status and the stored row."""
        self._sent += 1
        uuid = f"{self._sent:08}-5d5c-4c53-9a67-0a4c3f0f6a11"
        answer = requests.post(
            f"{self.worker.url}/report",
            json={"uuid": uuid, "version": "1.0", **fields},
            headers={"Contract": f"{self._name}, {receiver}"},
            timeout=30,
        )
        rows = self.worker.query("SELECT * FROM reports WHERE uuid = ?1", uuid)
        return answer.status_code, rows

    def describe(self, receiver: str, fields: Mapping[str, object]) -> str:
        """Report by a new installation; return the outcome in the page's words."""
        status, rows = self.send(receiver, fields)
        if status == 400:
            assert rows == []
            return "refused"
        assert status == 204
        (row,) = rows
        return "accepted" if fields.items() <= row.items() else "without the field"

    def count(self, receiver: str, due: dt.datetime, period: str = "30d") -> Any:  # noqa: ANN401  # any JSON
        """Run the daily count, and return the fields of *period*: counts by value."""
        name = f"{self._name}, {receiver}"
        assert self.worker.run_cron(due, name) == "ok"
        answer = requests.get(
            f"{self.worker.url}/stats",
            {"period": period},
            headers={"Contract": name},
            timeout=30,
        )
        return {
            field: {cell["value"]: cell["installs"] for cell in summary["cells"]}
            for field, summary in answer.json()["fields"].items()
        }


@pytest.fixture
def deployment(runtime: Harness, tmp_path: Path, request: Any) -> Deployment:  # noqa: ANN401  # pytest's
    return Deployment(runtime, request.param, tmp_path / "sample")


def test_the_page_and_the_cases_name_the_same_changes() -> None:
    assert list(ROWS) == list(CASES)


@pytest.mark.parametrize(
    ("deployment", "name"), [(name, name) for name in CASES], indirect=["deployment"]
)
def test_a_change_does_what_its_row_says(deployment: Deployment, name: str) -> None:
    migration, old_client, new_client, first = ROWS[name]
    case = CASES[name]
    option = migration.strip("`")
    stored, _ = deployment.send("before", case.old)

    assert deployment.describe("before", case.new) == new_client
    if migration == "yes":
        assert deployment.send("after", case.new) == (503, [])
    if option.startswith("--"):
        with pytest.raises(generate.GenerationFailedError, match=option):
            deployment.migrate()
    said = deployment.migrate(option)
    assert ("Nothing to do" in said) == (migration == "no")
    assert deployment.describe("after", case.old) == old_client
    assert deployment.describe("after", case.new) == "accepted"
    # What had been stored is still there.
    assert stored == 204
    (row,) = deployment.worker.query("SELECT * FROM reports ORDER BY id LIMIT 1")
    assert row["uuid"].startswith("00000001")
    # While the new receiver is deployed, the old one meets the new tables.
    status, rows = deployment.send("before", case.old)
    has_its_columns = case.before.keys() <= case.after.keys()
    assert (status, len(rows)) == ((204, 1) if has_its_columns else (503, 0))
    expected = {
        (True, True): "see below",
        (True, False): "client",
        (False, True): "receiver",
    }
    refused = old_client == "refused", new_client == "refused"
    assert first == expected.get(refused, first)


def store_installations(worker: Harness, due: dt.datetime, **fields: str) -> None:
    """Store 40 installations, which reported a day before *due*."""
    names = ["uuid", "received", *fields]
    for table in ("reports", "installations"):
        worker.query(
            f"""INSERT INTO {table} ({", ".join(names)})
            WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 40)
            SELECT 'installation ' || i, ?1{"".join(f", ?{index + 2}" for index in range(len(fields)))}
            FROM number""",  # noqa: S608  # the test's own names
            *(iso(due - DAY), *fields.values()),
        )


@pytest.mark.parametrize(
    ("deployment", "options", "expected"),
    [
        ("added", (), {"country": {None: 40}, "size": {"0-99": 40}}),
        ("listed no longer", (), {"size": {"other": 40}}),
        ("removed", ("--drop=size",), {}),
        ("renamed", ("--rename=size=volume",), {"volume": {"0-99": 40}}),
        ("listed as elements", (), {"size": {None: 40}}),
    ],
    indirect=["deployment"],
)
def test_the_next_edition_counts_stored_reports_by_the_new_contract(
    deployment: Deployment, options: tuple[str, ...], expected: Mapping[str, Any]
) -> None:
    store_installations(deployment.worker, DUE, version="1.0", size="0-99")

    deployment.migrate(*options)

    assert deployment.count("after", DUE) == {"version": {"1.0": 40}, **expected}


@pytest.mark.parametrize(
    ("deployment", "contract", "counted"),
    [
        ("a number that becomes a flag", "before", -5),
        ("a number that becomes a flag", "after", None),
    ],
    indirect=["deployment"],
)
def test_a_number_counts_until_its_field_becomes_a_flag(
    deployment: Deployment, contract: str, counted: object
) -> None:
    store_installations(deployment.worker, DUE, version="1.0", size="-5")

    assert deployment.count(contract, DUE)["size"] == {counted: 40}


@pytest.mark.parametrize("deployment", ["removed"], indirect=True)
def test_a_closed_month_keeps_a_removed_field(deployment: Deployment) -> None:
    june = midnight(2026, 6, 1)
    store_installations(deployment.worker, june, version="1.0", size="0-99")
    before = deployment.count("before", june, "2026-05")

    deployment.migrate("--drop=size")

    assert before == {"version": {"1.0": 40}, "size": {"0-99": 40}}
    assert deployment.count("after", june + 7 * DAY, "2026-05") == before


@pytest.mark.parametrize("deployment", ["removed"], indirect=True)
def test_a_removed_field_stays_until_an_edition_counts_again(
    deployment: Deployment,
) -> None:
    store_installations(deployment.worker, DUE, version="1.0", size="0-99")
    before = deployment.count("before", DUE)

    deployment.migrate("--drop=size")

    assert deployment.count("after", DUE + 7 * DAY) == before
    # Five installations are new or gone, or the operator says so.
    deployment.worker.query("UPDATE publications SET removed = 5")
    assert deployment.count("after", DUE + 14 * DAY) == {"version": {"1.0": 40}}
