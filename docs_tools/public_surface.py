"""Lists the names that docs/explanation/compatibility.md promises to keep.

Most are read from the pages of the reference, which are generated from the code or tested
against it; the others from their declarations.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import paperless_report
from build_hooks import formats, stamp
from build_hooks.config import Config
from build_hooks.project import Project
from build_hooks.stamp import Stamp
from docs_tools import fields, reference, reference_names
from paperless_report import contract
from paperless_report.consent.ladder import DO_NOT_TRACK
from paperless_report.host import project as host
from paperless_report.project import name_variables
from paperless_report.state import database, identities, identity

# For each kind of names: each name, and what is fixed about it, such as its type.
Surface = Mapping[str, Mapping[str, str]]

FILE = Path(__file__).parent / "public_surface.json"
# What is between a heading and the names below it, for each page of the reference.
_PAGES = {
    "hook": None,
    "command-line": " ",
    "json-output": ".",
    "contract": None,
    "reporter": ".",
    "http": " ",
}
_ERROR = ("error", "detail")
_STATUS = re.compile(r"^  (\d+)  |\b(\d+) (?:if|normally)\b", re.MULTILINE)
_KEY = re.compile(r"^(?:--build-arg )?([\w.]+)=", re.MULTILINE)


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of the list."""
    yield FILE, json.dumps(describe(), ensure_ascii=False, indent=1) + "\n"


def describe() -> Surface:
    """List every name that the page promises, by kind."""
    pages = {
        # Those that are written by hand stay.
        **{it: (reference.FOLDER / f"{it}.md").read_text("utf-8") for it in _PAGES},
        **{path.stem: text for path, text in reference.files()},
    }
    api = json.loads(reference.DESCRIPTION.read_text("utf-8"))
    required, names = {*host.REQUIRED}, name_variables("PREFIX")
    return {
        **{
            page: dict(reference_names.list_names(pages[page], between))
            for page, between in _PAGES.items()
        },
        "report": {
            name: f"{field.schema.get('type', 'string')}, "
            f"{'required' if field.required else 'optional'}"
            for name, field in contract.load_fields().items()
        },
        "build_info.py": _bare(stamp.NAMES),
        "import paperless_report": _bare(
            name for names in paperless_report.MODULES.values() for name in names
        ),
        "output of build-stamp show": _bare(_list_output_keys()),
        "exit status": _bare(_list_exit_statuses(pages["command-line"])),
        "answer": dict(_list_answer_keys(api)),
        host.SETTING: {it: "required" if it in required else "" for it in host.KEYS},
        "reporting variable": _bare((DO_NOT_TRACK, names.switch, names.endpoint)),
        "data directory": _bare(
            (identity.FILE, database.FILE, identities.SET_ASIDE_FILE)
        ),
        **{
            path: dict(_list_workflow_keys((fields.ROOT / path).read_text("utf-8")))
            for path in ("action.yml", ".github/workflows/build.yml")
        },
        "usage-receiver": _bare(_list_exports()),
    }


def _bare(names: Iterator[str] | tuple[str, ...]) -> dict[str, str]:
    return dict.fromkeys(names, "")


def _list_output_keys() -> Iterator[str]:
    """List the keys of each format of `build-stamp show` that programs read."""
    project = Project(
        root=Path(), name="shelf", config=Config(PurePosixPath("shelf"), "PREFIX")
    )
    made = Stamp(
        version="1.4.0",
        channel="stable",
        commit="0" * stamp.COMMIT_DIGITS,
        build_date="2026-05-18T12:00:00Z",
        tag="v1.4.0",
        dirty=False,
        source="git",
        report_url="https://reports.example.org",
        revision="0" * 40,
        decided=dict.fromkeys(formats.FACTS, "git"),
    )
    for name, write in formats.FORMATS.items():
        text = write(project, made)
        if name != "text":
            keys = json.loads(text) if name == "json" else _KEY.findall(text)
            yield from (f"--format {name} {key}" for key in keys)


def _list_exit_statuses(page: str) -> Iterator[str]:
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        command = section.partition("\n")[0]
        for numbers in _STATUS.findall(section):
            yield f"{command} {''.join(numbers)}"


def _list_answer_keys(api: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List the keys of each answer with their types, and the words in `error`."""
    for name, schema in api["components"]["schemas"].items():
        if not name.startswith("report"):  # a contract: another page lists its fields
            yield from _list_properties(name, schema)
    for path, operations in api["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                for media in answer.get("content", {}).values():
                    schema = media.get("schema", {})
                    yield from _list_properties(f"{path} {status}", schema)
                    for example in media.get("examples", {}).values():
                        yield from _list_error(example["value"])


def _list_properties(
    prefix: str, schema: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for part in (schema, *schema.get("anyOf", ())):
        for key, value in part.get("properties", {}).items():
            if key not in _ERROR:
                kind = value.get("type", value.get("$ref", "any"))
                kinds = kind if isinstance(kind, list) else [kind]
                yield f"{prefix}.{key}", " or ".join(it.split("/")[-1] for it in kinds)
                yield from _list_properties(f"{prefix}.{key}", value)
        if isinstance(part.get("items"), Mapping):
            yield from _list_properties(f"{prefix}[]", part["items"])


def _list_error(answer: object) -> Iterator[tuple[str, str]]:
    """Give the word of an error; every error has the same two keys."""
    if isinstance(answer, Mapping) and "error" in answer:
        yield f"error {answer['error']}", ""


def _list_workflow_keys(text: str) -> Iterator[tuple[str, str]]:
    """List the inputs with their defaults, the outputs, and the permissions."""
    block = r"^( *)(inputs|outputs|permissions):\n((?:\1 +.*\n|\n)+)"
    for indent, kind, body in re.findall(block, text, re.MULTILINE):
        entries = re.split(rf"^{indent}  (?=\S)", body, flags=re.MULTILINE)[1:]
        for entry in entries:
            key, _, rest = entry.partition(":")
            fixed = [rest.partition("\n")[0].strip()]  # of a permission
            fixed += re.findall(r"^ +(?:default|type): (.+)$", rest, re.MULTILINE)
            yield (
                f"{kind} {key}",
                ", ".join(it for it in fixed if it and "${{" not in it),
            )


def _list_exports() -> Iterator[str]:
    text = (fields.ROOT / "worker/src/index.ts").read_text("utf-8")
    for names in re.findall(r"^export (?:type )?{ (.+) }", text, re.MULTILINE):
        for name in names.split(", "):
            yield re.sub(r"^type |^\w+ as ", "", name)
    package = json.loads((fields.ROOT / "worker/package.json").read_text("utf-8"))
    yield from package["exports"]
