"""Stores what an admin chose; opens no socket."""

import json
from typing import TYPE_CHECKING

from paperless_report.errors import Problem, ReportingError
from paperless_report.installation import Installation
from paperless_report.state import choices, log, sums

if TYPE_CHECKING:
    from paperless_report.results import Preview


def turn_on(installation: Installation, preview: "Preview | None") -> None:
    """Store that the admin agreed to reports, and an installation ID.

    Raises:
        ReportingError: If the packager turned reporting off.
    """
    if installation.is_off_for_good:
        raise ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
    with installation.database.write() as connection:
        choice = choices.read_choice(connection)
        shown = preview.contract if preview else installation.describe(choice)
        accepted = choices.write_accepted(shown)
        now = installation.clock()
        if not choice.on:
            choices.store_choice(connection, on=True, at=now, accepted=accepted)
        elif choice.accepted != accepted:
            choices.accept(connection, now, accepted)
        candidate = preview.installation_id if preview else None
        installation.identities.obtain(connection, candidate)


def turn_off(installation: Installation) -> str | None:
    """Store that the admin wants no reports; delete the ID, which is returned, and sums."""
    if _is_embedded(installation):
        return None
    with installation.database.write() as connection:
        choices.store_choice(connection, on=False, at=installation.clock())
        sums.delete_all(connection)
        if not installation.project.keeps_log:
            log.delete_all(connection)
    # Only then: nothing may be sent even if the ID's file cannot be deleted, and an ID that
    # is deleted while reporting stays on could not be forgotten any more.
    with installation.database.write() as connection:
        return installation.identities.remove(connection)


def turn_group(installation: Installation, name: str, *, on: bool) -> None:
    """Turn a group of events on; or off, and delete its sums.

    Raises:
        ReportingError: If the project has no such group.
    """
    groups = installation.project.groups
    if name not in groups:
        raise ReportingError(
            Problem.UNKNOWN_GROUP, group=name, groups=", ".join(groups)
        )
    with installation.database.write() as connection:
        if on and name not in choices.read_choice(connection).groups_off:
            return  # this is no consent to what a newer contract adds
        choices.set_group(connection, name, on=on)
        if not on:
            sums.delete_events(connection, groups[name])
            log.delete_events(connection, groups[name])
        choice = choices.read_choice(connection)
        if choice.accepted is None or choice.accepted_at is None:
            return
        # Consent does not cover these events any more, or again.
        accepted = json.loads(choice.accepted)
        for event in groups[name]:
            accepted["events"].pop(event, None)
        current = installation.describe(choice)["events"]
        accepted["events"] |= {it: current[it] for it in groups[name] if it in current}
        choices.accept(connection, choice.accepted_at, choices.write_accepted(accepted))


def mark_notice_shown(installation: Installation) -> None:
    """Remember that the host has shown its notice."""
    if _is_embedded(installation):
        return
    with installation.database.write() as connection:
        choices.mark_notice_shown(connection)


def _is_embedded(installation: Installation) -> bool:
    """Return whether a program embeds the project, and may share its folder with it.

    What people choose there, and the notice that they see, are not about that program.
    """
    return not installation.project.enabled


def delete(installation: Installation) -> tuple[str, ...]:
    """Delete all that is stored, and return the names of the files."""
    names = installation.database.delete()
    return (*names, *installation.identities.delete_files())
