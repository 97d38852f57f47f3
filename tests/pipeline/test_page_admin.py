"""docs/how-to/report-weekly.md, "In the browser": what it has an admin click."""

import dataclasses
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pipeline import commands, receivers
from tests.pipeline.hosts import Host
from tests.support import chromium, pages
from tests.support.axe import find_violations
from tests.support.needs import needs
from tests.support.waiting import MOST_SECONDS
from usage_receiver.data import run_sql

pytestmark = [pytest.mark.slow, needs("chromium")]

DOCS = "docs/how-to/report-weekly.md"

SECONDS = MOST_SECONDS
PASSWORD = secrets.token_hex()


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL and the data folder of a receiver."""
    folder = tmp_path_factory.mktemp("receiver")
    with receivers.run(folder / "data", folder / "receiver.log") as url:
        yield url, folder / "data"


@pytest.fixture(scope="module")
def host(
    tmp_path_factory: pytest.TempPathFactory, receiver: tuple[str, Path], database: Path
) -> Host:
    """A paperless-ngx that only has the app in PAPERLESS_APPS, and a superuser."""
    data = tmp_path_factory.mktemp("host")
    shutil.copy(database, data)
    host = Host.imported_from(commands.ROOT / "demo" / "src", data, receiver[0])
    variables = {
        "PAPERLESS_APPS": "paperless_report",
        "PAPERLESS_SECRET_KEY": secrets.token_hex(),  # for all processes
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    host = dataclasses.replace(host, variables={**host.variables, **variables})
    user = ("--username", "boss", "--email", "boss@example.org")
    host.manage("createsuperuser", "--no-input", *user)
    return host


@pytest.fixture(scope="module")
def admin(host: Host) -> Iterator[str]:
    """The URL of the admin, which two processes serve."""
    log = host.data / "gunicorn.log"
    options = ("--bind", "127.0.0.1:0", "--workers", "2", "--log-file", str(log))
    with subprocess.Popen(
        (sys.executable, "-m", "gunicorn", *options, "paperless.wsgi"),
        env=host.environ,
        cwd=host.data,
    ) as server:
        try:
            yield f"{_wait_for_address(log)}/admin/"
        finally:
            server.terminate()


def _wait_for_address(log: Path) -> str:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        text = log.read_text("utf-8") if log.exists() else ""
        if address := re.search(r"Listening at: (http://\S+)\s", text):
            return address[1]
        time.sleep(0.1)
    pytest.fail("gunicorn has not started; its log says why.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def log_in(browser: Browser, admin: str) -> Iterator[Callable[..., Page]]:
    """A function that opens the admin as a superuser, with options of Playwright's."""
    contexts = []

    def log_in(**options: Any) -> Page:  # noqa: ANN401  # Playwright's
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(SECONDS * 1000)
        page = context.new_page()
        page.goto(admin)
        page.locator("[name=username]").fill("boss")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[type=submit]").click()
        page.wait_for_url(admin)
        return page

    yield log_in
    for context in contexts:
        context.close()


def list_names() -> list[str]:
    """List the links and buttons that the section names, in its order."""
    text = (pages.ROOT / DOCS).read_text("utf-8")
    section = text.partition("## In the browser\n")[2].partition("\n## ")[0]
    return [
        " ".join(it.split()) for it in re.findall(r"\*\*(.+?)\*\*", section, re.DOTALL)
    ]


def test_an_admin_turns_reporting_on_sends_turns_it_off_and_forgets(
    log_in: Callable[..., Page],
    admin: str,
    host: Host,
    receiver: tuple[str, Path],
) -> None:
    link, _app, turn_on, _keep_off, send, _off, forget = list_names()

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("status")).to_be_visible()

    def count_reports() -> int:
        (row,) = run_sql(receiver[1], "SELECT COUNT(*) AS reports FROM reports")
        reports: int = row["reports"]
        return reports

    page = log_in(java_script_enabled=False)
    line = page.locator("p.quiet a")
    line.click()
    press(turn_on)
    page.goto(admin)
    expect(line).to_have_count(0)
    page.get_by_role("link", name=link, exact=True).click()
    press(send)
    assert count_reports() == 1
    press(forget)

    assert count_reports() == 0
    assert not (host.data / "usage_uuid").exists()
    assert "off" in host.manage("usage_reporting", "status").split()


@pytest.mark.nightly
def test_the_page_of_a_german_admin_is_german_and_accessible(
    log_in: Callable[..., Page], admin: str
) -> None:
    page = log_in(locale="de-DE")

    page.goto(f"{admin}usage-reporting/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Nutzungsberichte")
    assert find_violations(page) == []
