"""Writes the reference page of the command lines, from their parsers."""

import argparse
from collections.abc import Iterator

from django.core.management.base import BaseCommand

from build_hooks import cli
from docs_tools import markdown
from paperless_report.management.commands import send_usage_report
from paperless_report.terminal import arguments
from usage_receiver import command_line


def describe() -> Iterator[str]:
    """Yield the parts of the page: every command with its options."""
    yield "# The command line"
    yield from _commands("build-stamp", cli.make_parser())
    yield from _commands("usage-receiver", command_line.create_parser())
    yield from _command(
        "manage.py send_usage_report",
        send_usage_report.Command().create_parser("manage.py", "send_usage_report"),
        BaseCommand().create_parser("manage.py", ""),
    )
    yield from _usage_reporting()


def _usage_reporting() -> Iterator[str]:
    parser = argparse.ArgumentParser()
    arguments.add_commands(parser)
    yield "## manage.py usage_reporting"
    yield str(parser.description).strip()
    yield (
        "A program without Django has the same commands: "
        "`python -m paperless_report --project MODULE:OBJECT COMMAND`, where `OBJECT` is "
        "the `Project` or `Reporter` of your program. [JSON output](json-output.md) lists the keys "
        "that `--json` prints."
    )
    yield f"```text\n{str(parser.epilog).strip()}\n```"
    yield from _commands("manage.py usage_reporting", parser)


def _commands(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    (commands,) = (
        action
        for action in parser._actions  # noqa: SLF001  # argparse has no public way
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001  # the same
    )
    summaries = {it.dest: it.help for it in commands._choices_actions}  # noqa: SLF001  # the same
    for word, command in commands.choices.items():
        summary = str(summaries.get(word))
        command.description = (
            command.description or f"{summary[:1].upper()}{summary[1:]}."
        )
        yield from _command(f"{name} {word}", command)


def _command(
    name: str,
    parser: argparse.ArgumentParser,
    base: argparse.ArgumentParser | None = None,
) -> Iterator[str]:
    """Describe one command, without the options that it shares with *base*."""
    shared = {
        option
        for action in (base or argparse.ArgumentParser())._actions  # noqa: SLF001  # argparse has no public way
        for option in action.option_strings
    }
    own = (it for it in parser._actions if shared.isdisjoint(it.option_strings))  # noqa: SLF001  # the same
    yield f"## {name}"
    yield str(parser.description).strip()
    yield markdown.table(("argument", "meaning"), map(_argument, own))
    if parser.epilog:
        yield f"```text\n{parser.epilog.strip()}\n```"


def _argument(action: argparse.Action) -> tuple[str, str]:
    choices = "|".join(map(str, action.choices or ()))
    value = str(action.metavar or choices or action.dest.upper())
    if not action.option_strings and action.nargs in ("?", "*"):
        value = f"[{value}]"
    words = (*action.option_strings[-1:], *([] if action.nargs == 0 else [value]))
    return f"`{' '.join(words)}`", str(action.help) % vars(action)
