"""The collectors of paperless-ngx read its models as their decisions say."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from documents.models import Document
from paperless.models import ApplicationConfiguration
from paperless_mail.models import MailAccount
from paperless_report.host import paperless_ngx
from paperless_report.host.kinds import load_kind

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

    assert load_kind("report").collectors["doc_bucket"]() == bucket


@pytest.mark.point("P1")
def test_trash_and_versions_of_files_do_not_count() -> None:
    add_documents(99)
    add_documents(50, trashed=True)
    add_documents(50, root=Document.objects.first())

    assert paperless_ngx.count_documents() == 99


@pytest.mark.point("P1")
def test_counting_documents_is_bounded() -> None:
    with CaptureQueriesContext(connection) as queries:
        paperless_ngx.count_documents()

    (count,) = (it["sql"] for it in queries.captured_queries if "COUNT" in it["sql"])
    assert "LIMIT 50000" in count


@pytest.mark.point("P4")
def test_a_mail_account_turns_mail_on() -> None:
    assert paperless_ngx.has_mail_account() is False

    MailAccount.objects.create(name="Canary", username="canary")

    assert paperless_ngx.has_mail_account() is True


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

    assert paperless_ngx.has_ai() is on
    assert ApplicationConfiguration.objects.count() == rows, "reading creates no row"


@pytest.mark.point("P3")
def test_a_host_before_v3_has_no_ai(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its configuration row has no such field; another model without it stands in."""
    monkeypatch.setattr(paperless_ngx, "_get_model", lambda *_: MailAccount)

    assert paperless_ngx.has_ai() is False
