"""What the project does to itself. A plain `nox` runs all that proves it."""

import hashlib
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_external_run = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "docs", "tests", "contract", "pipeline"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")
PINS = "constraints.txt"
# The folders with TypeScript, and the JSON and CSS beside it.
TYPESCRIPT = ("worker", "tests/**/*.{ts,mjs}")


@nox.session
def lint(session: nox.Session) -> None:
    """Hold the Python, the workflows, forms and image files to their linters."""
    prepare(session, "lint", "node")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    forms = Path(".github", "ISSUE_TEMPLATE")
    for schema, files in (
        ("vendor.github-workflows", sorted(Path(".github", "workflows").glob("*.yml"))),
        ("vendor.github-actions", ["action.yml"]),
        (
            "vendor.github-issue-forms",
            sorted({*forms.glob("*.yml")} - {forms / "config.yml"}),
        ),
        ("vendor.github-issue-config", [forms / "config.yml"]),
    ):
        session.run("check-jsonschema", "--builtin-schema", schema, *map(str, files))
    session.run("zizmor", "--offline", "--persona=auditor", "--no-progress", ".")
    images = sorted(Path("demo").glob("*Dockerfile"))
    session.run("hadolint", *map(str, images))
    worker_packages(session)
    run_node(session, "prettier/bin/prettier.cjs", "--check", *TYPESCRIPT)


@nox.session
def types(session: nox.Session) -> None:
    """Check types: mypy strict, tsc strict."""
    prepare(session, "types", "node", project=True)
    session.run("mypy")
    worker_packages(session)
    run_node(session, "typescript/bin/tsc", "--project", "worker")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the unit tests of both packages."""
    prepare(session, "test", project=True)
    # One process for each core: a test knows of no other.
    session.run(
        *("pytest", "-n", "auto", "tests/test_imports.py"),
        *("tests/build", "tests/docs", "tests/release", "tests/report"),
        *session.posargs,
    )


@nox.session
def contract(session: nox.Session) -> None:
    """Hold the client against the real Worker, on the real local runtime."""
    prepare(session, "test", "server", "node", project=True)
    worker_packages(session)
    # One runtime for each core: a test knows of no other.
    session.run("pytest", "-n", "auto", "tests/worker", *session.posargs)


@nox.session
def pipeline(session: nox.Session) -> None:
    """Release, build, install, report, and read the rows back."""
    prepare(session, "test", "dist", "node", project=True)
    worker_packages(session)
    # Two at a time, a file each: every one of them starts a Worker of its own.
    session.run(
        *("pytest", "-n", "2", "--dist", "loadfile", "tests/pipeline"), *session.posargs
    )


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Cut, build, verify, show, ask, push. `-- beta|stable [--dry-run] [--promote]`."""
    prepare(session, "dist", project=True)
    session.run("python", "-m", "release", *session.posargs)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Tell the whole path on real parts. `-- --keep` leaves the Worker running."""
    prepare(session, "build", "host", "node")
    worker_packages(session)
    session.run("python", "-m", "tests.pipeline.demo", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure, side by side with peers, and write docs/performance.md. `-- [NAME]`."""
    # The peers are installed by the benchmark, each in an environment of its own.
    prepare(session, "build", "host", "node")
    worker_packages(session)
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session(default=False)
def serve(session: nox.Session) -> None:
    """Keep the Worker up until Ctrl-C. `-- [--port N] [--data DIR]`."""
    prepare(session, "node")
    # Apart, or nox mixes both into standard output, whose first line is the URL.
    session.run(
        *("python", "-m", "worker.local", "serve", *session.posargs),
        stderr=sys.stderr,
    )


@nox.session
def docs(session: nox.Session) -> None:
    """Write what is made from code and contract, and build the site, strictly."""
    prepare(session, "docs")
    session.run("python", "-m", "docs_tools")
    session.run(
        *("python", "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"),
        *("-c", "docs_tools", "docs", "site"),
    )
    session.log("The site: site/index.html")


@nox.session(default=False)
def showcase(session: nox.Session) -> None:
    """Make the README's transcript and its picture of the page anew."""
    prepare(session, "build", "host", "node", "server")
    worker_packages(session)
    session.run("python", "-m", "tests.showcase")


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Pin every tool anew, in constraints.txt."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "--universal", "--upgrade", "--quiet"),
        *("--python-version", "3.11", "--group", "all", "pyproject.toml"),
        *("--no-header", "--no-annotate", "--output-file", PINS),
    )


def prepare(session: nox.Session, *groups: str, project: bool = False) -> None:
    """Install dependency groups, pinned, and the project itself if it is wanted.

    Where nothing has changed since the last run, nothing is installed.
    """
    requirements = nox.project.dependency_groups(PYPROJECT, *groups)
    inputs = "\n".join(
        (
            *requirements,
            str(project),
            *(
                (ROOT / name).read_text(encoding="utf-8")
                for name in ("pyproject.toml", PINS)
            ),
        )
    )
    wanted = hashlib.sha256(inputs.encode()).hexdigest()
    mark = Path(session.virtualenv.location, ".prepared-for")
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    session.log("Installing what this session needs ...")
    session.install("--constraint", PINS, *requirements)
    if project:
        session.install("--no-deps", "--editable", ".")
    mark.write_text(wanted, encoding="utf-8")


def worker_packages(session: nox.Session) -> None:
    """Install the Worker's locked packages, if they have changed."""
    session.run("python", "-m", "worker.local", "install")


def run_node(session: nox.Session, script: str, *arguments: str) -> None:
    """Run *script* of the Worker's packages with the Node that the tests use."""
    node = session.run(
        *("python", "-c", "from worker.local import toolchain as t; print(t.NODE)"),
        silent=True,
    )
    path = ROOT / "worker" / "node_modules" / script
    session.run(str(node).strip(), str(path), *arguments, external=True)
