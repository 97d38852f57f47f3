"""Builds this project with its own plugin, its README and its translations.

A plugin cannot serve the project that defines it, because hatchling looks entry points
up in the installed packages. Hatchling loads this file by its path and takes the class
from the tree that is being built.
"""

import ast
import os
import struct
import sys
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from build_hooks.plugin import BuildInfoHook  # after the path is set
from docs_tools import links

_LOCALE = "paperless_report/locale"


class OwnHook(BuildInfoHook):
    """Stamps the artifacts, and compiles the catalogues that Django reads."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile for wheels and editable installations; an sdist has the sources."""
        super().initialize(version, build_data)
        if self.target_name != "wheel":
            return
        for source in Path(self.root, _LOCALE).glob("*/LC_MESSAGES/*.po"):
            # Builds that run at the same time read whole files.
            temporary = source.with_suffix(f".{os.getpid()}.mo")
            temporary.write_bytes(compile_catalogue(source.read_text("utf-8")))
            temporary.replace(source.with_suffix(".mo"))
        # Git ignores them, so hatchling would.
        build_data["artifacts"].append(f"/{_LOCALE}/*/LC_MESSAGES/django.mo")


class ReadmeHook(MetadataHookInterface):
    """Makes the README the description that a package index shows."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the README, with absolute links once `[project.urls]` has the repository."""
        root = Path(self.root)
        text = (root / "README.md").read_text(encoding="utf-8")
        if repository := links.find_url(root, "Repository"):
            text = links.make_absolute(text, repository)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def get_metadata_hook() -> type[ReadmeHook]:
    """Say which of the hooks in this file completes the metadata."""
    return ReadmeHook


def get_build_hook() -> type[OwnHook]:
    """Say which of the hooks in this file hatchling runs."""
    return OwnHook


def compile_catalogue(text: str) -> bytes:
    """Compile a .po file to a .mo file, as `msgfmt` does. The same text gives the same bytes."""
    messages = sorted(
        (key.encode(), translation.encode())
        for key, translation in _read_catalogue(text).items()
    )
    count = len(messages)
    tables, strings = b"", b""
    for column in zip(*messages, strict=True):
        for value in column:
            offset = 28 + 16 * count + len(strings)
            tables += struct.pack("<2I", len(value), offset)
            strings += value + b"\0"
    header = (0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return struct.pack("<7I", *header) + tables + strings


def _read_catalogue(text: str) -> dict[str, str]:
    """Read the messages of a .po file that have a translation."""
    messages = {}
    for entry in text.split("\n\n"):
        parts: dict[str, str] = {}
        keyword = ""
        for line in entry.splitlines():
            if line and not line.startswith("#"):
                start, quote, rest = line.partition('"')
                keyword = start.strip() or keyword
                value = ast.literal_eval(quote + rest)
                parts[keyword] = parts.get(keyword, "") + value
        key = parts.get("msgid", "")
        if "msgctxt" in parts:
            key = f"{parts['msgctxt']}\x04{key}"
        if "msgid_plural" in parts:
            key = f"{key}\0{parts['msgid_plural']}"
        forms = [parts[it] for it in parts if it.startswith("msgstr")]
        if any(forms):
            messages[key] = "\0".join(forms)
    return messages
