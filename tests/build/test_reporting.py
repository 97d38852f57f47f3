"""A packager turns all reporting of a package off, for good."""

import os
import re
import shutil
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import cli, formats
from build_hooks.config import Config
from build_hooks.errors import EnvironmentVariableError, SourceFileError
from build_hooks.own_stamp import is_sdist, read_package_files
from build_hooks.project import Project
from build_hooks.project_version import read_version
from build_hooks.resolve import resolve
from build_hooks.stamp import Resolution, Stamp
from build_hooks.stamped_files import render_files
from tests.build.artifacts import build_targets, read_wheel
from tests.build.crafted import BUILD_INFO, make_wheel
from tests.build.verdicts import verify
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT, add_keys
from tests.support.tarballs import unpack

CONFIG = Config(PurePosixPath("src/paperless"), env_prefix="HOST")
OFF = CONFIG._replace(reporting=False)
SWITCH = '"""Made by the build; never committed."""\n\nREPORTING = False\n'
FACTS = (
    '"""Made by the build; never committed."""\n\nSOURCE_COMMIT = "0123456789abcdef"\n'
)
SHA = "0123456789abcdef0123456789abcdef01234567"
DATE = "2026-05-18T12:00:00Z"
LINE = "REPORTING = False\n"


def resolution_of(root: Path, config: Config = CONFIG, **environ: str) -> Resolution:
    project = Project(root, "host", config)
    files = read_package_files(project.package_dir)
    version = read_version(project, files)
    clean = {it: value for it, value in os.environ.items() if not it.startswith("HOST")}
    return resolve(project, files, version, {**clean, **environ})


def stamp(root: Path, config: Config = CONFIG, **environ: str) -> Stamp:
    return resolution_of(root, config, **environ).stamp


def ship(root: Path, config: Config = CONFIG, **environ: str) -> str:
    """Return the build_info.py that a build of the tree at *root* ships, or ""."""
    files = read_package_files(root / config.package)
    rendered = render_files(files, stamp(root, config, **environ))
    return rendered.get("build_info.py", b"").decode()


def state(root: Path, build_info: str) -> None:
    """Give the tree at *root* a build_info.py of its own."""
    (root / "src/paperless/build_info.py").write_text(build_info)


def forget_git(project: Repository) -> Path:
    shutil.rmtree(project.root / ".git")
    return project.root


@pytest.mark.parametrize(
    ("config", "environ", "own", "source"),
    [
        (OFF, {}, "", "configuration"),
        (CONFIG, {"HOST_REPORTING": "0"}, "", "environment"),
        (CONFIG, {"HOST_REPORTING": " Off "}, "", "environment"),
        (CONFIG, {}, SWITCH, "build_info.py"),
        (OFF, {"HOST_REPORTING": ""}, "", "configuration"),
    ],
)
@pytest.mark.parametrize("has_git", [True, False])
def test_one_line_turns_reporting_off_with_and_without_facts(
    project: Repository,
    config: Config,
    environ: dict[str, str],
    own: str,
    source: str,
    *,
    has_git: bool,
) -> None:
    root = project.root if has_git else forget_git(project)
    if own:
        state(root, own)

    shipped = ship(root, config, **environ)

    assert stamp(root, config, **environ).decided["reporting"] == source
    assert shipped.endswith(LINE)
    assert ("SOURCE_COMMIT" in shipped) == has_git
    assert has_git or shipped == SWITCH


def test_a_tree_without_facts_gets_the_line_alone(project: Repository) -> None:
    config = OFF._replace(report_url="https://reports.example.org")

    assert (
        ship(forget_git(project), config, HOST_BUILD_DATE="2026-05-18T12:00Z") == SWITCH
    )


@pytest.mark.parametrize("value", ["", "1", "true", "on"])
def test_the_default_writes_nothing(project: Repository, value: str) -> None:
    plain = ship(project.root)

    assert ship(project.root, HOST_REPORTING=value) == plain
    assert "REPORTING" not in plain
    assert ship(forget_git(project), HOST_REPORTING=value) == ""


@pytest.mark.parametrize("own", ["", FACTS + LINE, SWITCH])
def test_a_variable_overrides_the_key_and_the_tree(
    project: Repository, own: str
) -> None:
    if own:
        state(project.root, own)

    assert "REPORTING" not in ship(project.root, OFF, HOST_REPORTING="1")


def test_a_variable_overrides_a_switch_in_a_tree_without_facts(
    project: Repository,
) -> None:
    """The tree's own file would be shipped, if nothing replaced it."""
    state(forget_git(project), SWITCH)

    shipped = ship(project.root, HOST_REPORTING="1")

    assert shipped == SWITCH.replace("False", "True")


@pytest.mark.parametrize("sign", ["PKG-INFO", ""])
@pytest.mark.parametrize(
    ("config", "environ"), [(OFF, {}), (CONFIG, {"HOST_REPORTING": "0"})]
)
def test_a_packager_turns_it_off_in_an_sdist_or_a_copy_that_keeps_its_facts(
    project: Repository, config: Config, environ: dict[str, str], sign: str
) -> None:
    root = forget_git(project)
    state(root, FACTS)
    if sign:
        (root / sign).touch()

    shipped = ship(root, config, **environ)

    assert 'SOURCE_COMMIT = "012345678"\n' in shipped
    assert shipped.endswith(LINE)


@pytest.mark.parametrize("config", [CONFIG, OFF])
def test_an_sdist_that_is_off_stays_as_it_is(
    project: Repository, config: Config
) -> None:
    (project.root / "PKG-INFO").touch()
    own = f"{FACTS}{LINE}# its own form\n"
    state(project.root, own)

    assert ship(project.root, config) == own


def test_the_line_alone_is_not_a_stamp(project: Repository) -> None:
    (project.root / "PKG-INFO").touch()
    state(project.root, SWITCH)
    files = read_package_files(project.root / "src/paperless")

    assert not is_sdist(project.root, files)
    assert stamp(project.root).source == "git"
    assert stamp(forget_git(project)).source == "none"


def test_an_archive_does_not_turn_it_on_again(project: Repository) -> None:
    root = forget_git(project)
    node = f"node: {SHA}\nnode-date: 2026-05-18T12:00:00Z\n"
    (root / ".git_archival.txt").write_text(node)
    state(root, FACTS + LINE)

    assert stamp(root).source == "git-archive"
    assert ship(root).endswith(LINE)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("REPORTING = 0\n", "REPORTING must be True or False, not 0. To turn"),
        ('REPORTING = "no"\n', "REPORTING must be True or False, not 'no'"),
        ("REPORTING = bool(0)\n", "computes REPORTING"),
        ("if x:\n    REPORTING = False\n", "Assign a literal there"),
    ],
)
def test_another_value_in_the_tree_is_named(
    project: Repository, line: str, message: str
) -> None:
    state(project.root, FACTS + line)

    with pytest.raises(SourceFileError, match=r"build_info\.py") as caught:
        stamp(project.root)
    assert message in str(caught.value)


def test_another_value_of_the_variable_is_named(project: Repository) -> None:
    with pytest.raises(EnvironmentVariableError) as caught:
        stamp(project.root, HOST_REPORTING="maybe")

    assert str(caught.value) == (
        "HOST_REPORTING must be 0 or 1, not 'maybe'. To turn reporting off, set it to 0. "
        "If not, unset it."
    )


def test_an_image_gets_it_from_the_arguments(project: Repository) -> None:
    config = OFF
    host = Project(project.root, "host", config)

    printed = formats.format_build_args(host, stamp(project.root, config))

    assert "HOST_REPORTING=0" in printed.splitlines()
    overridden = stamp(project.root, config, HOST_REPORTING="1")
    assert "HOST_REPORTING=1" in formats.format_build_args(host, overridden)
    assert "REPORTING" not in formats.format_build_args(host, stamp(project.root))


@pytest.mark.parametrize(
    "has_git", [True, pytest.param(False, marks=pytest.mark.nightly)]
)
def test_a_wheel_from_the_sdist_has_the_same_bytes(
    project: Repository, tmp_path: Path, *, has_git: bool
) -> None:
    project.write({"pyproject.toml": add_keys("reporting = false\n")})
    root = project.root if has_git else forget_git(project)
    wheel, sdist = build_targets(root, tmp_path / "dist", "wheel", "sdist")
    unpacked = unpack(sdist, tmp_path / "unpacked")

    (second,) = build_targets(unpacked, tmp_path / "again", "wheel")

    assert second.read_bytes() == wheel.read_bytes()
    assert read_wheel(wheel)["paperless/build_info.py"].endswith(LINE)
    assert (read_wheel(wheel)["paperless/build_info.py"] == SWITCH) != has_git


@pytest.fixture
def copy(project: Repository, tmp_path: Path) -> Path:
    """The package in a copy of the tree, without pyproject.toml."""
    shutil.copytree(project.root / "src", tmp_path / "copy")
    return tmp_path / "copy" / "paperless"


def write(copy: Path, *arguments: object) -> str:
    """Stamp *copy*, and return its build_info.py."""
    assert cli.main(["write", *map(str, (copy, *arguments))]) == 0
    return (copy / "build_info.py").read_text()


def test_an_option_of_write_turns_it_off_and_the_copy_keeps_it(
    project: Repository, copy: Path
) -> None:
    assert write(copy, "--no-reporting") == SWITCH
    assert write(copy) == SWITCH

    stamped = write(copy, "--from", project.root)

    assert "SOURCE_COMMIT" in stamped
    assert stamped.endswith(LINE)


def test_a_stamped_copy_gets_the_line_from_a_source_without_facts(
    project: Repository, copy: Path
) -> None:
    before = write(copy, "--from", project.root)

    assert write(copy, "--no-reporting", "--from", forget_git(project)) == before + LINE


def test_the_key_of_the_copied_tree_counts(project: Repository, copy: Path) -> None:
    (copy.parent / "pyproject.toml").write_text(add_keys("reporting = false\n"))

    assert write(copy, "--from", project.root).endswith(LINE)


def test_show_says_what_turned_it_off(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", str(project.root), "--no-reporting"]) == 0
    (line,) = re.findall("reporting .*", capsys.readouterr().out)
    assert line.split() == ["reporting", ":", "no", "(environment)"]


NAMED_OFF, NAMED = add_keys("reporting = false\n"), PYPROJECT
STATED = BUILD_INFO + LINE.encode()


@pytest.mark.parametrize(
    ("pyproject", "build_info", "options", "message"),
    [
        (NAMED, BUILD_INFO, ["--strict"], ""),
        (NAMED, BUILD_INFO, ["--no-reporting"], "reporting is not off: build it with"),
        (NAMED, STATED, [], ""),
        (NAMED, STATED, ["--no-reporting", "--strict"], ""),
        (NAMED, STATED, ["--strict"], "the project's configuration leaves it on"),
        (NAMED_OFF, STATED, ["--strict"], ""),
        (NAMED_OFF, BUILD_INFO, ["--strict"], "configuration says reporting = false"),
        (NAMED_OFF, BUILD_INFO + b"REPORTING = True\n", ["--strict"], "is not off"),
        (NAMED_OFF, BUILD_INFO, [], ""),
        (NAMED, BUILD_INFO + b"REPORTING = 0\n", [], "is 0, not True or False"),
        (NAMED, BUILD_INFO + b"REPORTING = not 1\n", [], "computes REPORTING"),
        (NAMED, STATED + b"if x: REPORTING = True\n", [], "in lines 3 and 4"),
        (NAMED, LINE.encode(), ["--no-reporting"], ""),
    ],
)
def test_verify_checks_it_against_the_key(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pyproject: str,
    build_info: bytes,
    options: list[str],
    message: str,
) -> None:
    (tmp_path / "src" / "paperless").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(pyproject)
    monkeypatch.chdir(tmp_path)
    wheel = make_wheel(tmp_path, {"shelf/build_info.py": build_info})

    failures = verify(wheel, *options)

    if message:
        assert any(it.startswith("reports") and message in it for it in failures)
    else:
        assert failures == []


def test_verify_prints_that_it_is_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = make_wheel(tmp_path, {"shelf/build_info.py": LINE.encode()})

    assert cli.main(["verify", str(wheel)]) == 0

    printed = capsys.readouterr().out
    assert "  ok    stamp    none: build_info.py only turns reporting off\n" in printed
    assert "  ok    reports  REPORTING is False, which turns all" in printed
    assert cli.main(["verify", str(wheel), "--strict"]) == 1


URL, OTHER = "https://reports.example.org", "https://elsewhere.example"


@pytest.mark.parametrize("sign", ["PKG-INFO", ""])
def test_the_url_of_an_sdist_or_a_copy_stays_and_a_warning_says_so(
    project: Repository, sign: str
) -> None:
    """A changed key had no effect, and nothing said so."""
    root = forget_git(project)
    own = f'{FACTS}REPORT_URL = "{URL}"\n'
    state(root, own)
    if sign:
        (root / sign).touch()
    config = CONFIG._replace(report_url=OTHER)
    strict = config._replace(strict=True)
    resolution = resolution_of(root, strict, HOST_CHANNEL="beta", HOST_BUILD_DATE=DATE)

    assert ship(root, config) == own
    assert stamp(root, config).report_url == URL
    kind = "sdist" if sign else "copy"
    (warning,) = resolution.warnings
    assert warning == (
        f"This {kind} sends reports to {URL}, whatever its report-url says ({OTHER}). To "
        "send them elsewhere, set HOST_REPORT_URL."
    )
    assert f'REPORT_URL = "{OTHER}"\n' in ship(root, config, HOST_REPORT_URL=OTHER)
    for named, environ in ((URL, {}), (OTHER, {"HOST_REPORT_URL": OTHER})):
        again = CONFIG._replace(report_url=named)
        assert resolution_of(root, again, **environ).warnings == ()


def test_an_sdist_without_a_url_gets_the_one_of_the_key(project: Repository) -> None:
    (project.root / "PKG-INFO").touch()
    state(project.root, FACTS)

    shipped = ship(project.root, CONFIG._replace(report_url=URL))

    assert 'SOURCE_COMMIT = "012345678"\n' in shipped
    assert f'REPORT_URL = "{URL}"\n' in shipped
