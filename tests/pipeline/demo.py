"""Runs every component for real, from a git tag to a stored row: `nox -s demo`."""

import argparse
import contextlib
import dataclasses
import io
import json
import os
import re
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.pipeline import commands, hosts, receivers
from tests.support.repository import Repository, hermetic
from usage_receiver.data import run_sql

_STEPS = 9
# The endpoint that a variable names in the build. No command of the demo connects to it.
ENDPOINT = "https://reports.example.org"
_KEEP_MINUTES = 60
# What differs between runs and between machines.
_VARYING = (
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # the ID
    r"\b[0-9a-f]{40}\b|\b[0-9a-f]{9}\b",  # the commit
    r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?",  # dates and times
    r"127\.0\.0\.1:\d+",  # the receiver
    r"paperless_report-[\w.]+-py3",  # the version of this project
    r"\b3\.1\d\.\d+\b",  # the version of Python
    r"docker|source|release|x86_64|aarch64",  # the machine
)
NEXT = """\
What to look at next:
  a page with numbers, of made-up reports, at http://127.0.0.1:8787:
    .venv/bin/nox -s serve -- --port 8787 --data sample-data --sample 25
  the demo again, to send reports yourself:
    .venv/bin/nox -s demo -- --keep
  the documentation, by role:
    docs/index.md"""


@dataclass(frozen=True)
class Journey:
    """The results of the demo.

    Attributes:
        repository: The tagged repository of the demo project.
        host: The installation of its wheel.
        previewed: The output of the dry run.
        accepted: The output of the first report.
        refused: The output of the second report.
        rows: The rows in the receiver's database at the end.
        log: The receiver's log, with a line per request.
    """

    repository: Repository
    host: hosts.Host
    previewed: str
    accepted: str
    refused: str
    rows: list[dict[str, Any]]
    log: Path


class Progress:
    """Prints each step, its result and its duration."""

    def __init__(self) -> None:
        self._number = 0

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._number += 1
        print(f"[{self._number}/{_STEPS}] {title} ...", flush=True)
        began = time.monotonic()
        yield
        print(f"      done in {time.monotonic() - began:.1f} s", flush=True)

    def show(self, text: str) -> None:
        print(textwrap.indent(text.strip("\n"), "      | ", lambda _: True), flush=True)


def main() -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(prog="nox -s demo --", description=__doc__)
    parser.add_argument(
        "--keep",
        action="store_true",
        help=f"keep the receiver running for up to {_KEEP_MINUTES} minutes",
    )
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="usage-report-demo-"))
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(shutil.rmtree, folder)
        try:
            journey = run(folder)
        except commands.CommandFailedError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            return 130
        if keep:
            cleanup.pop_all()
            return keep_running(folder, journey.host)
    print(f"Stopped the receiver and deleted {folder}.\n\n{NEXT}")
    return 0


def run(folder: Path) -> Journey:
    """Run all steps in *folder* and print each of them."""
    progress = Progress()
    data, log = folder / "receiver-data", folder / "receiver.log"
    with progress.step(
        f"Create a git repository from demo/ and tag its commit {hosts.BETA}"
    ):
        repository = hosts.create_beta(folder / "repository")
        progress.show(repository.git("log", "--decorate", "--pretty=short"))
    with progress.step("Build this project's own wheel, which contains the build hook"):
        own_wheel = commands.build_own_wheel(folder / "own")
        progress.show(own_wheel.name)
    with progress.step(
        "Build the demo project's sdist and wheel; the hook stamps them"
    ):
        dist = folder / "dist"
        # What `hatch build` runs. Python imports the hook from its wheel, as from a folder:
        # an environment for each build would take most of the demo's time.
        commands.run(
            *(sys.executable, "-m", "hatchling", "build", "--directory", dist),
            environ={
                **hermetic(os.environ),
                "PYTHONPATH": str(own_wheel),
                "PAPERLESS_DEMO_REPORT_URL": ENDPOINT,
            },
            folder=repository.root,
        )
        (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
        progress.show(f"{sdist.name}\n{wheel.name}")
    with progress.step("Install the wheel in a new virtual environment"):
        environment = folder / "environment"
        uv = (sys.executable, "-m", "uv", "--quiet")
        commands.run(*uv, "venv", environment)
        commands.run(
            *(*uv, "pip", "install", "--python", environment),
            *("--constraint", commands.ROOT / "constraints.txt"),
            *(wheel, f"paperless-report[report] @ {own_wheel.as_uri()}"),
        )
        package = next(environment.glob("lib/python*/site-packages/paperless"))
        stamp = (package / "build_info.py").read_text(encoding="utf-8")
        channel = (package / "version.py").read_text(encoding="utf-8").splitlines()[-1]
        progress.show(
            f"paperless/version.py: {channel}\npaperless/build_info.py:\n{stamp}"
        )
    with contextlib.ExitStack() as running:
        with progress.step("Start the receiver (Node and SQLite)"):
            url = running.enter_context(receivers.run(data, log))
            progress.show(url)
        manage_py = environment / "bin" / "manage.py"
        host = hosts.Host((manage_py,), folder / "host-data", url)
        with progress.step(
            "Migrate the project's SQLite database and load sample data"
        ):
            host.load_sample_data()
        with progress.step("Run manage.py send_usage_report --dry-run"):
            # An admin has set no address, so the one that is built in is shown.
            admin = dataclasses.replace(host, url="")
            previewed = admin.manage("send_usage_report", "--dry-run")
            progress.show(previewed)
        with progress.step(
            "Run echo y | manage.py send_usage_report, twice, with the address of step 5"
        ):
            accepted = host.manage("send_usage_report", answer="y\n")
            refused = host.manage("send_usage_report", answer="y\n")
            for printed in (accepted, refused):
                progress.show(printed.rpartition("[y/N]: ")[2])
        with progress.step("Read the row from the receiver's database"):
            rows = run_sql(data, "SELECT * FROM reports")
            progress.show(json.dumps(rows, indent=2))
    return Journey(repository, host, previewed, accepted, refused, rows, log)


def transcript(folder: Path) -> tuple[Journey, str]:
    """Run the demo in *folder*; return its results and its output without durations."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        journey = run(folder)
    return journey, re.sub(
        r"^ *done in .*\n| +$", "", printed.getvalue(), flags=re.MULTILINE
    )


def mask(text: str) -> str:
    """Return the transcript *text* without what differs in each run."""
    return re.sub("|".join(_VARYING), "*", text)


def keep_running(folder: Path, host: hosts.Host) -> int:
    """Start the receiver again, detached, and print how to use and stop it."""
    url, process = receivers.start(
        *(folder / "receiver-data", folder / "receiver.log"),
        *("--minutes", str(_KEEP_MINUTES)),
    )
    print(
        f"The receiver runs at {url}\n"
        f"It stops after {_KEEP_MINUTES} minutes. To stop it now: kill {process.pid}\n"
        f"To delete its files afterwards: rm -r {folder}\n"
        f"To be the admin of the demo project, as in docs/how-to/usage-reporting.md:\n"
        f"  export PAPERLESS_DATA_DIR={host.data}\n"
        f"  export PAPERLESS_USAGE_REPORTING_URL={url}\n"
        f"  {host.command[0]} send_usage_report --forget\n"
        f"  {host.command[0]} send_usage_report\n"
        f"  {host.command[0]} usage_reporting --help\n"
        f"What is published: {url}/"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
