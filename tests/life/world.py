"""Lets all installations of a system live, real and modelled."""

import contextlib
import datetime as dt
import random
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.life.client_model import ClientModel
from tests.life.clock import Clock
from tests.life.editions import Editions
from tests.life.network import Relay
from tests.life.plan import DAY, Life, Persona, Step, choose_personas
from tests.life.program import Installation
from tests.life.receiver import Receiver
from tests.life.receiver_model import ReceiverModel
from tests.life.systems.system import System
from tests.life.twin import Twin

# Each simulation ends with this night: it begins a Sunday and a month.
END = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_DUE = dt.timedelta(hours=3, minutes=17)
_BROKEN_NETWORKS = {*(Persona.OFFLINE, Persona.DEAF, Persona.KILLED, Persona.FORGOTTEN)}


class World:
    """All installations of a system.

    Attributes:
        system: The system.
        begin: When the simulation begins.
        twins: The installations.
        receiver: The model of the receiver.
        drawn: All IDs that clients have drawn, also for previews.
        steps: How many steps were done.
    """

    def __init__(
        self, system: System, seed: int, installations: int, folder: Path
    ) -> None:
        self.system = system
        self.begin = END - system.days * DAY
        self.clock = Clock(folder / "clock", self.begin)
        self.drawn: list[str] = []
        self.twins: list[Twin] = []
        self.steps = 0
        self._name = f"{seed} {system.name}"
        self._installations = installations
        self._folder = folder
        self._relays = contextlib.ExitStack()

    def live(self, real: Receiver) -> Iterator[dt.datetime]:
        """Do all steps; yield after each daily run."""
        steps = iter(self._prepare(real))
        nights = random.Random(f"{self._name} nights")
        missed, repeated = nights.sample(range(1, self.system.days), 2)
        step = next(steps, None)
        with self._relays:
            for day in range(self.system.days + 1):
                night = self.begin + day * DAY + _DUE
                while step and step.at < night:
                    self._do(step)
                    self.steps += 1
                    step = next(steps, None)
                self.clock.set(night)
                # A run may be missed, and the same run may be made again.
                for _ in range({missed: 0, repeated: 2}.get(day, 1)):
                    self.receiver.run_daily(night)
                    real.run_daily(self.clock)
                yield night

    def _do(self, step: Step) -> None:
        twin = self.twins[step.who]
        self.clock.set(step.at, twin.wrong)
        self.receiver.now = step.at
        twin.do(step._replace(at=step.at + twin.wrong))

    def _prepare(self, real: Receiver) -> list[Step]:
        """Make the installations, and return their steps, in their order."""
        system = self.system
        editions = Editions(
            fields=system.list_published(),
            retention_days=system.retention_days,
            secret=real.read_secret(),
            kind=system.kind,
            second=system.second,
        )
        storage = system.make_storage()
        self.receiver = ReceiverModel(storage, editions, system.events, self.begin)
        chance = random.Random(self._name)
        uuid.uuid4 = partial(self._draw_id, chance)
        steps: list[Step] = []
        for who, persona in enumerate(choose_personas(chance, self._installations)):
            own = random.Random(f"{self._name} {who}")
            life = Life(
                who, persona, self.begin, self.begin + system.days * DAY + _DUE, own
            )
            facts = system.make_facts(own)
            twin = self._make_twin(life, real, facts)
            self.twins.append(twin)
            steps += system.plan(life, dict(facts))
        return sorted(steps, key=lambda it: (it.at, it.who))

    def _make_twin(self, life: Life, real: Receiver, facts: dict[str, Any]) -> Twin:
        is_full = life.persona is Persona.FULL
        folder = self._folder / ("small" if is_full else f"installation-{life.who}")
        folder.mkdir(exist_ok=True)
        relay = None
        if life.persona in _BROKEN_NETWORKS:
            relay = self._relays.enter_context(Relay(real.url))
        make = partial(self.system.make_client, clock=self.clock)
        endpoint = relay.url if relay else real.url
        installation = Installation(folder, endpoint, relay, facts, make)
        model = ClientModel(self.system.rules)
        return Twin(self.system, life.persona, installation, model, self.receiver)

    def _draw_id(self, chance: random.Random) -> uuid.UUID:
        """Draw an ID that follows from the seed, in place of `uuid.uuid4`."""
        drawn = uuid.UUID(int=chance.getrandbits(128), version=4)
        self.drawn.append(str(drawn))
        return drawn
