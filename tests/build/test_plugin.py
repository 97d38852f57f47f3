"""Real builds of a real project, without isolation so that they are quick."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.artifacts import build, read_sdist, read_wheel, run_build
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT, VERSION_PY

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


def test_the_work_tree_is_not_touched(project: Repository) -> None:
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

    one = build(project.root, "--wheel", "--sdist", umask=0o022, TZ="Pacific/Auckland")
    two = build(
        elsewhere, "--wheel", "--sdist", umask=0o077, TZ="America/New_York", LANG="C"
    )

    assert {name: path.read_bytes() for name, path in one.items()} == {
        name: path.read_bytes() for name, path in two.items()
    }


def test_an_editable_install_is_left_alone(project: Repository, tmp_path: Path) -> None:
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


def test_without_git_the_build_warns_and_passes(project: Repository) -> None:
    (project.root / ".git").rename(project.root / "no-git")

    done = run_build(project.root, "--wheel")

    assert done.returncode == 0
    assert done.stderr.count("The commit of this tree is unknown") == 1
    wheel = read_wheel(next((project.root / "dist").glob("*.whl")))
    assert "paperless/build_info.py" not in wheel
    assert wheel["paperless/version.py"] == VERSION_PY


def test_the_report_url_is_baked_in(project: Repository) -> None:
    url = "https://reports.example.org"
    hook = 'package = "src/paperless"\n'
    project.write(
        {"pyproject.toml": PYPROJECT.replace(hook, f'{hook}report-url = "{url}"\n')}
    )

    wheel = read_wheel(build(project.root, "--wheel")[".whl"])

    assert f'REPORT_URL = "{url}"\n' in wheel["paperless/build_info.py"]


def fails(project: Repository, *complaints: str) -> None:
    done = run_build(project.root, "--wheel")
    said = done.stdout + done.stderr

    assert done.returncode != 0
    assert not (project.root / "dist").exists() or not list(
        (project.root / "dist").iterdir()
    )
    for complaint in complaints:
        assert complaint in said
    assert "Traceback" not in said


def test_wrong_configuration_fails_with_every_error(project: Repository) -> None:
    hook = 'package = "src/paperless"\n'
    wrong = 'pakage = "src/paperless"\nreport-url = "http://reports.example.org"\n'
    project.write({"pyproject.toml": PYPROJECT.replace(hook, wrong)})

    fails(
        project,
        'tool.hatch.build.hooks.build-info.pakage is not a key of this hook. Did you mean "package"?',
        "tool.hatch.build.hooks.build-info.package is missing.",
        "tool.hatch.build.hooks.build-info.report-url must begin with https://",
    )


def test_a_forgotten_bump_fails_and_names_both(project: Repository) -> None:
    project.tag("v3.0.0-beta.rc1")

    fails(project, "v3.0.0-beta.rc1", "2.15.0")


def test_two_channels_in_version_py_fail(project: Repository) -> None:
    project.write({"src/paperless/version.py": VERSION_PY + '__channel__ = "x"\n'})

    fails(project, "assigns __channel__ in lines 4 and 5")


def test_a_hook_of_one_target_names_its_own_table(project: Repository) -> None:
    table = "[tool.hatch.build.hooks.build-info]"
    own = "[tool.hatch.build.targets.wheel.hooks.build-info]\npakage = 1"
    project.write({"pyproject.toml": PYPROJECT.replace(table, own)})

    fails(
        project, "tool.hatch.build.targets.wheel.hooks.build-info.pakage is not a key"
    )


def test_a_version_py_that_another_hook_makes_is_shipped_stamped(
    project: Repository,
) -> None:
    """As with hatch-vcs's `version-file`: ignored by git, named as an artifact."""
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


def test_a_package_that_is_forced_in_is_stamped(project: Repository) -> None:
    forced = 'force-include = {"src/paperless" = "paperless"}\nbypass-selection = true'
    project.write(
        {"pyproject.toml": PYPROJECT.replace('packages = ["src/paperless"]', forced)}
    )

    wheel = read_wheel(build(project.root, "--wheel")[".whl"])

    assert "paperless/build_info.py" in wheel
    assert "paperless/__init__.py" in wheel


def test_a_version_py_that_is_forced_in_by_itself_fails(project: Repository) -> None:
    forced = 'packages = ["src/paperless"]\nforce-include = {"src/paperless/version.py" = "paperless/version.py"}'
    project.write(
        {"pyproject.toml": PYPROJECT.replace('packages = ["src/paperless"]', forced)}
    )

    fails(project, "forces src/paperless/version.py in, and so does this hook")


@pytest.mark.parametrize(
    "selection",
    ['packages = ["docs"]', 'packages = ["src/paperless"]\nexclude = ["version.py"]'],
)
def test_a_target_that_leaves_the_package_out_fails(
    project: Repository, selection: str
) -> None:
    wrong = PYPROJECT.replace('packages = ["src/paperless"]', selection)
    project.write({"pyproject.toml": wrong})

    fails(project, "tool.hatch.build.targets.wheel leaves out src/paperless/version.py")
