"""Makes the folder of a new project: its contract, receiver, migrations and configuration."""

import json
import os
import re
import shlex
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import Any

from usage_receiver import generate, tree

_TEMPLATE = Path(__file__).with_name("template")
# What a project with counters has instead. Its README.md is added to the other.
_COUNTERS = Path(__file__).with_name("counters_template")
_NAME = re.compile(r"\w[\w .+-]{0,60}")
_SCHEMA = "report.schema.json"
_PACKAGES = ("@cloudflare/workers-types", "typescript", "wrangler")
_ONCE = '{ mode: "once", table: "reports", latestTable: "installations" }'
_LATEST = '{ mode: "latest", table: "installations" }'
_WEEKLY = '  "x-once-in-days": 7,\n'
_EVENT = {"event": "command", "properties": {"name": "add", "count": 3}}


class ScaffoldFailedError(Exception):
    """Nothing was written; `str()` of the error says why."""


def create(
    folder: Path,
    name: str,
    schema: Path | None = None,
    engine: Path | None = None,
    *,
    counters: bool = False,
) -> None:
    """Make *folder*, whole or not at all.

    Args:
        folder: A folder that does not exist, or is empty.
        name: What people call the project.
        schema: The contract; by default, an example. In the git repository of *folder*, the
            project uses the file where it is; from elsewhere, it gets a copy.
        engine: What package.json names as the engine, for npm: the folder `worker` of a
            clone, or a packed file. By default, that of this clone; in the wheel, nothing.
        counters: Whether the project counts what installations do. The example then
            accepts an installation's reports at any time, and keeps the newest.

    Raises:
        ScaffoldFailedError: If *folder* is in use, or a name or the contract does not fit.
    """
    folder = folder.resolve()
    _require_free(folder)
    if not _NAME.fullmatch(name):
        raise ScaffoldFailedError(
            f"{name!r} is not a name: use letters, digits, spaces and . + - _ only,"
            " with --name."
        )
    # Beside the folder, so that relative paths are the same and a rename puts it in place.
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _copy(made, schema, counters=counters)
        _fill(made, folder, name, schema)
        _add_packages(made / "package.json", engine, folder)
        generate.write_migration(made)
        made.chmod(0o755)
        made.rename(folder)
    except (OSError, ValueError, generate.GenerationFailedError) as error:
        reason = str(error).replace(str(made), str(folder))
        raise ScaffoldFailedError(f"{folder} was not made: {reason}") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _require_free(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise ScaffoldFailedError(f"{folder.parent} does not exist: create it first.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ScaffoldFailedError(f"{folder} is not empty: name another folder.")


def _copy(made: Path, schema: Path | None, *, counters: bool) -> None:
    """Copy the template to *made*, without the example's contract if there is a *schema*."""
    # Installers compile Python files, those of the template too.
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(_TEMPLATE, made, ignore=ignored, dirs_exist_ok=True)
    (made / "gitignore").rename(made / ".gitignore")
    if counters:
        example, readme = made / _SCHEMA, made / "README.md"
        example.write_text(example.read_text("utf-8").replace(_WEEKLY, ""), "utf-8")
        text = readme.read_text("utf-8")
        shutil.copytree(_COUNTERS, made, dirs_exist_ok=True)
        readme.write_text(text + readme.read_text("utf-8"), "utf-8")
    if schema is not None:
        (made / _SCHEMA).unlink()


def _fill(made: Path, folder: Path, name: str, schema: Path | None) -> None:
    """Put the project's own words into *made*."""
    contract = generate.read_contract(schema or made / _SCHEMA)
    shared = (
        schema is not None and _repository(schema) == _repository(folder) is not None
    )
    if shared:
        shutil.rmtree(made / "client")
    elif schema is not None:
        shutil.copyfile(schema, made / _SCHEMA)
    # Cloudflare's names of Workers have at most 63 characters.
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-") or "project"
    over_time: str = contract["overTime"]
    plural = "versions" if over_time.rpartition(".")[2] == "version" else "values"
    words = {
        "Example app": name,
        "example-app": slug,
        f"./{_SCHEMA}": _relative(schema, folder)
        if shared and schema
        else f"./{_SCHEMA}",
        "PROJECT_FOLDER": shlex.quote(
            # Made by the wheel: a clone beside the folder is a good place.
            _relative(folder, tree.CLONE or folder.with_name("clone"))
        ),
        "EXAMPLE_REPORT": _quote(contract["report"]),
        "EXAMPLE_COUNTS": _quote({**contract["report"], "events": [_EVENT]}),
        "EXAMPLE_ID": contract["id"],
        '"version", plural: "versions"': f'"{over_time}", plural: "{plural}"',
        _ONCE: _ONCE if contract["once"] else _LATEST,
    }
    # At once, because a name may contain one of the words.
    pattern = re.compile("|".join(map(re.escape, words)))
    for path in (path for path in made.rglob("*") if path.is_file()):
        if schema is None or path.name != _SCHEMA:
            text = path.read_text(encoding="utf-8")
            text = pattern.sub(lambda word: words[word[0]], text)
            path.write_text(text, encoding="utf-8")
    _number_limits(made / "wrangler.jsonc", slug)


def _quote(report: dict[str, Any]) -> str:
    """Return *report* as JSON that a shell reads between apostrophes."""
    return json.dumps(report).replace("'", r"\u0027")


def _repository(path: Path) -> Path | None:
    """Return the root of the git repository that contains *path*."""
    parents = path.resolve().parents
    return next((it for it in parents if (it / ".git").exists()), None)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder)).as_posix()


def _number_limits(configuration: Path, slug: str) -> None:
    """Give the rate limits numbers of their own: in an account, equal numbers count together."""
    first = 10_000 + zlib.crc32(slug.encode()) % 1_000_000 * 10
    text = re.sub(
        r'(?<="namespace_id": ")100(?=\d")',
        str(first // 10),
        configuration.read_text(encoding="utf-8"),
    )
    configuration.write_text(text, encoding="utf-8")


def _add_packages(path: Path, engine: Path | None, folder: Path) -> None:
    package = json.loads(path.read_text(encoding="utf-8"))
    pinned = json.loads((tree.WORKER / "package.json").read_text("utf-8"))
    engine = engine or (tree.CLONE and tree.WORKER)
    if engine is not None:
        package["dependencies"] = {pinned["name"]: f"file:{_relative(engine, folder)}"}
    package["devDependencies"] = {
        name: pinned["devDependencies"][name] for name in _PACKAGES
    }
    path.write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
