import datetime as dt
import os
import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from documents.models import Document
from paperless import version as host_version
from paperless.models import ApplicationConfiguration
from paperless_mail.models import MailAccount
from paperless_report import contract
from paperless_report.host import collectors
from paperless_report.host import package as host_package

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 1, 2)
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
COLLECTORS = collectors.list_usage_collectors()


def add_documents(
    count: int, root: Document | None = None, *, trashed: bool = False
) -> None:
    Document.global_objects.bulk_create(
        Document(
            title="Canary",
            created=DAY,
            root_document=root,
            deleted_at=NOW if trashed else None,
        )
        for _ in range(count)
    )


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the host's package."""
    monkeypatch.setattr(host_package, "find_package_dir", lambda: tmp_path)
    return tmp_path


def test_every_collector_has_a_test_of_its_own() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    tested = set(re.findall(r"\bcollectors\.([a-z_]+)\(\) ", text))
    untested = {it.__name__ for it in COLLECTORS.values()} - tested

    assert untested == set(), (
        f"Add tests of {untested} to tests/report/test_collectors.py."
    )


@pytest.mark.point("Payload schema")
@pytest.mark.parametrize("name", COLLECTORS)
def test_every_value_fits_the_contract(name: str) -> None:
    value = COLLECTORS[name]()

    assert value is None or contract.load_fields()[name].fits(value)


@pytest.mark.point("P7")
def test_the_version_is_the_hosts_own_string() -> None:
    assert collectors.read_version() == "2.15.0"


@pytest.mark.point("version.py additions")
def test_the_channel_is_the_stamped_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_version, "__channel__", "beta")

    assert collectors.read_channel() == "beta"


@pytest.mark.point("P6")
def test_a_host_without_a_channel_is_a_dev_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(host_version, "__channel__")

    assert collectors.read_channel() == "dev"


@pytest.mark.point("B11")
@pytest.mark.parametrize("has_version_py", [True, False])
def test_without_a_channel_in_version_py_the_one_in_build_info_counts(
    package: Path, monkeypatch: pytest.MonkeyPatch, *, has_version_py: bool
) -> None:
    (package / "build_info.py").write_text('CHANNEL = "beta"\n')
    monkeypatch.delattr(host_version, "__channel__")
    if not has_version_py:
        monkeypatch.setitem(sys.modules, "paperless.version", None)

    assert collectors.read_channel() == "beta"


@pytest.mark.point("B11")
def test_the_channel_in_version_py_comes_first(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "build_info.py").write_text('CHANNEL = "beta"\n')
    monkeypatch.setattr(host_version, "__channel__", "stable")

    assert collectors.read_channel() == "stable"


@pytest.mark.point("build_info.py")
def test_commit_and_date_come_from_build_info(package: Path) -> None:
    (package / "build_info.py").write_text(
        'SOURCE_COMMIT = "bd86dca57"\nBUILD_DATE: str = "2026-05-18T12:00:00Z"\n'
    )

    assert collectors.read_commit() == "bd86dca57"
    assert collectors.read_build_date() == "2026-05-18T12:00:00Z"


@pytest.mark.usefixtures("package")
def test_without_build_info_there_is_neither_commit_nor_date() -> None:
    assert collectors.read_commit() is None
    assert collectors.read_build_date() is None


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

    assert collectors.find_install_type() == install_type


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

    assert collectors.read_commit() is None


def test_the_machine_is_its_architecture_and_its_python() -> None:
    assert collectors.read_architecture() == platform.machine()
    assert collectors.read_python_version() == platform.python_version()


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


@pytest.mark.point("P1", "Document count buckets")
@pytest.mark.parametrize(
    ("count", "bucket"),
    [
        (0, "0-99"),
        (99, "0-99"),
        (100, "100-999"),
        (1000, "1000-9999"),
        pytest.param(9_999, "1000-9999", marks=pytest.mark.slow),
        pytest.param(10_000, "10000-49999", marks=pytest.mark.slow),
        pytest.param(50_001, "50000+", marks=pytest.mark.slow),
    ],
)
def test_documents_are_counted_as_a_range(count: int, bucket: str) -> None:
    add_documents(count)

    assert collectors.count_documents() == bucket


@pytest.mark.point("P1")
def test_trash_and_versions_of_files_do_not_count() -> None:
    add_documents(99)
    add_documents(50, trashed=True)
    add_documents(50, root=Document.objects.first())

    assert collectors.count_documents() == "0-99"


@pytest.mark.point("P1")
def test_counting_documents_is_bounded() -> None:
    with CaptureQueriesContext(connection) as queries:
        collectors.count_documents()

    (count,) = (it["sql"] for it in queries.captured_queries if "COUNT" in it["sql"])
    assert "LIMIT 50000" in count


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


@pytest.mark.point("P4")
def test_a_mail_account_turns_mail_on() -> None:
    assert collectors.has_mail_account() is False

    MailAccount.objects.create(name="Canary", username="canary")

    assert collectors.has_mail_account() is True


@pytest.mark.point("P3")
@pytest.mark.parametrize(
    ("setting", "row", "on"),
    [
        (False, ..., False),
        (False, None, False),
        (False, False, False),
        (False, True, True),
        (True, ..., True),
        (True, False, True),
    ],
)
def test_the_setting_or_the_row_turns_ai_on(
    settings: Settings, *, setting: bool, row: object, on: bool
) -> None:
    settings.AI_ENABLED = setting
    if row is not ...:
        ApplicationConfiguration.objects.create(ai_enabled=row)
    rows = ApplicationConfiguration.objects.count()

    assert collectors.has_ai() is on
    assert ApplicationConfiguration.objects.count() == rows, "reading creates no row"


@pytest.mark.point("P3")
def test_a_host_before_v3_has_no_ai(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its configuration row has no such field; another model without it stands in."""
    monkeypatch.setattr(collectors, "_get_model", lambda *_: MailAccount)

    assert collectors.has_ai() is False
