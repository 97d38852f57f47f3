from pathlib import Path

import pytest

from build_hooks import git_archive
from build_hooks.stamp import Facts

NODE = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            f"node: {NODE}\nnode-date: 2026-05-18T14:00:00+02:00\ndescribe-name: v9.9.9\n",
            Facts("git-archive", NODE, "2026-05-18T12:00:00Z"),
        ),
        (f"node: {NODE}\n", Facts("git-archive", NODE)),
        (f"node: {NODE}\nnode-date: yesterday\n", Facts("git-archive", NODE)),
        ("node: $Format:%H$\nnode-date: $Format:%cI$\n", None),
        (f"node: {NODE[:12]}\n", None),
        ("describe-name: v2.15.0\n", None),
        ("\x00\ufffd", None),
        ("", None),
    ],
)
def test_commit_and_date_are_read_but_never_a_tag(
    tmp_path: Path, text: str, facts: Facts | None
) -> None:
    (tmp_path / ".git_archival.txt").write_text(text, encoding="utf-8")

    assert git_archive.read_facts(tmp_path) == facts


def test_a_tree_without_the_file_has_no_facts(tmp_path: Path) -> None:
    assert git_archive.read_facts(tmp_path) is None


@pytest.mark.parametrize(
    ("files", "node"),
    [
        ({".git_archival.txt": f"node: {NODE}"}, NODE),
        ({"tasks/.git_archival.txt": f"node: {NODE}"}, NODE),
        (
            {"tasks/.git_archival.txt": "node: $Format:%H$", ".git_archival.txt": f"node: {NODE}"},
            NODE,
        ),
        ({".git_archival.txt": f"node: {NODE}", "tasks/one/PKG-INFO": ""}, None),
        ({".git_archival.txt": f"node: {NODE}", "tasks/one/.git/HEAD": ""}, None),
        ({".git_archival.txt": f"node: {NODE}", "tasks/.git/HEAD": ""}, None),
    ],
)  # fmt: skip
def test_the_archive_of_a_monorepo_names_the_commit_of_its_projects(
    tmp_path: Path, files: dict[str, str], node: str | None
) -> None:
    root = tmp_path / "tasks" / "one"
    root.mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")

    facts = git_archive.find_facts(root)

    assert (facts.commit if facts else None) == node
