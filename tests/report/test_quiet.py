"""A host with the app installed is the host as it was, until the command is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Runs below in a fresh interpreter: all that a host does when it starts.
START = """
import json, sys, threading
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
print(json.dumps({
    "attempts": attempts,
    "threads": [thread.name for thread in threading.enumerate()],
    "modules": sorted(n for n in sys.modules if n.split(".")[0] in %(ours)s),
    "models": [m.__name__ for m in apps.get_models() if "report" in m.__module__],
    "receivers": [r for r in receivers if "paperless_report" in r],
}))
"""
OURS = {"paperless_report", "requests", "urllib3", "ssl", "http"}


def host(*command: str, data: Path, **environ: str) -> str:
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


def start(data: Path, apps: str) -> dict[str, list[str]]:
    code = START % {"ours": OURS}
    found: dict[str, list[str]] = json.loads(
        host("-c", code, data=data, PAPERLESS_APPS=apps)
    )
    return found


def test_at_start_up_there_is_nothing_but_the_app_config(data_dir: Path) -> None:
    without = start(data_dir, "django.contrib.messages")
    found = start(data_dir, "django.contrib.messages,paperless_report")

    assert set(found["modules"]) - set(without["modules"]) == {
        "paperless_report",
        "paperless_report.apps",
    }
    assert found["attempts"] == found["models"] == found["receivers"] == []
    assert found["threads"] == ["MainThread"]
    assert list(data_dir.iterdir()) == []


def manage(*arguments: str, data: Path, **environ: str) -> str:
    return host("demo/manage.py", *arguments, data=data, **environ)


@pytest.mark.slow
def test_it_has_no_migration_and_changes_none(data_dir: Path) -> None:
    assert "paperless_report" not in manage("showmigrations", data=data_dir)
    assert "No changes detected" in manage(
        "makemigrations", "--check", "--dry-run", data=data_dir
    )


@pytest.mark.slow
def test_a_malformed_endpoint_does_not_stop_migrate(data_dir: Path) -> None:
    bad = {"PAPERLESS_USAGE_REPORTING_URL": "ftp://reports.example.org"}

    assert "paperless_report.W001" in manage("check", data=data_dir, **bad)
    assert "OK" in manage("migrate", data=data_dir, **bad)


@pytest.mark.parametrize("flag", ["--dry-run", "--json"])
def test_what_only_looks_does_not_so_much_as_import_what_can_send(
    flag: str, data_dir: Path
) -> None:
    code = (
        "import sys; from django.core.management import execute_from_command_line;"
        f"execute_from_command_line(['manage.py', 'send_usage_report', '{flag}']);"
        "print(); print([it for it in sys.modules if it in ("
        "'requests', 'paperless_report.delivery', 'paperless_report.sending')])"
    )

    assert host("-c", code, data=data_dir).splitlines()[-1] == "[]"
