"""Sends what installations did, and lists what the panels of the dashboards then show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests

from tests.projects.codegraph.recorded import batch, event, usage
from tests.projects.printernizer.client import change, example_report
from tests.worker.client import get, post
from worker.local.harness import Harness

Rows = set[tuple[object, ...]]


@dataclass(frozen=True)
class Usage:
    """What one installation does."""

    send: Callable[[Harness], None]
    # By the title of a panel: the rows that it shows, without their times.
    rows: Mapping[str, Rows]


ID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"


def send_codegraph(receiver: Harness) -> None:
    claude, cursor = ({"client_name": it} for it in ("claude-code", "cursor"))
    events = [
        usage("mcp_tool", "codegraph_explore", 40, 2, **claude),
        usage("mcp_tool", "codegraph_explore", 5, 1, **cursor),
        usage("mcp_tool", "codegraph_node", 20, 0, **claude),
        usage("cli_command", "init", 3, 0),
        event("install", targets=["claude", "cursor"], scope="local", kind="fresh"),
        event("install", targets=["claude"], scope="global", kind="upgrade"),
        event(
            "index",
            languages=["go", "python"],
            file_count_bucket="100-1k",
            duration_bucket="<10s",
            sqlite_backend="native",
        ),
        event("uninstall", targets=["cursor"]),
    ]
    check(post(receiver, batch(events), "/v1/events"))


CODEGRAPH: Mapping[str, Rows] = {
    "Calls by tool and client": {
        ("codegraph_explore", "claude-code", 40, 2),
        ("codegraph_explore", "cursor", 5, 1),
        ("codegraph_node", "claude-code", 20, 0),
    },
    "Errors by tool": {("codegraph_explore", 45, 3), ("codegraph_node", 20, 0)},
    "Errors by version": {("1.6.1", 65, 3)},
    "Calls by client": {("claude-code", 60), ("cursor", 5)},
    "Commands": {("init", 3)},
    "Languages indexed": {("go", 1), ("python", 1)},
    "Indexes by files and duration": {("100-1k", "<10s", 1)},
    "SQLite backends": {("native", 1)},
    "Installs by target": {("claude", 2), ("cursor", 1)},
    "Installs by scope and kind": {("local", "fresh", 1), ("global", "upgrade", 1)},
    "Uninstalls by target": {("cursor", 1)},
}


def send_octoprint(receiver: Harness) -> None:
    for name, query in (
        ("print_started", "origin=local"),
        ("print_started", "origin=sdcard"),
        ("print_done", "origin=local&elapsed=3600"),
        ("print_done", "origin=sdcard&elapsed=1800"),
        ("print_done", "origin=local&elapsed=600"),
        ("print_cancelled", "origin=local&elapsed=60"),
        ("print_failed", "origin=local&elapsed=60&reason=cancelled"),
        ("print_failed", "origin=local&elapsed=120&reason=error"),
        ("print_failed", "origin=local&elapsed=60&reason=error"),
        ("printer_connected", "firmware_name=Virtual%20Marlin%201.0"),
        ("webui_load", "browser_name=Firefox&browser_version=140.0&os_name=Linux"),
        ("update_successful", "target=octoprint&from_version=1.11.7&to_version=1.11.8"),
        ("update_failed", "target=octopi&from_version=1.0.0&to_version=1.1.0"),
        ("install_plugin", "plugin=themeify&plugin_version=1.2.2"),
        ("uninstall_plugin", "plugin=bedlevelvisualizer&plugin_version=1.1.1"),
        ("system_throttled", "throttled_voltage_now=True&throttled_overheat_now=False"),
        ("commerror_timeout", "commerror_text=no%20answer"),
    ):
        check(get(receiver, f"/track/{ID}/{name}/?{query}"))


OCTOPRINT: Mapping[str, Rows] = {
    "Hours printed by result": {(6000,), (60,), (180,)},
    "Prints by result": {(3,), (1,), (2,)},
    "Failed prints by reason": {("error", 2)},
    "Prints started by origin": {("local", 1), ("sdcard", 1)},
    "Connections by firmware": {("Virtual Marlin 1.0", 1)},
    "Browsers": {("Firefox", "Linux", 1)},
    "Updates": {("octoprint", "1.11.8", 1)},
    "Failed updates": {("octopi", "1.1.0", 1)},
    "Plugins installed": {("themeify", 1)},
    "Plugins uninstalled": {("bedlevelvisualizer", 1)},
    "Systems throttled by voltage and heat": {("true", "false", 1)},
    "Communication errors by reason": {("timeout", 1)},
}


def send_printernizer(receiver: Harness) -> None:
    report = example_report()
    for name, number in (("job_count", 30), ("file_count", 20), ("upload_count", 10)):
        report = change(report, f"usage_stats.{name}", number)
    report = change(report, "error_summary.total_errors", 2)
    check(post(receiver, report, "/submit"))


PRINTERNIZER: Mapping[str, Rows] = {
    "Jobs by week": {(30,)},
    "Files by week": {(20, 10)},
    "Errors by week": {(2,)},
    "Jobs and errors by version": {("2.41.7-6-gbe0da09", 1, 30, 2)},
}

USAGE = {
    "codegraph": Usage(send_codegraph, CODEGRAPH),
    "octoprint": Usage(send_octoprint, OCTOPRINT),
    "printernizer": Usage(send_printernizer, PRINTERNIZER),
}


def check(response: requests.Response) -> None:
    assert response.ok, response.text
