"""`nox -s demo`: tells the whole path on real parts, a step at a time."""

import argparse
import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from tests.pipeline import flow
from worker.local import serve

_STEPS = 10
_KEPT_MINUTES = 60
_START_SECONDS = 60
_ROW = "SELECT * FROM reports"


class Story:
    """Prints each step as it begins, and how long it took."""

    def __init__(self) -> None:
        self._step = 0

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        self._step += 1
        print(f"[{self._step}/{_STEPS}] {what} ...", flush=True)
        began = time.monotonic()
        yield
        print(f"      done in {time.monotonic() - began:.1f} s", flush=True)

    def show(self, text: str) -> None:
        print(textwrap.indent(text.strip("\n"), "      | ", lambda _: True), flush=True)


def main() -> int:
    """Run the demo; give its exit status."""
    parser = argparse.ArgumentParser(prog="nox -s demo --", description=__doc__)
    parser.add_argument(
        "--keep",
        action="store_true",
        help=f"leave the Worker running, for {_KEPT_MINUTES} minutes at most",
    )
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="usage-report-demo-"))
    kept = False
    try:
        host = tell(folder)
        kept = keep
    except (flow.StepFailedError, serve.RuntimeFailedError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    finally:
        if not kept:
            shutil.rmtree(folder)
    print(f"The Worker is stopped, and {folder} is removed." if not kept else "")
    return leave_running(folder, host) if kept else 0


def tell(folder: Path) -> flow.Host:
    """The whole path, in *folder*."""
    story = Story()
    with story.step(f"Make a git repository from demo/, tag its commit {flow.TAG}"):
        repository = flow.tagged_repository(folder / "repository")
        story.show(repository.git("log", "--decorate", "--pretty=short"))
    with story.step("Build this project's own wheel, which brings the build hook"):
        own_wheel = flow.build_own_wheel(folder / "own")
        constraints = flow.constrain(folder, own_wheel)
        story.show(own_wheel.name)
    with story.step("Build the demo host's sdist and wheel: the hook stamps them"):
        sdist, wheel = flow.build_host(repository, folder / "dist", constraints)
        story.show(f"{sdist.name}\n{wheel.name}")
    with story.step("Install the wheel in a clean environment"):
        environment = flow.install(
            wheel, own_wheel, folder / "environment", constraints
        )
        package = next(environment.glob("lib/python*/site-packages/paperless"))
        stamp = (package / "build_info.py").read_text(encoding="utf-8")
        channel = (package / "version.py").read_text(encoding="utf-8").splitlines()[-1]
        story.show(
            f"paperless/version.py: {channel}\npaperless/build_info.py:\n{stamp}"
        )
    data = folder / "worker-data"
    with story.step("Migrate the Worker's D1 database"):
        serve.migrate(data)
    with story.step("Start the Worker on the real local runtime (workerd and D1)"):
        running = contextlib.ExitStack()
        log = running.enter_context((folder / "worker.log").open("w", encoding="utf-8"))
        url, _ = running.enter_context(serve.running(data, 0, log))
        story.show(url)
    with running:
        host = flow.Host(environment, folder / "host-data", url)
        with story.step("Migrate the host's SQLite database, load some rows"):
            flow.load_rows(host)
        with story.step("manage.py send_usage_report --dry-run"):
            story.show(host.manage("send_usage_report", "--dry-run"))
        with story.step("echo y | manage.py send_usage_report, twice"):
            for _ in ("sent", "refused"):
                printed = host.manage("send_usage_report", answer="y\n")
                story.show(printed.rpartition("[y/N]: ")[2])
        with story.step("Read the row that D1 holds"):
            story.show(json.dumps(serve.query(data, _ROW), indent=2))
    return host


def transcript() -> str:
    """What it prints, but for how long each step took."""
    printed = io.StringIO()
    with (
        tempfile.TemporaryDirectory(prefix="usage-report-demo-") as folder,
        contextlib.redirect_stdout(printed),
    ):
        tell(Path(folder))
    return re.sub(r"^ *done in .*\n| +$", "", printed.getvalue(), flags=re.MULTILINE)


def leave_running(folder: Path, host: flow.Host) -> int:
    """Start the Worker once more, detached; print how to use and to end it."""
    log = folder / "worker.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            (
                *(sys.executable, "-m", "worker.local", "serve", "--port", "0"),
                *("--data", folder / "worker-data", "--minutes", str(_KEPT_MINUTES)),
            ),
            cwd=flow.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    url = _wait_for_url(log, process)
    if url is None:
        print(log.read_text(encoding="utf-8"), file=sys.stderr)
        return 1
    manage = host.environment / "bin" / "manage.py"
    print(
        f"The Worker runs at {url}\n"
        f"It ends by itself after {_KEPT_MINUTES} minutes, or with: kill {process.pid}\n"
        f"Its files are yours to remove: rm -r {folder}\n"
        f"Send from the host once more:\n"
        f"  PAPERLESS_DATA_DIR={host.data} \\\n"
        f"  PAPERLESS_USAGE_REPORTING_URL={url} \\\n"
        f"  {manage} send_usage_report"
    )
    return 0


def _wait_for_url(log: Path, process: subprocess.Popen[bytes]) -> str | None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith("http://"):
                return line
        time.sleep(0.2)
    process.terminate()
    return None


if __name__ == "__main__":
    raise SystemExit(main())
