"""Lets a real installation do a step, and its model the same."""

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.life import disk
from tests.life.client_model import ClientModel
from tests.life.plan import Network, Persona, Step, Verb
from tests.life.program import Installation
from tests.life.receiver_model import ReceiverModel
from tests.life.systems.system import System


@dataclass
class Twin:
    """An installation, real and modelled.

    Attributes:
        system: Its system.
        persona: What is special about it.
        real: The real one.
        model: What it must do.
        receiver: The model of the receiver.
        wrong: By how much its clock is wrong.
    """

    system: System
    persona: Persona
    real: Installation
    model: ClientModel
    receiver: ReceiverModel
    wrong: dt.timedelta = dt.timedelta()

    def __post_init__(self) -> None:
        self.model.own |= self.system.list_own(self.real.facts)
        self.model.sendable = self.system.list_sendable(self.real.facts)

    def do(self, step: Step) -> None:
        """Do a step."""
        os.environ.update(self.system.list_variables(self.real.facts))
        os.environ["DO_NOT_TRACK"] = "1" if self.model.is_untracked else ""
        try:
            _ACTIONS[step.verb](self, step)
        except Exception as error:
            error.add_note(f"{step}, {self.persona.value}, {self.model}")
            raise

    def find_facts(self) -> dict[str, Any]:
        """Return what the receiver is to store of the installation now."""
        return self.system.to_row(self.real.facts)

    def learn(self) -> None:
        """Let the model know an ID that the client has drawn."""
        if self.model.sends and self.model.installation_id is None:
            self.model.learn(self.real.find_id())

    def run_model(self, step: Step, *, is_forced: bool = False) -> None:
        """Have the model do what a run does; a command of its own forces one."""
        self.model.own["is_command"] = is_forced
        self.model.flush(step.at)
        self.model.retry_forgetting(step.at, self.receiver.forget)
        self.learn()
        receive = self.receiver.receive
        facts = self.system.summarize(self.find_facts(), self.model, step.at)
        self.model.run(step.at, facts, receive, is_forced=is_forced)


def _start(twin: Twin, step: Step) -> None:
    twin.real.start()
    twin.system.start(twin, step)


def _stop(twin: Twin, step: Step) -> None:
    twin.system.stop(twin, step)
    twin.real.stop()
    twin.model.flush(step.at)
    twin.model.lose()


def _crash(twin: Twin, step: Step) -> None:
    """Lose what a process has counted; one that has just started, since others write soon."""
    if step.what is not None:
        twin.real.lose(lambda client: twin.system.use(client, step.what))
    twin.real.crash()
    twin.model.lose()


def _upgrade(twin: Twin, step: Step) -> None:
    twin.real.facts |= step.what
    twin.model.sendable = twin.system.list_sendable(twin.real.facts)


def _look(twin: Twin, _: Step) -> None:
    twin.real.look()


def _turn_on(twin: Twin, step: Step) -> None:
    twin.real.turn_on()
    twin.model.turn_on(step.at)
    twin.learn()


def _agree(twin: Twin, step: Step) -> None:
    if twin.model.is_on and twin.model.needs_consent:
        _turn_on(twin, step)


def _turn_off(twin: Twin, _: Step) -> None:
    twin.real.turn_off()
    twin.model.turn_off()


def _forget(twin: Twin, step: Step) -> None:
    removed = twin.real.removed
    twin.real.forget()
    twin.model.forget(step.at, removed, twin.receiver.forget)


def _tick(twin: Twin, step: Step) -> None:
    twin.system.tick(twin, step)


def _send(twin: Twin, step: Step) -> None:
    twin.real.open().run(now=True)
    twin.run_model(step, is_forced=True)


def _kill(twin: Twin, step: Step) -> None:
    """Kill a real process: while it counts, or when the answer to its report arrives."""
    if step.what not in (None, "forget"):
        twin.real.kill_in(lambda it: twin.system.use(it.make(it), step.what))
        return
    twin.real.set_network(Network.DEADLY)
    twin.model.network = Network.DEADLY
    if step.what == "forget":
        removed, twin.real.removed = twin.real.removed, None
        twin.real.kill_in(lambda it: it.open().forget(removed))
        twin.model.forget(step.at, removed, twin.receiver.forget)
    else:
        twin.real.kill_in(lambda it: it.open().run(now=True))
        twin.run_model(step, is_forced=True)
    twin.real.set_network(Network.UP)
    twin.model.network = Network.UP


def _use(twin: Twin, step: Step) -> None:
    client = twin.real.client
    twin.system.use(client, step.what)
    twin.system.count(twin, step.what, step.at)
    twin.system.after_use(twin, step)


def _turn_group(twin: Twin, step: Step) -> None:
    name, on = step.what
    twin.real.open().turn_group(name, on=on)
    twin.model.turn_group(twin.system.groups[name], on=on)


def _set_network(twin: Twin, step: Step) -> None:
    twin.real.set_network(step.what)
    twin.model.network = step.what


def _track(twin: Twin, step: Step) -> None:
    twin.model.is_untracked = not step.what


def _set_clock(twin: Twin, step: Step) -> None:
    twin.wrong = step.what


def _fill(twin: Twin, _: Step) -> None:
    if disk.is_small(twin.real.folder):
        disk.fill(twin.real.folder)
        twin.model.is_disk_full = True


def _free(twin: Twin, _: Step) -> None:
    if twin.model.is_disk_full:
        disk.free(twin.real.folder)
        twin.model.is_disk_full = False


_ACTIONS: Mapping[Verb, Callable[[Twin, Step], None]] = {
    Verb.START: _start,
    Verb.STOP: _stop,
    Verb.CRASH: _crash,
    Verb.KILL: _kill,
    Verb.UPGRADE: _upgrade,
    Verb.LOOK: _look,
    Verb.ON: _turn_on,
    Verb.AGREE: _agree,
    Verb.OFF: _turn_off,
    Verb.FORGET: _forget,
    Verb.GROUP: _turn_group,
    Verb.TICK: _tick,
    Verb.SEND: _send,
    Verb.USE: _use,
    Verb.NETWORK: _set_network,
    Verb.TRACK: _track,
    Verb.CLOCK: _set_clock,
    Verb.FILL: _fill,
    Verb.FREE: _free,
}
