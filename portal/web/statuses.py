"""Where an application stands, in words: the tag's kind and its text."""

from portal.domain.application import Application, Status
from portal.web.language import _


def of(application: Application, *, next_year: bool = False) -> tuple[str, str]:
    """The kind of tag and its text; `next_year` when it is kept until its year begins."""
    if application.status is Status.WAITING and next_year:
        return "next-year", _("Kept for next year")
    return application.status.value, {
        Status.WAITING: _("Waiting for decision"),
        Status.RETURNED: _("Returned with a question"),
        Status.GRANTED: _("Granted"),
        Status.REFUSED: _("Refused"),
        Status.WITHDRAWN: _("Withdrawn"),
        Status.CANCELLED: _("Cancelled"),
    }[application.status]
