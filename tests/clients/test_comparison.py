"""The comparison finds each way in which two clients can differ."""

from dataclasses import replace
from typing import Any

import pytest

from tests.clients.comparison import EVERY, Difference, Message, find_differences

PING = Message(
    name="ping",
    method="GET",
    path="/track/{id}/ping/",
    headers={"accept": "*/*", "host": "127.0.0.1:1", "content-length": "3"},
    fields={"uptime": "900", "state": "OFFLINE"},
)
PONG = replace(PING, name="pong", method="POST")


def compare(ours: Message, **options: Any) -> set[Difference]:  # noqa: ANN401  # arguments
    return find_differences([PING], [ours], **options)


def test_equal_messages_do_not_differ_whatever_connection_they_came_on() -> None:
    headers = {"accept": "*/*", "host": "127.0.0.1:2", "content-length": "9"}

    assert find_differences([PING, PONG], [PONG, replace(PING, headers=headers)]) == (
        set()
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"method": "POST"}, ("method", "text", "another text")),
        ({"path": "/track/{id}/ping"}, ("path", "text", "another text")),
        ({"headers": {}}, ("header accept", "text", "absent")),
        (
            {"headers": {"accept": "*/*", "cookie": "1"}},
            ("header cookie", "absent", "integer"),
        ),
        ({"fields": {"uptime": "900"}}, ("state", "text", "absent")),
        (
            {"fields": {"uptime": "901", "state": "OFFLINE"}},
            ("uptime", "integer", "another integer"),
        ),
        (
            {"fields": {"uptime": "900.0", "state": "OFFLINE"}},
            ("uptime", "integer", "number"),
        ),
        (
            {"fields": {"uptime": "None", "state": "OFFLINE"}},
            ("uptime", "integer", "none"),
        ),
        (
            {"fields": {"uptime": "True", "state": "OFFLINE"}},
            ("uptime", "integer", "boolean"),
        ),
    ],
)
def test_any_part_that_is_different_is_found(
    changes: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert compare(replace(PING, **changes)) == {Difference("ping", *expected)}


def test_a_volatile_field_needs_the_same_shape_only() -> None:
    later = replace(PING, fields={**PING.fields, "uptime": "901"})
    broken = replace(PING, fields={**PING.fields, "uptime": "soon"})

    assert compare(later, volatile=["uptime"]) == set()
    assert compare(broken, volatile=["uptime"]) == {
        Difference("ping", "uptime", "integer", "text")
    }


def test_a_message_that_is_missing_or_sent_too_often_is_found() -> None:
    assert find_differences([PING, PING, PONG], [PING]) == {
        Difference("ping", "number", "2", "1"),
        Difference("pong", "number", "1", "0"),
    }


def test_a_field_that_some_messages_lack_is_found() -> None:
    bare = replace(PING, fields={"uptime": "900"})

    assert find_differences([PING, PING], [PING, bare]) == {
        Difference("ping", "state", "text", "absent or text")
    }


def test_what_all_messages_differ_in_is_one_difference() -> None:
    ours = [replace(it, headers={}) for it in (PING, PONG)]

    assert find_differences([PING, PONG], ours) == {
        Difference(EVERY, "header accept", "text", "absent")
    }
