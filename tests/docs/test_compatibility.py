"""The changelog announces each change of what docs/explanation/compatibility.md promises."""

import json
import re
from pathlib import Path

import pytest

import paperless_report
from docs_tools import public_surface
from docs_tools.public_surface import Surface
from docs_tools.surface_changes import find_unannounced
from tests.support.pages import ROOT
from tests.support.repository import Repository

FILE = public_surface.FILE.relative_to(ROOT).as_posix()
PAGE = (ROOT / "docs" / "explanation" / "compatibility.md").read_text("utf-8")
PROMISES = PAGE.partition("## What stays stable")[2].partition("\n## ")[0]
COMMANDS = {"shelf list": "", "shelf list --json": "", "shelf list --limit": "20"}
CLASSES = {"Book.title": "str, required", "Book.lend": "(to: str) -> None"}
BEFORE = {"command-line": COMMANDS, "reporter": CLASSES}
RELEASED = "\n## 0.4.0\n\n### Added\n\n- `shelf list`.\n"


def find_last_release(repository: Repository) -> str | None:
    """Return the tag of the last final release that HEAD contains, if there is one."""
    tags = repository.git("tag", "--merged", "HEAD").split()
    finals = [it for it in tags if re.fullmatch(r"v\d+(\.\d+)+", it)]
    return max(finals, key=lambda it: [*map(int, it[1:].split("."))], default=None)


def list_unannounced(repository: Repository) -> list[str]:
    """Compare the surface of a repository with that of its last release."""
    if (tag := find_last_release(repository)) is None:
        return []
    before = json.loads(repository.git("show", f"{tag}:{FILE}"))
    now = json.loads((repository.root / FILE).read_text("utf-8"))
    changelog = (repository.root / "CHANGELOG.md").read_text("utf-8")
    return find_unannounced(before, now, changelog, tag.removeprefix("v"))


def compare(commands: dict[str, str], pending: str = "") -> list[str]:
    """Compare BEFORE with the same but for its commands, and a changelog with *pending*."""
    changelog = f"# Changelog\n\n## Unreleased\n{pending}{RELEASED}"
    return find_unannounced(
        BEFORE, {**BEFORE, "command-line": commands}, changelog, "0.4.0"
    )


def without(*names: str) -> dict[str, str]:
    return {name: fixed for name, fixed in COMMANDS.items() if name not in names}


def test_the_changelog_announces_what_this_tree_removes_and_changes() -> None:
    assert list_unannounced(Repository.at(ROOT)) == []


def test_a_removed_name_must_be_in_the_changelog() -> None:
    (sentence,) = compare(without("shelf list --json"))

    assert sentence == 'command-line: name `shelf list --json` under "Removed".'


@pytest.mark.parametrize("name", ["shelf list --json", "shelf list"])
def test_the_changelog_announces_a_name_or_all_that_begin_with_it(name: str) -> None:
    removed = f"\n### Removed\n\n- `{name}`: it was slow.\n"

    assert compare(without("shelf list --json"), removed) == []


@pytest.mark.parametrize("kind", ["Added", "Fixed"])
def test_only_the_sections_for_it_announce_it(kind: str) -> None:
    elsewhere = f"\n### {kind}\n\n- `shelf list`.\n"

    assert len(compare(without("shelf list --json"), elsewhere)) == 1


def test_a_changed_default_or_signature_must_be_in_the_changelog() -> None:
    changed = {**COMMANDS, "shelf list --limit": "50"}
    (sentence,) = compare(changed)

    assert sentence.endswith("it was (20), and is (50).")
    assert compare(changed, "\n### Changed\n\n- `shelf list --limit` is 50.\n") == []


def test_a_new_name_needs_no_announcement() -> None:
    assert (
        compare({**COMMANDS, "shelf list --csv": "", "shelf add FILE": "required"})
        == []
    )


def test_a_new_requirement_of_a_known_command_must_be_in_the_changelog() -> None:
    (sentence,) = compare({**COMMANDS, "shelf list FILE": "required"})

    assert sentence.endswith("it is new and required.")


def test_what_1_0_or_later_has_goes_only_after_a_release_deprecated_it() -> None:
    now = {**BEFORE, "command-line": without("shelf list --json")}
    pending = "## Unreleased\n\n### Removed\n\n- `shelf list --json`.\n"
    deprecated = "\n## 1.4.0\n\n### Deprecated\n\n- `shelf list --json`.\n"

    assert find_unannounced(BEFORE, now, pending + deprecated, "1.4.0") == []
    (sentence,) = find_unannounced(BEFORE, now, f"{pending}\n## 1.4.0\n", "1.4.0")
    assert "was never deprecated" in sentence


def test_the_last_final_release_counts_and_no_candidate(tmp_path: Path) -> None:
    repository = Repository(tmp_path)

    def commit(surface: Surface, *tags: str) -> None:
        repository.write({FILE: json.dumps(surface), "CHANGELOG.md": RELEASED})
        repository.commit()
        repository.tag(*tags)

    commit({})
    assert list_unannounced(repository) == []
    commit(BEFORE, "v0.4.0", "v0.10.0rc1")
    assert list_unannounced(repository) == []
    commit({**BEFORE, "command-line": without("shelf list --json")}, "v0.5.0rc1")
    assert len(list_unannounced(repository)) == 1


def test_every_kind_of_the_surface_has_names() -> None:
    surface = public_surface.describe()

    assert [kind for kind, names in surface.items() if not names] == []


def test_every_class_that_the_package_offers_is_in_the_reference() -> None:
    listed = public_surface.describe()["reporter"]

    for names in paperless_report.MODULES.values():
        for name in names:
            assert any(it.partition(".")[0] == name for it in listed), name


def test_every_promise_says_what_checks_it() -> None:
    rows = re.findall(r"^\| .+ \| ([^|]+) \|$", PROMISES, re.MULTILINE)[2:]

    assert len(rows) > 10
    for checks in rows:
        assert re.search(r"\blist\b|`tests/|\bpolicy\b", checks), checks


def test_every_test_that_the_page_names_exists() -> None:
    names = re.findall(r"`(tests/[^`]+)`", PAGE)

    assert [name for name in names if not (ROOT / name).is_file()] == []
