"""The pictures show what the code does now."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs_tools import terminal
from tests.pictures import inputs
from tests.support.pages import ROOT, blocks

SVG = "{http://www.w3.org/2000/svg}"
PRINTED = "A & B\n\n  Name : <x>\n  Last : “y”\n\nA sentence.\nThe next line\n"


def read_lines(svg: str) -> list[str]:
    return ["".join(it.itertext()) for it in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  # our own file


def test_the_terminal_shows_the_dry_run_of_the_demo() -> None:
    """`tests/pipeline/test_demo.py` checks the transcript against the demo itself."""
    (transcript,) = (it.text for it in blocks("docs/tutorials/whole-path.md", "text"))
    step = re.search(
        r"\] Run (manage\.py .* --dry-run) \.\.\.\n((?: +\|.*\n)+)", transcript
    )
    assert step
    printed = [line.partition("|")[2][1:] for line in step[2].splitlines()]

    shown = read_lines(terminal.PICTURE.read_text("utf-8"))

    assert shown == [f"$ {step[1]}", *printed], "Run `nox -s pictures`."


def test_the_lines_of_the_terminal_are_those_printed() -> None:
    lines = read_lines(terminal.draw("run --now", PRINTED))

    assert lines == ["$ run --now", *PRINTED.splitlines()]


def test_the_terminal_has_a_title_and_a_description() -> None:
    root = ET.fromstring(terminal.draw("run", PRINTED))  # noqa: S314  # our own file
    described = [root.find(f"{SVG}{it}") for it in ("title", "desc")]

    ids = [it.attrib["id"] for it in described if it is not None and it.text]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == ids == ["title", "desc"]


def test_the_description_has_every_line() -> None:
    assert terminal.describe("run", PRINTED) == (
        "A terminal: $ run. A & B. Name: <x>. Last: “y”. A sentence. The next line"
    )


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_a_page_that_shows_the_terminal_has_its_text_for_screen_readers(
    page: str,
) -> None:
    text = (ROOT / page).read_text("utf-8")
    alternatives = re.findall(r"!\[([^\]]+)\]\(\S*pictures/dry-run\.svg\)", text)
    root = ET.fromstring(terminal.PICTURE.read_text("utf-8"))  # noqa: S314  # our own file

    assert alternatives == [root.findtext(f"{SVG}desc")]


@pytest.mark.parametrize("pictures", inputs.find_inputs())
def test_a_picture_was_taken_of_the_page_as_it_is(pictures: str) -> None:
    recorded = json.loads(inputs.RECORD.read_text("utf-8")).get(pictures, {})
    changed = inputs.list_changes(recorded, inputs.hash_inputs()[pictures])

    assert not changed, (
        f"docs/pictures/{pictures} may be out of date, since these files have changed:"
        f" {', '.join(changed)}. Run `nox -s pictures`, look at the pictures, and commit"
        " them with docs/pictures/inputs.json."
    )


def test_every_picture_of_a_page_has_inputs() -> None:
    found = {it for name in inputs.find_inputs() for it in inputs.FOLDER.glob(name)}

    assert found == {*inputs.FOLDER.glob("*.png")}


def test_a_picture_depends_on_what_its_module_imports(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text('import { b } from "./b.ts";\n', "utf-8")
    (tmp_path / "b.ts").write_text(
        'import {\n  a,\n} from "./a.ts";\nimport style from "./c.css";\n'
        'import { d } from "../d.ts";\n',
        "utf-8",
    )
    (tmp_path / "c.css").write_text("", "utf-8")
    (tmp_path / "e.ts").write_text("", "utf-8")

    found = inputs.find_imported(tmp_path / "a.ts")

    assert [it.name for it in found] == ["a.ts", "b.ts", "c.css"]


def test_a_changed_added_or_removed_input_is_named() -> None:
    recorded = {"a": "1", "b": "1", "c": "1"}

    assert inputs.list_changes(recorded, {"a": "1", "b": "2", "d": "1"}) == [
        *("b", "c", "d")
    ]
