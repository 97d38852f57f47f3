"""What somebody else wrote into a tree adds no line to an output, and no argument."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from build_hooks import cli
from build_hooks.formats import FORMATS
from tests.build.artifacts import run_build
from tests.support.needs import needs
from tests.support.repository import Repository, hermetic
from tests.support.sample_project import FILES, PYPROJECT, add_keys

PACKAGE = "src/paperless"
SHA = "0123456789abcdef"
FORGED = "BUILDKIT_SYNTAX=evil.example/frontend"
LINES = f"\n{FORGED}\n::error::forged\n"
PKG_INFO = "Metadata-Version: 2.4\nName: host\nVersion: 2.15.0\n"
PROGRAMS = [name for name in FORMATS if name not in ("text", "json")]


def show(root: Path, name: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Run `show`; return its output and errors, which have no forged line."""
    cli.main(["show", str(root), "--format", name])
    printed = capsys.readouterr()
    assert "\u202e" not in printed.out + printed.err
    for line in (printed.out + printed.err).splitlines():
        assert not line.startswith((FORGED, "::"))
        assert f"--build-arg {FORGED}" not in line
    return printed.out, printed.err


# The facts of a stamp in the tree, malformed. The names are those in build_info.py.
MALFORMED = {
    "a line break in the date": ("BUILD_DATE", f"2026-05-18T12:00:00Z{LINES}"),
    "a date alone": ("BUILD_DATE", "yesterday"),
    "a date without a time zone": ("BUILD_DATE", "2026-05-18T12:00:00"),
    "a line break in the commit": ("SOURCE_COMMIT", f"{SHA}{LINES}"),
    "a short commit": ("SOURCE_COMMIT", SHA[:8]),
    "a branch as the commit": ("SOURCE_COMMIT", "main"),
    "a line break in the channel": ("CHANNEL", f"stable{LINES}"),
    "another channel": ("CHANNEL", "nightly"),
    "a line break in the URL": ("REPORT_URL", f"https://reports.example.org/{LINES}"),
    "an argument in the URL": ("REPORT_URL", "https://evil.example/ --network=host"),
    "a turned URL": ("REPORT_URL", "https://evil.example/\u202egro"),
    "no encryption": ("REPORT_URL", "http://reports.example.org"),
    "a password in the URL": ("REPORT_URL", "https://a:b@reports.example.org"),
}


@pytest.mark.parametrize("place", ["sdist", "copy"])
@pytest.mark.parametrize(("name", "value"), MALFORMED.values(), ids=MALFORMED)
def test_a_stamp_in_the_tree_passes_the_checks_of_the_variables(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    name: str,
    value: str,
) -> None:
    repository = Repository.at(tmp_path)
    stamp = {"SOURCE_COMMIT": SHA, name: value}
    text = "".join(f"{key} = {it!r}\n" for key, it in stamp.items())
    more = {"PKG-INFO": PKG_INFO} if place == "sdist" else {}
    repository.write({**FILES, **more, f"{PACKAGE}/build_info.py": text})

    out, err = show(tmp_path, "json", capsys)

    assert out == ""
    assert err.startswith(f"build-stamp: {tmp_path / PACKAGE}/build_info.py: {name} ")
    # The variable of the same name has the same problem.
    (tmp_path / PACKAGE / "build_info.py").unlink()
    monkeypatch.setenv(f"HOST_{name}", value)
    assert show(tmp_path, "json", capsys)[0] == ""


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_format_for_programs_carries_lines_of_a_stamp(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    repository = Repository.at(tmp_path)
    text = f"SOURCE_COMMIT = {SHA!r}\nBUILD_DATE = {f'2026-05-18T12:00:00Z{LINES}'!r}\n"
    repository.write({**FILES, f"{PACKAGE}/build_info.py": text})

    out, _ = show(tmp_path, name, capsys)

    assert FORGED not in out


VERSIONS = {
    "pyproject.toml": {
        "pyproject.toml": PYPROJECT.replace('"2.15.0"', f'"""2.15.0{LINES}"""')
    },
    "PKG-INFO": {
        "pyproject.toml": PYPROJECT.replace(
            'version = "2.15.0"', 'dynamic = ["version"]'
        ),
        "PKG-INFO": "Metadata-Version: 2.4\nName: host\nVersion: 2.15.0 \x1b[2J\u202e x\n",
    },
    "version.py": {
        "pyproject.toml": PYPROJECT.replace("hatchling.build", "other.build"),
        f"{PACKAGE}/version.py": f"__version__ = {f'2.15.0{LINES}'!r}\n",
    },
    "a version.py with a space": {
        "pyproject.toml": PYPROJECT.replace("hatchling.build", "other.build"),
        f"{PACKAGE}/version.py": "__version__ = '2.15.0 --network=host'\n",
    },
}


@pytest.mark.parametrize("files", VERSIONS.values(), ids=VERSIONS)
@pytest.mark.parametrize("name", ["text", "json", "github", "labels"])
def test_a_version_is_one_word(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    name: str,
) -> None:
    repository = Repository.at(tmp_path)
    repository.write({**FILES, **files})

    out, err = show(tmp_path, name, capsys)

    assert out == ""
    assert "__version__" in err or "says version" in err


@pytest.mark.parametrize("project_name", [f"x{LINES}", "x y", "x\u202ey", "x\u3164"])
def test_the_labels_refuse_a_name_that_is_several_words(
    project: Repository, capsys: pytest.CaptureFixture[str], project_name: str
) -> None:
    escaped = "".join(f"\\u{ord(it):04x}" for it in project_name)
    text = PYPROJECT.replace('name = "host"', f'name = "{escaped}"')
    project.write({"pyproject.toml": text})

    out, err = show(project.root, "labels", capsys)

    assert out == ""
    assert "title would be" in err


@pytest.mark.parametrize(
    "tag",
    ["a\nb-v2.15.0", "x y-v2.15.0", "\u202ex-v2.15.0", "a\x1b-v2.15.0", "::a-v2.15.0"],
)
def test_a_tag_is_one_word_whatever_the_pattern_takes(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tag: str,
) -> None:
    project.write(
        {"pyproject.toml": add_keys("tag-pattern = '(?s).*-v(?P<version>.+)'\n")}
    )
    monkeypatch.setenv("HOST_TAG", tag)

    assert cli.main(["show", str(project.root)]) == 1

    assert "HOST_TAG must be a release tag" in capsys.readouterr().err


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_git_archive_states_nothing_but_a_commit_and_a_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    repository = Repository.at(tmp_path)
    date = f"2026-05-18T12:00:00Z\x0b{FORGED}\x85::error::x"
    archival = f"node: {'a' * 40}\nnode-date: {date}\n{FORGED}\n"
    repository.write({**FILES, ".git_archival.txt": archival})

    out, _ = show(tmp_path, name, capsys)

    assert FORGED not in out


def test_the_lines_of_a_dockerfile_contain_no_lines_of_a_name(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    package = f"src/x{LINES.replace('/', '-')}"
    (project.root / package).mkdir()
    text = PYPROJECT.replace('package = "src/paperless"', f'package = """{package}"""')
    project.write({"pyproject.toml": text})

    out, err = show(project.root, "dockerfile", capsys)

    assert out == ""
    assert "package would be" in err


@needs("sh")
@pytest.mark.parametrize(
    "recipe",
    {
        "a changed file": "touch {package}/{name}.py",
        "a tag": "git tag $(printf '\\342\\200\\256')x-1.0",
        "a message of git": 'git config "$NAME.x" y; git config core.bare "$NAME"',
        "the place of the version": "sed -i '/^version/d' pyproject.toml; printf "
        "'dynamic = [\"version\"]\\n' > x; sed -i '/^name/r x' pyproject.toml; "
        'printf \'[tool.hatch.version]\\npath = """%s"""\\n\' "$NAME.py" >> '
        'pyproject.toml; printf \'__version__ = "2.15.0"\\n\' > "$NAME.py"',
    }.values(),
)
def test_what_show_prints_for_people_has_no_forged_line(
    project: Repository, capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    name = "x\n::error::forged"
    subprocess.run(
        ("sh", "-uc", recipe.format(package=PACKAGE, name=name)),
        cwd=project.root,
        env={**hermetic(os.environ), "NAME": name},
        check=False,
    )

    show(project.root, "text", capsys)


@pytest.mark.usefixtures("author")
def test_write_and_cut_print_no_forged_line(
    project: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "x\n::error::forged"
    shutil.copytree(project.root / "src", copy / "src")
    project.git("switch", "--quiet", "--create", "\u202ebranch")

    assert cli.main(["write", str(copy / PACKAGE), "--from", str(project.root)]) == 0
    cli.main(["cut", "beta", str(project.root), "--yes"])
    cli.main(["verify", str(copy)])
    with pytest.raises(SystemExit):
        cli.main(["verify", "x", "--no\n::error::forged"])

    printed = capsys.readouterr()
    text = printed.out + printed.err
    assert "\u202e" not in text
    assert not [it for it in text.splitlines() if it.lstrip().startswith("::")]


@pytest.mark.usefixtures("author")
def test_a_command_to_copy_is_one_command(
    project: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remote = "x;reboot"
    project.with_remote(tmp_path / "remote")
    project.git("remote", "rename", "origin", remote)

    cli.main(["cut", "beta", str(project.root), "--yes"])

    printed = capsys.readouterr().out
    assert f"git push {shlex.quote(remote)} refs/tags/" in printed


@pytest.mark.slow
def test_a_build_prints_no_forged_line(project: Repository) -> None:
    project.write({f"{PACKAGE}/x\n::error::forged.py": ""})

    done = run_build(project.root, "--wheel", HOST_TAG="x\n::error::forged")

    assert r"x\n::error::forged" in done.stderr + done.stdout
    assert "\n::error::" not in done.stderr + done.stdout
