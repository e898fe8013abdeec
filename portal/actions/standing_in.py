"""Substitutes that holders set themselves, from those whom an administrator lets them choose among."""

from dataclasses import replace
from datetime import date, datetime

from portal.actions.notices import tell_appointed, tell_onlookers, tell_person
from portal.actions.people import BOTH_SEATS, DAYS_REVERSED, OWN_SEAT, UNKNOWN_SEAT, unfit_roles
from portal.actions.sign_in import check_administers
from portal.domain.access import NOT_FOUND
from portal.domain.periods import far_away, local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.signoff import Holding
from portal.schemes.loader import Schemes
from portal.store import audit, people, seats
from portal.store.session import NotFound, Session

NOT_ALLOWED = Refusal(
    "substitute.nobody", N_("Choose somebody whom an administrator has named as a possible substitute.")
)
PAST = Refusal("substitute.past", N_("The first day has passed. Choose today or later."))
TAKEN = Refusal("substitute.taken", N_("They stand in for you in that time already."))


def allow(
    session: Session,
    *,
    fund: str,
    seat: str,
    person_id: int,
    schemes: Schemes,
    by: Person | None,
    at: datetime,
) -> None:
    """Let the holder of a seat choose somebody as substitute. Raises Refused."""
    check_administers(session, by, at)
    if by is not None and by.id == person_id:
        raise Refused(OWN_SEAT)
    if seat not in {each.key for scheme in schemes.of_fund(fund) for each in scheme.seats}:
        raise Refused(UNKNOWN_SEAT)
    person = people.find(session, person_id, day=at.date())
    if person is None:
        raise Refused(NOT_FOUND)
    today = Holding(0, fund, seat, person_id, True, at.date())
    refuse(unfit_roles(person, [today], at) or _sits(session, today))
    if seats.allow(session, fund, seat, person_id, by=None if by is None else by.id):
        audit.log(session, "allow-substitute", by, at, fund=fund, seat=seat, person=person_id)


def disallow(
    session: Session, *, fund: str, seat: str, person_id: int, by: Person | None, at: datetime
) -> None:
    """Let somebody be chosen no more; a time that is set already runs on until it is ended. Raises Refused."""
    check_administers(session, by, at)
    if seats.disallow(session, fund, seat, person_id):
        audit.log(session, "disallow-substitute", by, at, fund=fund, seat=seat, person=person_id)


def set_substitute(
    session: Session,
    *,
    holding_id: int,
    person_id: int,
    starts_on: date,
    ends_on: date,
    schemes: Schemes,
    by: Person,
    at: datetime,
) -> Holding:
    """Let somebody stand in for oneself between two days; everybody concerned is told. Raises Refused."""
    held = _mine(session, holding_id, schemes, by, at)
    today = local_day(at, schemes.of_fund(held.fund)[0])
    substitute = Holding(0, held.fund, held.seat, person_id, True, starts_on, ends_on)
    refuse(far_away("seat.ends-far", ends_on, today))
    refuse(PAST if starts_on < today else DAYS_REVERSED if ends_on < starts_on else None)
    person = people.find(session, person_id, day=today)
    if person is None or person_id not in seats.allowed(session, held.fund).get((held.fund, held.seat), ()):
        raise Refused(NOT_ALLOWED)
    refuse(unfit_roles(person, [substitute], at) or _sits(session, substitute))
    kept = replace(substitute, id=seats.add(session, substitute, appointed_by=by.id, at=at))
    tell_appointed(session, kept, at=at)
    tell_onlookers(session, "substitute-set", person_id, by=by.id, at=at, occasion=f"seat-{kept.id}")
    days = {"from": starts_on.isoformat(), "until": ends_on.isoformat()}
    whose = {"holding": kept.id, "person": person_id, "substitute": True}
    audit.log(session, "appoint", by, at, fund=held.fund, seat=held.seat, **whose, **days)
    return kept


def end_substitute(session: Session, *, holding_id: int, schemes: Schemes, by: Person, at: datetime) -> None:
    """End a substitute's time in one's own seat: what was signed stays signed. Raises Refused."""
    try:
        term = seats.get(session, holding_id)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    today = local_day(at, schemes.of_fund(term.fund)[0])
    mine = (h for h in seats.held_by(session, by.id, day=today) if not h.substitute)
    if not term.substitute or (term.fund, term.seat) not in {(h.fund, h.seat) for h in mine}:
        raise Refused(NOT_FOUND)
    if term.ends_on is not None and term.ends_on < today:
        return
    if term.starts_on >= today and seats.drop_unused(session, holding_id):
        audit.log(session, "drop-holding", by, at, holding=holding_id)
    else:
        last = max(term.starts_on, today)
        seats.end(session, holding_id, last)
        audit.log(session, "end-holding", by, at, holding=holding_id, until=last.isoformat())
    tell_person(session, "substitute-ended", term.person_id, at=at, occasion=f"{holding_id}-{at.isoformat()}")


def _sits(session: Session, term: Holding) -> Refusal | None:
    """Why somebody cannot stand in then: nobody fills both seats, not even in turn with a holder."""
    theirs = [h for h in seats.of_fund(session, term.fund) if h.person_id == term.person_id]
    if any(h.seat != term.seat and h.overlaps(term) for h in theirs):
        return BOTH_SEATS
    return TAKEN if term.ends_on and any(h.overlaps(term) for h in theirs) else None


def _mine(session: Session, holding_id: int, schemes: Schemes, by: Person, at: datetime) -> Holding:
    """The term as holder that the person has today. Raises Refused."""
    try:
        held = seats.get(session, holding_id)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    today = local_day(at, schemes.of_fund(held.fund)[0])
    if held.person_id != by.id or held.substitute or not held.holds_on(today):
        raise Refused(NOT_FOUND)
    return held
