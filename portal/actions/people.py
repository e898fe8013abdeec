"""What administrators do: persons, their roles and accounts, and who sits in which seat.

`by` is None when the command line acts: whoever can run it can do anything anyway, and the log says so.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from portal.actions.attesting import follow_register, pass_word_on, waiting_for
from portal.actions.following_up import pass_on
from portal.actions.notices import tell_appointed, tell_onlookers, tell_person
from portal.actions.sign_in import LOGIN_TAKEN, check_administers, readdress
from portal.actions.signing import lapse, standing_on
from portal.domain.access import NOT_FOUND
from portal.domain.alphabet import folded
from portal.domain.application import Application, Signature
from portal.domain.periods import far_away, local_day
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.sign_in import ADDRESS, CODE, ROLE, SEAT
from portal.domain.signoff import Holding
from portal.schemes.loader import Schemes
from portal.store import applications, audit, followups, people, personal, seats, sign_in, signing
from portal.store.session import Clash, NotFound, Session

TAKEN = {
    "people_number_key": Refusal("person.number-taken", N_("Somebody else has that personal id.")),
    "people_login_key": LOGIN_TAKEN,
}
CHANGED = Refusal(
    "person.changed",
    N_(
        "Somebody has changed the person since the page was shown, so nothing was saved. What you typed is here; the "
        "roles, the head and whether it is a specialist are as they are now. Look them through and save again."
    ),
)
ONESELF = Refusal("person.oneself", N_("You cannot take away your own access. Ask another administrator."))
ONLY_READS = Refusal(
    "person.only-reads",
    N_("An auditor changes nothing, and so has no other role and sits in no seat."),
)
NO_SEAT_TOO = Refusal(
    "person.administrator-sits",
    N_(
        "Who administers the portal signs nothing, and so sits in no seat. Let somebody else have one of the two."
    ),
)
LAST = Refusal(
    "person.last-administrator",
    N_("Nobody else is an administrator. Give somebody else the role first."),
)
OWN_STANDING = {
    name: Refusal(f"person.own-{name}", N_("Another administrator changes this of yourself."))
    for name in ("number", "head", "specialist", "roles")
}
"""What the rules ask of a person: nobody gives it to themselves."""
OWN_SEAT = Refusal("seat.oneself", N_("You cannot appoint yourself. Ask another administrator."))
UNKNOWN_SEAT = Refusal("seat.unknown", N_("There is no such seat in this fund."))
SEAT_HELD = Refusal(
    "seat.held", N_("Somebody holds the seat in that time. End their term first, or appoint a substitute.")
)
BOTH_SEATS = Refusal(
    "seat.both",
    N_("The person holds the other seat in that time. A decision takes two people, one in each seat."),
)
OPEN_SUBSTITUTE = Refusal("seat.open-substitute", N_("Give the last day of a substitute."))
DAYS_REVERSED = Refusal("seat.days", N_("The last day is before the first."))


def add_person(
    session: Session, *, person: Person, by: Person | None, at: datetime, login: str | None = None
) -> int:
    """Add a person, with the login of a local account if one is given; gives their id. Raises Refused."""
    check_administers(session, by, at)
    refuse(unfit_roles(person))
    try:
        person_id = people.add(session, person, login=login)
    except Clash as clash:
        raise Refused(TAKEN[clash.constraint]) from None
    if person.roles:
        gave_role(session, person_id, by, at)
    audit.log(session, "add-person", by, at, **_body(replace(person, id=person_id)))
    return person_id


def change_person(
    session: Session,
    *,
    person: Person,
    schemes: Schemes,
    by: Person | None,
    at: datetime,
    seen: str | None = None,
) -> None:
    """Keep what has changed of a person, roles included; `seen` is the `mark` that the page showed. Raises Refused."""
    check_administers(session, by, at)
    people.lock(session, person.id)
    before = _known(session, person.id, at)
    if seen is not None and seen != before.mark:
        raise Refused(CHANGED)
    if by is not None and by.id == person.id:
        refuse(_of_oneself(before, person))
    refuse(unfit_roles(person, seats.of_person(session, person.id), at))
    if ADMINISTRATOR in before.roles - person.roles:
        _leave_one(session, person.id, at)
    if before.roles - person.roles:
        _took_away(session, person.id, by, at)
        if by is None or by.id != person.id:
            sign_in.revoke_all(session, person.id, at=at)
    waited, words = _waits_for(session, person.head_id), waiting_for(session, person.head_id, schemes)
    try:
        people.change(session, person)
    except Clash as clash:
        raise Refused(TAKEN[clash.constraint]) from None
    if (person.name, person.number) != (before.name, before.number):
        applications.find_by_too(session, person.id, folded(f"{person.name} {person.number}"))
    applications.follow_unit(session, [person.id])
    follow_register(session, person.id, was=before.head_id, head_id=person.head_id, at=at)
    pass_on(session, _waits_for(session, person.head_id) - waited, at=at)
    pass_word_on(session, waiting_for(session, person.head_id, schemes) - words, at=at)
    if by is not None and person.email != before.email:
        readdress(session, before=before, by=by, at=at)
    if person.roles - before.roles:
        gave_role(session, person.id, by, at)
    audit.log(session, "change-person", by, at, **_body(person))


def _waits_for(session: Session, head_id: int | None) -> set[str]:
    """The numbers of the applications whose follow-up a head has to confirm."""
    return set() if head_id is None else {each.number for each in followups.to_confirm(session, head_id)}


def _of_oneself(before: Person, person: Person) -> Refusal | None:
    """Why an administrator may not change this of themselves: it would give them a right, or suit them in a rule."""
    changed = {
        "number": person.number != before.number,
        "head": person.head_id != before.head_id,
        "specialist": person.specialist != before.specialist,
        "roles": bool(person.roles - before.roles),
    }
    return next((OWN_STANDING[name] for name, differs in changed.items() if differs), None)


def unfit_roles(person: Person, held: Iterable[Holding] = (), at: datetime | None = None) -> Refusal | None:
    """An auditor looks at what the others do, and does nothing of it; who gives seats has none."""
    sits = at is not None and any(each.ends_on is None or each.ends_on >= at.date() for each in held)
    if person.audits and (len(person.roles) > 1 or sits):
        return ONLY_READS
    return NO_SEAT_TOO if sits and ADMINISTRATOR in person.roles else None


def _leave_one(session: Session, person_id: int, at: datetime) -> None:
    """Refuse to take the last administrator away, also when two take away each other at the same moment."""
    people.lock_with_role(session, ADMINISTRATOR)
    active = {each.id for each in people.with_role(session, ADMINISTRATOR, day=at.date())}
    if active == {person_id}:
        raise Refused(LAST)


def gave_role(session: Session, person_id: int, by: Person | None, at: datetime) -> None:
    """Tell who is concerned; whoever was made an administrator just now confirms nothing for a day."""
    if by is not None:
        change = sign_in.add(session, person_id, ROLE, by=by.id, at=at)
        tell_person(session, "right-given", person_id, at=at, occasion=change)
        tell_onlookers(session, "right-given-other", person_id, by=by.id, at=at, occasion=change)


def _took_away(session: Session, person_id: int, by: Person | None, at: datetime) -> None:
    """Tell who is concerned while they still are: nobody is left out by being taken away first."""
    if by is not None:
        occasion = f"{person_id}-{at.isoformat()}"
        tell_person(session, "right-taken", person_id, at=at, occasion=occasion)
        tell_onlookers(session, "right-taken-other", person_id, by=by.id, at=at, occasion=occasion)


def deactivate(
    session: Session, *, person_id: int, schemes: Schemes, by: Person | None, at: datetime
) -> tuple[Holding, ...]:
    """Let a person who has left sign in no more, at once; their terms end that day.

    What they signed counts only where it is decided. Gives the terms that leave a seat which nobody holds now.
    Raises Refused.
    """
    check_administers(session, by, at)
    if by is not None and by.id == person_id:
        raise Refused(ONESELF)
    person = _known(session, person_id, at)
    taken = _taken(session, signing.standing_of(session, person_id))
    held = seats.of_person(session, person_id)
    taken |= _taken(session, signing.standing_of(session, person_id), but=taken)
    if ADMINISTRATOR in person.roles:
        _leave_one(session, person_id, at)
    if person.roles or held:
        _took_away(session, person_id, by, at)
    to_confirm, words = _waits_for(session, person_id), waiting_for(session, person_id, schemes)
    people.set_active(session, person_id, active=False)
    pass_on(session, sorted(to_confirm), at=at)
    pass_word_on(session, words, at=at)
    ended = _end_open(session, held, schemes=schemes, by=by, at=at)
    _lapse(session, taken.values(), lambda _application, each: each.signer_id == person_id, by, at)
    sign_in.revoke_all(session, person_id, at=at)
    audit.log(session, "deactivate", by, at, person=person_id)
    return tuple(each for each in ended if _is_empty(session, each, _day_of(each.fund, schemes, at)))


def _end_open(
    session: Session, held: Iterable[Holding], *, schemes: Schemes, by: Person | None, at: datetime
) -> list[Holding]:
    """End the terms that hold or are to come; one that has not begun never begins. Gives those that did hold."""
    ended = []
    for holding in held:
        day = _day_of(holding.fund, schemes, at)
        if holding.starts_on > day:
            seats.drop(session, holding.id)
            audit.log(session, "drop-holding", by, at, holding=holding.id)
        elif holding.ends_on is None or holding.ends_on >= day:
            ended.append(holding)
            if holding.ends_on != day:
                seats.end(session, holding.id, day)
                audit.log(session, "end-holding", by, at, holding=holding.id, until=day.isoformat())
    return ended


def _is_empty(session: Session, holding: Holding, day: date) -> bool:
    others = seats.in_force(session, holding.fund, day)
    return all(each.seat != holding.seat for each in others)


def _day_of(fund: str, schemes: Schemes, at: datetime) -> date:
    """The day where the fund is; of a fund that no file speaks of any more, the day in UTC."""
    scheme = next((each for each in schemes.values() if each.fund == fund), None)
    return at.astimezone(UTC).date() if scheme is None else local_day(at, scheme)


def _taken(session: Session, ids: Iterable[int], *, but: Collection[int] = ()) -> dict[int, Application]:
    """The applications under row locks."""
    return {each: applications.get_by_id(session, each, for_update=True) for each in ids if each not in but}


def _lapse(
    session: Session,
    taken: Iterable[Application],
    which: Callable[[Application, Signature], bool],
    by: Person | None,
    at: datetime,
) -> None:
    """Let those signatures count no more that stand on what is not decided."""
    for application in taken:
        for signature in standing_on(session, application) if application.status.open else ():
            if which(application, signature):
                lapse(session, application, signature, act="lapse", by=by, at=at)


def reactivate(session: Session, *, person_id: int, by: Person | None, at: datetime) -> None:
    """Let a person who had left sign in again; what lapsed when they left stays lapsed. Raises Refused."""
    check_administers(session, by, at)
    person = _known(session, person_id, at)
    if personal.joined_to(session, person_id) is not None:
        raise Refused(NOT_FOUND)
    people.set_active(session, person_id, active=True)
    if person.roles:
        gave_role(session, person_id, by, at)
    audit.log(session, "reactivate", by, at, person=person_id)


def appoint(
    session: Session,
    *,
    fund: str,
    seat: str,
    person_id: int,
    substitute: bool,
    starts_on: date,
    ends_on: date | None,
    schemes: Schemes,
    by: Person | None,
    at: datetime,
) -> int:
    """Let a person hold a seat, or stand in for its holder between two days; gives the holding's id. Raises Refused."""
    check_administers(session, by, at)
    holding = Holding(0, fund, seat, person_id, substitute, starts_on, ends_on)
    refuse(far_away("seat.starts-far", starts_on, at.date()))
    refuse(far_away("seat.ends-far", ends_on, at.date()))
    refuse(
        _unfit(session, holding, schemes, by) or unfit_roles(_known(session, person_id, at), [holding], at)
    )
    holding_id = seats.add(session, holding, appointed_by=None if by is None else by.id, at=at)
    tell_appointed(session, replace(holding, id=holding_id), at=at)
    if by is not None:
        if _let_in(session, person_id, by):
            sign_in.add(session, person_id, SEAT, by=by.id, at=at)
        tell_onlookers(
            session, "right-given-other", person_id, by=by.id, at=at, occasion=f"seat-{holding_id}"
        )
    days = {"from": starts_on.isoformat(), "until": ends_on.isoformat() if ends_on else None}
    held = {"holding": holding_id, "person": person_id, "substitute": substitute}
    audit.log(session, "appoint", by, at, fund=fund, seat=seat, **held, **days)
    return holding_id


def _let_in(session: Session, person_id: int, by: Person) -> bool:
    """Whether who gives the seat also gave the way to sign in, and nobody else has answered for it."""
    return any(
        each.changed_by == by.id and each.kind in (CODE, ADDRESS) and each.confirmed_by is None
        for each in sign_in.of_person(session, person_id)
    )


def _unfit(session: Session, holding: Holding, schemes: Schemes, by: Person | None) -> Refusal | None:
    if by is not None and by.id == holding.person_id:
        return OWN_SEAT
    known = {seat.key for scheme in schemes.values() if scheme.fund == holding.fund for seat in scheme.seats}
    if holding.seat not in known:
        return UNKNOWN_SEAT
    if holding.ends_on is not None and holding.ends_on < holding.starts_on:
        return DAYS_REVERSED
    if holding.substitute:
        return OPEN_SUBSTITUTE if holding.ends_on is None else None
    if _sits_opposite(session, holding):
        return BOTH_SEATS
    others = (h for h in seats.of_fund(session, holding.fund) if h.seat == holding.seat and not h.left)
    held = any(holding.overlaps(other) for other in others if not other.substitute)
    return SEAT_HELD if held else None


def _sits_opposite(session: Session, holding: Holding) -> bool:
    """Whether the person holds the fund's other seat in that time; to stand in there between two days is no harm."""
    mine = (h for h in seats.of_fund(session, holding.fund) if h.person_id == holding.person_id)
    return any(h.seat != holding.seat and not h.substitute and holding.overlaps(h) for h in mine)


def end_holding(
    session: Session, *, holding_id: int, ends_on: date, schemes: Schemes, by: Person | None, at: datetime
) -> None:
    """Let a term end with a day, which it still includes; what was signed in it after that day lapses.

    What was signed until then counts, and what is decided stays. Raises Refused.
    """
    check_administers(session, by, at)
    taken = _taken(session, signing.standing_in(session, [holding_id]))
    try:
        holding = seats.get(session, holding_id)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    refuse(far_away("seat.ends-far", ends_on, at.date()))
    refuse(_unendable(holding, ends_on, by))
    # Some may have been signed while the holding was being waited for.
    taken |= _taken(session, signing.standing_in(session, [holding_id]), but=taken)
    _took_away(session, holding.person_id, by, at)
    seats.end(session, holding_id, ends_on)
    ended = replace(holding, ends_on=ends_on)
    _lapse(
        session,
        taken.values(),
        lambda case, each: each.holding_id == ended.id and not ended.covers(each, schemes[case.scheme]),
        by,
        at,
    )
    audit.log(session, "end-holding", by, at, holding=holding_id, until=ends_on.isoformat())


def _unendable(holding: Holding, ends_on: date, by: Person | None) -> Refusal | None:
    if by is not None and by.id == holding.person_id:
        return OWN_SEAT
    if ends_on < holding.starts_on:
        return DAYS_REVERSED
    if holding.ends_on is not None and ends_on > holding.ends_on:
        longer = N_("The term ends on %(day)s already. To make it longer, appoint the person again.")
        return Refusal("seat.longer", longer, {"day": holding.ends_on})
    return None


def _known(session: Session, person_id: int, at: datetime) -> Person:
    found = people.find(session, person_id, day=at.date())
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def _body(person: Person) -> dict[str, int | str | None]:
    """A person in the log: ids and codes, never a name."""
    return {
        "person": person.id,
        "head": person.head_id,
        "specialist": person.specialist,
        "roles": "+".join(sorted(person.roles)),
    }
