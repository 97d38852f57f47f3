"""Checks the setting, the contract and the collectors for `manage.py check`.

Each finding is a warning with the line that fixes it. An error would stop `migrate`.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core import checks

from paperless_report import contract
from paperless_report.contract import Field
from paperless_report.errors import Problem, ReportingError
from paperless_report.facts.package import find_package_dir
from paperless_report.host.collectors import COLLECTORS, FACTS
from paperless_report.host.kinds import load_contract, load_own_collectors
from paperless_report.host.project import (
    KEYS,
    SETTING,
    find_collectors_path,
    find_project,
    list_invalid_keys,
    name_variables,
)
from paperless_report.host.settings import list_endpoints
from paperless_report.project import Project
from paperless_report.project_faults import find_faults
from paperless_report.report.kind import Collectors
from paperless_report.report.objects import list_objects, split_objects
from paperless_report.wire.endpoint import resolve
from paperless_report.words import messages

# What is not a string.
_EXAMPLES: Final = {
    "groups": '{"imports": ["import"]}',
    "period": "datetime.timedelta(days=7)",
}


class Finding(NamedTuple):
    """What is wrong, how to fix it, and the number of the warning."""

    text: str
    fix: str
    number: str

    def warn(self) -> checks.CheckMessage:
        """Return Django's message about this."""
        return checks.Warning(
            self.text, hint=self.fix, id=f"paperless_report.{self.number}"
        )


def find_endpoint_faults() -> Iterator[Finding]:
    """Find what is wrong with the endpoint that an admin has configured."""
    try:
        resolve(*list_endpoints())
    except ReportingError as error:
        fix = "Set it to the https address of the endpoint, or unset it."
        yield Finding(_describe(error), fix, "W001")


def find_project_faults() -> Iterator[Finding]:
    """Find all that keeps the project from sending complete reports."""
    value = getattr(settings, SETTING, None)
    examples = _list_examples(value)
    if isinstance(value, dict):
        yield from _find_setting_faults(value, examples)
    try:
        project = find_project()
    except ReportingError as error:
        if error.problem is Problem.NOT_A_PROJECT:
            fix = "Write the dotted path of a paperless_report.Project."
            yield Finding(_describe(error), fix, "W002")
        elif not isinstance(value, dict):
            keys = {it: examples[it] for it in ("package", "name", "page", "prefix")}
            fix = f"Add to your settings: {SETTING} = {json.dumps(keys)}"
            yield Finding(_describe(error), fix, "W002")
        return
    yield from _find_contract_faults(project, examples)
    for fault in find_faults(project):
        if fault.attribute not in {"contract", "collectors"}:  # found above
            text = f"The project of {SETTING} cannot report on a schedule: {fault}."
            yield Finding(text, f"Change {fault.attribute}.", "W006")


def _list_examples(value: object) -> dict[str, str]:
    """Return an example for each key of the setting *value*, with this host's package."""
    urls = str(getattr(settings, "ROOT_URLCONF", ""))
    stated = value.get("package") if isinstance(value, dict) else None
    name = str(stated or urls.partition(".")[0] or "mysite")
    return {
        "package": name,
        "name": name.title(),
        "page": f"https://{name.replace('_', '-')}.example.org/reports",
        "contract": f"{name}:report.schema.json",
        "collectors": f"{name}.usage_report.COLLECTORS",
        "prefix": name.upper(),
        "events": f"{name}:events.schema.json",
    }


def _find_setting_faults(
    value: Mapping[Any, object], examples: Mapping[str, str]
) -> Iterator[Finding]:
    for key in list_invalid_keys(value):
        if key not in KEYS:
            keys = ", ".join(KEYS)
            text = f'{SETTING} has an unknown key "{key}". The keys are {keys}.'
            yield Finding(text, f'Remove the line "{key}": ...', "W002")
            continue
        state = f'has a malformed "{key}"' if key in value else f'has no "{key}"'
        line = _EXAMPLES.get(key) or f'"{examples[key]}"'
        fix = f'Write this line: "{key}": {line},'
        yield Finding(f"{SETTING} {state}.", fix, "W002")
    if value.get("package") != "paperless" and "prefix" not in value:
        text = f"{SETTING} has no prefix, so its variables begin with PAPERLESS_."
        fix = f'Add this line: "prefix": "{examples["prefix"]}",'
        yield Finding(text, fix, "W002")


def _find_contract_faults(
    project: Project, examples: Mapping[str, str]
) -> Iterator[Finding]:
    own = None
    try:
        own = load_own_collectors(project)
    except ReportingError as error:
        yield Finding(
            _describe(error),
            f'Write this line: "collectors": "{examples["collectors"]}", where '
            "COLLECTORS is a dictionary from the names of fields to functions.",
            "W004",
        )
    try:
        schema, fields = load_contract(project)
    except ReportingError as error:
        for fault in error.details["faults"]:  # type: ignore[attr-defined]  # a tuple
            details = {**error.details, "faults": (fault,)}
            text = _describe(ReportingError(error.problem, **details))
            yield Finding(text, f"Change {project.contract}.", "W003")
        return
    key = schema["x-installation-id"]
    if not fields[key].fits(str(uuid.uuid4())):
        text = f"The installation ID, {key}, does not accept a version 4 UUID."
        line = '"type": "string", "pattern": "^[0-9a-f-]{36}$", "maxLength": 36'
        yield Finding(text, f"Write in its field of the contract: {line}", "W003")
    if own is not None:
        collected = {it.name for it in fields.values() if not it.set_by_receiver}
        by_field = split_objects(own, fields.values())
        names = {*own} - list_objects(fields.values()) | {*by_field}
        yield from _compare(project, collected - {key}, names, examples)
        yield from _find_unknown_facts(project, fields, by_field)


def _compare(
    project: Project, fields: set[str], own: set[str], examples: Mapping[str, str]
) -> Iterator[Finding]:
    """Compare the names of *fields* with those that have a collector."""
    stated = find_collectors_path()
    value = getattr(settings, SETTING, None)
    if isinstance(value, str):
        stated = f"the collectors of {value}"
    path = stated or examples["collectors"]
    for name in sorted(fields - {*own, *COLLECTORS}):
        text = f"The field {name} of the contract has no collector."
        fix = f'Add to {path}: "{name}": collect_{name.replace(".", "_")},'
        if stated is None and project.contract != contract.REPORT:
            fix += f' And add to {SETTING}: "collectors": "{path}",'
        yield Finding(text, fix, "W004")
    if stated is not None:
        for name in sorted(own - {*COLLECTORS} - fields):
            text = f"The collector {name} has no field in the contract."
            fix = f'Remove this line from {path}: "{name}": ..., or declare the field.'
            yield Finding(text, fix, "W004")


def _find_unknown_facts(
    project: Project, fields: Mapping[str, Field], own: Collectors
) -> Iterator[Finding]:
    """Find required facts of the host that do not fit, without asking the database."""
    version_py = f"{project.package}/version.py"
    fixes = {"version": "__full_version_str__", "channel": "__channel__"}
    for name, collect in FACTS.items():
        field = fields.get(name)
        if field is None or not field.required or name in own:
            continue
        try:
            value = collect()
        # Whatever the host's own modules do, even exit.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            reason = f"cannot be determined: {error!r}"
        else:
            if field.fits(value):
                continue
            reason = f"is {value!r}, which does not fit the contract"
        fix = f"Change {name} in the contract, or make it optional."
        if not _has_package(project.package):
            fix = f"Write in {SETTING} the name of the package that holds version.py."
        elif name in fixes:
            example = field.schema.get("examples", ["dev"])[0]
            fix = f'Write this line in {version_py}: {fixes[name]} = "{example}"'
        text = f"No report can be sent: {field.title} {reason}."
        yield Finding(text, fix, "W005")


def _describe(error: ReportingError) -> str:
    return messages.describe_problem(error, name_variables())


def _has_package(package: str | None) -> bool:
    if package is None:
        return False
    try:
        find_package_dir(package)
    except (ImportError, ValueError):
        return False
    return True
