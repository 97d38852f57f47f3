"""Names what an admin's yes covers, too, although this report does not contain it."""

from paperless_report.contract.growth import TIME
from paperless_report.results import Preview
from paperless_report.translate import gettext as _
from paperless_report.translate import pgettext
from paperless_report.words.messages import label_field


def say_what_may_follow(preview: Preview) -> list[str]:
    """Write sentences on what later reports can contain beyond *preview*."""
    counted = {it["event"] for it in preview.events}
    counted |= {it.event for it in preview.logged}
    fields = [label_field(preview.fields[name]) for name in preview.payload.absences]
    titles: dict[bool, list[str]] = {False: [], True: []}
    for name, event in preview.contract["events"].items():
        if name not in counted:
            title = event["title"]
            is_logged = TIME in event["properties"]
            titles[is_logged].append(pgettext("usage report", title))
    sentences = []
    if fields:
        sentence = _("Later reports can also contain: %(fields)s.")
        sentences.append(sentence % {"fields": ", ".join(fields)})
    if titles[False]:
        sentence = _("Later reports can also contain these counts: %(events)s.")
        sentences.append(sentence % {"events": ", ".join(titles[False])})
    if titles[True]:
        sentence = _("These events can be sent, too, one by one: %(events)s.")
        sentences.append(sentence % {"events": ", ".join(titles[True])})
    return sentences
