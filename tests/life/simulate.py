"""Simulates one system, and prints its progress and its result as JSON lines."""

import argparse
import contextlib
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.life.checks import compare_editions, find_faults, list_noise
from tests.life.client_checks import find_client_faults
from tests.life.receiver import run_receiver
from tests.life.systems.system import System
from tests.life.world import World


def main() -> None:
    """Run the simulation that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("system")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--installations", type=int, required=True)
    options = parser.parse_args()
    module = importlib.import_module(f"tests.life.systems.{options.system}")
    start = time.monotonic()
    noise = options.folder / "noise"
    try:
        with _catch_output(noise):
            world = World(
                module.SYSTEM, options.seed, options.installations, options.folder
            )
            faults, result = _simulate(module.SYSTEM, world)
        faults += list_noise(world, noise.read_text(encoding="utf-8"))
    except Exception:  # noqa: BLE001  # the caller prints it with the other results
        faults, result = [traceback.format_exc()], {}
    _say(faults=faults, **result, seconds=round(time.monotonic() - start, 1))


def _simulate(system: System, world: World) -> tuple[list[str], dict[str, int]]:
    """Return what differs from the models, and figures."""
    faults: list[str] = []
    with run_receiver(system.folder, world.clock) as real:
        for night in world.live(real):
            faults += compare_editions(world, real)
            _say(night=f"{night:%F}", requests=world.receiver.arrivals)
        faults += find_faults(world, real)
        faults += find_client_faults(world.twins, world.clock.now)
        rows = sum(map(len, real.read_tables().values()))
    periods = world.receiver.editions.periods.values()
    return faults, {
        "steps": world.steps,
        "requests": sum(len(it.model.requests) for it in world.twins),
        "held back": sum(it.model.held for it in world.twins),
        "arrived": world.receiver.arrivals,
        "rows": rows,
        "counters": len(world.receiver.counters),
        "cells": sum(len(it.numbers.cells) for it in periods),
        "IDs": len({*world.drawn}),
    }


@contextlib.contextmanager
def _catch_output(file: Path) -> Iterator[None]:
    """Write what clients write to standard error to *file*."""
    kept = os.dup(2)
    with file.open("wb") as written:
        os.dup2(written.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _say(**message: object) -> None:
    json.dump(message, sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
