"""A report kind decides how a request is read: as JSON or a form, with or without a body."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests

from tests.worker.client import get, post
from tests.worker.clock import DAY
from tests.worker.database import select_all
from tests.worker.labs import NOON, PER_INSTALLATION, clock, counts, lab_id, run_lab
from tests.worker.markup import get_page
from worker.local.harness import Harness

ID = lab_id()
TODAY = f"{NOON:%F}"
LARGEST = 262_144


def track(
    worker: Harness, event: str, query: str = "", days: int = 0
) -> requests.Response:
    path = f"/track/{ID}/{event}/?{query}"
    return get(worker, path, **clock(NOON + days * DAY))


def post_form(worker: Harness, body: bytes, **headers: str) -> requests.Response:
    """POST *body* as it is. Without a header, the request has no Content-Type."""
    return requests.post(
        f"{worker.url}/track/{ID}/pong/",
        data=body,
        headers={**clock(NOON), **headers},
        timeout=30,
    )


def facts(worker: Harness) -> tuple[object, ...]:
    (row,) = select_all(worker, "tracked_labs")
    return row["first_day"], row["last_day"], row["version"], row["channel"]


@pytest.mark.parametrize("body", [b"", iter([b'{"id": "x"}'])])
def test_a_kind_may_need_the_length_of_the_body(lab: Harness, body: object) -> None:
    response = requests.post(f"{lab.url}/batch", data=body, timeout=30)  # type: ignore[arg-type]

    assert response.status_code == 411
    assert response.json() == {
        "error": "length_required",
        "detail": "The request needs a Content-Length other than 0.",
    }


def test_the_length_is_checked_before_the_size(lab: Harness) -> None:
    assert post(lab, b"x" * (LARGEST + 1), "/batch").status_code == 400
    assert post(lab, b" " * LARGEST, "/batch").status_code == 400
    assert select_all(lab, "labs") == []


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "", "x"])
def test_a_kind_may_read_json_whatever_its_media_type(
    lab: Harness, media_type: str
) -> None:
    content = f'{{"id": "{ID}"}}'.encode()
    response = post(lab, content, "/batch", **{"Content-Type": media_type})

    assert response.status_code == 204


@pytest.mark.parametrize("text", [b'"\xff"', b'"\xed\xa0\x80"', b'"ok"'])
def test_a_kind_may_replace_bytes_that_are_not_utf8(lab: Harness, text: bytes) -> None:
    content = b'\xef\xbb\xbf{"id": "%s", "version": "1.4", "x": %s}'
    response = post(lab, content % (ID.encode(), text), "/batch")

    assert response.status_code == 204
    assert select_all(lab, "labs")[0]["version"] == "1.4"


def test_other_kinds_refuse_them(lab: Harness) -> None:
    content = b'{"id": "%s", "x": "\xff"}' % ID.encode()

    assert post(lab, content, "/hourly").status_code == 400


def test_a_query_is_a_report(lab: Harness) -> None:
    response = track(lab, "pong", "version=1.4&channel=beta&more=1")

    assert response.status_code == 204
    assert facts(lab) == (TODAY, TODAY, "1.4", "beta")


@pytest.mark.parametrize(
    "media_type", [{}, {"Content-Type": "application/x-www-form-urlencoded; charset=x"}]
)
def test_a_form_is_a_report(lab: Harness, media_type: dict[str, str]) -> None:
    response = post_form(lab, b"version=1.4&channel=stable&version=1.5", **media_type)

    assert response.status_code == 204
    assert facts(lab) == (TODAY, TODAY, "1.5", "stable")


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data"])
def test_another_media_type_is_not_a_form(lab: Harness, media_type: str) -> None:
    response = post_form(lab, b"version=1.4", **{"Content-Type": media_type})

    assert response.status_code == 415
    assert select_all(lab, "tracked_labs") == []


def test_a_form_that_is_too_large_is_refused(lab: Harness) -> None:
    large = "version=" + "1" * 4096

    assert track(lab, "pong", large).status_code == 400
    assert post_form(lab, large.encode()).status_code == 400


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH"])
def test_any_other_method_is_not_a_report(lab: Harness, method: str) -> None:
    response = requests.request(method, f"{lab.url}/track/{ID}/pong/", timeout=30)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, OPTIONS"
    assert select_all(lab, "tracked_labs") == []


@pytest.mark.parametrize(
    "path",
    [
        "/track/",
        f"/track/{ID}/",
        f"/track/{ID}/pong",
        f"/track/{ID}/po-ng/",
        f"/track/{ID}/po%20ng/",
        f"/track/{ID[:-1]}/pong/",
        f"/track/{ID}0/pong/",
        f"/track/{ID.replace('-', '')}/pong/",
        f"/track/{ID}/pong/more/",
        f"//track/{ID}/pong/",
    ],
)
def test_a_path_with_another_parameter_does_not_exist(lab: Harness, path: str) -> None:
    assert get(lab, path).status_code == 404


def test_an_id_in_the_path_may_have_capitals(lab: Harness) -> None:
    get(lab, f"/track/{ID.upper()}/pong/")

    assert select_all(lab, "tracked_labs")[0]["id"] == ID


def test_names_of_the_prototype_are_fields_like_others(lab: Harness) -> None:
    names = ["__proto__", "constructor", "toString", "hasOwnProperty", "id", "event"]
    response = track(lab, "pong", urlencode(dict.fromkeys(names, "x")))

    assert response.status_code == 204
    assert select_all(lab, "tracked_labs")[0]["id"] == ID


def test_no_installation_can_send_what_the_receiver_adds(lab: Harness) -> None:
    track(lab, "pong", "country=DE")

    assert select_all(lab, "tracked_labs")[0]["country"] == "AT"
    page = "".join(get_page(lab, "/fields").itertext())
    assert "country (added by the receiver)" in page


def test_a_row_with_fewer_fields_keeps_the_stored_facts(lab: Harness) -> None:
    track(lab, "pong", "version=1.4&channel=beta")
    track(lab, "ping", "version=1.5", days=2)

    assert facts(lab) == (TODAY, f"{NOON + 2 * DAY:%F}", "1.4", "beta")


def test_a_row_with_the_key_alone_is_a_new_installation(lab: Harness) -> None:
    track(lab, "ping")

    assert facts(lab) == (TODAY, TODAY, None, None)


def test_a_report_may_be_counted_without_facts(lab: Harness) -> None:
    assert track(lab, "stop", "version=1.4").status_code == 204
    assert track(lab, "tool", "name=search&client=c&name=explore").status_code == 204

    assert select_all(lab, "tracked_labs") == []
    assert counts(lab, "", "stop", "tracked") == {(TODAY, "", ""): 1}
    assert counts(lab, table="tracked") == {(TODAY, "explore", "c"): 1}


@pytest.fixture(scope="module")
def limited() -> Iterator[Harness]:
    """The receiver with a limit for each installation."""
    limit = {"limit": PER_INSTALLATION, "period": 60}
    binding = {"name": "LIMIT_INSTALLATION", "namespace_id": "9", "simple": limit}
    with run_lab(ratelimits=[binding]) as worker:
        yield worker


def test_an_installation_has_a_limit_of_its_own(limited: Harness) -> None:
    # A test may start at the end of a period.
    for _ in range(2 * PER_INSTALLATION):
        post(limited, {"id": lab_id(1)}, "/batch")

    response = post(limited, {"id": lab_id(1).upper()}, "/batch")

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert post(limited, {"id": lab_id(2)}, "/batch").status_code == 204
    assert post(limited, {"id": lab_id(1)}, "/hourly").status_code == 204


def test_a_report_that_is_refused_uses_up_no_limit(limited: Harness) -> None:
    for _ in range(2 * PER_INSTALLATION + 1):
        assert post(limited, {"id": lab_id(3)[1:]}, "/batch").status_code == 400

    assert post(limited, {"id": lab_id(3)}, "/batch").status_code == 204


def test_a_limiter_that_fails_refuses_nothing(limited: Harness) -> None:
    for _ in range(2 * PER_INSTALLATION + 1):
        response = post(limited, {"id": lab_id(4)}, "/batch", **{"Test-Limiter": "x"})
        assert response.status_code == 204
