import inspect
import os
import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from paperless import version as host_version
from paperless_report import contract
from paperless_report.facts import collectors as facts
from paperless_report.facts import package as package_files
from paperless_report.host import collectors, paperless_ngx
from paperless_report.host.kinds import load_kind

pytestmark = pytest.mark.django_db

PACKAGE = "paperless"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the host's package."""
    monkeypatch.setattr(package_files, "find_package_dir", lambda _: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "file"),
    [
        (facts, "test_collectors.py"),
        (collectors, "test_collectors.py"),
        (paperless_ngx, "test_paperless_ngx.py"),
    ],
)
def test_every_collector_has_a_test_of_its_own(module: ModuleType, file: str) -> None:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    public = {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    untested = public - {*re.findall(r"\b\w+\.([a-z_]+)\([^)]*\)", text)}

    assert untested == set(), f"Add tests of {untested} to tests/report/{file}."


@pytest.mark.point("Payload schema")
@pytest.mark.parametrize("name", load_kind("report").collectors)
def test_every_value_fits_the_contract(name: str) -> None:
    value = load_kind("report").collectors[name]()

    assert value is None or contract.load_fields()[name].fits(value)


@pytest.mark.point("P7")
def test_the_version_is_the_hosts_own_string() -> None:
    assert facts.read_version(PACKAGE) == "2.15.0"


@pytest.mark.point("version.py additions")
def test_the_channel_is_the_stamped_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_version, "__channel__", "beta")

    assert facts.read_channel(PACKAGE) == "beta"


@pytest.mark.point("P6")
def test_a_host_without_a_channel_is_a_dev_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(host_version, "__channel__")

    assert facts.read_channel(PACKAGE) == "dev"


@pytest.mark.point("B11")
@pytest.mark.parametrize("has_version_py", [True, False])
def test_without_a_channel_in_version_py_the_one_in_build_info_counts(
    package: Path, monkeypatch: pytest.MonkeyPatch, *, has_version_py: bool
) -> None:
    (package / "build_info.py").write_text('CHANNEL = "beta"\n')
    monkeypatch.delattr(host_version, "__channel__")
    if not has_version_py:
        monkeypatch.setitem(sys.modules, "paperless.version", None)

    assert facts.read_channel(PACKAGE) == "beta"


@pytest.mark.point("B11")
def test_the_channel_in_version_py_comes_first(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "build_info.py").write_text('CHANNEL = "beta"\n')
    monkeypatch.setattr(host_version, "__channel__", "stable")

    assert facts.read_channel(PACKAGE) == "stable"


@pytest.mark.point("build_info.py")
def test_commit_and_date_come_from_build_info(package: Path) -> None:
    (package / "build_info.py").write_text(
        'SOURCE_COMMIT = "bd86dca57"\nBUILD_DATE: str = "2026-05-18T12:00:00Z"\n'
    )

    assert facts.read_commit(PACKAGE) == "bd86dca57"
    assert facts.read_build_date(PACKAGE) == "2026-05-18T12:00:00Z"


@pytest.mark.usefixtures("package")
def test_without_build_info_there_is_neither_commit_nor_date() -> None:
    assert facts.read_commit(PACKAGE) is None
    assert facts.read_build_date(PACKAGE) is None


@pytest.mark.point("P5", "Install type detection")
@pytest.mark.parametrize(
    ("source", "install_type"),
    [
        ('DISTRO = "debian"', "debian"),
        ('DISTRO: Final = "unraid"', "unraid"),
        ('DISTRO = "nixos"', "nixos"),
        ('DISTRO = "docker"', "distro"),
        ('DISTRO = "my-company"', "distro"),
        ("DISTRO = 3", "distro"),
        ('DISTRO = open("/etc/hostname").read()', "distro"),
        ("raise SystemExit", "distro"),
        ("def broken(:", "distro"),
        ("", "distro"),
    ],
)
def test_a_packagers_name_is_used_if_the_contract_lists_it(
    package: Path, monkeypatch: pytest.MonkeyPatch, source: str, install_type: str
) -> None:
    (package / "distro_info.py").write_text(source)
    exists = Path.exists
    # This machine may be a container.
    monkeypatch.setattr(
        Path, "exists", lambda path: exists(path) and path != Path("/.dockerenv")
    )

    assert facts.find_install_type(PACKAGE, "PNGX_CONTAINERIZED") == install_type


def grow(path: Path) -> None:
    """Make a file of 64 GiB that takes up no space."""
    with path.open("wb") as file:
        file.truncate(1 << 36)


@pytest.mark.parametrize(
    "put",
    [
        os.mkfifo,
        grow,
        Path.mkdir,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.write_text(f"SOURCE_COMMIT = {'-' * 100_000}1"),
    ],
    ids=["pipe", "huge", "directory", "device", "deep"],
)
def test_a_file_that_could_not_be_read_to_its_end_states_nothing(
    package: Path, put: Callable[[Path], object]
) -> None:
    put(package / "build_info.py")

    assert facts.read_commit(PACKAGE) is None


def test_the_machine_is_its_architecture_and_its_python() -> None:
    assert facts.read_architecture() == platform.machine()
    assert facts.read_python_version() == platform.python_version()


@pytest.mark.parametrize(
    ("engine", "database"),
    [
        ("django.db.backends.sqlite3", "sqlite3"),
        ("django_prometheus.db.backends.postgresql", "postgresql"),
        ("mysql", "mysql"),
    ],
)
def test_the_database_is_the_last_part_of_the_engine(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, engine: str, database: str
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)

    assert collectors.read_database() == database


@pytest.mark.point("P2")
@pytest.mark.parametrize(
    ("active", "inactive", "several"),
    [
        ([], [], False),
        (["ada"], [], False),
        (["ada", "consumer", "AnonymousUser"], [], False),
        (["ada", "grace"], [], True),
        (["ada"], ["grace"], True),  # as upstream counts
    ],
)
def test_accounts_of_people_count(
    active: list[str], inactive: list[str], *, several: bool
) -> None:
    for name in active + inactive:
        User.objects.create(username=name, is_active=name in active)

    assert collectors.has_several_users() is several


def test_a_program_without_a_package_has_the_facts_of_its_machine() -> None:
    assert set(facts.list_facts(None, "")) == {"arch", "python"}


@pytest.mark.parametrize(
    ("source", "is_off"),
    [
        ("REPORTING = False", True),
        ("REPORTING: bool = False", True),
        ("REPORTING = 0", True),
        ('REPORTING = "no"', True),
        ("REPORTING = bool(1)", True),
        ("REPORTING = True", False),
        ("", False),
        (None, False),
    ],
)
def test_a_packager_turns_reporting_off_by_any_value_but_true(
    package: Path, source: str | None, *, is_off: bool
) -> None:
    if source is not None:
        (package / "build_info.py").write_text(source)

    assert package_files.is_reporting_off(PACKAGE) is is_off
