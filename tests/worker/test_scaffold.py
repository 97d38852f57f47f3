"""`nox -s new`: a project outside this clone, from its contract to its published numbers."""

import datetime as dt
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import pages
from tests.support.needs import needs
from tests.support.readme import run_readme
from tests.worker.client import get, post
from tests.worker.database import select_all
from usage_receiver import configuration, generate, scaffold
from worker.local import check, pack, toolchain
from worker.local.harness import Harness, run_worker

pytestmark = pytest.mark.slow

PAGE = "docs/how-to/own-contract.md"
COUNTERS = "docs/how-to/count-events.md"
PAGE_FOLDER = "../shelf-reports"
NAME = "Shelf life"
TEMPLATE = Path(scaffold.__file__).with_name("template")
# A contract with nested objects and a list, of installations that report at any time.
NESTED: dict[str, Any] = {
    "title": "Heartbeat",
    "type": "object",
    "x-installation-id": "id",
    "properties": {
        "id": {
            "title": "Installation ID",
            "type": "string",
            "pattern": "^[0-9a-f-]{36}$",
            "maxLength": 36,
            "examples": ["0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"],
        },
        "host": {
            "type": "object",
            "properties": {
                "system": {
                    "title": "System",
                    "type": "string",
                    "enum": ["linux", "windows"],
                    "examples": ["linux"],
                    "x-published": True,
                }
            },
            "required": ["system"],
        },
        "plugins": {
            "title": "Plugins",
            "type": "array",
            "items": {"type": "string", "enum": ["map", "search"]},
            "maxItems": 5,
            "examples": [["map"]],
            "x-published": True,
        },
    },
    "required": ["id", "host"],
}


def run_local(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "worker.local", *arguments),
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere") / "shelf-reports"
    scaffold.create(folder, NAME)
    return folder


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine as a release contains it."""
    return pack.pack(tmp_path_factory.mktemp("engine"), "0.1.0rc1")


@pytest.fixture(scope="module")
def receiver(project: Path) -> Iterator[Harness]:
    with run_worker(project=project) as worker:
        yield worker


def write_schema(path: Path, schema: object) -> Path:
    path.write_text(json.dumps(schema), encoding="utf-8")
    return path


def test_a_project_has_its_own_name_and_every_file_of_the_template(
    project: Path,
) -> None:
    made = {
        it.relative_to(project).as_posix(): it.read_text(encoding="utf-8")
        for it in project.rglob("*")
        if it.is_file() and "node_modules" not in it.parts
    }
    template = {
        it.relative_to(TEMPLATE).as_posix().replace("gitignore", ".gitignore")
        for it in TEMPLATE.rglob("*")
        if it.is_file()
    }

    assert {*made} == template | {"migrations/0001_tables.sql"}
    for name, text in made.items():
        assert not re.search(r"(?i)example.app|PROJECT_FOLDER|EXAMPLE_", text), name
    assert f'name: "{NAME}"' in made["project.ts"]
    assert json.loads(made["package.json"])["name"] == "shelf-life-reports"


def test_the_template_is_small_and_has_the_limits_of_the_first_project() -> None:
    lines = sum(
        len((TEMPLATE / name).read_text(encoding="utf-8").splitlines())
        for name in ("project.ts", "worker.ts", "package.json", "tsconfig.json")
    )

    def limits(path: Path) -> list[dict[str, object]]:
        return [
            {key: it[key] for key in it if key != "namespace_id"}
            for name in (None, "preview")
            for it in configuration.read_environment(name, path)["ratelimits"]
        ]

    assert lines < 60
    assert limits(TEMPLATE) == limits(configuration.PAPERLESS_NGX)


def test_two_projects_of_one_account_share_no_limit(
    project: Path, tmp_path: Path
) -> None:
    scaffold.create(tmp_path / "other", "Another project")

    numbers = [
        limit["namespace_id"]
        for folder in (project, tmp_path / "other")
        for name in (None, "preview")
        for limit in configuration.read_environment(name, folder)["ratelimits"]
    ]
    assert len({*numbers}) == 12


@needs("curl")
def test_the_page_goes_from_a_schema_to_published_numbers_and_a_dry_run(
    tmp_path: Path,
) -> None:
    folder = Path(os.path.relpath(tmp_path / "shelf-reports", pages.ROOT)).as_posix()
    commands = [
        it.replace(PAGE_FOLDER, folder)
        for it in pages.commands("docs/how-to/own-contract.md")
    ]
    page = tmp_path / "page.md"
    text = (pages.ROOT / PAGE).read_text(encoding="utf-8")
    page.write_text(text.replace(PAGE_FOLDER, folder), encoding="utf-8")

    printed = run_readme(str(page), tmp_path, tmp_path)

    (statistics,) = (printed[it] for it in printed if it.endswith("/stats"))
    assert json.loads(statistics)["total"] >= 15
    assert json.loads(statistics)["fields"]["search"]["cells"]
    (migrated,) = (printed[it] for it in printed if it.endswith(" migrate"))
    assert "Nothing to do" in migrated
    (deployed,) = (printed[it] for it in printed if " deploy " in it)
    assert "env.DB (shelf-life-reports)" in deployed
    assert "env.LIMIT_ALL (3000 requests/60s)" in deployed
    # The folder's own page has the same commands, but for those that made it.
    own = str(tmp_path / "shelf-reports" / "README.md")
    assert pages.commands(own) == commands[2:]
    assert pages.exempt(own) == [
        it.replace(PAGE_FOLDER, folder) for it in pages.exempt(PAGE)[1:]
    ]


@needs("curl")
def test_the_page_on_counters_goes_from_a_new_project_to_a_sum(tmp_path: Path) -> None:
    (shown,) = (
        line
        for block in pages.blocks(COUNTERS, "console")
        for line in block.text.splitlines()
        if line.startswith("[")
    )

    printed = run_readme(COUNTERS, tmp_path, tmp_path)

    assert [*printed] == pages.commands("docs/how-to/count-events.md")
    (sums,) = (text for command, text in printed.items() if " sql " in command)
    assert sums.strip() == shown
    (migrated,) = (printed[it] for it in printed if it.endswith(" migrate"))
    assert "Nothing to do" in migrated


def test_the_page_on_counters_adds_them_to_a_project_without(tmp_path: Path) -> None:
    folder = tmp_path / "shelf-reports"
    scaffold.create(folder, NAME)
    (events, _report) = pages.blocks(COUNTERS, "json")
    (snippet,) = pages.blocks(COUNTERS, "ts")
    imports, _, counters = snippet.text.partition("\n\n")
    (folder / "events.schema.json").write_text(events.text, encoding="utf-8")
    project = folder / "project.ts"
    text = project.read_text("utf-8")
    kind = "defineReportKind({\n"
    assert text.count(kind) == 1
    project.write_text(
        f"{imports}\n{text}".replace(kind, f"{kind}{counters}"), encoding="utf-8"
    )

    generate.write_migration(folder)

    check.check(folder)
    tables = "".join(it.read_text() for it in (folder / "migrations").iterdir())
    assert '"error_count" INTEGER' in tables


def test_a_new_field_touches_the_schema_and_one_migration_only(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "grows"
    scaffold.create(folder, NAME)
    git = (
        "git",
        "-C",
        str(folder),
        "-c",
        "user.name=M",
        "-c",
        "user.email=m@localhost",
    )
    for arguments in ("init --quiet", "add --all", "commit --quiet --message Start"):
        subprocess.run((*git, *arguments.split()), check=True)

    path = folder / "report.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    theme = {"title": "Theme", "type": "string", "enum": ["dark", "light"]}
    schema["properties"]["theme"] = {**theme, "examples": ["dark"], "x-published": True}
    write_schema(path, schema)
    generate.write_migration(folder)

    changed = subprocess.check_output((*git, "status", "--porcelain"), text=True)
    assert changed.split() == ["M", path.name, "??", "migrations/0002_add_theme.sql"]
    check.check(folder)
    with run_worker(project=folder) as worker:
        example = {"uuid": "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11", "version": "1.4.0"}
        assert post(worker, {**example, "theme": "dark"}).status_code == 204
        assert select_all(worker)[0]["theme"] == "dark"
        assert select_all(worker, "installations")[0]["theme"] == "dark"
        assert get(worker, "/health").status_code == 200


def test_the_check_fails_if_a_migration_is_missing(
    tmp_path: Path, project: Path
) -> None:
    schema = json.loads((project / "report.schema.json").read_text(encoding="utf-8"))
    scaffold.create(tmp_path / "stale", NAME, write_schema(tmp_path / "a.json", schema))
    schema["properties"]["beta"] = {
        "title": "Beta",
        "type": "boolean",
        "examples": [True],
    }
    write_schema(tmp_path / "stale" / "report.schema.json", schema)

    with pytest.raises(generate.GenerationFailedError, match="beta"):
        check.check(tmp_path / "stale")


def test_a_project_can_use_the_packed_engine(tmp_path: Path, engine: Path) -> None:
    """Its contract is nested, and its installations report as often as they like."""
    schema = write_schema(tmp_path / "heartbeat.json", NESTED)
    folder = tmp_path / "packed"

    scaffold.create(folder, "Packed", schema, engine)
    check.check(folder)

    installed = folder / "node_modules" / toolchain.ENGINE
    assert (
        json.loads((installed / "package.json").read_text())["version"] == "0.1.0-rc.1"
    )
    assert (installed / "src" / "index.js").is_file()
    assert {it.suffixes[-2:][0] for it in installed.rglob("*.ts")} == {".d"}
    done = run_local("deploy", "--project", folder, "--dry-run")
    assert done.returncode == 0, done.stderr
    tables = (folder / "migrations" / "0001_tables.sql").read_text(encoding="utf-8")
    assert '"host.system" TEXT' in tables
    assert '"last_day" TEXT' in tables
    assert 'overTime: { field: "host.system"' in (folder / "project.ts").read_text()


def test_two_packs_of_one_version_have_the_same_bytes(
    tmp_path: Path, engine: Path
) -> None:
    again = pack.pack(tmp_path, "0.1.0rc1")

    assert engine.name == again.name == "usage-receiver-0.1.0-rc.1.tgz"
    assert engine.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("version", "semantic"),
    [
        ("1.2.0", "1.2.0"),
        ("0.1.0rc1", "0.1.0-rc.1"),
        ("0.1.dev342", "0.1.0-dev.342"),
        ("0.1.1rc2.dev3", "0.1.1-rc.2.dev.3"),
    ],
)
def test_the_package_has_the_version_of_this_project_as_npm_writes_it(
    version: str, semantic: str
) -> None:
    assert pack.to_semantic_version(version) == semantic


def test_a_schema_in_the_same_repository_is_used_where_it_is(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    schema = write_schema(tmp_path / "app" / "report.schema.json", NESTED)

    scaffold.create(tmp_path / "receiver", NAME, schema)

    made = tmp_path / "receiver"
    assert not [*made.glob("*.schema.json"), *made.glob("client")]
    assert 'from "../app/report.schema.json"' in (made / "project.ts").read_text()
    check.check(made)


def test_the_test_for_another_repository_compares_the_schemas(
    project: Path, receiver: Harness, tmp_path: Path
) -> None:
    for name in ("client/test_report_schema.py", "report.schema.json"):
        (tmp_path / Path(name).name).write_text((project / name).read_text())

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, "-m", "unittest", "test_report_schema"),
            cwd=tmp_path,
            env={"REPORT_URL": receiver.url, "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert run().returncode == 0, run().stderr
    write_schema(tmp_path / "report.schema.json", NESTED)
    done = run()
    assert done.returncode == 1
    assert "deploy the receiver, or copy its schema" in done.stderr


def test_the_privacy_link_leads_to_a_page_of_the_fields(receiver: Harness) -> None:
    assert 'href="/fields">Reporting and privacy' in get(receiver, "/").text
    assert "Whether full-text search is turned on." in get(receiver, "/fields").text


UNENFORCED = {
    **NESTED,
    "properties": {
        **NESTED["properties"],
        "mail": {"title": "Mail", "type": "string", "format": "email", "maxLength": 9},
    },
}

WITHOUT_EXAMPLE = {
    **NESTED,
    "properties": {
        **NESTED["properties"],
        "id": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 9},
    },
}
UNPUBLISHED = {
    **NESTED,
    "properties": {"id": NESTED["properties"]["id"]},
    "required": ["id"],
}
# Values follow from all fields but one, whose example has no number to count up.
PLAIN: dict[str, Any] = {
    "type": "object",
    "x-installation-id": "who.id",
    "properties": {
        "who": {
            "type": "object",
            "properties": {"id": NESTED["properties"]["id"]},
            "required": ["id"],
        },
        "branch": {
            "type": "string",
            "pattern": "^[a-z]+$",
            "maxLength": 9,
            "examples": ["main"],
        },
        "jobs": {"type": "integer", "minimum": 3, "maximum": 9},
        "tools": {
            "type": "array",
            "maxItems": 3,
            "items": {"type": "string", "enum": ["it's", "b"]},
        },
        "features": {
            "type": "object",
            "propertyNames": {"enum": ["search"]},
            "additionalProperties": {"type": "boolean", "x-published": True},
        },
    },
    "required": ["who", "branch", "jobs", "tools"],
}


def test_an_example_follows_from_the_values_that_a_contract_lists(
    tmp_path: Path,
) -> None:
    contract = generate.read_contract(write_schema(tmp_path / "schema.json", PLAIN))

    identifier = NESTED["properties"]["id"]["examples"][0]
    assert contract == {
        "report": {
            "who": {"id": identifier},
            "branch": "main",
            "jobs": 3,
            "tools": ["it's"],
            "features": {"search": True},
        },
        "id": identifier,
        "overTime": "features.search",
        "once": False,
    }


def test_the_commands_of_the_readme_suit_any_folder_name_and_contract(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "it's $HOME example-app"

    schema = write_schema(tmp_path / "schema.json", PLAIN)
    scaffold.create(folder, "My example-app 2", schema)

    readme = folder.joinpath("README.md").read_text("utf-8")
    commands = [it[2:] for it in readme.splitlines() if it.startswith("$ ")]
    options = [shlex.split(it) for it in commands]
    assert readme.startswith("# Usage reports of My example-app 2\n")
    assert {
        words[words.index("--project") + 1] for words in options if "nox" in words[0]
    } == {os.path.relpath(folder, pages.ROOT)}
    (report,) = [words[3] for words in options if words[-1].endswith("/report")]
    assert json.loads(report)["tools"] == ["it's"]
    check.check(folder)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (UNENFORCED, "/properties/mail/format"),
        ({**NESTED, "properties": []}, "/properties must be an object"),
        ({**NESTED, "properties": {"id": True}}, "/properties/id must be an object"),
        (UNPUBLISHED, "x-published"),
        (WITHOUT_EXAMPLE, "id has no example"),
        ([], "must be an object"),
    ],
    ids=[
        "a word that is not enforced",
        "no properties",
        "a property that is not a schema",
        "nothing published",
        "a required field without an example",
        "not a schema",
    ],
)
def test_a_contract_that_does_not_fit_leaves_nothing_behind(
    tmp_path: Path, schema: object, message: str
) -> None:
    path = write_schema(tmp_path / "schema.json", schema)

    done = run_local("new", tmp_path / "new", "--schema", path)

    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("folder", "name", "message"),
    [
        ("taken", NAME, "is not empty"),
        ("taken/file", NAME, "is not empty"),
        ("missing/new", NAME, "does not exist"),
        ("new", 'x"; process.exit()', "is not a name"),
    ],
)
def test_a_folder_or_name_that_does_not_fit_is_refused(
    tmp_path: Path, folder: str, name: str, message: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")

    with pytest.raises(scaffold.ScaffoldFailedError, match=re.escape(message)):
        scaffold.create(tmp_path / folder, name)

    assert [it.name for it in tmp_path.rglob("*")] == ["taken", "file"]


def test_a_command_names_the_fix_for_a_folder_that_is_no_project(
    tmp_path: Path,
) -> None:
    done = run_local("deploy", "--project", tmp_path, "--dry-run")

    assert done.returncode == 2
    assert f"`nox -s new -- {tmp_path}` makes a project there" in done.stderr


def test_an_engine_that_is_not_there_is_named_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        json.dumps({"dependencies": {toolchain.ENGINE: "file:gone.tgz"}})
    )

    with pytest.raises(toolchain.EngineMissingError, match=r"names gone\.tgz"):
        toolchain.link_packages(tmp_path)


@pytest.mark.parametrize("package", [None, {}, {"dependencies": {}}], ids=str)
def test_a_project_that_does_not_name_the_engine_gets_this_one(
    tmp_path: Path, package: object
) -> None:
    if package is not None:
        (tmp_path / "package.json").write_text(json.dumps(package))

    toolchain.link_packages(tmp_path)

    linked = tmp_path / "node_modules" / toolchain.ENGINE
    assert linked.resolve() == toolchain.WORKER


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("counting") / "shelf-reports"
    scaffold.create(folder, NAME, counters=True)
    return folder


def test_a_project_with_counters_counts_what_its_page_sends(counting: Path) -> None:
    send, select = pages.commands(str(counting / "README.md"))[-2:]
    report = json.loads(shlex.split(send)[3])
    event = {**report["events"][0], "day": f"{dt.datetime.now(dt.UTC):%F}"}
    event["properties"] = {"name": "add", "count": 10**9, "error_count": 10**9}
    check.check(counting)

    with run_worker(project=counting) as worker:
        assert post(worker, report).status_code == 204
        # Its installations report as often as they like, with a hundred events.
        assert post(worker, {**report, "events": [event] * 100}).status_code == 204
        (row,) = worker.query(shlex.split(select)[2])

    assert (row["name"], row["count"], row["error_count"]) == (
        *("add", 100 * 10**9 + 3),
        100 * 10**9,
    )


def test_counters_suit_a_contract_that_allows_a_report_in_seven_days(
    tmp_path: Path,
) -> None:
    schema = write_schema(tmp_path / "schema.json", {**PLAIN, "x-once-in-days": 7})

    scaffold.create(tmp_path / "own", NAME, schema, counters=True)

    check.check(tmp_path / "own")
    tables = (tmp_path / "own/migrations/0001_tables.sql").read_text("utf-8")
    assert '"error_count" INTEGER' in tables
    assert '"received"' in tables
