"""The differences between real clients and ours that are on purpose, and why they are there.

Each belongs to a row of docs/explanation/deviations.md, in the part "The client here" of its
project, and is listed here under the first cell of that row. tests/docs/test_deviations.py
checks that there is such a row, and `nox -s clients` that there is no other difference.
"""

from collections.abc import Mapping

from tests.clients.comparison import EVERY, Difference

Listed = Mapping[str, set[Difference]]


def _leave_out(shape: str, **fields: str) -> set[Difference]:
    """List fields, separated by spaces, of messages that only the real client sends."""
    return {
        Difference(message, field, shape, "absent")
        for message, names in fields.items()
        for field in names.split()
    }


OCTOPRINT: Listed = {
    "sends values that the contract here does not name": {
        *_leave_out(
            "text",
            ping="printer_state",
            pong="platform",
            startup="platform",
            print_started="file",
            print_done="file",
            print_cancelled="file",
            print_failed="file",
            commerror_timeout="commerror_text",
            printer_connected="printer_port",
            install_plugin="plugin_version",
            uninstall_plugin="plugin_version",
            enable_plugin="plugin_version",
            disable_plugin="plugin_version",
            update_successful="from_version",
            update_failed="from_version",
            webui_load="os_version",
        ),
        *_leave_out(
            "integer",
            ping="octoprint_uptime",
            system_throttled="throttled_mask",
            system_unthrottled="throttled_mask",
        ),
        *_leave_out("number", pong="freq", startup="freq"),
        *_leave_out(
            "boolean",
            system_throttled="throttled_now throttled_past throttled_voltage_past"
            " throttled_overheat_past",
            system_unthrottled="throttled_now throttled_past throttled_voltage_now"
            " throttled_overheat_now",
        ),
    },
    "sends the bytes of memory, all cores and the revision of a Raspberry Pi": {
        Difference("pong", "ram", "integer", "another integer"),
        Difference("startup", "ram", "integer", "another integer"),
    },
    "sends the versions of all plugins": {
        Difference("pong", "plugins", "text", "another text"),
    },
    "sends the whole version of a browser": {
        Difference("webui_load", "browser_version", "number", "integer"),
    },
    "sends `unknown` for each slicer": {
        Difference("slicing_started", "slicer", "text", "another text"),
    },
    "sends `print_failed` after `print_cancelled`": {
        Difference("print_failed", "number", "2", "1"),
        Difference("print_failed", "reason", "text", "another text"),
        Difference("print_failed", "elapsed", "integer", "another integer"),
    },
    "never sends `shutdown`: the thread that would send it has ended by then": {
        Difference("shutdown", "number", "0", "1"),
    },
    "`accept-encoding` names gzip": {
        Difference(EVERY, "header accept-encoding", "text", "another text"),
    },
}

CODEGRAPH: Listed = {
    "sends one event for each process that counted": {
        Difference("usage_rollup cli_command query", "number", "2", "1"),
        Difference(
            *("usage_rollup cli_command query", "props.count"),
            *("integer", "another integer"),
        ),
    },
    "sends Node's major version": {
        Difference(EVERY, "node_major", "integer", "absent"),
    },
    "`user-agent` is `node`": {
        Difference(EVERY, "header user-agent", "text", "another text"),
    },
    "`accept`, `accept-encoding`, `accept-language` and `sec-fetch-mode` are those of"
    " Node's `fetch`": {
        Difference(EVERY, "header accept", "text", "another text"),
        Difference(EVERY, "header accept-encoding", "text", "another text"),
        Difference(EVERY, "header accept-language", "text", "absent"),
        Difference(EVERY, "header sec-fetch-mode", "text", "absent"),
    },
}
