"""Look at the host, and show what would be sent. Nothing here can send."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from paperless_report import host, identity, preview, words
from paperless_report.console import Console
from paperless_report.kinds import Kind
from paperless_report.obstacle import ObstacleError
from paperless_report.payload import Payload, build


class Shown(NamedTuple):
    """What was shown, and why its ID could not be kept, if it could not."""

    kind: Kind
    payload: Payload
    unsaved: ObstacleError | None

    def whole(self) -> Payload:
        """The payload, if it may be sent.

        Raises:
            ObstacleError: If it lacks what no report goes without.
        """
        if self.unsaved:
            raise self.unsaved
        if self.payload.missing:
            labels = ", ".join(map(words.label, self.payload.missing))
            said = _("Could not be determined: %(fields)s.")
            raise ObstacleError(said % {"fields": labels})
        return self.payload


def show(console: Console, kind: Kind) -> Shown:
    """Show what would be sent, and give it: it is collected once (decision C11).

    Raises:
        ObstacleError: If it is not known whom it would be sent to.
    """
    whose = host.project()
    known, unsaved = _identity()
    if known and known.replaced:
        console.say(_replaced())
    payload = _payload(kind, known)
    shown = preview.render(payload.values, kind.fields, whose.name, whose.page)
    console.show(shown)
    for name, reason in payload.left_out.items():
        said = _("Left out: %(field)s (%(reason)s)")
        console.say_more(said % {"field": name, "reason": reason})
    return Shown(kind, payload, unsaved)


def only_show(console: Console, kind: Kind) -> None:
    """Show what would be sent, and leave it at that."""
    shown = show(console, kind)
    if shown.unsaved:
        console.say(shown.unsaved)
    console.say(_("Dry run \N{EM DASH} nothing sent."))


def print_bytes(console: Console, kind: Kind) -> None:
    """Print the exact bytes that would be sent, and nothing else.

    Raises:
        ObstacleError: If there is no report that could be sent.
    """
    known, unsaved = _identity()
    if known and known.replaced:
        console.tell_aside(_replaced())
    console.put(Shown(kind, _payload(kind, known), unsaved).whole().body)


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


def _payload(kind: Kind, known: identity.Identity | None) -> Payload:
    collectors = {"uuid": lambda: known.uuid if known else None, **kind.collectors}
    return build(kind.fields.values(), collectors)


def _replaced() -> str:
    said = _("%(file)s held no UUID4: a new installation ID has taken its place.")
    return said % {"file": identity.PLACE}
