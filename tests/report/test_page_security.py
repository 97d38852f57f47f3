"""Which requests may see or change the page, and what its answers forbid a browser."""

import pytest

from paperless_report.page import security

HOST = "shelf.example:8000"
LOCAL = "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "is_same"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site", "origin": f"https://{HOST}"}, False),
        ({"origin": f"https://{HOST}"}, True),
        ({"origin": f"https://{HOST.upper()}"}, True),
        ({"origin": "https://shelf.example"}, False),
        ({"origin": f"https://{HOST}.evil.example"}, False),
        ({"origin": f"https://me@{HOST}"}, False),
        ({"origin": "https://[shelf"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"host": "", "origin": ""}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_form_of_another_site_is_recognized(
    headers: dict[str, str], *, is_same: bool
) -> None:
    assert security.is_same_origin({"host": HOST, **headers}) is is_same


@pytest.mark.parametrize(
    ("headers", "is_allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": f"http://{HOST}"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, False),
        (
            {
                "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "document",
            },
            True,
        ),
        (
            {
                "sec-fetch-site": "same-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "iframe",
            },
            False,
        ),
    ],
    ids=str,
)
def test_a_script_of_another_site_cannot_read_the_page(
    headers: dict[str, str], *, is_allowed: bool
) -> None:
    headers = {"host": HOST, **headers}

    assert security.is_own_or_navigation(headers) is is_allowed


@pytest.mark.parametrize(
    ("address", "headers", "is_local"),
    [
        (LOCAL, {"host": "localhost"}, True),
        (LOCAL, {"host": "LOCALHOST:8000"}, True),
        ("127.9.9.9", {"host": "127.0.0.1:8000"}, True),
        ("::1", {"host": "[::1]:8000"}, True),
        ("::ffff:127.0.0.1", {"host": "localhost"}, True),
        ("::ffff:192.0.2.1", {"host": "localhost"}, False),
        ("192.0.2.1", {"host": "localhost"}, False),
        ("testclient", {"host": "localhost"}, False),
        (None, {"host": "localhost"}, False),
        # A website whose name leads to this machine (DNS rebinding).
        (LOCAL, {"host": "evil.example"}, False),
        (LOCAL, {"host": "localhost.evil.example"}, False),
        (LOCAL, {"host": "127.0.0.1.evil.example"}, False),
        (LOCAL, {"host": "[::1"}, False),
        (LOCAL, {"host": ""}, False),
        (LOCAL, {}, False),
        # A proxy on this machine passes requests from anywhere on.
        *(
            (LOCAL, {"host": "localhost", name: "127.0.0.1"}, False)
            for name in (
                *("forwarded", "x-forwarded-for", "x-forwarded-host"),
                *("x-forwarded-proto", "x-forwarded-port", "x-forwarded-server"),
                *("x-real-ip", "via"),
            )
        ),
    ],
    ids=str,
)
def test_only_a_program_on_this_machine_is_local(
    address: str | None, headers: dict[str, str], *, is_local: bool
) -> None:
    assert security.is_loopback(address, headers) is is_local


def test_a_browser_may_neither_store_nor_frame_the_page_nor_run_a_script_in_it() -> (
    None
):
    headers = security.SECURITY_HEADERS

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    policy = dict(
        it.split(" ", 1) for it in headers["Content-Security-Policy"].split("; ")
    )
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_each_token_is_another_one() -> None:
    tokens = {security.new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32
