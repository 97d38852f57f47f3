"""An admin decides about reports, and sees them, in the host's own admin."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_script_prefix
from django.urls import path
from pytest_django.fixtures import Settings

from paperless_report.consent.ladder import State
from paperless_report.host.reporter import find_reporter
from paperless_report.page.security import SECURITY_HEADERS
from tests.support.endpoint import Endpoint
from tests.support.page_reader import PageReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_reporter")]

PAGE = "/admin/usage-reporting/"
PATHS = ("", "style.css", "export.json")
LINE = "Decide whether this installation sends usage reports to paperless-ngx."


@pytest.fixture
def client(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A superuser's browser, whose forms need Django's token."""
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", endpoint.url)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.fixture
def staff() -> Client:
    """The browser of somebody who can use the admin, and is not a superuser."""
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


def press(client: Client, action: str, **fields: str) -> str:
    """Press a button of the page, and return the text of the page that follows."""
    form = PageReader(client.get(PAGE).content.decode()).forms[action]
    answer = client.post(PAGE, {**form.fields, **fields}, follow=True)
    assert [status for _url, status in answer.redirect_chain] == [303]
    return PageReader(answer.content.decode()).text


def read_state() -> State:
    return find_reporter().status().decision.state


def use_urls(settings: Settings, *patterns: Any) -> None:  # noqa: ANN401  # Django's patterns
    """Serve *patterns*, as a host's URLconf would."""
    module = ModuleType(f"host_urls_{len(sys.modules)}")
    vars(module)["urlpatterns"] = patterns
    sys.modules[module.__name__] = module
    settings.ROOT_URLCONF = module.__name__


@pytest.mark.usefixtures("page_threads")
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.django_db(transaction=True)  # for the threads
def test_an_admin_turns_reporting_on_sees_a_report_go_turns_it_off_and_forgets(
    client: Client, endpoint: Endpoint, data_dir: Path
) -> None:
    assert "Reporting is on." in press(client, "on")
    assert "Report sent. Thank you!" in press(client, "send_now")
    assert "Forgotten: the reports" in press(client, "off_and_forget")

    report, request_to_forget = endpoint.arrived
    assert report.method == request_to_forget.method == "POST"
    uuid = json.loads(report.body)["uuid"]
    assert json.loads(request_to_forget.body) == {"uuid": uuid}
    assert read_state() is State.OFF
    assert not (data_dir / "usage_uuid").exists()


def test_the_page_is_below_the_admin_with_a_link_to_it(client: Client) -> None:
    page = PageReader(client.get(PAGE).content.decode())

    assert {it["action"] for it in page.find("form")} == {PAGE}
    assert [it["href"] for it in page.find("link")] == [f"{PAGE}style.css"]
    assert page.find("a")[0]["href"] == "/admin/"
    assert f'href="{PAGE}"' in client.get("/admin/auth/user/").content.decode()


def test_the_export_is_a_download(client: Client) -> None:
    answer = client.get(f"{PAGE}export.json")

    assert json.loads(answer.content) == json.loads(
        json.dumps(find_reporter().export())
    )
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", PATHS)
def test_every_answer_has_the_headers_of_the_page(client: Client, name: str) -> None:
    answer = client.get(PAGE + name)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    headers = {**SECURITY_HEADERS, "Cache-Control": answer["Cache-Control"]}
    assert {it: answer[it] for it in headers} == headers


@pytest.mark.parametrize("name", PATHS)
def test_only_superusers_see_the_page(staff: Client, name: str) -> None:
    refused = staff.get(PAGE + name)
    anonymous = Client().get(PAGE + name)

    assert (refused.status_code, anonymous.status_code) == (403, 302)
    assert b"superusers" in refused.content
    assert anonymous["Location"].startswith("/admin/login/")
    assert "usage-reporting" not in staff.get("/admin/").content.decode()


def test_only_superusers_change_anything(client: Client, staff: Client) -> None:
    form = PageReader(client.get(PAGE).content.decode()).forms["on"].fields

    assert staff.post(PAGE, form).status_code == 403
    assert Client().post(PAGE, form).status_code == 302
    assert read_state() is State.UNDECIDED


def test_a_form_of_another_site_changes_nothing(client: Client) -> None:
    form = PageReader(client.get(PAGE).content.decode()).forms["on"].fields
    del form["csrfmiddlewaretoken"]

    assert client.post(PAGE, form).status_code == 403
    assert read_state() is State.UNDECIDED


def test_a_get_changes_nothing(client: Client) -> None:
    form = PageReader(client.get(PAGE).content.decode()).forms["on"].fields

    assert client.get(PAGE, form).status_code == 200
    assert client.head(PAGE, form).content == b""
    assert client.put(PAGE, form).status_code == 403  # no token
    assert read_state() is State.UNDECIDED


@pytest.mark.parametrize("name", PATHS)
def test_other_methods_are_not_allowed(client: Client, name: str) -> None:
    client.handler.enforce_csrf_checks = False

    assert client.delete(PAGE + name).status_code == 405


def test_a_tab_that_shows_an_old_state_changes_nothing(client: Client) -> None:
    old_tab = PageReader(client.get(PAGE).content.decode()).forms["on"].fields
    press(client, "off")

    answer = client.post(PAGE, old_tab, follow=True)

    assert "something has changed" in answer.content.decode()
    assert read_state() is State.OFF


@pytest.mark.parametrize("answer", ["on", "off"])
def test_the_index_asks_with_one_line_until_there_is_any_answer(
    client: Client, answer: str
) -> None:
    before = client.get("/admin/").content.decode()
    press(client, answer)
    after = client.get("/admin/").content.decode()

    assert before.count(LINE) == 1
    # The index is the same otherwise.
    assert "Recent actions" in before
    assert "Recent actions" in after
    assert LINE not in after


def stay_silent(settings: Settings, *_: object) -> None:
    settings.USAGE_REPORTING_ASK_IN_ADMIN = False


def track_nobody(_settings: Settings, _data: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("DO_NOT_TRACK", "1")


def damage_the_state(_settings: Settings, data_dir: Path, *_: object) -> None:
    (data_dir / "usage_reporting.sqlite3").write_bytes(b"no database" * 99)


def misname_the_project(settings: Settings, *_: object) -> None:
    settings.USAGE_REPORTING_PROJECT = "no_such_package.PROJECT"


@pytest.mark.parametrize(
    "prepare",
    [stay_silent, track_nobody, damage_the_state, misname_the_project],
)
def test_the_index_asks_nobody(
    client: Client,
    settings: Settings,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[..., None],
) -> None:
    prepare(settings, data_dir, monkeypatch)

    answer = client.get("/admin/")

    assert answer.status_code == 200
    assert LINE not in answer.content.decode()


def test_staff_is_not_asked(staff: Client) -> None:
    assert LINE not in staff.get("/admin/").content.decode()


def test_a_fault_in_the_settings_is_explained_on_the_page(
    client: Client, settings: Settings
) -> None:
    misname_the_project(settings)

    answer = client.get(PAGE)

    assert answer.status_code == 500
    assert "which is not a Project" in answer.content.decode()
    assert answer["Cache-Control"]


class OwnSite(AdminSite):
    """The admin site of a host that has its own idea of everything."""

    index_template = "own_index.html"

    def get_urls(self) -> list[Any]:
        return [path("own/", self.admin_view(self.index)), *super().get_urls()]

    # As it was before Django 4.1.
    def get_app_list(self, request: HttpRequest) -> list[Any]:  # type: ignore[override]
        return super().get_app_list(request)


class SilentSite(AdminSite):
    """An admin site that uses nothing of Django's."""

    def get_urls(self) -> list[Any]:
        return [path("", self.admin_view(self.index), name="index")]

    def index(self, *_: object, **__: object) -> HttpResponse:  # type: ignore[override]
        return HttpResponse("own")


OWN_TEMPLATES = {
    "own_index.html": "{% extends 'admin/index.html' %}{% block content %}"
    "<b>Own</b>{{ block.super }}{% endblock %}",
    # A host may replace Django's template by one that extends it.
    "admin/index.html": "{% extends 'admin/index.html' %}{% block content %}"
    "<b>Replaced</b>{{ block.super }}{% endblock %}",
}


@pytest.fixture
def own_templates(settings: Settings) -> None:
    """Templates of the host, before those of Django."""
    (engine,) = settings.TEMPLATES
    loaders = [
        ("django.template.loaders.locmem.Loader", OWN_TEMPLATES),
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]


@pytest.mark.usefixtures("own_templates")
def test_a_site_of_the_host_keeps_its_own_index_and_gets_the_page_too(
    client: Client, settings: Settings
) -> None:
    site = OwnSite(name="boss")
    use_urls(settings, path("admin/", admin.site.urls), path("boss/", site.urls))

    index = client.get("/boss/").content.decode()
    page = PageReader(client.get("/boss/usage-reporting/").content.decode())
    standard = client.get("/admin/").content.decode()

    assert index.count("<b>Own</b><b>Replaced</b>") == index.count(LINE) == 1
    assert standard.count("<b>Replaced</b>") == standard.count(LINE) == 1
    assert 'href="/boss/usage-reporting/"' in index
    assert page.forms["on"].attributes["action"] == "/boss/usage-reporting/"
    assert page.find("a")[0]["href"] == "/boss/"


def test_a_site_that_replaces_the_methods_of_django_is_left_alone(
    client: Client, settings: Settings
) -> None:
    use_urls(settings, path("admin/", SilentSite().urls))

    assert client.get("/admin/").content == b"own"
    assert client.get(PAGE).status_code == 404


def test_the_page_moves_with_the_language_in_the_address(
    client: Client, settings: Settings
) -> None:
    use_urls(settings, *i18n_patterns(path("admin/", admin.site.urls)))

    page = PageReader(client.get("/de/admin/usage-reporting/").content.decode())

    assert page.forms["on"].attributes["action"] == "/de/admin/usage-reporting/"


def test_the_page_moves_with_the_host(client: Client, settings: Settings) -> None:
    settings.FORCE_SCRIPT_NAME = "/papers"

    # As Django's server does for each request, and its test client does not.
    with override_script_prefix("/papers/"):
        form = PageReader(client.get(PAGE).content.decode()).forms["off"]
        answer = client.post(PAGE, form.fields)

    assert form.attributes["action"] == f"/papers{PAGE}"
    assert answer["Location"] == f"/papers{PAGE}?notice=off"
