from typing import Final

__version__: Final[tuple[int, int, int]] = (2, 15, 0)
# Version string like X.Y.Z
__full_version_str__: Final[str] = ".".join(map(str, __version__))
# "stable", "beta" or "dev". The build hook sets it in the artifacts.
__channel__: Final[str] = "dev"
