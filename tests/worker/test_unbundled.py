"""The project's module runs in Node without a bundler."""

import json
import subprocess

from paperless_report import contract
from usage_receiver import configuration
from worker.local import toolchain


def test_node_imports_the_project_without_a_bundler() -> None:
    url = (configuration.PAPERLESS_NGX / "project.ts").as_uri()
    code = (
        f"const {{ project }} = await import({json.dumps(url)});"
        "console.log(JSON.stringify(project));"
    )
    done = subprocess.run(
        (toolchain.NODE, "--input-type=module", "--eval", code),
        capture_output=True,
        text=True,
        check=True,
    )

    project = json.loads(done.stdout)
    assert project["name"] == "paperless-ngx"
    (kind,) = project["kinds"]
    assert kind["schema"] == contract.load_schema()
    assert kind["storage"]["days"] == contract.load_schema()["x-once-in-days"]
