"""Writes the page as an HTML document."""

from collections.abc import Iterator
from importlib import resources

from paperless_report.page import next_report, records, sections, texts
from paperless_report.page.content import Page
from paperless_report.page.currency import AWAITED
from paperless_report.page.elements import Html, element
from paperless_report.page.forms import Forms
from paperless_report.translate import gettext as _

_REFRESH_SECONDS = 2


def render(  # noqa: PLR0913  # what an adapter knows and the page does not
    page: Page,
    *,
    base: str,
    token: str,
    token_name: str = "token",  # noqa: S107  # the name of a field
    home: tuple[str, str] | None = None,
    language: str = "en",
) -> str:
    """Write the whole document.

    Args:
        page: What it shows.
        base: The address of the page, with a slash at its end.
        token: What each form sends back, against forms of other sites.
        token_name: The name of that field.
        home: The address of the program's own pages, and a label for the link to them.
        language: The language of the texts, as HTML names it.
    """
    title = _("Usage reporting")
    # A screen reader reads the title first. Nothing else says that something has happened:
    # a new page is no change of a live region.
    titles = (_write_message(page), title, page.project)
    head = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element(
            "meta",
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
        ),
        element("meta", {"name": "robots", "content": "noindex"}),
        _write_refresh(page, base),
        element("title", {}, " \N{MIDDLE DOT} ".join(filter(None, titles))),
        element("link", {"rel": "stylesheet", "href": f"{base}style.css"}),
    )
    introduction = _(
        "This page shows what %(project)s would report to the people who make it. You "
        "decide whether it does."
    )
    body = element(
        "body",
        {},
        element(
            "header",
            {},
            home and element("nav", {}, element("a", {"href": home[0]}, home[1])),
            element("h1", {}, title),
            element("p", {}, introduction % {"project": page.project}),
        ),
        element("main", {}, *_list_parts(page, base, token_name, token)),
    )
    return f"<!doctype html>{element('html', {'lang': language}, head, body)}"


def find_style() -> bytes:
    """Return the style sheet."""
    return resources.files(__package__).joinpath("style.css").read_bytes()


def _write_refresh(page: Page, base: str) -> Html | None:
    """Have the page load again while something is being sent."""
    if not (page.status and page.status.is_busy):
        return None
    is_awaited = page.notice in AWAITED
    query = f"?notice={page.notice.value}" if page.notice and is_awaited else ""
    content = f"{_REFRESH_SECONDS}; url={base}{query}"
    return element("meta", {"http-equiv": "refresh", "content": content})


def _write_message(page: Page) -> str | None:
    """Write what became of the last action; None if there is nothing to say."""
    if page.failed:
        return " ".join((_("That did not work."), texts.describe(page, page.failed)))
    return texts.describe_notice(page)


def _list_parts(
    page: Page, base: str, token_name: str, token: str
) -> Iterator[Html | None]:
    if message := _write_message(page):
        role, style = ("alert", "failed") if page.failed else ("status", "notice")
        yield element("p", {"role": role, "class": style}, message)
    forms = Forms(base, token_name, token, page.seen)
    if page.status is None or page.preview is None:
        yield sections.write_problem(page, forms)
        return
    status, preview = page.status, page.preview
    yield sections.write_state(page, status)
    yield sections.write_growth(status)
    yield sections.write_switch(page, status, preview, forms)
    yield sections.write_groups(page, status, forms)
    yield next_report.write_report(page, preview, is_sending=status.is_sending)
    yield sections.write_events(status)
    yield sections.write_destination(page, status)
    yield records.write_counts(page)
    yield records.write_log(page)
    yield records.write_history(page)
    yield records.write_end(base, status, forms)
