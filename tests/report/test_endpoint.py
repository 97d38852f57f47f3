from urllib.parse import urlsplit

import pytest

from paperless_report import endpoint
from paperless_report.endpoint import Endpoint
from paperless_report.obstacle import ObstacleError

pytestmark = pytest.mark.point("C7")


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://reports.example.org", "https://reports.example.org/report"),
        ("https://reports.example.org/", "https://reports.example.org/report"),
        ("https://reports.example.org/report", "https://reports.example.org/report"),
        ("https://reports.example.org/report/", "https://reports.example.org/report"),
        ("https://example.org/a", "https://example.org/a/report"),
        (" https://reports.example.org\n", "https://reports.example.org/report"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787/report"),
        ("http://[::1]:8787", "http://[::1]:8787/report"),
        ("http://localhost:8787", "http://localhost:8787/report"),
        ("http://127.1.2.3", "http://127.1.2.3/report"),
    ],
)
def test_the_workers_address_is_enough(said: str, url: str) -> None:
    found = endpoint.resolve(("X", said))

    assert found is not None
    assert found.url("report") == url
    assert found.url("forget") == url.removesuffix("report") + "forget"


@pytest.mark.parametrize(
    "said",
    [
        "http://reports.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "ftp://reports.example.org",
        "file:///etc/passwd",
        "reports.example.org",
        "https://",
        "https://[::1",
        "https://example.org:port",
        "https://exam ple.org",
        "https://example.org/\x00",
        "http://attacker.test:80\\@127.0.0.1/",
        "https://example.org\\@127.0.0.1/",
        "https://user:secret@example.org",
        "off",
    ],
)
def test_a_url_that_must_not_be_used_is_named_and_not_echoed(said: str) -> None:
    with pytest.raises(ObstacleError) as caught:
        endpoint.resolve(("THE_PLACE", said))

    assert str(caught.value).startswith("THE_PLACE ")
    assert said not in str(caught.value)


def test_the_first_place_that_says_anything_decides() -> None:
    places = (
        ("A", None),
        ("B", " "),
        ("C", "https://c.example"),
        ("D", "https://d.example"),
    )

    assert endpoint.resolve(*places) == Endpoint(urlsplit("https://c.example"))


def test_nobody_says_anything() -> None:
    assert endpoint.resolve(("A", None), ("B", "")) is None
