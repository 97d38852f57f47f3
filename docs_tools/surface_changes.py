"""Finds changes of the public surface that the changelog does not announce. Pure."""

import re
from collections.abc import Iterator, Mapping

from docs_tools.public_surface import Surface

_CODE = re.compile(r"`([^`]+)`")
# All but the last word of a name: the command of an option, the class of an attribute.
_OWNER = re.compile(r"(?:.*[ .])?")


def find_unannounced(
    before: Surface, now: Surface, changelog: str, release: str
) -> list[str]:
    """List what the changelog must say before the next release, one sentence for each name.

    A name that is gone belongs under "Removed"; a name with another type, default or
    signature, under "Changed". From 1.0 on, what is removed was first "Deprecated" in a release. The
    changelog writes a name as code, or what it begins with: `build-stamp show` announces
    all options of that command.

    Args:
        before: The surface of the last release.
        now: The surface of the working tree.
        changelog: The changelog of the working tree.
        release: The version of the last release.
    """
    pending, published = _split_changelog(changelog, release)
    removed, changed = _list_codes(pending, "Removed"), _list_codes(pending, "Changed")
    deprecated = _list_codes(published, "Deprecated")
    sentences = []
    for kind, names in before.items():
        later = now.get(kind, {})
        for name, fixed in names.items():
            if name not in later:
                if not _is_named(name, removed):
                    sentences.append(f'{kind}: name `{name}` under "Removed".')
                if not release.startswith("0.") and not _is_named(name, deprecated):
                    sentences.append(f"{kind}: `{name}` was never deprecated. Keep it.")
            elif later[name] != fixed and not _is_named(name, changed | removed):
                was = f"it was ({fixed}), and is ({later[name]})"
                sentences.append(f'{kind}: name `{name}` under "Changed": {was}.')
        sentences += [
            f'{kind}: name `{name}` under "Changed": it is new and required.'
            for name in _list_new_requirements(names, later)
            if not _is_named(name, changed)
        ]
    return sentences


def _list_new_requirements(
    before: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[str]:
    """List the new names without which what used to work fails."""
    for name, fixed in now.items():
        owner = _OWNER.match(name)
        is_known = owner and any(it.startswith(owner[0]) for it in before)
        if name not in before and "required" in fixed.split(", ") and is_known:
            yield name


def _split_changelog(changelog: str, release: str) -> tuple[str, str]:
    """Return what is not released yet, and the rest."""
    heading = re.search(
        rf"^## \[?{re.escape(release)}\b(?![.\w])", changelog, re.MULTILINE
    )
    start = heading.start() if heading else len(changelog)
    return changelog[:start], changelog[start:]


def _list_codes(changelog: str, kind: str) -> set[str]:
    """Return what the entries of the sections *kind* write as code."""
    sections = re.split(r"^(?=##)", changelog, flags=re.MULTILINE)
    return {
        " ".join(code.split())
        for section in sections
        if section.startswith(f"### {kind}\n")
        for code in _CODE.findall(section)
    }


def _is_named(name: str, codes: set[str]) -> bool:
    return any(name == it or name.startswith((f"{it} ", f"{it}.")) for it in codes)
