import pytest

from build_hooks.urls import check_url
from tests.support.url_cases import URL_CASES, Verdict

PROBLEMS: dict[Verdict, str] = {
    "not a URL": "is not a URL: ",
    "credentials": "must not contain a user name or a password",
    "no TLS": "must begin with https://",
}


@pytest.mark.parametrize(("url", "verdict"), URL_CASES.items())
def test_a_url_is_allowed_or_its_problem_is_named(url: str, verdict: Verdict) -> None:
    problem = check_url(url)

    if verdict == "allowed":
        assert problem is None
    else:
        assert problem is not None
        assert problem.startswith(PROBLEMS[verdict])
