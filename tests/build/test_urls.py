import pytest

from build_hooks import urls
from tests.support.url_cases import URL_CASES, Verdict

SIGNS: dict[Verdict, str] = {
    "not a URL": "is not a URL",
    "credentials": "user name",
    "no TLS": "must begin with https://",
}


@pytest.mark.parametrize(("url", "verdict"), URL_CASES.items())
def test_the_build_follows_the_table_that_the_client_follows(
    url: str, verdict: Verdict
) -> None:
    problem = urls.check_url(url)

    if verdict == "allowed":
        assert problem is None
    else:
        assert problem is not None
        assert SIGNS[verdict] in problem
