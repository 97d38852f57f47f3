"""The Hatch build hook `build-info`: a door, no room of its own.

Hatchling imports this module in every build of every project in an environment
where the plugin is installed, so it imports next to nothing until it is used.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from build_hooks.config import Config


class BuildInfoHook(BuildHookInterface[BuilderConfig]):
    """Ships `build_info.py` and a stamped `version.py` in place of the tree's own."""

    PLUGIN_NAME = "build-info"

    _folder: "TemporaryDirectory[str] | None" = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stamp what is about to be built.

        Args:
            version: Hatchling's word for the kind of build, "standard" or
                "editable"; not the project's version.
            build_data: Hatchling's; gains forced inclusions.
        """
        if version == "editable":
            return  # decision B6: an editable install shows the work tree

        import os  # noqa: PLC0415  # see the module's docstring

        from build_hooks import config, resolve, stamped_files  # noqa: PLC0415  # the same
        from build_hooks.errors import StampError  # noqa: PLC0415  # the same

        root = Path(self.root)
        try:
            settings = config.load(self.config, root, self.PLUGIN_NAME)
            self._check_shipped(settings)
            resolution = resolve.resolve(root, settings, os.environ)
            files = stamped_files.stamped_files(root, settings, resolution.stamp)
        except StampError as error:
            self.app.abort(f"build-info: the build stops here.\n{error}")
            return
        for warning in resolution.warnings:
            self.app.display_warning(f"build-info: {warning}")
        build_data["force_include"].update(self._place(settings, files))

    def finalize(self, *_: Any) -> None:  # noqa: ANN401  # hatchling's arguments, unused
        """Remove what `initialize` wrote outside the tree."""
        if self._folder is not None:
            self._folder.cleanup()

    def _place(self, settings: "Config", files: dict[str, bytes]) -> dict[str, str]:
        """Write *files* outside the tree, where hatchling lets them replace others.

        Inside it, a forced inclusion next to the same selected file is an error
        ("second file", pypa/hatch#2301).
        """
        from tempfile import TemporaryDirectory  # noqa: PLC0415  # see the module's docstring

        # The object removes its folder too when a failed build forgets it.
        self._folder = folder = TemporaryDirectory(prefix="build-info-")
        placed = {}
        for name, content in files.items():
            path = Path(folder.name, name)
            path.write_bytes(content)
            path.chmod(0o644)
            placed[str(path)] = str(settings.package / name)
        return placed

    def _check_shipped(self, settings: "Config") -> None:
        """Refuse to stamp a package that the built target leaves out.

        Forced inclusion would ship the stamp alone, as a package without code.

        Raises:
            ConfigurationError: If the target's file selection misses it.
        """
        from build_hooks.errors import ConfigurationError  # noqa: PLC0415  # see the module's docstring

        version_py = settings.package / "version.py"
        build = self.build_config
        chosen = [Path(path) for path in build.only_include]
        full = Path(self.root, version_py)
        selected = not chosen or any(full.is_relative_to(path) for path in chosen)
        if not (
            selected and build.include_path(str(version_py), explicit=bool(chosen))
        ):
            raise ConfigurationError(
                f"tool.hatch.build.targets.{self.target_name} leaves out "
                f'{version_py}. Add "{settings.package}" to its packages, or '
                "turn the hook off for this target."
            )


@hookimpl
def hatch_register_build_hook() -> type[BuildInfoHook]:
    """Tell hatchling of the hook (entry point group `hatch`)."""
    return BuildInfoHook
