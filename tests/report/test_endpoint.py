from urllib.parse import urlsplit

import pytest

from paperless_report.errors import Problem, ReportingError
from paperless_report.host.project import name_variables
from paperless_report.wire.endpoint import Candidate, Endpoint, Source, resolve
from paperless_report.words.messages import describe_problem
from tests.support.url_cases import URL_CASES, Verdict

pytestmark = pytest.mark.point("C7")

PROBLEMS: dict[Verdict, Problem] = {
    "not a URL": Problem.NOT_A_URL,
    "credentials": Problem.URL_WITH_CREDENTIALS,
    "no TLS": Problem.URL_WITHOUT_TLS,
}


@pytest.mark.parametrize(("url", "verdict"), URL_CASES.items())
def test_the_client_follows_the_table_that_the_build_follows(
    url: str, verdict: Verdict
) -> None:
    if verdict == "allowed":
        assert resolve(Candidate(Source.SETTING, url)) is not None
        return
    with pytest.raises(ReportingError) as caught:
        resolve(Candidate(Source.SETTING, url))

    assert caught.value.problem is PROBLEMS[verdict]
    assert url not in describe_problem(caught.value, name_variables())


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (Source.SETTING, "The setting PAPERLESS_USAGE_REPORTING_URL "),
        (Source.VARIABLE, "PAPERLESS_USAGE_REPORTING_URL "),
        (Source.BUILD, "REPORT_URL in build_info.py "),
    ],
)
def test_a_forbidden_url_is_named_by_its_source(source: Source, name: str) -> None:
    with pytest.raises(ReportingError) as caught:
        resolve(Candidate(source, "http://reports.example.org"))

    assert describe_problem(caught.value, name_variables()).startswith(name)


@pytest.mark.parametrize(
    ("configured", "url"),
    [
        ("https://reports.example.org", "https://reports.example.org/report"),
        ("https://reports.example.org/", "https://reports.example.org/report"),
        ("https://reports.example.org/report", "https://reports.example.org/report"),
        ("https://reports.example.org/report/", "https://reports.example.org/report"),
        ("https://example.org/a", "https://example.org/a/report"),
        (" https://reports.example.org\n", "https://reports.example.org/report"),
        ("http://[::1]:8787", "http://[::1]:8787/report"),
    ],
)
def test_the_receivers_address_is_enough(configured: str, url: str) -> None:
    endpoint = resolve(Candidate(Source.SETTING, configured))

    assert endpoint is not None
    assert endpoint.url("report") == url
    assert endpoint.url("forget") == url.removesuffix("report") + "forget"


def test_the_first_source_that_is_not_empty_decides() -> None:
    candidates = (
        Candidate(Source.SETTING, None),
        Candidate(Source.VARIABLE, " "),
        Candidate(Source.VARIABLE, "https://c.example"),
        Candidate(Source.BUILD, "https://d.example"),
    )

    assert resolve(*candidates) == Endpoint(urlsplit("https://c.example"))


def test_there_is_no_endpoint_if_every_source_is_empty() -> None:
    assert (
        resolve(Candidate(Source.SETTING, None), Candidate(Source.VARIABLE, "")) is None
    )
