"""What an administrator does about e-mails that were given up: lets them begin anew."""

from datetime import datetime

from portal.domain.access import may
from portal.domain.person import Person
from portal.domain.refusal import Refused
from portal.store import audit, outbox
from portal.store.session import Session


def retry_mail(session: Session, *, mail_id: int, by: Person, at: datetime) -> bool:
    """Try an e-mail again from the beginning; False when it is sent or under way. Raises Refused."""
    _administers(by)
    begun = outbox.retry(session, mail_id, at=at)
    if begun:
        audit.log(session, "retry-mail", by, at, mail=mail_id)
    return begun


def retry_parked(session: Session, *, by: Person, at: datetime) -> int:
    """Try every e-mail that was given up again; says how many. Raises Refused."""
    _administers(by)
    count = outbox.retry_parked(session, at=at)
    if count:
        audit.log(session, "retry-mails", by, at, count=count)
    return count


def _administers(by: Person) -> None:
    if (refusal := may(by, "administer")) is not None:
        raise Refused(refusal)
