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
    from paperless_report.report.kind import Collector, ObjectCollector
    from paperless_report.report.outgoing import Recorded, ReportFormat

_PAPERLESS: Final = "PAPERLESS"


class Variables(NamedTuple):
    """The names of a project's variables.

    Attributes:
        switch: An environment variable that turns reporting on or off.
        endpoint: An environment variable, and a setting where the framework has them.
        data_dir: What decides where the data directory is, as messages name it: a variable of
            the project, or its `data_dir`.
        containerized: An environment variable that is `1` in a container.
        off: Environment variables that turn reporting off with any value but an empty one.
        other_endpoints: Further names of `endpoint`, which count if that is not set.
    """

    switch: str
    endpoint: str
    data_dir: str = "data_dir"
    containerized: str = ""
    off: tuple[str, ...] = ()
    other_endpoints: tuple[str, ...] = ()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All names of the endpoint variable, the first one that counts first."""
        return (self.endpoint, *self.other_endpoints)


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
            go) and `SHELF_CONTAINERIZED` (1 in a container). It is not needed if there are
            `variable_names`.
        data_dir: The folder that keeps the state: it exists, or the folder above it does.
            A function is called when it is first needed.
        contract: The JSON Schema of the report.
        events: A JSON Schema for each event that is counted, by the event's name.
        package: The Python package that holds `version.py` and `build_info.py`.
        endpoint: Where reports go if neither a variable nor the build names an address.
        collectors: The function that returns the value of a field, by the field's name. A
            function by the name of an object returns a mapping: the values of its fields. The
            fields `arch` and `python` need none. If there is a package, `version`,
            `channel`, `commit`, `build_date` and `install_type` need none either.
        summarize: Takes all that is recorded, and returns the values of further fields by
            their names: those that are computed from logged events or former reports.
        groups: The events that an admin can turn off together, by the group's name.
        period: How often an installation reports.
        default: With "off", nothing is sent before an admin turns reporting on. With "on
            after notice", reporting is on until an admin turns it off, once the host has
            called `mark_notice_shown`.
        kind: The name of the report kind: the last part of the URL that reports go to, if
            there is no `path`.
        path: The path of reports below the endpoint's address, such as `/v1/events`, or an
            empty text for the address itself. A configured address can end with it.
        format: Writes the requests, for a receiver that does not take this package's JSON.
        variable_names: The names of the project's variables, if they do not follow from
            `prefix`.
        logged: The events that are stored one by one, with their times, and not added up. A
            project that has any needs a `format` or `keeps_log`.
        log_for: How long a logged event is stored. There are 10,000 of each at most.
        keeps_log: Whether logged events are never sent. A report holds what collectors make
            of them. They are stored also after `off`, until `delete`; never with
            DO_NOT_TRACK, or if a variable or the packager turns reporting off.
        least_gap: The shortest time between two runs that send, also of runs by hand.
        enabled: Whether this program reports at all. If not, nothing is counted, no file is
            made, no socket is opened, and nobody can turn reporting on: for a library that
            another program embeds.
        shows_null_id: Whether a preview has null in place of an ID that is not saved yet.
        identity_file: Whether the installation ID is the file `usage_uuid`, as for
            `send_usage_report`, and not a row of the database.
        read_setting: Looks a variable's name up in the framework's settings.
        wrap_collector: Wraps each of the project's collectors; the second argument is to
            be called if the collector is slow.
    """

    name: str
    page: str
    prefix: str = ""
    data_dir: str | Path | Callable[[], Path]
    contract: "SchemaSource"
    events: "SchemaSource | None" = None
    package: str | None = None
    endpoint: str | None = None
    collectors: "Mapping[str, Collector | ObjectCollector]" = field(
        default_factory=dict
    )
    summarize: "Callable[[Recorded], Mapping[str, Any]] | None" = None
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    period: timedelta = timedelta(days=7)
    default: "Default" = "off"
    kind: str = "report"
    path: str | None = None
    format: "ReportFormat | None" = None
    variable_names: Variables | None = None
    logged: Collection[str] = ()
    log_for: timedelta = timedelta(days=30)
    keeps_log: bool = False
    least_gap: timedelta = timedelta(0)
    enabled: bool = True
    shows_null_id: bool = False
    identity_file: bool = False
    read_setting: Callable[[str], object] = _read_no_setting
    wrap_collector: "Callable[[Collector, Callable[[], object]], Collector]" = (
        _call_directly
    )

    @property
    def variables(self) -> Variables:
        """The names of the project's variables."""
        return self.variable_names or name_variables(self.prefix)

    @property
    def report_path(self) -> str:
        """The path of reports below the endpoint's address."""
        return f"/{self.kind}" if self.path is None else self.path

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
            return Events(schemas, parse_events(schemas, self.logged))


def name_variables(prefix: str) -> Variables:
    """Return the names of the variables that begin with *prefix*."""
    return Variables(
        switch=f"{prefix}_USAGE_REPORTING",
        endpoint=f"{prefix}_USAGE_REPORTING_URL",
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
