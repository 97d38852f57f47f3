"""Every way in which a run of the command can end, for tests that try them all."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from paperless_report.state.identity import obtain_identity
from tests.support.endpoint import Answer

GARBAGE = "canary"


def leave(_: Path) -> None:
    """Leave the data directory empty."""


def create_id(data_dir: Path) -> None:
    obtain_identity(data_dir)


def write_garbage(data_dir: Path) -> None:
    (data_dir / "usage_uuid").write_text(GARBAGE)


def make_directory(data_dir: Path) -> None:
    """Put a directory where the file of the ID belongs."""
    (data_dir / "usage_uuid").mkdir()


class Scenario(NamedTuple):
    """What is typed, what the endpoint answers, what the data directory holds."""

    arguments: tuple[str, ...] = ()
    stdin: str = "y\n"
    answer: Answer = Answer()
    prepare: Callable[[Path], None] = leave


FORGET = ("--forget",)
SCENARIOS = {
    "sent": Scenario(),
    "declined": Scenario(stdin="n\n"),
    "no answer": Scenario(stdin=""),
    "dry run": Scenario(("--dry-run",)),
    "json": Scenario(("--json",)),
    "refused": Scenario(answer=Answer(429, b'{"error": "rate_limited"}')),
    "invalid": Scenario(answer=Answer(400, b'{"detail": "arch is missing."}')),
    "redirected": Scenario(
        answer=Answer(302, headers={"Location": "http://127.0.0.1:9/"})
    ),
    "failed": Scenario(answer=Answer(503)),
    "ID replaced": Scenario(prepare=write_garbage),
    "ID not saved": Scenario(prepare=make_directory),
    "forgotten": Scenario(FORGET, prepare=create_id),
    "not forgotten": Scenario(FORGET, answer=Answer(503), prepare=create_id),
    "forgetting declined": Scenario(FORGET, "n\n", prepare=create_id),
    "ID not read": Scenario(FORGET, prepare=make_directory),
}
