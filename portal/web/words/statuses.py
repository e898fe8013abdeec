"""Where an application stands, in words: the tag's kind and its text, and its amount where it asks for money."""

from portal.domain.application import Application, Status
from portal.language.vocabularies import STATUSES
from portal.language.wording import money
from portal.web import current
from portal.web.language import _, language, word


def of(application: Application, *, next_year: bool = False) -> tuple[str, str]:
    """The kind of tag and its text; `next_year` when it is kept until its year begins."""
    return tag(application.status, next_year=next_year)


def tag(
    status: Status, *, next_year: bool = False, signed: bool = False, disagreed: bool = False
) -> tuple[str, str]:
    """The same from a status alone; the sign-off also tells whether one has signed and whether the two differ."""
    if status is Status.WAITING:
        if next_year:
            return "next-year", _("Kept for next year")
        if disagreed:
            return "disagreed", _("Signatures differ")
        if signed:
            return "signed", _("One signature")
    return status.value, word(STATUSES, status)


def figure(application: Application) -> str:
    """The amount of an application; empty for a kind that gives no money."""
    scheme = current.schemes().get(application.scheme)
    if scheme is not None and not scheme.kinds[application.kind].gives_money:
        return ""
    return money(application.amount, application.currency, language())
