"""Makes up what happens to an installation: steps in time, the same for the same seed."""

import datetime as dt
import enum
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


class Verb(enum.Enum):
    """What happens."""

    START = enum.auto()  # the program starts
    STOP = enum.auto()  # it ends as it should
    CRASH = enum.auto()  # it ends; what it has not written is lost
    KILL = enum.auto()  # a real process of it is killed
    UPGRADE = enum.auto()  # it has other facts from now on
    LOOK = enum.auto()  # its admin looks at the preview
    ON = enum.auto()  # its admin agrees
    AGREE = enum.auto()  # its admin agrees to what a newer contract would send more
    OFF = enum.auto()
    FORGET = enum.auto()  # its admin has all reports deleted
    GROUP = enum.auto()  # its admin turns a group of events on or off
    TICK = enum.auto()  # a scheduler calls it
    SEND = enum.auto()  # its admin sends now
    USE = enum.auto()  # somebody uses it
    TRACK = enum.auto()  # DO_NOT_TRACK is set, or is not any more
    CLOCK = enum.auto()  # its clock is set wrong, or right
    NETWORK = enum.auto()  # its network changes
    FILL = enum.auto()  # its disk is full
    FREE = enum.auto()  # its disk has room again


class Network(enum.Enum):
    """What becomes of a request."""

    UP = enum.auto()
    DOWN = enum.auto()  # it does not arrive
    DEAF = enum.auto()  # it arrives, and its answer does not
    DEADLY = enum.auto()  # when its answer arrives, the process is killed


class Step(NamedTuple):
    """One step of one installation."""

    at: dt.datetime
    who: int
    verb: Verb
    what: Any = None


class Persona(enum.Enum):
    """What is special about an installation."""

    PLAIN = "plain"
    FULL = "a full disk"
    NEVER = "never consents"
    OFF = "off"
    FORGOTTEN = "forgotten"
    AGAIN = "off, on again"
    OFFLINE = "offline"
    DEAF = "answers lost"
    KILLED = "killed"
    UNTRACKED = "DO_NOT_TRACK"
    MISTIMED = "wrong clock"


# Of twenty installations. The first installation of all has a full disk.
_PERSONAS = (
    *[Persona.PLAIN] * 8,
    *[Persona.NEVER] * 2,
    *[Persona.FORGOTTEN] * 2,
    *[Persona.OFFLINE] * 2,
    *(Persona.OFF, Persona.AGAIN, Persona.DEAF, Persona.KILLED),
    *(Persona.UNTRACKED, Persona.MISTIMED),
)


def choose_personas(chance: random.Random, installations: int) -> list[Persona]:
    """Choose a persona for each installation; every one occurs from twelve on."""
    special = list(dict.fromkeys(_PERSONAS))
    rest = [
        _PERSONAS[number % len(_PERSONAS)]
        for number in range(max(0, installations - 1 - len(special)))
    ]
    chosen = (special + rest)[: max(0, installations - 1)]
    chance.shuffle(chosen)
    return [Persona.FULL, *chosen]


@dataclass(frozen=True)
class Life:
    """The time that an installation lives, and what is special about it.

    Attributes:
        who: Its number.
        persona: What is special about it.
        begin: When the simulation begins: a midnight in UTC.
        end: When it ends.
        chance: Random numbers of this installation alone.
    """

    who: int
    persona: Persona
    begin: dt.datetime
    end: dt.datetime
    chance: random.Random

    def step(self, at: dt.datetime, verb: Verb, what: object = None) -> Step:
        """Make a step of this installation."""
        return Step(at, self.who, verb, what)

    def between(self, first: dt.datetime, last: dt.datetime) -> dt.datetime:
        """Choose a time, in whole seconds."""
        seconds = max(0, int((last - first) / SECOND))
        chosen = first + self.chance.randint(0, seconds) * SECOND
        return chosen.replace(microsecond=0)


def plan_choices(life: Life, installed: dt.datetime) -> Iterator[Step]:
    """Make the steps of an admin, from *installed* on, and those of disk and network."""
    if life.persona is Persona.NEVER:
        for _ in range(life.chance.randint(0, 3)):
            yield life.step(life.between(installed, life.end), Verb.LOOK)
        return
    part = (life.end - installed) / 10
    on = life.between(installed + SECOND, installed + part)
    yield life.step(on, Verb.ON)
    if life.chance.random() < 0.4:
        yield life.step(life.between(on + SECOND, on + 2 * part), Verb.SEND)
    yield from plan_troubles(life, on)


def plan_troubles(life: Life, on: dt.datetime) -> Iterator[Step]:
    """Make the steps that are special about an installation that reports from *on* on."""
    part = (life.end - on) / 10
    plan = _TROUBLES.get(life.persona)
    return plan(life, on, part) if plan else iter(())


def _plan_off(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    yield life.step(life.between(on + 5 * part, on + 7 * part), Verb.OFF)


def _plan_again(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    off = life.between(on + 2 * part, on + 4 * part)
    yield life.step(off, Verb.OFF)
    yield life.step(life.between(off + HOUR, off + 2 * part), Verb.ON)


def _plan_forgotten(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    """Some stay on, and report with another ID. Of the rest, some have troubles meanwhile."""
    late = life.between(on + 5 * part, on + 7 * part)
    way = life.chance.randrange(5)
    if way == 0:
        yield life.step(life.between(on + HOUR, late), Verb.FORGET)
        return
    if way in (1, 2):
        state = Network.DOWN if way == 1 else Network.DEAF
        yield life.step(late - HOUR, Verb.NETWORK, state)
        yield life.step(late + 20 * HOUR, Verb.NETWORK, Network.UP)
    yield life.step(late, Verb.OFF)
    yield life.step(
        late + SECOND,
        Verb.KILL if way == 3 else Verb.FORGET,
        "forget" if way == 3 else None,
    )


def _plan_network(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    state = Network.DOWN if life.persona is Persona.OFFLINE else Network.DEAF
    begin = life.between(on, on + 4 * part)
    yield life.step(begin, Verb.NETWORK, state)
    end = life.between(begin + part, begin + 4 * part)
    yield life.step(end, Verb.NETWORK, Network.UP)


def _plan_killed(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    for number in (2, 5):
        begin = on + number * part
        yield life.step(life.between(begin, begin + part), Verb.KILL)


def _plan_untracked(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    begin = life.between(on + 2 * part, on + 4 * part)
    yield life.step(begin, Verb.TRACK, False)  # noqa: FBT003  # what the step does
    end = life.between(begin + 2 * part, begin + 4 * part)
    yield life.step(end, Verb.TRACK, True)  # noqa: FBT003  # the same


def _plan_mistimed(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    wrong = life.chance.choice((-2 * DAY, -3 * HOUR, 3 * HOUR, 2 * DAY))
    begin = life.between(on + part, on + 4 * part)
    yield life.step(begin, Verb.CLOCK, wrong)
    end = life.between(begin + 2 * part, begin + 4 * part)
    yield life.step(end, Verb.CLOCK, 0 * DAY)


def _plan_full(life: Life, on: dt.datetime, part: dt.timedelta) -> Iterator[Step]:
    full = life.between(on + 2 * part, on + 3 * part)
    yield life.step(full, Verb.FILL)
    yield life.step(life.between(full + 2 * part, full + 3 * part), Verb.FREE)


_TROUBLES: Mapping[
    Persona, Callable[[Life, dt.datetime, dt.timedelta], Iterator[Step]]
] = {
    Persona.OFF: _plan_off,
    Persona.AGAIN: _plan_again,
    Persona.FORGOTTEN: _plan_forgotten,
    Persona.OFFLINE: _plan_network,
    Persona.DEAF: _plan_network,
    Persona.KILLED: _plan_killed,
    Persona.UNTRACKED: _plan_untracked,
    Persona.MISTIMED: _plan_mistimed,
    Persona.FULL: _plan_full,
}


def plan_server(
    life: Life, installed: dt.datetime, tick: dt.timedelta, upgrades: Sequence[object]
) -> Iterator[Step]:
    """Make the steps of a program that always runs, but for restarts.

    Args:
        life: The life of the installation.
        installed: When it first starts.
        tick: How often its scheduler calls it.
        upgrades: What it is upgraded to, in order.
    """
    chance = life.chance
    coming = list(upgrades)
    start = installed
    while start < life.end:
        yield life.step(start, Verb.START)
        stop = min(start + chance.uniform(0.5, 4) * DAY, life.end)
        stop = dt.datetime.fromtimestamp(int(stop.timestamp()), dt.UTC)
        at = start + life.chance.randint(1, int(tick / SECOND)) * SECOND
        while at < stop:
            yield life.step(at, Verb.TICK)
            at += tick
        if stop < life.end:
            yield life.step(stop, Verb.CRASH if chance.random() < 0.4 else Verb.STOP)
            if coming and chance.random() < 0.6:
                yield life.step(stop + SECOND, Verb.UPGRADE, coming.pop(0))
        start = stop + chance.randint(10, 1800) * SECOND
        if chance.random() < 0.1:
            start += chance.randint(1, 3) * DAY
