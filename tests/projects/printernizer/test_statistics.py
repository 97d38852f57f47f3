"""What Printernizer's receiver publishes of the stored reports."""

import datetime as dt
import uuid

from tests.projects.printernizer.client import change, example_report, submit
from tests.worker.client import get
from worker.local.harness import Harness

INSTALLATIONS = 40


def test_reports_become_published_statistics(keyed: Harness) -> None:
    report = example_report()
    for _ in range(INSTALLATIONS):
        key = "installation.installation_id"
        assert submit(keyed, change(report, key, str(uuid.uuid4()))).status_code == 200
    now = dt.datetime.now(dt.UTC)
    yesterday = str(now.date() - dt.timedelta(days=1))
    keyed.query("UPDATE installations SET first_day = ?1, last_day = ?1", yesterday)

    outcome = keyed.run_cron(now)
    assert outcome == "ok", keyed.read_log()

    statistics = get(keyed, "/stats").json()
    assert statistics["total"] >= INSTALLATIONS - 5
    fields = {
        name: [cell["value"] for cell in field["cells"]]
        for name, field in statistics["fields"].items()
    }
    assert fields == {
        "installation.app_version": ["other"],
        "installation.python_version": ["3.11.7"],
        "installation.platform": ["linux"],
        "installation.deployment_mode": ["docker"],
        "installation.country_code": ["DE"],
        "printer_fleet.printer_types": ["bambu_lab", "prusa_core"],
        "usage_stats.feature_usage.library_enabled": [True],
        "usage_stats.feature_usage.timelapse_enabled": [True],
        "usage_stats.feature_usage.auto_job_creation_enabled": [True],
        "usage_stats.feature_usage.german_compliance_enabled": [True],
        "usage_stats.feature_usage.watch_folders_enabled": [True],
    }
    page = get(keyed, "/statistics")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Printernizer" in page.text
