"""paperless-ngx: a server that reports once in seven days."""

import datetime as dt
import random
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from paperless_report import Project, Reporter, contract
from tests.life.client_model import Rules
from tests.life.clock import Clock
from tests.life.plan import (
    DAY,
    HOUR,
    Life,
    Step,
    Verb,
    plan_choices,
    plan_server,
)
from tests.life.program import Installation
from tests.life.receiver_model import Once
from tests.life.systems.system import Facts, System
from tests.support.pages import ROOT

_VERSIONS = ("2.14.7", "2.15.0", "2.15.1", "3.0.0")
_WEEK = dt.timedelta(days=7)
# From this version on, reports have one more field.
_GROWN, _ADDED = "2.15.1", "feature_ai"
# The least number of documents of each range.
_RANGES = {50_000: "50000+", 10_000: "10000-49999", 1000: "1000-9999", 100: "100-999"}


class Client(NamedTuple):
    """The client of a program that does not wrap the reporter."""

    reporter: Reporter


class PaperlessNgx(System):
    """paperless-ngx. It lives for two weeks, so that installations report twice."""

    name = "paperless-ngx"
    key = "uuid"
    days = 14
    rules = Rules(period=_WEEK, gap=_WEEK)
    contract = ROOT / "paperless_report" / "contract" / "report.schema.json"
    retention_days = 366

    def make_facts(self, chance: random.Random) -> Facts:
        return {
            "version": chance.choice(_VERSIONS[:2]),
            "channel": chance.choices(("stable", "beta", "dev"), (6, 3, 1))[0],
            # Its own, so that a trace of it can be found.
            "commit": f"{chance.getrandbits(160):040x}",
            "build_date": "2026-10-01T12:00:00Z",
            "install_type": chance.choices(("docker", "debian", "source"), (6, 2, 1))[
                0
            ],
            "arch": chance.choices(("x86_64", "aarch64", "riscv64"), (6, 3, 1))[0],
            "python": chance.choice(("3.12.3", "3.13.1", "3.13.1+local")),
            "database": chance.choices(("postgresql", "sqlite3", None), (5, 4, 1))[0],
            "doc_bucket": chance.choice((0, 99, 100, 5000, 20_000, 60_000)),
            "multi_user": chance.random() < 0.5,
            "feature_mail": chance.choice((True, False, None)),
            "feature_ai": chance.random() < 0.2,
        }

    def plan(self, life: Life, facts: Facts) -> Iterator[Step]:
        installed = life.between(life.begin, life.begin + 4 * DAY)
        later = _VERSIONS[_VERSIONS.index(facts["version"]) + 1 :]
        upgrades = [
            {"version": version, "doc_bucket": 100 + 700 * number}
            for number, version in enumerate(later)
        ]
        steps = [*plan_server(life, installed, HOUR, upgrades)]
        yield from steps
        yield from plan_choices(life, installed)
        for step in steps:
            if step.verb is Verb.UPGRADE and life.chance.random() < 0.8:
                at = life.between(step.at + HOUR, step.at + 3 * DAY)
                yield life.step(at, Verb.AGREE)

    def make_client(self, installation: Installation, clock: Clock) -> Client:
        facts, declared = installation.facts, contract.load_project()
        schema = dict(contract.load_schema())
        sendable = self.list_sendable(facts)
        schema["properties"] = {
            name: it for name, it in schema["properties"].items() if name in sendable
        }
        project = Project(
            name=declared["name"],
            page=declared["page"],
            prefix="PAPERLESS",
            contract=schema,
            data_dir=installation.folder,
            endpoint=installation.endpoint,
            identity_file=True,
            collectors={
                name: partial(facts.get, name) for name in facts if name in sendable
            },
        )
        return Client(Reporter(project, clock=clock.read))

    def list_sendable(self, facts: Facts) -> frozenset[str]:
        """List the fields, which are more from a version on."""
        fields = frozenset(contract.load_fields())
        is_grown = _VERSIONS.index(facts["version"]) >= _VERSIONS.index(_GROWN)
        return fields if is_grown else fields - {_ADDED}

    def make_storage(self) -> Once:
        return Once(_WEEK)

    def find_token(self, facts: Facts) -> str:
        return str(facts["commit"])

    def to_row(self, facts: Facts) -> Facts:
        documents = facts["doc_bucket"]
        bucket = next(
            (it for least, it in _RANGES.items() if documents >= least), "0-99"
        )
        sent = {it: facts[it] for it in facts if it in self.list_sendable(facts)}
        return {**dict.fromkeys(facts), **sent, "doc_bucket": bucket}


SYSTEM = PaperlessNgx()
