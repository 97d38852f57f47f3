import pytest

from build_hooks import config, overrides
from build_hooks.errors import EnvironmentVariableError
from build_hooks.stamp import Facts
from build_hooks.tags import DEFAULT_PATTERN

SHA = "0123456789abcdef0123456789abcdef01234567"


def read(**values: str) -> Facts:
    return overrides.read_facts(
        {f"HOST_{key}": it for key, it in values.items()}, "HOST", DEFAULT_PATTERN
    )


@pytest.mark.parametrize(
    ("project", "prefix"),
    [
        ("paperless-ngx", "PAPERLESS_NGX"),
        ("host", "HOST"),
        ("My.Project--2", "MY_PROJECT_2"),
        ("_x_", "X"),
    ],
)
def test_the_prefix_is_the_projects_name_in_capitals(project: str, prefix: str) -> None:
    assert config.make_prefix(project) == prefix


def test_empty_variables_state_nothing() -> None:
    assert read() == Facts("environment")
    assert read(SOURCE_COMMIT="", TAG=" ") == Facts("environment")


@pytest.mark.parametrize(
    ("value", "commit"), [(SHA, SHA), (SHA.upper(), SHA), (SHA[:9], SHA[:9])]
)
def test_a_commit_is_a_sha_in_lower_case(value: str, commit: str) -> None:
    assert read(SOURCE_COMMIT=value).commit == commit


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-18T12:00:00Z",
        "2026-05-18T14:00:00+02:00",
        "2026-05-18T12:00:00.999Z",
        "20260518T120000Z",
    ],
)
def test_a_date_is_any_iso_8601_with_a_zone(value: str) -> None:
    assert read(BUILD_DATE=value).build_date == "2026-05-18T12:00:00Z"


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("SOURCE_COMMIT", "main"),
        ("SOURCE_COMMIT", "bd86dca"),
        ("SOURCE_COMMIT", "0" * 65),
        ("SOURCE_COMMIT", f"{SHA} {SHA}"),
        ("BUILD_DATE", "today"),
        ("BUILD_DATE", "2026-05-18"),
        ("BUILD_DATE", "2026-05-18T12:00:00"),
        ("BUILD_DATE", "1969-12-31T23:59:59Z"),
        ("BUILD_DATE", "9999-12-31T23:59:59Z"),
        ("TAG", "latest"),
        ("TAG", "beta-1.7.0-rc1"),
        ("TAG", "v1.2.3" + "0" * 5000),
        ("CHANNEL", "Beta"),
        ("CHANNEL", "nightly"),
    ],
)
def test_a_malformed_variable_is_named(fact: str, value: str) -> None:
    with pytest.raises(EnvironmentVariableError, match=f"^HOST_{fact} must be "):
        read(**{fact: value})


def test_every_malformed_variable_is_named_at_once() -> None:
    with pytest.raises(EnvironmentVariableError) as caught:
        read(SOURCE_COMMIT="x", BUILD_DATE="x", TAG="x", CHANNEL="x")

    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("value", "strict"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("", False),
        ("0", False),
        ("no", False),
    ],
)
def test_strict_is_yes_or_no(value: str, *, strict: bool) -> None:
    assert overrides.is_strict({"HOST_STRICT": value}, "HOST") is strict


def test_any_other_value_of_strict_is_refused() -> None:
    with pytest.raises(EnvironmentVariableError, match="HOST_STRICT must be 1 or 0"):
        overrides.is_strict({"HOST_STRICT": "maybe"}, "HOST")
