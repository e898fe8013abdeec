"""Who is told what: puts e-mails into the outbox in the transaction of what they tell. Their words are `mail`'s."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo

from portal.domain.application import Application
from portal.domain.person import ADMINISTRATOR
from portal.domain.signoff import Holding
from portal.store import outbox, people, seats, signing
from portal.store.session import Session
from portal.store.sessions import NOWHERE, Client


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


def tell_signers(session: Session, application: Application, *, day: date, at: datetime) -> None:
    """Tell whoever sits in the fund's seats that day, but for parties, head and who stepped aside, that it waits."""
    apart = {application.applicant_id, application.participant_id, application.head_id}
    apart |= {each.person_id for each in signing.conflicts_in(session, application.id)}
    sitting = {each.person_id for each in seats.in_force(session, application.fund, day)}
    tell(session, "to-sign", application, sitting - apart, at=at)


def tell_appointed(session: Session, holding: Holding, *, at: datetime) -> None:
    """Tell somebody that they hold a seat, or stand in for its holder."""
    outbox.add(
        session,
        key=f"substitute/{holding.id}",
        receiver_id=holding.person_id,
        kind="substitute",
        params={"day": holding.starts_on.isoformat()},
        at=at,
    )


def tell_person(
    session: Session, kind: str, receiver: int, *, at: datetime, occasion: object, **params: str
) -> None:
    """Tell one person something that is about no application; `occasion` tells two of a kind apart."""
    outbox.add(
        session, key=f"{kind}/{occasion}/{receiver}", receiver_id=receiver, kind=kind, params=params, at=at
    )


def tell_account(
    session: Session,
    kind: str,
    receiver: int,
    *,
    at: datetime,
    zone: tzinfo = UTC,
    client: Client = NOWHERE,
) -> None:
    """Tell somebody what happened to the way they sign in: when, and from where."""
    local = at.astimezone(zone)
    tell_person(
        session,
        kind,
        receiver,
        at=at,
        occasion=at.isoformat(),
        day=local.date().isoformat(),
        time=f"{local:%H:%M}",
        agent=client.agent,
        address=client.address,
    )


def tell_onlookers(
    session: Session, kind: str, about: int, *, by: int | None, at: datetime, occasion: object
) -> None:
    """Tell everybody who holds a seat and every administrator, but for who did it and whom it is about."""
    day = at.astimezone(UTC).date()
    watching = {each.person_id for each in seats.all_of_them(session) if each.holds_on(day)}
    watching |= {each.id for each in people.with_role(session, ADMINISTRATOR, day=day)}
    for receiver in sorted(watching - {about, by}):
        tell_person(session, kind, receiver, at=at, occasion=occasion)
