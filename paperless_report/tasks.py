"""Reports on a schedule in hosts with Celery, whose `autodiscover_tasks` finds this module.

Nothing else imports it, so a host without Celery never does.
"""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from celery import Celery, current_app, shared_task

from paperless_report.errors import ReportingError

if TYPE_CHECKING:
    from paperless_report.results import Outcome

_ENTRY: Final = "Report usage"
# A report is sent when it is due, which is found out this often.
_EVERY: Final = timedelta(hours=1)
_LOG: Final = logging.getLogger(__name__)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def report_usage() -> None:
    """Send what is due, if reporting is on; log why if that fails."""
    # Not in the beat process.
    from paperless_report.host.project import name_variables  # noqa: PLC0415
    from paperless_report.host.reporter import find_reporter  # noqa: PLC0415
    from paperless_report.words.outcomes import write_log_line  # noqa: PLC0415

    outcome: Outcome | ReportingError
    try:
        outcome = find_reporter().run()
    except ReportingError as error:
        outcome = error
    command = "manage.py usage_reporting on"
    if line := write_log_line(outcome, name_variables(), command):
        _LOG.warning(line)


def _add_entry(sender: Celery, **_options: Any) -> None:  # noqa: ANN401  # Celery's signature
    """Have Celery beat run the task, in addition to the host's own schedule."""
    sender.add_periodic_task(
        _EVERY,
        sender.signature("paperless_report.tasks.report_usage"),
        name=_ENTRY,
        # A worker that was down runs the last one only.
        expires=_EVERY.total_seconds(),
    )


_app = current_app._get_current_object()  # noqa: SLF001  # the signal is an attribute of each app
if _app.finalized:
    _add_entry(_app)
else:
    # Later than this module's import, which reads no settings, and earlier than beat
    # reads its schedule.
    _app.on_after_finalize.connect(_add_entry)
