"""Writes the sentence on a file that cannot be read or written, and is not part of the state."""

import errno
import os

from paperless_report.translate import gettext_lazy as _
from paperless_report.words.printable import make_printable

_UNUSABLE = _("%(file)s cannot be used (%(reason)s). %(fix)s")
_REFUSED = _("The system refused something that this needs (%(reason)s).")
_FIXES_OF_UNUSABLES = {
    errno.ENOENT: _("Restore it, or install its package again."),
    errno.EACCES: _("Let the user who runs this read it."),
    errno.EPERM: _("Let the user who runs this read it."),
    errno.ENOSPC: _("Free some disk space."),
    errno.EDQUOT: _("Free some disk space."),
    errno.EMFILE: _("Close files, or raise the limit on open files."),
    errno.ENFILE: _("Close files, or raise the limit on open files."),
}


def describe_os_error(error: OSError) -> str:
    """Write the sentence for an error about a file that is not part of the state."""
    reason = error.strerror or type(error).__name__
    if not isinstance(error.filename, str | bytes | os.PathLike):
        return str(_REFUSED) % {"reason": reason}
    file = make_printable(os.fsdecode(error.filename))
    fix = str(_FIXES_OF_UNUSABLES.get(error.errno or 0, ""))
    return (str(_UNUSABLE) % {"file": file, "reason": reason, "fix": fix}).strip()
