from pathlib import Path

import pytest

from paperless_report import contract
from paperless_report.facts.install_type import detect_install_type

# The spec's table, in its order, with the extra sign of decision P5.
SIGNS = (
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


def detect(tmp_path: Path, *signs: object) -> str:
    environ: dict[str, str] = {}
    executable = "/usr/bin/python3"
    package = tmp_path / "paperless"
    package.mkdir()
    for sign in signs:
        match sign:
            case dict():
                # Signs may share a variable: keep the first sign's value.
                environ = sign | environ
            case "/.dockerenv":
                (tmp_path / ".dockerenv").touch()
            case str() if sign.endswith(".py"):
                (package / sign).touch()
            case str():
                executable = sign
    return detect_install_type(
        environ,
        executable,
        package,
        containerized="PNGX_CONTAINERIZED",
        root=tmp_path,
    )


@pytest.mark.point("P5", "Install type detection")
@pytest.mark.parametrize(("install_type", "sign"), SIGNS)
def test_each_sign_is_detected(tmp_path: Path, install_type: str, sign: object) -> None:
    assert detect(tmp_path, sign) == install_type, (
        "Add this sign to paperless_report/facts/install_type.py, or change it in SIGNS."
    )


@pytest.mark.point("P5")
@pytest.mark.parametrize("first", range(len(SIGNS)))
def test_the_first_of_several_signs_wins(tmp_path: Path, first: int) -> None:
    assert detect(tmp_path, *(sign for _, sign in SIGNS[first:])) == SIGNS[first][0]


@pytest.mark.parametrize(
    "environ",
    [
        {"container": "lxc"},
        {"PNGX_CONTAINERIZED": "0"},
        {"SNAP": ""},
        {"FLATPAK_ID": ""},
    ],
)
def test_another_value_is_not_a_sign(tmp_path: Path, environ: dict[str, str]) -> None:
    assert detect(tmp_path, environ) == "source"


def test_the_contract_lists_exactly_the_detected_types() -> None:
    detected, _ = contract.load_fields()["install_type"].schema["anyOf"]

    assert {install_type for install_type, _ in SIGNS} == set(detected["enum"]), (
        "Add each install type to paperless_report/contract/report.schema.json, to "
        "paperless_report/facts/install_type.py and to SIGNS in "
        "tests/report/test_install_type.py."
    )


def test_a_folder_that_must_not_be_searched_has_no_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)

    assert detect(tmp_path) == "source"


@pytest.mark.parametrize(
    ("source", "install_type"),
    [
        ("REPORTING = False\n", "source"),
        ('"""Made by the build."""\n\nREPORTING = False\n', "source"),
        ('REPORTING = 0\nPACKAGER = "Debian"\n', "source"),
        ('CHANNEL = "beta"\nREPORTING = False\n', "release"),
        ("CHANNEL = None\nREPORTING = False\n", "release"),
        ('PACKAGER = "Debian"\n', "release"),
    ],
)
def test_turning_reporting_off_does_not_make_a_release(
    tmp_path: Path, source: str, install_type: str
) -> None:
    package = tmp_path / "paperless"
    package.mkdir()
    (package / "build_info.py").write_text(source)

    assert install_type == detect_install_type(
        {}, "/usr/bin/python3", package, containerized="", root=tmp_path
    )
