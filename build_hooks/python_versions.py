"""Compares the Python versions that a project allows with those that this package allows."""

from importlib import metadata

from packaging.specifiers import InvalidSpecifier, SpecifierSet

# The newest patch releases of each version that somebody may still run.
_VERSIONS = ("2.7.99", *(f"3.{minor}.99" for minor in range(40)))


def find_build_limit(requires_python: str | None, package: str) -> str | None:
    """Return the versions that *package* needs, if a project allows others, too.

    Args:
        requires_python: The project's `requires-python`, or None.
        package: The name of an installed package that the project's build requires.

    Returns:
        The `requires-python` of the package; None if the project allows no others, or if
        either does not say.
    """
    try:
        needed = metadata.metadata(package)["Requires-Python"]
        own, allowed = SpecifierSet(needed or ""), SpecifierSet(requires_python or "")
    except (metadata.PackageNotFoundError, InvalidSpecifier):
        return None
    others = [it for it in _VERSIONS if it in allowed and it not in own]
    return needed if others else None
