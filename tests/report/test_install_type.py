from pathlib import Path

import pytest

from paperless_report import contract, install_type

# The spec's table, in its order, with decision P5's extra mark.
MARKS = (
    ("kubernetes", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}),
    ("podman", {"container": "podman"}),
    ("docker", "/.dockerenv"),
    ("docker", {"PNGX_CONTAINERIZED": "1"}),
    ("nixos", "/nix/store/abc-python/bin/python"),
    ("snap", {"SNAP": "/snap/paperless/1"}),
    ("flatpak", {"FLATPAK_ID": "org.example"}),
    ("distro", "distro_info.py"),
    ("release", "build_info.py"),
    ("source", None),
)


def detect(tmp_path: Path, marks: tuple[object, ...]) -> str:
    environ: dict[str, str] = {}
    executable = "/usr/bin/python3"
    package = tmp_path / "paperless"
    package.mkdir()
    for mark in marks:
        match mark:
            case dict():
                environ |= mark
            case "/.dockerenv":
                (tmp_path / ".dockerenv").touch()
            case str() if mark.endswith(".py"):
                (package / mark).touch()
            case str():
                executable = mark
    return install_type.detect(environ, executable, package, root=tmp_path)


@pytest.mark.point("P5", "Install type detection")
@pytest.mark.parametrize(("kind", "mark"), MARKS)
def test_each_mark_is_seen(tmp_path: Path, kind: str, mark: object) -> None:
    assert detect(tmp_path, (mark,)) == kind


@pytest.mark.point("P5")
@pytest.mark.parametrize("first", range(len(MARKS)))
def test_the_first_of_several_wins(tmp_path: Path, first: int) -> None:
    assert detect(tmp_path, tuple(mark for _, mark in MARKS[first:])) == MARKS[first][0]


@pytest.mark.parametrize(
    "environ",
    [
        {"container": "lxc"},
        {"PNGX_CONTAINERIZED": "0"},
        {"SNAP": ""},
        {"FLATPAK_ID": ""},
    ],
)
def test_another_value_is_no_mark(tmp_path: Path, environ: dict[str, str]) -> None:
    assert detect(tmp_path, (environ,)) == "source"


def test_every_kind_is_one_that_the_contract_lists() -> None:
    detected, _ = contract.load_fields()["install_type"].schema["anyOf"]

    assert {kind for kind, _ in MARKS} == set(detected["enum"])


def test_a_folder_that_may_not_be_looked_into_has_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)

    assert install_type.detect({}, "python3", tmp_path, root=tmp_path) == "source"
