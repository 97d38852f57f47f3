import tomllib

import pytest

from build_hooks.toml_edits import UneditableError, add_table, add_to_array

REQUIRES = ("build-system", "requires")
PATH = ("tool", "hatch", "build", "hooks", "build-info")
GROUPS = ("tool.hatch.build", "tool.hatch")


def table_added(text: str) -> str:
    return add_table(text, PATH, ["strict = true"], GROUPS)


@pytest.mark.parametrize(
    ("array", "edited"),
    [
        ('["hatchling"]', '["hatchling", "new"]'),
        ("['hatchling']  # why", "['hatchling', \"new\"]  # why"),
        ('[ "hatchling" ]', '[ "hatchling", "new" ]'),
        ("[]", '["new"]'),
        (
            '[\n  "a",  # one\n  # two\n  "b",\n]',
            '[\n  "a",  # one\n  # two\n  "b",\n  "new",\n]',
        ),
        ('[\n\t"a",\n\t"b"\n]', '[\n\t"a",\n\t"b",\n\t"new"\n]'),
        ('[\r\n    "a",\r\n]', '[\r\n    "a",\r\n    "new",\r\n]'),
    ],
)
def test_an_array_keeps_its_quotes_comments_and_layout(array: str, edited: str) -> None:
    text = "# Above\n[build-system]\nrequires = {}\n\n[project]   # behind\nname='a'"

    assert add_to_array(text.format(array), REQUIRES, "new") == text.format(edited)


def test_an_array_in_an_inline_table_is_added_to() -> None:
    text = 'build-system = {requires = ["a"], build-backend = "b"}\n'

    edited = add_to_array(text, REQUIRES, "new")

    assert edited == 'build-system = {requires = ["a", "new"], build-backend = "b"}\n'


TABLE = "[tool.hatch.build.hooks.build-info]\nstrict = true\n"


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ("", TABLE),
        ("[project]", f"[project]\n\n{TABLE}"),
        ("[project]\n\n\n", f"[project]\n\n{TABLE}"),
        # Behind the tables of Hatch, and before what belongs to the next table.
        (
            "[tool.hatch.version]\npath = 'a'\n\n# Style\n[tool.ruff]\n",
            f"[tool.hatch.version]\npath = 'a'\n\n{TABLE}\n# Style\n[tool.ruff]\n",
        ),
        (
            "[tool.hatch.version]\npath = 'a'\n# an end\n\n[tool.ruff]\n",
            f"[tool.hatch.version]\npath = 'a'\n# an end\n\n{TABLE}\n[tool.ruff]\n",
        ),
        # Behind the tables of the build, if there are some.
        (
            "[ tool . 'hatch'.build ]\nx = 1\n[tool.hatch.envs.a]\ny = 2\n",
            f"[ tool . 'hatch'.build ]\nx = 1\n\n{TABLE}\n[tool.hatch.envs.a]\ny = 2\n",
        ),
        # Some of the path is written as keys.
        (
            "[tool.hatch]\nbuild.targets.wheel.packages = ['a']\n",
            f"[tool.hatch]\nbuild.targets.wheel.packages = ['a']\n\n{TABLE}",
        ),
        # Text looks like a table.
        (
            '[project]\nd = """\n[tool.hatch.build]\n[b]\n"""\n[a]\nb = 1\n',
            f'[project]\nd = """\n[tool.hatch.build]\n[b]\n"""\n[a]\nb = 1\n\n{TABLE}',
        ),
        # A similar name.
        ("[tool.hatching]\n[a]\n", f"[tool.hatching]\n[a]\n\n{TABLE}"),
    ],
)
def test_a_table_is_added_and_nothing_else_changes(text: str, edited: str) -> None:
    assert table_added(text) == edited


def test_a_table_gets_the_line_ends_of_the_file() -> None:
    edited = table_added("[tool.hatch.a]\r\nb = 1\r\n\r\n[c]\r\n")

    assert edited.count("\n") == edited.count("\r\n") == 7


def test_a_key_with_a_number_is_no_header() -> None:
    text = "[tool.hatch.build]\ninclude = [\n  'a',\n]\n"

    assert tomllib.loads(table_added(text))["tool"]["hatch"]["build"]["include"] == [
        "a"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[tool.hatch.build]\nhooks = {vcs = {}}\n",
        "[tool]\nhatch = 1\n",
        "[[tool.hatch.build]]\n",
    ],
)
def test_a_text_without_a_place_for_the_table_is_refused(text: str) -> None:
    with pytest.raises(UneditableError):
        table_added(text)
