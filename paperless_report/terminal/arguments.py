"""Declares the commands of `usage_reporting` for manage.py and `python -m` alike."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter, _SubParsersAction

from paperless_report.translate import gettext as _
from paperless_report.translate import gettext_lazy

HELP = gettext_lazy("""\
Shows, sends and deletes what this installation reports. Nothing is sent until
you turn reporting on.
""")
EXIT_STATUS = gettext_lazy("""\
Exit status: 0 if it is done, there was nothing to do, or you said no; 1 if it
failed; 2 if the command line is wrong; 3 if `run` sends nothing until you run
`on`, because this version would send more than you agreed to; 130 if it was
interrupted.
""")


def add_commands(parser: ArgumentParser, program: str | None = None) -> None:
    """Declare each command and its options.

    *program* precedes a command's name in its usage, if it is more than the parser's name.
    """
    parser.description = str(HELP)
    parser.epilog = str(EXIT_STATUS)
    parser.formatter_class = RawDescriptionHelpFormatter
    commands = parser.add_subparsers(
        title=_("commands"),
        prog=program,
        dest="command",
        metavar="COMMAND",
        required=True,
    )
    status = _add(
        commands, "status", _("show whether reporting is on, and what decided it")
    )
    _add_json(status, _("print the same as JSON"))
    on = _add(
        commands, "on", _("show the report, ask, and send it regularly from then on")
    )
    _add_group(on, _("count only the events of this group again"))
    _add_yes(on)
    off = _add(
        commands, "off", _("stop reporting at once, and delete the installation ID")
    )
    _add_group(off, _("stop counting only the events of this group"))
    _add_yes(off, _("also have the sent reports deleted, without asking"))
    preview = _add(commands, "preview", _("show what would be sent, and where to"))
    _add_json(preview, _("print the exact bytes, with one request on each line"))
    run = _add(
        commands, "run", _("send the report if it is due; a scheduler runs this")
    )
    run.add_argument(
        "--now", action="store_true", help=_("send a report even if none is due")
    )
    _add_json(run, _("print the outcome as JSON"))
    history = _add(
        commands,
        "history",
        _("show each request that was sent, byte for byte, and its answer"),
    )
    _add_json(history, _("print the same as JSON"))
    export = _add(commands, "export", _("print everything that is stored, as JSON"))
    _add_json(export, _("has no effect: an export is always JSON"))
    _add_yes(
        _add(
            commands,
            "forget",
            _("have the endpoint delete the reports of this installation"),
        )
    )
    _add_yes(
        _add(
            commands,
            "delete",
            _("delete everything that is stored here, and send nothing"),
        )
    )


def _add(
    commands: "_SubParsersAction[ArgumentParser]", name: str, help_text: str
) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(name, help=help_text)
    parser.description = f"{help_text[:1].upper()}{help_text[1:]}."
    return parser


def _add_json(parser: ArgumentParser, help_text: str) -> None:
    parser.add_argument("--json", action="store_true", help=help_text)


def _add_yes(parser: ArgumentParser, help_text: str | None = None) -> None:
    parser.add_argument(
        "--yes", action="store_true", help=help_text or _("answer yes without asking")
    )


def _add_group(parser: ArgumentParser, help_text: str) -> None:
    parser.add_argument("group", nargs="?", metavar="GROUP", help=help_text)
