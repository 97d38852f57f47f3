"""`build-stamp init` in the layouts that projects have."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli
from tests.build.artifacts import read_wheel, run_build
from tests.support.repository import Repository, hermetic

Init = Callable[..., tuple[int, str]]
SYSTEM = """\
[build-system]
requires = ["hatchling"]  # the backend
build-backend = "hatchling.build"

[project]
name = "shelf"
"""
TABLE = "[tool.hatch.build.hooks.build-info]\n"
ABOUT = (
    'dynamic = ["version"]\n\n[tool.hatch.version]\npath = "src/shelf/__about__.py"\n'
)
VCS = 'dynamic = ["version"]\n\n[tool.hatch.version]\nsource = "vcs"\n'
# What `hatch new` makes, a hatch-vcs project, a static version, and a version.py.
LAYOUTS = {
    "about": {
        "pyproject.toml": f"{SYSTEM}{ABOUT}",
        "src/shelf/__about__.py": '__version__ = "1.4.0"\n',
    },
    "vcs": {
        "pyproject.toml": SYSTEM.replace('"]', '", "hatch-vcs"]') + VCS,
    },
    "static": {"pyproject.toml": f'{SYSTEM}version = "1.4.0"\n'},
    "version.py": {
        "pyproject.toml": (SYSTEM + ABOUT).replace("__about__", "version"),
        "src/shelf/version.py": '# The version\n__version__ = "1.4.0"',
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


@pytest.fixture
def init(
    root: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Init:
    """Run `build-stamp init` in the project; return its status and all that it prints."""
    root.mkdir()
    monkeypatch.chdir(root)
    for name, value in hermetic({}).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, answer: str = "") -> tuple[int, str]:
        monkeypatch.setattr("builtins.input", lambda _: answer)
        status = cli.main(["init", *arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in {"src/shelf/__init__.py": "", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_project_gets_the_table_and_the_requirement(
    init: Init, root: Path, layout: str
) -> None:
    write(root, LAYOUTS[layout])
    before = (root / "pyproject.toml").read_text().splitlines()

    status, printed = init("--yes")

    assert status == 0, printed
    text = (root / "pyproject.toml").read_text()
    read = tomllib.loads(text)
    assert read["build-system"]["requires"][-1] == "paperless-report"
    assert read["tool"]["hatch"]["build"]["hooks"] == {"build-info": {}}
    # One line has changed, and three have come.
    assert len(set(before) - set(text.splitlines())) == 1
    assert len(text.splitlines()) == len(before) + 2
    assert "Wrote pyproject.toml" in printed


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_second_time_nothing_changes(init: Init, root: Path, layout: str) -> None:
    write(root, LAYOUTS[layout])
    init("--yes")
    before = {path: path.read_bytes() for path in root.rglob("*.*") if path.is_file()}

    status, printed = init("--yes")

    assert (status, printed) == (
        0,
        f"Nothing to add: {root} has the hook's table and the build requirement.\n",
    )
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_next_steps_lead_to_a_stamped_beta(
    init: Init, root: Path, layout: str
) -> None:
    write(root, {**LAYOUTS[layout], ".gitignore": "/dist/\n"})
    _, printed = init("--yes")
    start, _, reader = printed.partition("To read the stamp in your program:\n")
    steps = [line.strip() for line in start.splitlines() if line.startswith("    ")]
    assert steps[-1] == "python -m build"

    shutil.which("sh") or pytest.skip("this machine has no sh")
    script = (
        "\n".join(steps[:-1])
        .replace("X.Y.Z", "1.4.0")
        .replace("build-stamp", f"{sys.executable} -m build_hooks")
    )
    path = str(Path(cli.__file__).parents[1])
    subprocess.run(
        ("sh", "-euc", script),
        cwd=root,
        input=b"y\n",
        env={**hermetic(os.environ), "PYTHONPATH": path},
        check=True,
    )
    done = run_build(root, "--wheel")

    assert done.returncode == 0, done.stderr
    (wheel,) = (root / "dist").iterdir()
    name = "CHANNEL" if "CHANNEL" in reader else "__channel__"
    code = "\n".join(line.removeprefix("    ") for line in reader.splitlines())
    assert "shelf/build_info.py" in read_wheel(wheel)
    for place, channel in ((wheel, "beta"), (root / "src", "dev")):
        read = subprocess.run(
            (sys.executable, "-c", f"{code}\nprint({name})"),
            env={**os.environ, "PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert read.stdout == f"{channel}\n"


def test_a_version_py_gets_the_channel_of_a_work_tree(init: Init, root: Path) -> None:
    write(root, LAYOUTS["version.py"])

    _, printed = init("--yes")

    text = (root / "src/shelf/version.py").read_text()
    assert text == '# The version\n__version__ = "1.4.0"\n__channel__ = "dev"\n'
    assert "Wrote pyproject.toml and src/shelf/version.py." in printed
    assert '+__channel__ = "dev"' in printed


def test_a_version_py_that_a_build_writes_stays(init: Init, root: Path) -> None:
    hook = '[tool.hatch.build.hooks.vcs]\nversion-file = "src/shelf/version.py"\n'
    files = {**LAYOUTS["version.py"], "pyproject.toml": SYSTEM + VCS + hook}
    write(root, files)

    init("--yes")

    assert (root / "src/shelf/version.py").read_text() == files["src/shelf/version.py"]


def test_the_difference_is_shown_and_no_answer_writes_nothing(
    init: Init, root: Path
) -> None:
    write(root, LAYOUTS["about"])

    status, printed = init()

    assert status == 1
    assert '-requires = ["hatchling"]  # the backend\n' in printed
    assert '+requires = ["hatchling", "paperless-report"]  # the backend\n' in printed
    assert f"+{TABLE}" in printed
    assert printed.endswith("Nothing written.\n")
    assert (root / "pyproject.toml").read_text() == LAYOUTS["about"]["pyproject.toml"]


def test_a_dry_run_asks_and_writes_nothing(init: Init, root: Path) -> None:
    write(root, LAYOUTS["about"])

    status, printed = init("--dry-run", answer="y")

    assert status == 0
    assert printed.endswith("Dry run: nothing written.\n")
    assert (root / "pyproject.toml").read_text() == LAYOUTS["about"]["pyproject.toml"]


def test_yes_writes(init: Init, root: Path) -> None:
    write(root, LAYOUTS["about"])

    assert init(answer="y")[0] == 0
    assert TABLE in (root / "pyproject.toml").read_text()


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(
    init: Init, root: Path, tmp_path: Path
) -> None:
    write(root, LAYOUTS["static"])
    real = (root / "pyproject.toml").rename(tmp_path / "real.toml")
    (root / "pyproject.toml").symlink_to(real)
    real.chmod(0o640)

    assert init("--yes")[0] == 0

    assert (root / "pyproject.toml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert TABLE in real.read_text()


def test_a_file_that_changes_while_the_user_thinks_is_left_alone(
    init: Init, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, LAYOUTS["static"])

    def change(_: str) -> str:
        (root / "pyproject.toml").write_text(SYSTEM)
        return "y"

    monkeypatch.setattr("build_hooks.terminal.input", change, raising=False)

    status, printed = init()

    assert status == 1
    assert "has changed in the meantime, so nothing is written" in printed
    assert (root / "pyproject.toml").read_text() == SYSTEM


def test_what_is_there_already_is_not_added_again(init: Init, root: Path) -> None:
    text = LAYOUTS["static"]["pyproject.toml"]
    write(root, {"pyproject.toml": f"{text}\n{TABLE}strict = true\n"})
    init("--yes")
    with_table = (root / "pyproject.toml").read_text()
    assert with_table.count("build-info") == 1
    assert '"paperless-report"]' in with_table

    required = text.replace('"]', '", "Paperless_Report @ git+https://a.example/b"]')
    write(root, {"pyproject.toml": required})
    init("--yes")
    assert (root / "pyproject.toml").read_text() == f"{required}\n{TABLE}"


def test_the_table_goes_to_hatch_toml_if_hatchling_reads_it_there(
    init: Init, root: Path
) -> None:
    hatch = '[build.targets.sdist]\nexclude = ["/x"]\n\n[envs.default]\n'
    write(root, {**LAYOUTS["static"], "hatch.toml": hatch})

    _, printed = init("--yes")

    assert "Wrote pyproject.toml and hatch.toml." in printed
    start, _, end = hatch.partition("\n[envs")
    text = f"{start}\n[build.hooks.build-info]\n\n[envs{end}"
    assert (root / "hatch.toml").read_text() == text


def test_a_repository_without_main_cuts_from_the_branch_that_it_has(
    init: Init, root: Path
) -> None:
    repository = Repository(root)
    repository.git("symbolic-ref", "HEAD", "refs/heads/master")
    write(root, LAYOUTS["static"])

    init("--yes")

    text = (root / "pyproject.toml").read_text()
    assert f'{TABLE}beta-branch = "master"\nstable-branch = "master"\n' in text


SEVERAL = '[tool.hatch.build.targets.wheel]\npackages = ["src/lamp", "src/{}"]\n'


@pytest.mark.parametrize(
    ("other", "arguments", "package"),
    [
        ("shelf", (), "src/shelf"),
        ("shelf", ("--package", "src/lamp"), "src/lamp"),
        ("desk", ("--package", "src/desk/"), "src/desk"),
    ],
)
def test_one_of_several_packages_is_named(
    init: Init, root: Path, other: str, arguments: tuple[str, ...], package: str
) -> None:
    files = {f"src/{name}/__init__.py": "" for name in ("lamp", "desk")}
    text = LAYOUTS["static"]["pyproject.toml"] + SEVERAL.format(other)
    write(root, {**files, "pyproject.toml": text})

    status, printed = init("--yes", *arguments)

    assert status == 0, printed
    assert f'{TABLE}package = "{package}"\n' in (root / "pyproject.toml").read_text()


POETRY = SYSTEM.replace("hatchling.build", "poetry.core.masonry.api")
# What the project is, the reason against it, and what to do.
REFUSED = [
    ({}, "has no pyproject.toml", "hatch new NAME"),
    ({"pyproject.toml": "[project]\n"}, "so setuptools builds it", "set requires = "),
    (
        {"pyproject.toml": POETRY},
        "poetry.core.masonry.api builds it",
        "show src/shelf --format",
    ),
    ({"pyproject.toml": "[build-system]\nrequires=1\n"}, "not an array of", "Fix that"),
    ({"pyproject.toml": "["}, "is not valid TOML", ""),
    (
        {"pyproject.toml": f'{SYSTEM}version = "1"\n', "src/shelf/__init__.py": None},
        "hatchling finds no package",
        "Name the packages in",
    ),
    (
        {
            "pyproject.toml": f'{SYSTEM}version = "1"\n'
            '[tool.hatch.build.targets.wheel]\ninclude = ["lamp.py"]\n',
            "lamp.py": "",
        },
        "the module lamp.py and no package",
        "Move lamp.py to lamp/__init__.py",
    ),
    (
        {
            "pyproject.toml": f'{SYSTEM}version = "1"\n{SEVERAL.format("desk")}',
            "src/lamp/__init__.py": "",
            "src/desk/__init__.py": "",
        },
        "several packages: src/desk, src/lamp",
        "with --package",
    ),
    (
        {"pyproject.toml": f"{SYSTEM}{TABLE}", "hatch.toml": "[build]\n"},
        "hatchling ignores",
        "Move it to hatch.toml",
    ),
]


@pytest.mark.parametrize(("files", "reason", "fix"), REFUSED)
def test_a_refusal_says_why_and_what_to_do(
    init: Init, root: Path, files: dict[str, str | None], reason: str, fix: str
) -> None:
    write(root, {name: text for name, text in files.items() if text is not None})
    for name, text in files.items():
        if text is None:
            (root / name).unlink()

    status, printed = init("--yes")

    assert status == 1
    assert reason in printed
    assert fix in printed


BLOCK = f"""\
In [build-system] of pyproject.toml:
requires = ["hatchling", "paperless-report"]
At the end of pyproject.toml:
{TABLE}"""


def test_without_tomlkit_the_block_is_printed(
    init: Init, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    write(root, LAYOUTS["static"])

    status, printed = init("--yes")

    assert status == 1
    assert printed.startswith(BLOCK)
    assert "Install 'paperless-report[release]'" in printed
    assert (root / "pyproject.toml").read_text() == LAYOUTS["static"]["pyproject.toml"]


def test_a_file_without_a_place_for_the_table_gets_the_block_printed(
    init: Init, root: Path
) -> None:
    text = f'{SYSTEM}version = "1"\n[tool.hatch.build]\nhooks = {{vcs = {{}}}}\n'
    write(root, {"pyproject.toml": text})

    status, printed = init("--yes")

    assert status == 1
    assert printed.startswith(BLOCK)
    assert (root / "pyproject.toml").read_text() == text


def test_without_hatchling_the_first_build_finds_the_package(
    init: Init, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hatchling.builders.wheel", None)
    write(root, LAYOUTS["about"])

    assert init("--yes")[0] == 0
    assert f"\n{TABLE}" in (root / "pyproject.toml").read_text()


NOT_ALL = "A build now needs Python >=3.11: on others, your wheels install as before"


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        ('requires-python = ">=3.11"', ""),
        ('requires-python = "~=3.12"', ""),
        ('requires-python = ">=3.9"', 'says requires-python = ">=3.9". '),
        ('requires-python = ">=3.10,<3.13"', 'says requires-python = ">=3.10,<3.13". '),
        ("", "has no requires-python, which allows every Python. "),
        ('requires-python = "nonsense"', ""),
    ],
)
def test_a_python_on_which_the_build_does_not_run_is_named(
    init: Init, root: Path, line: str, remark: str
) -> None:
    text = SYSTEM.replace('name = "shelf"', f'name = "shelf"\nversion = "1"\n{line}')
    write(root, {"pyproject.toml": text})

    _, printed = init("--dry-run")

    note = f"Note: pyproject.toml {remark}{NOT_ALL}"
    assert (note in printed) is (remark != "")
    assert ("Note: " in printed) is (remark != "")


@pytest.mark.parametrize(
    ("ignored", "advice"),
    [
        ("", "/dist/ and /src/shelf/_version.py to"),
        ("/dist/\n", "/src/shelf/_version.py to"),
        ("/src/shelf/_version.py\n", "/dist/ to"),
        ("_version.py\n", "/dist/ to"),
        ("**/_version.py\n", "/dist/ to"),
    ],
)
def test_a_file_that_a_hook_writes_belongs_in_gitignore(
    init: Init, root: Path, ignored: str, advice: str
) -> None:
    hook = '[tool.hatch.build.hooks.vcs]\nversion-file = "src/shelf/_version.py"\n'
    files = {"pyproject.toml": SYSTEM + VCS + hook, ".gitignore": ignored}
    write(root, {**LAYOUTS["version.py"], **files})

    assert f"First add {advice} .gitignore: builds write" in init("--yes")[1]


@pytest.mark.parametrize("has_repository", [True, False])
@pytest.mark.parametrize(
    ("ignored", "remark"),
    [
        (".venv/\n/dist/\n", "A build writes build_info.py into the artifacts alone"),
        ("dist\n", "A build writes build_info.py into the artifacts alone"),
        ("build_info.py\n", "First add /dist/ to .gitignore: builds write there."),
        (None, "First add /dist/ to .gitignore: builds write there."),
    ],
)
def test_what_gitignore_needs_is_said(
    init: Init, root: Path, ignored: str | None, remark: str, *, has_repository: bool
) -> None:
    if has_repository:
        Repository(root)
    files = {} if ignored is None else {".gitignore": ignored}
    write(root, {**LAYOUTS["static"], **files})

    _, printed = init("--yes")

    assert f"\n{remark}" in printed
    assert "into the artifacts alone, so" in printed
