"""The Hatch build hook `build-info`.

Hatchling imports this module in every build of every project in an environment that has
the plugin, so it imports next to nothing until it is used.
"""

from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

if TYPE_CHECKING:
    from build_hooks.hatch_target import StampedTarget


class BuildInfoHook(BuildHookInterface[BuilderConfig]):
    """Ships `build_info.py` and a stamped `version.py` in place of the tree's own."""

    PLUGIN_NAME = "build-info"

    _stamped: "StampedTarget | None" = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stamp the target. *version* is "standard" or "editable", set by hatchling."""
        if version == "editable":
            return  # an editable install uses the work tree (decision B6)
        from build_hooks import hatch_hooks  # noqa: PLC0415  # see above

        hatch_hooks.run_after_other_hooks(
            self, build_data, lambda: self._stamp(build_data)
        )

    def _stamp(self, build_data: dict[str, Any]) -> None:
        from build_hooks.git_head import start_reading  # noqa: PLC0415  # see above

        # Git works while Python imports the rest.
        reader = start_reading(self.root, self.config.get("package"))
        from build_hooks import errors, hatch_target  # noqa: PLC0415  # see above
        from build_hooks.text import escape  # noqa: PLC0415  # see above

        try:
            self._stamped = hatch_target.stamp_target(self, build_data, reader)
        except errors.StampError as error:
            from build_hooks.hatch_frontends import stop_build  # noqa: PLC0415  # see above

            lines = map(escape, error.lines)
            stop_build(self.app, "\n".join((errors.STOPPED, *lines)))
        finally:
            reader.close()
        for warning in self._stamped.warnings:
            self.app.display_warning(f"build-info: {escape(warning)}")
        stamp = self._stamped.stamp
        facts = (
            stamp.channel,
            stamp.tag,
            stamp.commit or "no commit",
            stamp.build_date,
        )
        self.app.display_info(f"build-info: {', '.join(filter(None, facts))}")

    def finalize(self, *_: Any) -> None:  # noqa: ANN401  # hatchling's arguments, unused
        """Remove the files that `initialize` wrote outside the tree."""
        if self._stamped is not None:
            self._stamped.folder.cleanup()


@hookimpl
def hatch_register_build_hook() -> type[BuildInfoHook]:
    """Register the hook with hatchling (entry point group `hatch`)."""
    return BuildInfoHook
