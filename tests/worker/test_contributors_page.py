"""The commands of docs/project/contributing.md run."""

import pytest

from tests.support import pages


@pytest.mark.nightly
@pytest.mark.slow
def test_the_commands_of_the_contributors_page_run() -> None:
    with pages.follow("docs/project/contributing.md") as page:
        for command in sorted(page.remaining):
            assert " passed" in page.run(pages.ROOT, command)
