"""Writes the reference pages from what they are of: `nox -s docs`."""

import argparse
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management.base import BaseCommand
from ruamel.yaml import YAML

from build_hooks import cli, config, overrides
from docs import fields, markdown
from paperless_report import contract
from paperless_report.management.commands.send_usage_report import Command

FOLDER = Path(__file__).with_name("reference")
_API = Path(__file__).parents[1] / "worker" / "openapi.yaml"
_TOML = {str: "string", bool: "boolean"}


def pages() -> Iterator[tuple[Path, str]]:
    """Each page's path and text, in Markdown."""
    yield FOLDER / "hook.md", _page(_hook())
    yield FOLDER / "command-line.md", _page(_command_line())
    yield FOLDER / "report.md", _page(_report())
    yield FOLDER / "http.md", _page(_http(YAML(typ="safe", pure=True).load(_API)))


def _page(parts: Iterator[str]) -> str:
    title, *rest = parts
    return "\n\n".join((title, "<!-- Written by docs/reference.py. -->", *rest, ""))[
        :-1
    ]


def _hook() -> Iterator[str]:
    yield "# The build hook's keys"
    yield (
        f"In `pyproject.toml`, the table `[{config.HOOKS}.{config.PLUGIN_NAME}]`; "
        f"`[{config.HOOKS.removeprefix('tool.hatch.')}.{config.PLUGIN_NAME}]` in "
        "`hatch.toml`. An unknown key, and a value that cannot be, stop the build, all "
        "of them named at once."
    )
    yield markdown.table(("key", "type", "default", "what it says"), _keys())
    yield "## Variables"
    yield (
        "Each states its fact before git is asked. `PREFIX` is the project's name in "
        "capitals (`PAPERLESS_NGX` for `paperless-ngx`), or the key `env-prefix`. "
        "`SOURCE_DATE_EPOCH` states the date for every project, as "
        "[reproducible-builds.org](https://reproducible-builds.org/specs/source-date-epoch/) "
        "has it. No other variable is read: one that a CI system sets would stamp every "
        "project that is built in the same job."
    )
    yield markdown.table(
        ("variable", "states"),
        (
            (f"`PREFIX_{name}`", what)
            for name, what in (overrides.FACTS | overrides.STRICT).items()
        ),
    )


def _keys() -> Iterator[tuple[str, ...]]:
    told = dict(
        re.findall(
            r"^ *(\w+): (.+)$", inspect.getdoc(config.Config) or "", re.MULTILINE
        )
    )
    # What no field has as its default.
    defaults = {"package": "none: it must be there", "env-prefix": "the project's name"}
    for key, (kind, _) in config.KEYS.items():
        field = key.replace("-", "_")
        value = config.Config._field_defaults.get(field)
        default = defaults.get(key) or _default(value)
        yield f"`{key}`", _TOML[kind], default, told[field].rstrip(".")


def _default(value: str | bool | None) -> str:  # noqa: FBT001  # a value, not a switch
    return (
        "none"
        if value is None
        else f"`{str(value).lower() if value is False else value}`"
    )


def _command_line() -> Iterator[str]:
    yield "# The command line"
    yield from _commands("build-stamp", cli.parser())
    if not settings.configured:
        settings.configure()
        django.setup()
    yield from _command(
        "manage.py send_usage_report",
        Command().create_parser("manage.py", "send_usage_report"),
        BaseCommand().create_parser("manage.py", ""),
    )


def _commands(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    (commands,) = (
        it
        for it in parser._actions  # noqa: SLF001  # argparse has no other way
        if isinstance(it, argparse._SubParsersAction)  # noqa: SLF001  # argparse has no other way
    )
    for word, command in commands.choices.items():
        yield from _command(f"{name} {word}", command)


def _command(
    name: str,
    parser: argparse.ArgumentParser,
    every: argparse.ArgumentParser | None = None,
) -> Iterator[str]:
    """A command, without what *every* command of its kind takes."""
    common = {
        option
        for action in (every or argparse.ArgumentParser())._actions  # noqa: SLF001  # argparse has no other way
        for option in action.option_strings
    }
    own = (it for it in parser._actions if common.isdisjoint(it.option_strings))  # noqa: SLF001  # the same
    yield f"## {name}"
    yield str(parser.description).strip()
    yield markdown.table(("argument", "what it does"), map(_argument, own))
    yield f"```text\n{str(parser.epilog).strip()}\n```"


def _argument(action: argparse.Action) -> tuple[str, str]:
    choices = "|".join(map(str, action.choices or ()))
    value = str(action.metavar or choices or action.dest.upper())
    words = (*action.option_strings[-1:], *([] if action.nargs == 0 else [value]))
    return f"`{' '.join(words)}`", str(action.help)


def _report() -> Iterator[str]:
    yield "# The fields of a report"
    yield (
        "Declared in `paperless_report/contract/report.schema.json`, from which the client "
        "builds its payload and by which the Worker stores. A report without a needed "
        "field is refused; another that does not fit is dropped, one that is not named "
        "here ignored. What each is for is told in "
        "[Usage reporting](../usage-reporting.md#what-a-report-holds)."
    )
    yield markdown.table(
        ("field", "needed", "values", "published"),
        (
            (
                f"`{name}`",
                "yes" if field.required else "no",
                fields.what_fits(field.schema),
                _published(field.schema.get("x-published")),
            )
            for name, field in contract.load_fields().items()
        ),
    )


def _published(rule: Mapping[str, str] | bool | None) -> str:  # noqa: FBT001  # a value, not a switch
    if isinstance(rule, Mapping):
        return ", ".join(f"where `{name}` is `{it}`" for name, it in rule.items())
    return "yes" if rule else "no"


def _http(api: Mapping[str, Any]) -> Iterator[str]:
    yield "# The HTTP API"
    yield (
        "The Worker serves its own description, in OpenAPI 3.1, at `/openapi.yaml`, with "
        "the schema of every body; this is what it says in short. What a report holds is "
        "told in [its own page](report.md)."
    )
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            yield f"## {method.upper()} {path}"
            yield operation["summary"]
            if "description" in operation:
                yield operation["description"].strip()
            yield markdown.table(
                ("answer", "when"), _answers(api, operation["responses"])
            )


def _answers(
    api: Mapping[str, Any], responses: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        if "$ref" in response:
            response = api["components"]["responses"][response["$ref"].split("/")[-1]]  # noqa: PLW2901  # what it refers to
        yield status, " ".join(response["description"].split())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
