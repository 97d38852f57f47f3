"""Who may import whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What a package's modules may import beside the standard library and themselves.
MAY_IMPORT = {
    "build_hooks": {"git", "hatchling"},
    "paperless_report": {"django", "requests"},
    "release": {"build_hooks"},
}


def imports(package: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / package).rglob("*.py")):
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
