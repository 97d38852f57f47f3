"""Reads the files that carry a stamp, and the facts that they state.

An sdist and a stamped copy carry their stamp in the tree itself.
"""

from pathlib import Path
from typing import get_args

from build_hooks import project_files
from build_hooks.errors import SourceFileError
from build_hooks.python_source import PythonSource
from build_hooks.stamp import BUILD_INFO, NAMES, VERSION, Facts, PackageFiles, Source
from build_hooks.stated_facts import parse_facts
from build_hooks.tags import Channel


def read_package_files(package: Path) -> PackageFiles:
    """Read the two files of the folder *package* that carry a stamp.

    Raises:
        ProjectFileError: If one of them cannot be read.
        SourceFileError: If `build_info.py` is a module of the project's own.
    """
    build_info = read_file(package / BUILD_INFO)
    if build_info and build_info.names and not build_info.names & set(NAMES):
        raise SourceFileError(
            f"{build_info.path} is not a stamp: it binds none of {', '.join(NAMES)}. A "
            "stamp would replace it, so give it another name."
        )
    return PackageFiles(read_file(package / VERSION), build_info)


def is_sdist(root: Path, files: PackageFiles) -> bool:
    """Whether *root* is an unpacked sdist that carries a stamp.

    It stays an sdist if a packager commits it: their commit is not the stamped one.

    Raises:
        ProjectFileError: If PKG-INFO is not a file.
    """
    return project_files.has_file(root / "PKG-INFO") and files.has_stamp


def read_facts(files: PackageFiles, source: Source) -> Facts:
    """Return the facts that *files* state.

    Raises:
        SourceFileError: If one of them is not valid Python, states a malformed fact, or
            binds one in a way that cannot be read without running the file.
    """
    build_info = files.build_info.read_literals(*NAMES) if files.build_info else {}
    version_py = (
        files.version_py.read_literals("__channel__") if files.version_py else {}
    )
    values = {
        name: value for name in NAMES if isinstance(value := build_info.get(name), str)
    }
    facts, problems = parse_facts(source, values)
    if files.build_info and problems:
        raise SourceFileError(
            *(
                f"{files.build_info.path}: {name} {problem}"
                for name, problem in problems.items()
            ),
            "Remove that file, or build the sdist or the copy that it comes from again.",
        )
    # Another hook may have written version.py again since.
    channel = build_info.get("CHANNEL", version_py.get("__channel__"))
    return facts._replace(channel=channel if channel in get_args(Channel) else "dev")


def read_reporting(files: PackageFiles) -> bool | None:
    """Return whether `build_info.py` turns reporting on or off; None if it says nothing.

    This holds in any tree, whatever the source of its facts is: a packager who turned
    reporting off must not lose that to git or an archive.

    Raises:
        SourceFileError: If it says something else, or cannot be read without running it.
    """
    source = files.build_info
    if source is None or "REPORTING" not in source.names:
        return None
    value = source.read_literals("REPORTING").get("REPORTING")
    if isinstance(value, bool):
        return value
    raise SourceFileError(
        f"{source.path}: REPORTING must be True or False, not {value!r}. To turn reporting "
        "off, write REPORTING = False. If not, remove the line."
    )


def read_file(path: Path) -> PythonSource | None:
    """Read the Python file at *path*; None if there is none.

    Raises:
        ProjectFileError: If it cannot be read.
    """
    content = project_files.read_file(path)
    return None if content is None else PythonSource(content, path)
