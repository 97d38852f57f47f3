"""The limiter's memory: bounded in size and in time, whatever is sent."""

import json
import subprocess
from pathlib import Path

from usage_receiver import node

MEGABYTE = 2**20
# `MOST_KEYS` of worker/server/limits.ts.
MOST_SENDERS = 100_000


def test_a_flood_of_addresses_is_forgotten_after_a_period_and_fills_a_bounded_memory() -> (
    None
):
    command, *arguments = node.make_command(Path(__file__).with_name("limits.mjs"))
    done = subprocess.run(
        (command, "--expose-gc", *arguments), capture_output=True, text=True, check=True
    )
    seen = json.loads(done.stdout)

    assert seen["first"] == [True, True, False]
    # All beyond share one key, which accepts two; `first` has a key already.
    assert seen["accepted"] == MOST_SENDERS - 1 + 2
    assert seen["flooded"] < 20 * MEGABYTE
    assert seen["later"] == [False, False]
    assert seen["cleared"] < MEGABYTE
    assert seen["next"] == [True, True]
