"""Receives reports with Django and SQLite: validates, runs SELECT, then INSERT."""

import datetime as dt
import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from pydantic import ValidationError
from report_model import MAX_BYTES, Report

WEEK = dt.timedelta(days=7)

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE"],
            # A connection for each thread, kept open.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"
            },
        }
    },
    # No sessions, cookies or CSRF.
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
)
django.setup()


class StoredReport(models.Model):
    """A row of the spec's table."""

    received = models.TextField()
    uuid = models.TextField()
    version = models.TextField(null=True)
    channel = models.TextField(null=True)
    commit = models.TextField(null=True)
    build_date = models.TextField(null=True)
    install_type = models.TextField(null=True)
    arch = models.TextField(null=True)
    python = models.TextField(null=True)
    database = models.TextField(null=True)
    doc_bucket = models.TextField(null=True)
    multi_user = models.BooleanField(null=True)
    feature_mail = models.BooleanField(null=True)
    feature_ai = models.BooleanField(null=True)

    class Meta:
        app_label = "receiver"
        db_table = "reports"
        managed = False


def receive(request: HttpRequest) -> HttpResponse:
    try:
        if len(request.body) > MAX_BYTES:
            return HttpResponse(status=400)
        report = Report.model_validate_json(request.body)
    except ValidationError:
        return HttpResponse(status=400)
    now = dt.datetime.now(dt.UTC)
    stored = StoredReport.objects.filter(uuid=report.uuid).order_by("-received")
    last = stored.values_list("received", flat=True).first()
    if last is not None:
        left = dt.datetime.fromisoformat(last) + WEEK - now
        if left > dt.timedelta():
            days = -(-left // dt.timedelta(days=1))
            content = {"last_sent": last, "retry_after_days": days}
            return JsonResponse({"error": "already_submitted", **content}, status=429)
    received = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    StoredReport.objects.create(received=received, **vars(report))
    return HttpResponse(status=204)


urlpatterns = [path("report", receive)]
application = WSGIHandler()
