from pathlib import Path, PurePosixPath

import pytest

from build_hooks import discovery
from build_hooks.errors import ConfigurationError

NAME = '[project]\nname = "Paperless-NGX"\n'
CUSTOM = '[tool.hatch.build.hooks.custom]\npackage = "src/paperless"\n'
TABLE = '[tool.hatch.build.hooks.build-info]\npackage = "src/paperless"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "paperless"
    package.mkdir(parents=True)
    (package / "version.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", TABLE),
        ("pyproject.toml", CUSTOM),
        ("hatch.toml", '[build.hooks.build-info]\npackage = "src/paperless"'),
        (
            "hatch.toml",
            '[build.targets.sdist.hooks.build-info]\npackage = "src/paperless"',
        ),
    ],
)
def test_the_table_is_found_in_every_place_of_hatch(
    root: Path, file: str, text: str
) -> None:
    (root / "pyproject.toml").touch()
    (root / "hatch_build.py").write_text("from build_hooks.plugin import BuildInfoHook")
    (root / file).write_text(text)

    project = discovery.find_project(root)

    assert project.config.package == PurePosixPath("src/paperless")
    assert project.package_dir / "version.py" == root / "src/paperless/version.py"


def test_a_hook_of_the_projects_own_with_the_same_key_is_not_ours(root: Path) -> None:
    own = '[tool.hatch.build.hooks.custom]\npackage = "frontend"\n'
    targets = TABLE.replace("hooks", "targets.wheel.hooks")
    (root / "pyproject.toml").write_text(own + targets)
    (root / "hatch_build.py").write_text("class FrontendHook: ...")

    assert discovery.find_project(root).config.package.name == "paperless"


def test_the_wheels_own_table_comes_first_as_in_a_build(root: Path) -> None:
    own = TABLE.replace("hooks", "targets.wheel.hooks") + "strict = true\n"
    (root / "pyproject.toml").write_text(TABLE + own)

    assert discovery.find_project(root).config.strict


def test_a_table_that_hatch_toml_hides_is_named_with_the_fix(root: Path) -> None:
    (root / "pyproject.toml").write_text(NAME + TABLE)
    (root / "hatch.toml").write_text("[build.targets.wheel]\n")

    with pytest.raises(ConfigurationError) as caught:
        discovery.find_project(root)

    assert "ignores [tool.hatch.build.hooks.build-info] in pyproject.toml" in str(
        caught.value
    )
    assert "as [build.hooks.build-info]." in str(caught.value)


def test_the_prefix_comes_from_the_projects_name(root: Path) -> None:
    (root / "pyproject.toml").write_text(NAME + TABLE)

    assert discovery.find_project(root).config.env_prefix == "PAPERLESS_NGX"


def test_a_packages_folder_needs_no_table(root: Path) -> None:
    """Like paperless-ngx today, which has no build backend."""
    (root / "pyproject.toml").write_text(NAME)

    project = discovery.find_project(root / "src" / "paperless")

    assert (project.root, project.name) == (root, "Paperless-NGX")
    assert project.config.package == PurePosixPath("src/paperless")
    assert project.config.env_prefix == "PAPERLESS_NGX"


def test_a_packages_folder_uses_the_table_of_its_project(root: Path) -> None:
    (root / "pyproject.toml").write_text(NAME + TABLE + "strict = true")

    assert discovery.find_project(root / "src" / "paperless").config.strict


def test_a_copied_package_needs_no_project(root: Path) -> None:
    project = discovery.find_project(root / "src" / "paperless")

    assert (project.root, project.config.env_prefix) == (root / "src", "PAPERLESS")


@pytest.mark.parametrize("text", [None, ""])
@pytest.mark.parametrize(
    ("here", "folder"),
    [
        (".", "src/paperless"),
        ("..", "{name}/src/paperless"),
        ("src", "{root}/src/paperless"),
    ],
)
def test_the_package_is_named_as_one_passes_it_in_the_current_folder(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | None,
    here: str,
    folder: str,
) -> None:
    if text is not None:
        (root / "pyproject.toml").write_text(text)
    monkeypatch.chdir(root / here)

    with pytest.raises(ConfigurationError) as caught:
        discovery.find_project(root)

    expected = Path(folder.format(name=root.name, root=root))
    assert f"ass the folder of the package: {expected}." in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is not a project: it has neither pyproject.toml nor a package's"),
        ("[tool", "is not valid TOML"),
        ("", "has no table [tool.hatch.build.hooks.build-info]"),
        (
            "tool.hatch.build.hooks = 1",
            "has no table [tool.hatch.build.hooks.build-info]",
        ),
        ("tool = 1", "has no table [tool.hatch.build.hooks.build-info]"),
        ("project = 1", "has no table [tool.hatch.build.hooks.build-info]"),
    ],
)
def test_a_folder_that_is_not_a_project_is_refused_with_the_fix(
    root: Path, text: str | None, message: str
) -> None:
    if text is not None:
        (root / "pyproject.toml").write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        discovery.find_project(root)

    assert message in str(caught.value)


def test_a_missing_folder_is_named(root: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        discovery.find_project(root / "gone")

    assert str(caught.value) == f"The folder {root / 'gone'} does not exist."
