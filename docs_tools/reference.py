"""Writes the reference pages: hook, command line, HTTP API and reporter."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

from build_hooks import config, overrides, stamp
from docs_tools import command_lines, docstrings, fields, http_api, markdown

FOLDER = fields.ROOT / "docs" / "reference"
# `nox -s describe` writes it from the report kinds.
DESCRIPTION = fields.ROOT / "projects" / "paperless-ngx" / "openapi.json"
_TOML = {str: "string", bool: "boolean"}
_PEP_440 = "https://packaging.python.org/en/latest/specifications/version-specifiers/"
# What a reporter returns or raises, by module.
_RESULTS = (
    (
        "results",
        ("Status", "Preview", "ExactRequest", "Outcome", "Result", "Forgotten"),
    ),
    ("report/outgoing", ("Sent", "Logged", "Recorded")),
    ("consent/ladder", ("Decision", "State", "Source")),
    ("contract/growth", ("Change", "Kind")),
    ("errors", ("ReportingError", "Problem")),
)
# What a project writes its own requests with.
_FORMATS = ("ReportFormat", "Waiting", "Counted", "Sum", "Request", "split_events")
WRITTEN_BY = "<!-- Written by `python -m docs_tools` (docs_tools/reference.py). -->"


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of each reference page."""
    api = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    yield FOLDER / "hook.md", _page(_hook())
    yield FOLDER / "command-line.md", _page(command_lines.describe())
    yield FOLDER / "http.md", _page(http_api.describe(api))
    yield FOLDER / "reporter.md", _page(_reporter())


def _page(parts: Iterator[str]) -> str:
    title, *rest = parts
    return "\n\n".join((title, WRITTEN_BY, *rest)) + "\n"


def _hook() -> Iterator[str]:
    yield "# The build hook's keys"
    yield (
        f"Set these keys in the table `[{config.HOOKS}.{config.PLUGIN_NAME}]` of "
        "`pyproject.toml`, or in "
        f"`[{config.HOOKS.removeprefix('tool.hatch.')}.{config.PLUGIN_NAME}]` of "
        "`hatch.toml`. `build-stamp init` adds it. No key is required: the line of the table is enough. Unknown keys "
        "and invalid values fail the build, with one message that lists all of them. A "
        "table `[build]` in `hatch.toml` hides the one in `pyproject.toml` from hatchling."
    )
    yield markdown.table(("key", "type", "default", "meaning"), _keys())
    yield from _layout()
    yield "## Variables"
    yield (
        "A variable overrides what git says. `PREFIX` is the project's name in capitals "
        "(`PAPERLESS_NGX` for `paperless-ngx`, `_2TO4` for `2to4`), or the value of "
        "`env-prefix`. "
        "`SOURCE_DATE_EPOCH` sets the build date of every project, as defined by "
        "[reproducible-builds.org](https://reproducible-builds.org/specs/source-date-epoch/), "
        "except that of a stamped sdist, which has its own date. "
        "The hook reads no variable that a CI system sets, because that would stamp every "
        "project that the same job builds."
    )
    yield markdown.table(
        ("variable", "meaning"),
        (
            (f"`PREFIX_{name}`", meaning)
            for name, meaning in (overrides.VARIABLES | overrides.STRICT).items()
        ),
    )
    yield from _tags_and_versions()


def _tags_and_versions() -> Iterator[str]:
    yield "## Tags"
    yield (
        "Without `tag-pattern`, a tag is a release if it is a version that "
        f"[PEP 440]({_PEP_440}) allows, with or without a `v`:"
    )
    yield markdown.table(
        ("tag", "channel"),
        (
            (
                "`v1.4.0`, `1.4`, `v2026.11`, `v1!2.0`, `v1.4.0.post1`, `v1.4.0-1`",
                "stable",
            ),
            (
                "`v1.4.0rc1`, `v1.4.0-RC.1`, `v1.4.0a2`; `v1.4.0-beta.rc1` too",
                "beta",
            ),
            ("`v1.4.0.dev3`", "dev"),
        ),
    )
    yield (
        "If the only tag at a commit looks like a release and is not read as one, such as "
        "`shelf-v1.4.0`, `v1.4.0-final` or `v1.4.0+build.7`, the build prints a warning "
        "that names the tag, and strict mode fails. If the tag has a word before its "
        "version, the warning has the line to add: "
        "`tag-pattern = 'shelf-v(?P<version>.+)'`."
    )
    yield (
        "Next to a tag that is read, such a tag makes no difference, and only "
        "`build-stamp show` and `write` name it. The same applies to a word with an older "
        "version than the project's. With a `tag-pattern` of your own, other tags belong "
        "to other packages."
    )
    yield "## Version"
    yield (
        "A tag must fit the version that hatchling builds, whatever states that version: "
        "`[project]`, a file, code, a variable, or a plugin such as hatch-vcs. Otherwise "
        "the build fails and names both. `v1.4.0rc1` fits 1.4.0rc1, and also 1.4.0. "
        "Versions are compared as PEP 440 says, so `v1.4` fits 1.4.0. A local part such as "
        "`+cu128` does not count."
    )
    yield (
        "`build-stamp show`, `write` and `cut` ask hatchling for the same version, unless "
        "`[project]` or an sdist states it. This runs the project's own build "
        "configuration, so use them only on projects that you would build. If hatchling or "
        "the project's plugin is not installed, the version is unknown, and a message names "
        "what to install. Where hatchling is not the build backend, as in paperless-ngx, "
        "the version is `__version__` in `version.py`, if the file states it in one plain "
        "assignment, else the one that `[project]` states. `verify` reads the artifact only and runs no code of it."
    )


def _layout() -> Iterator[str]:
    yield "## The stamped package"
    yield (
        "Without the key `package`, the hook stamps the one package that the wheel ships, "
        "as hatchling finds it: in `src` or elsewhere, in a namespace, renamed by "
        "`sources`, or forced in. If the wheel ships several packages, the build stops and "
        "prints the lines to choose from. A wheel that ships only modules has no place for "
        "`build_info.py`, and the build stops, too."
    )
    yield (
        "The key `package` may name a folder outside the project's root that a "
        "`force-include` table ships. If an sdist contains the package in another folder, "
        "the wheel made from the sdist finds it there."
    )
    yield (
        "The hook must run for the wheel and for the sdist. If its table is under "
        "`targets.wheel` or `targets.sdist` alone, the build stops before a wheel made from "
        "an sdist gets half a stamp."
    )
    yield "## The stamped files"
    yield markdown.table(
        ("file", "constants"),
        (
            (
                f"`{stamp.BUILD_INFO}`",
                (
                    "`SOURCE_COMMIT`, `BUILD_DATE`, often `CHANNEL`, `REPORT_URL` if it is "
                    "set, and `REPORTING = False` if reporting is off"
                ),
            ),
            (
                f"`{stamp.VERSION}`",
                "`__channel__`, in a module that binds `__version__` or `__channel__`",
            ),
        ),
    )
    yield (
        f"`{stamp.VERSION}` keeps the channel if git tracks it and it assigns a literal to "
        f"`__version__` once. Then `{stamp.BUILD_INFO}` does not contain `CHANNEL`. If it "
        "computes or imports its version, or if a build generates it, both files contain "
        f"the channel: the next build could write `{stamp.VERSION}` again. Any other "
        f"`{stamp.VERSION}` stays as it is, and a project needs none."
    )
    yield (
        f"With `reporting = false`, `{stamp.BUILD_INFO}` says `REPORTING = False`. The "
        "package then records and sends nothing, and nobody can turn reporting on. In a tree "
        "without any facts, the file has this line alone, and the package does not count as a "
        "release. An sdist or a stamped copy that is off stays off, and so does a tree whose "
        f"own `{stamp.BUILD_INFO}` says `REPORTING = False`: only `PREFIX_REPORTING=1` turns "
        "reporting on again. The default `true` writes nothing."
    )
    yield (
        "The hook runs after all other build hooks, whatever their order is. A "
        f"`{stamp.VERSION}` that another hook writes or forces in is stamped in its place. "
        "The work tree never changes, and the hook's own files are outside of it."
    )


def _keys() -> Iterator[tuple[str, ...]]:
    docstring = inspect.getdoc(config.Config) or ""
    meanings = dict(re.findall(r"^ *(\w+): (.+)$", docstring, re.MULTILINE))
    # Defaults that depend on the project.
    defaults = {
        "package": "the one that the wheel ships",
        "env-prefix": "the project's name",
    }
    for key, (kind, _) in config.KEYS.items():
        field = key.replace("-", "_")
        value = getattr(config.Config, field, None)
        default = defaults.get(key) or _default(value)
        yield f"`{key}`", _TOML[kind], default, meanings[field].rstrip(".")


def _default(value: str | bool | None) -> str:  # noqa: FBT001  # a value, not a switch
    return (
        "none"
        if value is None
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def _reporter() -> Iterator[str]:
    package = fields.ROOT / "paperless_report"
    yield "# The reporter"
    yield (
        "Import these classes from `paperless_report`. [First report](../tutorials/"
        "first-report.md) shows how to use them. Times are aware datetimes in "
        "UTC, and days are days in UTC."
    )
    yield (
        "- A `SchemaSource` is an absolute path, `package:file` for a file in a package or "
        "beside a module, or the JSON Schema itself as a mapping.\n"
        "- A `Collector` is a function without arguments. It returns a `str`, `int`, `bool` "
        "or `list` that fits its field, or None if the value is not known. What does not "
        "fit is left out.\n"
        "- An `ObjectCollector` returns a mapping with the values of an object's fields. What the "
        "contract does not declare is left out."
    )
    yield from docstrings.describe(package / "project.py", "Project")
    yield from docstrings.describe(package / "project.py", "Variables")
    yield from docstrings.describe(package / "project_faults.py", "find_faults")
    yield from docstrings.describe(package / "reporter.py", "Reporter")
    yield from docstrings.describe_methods(
        *(package / "counting" / "background.py", "Counters"),
        *("count", "record", "flush"),
    )
    for module, names in _RESULTS:
        for name in names:
            yield from docstrings.describe(package / f"{module}.py", name)
    yield "## Formats"
    yield (
        "[Report to another receiver](../how-to/another-receiver.md) shows how to use "
        "these. `split_events` is in `paperless_report.report.outgoing`."
    )
    for name in _FORMATS:
        yield from docstrings.describe(package / "report" / "outgoing.py", name)
