"""Declares the options of every command that makes a release: `cut` and `release/`."""

import argparse
from typing import get_args

from build_hooks import tags
from build_hooks.common_options import add_root
from build_hooks.cut_state import ReleaseChannel


def add_release_options(parser: argparse.ArgumentParser, *, dry_run: str) -> None:
    """Add the options that decide which release is made.

    Args:
        parser: The parser of the command.
        dry_run: The help of `--dry-run`.
    """
    channels = get_args(ReleaseChannel)
    parser.add_argument(
        "channel",
        choices=channels,
        metavar="|".join(channels),
        help="the channel of the release",
    )
    add_root(parser)
    parser.add_argument(
        "--version",
        metavar="X.Y.Z",
        type=_parse_version,
        help="the version, if the project computes it",
    )
    parser.add_argument(
        "--promote",
        action="store_true",
        help="allow a commit that is already released, as a candidate",
    )
    parser.add_argument("--sign", action="store_true", help="sign the tag")
    parser.add_argument("--dry-run", action="store_true", help=dry_run)


def _parse_version(text: str) -> str:
    parsed = tags.parse_version(text)
    if parsed and parsed.channel != "dev" and text[0].isdigit() and "+" not in text:
        return text
    raise argparse.ArgumentTypeError(
        f"must be a version that can be released, such as 2.15.0, not {text!r}"
    )
