import pytest

from paperless_report.consent.ladder import (
    Decision,
    Source,
    State,
    decide,
    is_do_not_track_set,
)

pytestmark = pytest.mark.point("C14")

SWITCH = "SHELF_USAGE_REPORTING"
ON, OFF, UNDECIDED = State.ON, State.OFF, State.UNDECIDED


def decide_with(
    environ: dict[str, str] | None = None,
    *,
    packager_off: bool = False,
    stored: bool | None = None,
) -> Decision:
    return decide(
        packager_off=packager_off,
        environ=environ or {},
        variable_name=SWITCH,
        stored=stored,
    )


def test_nothing_is_decided_at_first() -> None:
    assert decide_with() == Decision(UNDECIDED, Source.DEFAULT)


@pytest.mark.parametrize(
    ("notice_shown", "stored", "decision"),
    [
        (False, None, Decision(UNDECIDED, Source.DEFAULT, awaits_notice=True)),
        (True, None, Decision(ON, Source.DEFAULT)),
        (True, False, Decision(OFF, Source.STORED)),
        (False, True, Decision(ON, Source.STORED)),
    ],
)
def test_on_by_default_needs_the_notice_and_no_choice(
    *, notice_shown: bool, stored: bool | None, decision: Decision
) -> None:
    assert decision == decide(
        packager_off=False,
        environ={},
        variable_name=SWITCH,
        stored=stored,
        default="on after notice",
        notice_shown=notice_shown,
    )


@pytest.mark.parametrize(
    ("value", "state", "unknown"),
    [
        *((it, ON, False) for it in ("1", "true", "True", "YES", "on", " on\n")),
        *((it, OFF, False) for it in ("0", "false", "FALSE", "no", "Off", "\toff ")),
        *((it, OFF, True) for it in ("2", "enabled", "disabled", "y", "on off", "1.0")),
    ],
)
def test_the_variable_turns_reporting_on_or_off(
    value: str, state: State, *, unknown: bool
) -> None:
    assert decide_with({SWITCH: value}) == Decision(
        state, Source.VARIABLE, unknown_variable_value=unknown, variable=SWITCH
    )


@pytest.mark.parametrize("value", ["", " ", "\n"])
@pytest.mark.parametrize("stored", [None, True, False])
def test_an_empty_variable_is_not_set(value: str, *, stored: bool | None) -> None:
    assert decide_with({SWITCH: value}, stored=stored) == decide_with(stored=stored)


@pytest.mark.point("C8")
@pytest.mark.parametrize(
    ("value", "is_set"),
    [
        *((it, False) for it in ("", "0", "false", "False", "FALSE")),
        *((it, True) for it in ("1", "true", "yes", "no", "off", "2", " ")),
    ],
)
def test_do_not_track_only_turns_off(value: str, *, is_set: bool) -> None:
    environ = {"DO_NOT_TRACK": value, SWITCH: "on"}

    assert is_do_not_track_set(environ) == is_set
    assert decide_with(environ).state is (OFF if is_set else ON)
    assert decide_with({"DO_NOT_TRACK": value}).state is (OFF if is_set else UNDECIDED)


@pytest.mark.parametrize("packager_off", [False, True])
@pytest.mark.parametrize("tracked", [None, "1"])
@pytest.mark.parametrize("switch", [None, "0", "1", "?"])
@pytest.mark.parametrize("stored", [None, False, True])
def test_the_first_source_that_says_something_decides(
    *, packager_off: bool, tracked: str | None, switch: str | None, stored: bool | None
) -> None:
    environ = {"DO_NOT_TRACK": tracked, SWITCH: switch}

    decision = decide_with(
        {name: value for name, value in environ.items() if value},
        packager_off=packager_off,
        stored=stored,
    )

    says = [
        (Source.PACKAGER, False if packager_off else None),
        (Source.DO_NOT_TRACK, False if tracked else None),
        (Source.VARIABLE, None if switch is None else switch == "1"),
        (Source.STORED, stored),
        (Source.DEFAULT, None),
    ]
    source, on = next((it for it in says if it[1] is not None), says[-1])
    assert decision == Decision(
        {True: ON, False: OFF, None: UNDECIDED}[on],
        source,
        overrides_stored=stored not in (None, on),
        unknown_variable_value=switch == "?",
        variable={Source.DO_NOT_TRACK: "DO_NOT_TRACK", Source.VARIABLE: SWITCH}.get(
            source
        ),
    )
