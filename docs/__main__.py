"""Writes whatever of the pages is made from code and contract: `python -m docs`."""

import runpy

for module in ("fields", "messages", "reference", "rooms"):
    runpy.run_module(f"docs.{module}", run_name="__main__")
