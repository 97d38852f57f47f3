"""The project's checks and chores, one nox session each. Run `nox` to run every check."""

import hashlib
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_external_run = True
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    "lint",
    "types",
    "docs",
    "tests",
    "contract",
    "pipeline",
    "workflows",
]

# Or the tests of a session would run on after the end of nox.
signal.signal(signal.SIGTERM, signal.default_int_handler)

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")
PINS = "constraints.txt"
# How long a command of worker.local may take to stop what it has started.
STOP_SECONDS = 30
NODE_MODULES = ROOT / "worker" / "node_modules"
# The folders with TypeScript, and the JSON and CSS beside it.
TYPESCRIPT = ("worker", "projects", "tests/**/*.{ts,mjs}")
UNIT_TESTS = (
    "tests/test_imports.py",
    *(f"tests/{name}" for name in ("build", "docs", "release", "report")),
)
# What `nox -s links` checks, and which warnings are about a website that it does not make.
PAGES = ("*.md", "docs/**/*.md", "demo/*.md", "projects/*/*.md")
NO_WEBSITE = ("toc.not_included", "misc.highlighting_failure", "myst.xref_missing")
FORMS = Path(".github", "ISSUE_TEMPLATE")
# The versions of Django that the metadata promises, oldest first.
DJANGO = [
    name
    for *start, name in (it.split(" :: ") for it in PYPROJECT["project"]["classifiers"])
    if start == ["Framework", "Django"]
]
# What each session `versions` tests: Debian's release, what pip installs, and how git
# stores references. The two newest versions of Django need a newer Python than 3.11.
VERSIONS = {
    "trixie": ("trixie", f"Django=={DJANGO[-2]}.*", "files"),
    "sid": ("sid", "Django", "reftable"),
    **{
        f"django-{version}": (None, f"Django=={version}.*", "files")
        for version in DJANGO[:-2]
    },
}

# What `nox -s lint` runs, by the name that `nox -s lint -- NAME` takes.
# A command that begins with "node" runs a script in worker/node_modules.
LINTERS: dict[str, list[tuple[str, ...]]] = {
    "ruff": [("ruff", "check", "."), ("ruff", "format", "--check", ".")],
    "typos": [("typos",)],
    "prettier": [("node", "prettier/bin/prettier.cjs", "--check", *TYPESCRIPT)],
    "oxlint": [("node", "oxlint/bin/oxlint", "worker", "projects", "tests")],
    "zizmor": [("zizmor", "--offline", "--persona=auditor", "--no-progress", ".")],
    "hadolint": [
        (
            *("hadolint", "worker/deploy/Dockerfile"),
            *map(str, sorted(Path("demo").glob("*Dockerfile"))),
        )
    ],
    # No programs that only some machines have.
    "actionlint": [("actionlint", "-shellcheck=", "-pyflakes=")],
    "check-jsonschema": [
        ("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))
        for schema, files in (
            ("github-workflows", sorted(Path(".github", "workflows").glob("*.yml"))),
            (
                "github-actions",
                ["action.yml", *sorted(Path(".github").glob("actions/*/action.yml"))],
            ),
            (
                "github-issue-forms",
                sorted({*FORMS.glob("*.yml")} - {FORMS / "config.yml"}),
            ),
            ("github-issue-config", [FORMS / "config.yml"]),
            ("dependabot", [Path(".github", "dependabot.yml")]),
        )
    ],
}


@nox.session
def lint(session: nox.Session) -> None:
    """Run the linters. `-- [NAME ...]` runs some of them."""
    if unknown := set(session.posargs) - set(LINTERS):
        session.error(
            f"There is no linter called {', '.join(sorted(unknown))}."
            f" Choose from: {', '.join(LINTERS)}."
        )
    prepare(session, "lint", "node")
    for name in session.posargs or LINTERS:
        for program, *arguments in LINTERS[name]:
            if program == "node":
                run_node(session, *arguments)
            else:
                session.run(program, *arguments)


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and tsc, both strict."""
    prepare(session, "types", "node", project=True)
    session.run("mypy")
    # The engine has the types of Cloudflare in one, and those of Node in the other.
    for folder in ("worker", "worker/server"):
        run_node(session, "typescript/bin/tsc", "--project", folder)


@nox.session
def docs(session: nox.Session) -> None:
    """Write the generated pages, and build and test the website in site/."""
    prepare(session, "docs", "node")
    session.run("python", "-m", "docs_tools")
    session.run(
        *("python", "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"),
        # Otherwise, Sphinx leaves old navigation and search words in pages that did not change.
        *("--fresh-env", "--write-all", "-c", "docs_tools", "docs", "site"),
    )
    session.run("pytest", "--quiet", "tests/site")
    session.log("The website is in site/index.html")


@nox.session
def links(session: nox.Session) -> None:
    """Open the addresses of other sites that the pages link to."""
    prepare(session, "docs")
    # Also the pages outside docs/. None of them is a website's, so they have no navigation.
    session.run(
        *("python", "-m", "sphinx", "--quiet", "--fresh-env", "--builder", "linkcheck"),
        *("-c", "docs_tools", "-D", "root_doc=README"),
        *("-D", f"include_patterns={','.join(PAGES)}"),
        *("-D", f"suppress_warnings={','.join(NO_WEBSITE)}"),
        *(".", str(Path(session.create_tmp(), "links"))),
    )


@nox.session
def tests(session: nox.Session) -> None:
    """Run the unit tests. `-- -m nightly` runs those that take minutes."""
    prepare(session, "test", "node", project=True)
    session.run(
        # A process for each core: tests share nothing.
        *("pytest", "-n", "auto", *UNIT_TESTS),
        *(session.posargs or ("-m", "not nightly")),
    )


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Measure the coverage of the unit tests, which takes half as long again."""
    prepare(session, "test", "node", project=True)
    session.run(
        *("pytest", "-n", "auto", "--cov", "--cov-report=term", *UNIT_TESTS),
        *("-m", "not nightly"),
    )


@nox.session
def contract(session: nox.Session) -> None:
    """Test receivers on both runtimes. `-- --runtime cloudflare` runs all tests there."""
    prepare(session, "test", "server", "node", project=True)
    install_node_packages(session)
    command = (
        # A runtime for each core. Many files start one more, which their tests share. In
        # the order of the files, since the longest tests are in the first folder.
        *("pytest", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"),
        *("tests/life", "tests/projects", "tests/server", "tests/worker"),
    )
    if session.posargs:
        session.run(*command, *session.posargs)
        return
    session.run(*command, "-m", "not nightly")
    by_day = "(both or cloudflare) and not nightly"
    session.run(*command, "--runtime", "cloudflare", "-m", by_day)


@nox.session(default=False)
def clients(session: nox.Session) -> None:
    """Run real clients against their receivers and beside ours. `-- [PYTEST OPTION ...]`."""
    prepare(session, "test", "node", project=True)
    install_node_packages(session)
    session.run(
        # A process for each client.
        *("pytest", "-n", "2", "--dist", "loadfile", "tests/clients"),
        *session.posargs,
    )


@nox.session
def pipeline(session: nox.Session) -> None:
    """Test the whole path: release, build, install, report, read the rows back."""
    prepare(session, "test", "server", "dist", "node", "real", project=True)
    install_node_packages(session)
    session.run(
        # Two files at a time: each starts a receiver of its own.
        *("pytest", "-n", "2", "--dist", "loadfile", "tests/pipeline"),
        *(session.posargs or ("-m", "not nightly")),
    )


@nox.session
def workflows(session: nox.Session) -> None:
    """Run the workflows with act. `-- -m nightly` runs the scenarios that take minutes."""
    prepare(session, "test", "dist", "workflows", project=True)
    session.run(
        *("pytest", "-n", "auto", "--dist", "loadscope", "tests/workflows"),
        *(session.posargs or ("-m", "not nightly")),
    )


@nox.session(default=False)
@nox.parametrize(
    ("suite", "django", "ref_format"),
    [nox.param(*values, id=name) for name, values in VERSIONS.items()],
)
def versions(
    session: nox.Session, suite: str | None, django: str, ref_format: str
) -> None:
    """Run the tests on newer Python and git, and on every Django. `-- [PYTEST OPTION ...]`."""
    prepare(session, "test", project=True)
    if suite:
        session.run(
            *("python", "-m", "tests.versions", suite, django, ref_format),
            *("--", *session.posargs),
        )
        return
    # After `prepare`, which installs the version that paperless-ngx uses.
    session.install("--upgrade", django)
    session.run("pytest", "-n", "auto", *(session.posargs or ("tests/report",)))


@nox.session(default=False)
def rootfs(session: nox.Session) -> None:
    """As root, install packages in root file systems of Debian, and boot a receiver."""
    prepare(session, "test", "node", project=True)
    session.run("pytest", *(session.posargs or ("tests/versions",)))


@nox.session(default=False)
def bare(session: nox.Session) -> None:
    """Run all tests with only git and Python on PATH. Tests of other tools skip."""
    prepare(session, "test", "server", "dist", "node", "real", project=True)
    install_node_packages(session)
    git = shutil.which("git")
    if git is None:
        session.error("git is not installed: apt-get install git")
    with tempfile.TemporaryDirectory() as folder:
        # Python is in the session's own environment, which nox puts before this.
        Path(folder, "git").symlink_to(git)
        session.run(
            *("pytest", "-n", "auto", "--dist", "loadfile"),
            # These need the package indexes.
            *("--ignore", "tests/clients", "--ignore", "tests/real"),
            *("tests", *session.posargs),
            env={"PATH": folder},
        )


@nox.session(default=False)
def real(session: nox.Session) -> None:
    """Stamp other projects' newest releases, from the package index."""
    prepare(session, "test", "real", project=True)
    session.run(
        # One process for each project: its tests share a repository.
        *("pytest", "-n", "auto", "--dist", "loadgroup", "tests/real"),
        *session.posargs,
    )


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Mutate artifacts and repositories. `-- [--seed N] [--minutes M] [--case CASE]`."""
    prepare(session, "test", "real", project=True)
    session.run("python", "-m", "tests.fuzz", *session.posargs)


@nox.session(default=False)
def life(session: nox.Session) -> None:
    """Live a week in each of five systems. `-- [--seed N] [--installations N] [SYSTEM ...]`."""
    prepare(session, "test", "node", project=True)
    install_node_packages(session)
    session.run("python", "-m", "tests.life", *session.posargs)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Cut, build, verify, push a release. `-- beta|stable [--dry-run] [--promote]`."""
    prepare(session, "dist", project=True)
    session.run("python", "-m", "release", *session.posargs)


@nox.session(default=False, venv_backend="uv|virtualenv")
def demo(session: nox.Session) -> None:
    """Show the whole path on real parts. `-- --keep` leaves the receiver running."""
    prepare(session, "build", "node", "real")
    session.run("python", "-m", "tests.pipeline.demo", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Compare with peers; update the tables in docs/explanation. `-- [NAME]`."""
    # The benchmark installs each peer in an environment of its own.
    prepare(session, "build", "host", "node", "real")
    install_node_packages(session)
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session(default=False)
def serve(session: nox.Session) -> None:
    """Serve a project's receiver. `-- [--project DIR] [--data DIR] [--runtime cloudflare]`."""
    run_local(session, "serve")


@nox.session(default=False)
def new(session: nox.Session) -> None:
    """Make the folder of a new project. `-- DIR [--name NAME] [--schema FILE]`."""
    run_local(session, "new")


@nox.session(default=False)
def check(session: nox.Session) -> None:
    """Check a project's types and run its own tests. `-- [--project DIR]`."""
    run_local(session, "check")


@nox.session(default=False)
def migrate(session: nox.Session) -> None:
    """Write a changed contract's migration. `-- [--project DIR] [--rename OLD=NEW] [--drop NAME]`."""
    run_local(session, "migrate")


@nox.session(default=False)
def describe(session: nox.Session) -> None:
    """Write openapi.json from a project's report kinds. `-- [--project DIR]`."""
    run_local(session, "describe")


@nox.session(default=False)
def deploy(session: nox.Session) -> None:
    """Migrate and deploy. `-- [--project DIR] [--env preview] [--dry-run]`."""
    run_local(session, "deploy")


@nox.session(default=False)
def wrangler(session: nox.Session) -> None:
    """Run wrangler in a project's folder. `-- [--project DIR] ARGUMENT ...`."""
    run_local(session, "wrangler")


@nox.session(default=False)
def pack(session: nox.Session) -> None:
    """Pack the receiver's engine for npm. `-- [--out DIR]`."""
    prepare(session, "node", "build")
    version = session.run("hatchling", "version", silent=True)
    run_local(session, "pack", str(version).strip(), groups=("node", "build"))


@nox.session(default=False)
def count(session: nox.Session) -> None:
    """Run the daily count now. `-- [--project DIR] [--data DIR|--remote URL]`."""
    run_local(session, "count")


@nox.session(default=False)
def sql(session: nox.Session) -> None:
    """Run SQL on a receiver's database. `-- STATEMENT [--data DIR|--remote]`."""
    run_local(session, "sql")


@nox.session(default=False)
def backup(session: nox.Session) -> None:
    """Back up a receiver's database, also while it is served. `-- FILE [--data DIR|--remote]`."""
    run_local(session, "backup")


@nox.session(default=False)
def restore(session: nox.Session) -> None:
    """Restore a backup into a new database. `-- FILE [--data DIR|--remote]`."""
    run_local(session, "restore")


@nox.session(default=False)
def withhold(session: nox.Session) -> None:
    """Take a value out of all statistics. `-- FIELD VALUE [--undo] [--data DIR|--remote]`."""
    run_local(session, "withhold")


@nox.session(default=False)
def exclude(session: nox.Session) -> None:
    """Take installations out of the statistics. `-- FIELD=VALUE|--ids FILE [--yes] [--remote]`."""
    run_local(session, "exclude")


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Update the demo's transcript, and the pictures of the terminal and both pages."""
    prepare(session, "test", "node", "real", "server", project=True)
    session.run("python", "-m", "tests.pictures")


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Update constraints.txt to the newest version of every tool."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "--universal", "--upgrade", "--quiet"),
        *("--python-version", "3.11", "--group", "all", "pyproject.toml"),
        *("--no-header", "--no-annotate", "--output-file", PINS),
    )


def prepare(session: nox.Session, *groups: str, project: bool = False) -> None:
    """Install the pinned dependency groups, and the project itself if asked to.

    Skip this if nothing has changed since the session's last run.
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
    digest = hashlib.sha256(inputs.encode()).hexdigest()
    marker = Path(session.virtualenv.location, ".prepared-for")
    if marker.is_file() and marker.read_text(encoding="utf-8") == digest:
        return
    session.log("Installing what this session needs ...")
    # Python compiles the modules that are used when they are imported.
    session.install("--no-compile", "--constraint", PINS, *requirements)
    if project:
        # What builds it is in the group `build`; an environment for it takes four times as long.
        session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    marker.write_text(digest, encoding="utf-8")


def run_local(
    session: nox.Session, *command: str, groups: tuple[str, ...] = ("node",)
) -> None:
    """Run a command of worker.local with the arguments of the session."""
    prepare(session, *groups)
    session.run(
        *("python", "-m", "worker.local", *command, *session.posargs),
        # Or nox mixes both into standard output, whose first line may be the URL.
        stderr=sys.stderr,
        # Or nox kills it after 0.2 seconds, before it has stopped the receiver.
        terminate_timeout=STOP_SECONDS,
    )


def install_node_packages(session: nox.Session) -> None:
    """Install the locked packages of worker/package.json, unless they are current."""
    session.run("python", "-m", "worker.local", "install")


def run_node(session: nox.Session, script: str, *arguments: str) -> None:
    """Run *script*, a path in worker/node_modules, with *arguments*."""
    install_node_packages(session)
    node = session.run(
        "python",
        "-c",
        "from usage_receiver.node import NODE; print(NODE)",
        silent=True,
    )
    session.run(
        str(node).strip(), str(NODE_MODULES / script), *arguments, external=True
    )
