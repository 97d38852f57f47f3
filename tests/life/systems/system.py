"""Defines what a simulation needs to know of a system."""

import abc
import datetime as dt
import json
import random
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tests.life.client_model import ClientModel, Rules
from tests.life.clock import Clock
from tests.life.editions import Published
from tests.life.plan import Life, Step
from tests.life.program import Installation
from tests.life.receiver_model import Declared, Storage
from tests.support.pages import ROOT

if TYPE_CHECKING:
    from tests.life.twin import Twin

Facts = dict[str, Any]


class System(abc.ABC):
    """A system: its client, and what its receiver makes of the requests.

    Attributes:
        name: The name of its folder in projects/.
        key: The column of the ID.
        days: How long a simulation takes.
        rules: What its client promises.
        retention_days: How long the receiver keeps reports.
        notice: The line that a client writes once to standard error.
        groups: The events that an admin can turn off together.
        events: How its events are counted.
        statistics: The path of the statistics.
        weeks: The path of the statistics of each week.
        forbidden: Texts of installations that must never be sent.
        second: Whether installations count from their second report on.
        kind: The name of its report kind.
    """

    name: ClassVar[str]
    key: ClassVar[str]
    rules: ClassVar[Rules]
    retention_days: ClassVar[int]
    days: ClassVar[int] = 7
    notice: ClassVar[str | None] = None
    groups: ClassVar[Mapping[str, Collection[str]]] = {}
    events: ClassVar[Mapping[str, Declared]] = {}
    statistics: ClassVar[str] = "/stats"
    weeks: ClassVar[str] = "/stats/weeks.json"
    forbidden: ClassVar[tuple[str, ...]] = ()
    second: ClassVar[bool] = False
    kind: ClassVar[str] = "report"

    @property
    def folder(self) -> Path:
        """The folder of its receiver."""
        return ROOT / "projects" / self.name

    @property
    def contract(self) -> Path:
        """The JSON Schema of its report."""
        return self.folder / "report.schema.json"

    @abc.abstractmethod
    def make_facts(self, chance: random.Random) -> Facts:
        """Make the facts of an installation."""

    @abc.abstractmethod
    def plan(self, life: Life, facts: Facts) -> Iterator[Step]:
        """Make the steps of an installation that has *facts*."""

    @abc.abstractmethod
    def make_client(self, installation: Installation, clock: Clock) -> Any:  # noqa: ANN401  # each system has its own
        """Make the client of a process."""

    @abc.abstractmethod
    def make_storage(self) -> Storage:
        """Make the model of the receiver's storage."""

    def to_row(self, facts: Facts) -> Facts:
        """Return the columns that the receiver stores of an installation that reports."""
        return facts

    def list_sendable(self, facts: Facts) -> frozenset[str]:  # noqa: ARG002  # most never change
        """List what the contract of an installation can send, if that ever changes."""
        return frozenset()

    def summarize(self, facts: Facts, _model: ClientModel, _now: dt.datetime) -> Facts:
        """Add to *facts* what a report says of what is stored."""
        return facts

    def find_token(self, facts: Facts) -> str | None:  # noqa: ARG002  # not every system has one
        """Return a text that the facts of no other installation have."""
        return None

    def list_own(self, facts: Facts) -> Facts:  # noqa: ARG002  # most have nothing
        """Return what the model of a client needs to know in addition."""
        return {}

    def list_variables(self, facts: Facts) -> Mapping[str, str]:  # noqa: ARG002  # most have none
        """Return the environment variables of an installation, which others have too."""
        return {}

    def use(self, client: Any, what: Any) -> None:  # noqa: ANN401, B027  # each system has its own, or none
        """Have a client do what a step says."""

    def count(self, twin: "Twin", what: Any, now: dt.datetime) -> None:  # noqa: ANN401, B027  # the same
        """Have the model of a client count the same."""

    def start(self, twin: "Twin", step: Step) -> None:  # noqa: B027  # most do nothing
        """Do what a process does when it starts."""

    def stop(self, twin: "Twin", step: Step) -> None:  # noqa: B027  # the same
        """Do what a process does before it ends."""

    def after_use(self, twin: "Twin", step: Step) -> None:
        """Do what a client does by itself after it was used: it writes."""
        twin.real.client.reporter.flush()
        twin.model.flush(step.at)

    def tick(self, twin: "Twin", step: Step) -> None:
        """Do what the scheduler of a process does."""
        twin.real.client.reporter.run()
        twin.run_model(step)

    def list_published(self) -> list[Published]:
        """List the fields that are published."""
        schema = json.loads(self.contract.read_text(encoding="utf-8"))
        return [*_list_published("", schema)]


def _list_published(prefix: str, schema: Mapping[str, Any]) -> Iterator[Published]:
    inner: Mapping[str, Any] = schema.get("properties") or {
        name: dict(schema["additionalProperties"])
        for name in schema.get("propertyNames", {}).get("enum", ())
    }
    for name, field_schema in inner.items():
        dotted = f"{prefix}{name}"
        if rule := field_schema.get("x-published"):
            condition = None if rule is True else rule
            yield Published(dotted, field_schema, condition)
        yield from _list_published(f"{dotted}.", field_schema)
