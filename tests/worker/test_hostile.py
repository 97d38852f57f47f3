r"""What nobody means well by: a clean 4xx or a clean row, never a 500.

Every string below is an attack on something: on JSON parsers, on SQL, on the pages
and the sheets that the rows will be shown in.
"""

import json
import uuid

import pytest
import requests

from paperless_report import contract
from tests.report.test_contract import PROBES
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]

STRINGS = (
    *("", " ", "\t", "\n", "\r\n", "\x00", "a\x00b", "\x7f", "\x1b[31m"),
    *("\N{RIGHT-TO-LEFT OVERRIDE}", "\N{ZERO WIDTH SPACE}", "\N{BYTE ORDER MARK}"),
    *(
        "\ud800",
        "\udfff",
        "\ud800\ud800",
        "\N{PILE OF POO}",
        "e\N{COMBINING ACUTE ACCENT}",
    ),
    *(
        "\N{FULLWIDTH DIGIT TWO}.1.0",
        "\N{CYRILLIC SMALL LETTER ES}table",
        "\N{LATIN SMALL LETTER LONG S}table",
    ),
    *("__proto__", "constructor", "toString", "hasOwnProperty", "null", "NaN", "-0"),
    *(
        "' OR '1'='1",
        "'; DROP TABLE reports; --",
        '" OR 1=1 --',
        "?1",
        "$1",
        "%s",
        "%",
        "_",
    ),
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "&lt;",
        "javascript:1",
    ),
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        '=HYPERLINK("https://example.org")',
        ",",
        ";",
        '"',
    ),
    *(
        "../../etc/passwd",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "`id`",
        "$(id)",
        "|id",
        "file:///",
    ),
    *("2.15.0\n", "\n2.15.0", "stable\x00", "9" * 400, "x" * 3000, "2.15." + "0" * 300),
)
OTHERS: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, 1e308, -(2**63), 2**53 + 1, 2**64),
    *([], [[]], ["stable"], {}, {"toString": "x"}, {"__proto__": {"length": 1}}),
)


def row(worker: Harness) -> dict[str, object] | None:
    found = worker.query("SELECT * FROM reports")
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.slow
@pytest.mark.parametrize("name", contract.load_fields())
def test_server_and_client_agree_on_every_value_of_every_field(
    worker: Harness, report: Report, name: str
) -> None:
    field = contract.load_fields()[name]
    reports = [
        (value, {**report, "uuid": str(uuid.uuid4()), name: value})
        for value in (*STRINGS, *OTHERS, *PROBES)
    ]

    with requests.Session() as session:
        answers = [
            session.post(f"{worker.url}/report", json=mine, timeout=30)
            for _, mine in reports
        ]

    stored = {it["uuid"]: it for it in worker.query("SELECT * FROM reports")}
    assert len(stored) == [it.status_code for it in answers].count(204)
    for answer, (value, mine) in zip(answers, reports, strict=True):
        row = stored.get(str(mine["uuid"]))
        if field.fits(value):
            assert (answer.status_code, row and row[name]) == (204, value), value
        elif field.required:
            assert (answer.status_code, row) == (400, None), value
            # Named, and not echoed.
            assert answer.json()["detail"] == f"{name} is not valid."
        else:
            assert answer.status_code == 204, value
            assert row is not None
            others = {key for key, it in row.items() if it is None}
            assert others == {name}, value


ID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
WHOLE = (
    f'{{"uuid":"{ID}","version":"2.15.0","channel":"beta",'
    '"install_type":"docker","arch":"x86_64"}'
)


def with_more(text: str) -> bytes:
    """A report that is whole, and *text* behind its last field."""
    return f"{WHOLE[:-1]},{text}}}".encode()


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + WHOLE.encode(),  # a byte order mark
        b" \r\n\t" + WHOLE.encode() + b"\n",
        with_more('"__proto__":{"version":"9.9.9"}'),
        with_more('"constructor":{"prototype":{"version":"9.9.9"}}'),
        with_more('"toString":1,"hasOwnProperty":2,"valueOf":3,"length":4'),
        with_more('"":0," ":1,"\\u0000":2,"\\ud800":3'),
        with_more(f'"deep":{nested("[", "]", 1900)}'),
        with_more(
            f'"deep":{nested(chr(123) + chr(34) + "a" + chr(34) + ":", "}", 600)}'
        ),
        with_more(",".join(f'"k{number}":0' for number in range(400))),
        with_more('"n":1e999,"m":-0,"big":123456789012345678901234567890'),
        with_more('"received":"2000-01-01T00:00:00Z","id":-1,"rowid":1,"oid":1'),
        with_more('"uuid\\u0000":"x","UUID":"x","Version":"9.9.9"'),
        # Of a key that is there twice, the last counts: as in every browser.
        WHOLE.replace("{", '{"version":"x","version":7,', 1).encode(),
        WHOLE.replace("version", "v\\u0065rsion").encode(),
    ],
)
def test_a_report_with_traps_around_it_is_a_clean_row(
    worker: Harness, body: bytes
) -> None:
    assert post(worker, body).status_code == 204

    stored = row(worker)
    assert stored
    assert {name: it for name, it in stored.items() if it is not None} == {
        **json.loads(WHOLE),
        "id": stored["id"],
        "received": stored["received"],
    }
    assert stored["id"] == 1
    assert not str(stored["received"]).startswith("2000")


@pytest.mark.parametrize(
    "body",
    [
        WHOLE.encode("utf-16"),
        WHOLE.encode("utf-16-le"),
        WHOLE.encode("utf-32"),
        WHOLE.encode().replace(b"beta", b"beta\xe9"),  # Latin-1
        WHOLE.encode().replace(b"beta", b"\xc0\xaf"),  # overlong
        WHOLE.encode().replace(b"beta", b"\xed\xa0\x80"),  # a surrogate, raw
        WHOLE.encode() + WHOLE.encode(),
        WHOLE.encode() + b"\x00",
        b"\x00" + WHOLE.encode(),
        b"\xef\xbb\xbf" * 2 + WHOLE.encode(),
        b"\x1f\x8b" + WHOLE.encode(),
        WHOLE.replace('"', "'").encode(),
        WHOLE[:-1].encode(),
        WHOLE.replace("}", ",}").encode(),
        f"[{WHOLE}]".encode(),
        f"/**/{WHOLE}".encode(),
        json.dumps(WHOLE).encode(),
        *(
            b"",
            b"{}",
            b"null",
            b"true",
            b"0",
            b'""',
            b"[]",
            b"NaN",
            b"undefined",
            b"\x00",
        ),
        *(b"[" * 4096, b'{"a":' * 800, b'"' + b"\\" * 4000),
    ],
)
@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_what_is_no_object_is_a_clean_refusal(
    worker: Harness, report: Report, path: str, body: bytes
) -> None:
    post(worker, report)

    answer = post(worker, body, path)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {"error", "detail"}
    assert len(worker.query("SELECT id FROM reports")) == 1


@pytest.mark.parametrize(
    "body",
    [
        with_more('"version":7'),
        with_more('"uuid":null'),
        with_more('"arch":["x86_64"]'),
        with_more('"channel":{"toString":"beta"}'),
    ],
)
def test_the_last_of_two_counts_for_worse_too(worker: Harness, body: bytes) -> None:
    assert post(worker, body).status_code == 400
    assert row(worker) is None


@pytest.mark.parametrize(
    "filler",
    ["x", "\N{LATIN SMALL LETTER E WITH ACUTE}", "\N{EURO SIGN}", "\N{PILE OF POO}"],
)
@pytest.mark.parametrize(("size", "status"), [(4096, 204), (4097, 400)])
def test_the_limit_is_in_bytes_whatever_the_text(
    worker: Harness, filler: str, size: int, status: int
) -> None:
    room = size - len(with_more('"padding":""'))
    width = len(filler.encode())
    text = filler * (room // width) + "y" * (room % width)
    body = with_more(f'"padding":"{text}"')
    assert len(body) == size

    assert post(worker, body).status_code == status


@pytest.mark.parametrize(
    "header",
    [
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json;charset=latin-1"},
        {"Content-Type": 'application/json; charset="utf-8"; x=y'},
        {"Accept": "text/html", "Accept-Charset": "x", "Accept-Encoding": "x"},
        {"CF-Connecting-IP": "' OR 1=1 --"},
        {"X-Forwarded-For": "1.2.3.4, <script>"},
        {"Cookie": "a" * 4000},
        {"X-HTTP-Method-Override": "DELETE"},
        {"If-None-Match": "*", "Range": "bytes=0-1"},
    ],
)
def test_no_header_changes_what_a_report_is(
    worker: Harness, report: Report, header: dict[str, str]
) -> None:
    """JSON is UTF-8 whatever its type's parameters say."""
    assert post(worker, report, **header).status_code == 204


def test_a_compressed_body_is_not_opened(worker: Harness) -> None:
    """A bomb would be no more than its bytes."""
    import gzip  # noqa: PLC0415  # this test's alone

    answer = post(worker, gzip.compress(WHOLE.encode()), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 400
