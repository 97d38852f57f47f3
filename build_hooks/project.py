"""Defines a project: its root, its name and its configuration. Pure."""

from pathlib import Path

from build_hooks.config import Config
from build_hooks.values import Value


class Project(Value):
    """A tree that can be stamped.

    Attributes:
        root: Its folder, absolute.
        name: Its name, "paperless-ngx".
        config: Its table's keys, or their defaults.
    """

    root: Path
    name: str
    config: Config

    @property
    def package_dir(self) -> Path:
        """The folder of the stamped package."""
        return self.root / self.config.package
