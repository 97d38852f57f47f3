"""Detects how the host was installed (spec, "Install type detection"; decision P5)."""

from collections.abc import Mapping
from pathlib import Path

from paperless_report.facts.package import REPORTING, STAMPED, read_assignments


def detect_install_type(
    environ: Mapping[str, str],
    executable: str,
    package: Path,
    *,
    containerized: str,
    root: Path = Path("/"),
) -> str:
    """Return the first install type whose sign is present.

    Args:
        environ: The environment.
        executable: `sys.executable`.
        package: The folder of the project's package.
        containerized: The variable that the project's own image sets to `1`.
        root: The root of the file system.

    Returns:
        One of the install types that the contract lists as detected.
    """
    signs = (
        ("kubernetes", bool(environ.get("KUBERNETES_SERVICE_HOST"))),
        ("podman", environ.get("container") == "podman"),
        ("docker", _exists(root / ".dockerenv")),
        # containerd leaves no /.dockerenv, so the image sets a variable.
        ("docker", environ.get(containerized) == "1"),
        ("nixos", "/nix/store/" in executable),
        ("snap", bool(environ.get("SNAP"))),
        ("flatpak", bool(environ.get("FLATPAK_ID"))),
        ("distro", _exists(package / "distro_info.py")),
        ("release", _is_stamped(package / "build_info.py")),
    )
    return next((name for name, is_present in signs if is_present), "source")


def _is_stamped(build_info: Path) -> bool:
    """Return whether *build_info* is there for more than to turn reporting off."""
    assigned = {*read_assignments(build_info)}
    return _exists(build_info) and assigned & {REPORTING, *STAMPED} != {REPORTING}


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that must not be searched
        return False
