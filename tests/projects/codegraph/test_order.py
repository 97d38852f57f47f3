"""The order of codegraph's checks holds for any combination of faults."""

from collections.abc import Iterator
from itertools import product

import pytest

from tests.projects.codegraph.recorded import (
    CHUNKED,
    MACHINE,
    batch,
    build_request,
    compact,
    event,
)
from tests.projects.codegraph.responses import (
    ACCEPTED,
    BAD_REQUEST,
    LENGTH_REQUIRED,
    LIMITED,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    Answer,
)
from tests.support.raw_http import send_raw
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

pytestmark = pytest.mark.both

CODEGRAPH = configuration.PAPERLESS_NGX.with_name("codegraph")
LIMITED_MACHINE = "b7df25a6-d24f-40c2-9063-698812df8cf4"
# The limit counts minutes. This many requests exceed the limits of two.
TOO_MANY = 13

# The choices of each part of a request: the first one is right, and any other has the answer
# that it gets if all parts before it are right.
Choices = dict[str, Answer | None]
PATHS: Choices = {"/v1/events": None, "/v1/events/": NOT_FOUND, "/nope": NOT_FOUND}
METHODS: Choices = {
    "POST": None,
    **dict.fromkeys(("GET", "PUT", "DELETE", "OPTIONS"), NOT_ALLOWED),
}
FRAMINGS: Choices = {
    "its length": None,
    "in chunks": LENGTH_REQUIRED,
    "no length": LENGTH_REQUIRED,
    "65537 bytes": TOO_LARGE,
}
BODIES: Choices = {
    "a batch": None,
    "broken JSON": BAD_REQUEST,
    "a list": BAD_REQUEST,
    "no ID": BAD_REQUEST,
}
MACHINES: Choices = {MACHINE: None, LIMITED_MACHINE: LIMITED}
TYPES = ("content-type: application/json", "content-type: text/plain", "accept: */*")


def build_body(kind: str, machine: str) -> bytes:
    whole = compact(batch([event("index")], machine))
    return {
        "a batch": whole,
        "broken JSON": whole[:-1],
        "a list": b"[" + whole + b"]",
        "no ID": whole.replace(b"machine_id", b"machine"),
    }[kind]


def build(path: str, method: str, framing: str, body: bytes, content: str) -> bytes:
    headers = ("host: 127.0.0.1", content)
    if framing == "no length":
        return build_request(b"", method, path, headers, "x-filler: 1")
    if framing == "65537 bytes":
        body += b" " * (65_537 - len(body))
    chunked = CHUNKED if framing == "in chunks" else None
    return build_request(body, method, path, headers, chunked)


@pytest.fixture(scope="module")
def limited() -> Iterator[Harness]:
    """The receiver with production's limit for one machine, and no other."""
    config = configuration.read_environment(None, CODEGRAPH)
    config["ratelimits"] = [
        it for it in config["ratelimits"] if it["name"] == "LIMIT_INSTALLATION"
    ]
    with run_worker({"config": config}, CODEGRAPH) as worker:
        yield worker


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("path", PATHS)
def test_the_first_fault_decides(limited: Harness, path: str, machine: str) -> None:
    """Every combination of the other parts, with a type that plays no part."""
    parts = (METHODS, FRAMINGS, BODIES)
    for number, (method, framing, kind) in enumerate(product(*parts)):
        answers = (
            *(PATHS[path], METHODS[method], FRAMINGS[framing], BODIES[kind]),
            *(MACHINES[machine], ACCEPTED),
        )
        expected = next(it for it in answers if it is not None)
        content = TYPES[number % len(TYPES)]
        request = build(path, method, framing, build_body(kind, machine), content)
        times = TOO_MANY if expected == LIMITED else 1
        actual = [send_raw(limited.url, request) for _ in range(times)]
        answered = {(it.status, it.body.decode()) for it in actual}
        assert (expected.status, expected.text) in answered, request[:200]
        assert times > 1 or len(answered) == 1


def test_six_batches_a_minute_are_accepted_and_even_an_empty_one_counts(
    limited: Harness,
) -> None:
    machine = "3f0c9a52-7f86-4a6e-9a55-5a3f6e0b9d11"
    upper_and_lower = (machine, machine.upper())
    requests = [build_request(compact(batch([], it))) for it in upper_and_lower * 7]

    answers = [send_raw(limited.url, it) for it in requests[:TOO_MANY]]

    assert [it.status for it in answers[:6]] == [204] * 6
    refused = next(it for it in answers if it.status != 204)
    assert (refused.status, refused.body.decode()) == (LIMITED.status, LIMITED.text)


def test_a_refused_request_does_not_count_for_the_limit(limited: Harness) -> None:
    machine = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
    broken = build_request(build_body("broken JSON", machine))

    statuses = {send_raw(limited.url, broken).status for _ in range(TOO_MANY)}

    assert statuses == {400}
    whole = build_request(compact(batch([], machine)))
    assert [send_raw(limited.url, whole).status for _ in range(6)] == [204] * 6
