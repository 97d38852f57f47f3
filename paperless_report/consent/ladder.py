"""Decides whether reporting is on, and which of several sources decided it (decision C14)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Default = Literal["off", "on after notice"]

DO_NOT_TRACK: Final = "DO_NOT_TRACK"

_VALUES = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


class State(enum.Enum):
    """Whether reports may be sent."""

    UNDECIDED = enum.auto()  # counts are kept on this machine, and nothing is sent
    ON = enum.auto()  # reports are sent when they are due
    OFF = enum.auto()  # nothing is counted or sent


class Source(enum.Enum):
    """What decided the state. An earlier source wins over a later one."""

    PACKAGER = enum.auto()  # build_info.py, or a program that embeds the project
    DO_NOT_TRACK = enum.auto()  # the environment variable, which only turns off
    VARIABLE = enum.auto()  # an environment variable of the project
    STORED = enum.auto()  # the admin's choice
    DEFAULT = enum.auto()  # the project's default


@dataclass(frozen=True)
class Decision:
    """Whether reports may be sent, and why.

    Attributes:
        state: On, off, or undecided.
        source: What decided it.
        overrides_stored: Whether the stored choice says something else.
        unknown_variable_value: Whether the project's variable has a value that means
            neither on nor off. It counts as off.
        variable: The name of the environment variable that decided, if one did.
        awaits_notice: Whether the default is "on after notice", and the host has not shown
            its notice yet.
    """

    state: State
    source: Source
    overrides_stored: bool = False
    unknown_variable_value: bool = False
    variable: str | None = None
    awaits_notice: bool = False


def decide(  # noqa: PLR0913  # one for each source
    *,
    packager_off: bool,
    environ: Mapping[str, str],
    variable_name: str,
    off_names: Sequence[str] = (),
    stored: bool | None,
    default: Default = "off",
    notice_shown: bool = False,
) -> Decision:
    """Decide whether reports may be sent.

    Args:
        packager_off: Whether the build turned reporting off for good.
        environ: The environment.
        variable_name: The name of the project's variable that turns reporting on or off.
        off_names: The names of variables that turn it off with any value but an empty one.
        stored: The admin's choice; None if there is none.
        default: What holds if nothing else decides.
        notice_shown: Whether the host has shown its notice. Until then, the default
            "on after notice" leaves the state undecided.
    """
    text = environ.get(variable_name, "").strip().lower()
    unknown = bool(text) and text not in _VALUES
    variable = next((it for it in off_names if environ.get(it)), None)
    if packager_off:
        source, choice, variable = Source.PACKAGER, False, None
    elif is_do_not_track_set(environ):
        source, choice, variable = Source.DO_NOT_TRACK, False, DO_NOT_TRACK
    elif variable:
        source, choice = Source.VARIABLE, False
    elif text:
        source, choice = Source.VARIABLE, _VALUES.get(text, False)
        variable = variable_name
    elif stored is not None:
        source, choice = Source.STORED, stored
    elif default == "off":
        return Decision(State.UNDECIDED, Source.DEFAULT)
    elif notice_shown:
        source, choice = Source.DEFAULT, True
    else:
        return Decision(State.UNDECIDED, Source.DEFAULT, awaits_notice=True)
    return Decision(
        State.ON if choice else State.OFF,
        source,
        overrides_stored=stored not in (None, choice),
        unknown_variable_value=unknown,
        variable=variable,
    )


def is_do_not_track_set(environ: Mapping[str, str]) -> bool:
    """Return whether DO_NOT_TRACK asks us to send nothing (decision C8)."""
    return environ.get(DO_NOT_TRACK, "").lower() not in ("", "0", "false")
