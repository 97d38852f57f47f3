"""Names what the page says after an action: codes that fit into its address."""

import enum


class Notice(enum.Enum):
    """What became of an action."""

    TURNED_ON = "on"
    TURNED_OFF = "off"
    GROUP_ON = "group-on"
    GROUP_OFF = "group-off"
    SENDING = "sending"  # it takes longer; the page waits for it
    SENT = "sent"
    ALREADY_SENT = "already-sent"  # the receiver has a recent report
    NOT_SENT = "not-sent"  # the endpoint did not answer, or refused it
    NOT_ON = "not-on"
    NEEDS_CONSENT = "needs-consent"
    BUSY = "busy"  # another process is sending
    FORGETTING = "forgetting"  # it takes longer; the page waits for it
    FORGOTTEN = "forgotten"
    NOT_FORGOTTEN = "not-forgotten"
    NOTHING_TO_FORGET = "nothing-to-forget"
    DELETED = "deleted"
    NOTHING_STORED = "nothing-stored"
    STALE = "stale"  # the state has changed since the page was opened
    UNCONFIRMED = "unconfirmed"  # the box was not checked
    UNKNOWN_ACTION = "unknown"


def parse_notice(code: str | None) -> Notice | None:
    """Return the notice with *code*; None if there is none."""
    try:
        return Notice(code)
    except ValueError:
        return None
