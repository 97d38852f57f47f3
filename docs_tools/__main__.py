"""`python -m docs_tools`: write every generated file that is out of date."""

import sys

from docs_tools.generated_files import generated_files, is_current


def main() -> None:
    """Write the files whose text has changed, and name them on standard error."""
    for path, text in generated_files():
        if not is_current(path, text):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stderr.write(f"Updated {path}\n")


if __name__ == "__main__":
    main()
