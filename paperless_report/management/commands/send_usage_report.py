"""`manage.py send_usage_report`: show, ask, send once."""

import os
import sys
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from paperless_report import answers, contract, endpoint, host, identity, preview
from paperless_report.collectors import COLLECTORS
from paperless_report.payload import Payload, build

_YES = ("y", "yes")
_TALKATIVE = 2


class Command(BaseCommand):
    """The order of events; what happens in each has a module of its own."""

    help = (
        "Shows which data about this installation would help the project, and "
        "sends it once if you say yes. Nothing is ever sent unasked."
    )
    # A report on an installation must not depend on that installation's checks.
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own form

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags (spec, section "Flags")."""
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would be sent; ask nothing, send nothing",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the exact bytes that would be sent, and nothing else",
        )

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Show the payload; then send it, or say in one line why not."""
        self._talkative = options["verbosity"] >= _TALKATIVE
        self._json = options["json"]
        payload, unsaved = self._collect()
        obstacle = _obstacle(payload, unsaved)
        if self._json:
            self._print_bytes(payload, obstacle)
            return
        self._say(preview.render(payload.values, contract.FIELDS))
        for name, reason in payload.left_out.items():
            self._say_more(f"Left out: {name} ({reason})")
        if options["dry_run"]:
            self._say("Dry run \N{EM DASH} nothing sent.")
        elif _do_not_track():
            self._say("DO_NOT_TRACK is set. Nothing sent.")
        elif obstacle:
            self._say(f"{obstacle} Nothing was sent.")
        elif find_spec("requests") is None:
            self._say(
                "Sending needs one package more: pip install "
                "'paperless-report[report]'. Nothing was sent."
            )
        elif url := self._endpoint():
            self._ask_and_send(url, payload)

    def _collect(self) -> tuple[Payload, str]:
        """The payload; and why its ID could not be kept, if it could not."""
        known, unsaved = None, ""
        try:
            known = identity.obtain(Path(settings.DATA_DIR))
        except AttributeError:
            unsaved = "the settings name no DATA_DIR"
        except identity.IdentityError as error:
            unsaved = str(error)
        if known and known.replaced:
            self._tell_aside(
                f"{known.path} held no UUID4: a new installation ID has taken its "
                "place."
            )
        collectors = {"uuid": lambda: known.uuid if known else None, **COLLECTORS}
        return build(contract.FIELDS.values(), collectors), unsaved

    def _print_bytes(self, payload: Payload, obstacle: str) -> None:
        if obstacle:
            self.stderr.write(obstacle)
            return
        ending = "\n" if self.stdout.isatty() else ""
        self.stdout.write(payload.body.decode("ascii"), ending=ending)

    def _endpoint(self) -> str | None:
        """The URL to send to; None, and a line that says why, if there is none."""
        try:
            url = endpoint.resolve(
                *endpoint.configured(settings, os.environ),
                (
                    "REPORT_URL in build_info.py",
                    host.string_constant("build_info.py", "REPORT_URL"),
                ),
            )
        except endpoint.EndpointError as error:
            self._say(f"{error} Nothing was sent.")
            return None
        if url is None:
            self._say("No reporting endpoint is configured. Nothing was sent.")
        return url

    def _ask_and_send(self, url: str, payload: Payload) -> None:
        if not self._agreed():
            self._say("Nothing sent.")
            return
        from paperless_report import delivery  # noqa: PLC0415  # no network code before the yes

        try:
            outcome = delivery.send(url, payload.body)
        except KeyboardInterrupt:
            self._say("\nInterrupted. The report may have arrived all the same.")
            return
        match outcome:
            case answers.Sent():
                self._say("Report sent. Thank you!")
            case answers.AlreadySubmitted(days_ago, again_after):
                days = "1 day" if days_ago == 1 else f"{days_ago} days"
                self._say(
                    f"Already submitted {days} ago. Nothing sent. "
                    f"You can send again after {again_after}."
                )
            case answers.NotSent(reason):
                self._say("Could not reach the reporting endpoint. Nothing was sent.")
                self._say_more(f"Reason: {reason}")

    def _agreed(self) -> bool:
        """Ask; only `y` and `yes` agree (decision C3)."""
        self.stdout.write("Send this report? [y/N]: ", ending="")
        self.stdout.flush()
        try:
            answer = input()
        except (EOFError, KeyboardInterrupt, OSError, RuntimeError, ValueError):
            # Closed, interrupted, gone, or no text.
            self._say("")
            return False
        if not sys.stdin.isatty():
            self._say("")  # nobody pressed Enter here
        return answer.strip().lower() in _YES

    def _say(self, text: str) -> None:
        encoding = getattr(self.stdout, "encoding", None)
        self.stdout.write(preview.encodable(text, encoding))

    def _tell_aside(self, text: str) -> None:
        """Say something that must not stand among JSON."""
        if self._json:
            self.stderr.write(text)
        else:
            self._say(text)

    def _say_more(self, text: str) -> None:
        if self._talkative:
            self._say(text)


def _do_not_track() -> bool:
    """The convention of consoledonottrack.com, as decision C8 reads it."""
    return os.environ.get("DO_NOT_TRACK", "") not in ("", "0")


def _obstacle(payload: Payload, unsaved: str) -> str:
    """Why this payload can never be sent, as a sentence; empty if it can."""
    if unsaved:
        return f"The installation ID could not be saved ({unsaved})."
    if payload.missing:
        labels = ", ".join(field.title for field in payload.missing)
        return f"Could not be determined: {labels}."
    return ""
