"""Finds where and when this hook runs among the hooks of a build."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.errors import ConfigurationError
from build_hooks.project_files import has_file

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[BuilderConfig]


def run_after_other_hooks(
    hook: "Hook", build_data: dict[str, Any], stamp: Callable[[], None]
) -> None:
    """Call *stamp* when every hook of this build has run.

    A hook that comes later may still write or force in a `version.py`, and a plugin
    cannot choose its place in the order. So this waits until hatchling collects the
    data of the hooks.
    """
    names = build_data.get("build_hooks", ())
    if not names or names[-1] == hook.PLUGIN_NAME:
        stamp()
        return
    config = hook.build_config
    collect = config.set_build_data

    @contextlib.contextmanager
    def stamp_and_collect(build_data: dict[str, Any]) -> Iterator[None]:
        config.set_build_data = collect  # type: ignore[method-assign]  # see above
        stamp()
        with collect(build_data):
            yield

    config.set_build_data = stamp_and_collect  # type: ignore[method-assign]  # see above


def find_table(hook: "Hook") -> str:
    """Return the TOML path of the hook's table: for this target, or for all."""
    own = hook.build_config.target_config.get("hooks", {})
    target = f"targets.{hook.target_name}." if hook.PLUGIN_NAME in own else ""
    return f"{_find_build(hook)}.{target}hooks.{hook.PLUGIN_NAME}"


def check_wheel_gets_stamp(hook: "Hook") -> None:
    """Check, before an sdist is stamped, that the hook runs for the wheel, too.

    Raises:
        ConfigurationError: If it does not.
    """
    if hook.target_name == "sdist" and not _runs_for(hook, "wheel"):
        raise ConfigurationError(
            f"[{find_table(hook)}] is for the sdist alone, so a wheel made from it gets "
            f"half a stamp. {_advise(hook)}"
        )


def check_sdist_has_stamp(hook: "Hook") -> None:
    """Check that the hook ran for the sdist that a wheel without facts is made from.

    Raises:
        ConfigurationError: If it did not.
    """
    if (
        hook.target_name == "wheel"
        and has_file(Path(hook.root, "PKG-INFO"))
        and not _runs_for(hook, "sdist")
    ):
        raise ConfigurationError(
            f"This sdist has no stamp, because [{find_table(hook)}] is for the wheel "
            f"alone. {_advise(hook)} Then build the sdist again."
        )


def _runs_for(hook: "Hook", target: str) -> bool:
    hatch = hook.metadata.hatch
    own = hatch.build_targets.get(target, {}).get("hooks", {})
    table = {**hatch.build_config.get("hooks", {}), **own}.get(hook.PLUGIN_NAME)
    if table is None:
        return False
    # A variable may enable the hook, for all targets.
    return bool({"enable-by-default": True, **table}["enable-by-default"]) or not (
        hook.config.get("enable-by-default", True)
    )


def _advise(hook: "Hook") -> str:
    table = f"{_find_build(hook)}.hooks.{hook.PLUGIN_NAME}"
    if find_table(hook) == table:
        return "Enable it for both."
    return f"Move the table to [{table}], which applies to both."


def _find_build(hook: "Hook") -> str:
    from build_hooks.hook_table import find_build_table  # noqa: PLC0415  # git starts first

    return find_build_table(Path(hook.root))
