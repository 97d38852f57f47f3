"""The page on deviations names each difference between real clients and ours."""

import pytest

from tests.clients.differences import CODEGRAPH, OCTOPRINT, Listed
from tests.support.pages import column

PAGE = "docs/explanation/deviations.md"


@pytest.mark.parametrize(
    ("project", "listed"), [("codegraph", CODEGRAPH), ("OctoPrint", OCTOPRINT)]
)
def test_each_difference_between_the_clients_is_on_the_page(
    project: str, listed: Listed
) -> None:
    rows = column(PAGE, "its client", project)

    assert {it.strip("`") for it in listed} <= {*rows}
