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
        from build_hooks.project import Project  # noqa: PLC0415  # the same

        root = Path(self.root)
        try:
            name = self.metadata.core.raw_name
            settings = config.load(self.config, root, name, self._place_of_table())
            folder = self._shipped_as(settings, build_data)
            project = Project(root, name, settings)
            resolution = resolve.resolve(project, os.environ)
            files = stamped_files.stamped_files(project, resolution.stamp)
        except StampError as error:
            self.app.abort(f"build-info: the build stops here.\n{error}")
            return
        for warning in resolution.warnings:
            self.app.display_warning(f"build-info: {warning}")
        build_data["force_include"].update(self._put_outside(folder, files))

    def finalize(self, *_: Any) -> None:  # noqa: ANN401  # hatchling's arguments, unused
        """Remove what `initialize` wrote outside the tree."""
        if self._folder is not None:
            self._folder.cleanup()

    def _put_outside(self, package: str, files: dict[str, bytes]) -> dict[str, str]:
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
            placed[str(path)] = f"{package}/{name}"
        return placed

    def _place_of_table(self) -> str:
        """The TOML path of the hook's table: for this target, or for all."""
        own = self.build_config.target_config.get("hooks", {})
        target = f"targets.{self.target_name}." if self.PLUGIN_NAME in own else ""
        return f"tool.hatch.build.{target}hooks.{self.PLUGIN_NAME}"

    def _shipped_as(self, settings: "Config", build_data: dict[str, Any]) -> str:
        """The folder that the package is shipped from, as hatchling maps it.

        Forced inclusion of a package that the target leaves out would ship the
        stamp alone, as a package without code.

        Raises:
            ConfigurationError: If the target's file selection misses it, or forces
                a `version.py` of its own.
        """
        from build_hooks.errors import ConfigurationError  # noqa: PLC0415  # see the module's docstring

        version_py = str(settings.package / "version.py")
        full = Path(self.root, version_py)
        build = self.build_config
        forced = {**build.get_force_include(), **build_data["force_include"]}
        if str(full) in forced or version_py in forced.values():
            raise ConfigurationError(
                f"tool.hatch.build.targets.{self.target_name} forces {version_py} in by "
                "itself, beside this hook's. Take it out of force-include."
            )
        artifacts = build_data["artifacts"]
        if (
            self._is_selected(version_py)
            or version_py in artifacts
            or f"/{version_py}" in artifacts
        ):
            return str(settings.package)
        for source, target in forced.items():
            if full.is_relative_to(source):
                return str(Path(target, full.parent.relative_to(source)))
        raise ConfigurationError(
            f"tool.hatch.build.targets.{self.target_name} leaves out {version_py}. "
            f'Add "{settings.package}" to its packages, or turn the hook off for '
            "this target."
        )

    def _is_selected(self, path: str) -> bool:
        chosen = self.build_config.only_include
        full = Path(self.root, path)
        return self.build_config.include_path(path, explicit=bool(chosen)) and (
            not chosen or any(full.is_relative_to(folder) for folder in chosen)
        )


@hookimpl
def hatch_register_build_hook() -> type[BuildInfoHook]:
    """Tell hatchling of the hook (entry point group `hatch`)."""
    return BuildInfoHook
