import datetime as dt
import platform
import re
from pathlib import Path
from types import FunctionType

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from documents.models import Document
from paperless import version as host_version
from paperless.models import ApplicationConfiguration
from paperless_mail.models import MailAccount
from paperless_report import collectors, contract, host

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 1, 2)
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


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
    """A folder that stands in for the host's package."""
    monkeypatch.setattr(host, "package_dir", lambda: tmp_path)
    return tmp_path


def test_every_field_but_the_id_has_its_collector() -> None:
    assert [*collectors.COLLECTORS] == [
        name for name in contract.load_fields() if name != "uuid"
    ]


def test_every_collector_has_a_test_of_its_own() -> None:
    own = {
        name
        for name, it in vars(collectors).items()
        if isinstance(it, FunctionType)
        and it.__module__ == collectors.__name__
        and not name.startswith("_")
    }
    text = Path(__file__).read_text(encoding="utf-8")

    assert own == set(re.findall(r"\bcollectors\.([a-z_]+)\(\)", text))


@pytest.mark.point("Payload schema")
@pytest.mark.parametrize("name", collectors.COLLECTORS)
def test_every_collector_gives_what_fits_the_contract(name: str) -> None:
    value = collectors.COLLECTORS[name]()

    assert value is None or contract.load_fields()[name].fits(value)


@pytest.mark.point("P7")
def test_the_version_is_the_hosts_own_string() -> None:
    assert collectors.version() == "2.15.0"


@pytest.mark.point("version.py additions")
def test_the_channel_is_the_stamped_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_version, "__channel__", "beta")

    assert collectors.channel() == "beta"


@pytest.mark.point("P6")
def test_a_host_of_before_the_stamp_is_a_dev_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(host_version, "__channel__")

    assert collectors.channel() == "dev"


@pytest.mark.point("build_info.py")
def test_commit_and_date_are_those_of_build_info(package: Path) -> None:
    (package / "build_info.py").write_text(
        'SOURCE_COMMIT = "bd86dca57"\nBUILD_DATE: str = "2026-05-18T12:00:00Z"\n'
    )

    assert collectors.commit() == "bd86dca57"
    assert collectors.build_date() == "2026-05-18T12:00:00Z"


@pytest.mark.usefixtures("package")
def test_without_build_info_there_is_neither() -> None:
    assert collectors.commit() is None
    assert collectors.build_date() is None


@pytest.mark.point("P5", "Install type detection")
@pytest.mark.parametrize(
    ("source", "kind"),
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
def test_a_packagers_name_is_told_if_the_contract_lists_it(
    package: Path, monkeypatch: pytest.MonkeyPatch, source: str, kind: str
) -> None:
    (package / "distro_info.py").write_text(source)
    exists = Path.exists
    # This machine may be a container itself.
    monkeypatch.setattr(
        Path, "exists", lambda path: exists(path) and path != Path("/.dockerenv")
    )

    assert collectors.install_kind() == kind


def test_the_machine_is_told_by_architecture_and_python_only() -> None:
    assert collectors.arch() == platform.machine()
    assert collectors.python() == platform.python_version()


@pytest.mark.parametrize(
    ("engine", "database"),
    [
        ("django.db.backends.sqlite3", "sqlite3"),
        ("django_prometheus.db.backends.postgresql", "postgresql"),
        ("mysql", "mysql"),
    ],
)
def test_the_database_is_the_engines_last_part(
    monkeypatch: pytest.MonkeyPatch, engine: str, database: str
) -> None:
    monkeypatch.setitem(django_settings.DATABASES["default"], "ENGINE", engine)

    assert collectors.database() == database


@pytest.mark.point("P1", "Document count buckets")
@pytest.mark.parametrize(
    ("count", "bucket"),
    [(0, "0-99"), (99, "0-99"), (100, "100-999"), (1000, "1000-9999")],
)
def test_documents_are_told_as_a_range(count: int, bucket: str) -> None:
    add_documents(count)

    assert collectors.doc_bucket() == bucket


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "bucket"),
    [(9_999, "1000-9999"), (10_000, "10000-49999"), (50_001, "50000+")],
)
def test_so_are_many_documents(count: int, bucket: str) -> None:
    add_documents(count)

    assert collectors.doc_bucket() == bucket


@pytest.mark.point("P1")
def test_trash_and_versions_of_files_do_not_count() -> None:
    add_documents(99)
    add_documents(50, trashed=True)
    add_documents(50, root=Document.objects.first())

    assert collectors.doc_bucket() == "0-99"


@pytest.mark.point("P1")
def test_counting_documents_is_bounded() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        collectors.doc_bucket()

    assert "LIMIT 50000" in queries.captured_queries[0]["sql"]


@pytest.mark.point("P2")
@pytest.mark.parametrize(
    ("names", "several"),
    [
        ([], False),
        (["ada"], False),
        (["ada", "consumer", "AnonymousUser"], False),
        (["ada", "grace"], True),
    ],
)
def test_accounts_of_people_count(names: list[str], *, several: bool) -> None:
    for name in names:
        User.objects.create(username=name)

    assert collectors.multi_user() is several


@pytest.mark.point("P2")
def test_an_inactive_account_counts_as_upstream_counts_it() -> None:
    User.objects.create(username="ada")
    User.objects.create(username="grace", is_active=False)

    assert collectors.multi_user() is True


@pytest.mark.point("P4")
def test_a_mail_account_turns_mail_on() -> None:
    assert collectors.feature_mail() is False

    MailAccount.objects.create(name="Canary", username="canary")

    assert collectors.feature_mail() is True


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
def test_ai_is_on_if_either_says_so(
    settings: Settings, *, setting: bool, row: object, on: bool
) -> None:
    settings.AI_ENABLED = setting
    if row is not ...:
        ApplicationConfiguration.objects.create(ai_enabled=row)
    rows = ApplicationConfiguration.objects.count()

    assert collectors.feature_ai() is on
    assert ApplicationConfiguration.objects.count() == rows, "reading makes no row"


@pytest.mark.point("P3")
def test_a_host_without_ai_has_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before v3 the configuration row has no such field; here another model stands in."""
    monkeypatch.setattr(collectors, "_model", lambda *_: MailAccount)

    assert collectors.feature_ai() is False
