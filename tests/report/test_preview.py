import pytest

from paperless_report import contract
from paperless_report.contract import Value
from paperless_report.terminal.preview import render_preview

# The fields of decision C1: a later field must not change what that decision fixes.
NAMES = (
    *("uuid", "version", "channel", "commit", "build_date", "install_type", "arch"),
    *("python", "database", "doc_bucket", "multi_user", "feature_mail", "feature_ai"),
)
FIELDS = {name: contract.load_fields()[name] for name in NAMES}
FULL: dict[str, Value] = {
    name: field.schema["examples"][0] for name, field in FIELDS.items()
}
# Exactly the block of decision C1.
GOLDEN = """\
The following information will be sent to paperless-ngx to help
improve the project:

  Installation ID : 0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11
  Version         : 2.15.0
  Channel         : beta
  Commit          : bd86dca57  (built 2026-05-18T12:00:00Z)
  Install type    : docker
  Architecture    : x86_64
  Python          : 3.12.3
  Database        : postgresql
  Documents       : 1000\N{EN DASH}9999
  Multi-user      : yes
  Mail enabled    : yes
  AI enabled      : no

No personal data, document content, or IP address is stored.
More information: https://docs.paperless-ngx.com/usage-reporting/

"""


def render(**values: Value) -> str:
    project = contract.load_project()
    return render_preview(values, FIELDS, project["name"], project["page"])


@pytest.mark.point("C1", "Confirmation flow")
def test_the_preview_is_the_block_of_decision_c1() -> None:
    assert render(**FULL) == GOLDEN


@pytest.mark.point("C1")
@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("commit", "build_date")]
)
def test_an_absent_field_has_no_line(name: str) -> None:
    title = FIELDS[name].title
    lines = [line for line in GOLDEN.splitlines() if not line.startswith(f"  {title} ")]

    values = {key: value for key, value in FULL.items() if key != name}

    assert render(**values).splitlines() == lines


@pytest.mark.point("C1")
def test_a_commit_without_a_date_has_no_bracket() -> None:
    assert "  Commit          : bd86dca57\n" in render(commit="bd86dca57")


def test_a_date_without_a_commit_has_a_line_of_its_own() -> None:
    date = "2026-05-18T12:00:00Z"

    assert f"  Build date      : {date}\n" in render(build_date=date)


def test_the_preview_names_the_project_and_its_page() -> None:
    page = "https://bookshelf.example.org/reports"

    text = render_preview(FULL, FIELDS, "Bookshelf", page)

    assert "paperless" not in text
    assert text.startswith("The following information will be sent to Bookshelf ")
    assert f"More information: {page}\n" in text


def test_the_preview_fits_80_columns() -> None:
    assert max(map(len, GOLDEN.splitlines())) <= 80
