"""The real codegraph reports to its receiver, from its installation to its removal."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from projects.codegraph import batches, client
from tests.clients import codegraph
from tests.clients.codegraph_messages import read_messages
from tests.clients.comparison import find_differences
from tests.clients.differences import CODEGRAPH
from tests.clients.our_codegraph import OurCodegraph
from tests.clients.receiver import read_as_operator, run_receiver
from tests.projects.clients import VARIABLES
from tests.projects.codegraph.stored import Sums, read_machines, read_sums
from tests.support.endpoint import Endpoint
from worker.local.harness import Harness

pytestmark = pytest.mark.slow


class Life(NamedTuple):
    """What was stored after each part of codegraph's life on a machine."""

    receiver: Harness
    machine: str
    # By part: `usage` of two days, `off`, and `removed`.
    sums: dict[str, Sums]
    second_machine: str
    days: set[str]


@pytest.fixture(scope="module")
def program(box: Path) -> Path:
    """codegraph from the npm registry."""
    return codegraph.install(box)


@pytest.fixture(scope="module")
def life(program: Path, box: Path) -> Iterator[Life]:
    with run_receiver("codegraph") as receiver:
        client = codegraph.prepare(program, box / "reporting", receiver.url)
        today = dt.datetime.now(dt.UTC).date()
        sums: dict[str, Sums] = {}
        client.run("install", "--yes")
        client.run("init", yesterday=True)
        client.run("query", "hello", yesterday=True)
        client.run("query", "hello", yesterday=True)
        with codegraph.run_agent(client, "claude-code", "2.1.7") as agent:
            agent.call("tools/list")
            agent.use("codegraph_explore", query="hello")
            agent.use("codegraph_explore", query="hello")
            assert agent.use("codegraph_explore")["result"]["isError"]
            agent.use("codegraph_node", symbol="hello")
            assert "error" in agent.use("codegraph_unknown")
        # Sends the usage of yesterday, and an event of its own.
        client.run("index")
        machine = client.read_choice()["machine_id"]
        sums["usage"] = read_sums(receiver)
        client.run("telemetry", "off")
        assert client.read_choice()["machine_id"] is None
        client.run("query", "hello", yesterday=True)
        client.run("index")
        sums["off"] = read_sums(receiver)
        client.run("telemetry", "on")
        client.run("uninit", "--force")
        client.run("uninstall", "--yes")
        second = client.read_choice()["machine_id"]
        sums["removed"] = read_sums(receiver)
        days = {str(today), str(dt.datetime.now(dt.UTC).date())}
        yield Life(receiver, machine, sums, second, days)


def total(sums: Sums, event: str, pair: str) -> dict[tuple[str, str], tuple[int, int]]:
    """The sums of a pair over all days."""
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for (_, name, names, first, second), (count, errors) in sums.items():
        if (name, names) == (event, pair):
            before = totals.get((first, second), (0, 0))
            totals[first, second] = (before[0] + count, before[1] + errors)
    return totals


def test_the_facts_of_a_machine_are_stored_and_off_makes_it_another_one(
    life: Life,
) -> None:
    machines = read_machines(life.receiver)

    assert {*machines} == {life.machine, life.second_machine}
    for facts in machines.values():
        assert facts["codegraph_version"] == codegraph.VERSION
        assert facts["os"] == "linux"
        assert (facts["ci"], facts["schema_version"]) == (0, 2)
        assert facts["node_major"] >= 20


def test_tools_are_counted_by_agent_with_their_errors(life: Life) -> None:
    assert total(life.sums["usage"], "mcp_tool", "name,client_name") == {
        ("codegraph_explore", "claude-code"): (3, 1),
        ("codegraph_node", "claude-code"): (1, 0),
    }
    assert total(life.sums["usage"], "mcp_tool", "client_name,client_version") == {
        ("claude-code", "2.1.7"): (4, 1)
    }


def test_usage_counts_for_the_day_that_is_over(life: Life) -> None:
    days = {
        key[0] for key in life.sums["usage"] if key[1] in {"mcp_tool", "cli_command"}
    }

    assert len(days) == 1
    assert max(days) < max(life.days)


def test_commands_are_counted(life: Life) -> None:
    assert total(life.sums["usage"], "cli_command", "name") == {
        ("init", ""): (1, 0),
        ("query", ""): (2, 0),
        ("serve", ""): (1, 0),
    }


def test_installing_and_indexing_are_counted(life: Life) -> None:
    sums = life.sums["usage"]

    assert total(sums, "install", "scope,kind") == {("global", "fresh"): (1, 0)}
    assert total(sums, "install", "targets,scope") == {("claude", "global"): (1, 0)}
    assert total(sums, "index", "languages") == {
        ("go", ""): (2, 0),
        ("python", ""): (2, 0),
    }
    assert total(sums, "index", "file_count_bucket,duration_bucket") == {
        ("<100", "<10s"): (2, 0)
    }


def test_nothing_is_counted_while_telemetry_is_off(life: Life) -> None:
    assert life.sums["off"] == life.sums["usage"]


def test_removing_is_counted_with_its_targets(life: Life) -> None:
    assert total(life.sums["removed"], "uninstall", "targets") == {
        ("", ""): (1, 0),
        ("claude", ""): (1, 0),
    }


def test_the_operator_reads_the_same_sums(life: Life) -> None:
    path = "/operator/counters?event=mcp_tool&pair=name,client_name&step=total"

    rows = read_as_operator(life.receiver, path)

    assert {
        (it["first"], it["second"]): (it["count"], it["errors"]) for it in rows
    } == total(life.sums["removed"], "mcp_tool", "name,client_name")


def test_the_operator_reads_how_many_machines_were_active(life: Life) -> None:
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert life.receiver.run_cron(tomorrow) == "ok"

    (row,) = read_as_operator(life.receiver, "/operator/installations")

    assert (row["active_1"], row["active_7"], row["active_30"]) == (2, 2, 2)


def test_our_client_sends_what_the_real_one_sends_but_for_the_listed_differences(
    program: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    # On a busy machine, an answer may take longer.
    monkeypatch.setattr(batches.Batches, "timeout_seconds", 30.0)
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 60.0)
    with Endpoint() as theirs, Endpoint() as ours:
        use_the_real_one(codegraph.prepare(program, box / "beside", theirs.url))
        monkeypatch.setenv("CODEGRAPH_TELEMETRY_ENDPOINT", f"{ours.url}/v1/events")
        use_ours(OurCodegraph(box / "ours"))
        real, our = read_messages(theirs.arrived), read_messages(ours.arrived)

    found = find_differences(real, our, volatile=["machine_id", "ts"])
    assert found == {it for listed in CODEGRAPH.values() for it in listed}


def use_the_real_one(real: codegraph.Codegraph) -> None:
    """Use codegraph for two days, with all that it counts."""
    real.run("init", yesterday=True)
    real.run("query", "hello", yesterday=True)
    real.run("query", "hello", yesterday=True)
    with codegraph.run_agent(real, "claude-code", "2.1.7") as agent:
        agent.use("codegraph_explore", query="hello")
        agent.use("codegraph_explore")
        agent.use("codegraph_node", symbol="hello")
    real.run("install", "--yes")
    real.run("index")
    real.run("telemetry", "off")
    real.run("query", "hello")
    real.run("index")
    real.run("telemetry", "on")
    real.run("uninit", "--force")
    real.run("uninstall", "--yes")


def use_ours(ours: OurCodegraph) -> None:
    """Use ours in the same way."""
    ours.index("init", yesterday=True)
    ours.run("query", yesterday=True)
    ours.run("query", yesterday=True)
    with ours.serve(yesterday=True) as agent:
        agent("codegraph_explore")
        agent("codegraph_explore", ok=False)
        agent("codegraph_node")
    ours.install()
    ours.index("index")
    ours.turn(on=False)
    ours.run("query")
    ours.index("index")
    ours.turn(on=True)
    ours.remove()
