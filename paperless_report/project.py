"""Declares the software whose installations report, in any Python program."""

# ruff: noqa: PLC0415  # a program that starts pays for no contract

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from paperless_report.errors import Problem, ReportingError

if TYPE_CHECKING:
    from paperless_report.consent.ladder import Default
    from paperless_report.contract import Field
    from paperless_report.contract.events import Event
    from paperless_report.contract.location import SchemaSource
    from paperless_report.report.kind import Collector

_PAPERLESS: Final = "PAPERLESS"


class Variables(NamedTuple):
    """The names of a project's variables.

    Attributes:
        switch: An environment variable that turns reporting on or off.
        endpoint: An environment variable, and a setting where the framework has them.
        data_dir: What the project's documentation calls its data directory.
        containerized: An environment variable that is `1` in a container.
    """

    switch: str
    endpoint: str
    data_dir: str
    containerized: str


class Contract(NamedTuple):
    """The JSON Schema of a report kind, and its fields by name in the schema's order."""

    schema: Mapping[str, Any]
    fields: "Mapping[str, Field]"


class Events(NamedTuple):
    """The events that are counted: the JSON Schema of each by name, and what it declares."""

    schemas: Mapping[str, Any]
    by_name: "Mapping[str, Event]"


def _read_no_setting(_name: str) -> object:
    return None


def _call_directly(collect: "Collector", _on_slow: Callable[[], object]) -> "Collector":
    return collect


@dataclass(frozen=True, kw_only=True)
class Project:
    """The software whose installations report; its maintainers receive the reports.

    Declaring one reads and checks nothing. `find_faults` lists all that is wrong with it.

    Attributes:
        name: The name that admins know.
        page: The address of the project's page about reports.
        prefix: What the names of its environment variables begin with. With SHELF, they are
            `SHELF_USAGE_REPORTING` (on or off), `SHELF_USAGE_REPORTING_URL` (where reports
            go) and `SHELF_CONTAINERIZED` (1 in a container).
        data_dir: The folder that keeps the state: it exists, or the folder above it does.
            A function is called when it is first needed.
        contract: The JSON Schema of the report.
        events: A JSON Schema for each event that is counted, by the event's name.
        package: The Python package that holds `version.py` and `build_info.py`.
        endpoint: Where reports go if neither a variable nor the build names an address.
        collectors: The function that returns the value of a field, by the field's name.
            The fields `arch` and `python` need none. If there is a package, `version`,
            `channel`, `commit`, `build_date` and `install_type` need none either.
        groups: The events that an admin can turn off together, by the group's name.
        period: How often an installation reports.
        default: With "off", nothing is sent before an admin turns reporting on. With "on
            after notice", reporting is on until an admin turns it off, once the host has
            called `mark_notice_shown`.
        kind: The name of the report kind: the last part of the URL that reports go to.
        identity_file: Whether the installation ID is the file `usage_uuid`, as for
            `send_usage_report`, and not a row of the database.
        read_setting: Looks a variable's name up in the framework's settings.
        wrap_collector: Wraps each of the project's collectors; the second argument is to
            be called if the collector is slow.
    """

    name: str
    page: str
    prefix: str
    data_dir: str | Path | Callable[[], Path]
    contract: "SchemaSource"
    events: "SchemaSource | None" = None
    package: str | None = None
    endpoint: str | None = None
    collectors: "Mapping[str, Collector]" = field(default_factory=dict)
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    period: timedelta = timedelta(days=7)
    default: "Default" = "off"
    kind: str = "report"
    identity_file: bool = False
    read_setting: Callable[[str], object] = _read_no_setting
    wrap_collector: "Callable[[Collector, Callable[[], object]], Collector]" = (
        _call_directly
    )

    @property
    def variables(self) -> Variables:
        """The names of the project's variables."""
        return name_variables(self.prefix)

    def find_data_dir(self) -> Path:
        """Return the folder that keeps the state.

        Raises:
            ReportingError: If there is none.
        """
        path = self.data_dir() if callable(self.data_dir) else self.data_dir
        if not path:
            raise ReportingError(Problem.NO_DATA_DIR)
        return Path(path)

    def load_contract(self) -> Contract:
        """Read the contract.

        Raises:
            ReportingError: If it cannot be read, or uses words that are not enforced.
        """
        from paperless_report.contract import parse_fields
        from paperless_report.contract.location import read_schema

        with _explained(self.contract):
            schema = read_schema(self.contract)
            return Contract(schema, parse_fields(schema))

    def load_events(self) -> Events:
        """Read the events; there may be none.

        Raises:
            ReportingError: If they cannot be read, or use words that are not enforced.
        """
        from paperless_report.contract.events import parse_events
        from paperless_report.contract.location import read_schema

        if self.events is None:
            return Events({}, {})
        with _explained(self.events):
            schemas = read_schema(self.events)
            return Events(schemas, parse_events(schemas))


def name_variables(prefix: str) -> Variables:
    """Return the names of the variables that begin with *prefix*."""
    return Variables(
        switch=f"{prefix}_USAGE_REPORTING",
        endpoint=f"{prefix}_USAGE_REPORTING_URL",
        data_dir=f"{prefix}_DATA_DIR",
        # The image of paperless-ngx sets a variable with another prefix.
        containerized=f"{'PNGX' if prefix == _PAPERLESS else prefix}_CONTAINERIZED",
    )


@contextlib.contextmanager
def _explained(source: "SchemaSource") -> Iterator[None]:
    from paperless_report.contract import InvalidContractError
    from paperless_report.contract.location import describe_source

    try:
        yield
    except InvalidContractError as error:
        name, faults = describe_source(source), error.problems
        raise ReportingError(
            Problem.INVALID_CONTRACT, contract=name, faults=faults
        ) from error
