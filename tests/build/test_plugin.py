"""Builds a project with the hook."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.artifacts import build, read_sdist, read_wheel, run_build
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT, VERSION_PY, add_keys
from tests.support.tarballs import unpack

pytestmark = pytest.mark.slow

DATE = "2026-05-18T12:00:00Z"
STAMPED = VERSION_PY.replace('"dev"', '"beta"')


def build_info(commit: str) -> str:
    return f'SOURCE_COMMIT = "{commit[:9]}"\nBUILD_DATE = "{DATE}"\n'


def test_the_wheel_and_the_sdist_are_stamped(project: Repository) -> None:
    project.tag("v2.15.0-beta.rc1")
    commit = project.git("rev-parse", "HEAD")

    artifacts = build(project.root, "--wheel", "--sdist")

    wheel, sdist = read_wheel(artifacts[".whl"]), read_sdist(artifacts[".gz"])
    assert wheel["paperless/version.py"] == STAMPED
    assert sdist["src/paperless/version.py"] == STAMPED
    assert wheel["paperless/build_info.py"].endswith(build_info(commit))
    assert sdist["src/paperless/build_info.py"].endswith(build_info(commit))


def test_a_wheel_from_the_sdist_keeps_its_stamp(project: Repository) -> None:
    project.tag("v2.15.0-beta.rc1")
    commit = project.git("rev-parse", "HEAD")

    # Neither flag: build makes the wheel from the unpacked sdist.
    wheel = read_wheel(build(project.root, SOURCE_DATE_EPOCH="1779105600")[".whl"])

    assert wheel["paperless/version.py"] == STAMPED
    assert wheel["paperless/build_info.py"].endswith(build_info(commit))


def test_a_wheel_from_the_sdist_is_the_same_bytes_as_one_from_the_tree(
    project: Repository, tmp_path: Path
) -> None:
    project.tag("v2.15.0-beta.rc1")
    elsewhere = tmp_path / "elsewhere"
    project.git("clone", "--quiet", str(project.root), str(elsewhere))

    from_tree = build(project.root, "--wheel")[".whl"]
    from_sdist = build(elsewhere)[".whl"]

    assert from_tree.read_bytes() == from_sdist.read_bytes()


def test_a_build_does_not_change_the_work_tree(project: Repository) -> None:
    project.tag("v2.15.0-beta.rc1")

    build(project.root, "--wheel")

    assert project.git("status", "--porcelain", "--ignored") == "!! dist/"
    assert (project.root / "src/paperless/version.py").read_text() == VERSION_PY


def test_two_builds_of_one_commit_are_the_same_bytes(
    project: Repository, tmp_path: Path
) -> None:
    project.tag("v2.15.0")
    elsewhere = tmp_path / "quite" / "another place"
    project.git("clone", "--quiet", str(project.root), str(elsewhere))

    first = build(
        project.root, "--wheel", "--sdist", umask=0o022, TZ="Pacific/Auckland"
    )
    second = build(
        elsewhere, "--wheel", "--sdist", umask=0o077, TZ="America/New_York", LANG="C"
    )

    assert {name: path.read_bytes() for name, path in first.items()} == {
        name: path.read_bytes() for name, path in second.items()
    }


def test_a_wheel_from_the_sdist_needs_no_git(
    project: Repository, tmp_path: Path
) -> None:
    """ofek/hatch-vcs#36."""
    project.tag("v2.15.0")
    sdist = build(project.root, "--sdist")[".gz"]
    unpacked = unpack(sdist, tmp_path / "unpacked")

    wheel = read_wheel(build(unpacked, "--wheel", PATH="/nowhere")[".whl"])

    assert '= "stable"' in wheel["paperless/version.py"]


@pytest.mark.parametrize("flags", [("--wheel", "--sdist"), ()])
def test_a_leftover_build_info_is_replaced_and_shipped_once(
    project: Repository, flags: tuple[str, ...]
) -> None:
    """pypa/hatch#1030, #2301, #1946: git ignores build_info.py, and no table lists it."""
    assert "artifacts" not in PYPROJECT
    project.write({"src/paperless/build_info.py": 'SOURCE_COMMIT = "leftover"\n'})

    artifacts = build(project.root, *flags)

    for files in (read_wheel(artifacts[".whl"]), read_sdist(artifacts[".gz"])):
        (name,) = (it for it in files if it.endswith("/build_info.py"))
        assert "leftover" not in files[name]


def test_an_editable_install_is_not_stamped(
    project: Repository, tmp_path: Path
) -> None:
    project.tag("v2.15.0")
    code = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"

    subprocess.run(
        (sys.executable, "-c", code, str(tmp_path)), cwd=project.root, check=True
    )

    assert not [
        name
        for name in read_wheel(next(tmp_path.glob("*.whl")))
        if "build_info" in name
    ]


def test_a_build_without_git_warns_and_succeeds(project: Repository) -> None:
    (project.root / ".git").rename(project.root / "no-git")

    done = run_build(project.root, "--wheel")

    assert done.returncode == 0
    assert done.stderr.count("The commit of this tree is unknown") == 1
    wheel = read_wheel(next((project.root / "dist").glob("*.whl")))
    assert "paperless/build_info.py" not in wheel
    assert wheel["paperless/version.py"] == VERSION_PY


def test_the_report_url_is_built_in(project: Repository) -> None:
    url = "https://reports.example.org"
    project.write({"pyproject.toml": add_keys(f'report-url = "{url}"\n')})

    wheel = read_wheel(build(project.root, "--wheel")[".whl"])

    assert f'REPORT_URL = "{url}"\n' in wheel["paperless/build_info.py"]


def assert_build_fails(project: Repository, *messages: str) -> None:
    done = run_build(project.root, "--wheel")
    printed = done.stdout + done.stderr

    assert done.returncode != 0
    assert not list(project.root.glob("dist/*"))
    for message in messages:
        assert message in printed
    assert "Traceback" not in printed


def test_a_wrong_table_fails_with_every_error(project: Repository) -> None:
    hook = 'package = "src/paperless"\n'
    wrong = 'pakage = "src/paperless"\nreport-url = "http://reports.example.org"\n'
    project.write({"pyproject.toml": PYPROJECT.replace(hook, wrong)})

    assert_build_fails(
        project,
        'tool.hatch.build.hooks.build-info.pakage is not a key of this hook. Did you mean "package"?',
        "tool.hatch.build.hooks.build-info.report-url must begin with https://",
    )


def test_a_tag_of_another_version_fails_and_names_both(project: Repository) -> None:
    project.tag("v3.0.0-beta.rc1")

    assert_build_fails(project, "v3.0.0-beta.rc1", "2.15.0")


def test_two_channels_in_version_py_fail(project: Repository) -> None:
    project.write({"src/paperless/version.py": VERSION_PY + '__channel__ = "x"\n'})

    assert_build_fails(project, "assigns __channel__ in lines 4 and 5")


def test_an_error_in_a_targets_table_names_that_table(project: Repository) -> None:
    table = "[tool.hatch.build.hooks.build-info]"
    own = "[tool.hatch.build.targets.wheel.hooks.build-info]\npakage = 1"
    project.write({"pyproject.toml": PYPROJECT.replace(table, own)})

    assert_build_fails(
        project, "tool.hatch.build.targets.wheel.hooks.build-info.pakage is not a key"
    )


def test_a_version_py_that_another_hook_generates_is_stamped(
    project: Repository,
) -> None:
    """Like `version-file` of hatch-vcs: git ignores it, and `artifacts` lists it."""
    version_py = "src/paperless/version.py"
    project.git("rm", "--quiet", "--cached", version_py)
    project.write(
        {
            ".gitignore": f"build_info.py\n/dist/\n{version_py}\n",
            "pyproject.toml": PYPROJECT + f'artifacts = ["{version_py}"]\n',
        }
    )
    project.commit()
    project.tag("v2.15.0")

    wheel = read_wheel(build(project.root, "--wheel")[".whl"])

    assert '= "stable"' in wheel["paperless/version.py"]


def select(project: Repository, selection: str) -> None:
    """Replace the wheel's selection of files."""
    packages = 'packages = ["src/paperless"]'
    project.write({"pyproject.toml": PYPROJECT.replace(packages, selection)})


def test_a_force_included_package_is_stamped(project: Repository) -> None:
    select(
        project,
        'force-include = {"src/paperless" = "paperless"}\nbypass-selection = true',
    )

    wheel = read_wheel(build(project.root, "--wheel")[".whl"])

    assert "paperless/build_info.py" in wheel
    assert "paperless/__init__.py" in wheel


@pytest.mark.parametrize("forced", ["src/paperless/version.py", "docs/version.py"])
def test_a_force_included_version_py_is_stamped(
    project: Repository, forced: str
) -> None:
    project.write({forced: VERSION_PY})
    select(
        project,
        f'packages = ["src/paperless"]\nforce-include = {{"{forced}" = '
        '"paperless/version.py"}',
    )
    project.commit()
    project.tag("v2.15.0-beta.rc1")

    wheel = read_wheel(build(project.root, "--wheel")[".whl"])

    assert wheel["paperless/version.py"] == STAMPED


FORCED = 'force-include = {"docs/index.md" = "paperless/build_info.py"}'


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            f'packages = ["src/paperless"]\n{FORCED}',
            "forces src/paperless/build_info.py in, and so does this hook",
        ),
        ('packages = ["docs"]', "leaves out src/paperless."),
        (
            'packages = ["src/paperless"]\nexclude = ["version.py"]',
            "leaves out src/paperless/version.py",
        ),
    ],
    ids=["force-included build_info.py", "other package", "excluded version.py"],
)
def test_a_selection_that_cannot_be_stamped_fails(
    project: Repository, selection: str, message: str
) -> None:
    select(project, selection)

    assert_build_fails(project, f"tool.hatch.build.targets.wheel {message}")
