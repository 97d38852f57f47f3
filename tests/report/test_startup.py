"""Until the command runs, a host with the app behaves like one without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Does what a host does when it starts, in a fresh interpreter.
START = """
import json, sys, threading
read = []
sys.addaudithook(
    lambda event, arguments: read.append(str(arguments[0])) if event == "open" else None
)
from tests.support import sockets
with sockets.denied() as attempts:
    import django
    django.setup()
    from django.core.handlers.wsgi import WSGIHandler
    WSGIHandler()
from django.apps import apps
from django.db.models import signals
from django.core import signals as requests_signals
receivers = [
    repr(receiver)
    for module in (signals, requests_signals)
    for signal in vars(module).values() if hasattr(signal, "receivers")
    for receiver in signal.receivers
]
modules = sorted(n for n in sys.modules if n.split(".")[0] in %(watched)s)
%(then)s
print(json.dumps({
    "attempts": attempts,
    "threads": [thread.name for thread in threading.enumerate()],
    "modules": modules,
    "models": [m.__name__ for m in apps.get_models() if "report" in m.__module__],
    "receivers": [r for r in receivers if "paperless_report" in r],
    "contracts": [path for path in read if path.endswith(".json")],
}))
"""
WATCHED = {
    "paperless_report",
    "requests",
    "urllib3",
    "ssl",
    "http",
    "celery",
    "sqlite3",
}


def run_host(*command: str, data: Path, **environ: str) -> str:
    done = subprocess.run(
        (sys.executable, *command),
        cwd=ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "paperless.settings",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'demo' / 'src'}",
            "PAPERLESS_DATA_DIR": str(data),
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def start(data: Path, apps: str, then: str = "") -> dict[str, list[str]]:
    code = START % {"watched": WATCHED, "then": then}
    state: dict[str, list[str]] = json.loads(
        run_host("-c", code, data=data, PAPERLESS_APPS=apps)
    )
    return state


def test_starting_the_host_loads_the_app_config_and_nothing_else(
    data_dir: Path,
) -> None:
    without = start(data_dir, "django.contrib.sites")
    with_app = start(data_dir, "django.contrib.sites,paperless_report")

    assert set(with_app["modules"]) - set(without["modules"]) == {
        "paperless_report",
        "paperless_report.apps",
    }
    assert with_app["attempts"] == with_app["models"] == with_app["receivers"] == []
    assert with_app["threads"] == ["MainThread"]
    assert list(data_dir.iterdir()) == []


def test_the_urls_of_a_host_import_no_more_than_the_way_to_the_page(
    data_dir: Path,
) -> None:
    load = "import paperless.urls; modules = [n for n in sys.modules if n in %r]"
    heavy = ("paperless_report.page", "paperless_report.reporter", "sqlite3")

    with_urls = start(data_dir, "paperless_report", load % (heavy,))

    assert with_urls["modules"] == ["sqlite3"]  # the host's own database


def test_a_host_without_the_admin_never_imports_it(data_dir: Path) -> None:
    code = (
        "import sys, django; from django.conf import settings;"
        "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes',"
        " 'django.contrib.auth', 'paperless_report']); django.setup();"
        "print([it for it in sys.modules if it.startswith('django.contrib.admin')])"
    )

    assert run_host("-c", code, data=data_dir) == "[]\n"


def test_importing_every_module_reads_no_contract(data_dir: Path) -> None:
    every_module = (
        "import pkgutil, importlib, paperless_report\n"
        "for it in pkgutil.walk_packages(paperless_report.__path__, "
        "'paperless_report.'): importlib.import_module(it.name)"
    )

    assert start(data_dir, "paperless_report", every_module)["contracts"] == []


def manage(*arguments: str, data: Path, **environ: str) -> str:
    return run_host("demo/manage.py", *arguments, data=data, **environ)


@pytest.mark.slow
def test_the_app_has_no_migration_and_changes_none(data_dir: Path) -> None:
    assert "paperless_report" not in manage("showmigrations", data=data_dir)
    assert "No changes detected" in manage(
        "makemigrations", "--check", "--dry-run", data=data_dir
    )


@pytest.mark.slow
def test_a_malformed_endpoint_does_not_stop_migrate(data_dir: Path) -> None:
    bad = {"PAPERLESS_USAGE_REPORTING_URL": "ftp://reports.example.org"}

    assert "paperless_report.W001" in manage("check", data=data_dir, **bad)
    assert "OK" in manage("migrate", data=data_dir, **bad)


@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_showing_a_report_imports_nothing_that_can_send(
    option: str, data_dir: Path
) -> None:
    code = (
        "import sys; from django.core.management import execute_from_command_line;"
        f"execute_from_command_line(['manage.py', 'send_usage_report', '{option}']);"
        "print(); print([it for it in sys.modules if it in ('requests', "
        "'paperless_report.wire.delivery', 'paperless_report.terminal.send')])"
    )

    assert run_host("-c", code, data=data_dir).splitlines()[-1] == "[]"
