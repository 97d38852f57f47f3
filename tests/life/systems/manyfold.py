"""Manyfold: a server that reports once a day, without counting anything."""

import random
import sysconfig
from collections.abc import Iterator, Mapping

from projects.manyfold.client import UsageReport, build_project
from tests.life.client_model import Rules
from tests.life.clock import Clock
from tests.life.plan import DAY, HOUR, Life, Step, plan_choices, plan_server
from tests.life.program import Installation
from tests.life.receiver_model import LatestStorage
from tests.life.systems.system import Facts, System

_VERSIONS = ("0.145.0", "0.146.1", "0.147.0", "0.147.2")
_IMAGES = ("ghcr.io/manyfold3d/manyfold", "lscr.io/linuxserver/manyfold", "own/image")


class Manyfold(System):
    """Manyfold."""

    name = "manyfold"
    key = "id"
    rules = Rules(period=DAY)
    retention_days = 8
    statistics = "/statistics.json"
    weeks = "/statistics/weeks.json"

    def make_facts(self, chance: random.Random) -> Facts:
        return {
            "version": chance.choice(_VERSIONS[:2]),
            # Its own, so that a trace of it can be found.
            "commit": f"{chance.getrandbits(160):040x}",
            "image": chance.choices((*_IMAGES, ""), (6, 4, 2, 2))[0],
        }

    def plan(self, life: Life, facts: Facts) -> Iterator[Step]:
        installed = life.between(life.begin, life.begin + 2 * DAY)
        later = _VERSIONS[_VERSIONS.index(facts["version"]) + 1 :]
        yield from plan_server(life, installed, HOUR, [{"version": it} for it in later])
        yield from plan_choices(life, installed)

    def list_variables(self, facts: Facts) -> Mapping[str, str]:
        image = facts["image"]
        return {
            "APP_VERSION": f"{image}:v{facts['version']}" if image else "",
            "GIT_SHA": facts["commit"],
            "DOCKER_TAG": f"{image}:latest" if image else "",
        }

    def make_client(self, installation: Installation, clock: Clock) -> UsageReport:
        project = build_project(installation.folder, installation.endpoint)
        return UsageReport(project, clock=clock.read)

    def make_storage(self) -> LatestStorage:
        columns = ("app", "sha", "image", "arch")
        return LatestStorage(tuple(f"version.{name}" for name in columns))

    def find_token(self, facts: Facts) -> str:
        return str(facts["commit"])

    def to_row(self, facts: Facts) -> Facts:
        return {
            "version.app": facts["version"] if facts["image"] else "unknown",
            "version.sha": facts["commit"],
            "version.image": facts["image"] or None,
            "version.arch": sysconfig.get_config_var("MULTIARCH"),
        }


SYSTEM = Manyfold()
