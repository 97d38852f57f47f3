"""A message of other code is part of a sentence, and the sentence ends once.

`conftest.py` checks every message that a test of this folder provokes.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_hooks import cli
from build_hooks.text import as_clause
from tests.support.imports import python_files
from tests.support.pages import ROOT

# The exceptions whose messages are ours.
OURS = {
    *("ArtifactError", "ConfigurationError", "HatchlingError", "NoGitFactsError"),
    *("SourceFileError", "StampError", "UnknownVersionError"),
}


@pytest.mark.parametrize(
    ("message", "clause"),
    [
        ("not a gzip file", "not a gzip file"),
        ("It ends twice..", "It ends twice"),
        (
            "could not be opened successfully:\n- method gz: no",
            "could not be opened successfully",
        ),
        ("  \n first: \n second", "first"),
        ("why not?", "why not?"),
        ("", "no reason given"),
        (ValueError("A colon: "), "A colon"),
        (ValueError(), "ValueError"),
        (PermissionError(13, "Permission denied", "/x"), "Permission denied"),
        (OSError("only text."), "only text"),
    ],
)
def test_a_message_becomes_a_clause(message: object, clause: str) -> None:
    assert as_clause(message) == clause


def test_a_file_that_is_no_archive_is_named_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.tar.gz", "a.whl", "a.tar"):
        path = tmp_path / name
        path.write_text("not an archive")

        assert cli.main(["verify", str(path)]) == 1

        printed = capsys.readouterr().out
        assert f"{path} cannot be opened: " in printed
        assert not {it for it in (":.", "..", ": .", ",.") if it in printed}


def embedded_messages(file: str) -> Iterator[str]:
    """Yield each expression that puts a caught exception into a text as it is."""
    tree = ast.parse((ROOT / file).read_bytes())
    for handler in ast.walk(tree):
        if not isinstance(handler, ast.ExceptHandler) or handler.type is None:
            continue
        caught = {it.id for it in ast.walk(handler.type) if isinstance(it, ast.Name)}
        if caught <= OURS:
            continue
        for node in ast.walk(handler):
            if not isinstance(node, ast.FormattedValue):
                continue
            value = node.value
            while isinstance(value, ast.Attribute):
                value = value.value
            if isinstance(value, ast.Name) and value.id == handler.name:
                yield f"{file}:{node.lineno}: {ast.unparse(node.value)}"


@pytest.mark.parametrize("file", python_files("build_hooks"))
def test_no_message_of_other_code_is_quoted_as_it_is(file: str) -> None:
    assert list(embedded_messages(file)) == []
