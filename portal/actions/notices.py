"""Who is told what: puts e-mails into the outbox in the transaction of what they tell. Their words are `mail`'s."""

from collections.abc import Iterable
from datetime import datetime

from portal.domain.application import Application
from portal.store import outbox
from portal.store.session import Session


def tell_parties(
    session: Session, kind: str, application: Application, *, at: datetime, occasion: str = ""
) -> None:
    """Tell the applicant and the participant; `occasion` tells two of a kind on one version apart."""
    tell(
        session,
        kind,
        application,
        (application.applicant_id, application.participant_id),
        at=at,
        occasion=occasion,
    )


def tell(
    session: Session,
    kind: str,
    application: Application,
    receivers: Iterable[int],
    *,
    at: datetime,
    occasion: str = "",
) -> None:
    """Tell each receiver once. An e-mail holds a number and a link, never what was written."""
    for receiver in sorted(set(receivers)):
        outbox.add(
            session,
            key=f"{kind}/{application.number}/{application.version}/{occasion}/{receiver}",
            receiver_id=receiver,
            kind=kind,
            params={"number": application.number, "version": application.version},
            at=at,
        )
