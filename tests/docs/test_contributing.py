"""docs/contributing.md: its steps lead there, and none of them can be left out unseen.

What needs the Worker for that is in tests/worker/test_contributing.py.
"""

import json
from pathlib import Path

import pytest

from tests.support import pages, steps

FIELD, UNPUBLISHED, INSTALL_TYPE, SOURCE, KIND = (
    "To add a field",
    "To keep a field unpublished",
    "To add an install type",
    "To add a source of facts",
    "To add a kind of report",
)
# What has to be there before.
AFTER = {UNPUBLISHED: [FIELD]}
# By section and step: the test that fails if the step is left out.
DRIFT = "tests/report/test_contract.py::test_nothing_drifts_from_the_contract"
WITHHELD = (
    "tests/report/test_contract.py"
    "::test_what_tells_an_installation_from_another_is_never_published"
)
COLLECTORS = "tests/report/test_collectors.py"
MARKS = "tests/report/test_install_type.py"
SOURCES = "tests/build/test_sources.py"
CLIENT = "tests/report/test_kinds.py"
DESCRIBED = "tests/worker/test_description.py::test_its_paths_and_methods_are_those_of_the_worker"
COLUMNS = "tests/worker/test_store.py"
NOTICED = {
    FIELD: {
        1: DRIFT,
        2: f"{COLLECTORS}::test_every_field_but_the_id_has_its_collector",
        3: DRIFT,
        4: f"{COLLECTORS}::test_every_collector_has_a_test_of_its_own",
        5: DRIFT,
    },
    UNPUBLISHED: {1: WITHHELD, 2: COLUMNS, 3: WITHHELD, 4: DRIFT},
    INSTALL_TYPE: {
        1: f"{MARKS}::test_every_kind_is_one_that_the_contract_lists",
        2: f"{MARKS}::test_each_mark_is_seen",
        3: f"{MARKS}::test_every_kind_is_one_that_the_contract_lists",
        4: DRIFT,
    },
    SOURCE: {
        1: f"{SOURCES}::test_every_source_is_in_the_order",
        2: SOURCES,
        3: f"{SOURCES}::test_the_first_of_several_decides",
        4: f"{SOURCES}::test_every_source_is_in_the_order",
        5: f"{SOURCES}::test_the_order_is_the_documented_one",
        6: "tests/test_rooms.py::test_the_page_names_every_module_in_its_own_words",
    },
    KIND: {
        1: CLIENT,
        2: "tests/worker/test_health.py",
        3: "tests/worker/test_kinds.py::test_its_contract_is_served",
        4: DESCRIBED,
        5: DESCRIBED,
        6: CLIENT,
        7: f"{CLIENT}::test_every_contract_is_a_kind",
        8: f"{CLIENT}::test_each_has_a_command",
        9: f"{COLLECTORS}::test_every_collector_has_a_test_of_its_own",
        10: DRIFT,
        11: DRIFT,
    },
}


def left_out(*, with_worker: bool) -> list[tuple[str, int]]:
    return [
        (title, number)
        for title, tests in NOTICED.items()
        for number, test in tests.items()
        if test.startswith("tests/worker/") == with_worker
    ]


def taken(folder: Path, title: str, *, without: int | None = None) -> Path:
    """A copy of the project after the steps of *title*, *without* one of them."""
    tree = steps.copy(folder)
    for before in AFTER.get(title, []):
        steps.take(tree, steps.steps(before))
    for step in steps.steps(title):
        if step.number == without:
            continue
        try:
            steps.take(tree, [step])
        except AssertionError:
            # Without one, another may well not be possible: that is noticed at once.
            if without is None:
                raise
    return tree


def notices(folder: Path, title: str, number: int) -> None:
    tree = taken(folder, title, without=number)

    steps.fails(tree, NOTICED[title][number])


def test_every_step_of_the_page_is_one_whose_lack_is_noticed() -> None:
    assert {title: [it.number for it in steps.steps(title)] for title in NOTICED} == {
        title: list(tests) for title, tests in NOTICED.items()
    }


def test_the_page_has_no_steps_besides() -> None:
    text = (pages.ROOT / steps.PAGE).read_text(encoding="utf-8")

    assert text.count("\n1. ") == len(NOTICED)


@pytest.mark.slow
@pytest.mark.parametrize(("title", "number"), left_out(with_worker=False))
def test_a_step_that_is_left_out_is_noticed(
    tmp_path: Path, title: str, number: int
) -> None:
    notices(tmp_path, title, number)


@pytest.mark.slow
@pytest.mark.parametrize("title", NOTICED)
def test_with_all_of_them_the_same_tests_pass(tmp_path: Path, title: str) -> None:
    tests = {it.partition("::")[0] for it in NOTICED[title].values()}

    steps.passes(
        taken(tmp_path, title),
        *sorted(it for it in tests if not it.startswith("tests/worker/")),
        *("-m", "not slow", "-k", "not every_room"),
    )


@pytest.mark.slow
def test_the_new_install_type_is_detected(tmp_path: Path) -> None:
    tree = taken(tmp_path, INSTALL_TYPE)
    code = (
        "from pathlib import Path; from paperless_report import contract, install_type\n"
        "kind = install_type.detect({'APPIMAGE': 'x'}, 'python', Path(), Path('gone'))\n"
        "print(kind, contract.load_fields()['install_type'].fits(kind))"
    )

    assert steps.run(tree, "-c", code).stdout == "appimage True\n"


@pytest.mark.slow
def test_the_new_source_is_taken_where_nothing_better_is(tmp_path: Path) -> None:
    tree = taken(tmp_path, SOURCE)
    archive = tmp_path / "archive"
    files = {
        "pyproject.toml": (
            '[project]\nname = "host"\n'
            '[tool.hatch.build.hooks.build-info]\npackage = "src"\n'
        ),
        "src/version.py": '__version__ = (2, 15, 0)\n__channel__ = "dev"\n',
        ".hg_archival.txt": f"repo: {'0' * 40}\nnode: {'b' * 40}\nbranch: default\n",
    }

    def shown() -> tuple[str, str]:
        for name, text in files.items():
            (archive / name).parent.mkdir(parents=True, exist_ok=True)
            (archive / name).write_text(text)
        done = steps.run(
            tree, "-m", "build_hooks", "show", str(archive), "--format", "json"
        )
        stamp = json.loads(done.stdout)
        return stamp["source"], stamp["commit"]

    assert shown() == ("hg-archive", "b" * 9)
    files["src/build_info.py"] = f'SOURCE_COMMIT = "{"c" * 9}"\n'
    assert shown() == ("hg-archive", "b" * 9)
    files[".git_archival.txt"] = f"node: {'a' * 40}\n"
    assert shown() == ("git-archive", "a" * 9)
