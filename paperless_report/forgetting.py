"""Have this installation's reports deleted, then its ID (decision C12)."""

from django.utils.translation import gettext as _

from paperless_report import answers, delivery, endpoint, host, identity, words
from paperless_report.console import Console
from paperless_report.obstacle import ObstacleError
from paperless_report.payload import to_bytes


def forget(console: Console) -> None:
    """Say what will be deleted, ask, have it deleted.

    The file goes last: while the server may still hold a report, nobody could ask
    for it again without the ID.
    """
    try:
        known = _identity()
        if known is None:
            console.say(_("Nothing to forget."))
            return
        delivery.require()
        url = endpoint.find().url("forget")
    except ObstacleError as error:
        console.say(error, words.NOTHING_WAS_FORGOTTEN, _stays())
        return
    _tell(console, known)
    if console.agrees_to(_("Forget this installation?")):
        _forget(console, url, known)
    else:
        console.say(words.NOTHING_FORGOTTEN)


def _identity() -> identity.Identity | None:
    """The ID, if there is one.

    Raises:
        ObstacleError: If there is a file, and it cannot be read.
    """
    data_dir = host.data_dir()
    if data_dir is None:
        return None
    try:
        return identity.find(data_dir)
    except identity.IdentityError as error:
        said = _("The installation ID could not be read (%(why)s).")
        raise ObstacleError(said % {"why": error}) from error


def _tell(console: Console, known: identity.Identity) -> None:
    console.say(
        _("The reporting endpoint will be asked to delete every report of this ID:")
    )
    console.show(f"\n  {known.uuid}\n\n")
    said = _(
        "Then %(file)s is deleted. A later report would be one of a new installation."
    )
    console.say(said % {"file": identity.PLACE})
    console.show("")


def _forget(console: Console, url: str, known: identity.Identity) -> None:
    with console.unless_interrupted(
        _("Interrupted. The reports may be deleted all the same."),
        _("Run this again to be sure."),
    ):
        body = to_bytes({"uuid": known.uuid})
        answer = delivery.post(url, body, slow=console.ask_for_patience)
        _conclude(console, known, answers.to_forget(answer))


def _conclude(
    console: Console,
    known: identity.Identity,
    outcome: answers.Done | answers.NotDone,
) -> None:
    match outcome:
        case answers.Done():
            _remove(console, known)
        case answers.NotDone(reason):
            console.say(words.OUT_OF_REACH, words.NOTHING_WAS_FORGOTTEN, _stays())
            console.say_more(words.reason(reason))


def _remove(console: Console, known: identity.Identity) -> None:
    try:
        identity.remove(known)
    except identity.IdentityError as error:
        said = _("The reports are deleted, but the ID could not be (%(why)s).")
        console.say(said % {"why": error}, _("Delete that file yourself."))
    else:
        console.say(_("Forgotten: the reports are deleted, and so is the ID."))


def _stays() -> str:
    return _("The installation ID stays.")
