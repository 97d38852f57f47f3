from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from build_hooks.config import Config, check_prefix, make_prefix
from build_hooks.discovery import load_project
from build_hooks.errors import ConfigurationError

PREFIX = "tool.hatch.build.hooks.build-info"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "paperless"
    package.mkdir(parents=True)
    (tmp_path / "src" / "shipped").mkdir()
    return tmp_path


def load(root: Path, table: dict[str, Any]) -> Config:
    """Load *table* in a project whose wheel ships `src/shipped`."""
    shipped = PurePosixPath("src/shipped")
    return load_project(root, "host", table, PREFIX, lambda: shipped).config


def test_no_key_is_required(root: Path) -> None:
    assert load(root, {}) == Config(PurePosixPath("src/shipped"), env_prefix="HOST")


def test_the_key_package_is_used_before_what_the_wheel_ships(root: Path) -> None:
    assert load(root, {"package": "src/paperless"}).package.name == "paperless"


def test_an_unpacked_sdist_whose_package_moved_uses_what_the_wheel_ships(
    root: Path,
) -> None:
    (root / "PKG-INFO").touch()

    assert load(root, {"package": "src/moved"}).package.name == "shipped"


def test_hatchlings_own_keys_are_allowed(root: Path) -> None:
    table = {"package": "src/paperless", "dependencies": [], "enable-by-default": True}

    assert load(root, table).package == PurePosixPath("src/paperless")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"package": 3}, "package must be a string, not 3"),
        ({"package": ""}, "package must be a folder relative to"),
        ({"package": "/src/paperless"}, "package must be a folder relative to"),
        ({"package": "src/nothing"}, "package is 'src/nothing', which is not a folder"),
        ({"report-url": True}, "report-url must be a string, not True"),
        ({"tag-pattern": "("}, "tag-pattern is not a valid regular expression"),
        ({"tag-pattern": "v(.+)"}, "tag-pattern must have a group named version"),
        ({"env-prefix": "my-host"}, "env-prefix must consist of capital letters"),
        ({"env-prefix": ""}, "env-prefix must consist of capital letters"),
        ({"strict": "yes"}, "strict must be true or false, without quotes, not 'yes'"),
        ({"reporting": "false"}, "reporting must be true or false, without quotes"),
        ({"reporting": 0}, "reporting must be true or false, without quotes, not 0"),
        ({"strict": 1}, "strict must be true or false, without quotes, not 1"),
        ({"beta-tag": "v{version}"}, "beta-tag must contain {version} and {n} once"),
        ({"stable-tag": "v{version}{n}"}, "stable-tag must contain {version} once"),
        ({"beta-branch": " "}, "beta-branch must be the name of a branch"),
        (
            {"report-url": "http://reports.example.org"},
            "report-url must begin with https://",
        ),
        ({"pakage": "x"}, 'pakage is not a key of this hook. Did you mean "package"?'),
        (
            {"report_url": "x"},
            'report_url is not a key of this hook. Did you mean "report-url"?',
        ),
        (
            {"colour": "x"},
            "colour is not a key of this hook. Valid keys: package, report-url,",
        ),
    ],
)
def test_a_wrong_key_is_named_with_its_full_path(
    root: Path, table: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(root, table)

    assert any(error.startswith(f"{PREFIX}.{message}") for error in caught.value.lines)


def test_every_error_is_listed_at_once(root: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(root, {"pakage": "x", "report-ur1": "y", "report-url": "z"})

    assert len(caught.value.lines) == 3


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("paperless-ngx", "PAPERLESS_NGX"), ("2to4", "_2TO4"), ("3d.view", "_3D_VIEW")],
)
def test_every_default_prefix_is_one_that_a_shell_can_set(
    name: str, prefix: str
) -> None:
    assert make_prefix(name) == prefix
    assert check_prefix(prefix) is None
