"""Show the payload; then ask and send it, or say why not."""

import datetime as dt
import os

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paperless_report import (
    answers,
    contract,
    delivery,
    endpoint,
    host,
    identity,
    preview,
    words,
)
from paperless_report.collectors import COLLECTORS
from paperless_report.console import Console
from paperless_report.obstacle import ObstacleError
from paperless_report.payload import Payload, build


def send(console: Console, *, dry_run: bool) -> None:
    """Show what would be sent; unless it is a *dry_run*, ask, and send it on a yes."""
    known, obstacle = _identity()
    if known and known.replaced:
        console.say(_replaced())
    payload = _payload(known)
    console.show(preview.render(payload.values, contract.FIELDS))
    for name, reason in payload.left_out.items():
        said = _("Left out: %(field)s (%(reason)s)")
        console.say_more(said % {"field": name, "reason": reason})
    if dry_run:
        if obstacle:
            console.say(obstacle)
        console.say(_("Dry run \N{EM DASH} nothing sent."))
    elif _do_not_track():
        console.say(_("DO_NOT_TRACK is set. Nothing sent."))
    else:
        try:
            url = _url(payload, obstacle)
        except ObstacleError as error:
            console.say(error, words.NOTHING_WAS_SENT)
        else:
            _ask_and_send(console, url, payload)


def print_bytes(console: Console) -> None:
    """Print the exact bytes that would be sent, and nothing else.

    Raises:
        ObstacleError: If there is no report that could be sent.
    """
    known, obstacle = _identity()
    if known and known.replaced:
        console.tell_aside(_replaced())
    payload = _payload(known)
    _require_whole(payload, obstacle)
    console.put(payload.body)


def _identity() -> tuple[identity.Identity | None, ObstacleError | None]:
    """The ID; or why there is none."""
    data_dir = host.data_dir()
    if data_dir is None:
        why = _("the settings name no DATA_DIR")
    else:
        try:
            return identity.obtain(data_dir), None
        except identity.IdentityError as error:
            why = str(error)
    said = _("The installation ID could not be saved (%(why)s).")
    return None, ObstacleError(said % {"why": why})


def _payload(known: identity.Identity | None) -> Payload:
    collectors = {"uuid": lambda: known.uuid if known else None, **COLLECTORS}
    return build(contract.FIELDS.values(), collectors)


def _replaced() -> str:
    said = _("%(file)s held no UUID4: a new installation ID has taken its place.")
    return said % {"file": identity.PLACE}


def _do_not_track() -> bool:
    """The convention of consoledonottrack.com, as decision C8 reads it."""
    return os.environ.get("DO_NOT_TRACK", "") not in ("", "0")


def _url(payload: Payload, obstacle: ObstacleError | None) -> str:
    """Where this payload goes.

    Raises:
        ObstacleError: If it can go nowhere.
    """
    _require_whole(payload, obstacle)
    delivery.require()
    return endpoint.find().report


def _require_whole(payload: Payload, obstacle: ObstacleError | None) -> None:
    if obstacle:
        raise obstacle
    if payload.missing:
        labels = ", ".join(map(words.label, payload.missing))
        said = _("Could not be determined: %(fields)s.")
        raise ObstacleError(said % {"fields": labels})


def _ask_and_send(console: Console, url: str, payload: Payload) -> None:
    if not console.agrees_to(_("Send this report?")):
        console.say(words.NOTHING_SENT)
        return
    with console.unless_interrupted(
        _("Interrupted. The report may have arrived all the same.")
    ):
        answer = delivery.post(url, payload.body, slow=console.ask_for_patience)
        _tell(console, answers.to_report(answer, dt.datetime.now(dt.UTC)))


def _tell(console: Console, outcome: answers.Outcome) -> None:
    match outcome:
        case answers.Done():
            console.say(_("Report sent. Thank you!"))
        case answers.AlreadySubmitted(days_ago, again_after):
            console.say(
                ngettext(
                    "Already submitted %(days)s day ago. Nothing sent.",
                    "Already submitted %(days)s days ago. Nothing sent.",
                    days_ago,
                )
                % {"days": days_ago},
                _("You can send again after %(date)s.") % {"date": again_after},
            )
        case answers.NotDone(reason):
            console.say(words.OUT_OF_REACH, words.NOTHING_WAS_SENT)
            console.say_more(words.reason(reason))
