"""A plugin for the real OctoPrint that reports with the client here, beside the bundled one.

OctoPrint loads this file. Its settings name the server; the admin agreed two days ago.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import octoprint.plugin
from octoprint.events import Events
from octoprint.util.version import get_octoprint_version_string

from paperless_report import Reporter
from projects.octoprint.client import Tracking, build_project


class ClientPlugin(
    octoprint.plugin.SettingsPlugin,
    octoprint.plugin.EnvironmentDetectionPlugin,
    octoprint.plugin.StartupPlugin,
    octoprint.plugin.ShutdownPlugin,
    octoprint.plugin.EventHandlerPlugin,
    octoprint.plugin.SimpleApiPlugin,
):
    """Passes on what OctoPrint's own tracking plugin is called with."""

    _environment: Mapping[str, Any] = {}

    def get_settings_defaults(self) -> dict[str, Any]:
        return {"server": ""}

    def on_environment_detected(
        self, environment: Mapping[str, Any], *_: object, **__: object
    ) -> None:
        self._environment = environment

    def initialize(self) -> None:
        project = build_project(
            self.get_plugin_data_folder(),
            version=get_octoprint_version_string,
            server=self._settings.get(["server"]),
            environment=lambda: self._environment,
            plugins=self._list_plugins,
            achievements=self._list_achievements,
        )
        # So that a pong is due.
        earlier = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
        Reporter(project, clock=lambda: earlier).turn_on()
        self._tracking = Tracking(
            project, is_online=lambda: self._connectivity_checker.online
        )

    def on_after_startup(self) -> None:
        self._tracking.start()

    def on_shutdown(self) -> None:
        self._tracking.stop()

    def on_event(self, event: str, payload: Mapping[str, Any]) -> None:
        self._tracking.on_event(event, payload)

    def get_api_commands(self) -> dict[str, list[str]]:
        return {"track": ["payload"], "fire": ["event", "payload"]}

    def is_api_protected(self) -> bool:
        return True

    def on_api_command(self, command: str, data: Mapping[str, Any]) -> None:
        if command == "track":
            self._tracking.on_page_load(data["payload"])
        else:
            # Some plugins that would register an event are not loaded on this machine.
            Events.register_event(data["event"])
            self._event_bus.fire(data["event"], data["payload"])

    def _list_plugins(self) -> list[str]:
        plugins = self._plugin_manager.enabled_plugins.values()
        return [it.key for it in plugins if not it.bundled]

    def _list_achievements(self) -> list[str]:
        helpers = self._plugin_manager.get_helpers(
            "achievements", "get_unlocked_achievements"
        )
        return [it.key for it in helpers["get_unlocked_achievements"]()]


__plugin_name__ = "Client"
__plugin_version__ = "1.2.3"
__plugin_pythoncompat__ = ">=3.11,<4"
__plugin_implementation__ = ClientPlugin()
