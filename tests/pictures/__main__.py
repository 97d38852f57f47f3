"""Updates the demo's transcript, and the pictures in docs/pictures: `nox -s pictures`."""

import sys
import tempfile
from pathlib import Path

from docs_tools import generated_blocks, terminal
from docs_tools.transcript import read_transcript
from tests.pictures import admin_page, inputs, statistics_page
from tests.pipeline import demo


def write_transcript() -> None:
    """Run the demo, and write its transcript if it differs in more than each run does."""
    with tempfile.TemporaryDirectory(prefix="usage-report-demo-") as folder:
        _, printed = demo.transcript(Path(folder))
    shown = read_transcript(terminal.TUTORIAL.read_text("utf-8"))
    if demo.mask(shown) != demo.mask(printed):
        block = f"```text\n{printed}```"
        generated_blocks.update_file(terminal.TUTORIAL, "demo", block)


def main() -> None:
    """Write all of them."""
    print("Running the demo ...", file=sys.stderr)
    write_transcript()
    for path, text in terminal.files():
        path.write_text(text, encoding="utf-8")
    print("Taking a picture of the statistics page ...", file=sys.stderr)
    statistics_page.photograph(inputs.FOLDER)
    print("Taking pictures of the page for admins ...", file=sys.stderr)
    admin_page.photograph(inputs.FOLDER)
    inputs.write_record()


if __name__ == "__main__":
    main()
