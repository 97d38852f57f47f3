"""What Manyfold's clients send, and what its tracking server answered when it was tried.

The clients are those of b14858c (August 2026), the server is 1f5b0ea of manyfold3d/tracking.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

ID = "b7df25a6-d24f-40c2-9063-698812df8cf4"
OTHER_ID = "a5e4e9d9-2c98-467b-ba1f-0f557ce10d95"
SHA = "b14858c880c5b913ec15dcb0a9a2930441adab77"
Report = dict[str, Any]


def report(identifier: object = ID, **version: object) -> Report:
    """A report of an instance, with *version* in place of the usual values."""
    usual = {
        "app": "0.147.2",
        "sha": SHA,
        "image": "ghcr.io/manyfold3d/manyfold",
        "arch": "x86_64-linux-gnu",
    }
    return {"id": identifier, "version": {**usual, **version}}


def compact(content: object) -> bytes:
    """JSON as Ruby's `to_json` writes it."""
    return json.dumps(content, separators=(",", ":")).encode()


def client_request(content: object, path: str = "/") -> bytes:
    """The bytes that a real client sends."""
    body = compact(content)
    lines = (
        f"POST {path} HTTP/1.1",
        "Content-Type: application/json",
        "User-Agent: Manyfold::UsageReportingJob",
        "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "Accept: */*",
        "Host: 127.0.0.1:18082",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


@dataclass(frozen=True)
class Answer:
    """A status, the headers that matter, and the body."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


JSON = {"content-type": "application/json"}
ACCEPTED = Answer(201, "null", {**JSON, "content-length": "4"})
NOT_FOUND = Answer(404, "404 Not Found", {"x-cascade": "pass", "content-length": "13"})


def error(text: str, status: int = 400) -> Answer:
    body = compact({"error": text}).decode()
    return Answer(status, body, {**JSON, "content-length": str(len(body))})


def not_allowed(allow: str) -> Answer:
    answer = error("405 Not Allowed", 405)
    return replace(answer, headers={**answer.headers, "allow": allow})


def redirect(location: str) -> Answer:
    text = f'"This resource has been moved temporarily to {location}."'
    headers = {
        "location": location,
        "content-type": "text/plain",
        "content-length": str(len(text)),
    }
    return Answer(302, text, headers)


def badge(text: str) -> Answer:
    return redirect(f"https://img.shields.io/badge/instances-{text}")


def without_body(answer: Answer) -> Answer:
    """The answer to HEAD, whose length does not matter."""
    headers = {**answer.headers}
    del headers["content-length"]
    return replace(answer, body="", headers=headers)


@dataclass(frozen=True)
class Exchange:
    """A request, and the server's answer to it."""

    answer: Answer
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False

    def request(self) -> bytes:
        """The bytes of the request."""
        length = (
            "Transfer-Encoding: chunked"
            if self.chunked
            else f"Content-Length: {len(self.body)}"
        )
        lines = (
            f"{self.method} {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            *(f"{name}: {value}" for name, value in self.headers.items()),
            *(() if self.method in {"GET", "HEAD"} else (length,)),
        )
        body = (
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(self.body), self.body)
            if self.chunked
            else self.body
        )
        return "\r\n".join((*lines, "", "")).encode() + body


JSON_BODY = {"Content-Type": "application/json"}


def post(
    answer: Answer,
    content: object,
    path: str = "/",
    headers: Mapping[str, str] = JSON_BODY,
) -> Exchange:
    """A POST of *content*: bytes as they are, anything else as JSON."""
    body = content if isinstance(content, bytes) else compact(content)
    return Exchange(answer, "POST", path, body, headers)


def get(answer: Answer, path: str, method: str = "GET", **headers: str) -> Exchange:
    return Exchange(answer, method, path, headers=headers)


def without(name: str) -> Report:
    """A report without *name* of its version."""
    content = report()
    del content["version"][name]
    return content


TRACKING_PAGE = "https://manyfold.app/sysadmin/tracking.html"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HTML = {"Accept": "text/html"}
EVERY = "OPTIONS, POST, GET, HEAD"
APP, SHA_MISSING = "version[app] is missing", "version[sha] is missing"
NO_VERSION = f"version is missing, {APP}, {SHA_MISSING}"
NOTHING = f"id is missing, {NO_VERSION}"
MALFORMED = (
    "\nProblem:\n  message body does not match declared format\n"
    "Resolution:\n  when specifying application/json as content-type, you must pass valid"
    " application/json in the request's 'body' "
)


def counts(instances: int | None, **fields: dict[str, int]) -> Answer:
    """The answer of /stats."""
    body = compact({"instances": instances, **fields}).decode()
    return Answer(200, body, {**JSON, "content-length": str(len(body))})


EIGHT = counts(
    8,
    versions={"0.67.0": 6, "1": 2},
    images={"ghcr.io/x/y": 6, "": 2},
    architectures={"x86_64-linux-musl": 6, "": 2},
)

EXCHANGES = {
    "a report": post(ACCEPTED, report()),
    "an image of null": post(ACCEPTED, report(image=None)),
    "a second ID, and unknown keys": post(
        ACCEPTED, {**report(OTHER_ID, channel="beta"), "hostname": "canary"}
    ),
    "an ID that is empty": post(ACCEPTED, report("")),
    "an ID of null": post(ACCEPTED, report(None)),
    "an ID that is a number": post(ACCEPTED, report(7)),
    "an ID that is an array": post(error("id is invalid"), report([ID])),
    "no version": post(error(NO_VERSION), {"id": ID}),
    "a version of null": post(
        error(f"{APP}, {SHA_MISSING}"), {"id": ID, "version": None}
    ),
    "a version that is a string": post(
        error(
            f"version is invalid, {APP}, version[app] is invalid,"
            f" {SHA_MISSING}, version[sha] is invalid"
        ),
        {"id": ID, "version": "0.147.2"},
    ),
    "a version that is an array": post(
        error("version is invalid"), {"id": ID, "version": []}
    ),
    "no version.app": post(error(APP), without("app")),
    "no version.sha": post(error(SHA_MISSING), without("sha")),
    "a version.app that is empty": post(ACCEPTED, report(app="")),
    "a version.app of null": post(ACCEPTED, report(app=None)),
    "a version.sha that is an object": post(
        error("version[sha] is invalid"), report(sha={"x": 1})
    ),
    "no image and no architecture": post(
        ACCEPTED, {"id": ID, "version": {"app": "1", "sha": "2"}}
    ),
    "broken JSON": post(error(MALFORMED), b'{"id":'),
    "an empty body": post(error(NOTHING), b""),
    "a JSON string": post(error(NOTHING), "text"),
    "JSON null": post(error(NOTHING), None),
    "a form": post(
        ACCEPTED, f"id={ID}&version[app]=1&version[sha]=2".encode(), headers=FORM
    ),
    "no Content-Type": post(ACCEPTED, report(), headers={}),
    "a Content-Type with a charset": post(
        ACCEPTED,
        report(),
        headers={"Content-Type": "application/json; charset=utf-8"},
    ),
    "XML": post(
        error("The provided content-type 'application/xml' is not supported.", 415),
        b"<id/>",
        headers={"Content-Type": "application/xml"},
    ),
    "Accept: text/html": post(ACCEPTED, report(), headers={**JSON_BODY, **HTML}),
    "a body in chunks": replace(post(ACCEPTED, report()), chunked=True),
    "POST /.json": post(ACCEPTED, report(), "/.json"),
    "GET /": get(redirect(TRACKING_PAGE), "/"),
    "HEAD /": get(without_body(redirect(TRACKING_PAGE)), "/", "HEAD"),
    "GET / with Accept: text/html": get(redirect(TRACKING_PAGE), "/", **HTML),
    "GET /stats with Accept: text/html": get(EIGHT, "/stats", **HTML),
    "GET /stats.json": get(EIGHT, "/stats.json"),
    "GET /stats.xml": get(NOT_FOUND, "/stats.xml"),
    "GET /stats/": get(EIGHT, "/stats/"),
    "HEAD /badge": get(without_body(badge("8-blue")), "/badge", "HEAD"),
    "POST /stats": post(not_allowed("OPTIONS, GET, HEAD"), report(), "/stats"),
    "PUT /": Exchange(not_allowed(EVERY), "PUT", "/", b"{}"),
    "DELETE /": Exchange(not_allowed(EVERY), "DELETE", "/"),
    "GET /nope": get(NOT_FOUND, "/nope"),
    "POST /nope": post(NOT_FOUND, report(), "/nope"),
}

# What is different here, as docs/explanation/deviations.md says.
_WITHHELD = counts(None, versions={}, images={}, architectures={})
DEVIATIONS = {
    "an ID that is empty": error("id is invalid"),
    "an ID of null": error("id is invalid"),
    "an ID that is a number": error("id is invalid"),
    "a version.app that is empty": error("version[app] is invalid"),
    "a version.app of null": error("version[app] is invalid"),
    "a form": error(
        "The provided content-type 'application/x-www-form-urlencoded'"
        " is not supported.",
        415,
    ),
    "GET /stats with Accept: text/html": _WITHHELD,
    "GET /stats.json": _WITHHELD,
    "GET /stats/": _WITHHELD,
    "HEAD /badge": without_body(badge("withheld-lightgrey")),
}

# The requests of real clients, with and without an image, and with a path in the URL.
CLIENTS = {
    "an image": (client_request(report()), ACCEPTED),
    "another installation": (client_request(report(OTHER_ID)), ACCEPTED),
    "no image": (client_request(report(app="unknown", image=None)), ACCEPTED),
    "a registry with a port": (client_request(report(image="localhost")), ACCEPTED),
    "a URL with a path": (
        client_request(report(app="unknown", image=None), "/in/here?x=1"),
        NOT_FOUND,
    ),
}
