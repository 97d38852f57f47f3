"""Ask, and send what was shown; or say why not."""

import datetime as dt
import os

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paperless_report import answers, delivery, endpoint, words
from paperless_report.console import Console
from paperless_report.obstacle import ObstacleError
from paperless_report.payload import Payload
from paperless_report.showing import Shown


def send(console: Console, shown: Shown) -> None:
    """Ask whether to send what was *shown*, and send it on a yes."""
    if _do_not_track():
        console.say(_("DO_NOT_TRACK is set. Nothing sent."))
        return
    try:
        payload = shown.whole()
        delivery.require()
        url = endpoint.find().url(shown.kind.name)
    except ObstacleError as error:
        console.say(error, words.NOTHING_WAS_SENT)
        return
    if console.agrees_to(_("Send this report?")):
        _send(console, url, payload)
    else:
        console.say(words.NOTHING_SENT)


def _do_not_track() -> bool:
    """The convention of consoledonottrack.com, as decision C8 reads it."""
    return os.environ.get("DO_NOT_TRACK", "") not in ("", "0")


def _send(console: Console, url: str, payload: Payload) -> None:
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
