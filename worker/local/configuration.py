"""What wrangler.jsonc says, for Python."""

import json
import re
from typing import Any

from worker.local import toolchain

PATH = toolchain.WORKER / "wrangler.jsonc"
# A comment has a line to itself: the file keeps to that.
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


def environment(name: str | None = None) -> dict[str, Any]:
    """The configuration of an environment; of production, the top level, without *name*.

    Raises:
        KeyError: If there is no such environment.
    """
    top: dict[str, Any] = json.loads(_COMMENT.sub("", PATH.read_text(encoding="utf-8")))
    named = top.pop("env")
    if name is None:
        return top
    handed_down = {key: it for key, it in top.items() if key not in _OWN}
    return {**handed_down, "name": f"{top['name']}-{name}", **named[name]}


# What wrangler does not hand down to a named environment.
_OWN = ("vars", "d1_databases", "ratelimits")
