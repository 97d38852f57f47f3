"""How the host was installed (spec, section "Install type detection"; decision P5)."""

from collections.abc import Mapping
from pathlib import Path


def detect(
    environ: Mapping[str, str], executable: str, package: Path, root: Path = Path("/")
) -> str:
    """The first kind of installation whose mark is there.

    Args:
        environ: The environment.
        executable: `sys.executable`.
        package: The folder of the host's package.
        root: The root of the file system.

    Returns:
        One of the detected install types of the contract.
    """
    marks = (
        ("kubernetes", bool(environ.get("KUBERNETES_SERVICE_HOST"))),
        ("podman", environ.get("container") == "podman"),
        ("docker", _exists(root / ".dockerenv")),
        # containerd leaves no /.dockerenv; the image says it of itself.
        ("docker", environ.get("PNGX_CONTAINERIZED") == "1"),
        ("nixos", "/nix/store/" in executable),
        ("snap", bool(environ.get("SNAP"))),
        ("flatpak", bool(environ.get("FLATPAK_ID"))),
        ("distro", _exists(package / "distro_info.py")),
        ("release", _exists(package / "build_info.py")),
    )
    return next((kind for kind, found in marks if found), "source")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that may not be looked into
        return False
