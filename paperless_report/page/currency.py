"""Decides whether a notice in the page's address still says what is so.

An address stays: an admin reloads it, keeps it as a bookmark, or follows a link of somebody
else. None of them may read "Reporting is turned off" above reporting that is on.
"""

from collections.abc import Callable, Mapping
from typing import Final

from paperless_report.consent.ladder import Source, State
from paperless_report.page.content import Page
from paperless_report.page.notices import Notice
from paperless_report.results import Status

# The page says how these went when nothing is being sent any more.
AWAITED: Final = {Notice.SENDING, Notice.FORGETTING, Notice.BUSY}


def is_current(page: Page, notice: Notice) -> bool:
    """Return whether *notice* agrees with the state that *page* shows."""
    agrees = _AGREES.get(notice)
    # The others say that nothing was done.
    return agrees is None or (page.status is not None and agrees(page, page.status))


def is_accepted(answer: str) -> bool:
    """Return whether an endpoint accepted a request, by its *answer* in the history."""
    return answer.startswith("2")


def _is_off(_: Page, status: Status) -> bool:
    return status.decision.state is State.OFF and not status.installation_id


def _is_last_accepted(page: Page) -> bool:
    return bool(page.history and is_accepted(page.history[0].answer or ""))


def _knows_ids(_: Page, status: Status) -> bool:
    return bool(status.installation_id or status.set_aside)


def _is_empty(page: Page, status: Status) -> bool:
    is_chosen = status.decision.source is Source.STORED
    return not (is_chosen or page.history or _knows_ids(page, status))


_AGREES: Final[Mapping[Notice, Callable[[Page, Status], bool]]] = {
    Notice.TURNED_ON: lambda _, status: status.decision.state is State.ON,
    Notice.TURNED_OFF: _is_off,
    Notice.GROUP_ON: lambda _, status: any(status.groups.values()),
    Notice.GROUP_OFF: lambda _, status: not all(status.groups.values()),
    Notice.SENT: lambda page, status: status.is_sending and _is_last_accepted(page),
    Notice.ALREADY_SENT: lambda _, status: status.is_sending,
    Notice.NOT_SENT: lambda page, status: (
        status.is_sending and not _is_last_accepted(page)
    ),
    Notice.NOT_ON: lambda _, status: not status.is_sending,
    Notice.NEEDS_CONSENT: lambda _, status: not status.is_sending,
    Notice.FORGOTTEN: lambda page, status: (
        not _knows_ids(page, status) and _is_last_accepted(page)
    ),
    Notice.NOT_FORGOTTEN: _knows_ids,
    Notice.NOTHING_TO_FORGET: lambda page, status: not _knows_ids(page, status),
    Notice.DELETED: _is_empty,
    Notice.NOTHING_STORED: _is_empty,
}
