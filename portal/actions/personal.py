"""One person, all of them: two records of somebody become one, and what retention no longer needs is taken away."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from portal.actions.notices import tell_onlookers, tell_person
from portal.actions.people import gave_role, unfit_roles
from portal.actions.sign_in import check_administers
from portal.domain.access import NOT_FOUND
from portal.domain.alphabet import folded
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.sign_in import SEAT
from portal.store import applications, audit, people, personal, search, seats, sign_in
from portal.store.audit import Verification
from portal.store.session import Clash, Session

ONESELF = Refusal("join.oneself", N_("Another administrator joins your own records."))
SAME = Refusal("join.same", N_("Give the personal id of another record of the same person."))
LEFT = Refusal("join.left", N_("The record that is to stay belongs to somebody who has left."))
SEATED = Refusal(
    "join.seats",
    N_("Both sit in seats of the same fund, which takes two people. End the term of one of them first."),
)
OPPOSED = Refusal(
    "join.opposed",
    N_(
        "One has given the other a seat or a way to sign in, so these are two people, or it has to be undone first."
    ),
)


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of it: how many applications the one record had, and grants of which only one could have been given."""

    applications: int
    double: tuple[str, ...]


def join(session: Session, *, kept_id: int, other_id: int, by: Person | None, at: datetime) -> Joined:
    """Give the one record of a person all that the other has, which ceases. Raises Refused.

    A right that comes along rests for 24 hours, as any that an administrator gives.
    """
    check_administers(session, by, at)
    for each in sorted((kept_id, other_id)):
        people.lock(session, each)
    refuse(may_join(session, kept_id=kept_id, other_id=other_id, by=by, at=at))
    kept, other = (people.get(session, each, day=at.date()) for each in (kept_id, other_id))
    brought = other.roles - kept.roles
    moved = len(applications.written_by_or_for(session, other.id))
    sign_in.revoke_all(session, other.id, at=at)
    try:
        double = personal.join(session, kept, other)
    except Clash:
        raise Refused(OPPOSED) from None
    if brought:
        now = people.get(session, kept.id, day=at.date())
        people.change(session, replace(now, roles=kept.roles | brought))
    applications.find_by_too(session, kept.id, folded(f"{kept.name} {kept.number}"))
    if brought:
        gave_role(session, kept.id, by, at)
    if by is not None:  # who signed in as the other may now come in as this one
        sign_in.add(session, kept.id, SEAT, by=by.id, at=at)
    tell_person(session, "joined", kept.id, at=at, occasion=other.id)
    by_id = None if by is None else by.id
    tell_onlookers(session, "right-given-other", kept.id, by=by_id, at=at, occasion=f"joined-{other.id}")
    told = "+".join(double)[:100] or None
    audit.log(session, "join-people", by, at, person=kept.id, other=other.id, applications=moved, double=told)
    return Joined(moved, tuple(double))


def may_join(
    session: Session, *, kept_id: int, other_id: int, by: Person | None, at: datetime
) -> Refusal | None:
    """None when the two records can become the first, else why not."""
    if kept_id == other_id:
        return SAME
    if by is not None and by.id in (kept_id, other_id):
        return ONESELF
    kept, other = (people.find(session, each, day=at.date()) for each in (kept_id, other_id))
    if (
        kept is None
        or other is None
        or any(personal.joined_to(session, each) for each in (kept_id, other_id))
    ):
        return NOT_FOUND
    return LEFT if people.has_left(session, kept_id) else _two_people(session, kept, other, at)


def _two_people(session: Session, kept: Person, other: Person, at: datetime) -> Refusal | None:
    """Why they cannot have been one person all along."""
    if numbers := personal.acted_both(session, kept.id, other.id):
        says = N_(
            "In %(numbers)s one has signed, and the other has signed too or takes part. "
            "One person could not have done both, so they cannot be joined."
        )
        return Refusal("join.signed", says, {"numbers": ", ".join(numbers[:5])})
    day = at.astimezone(UTC).date()
    held = [seats.of_person(session, each.id) for each in (kept, other)]
    funds = [{h.fund for h in mine if h.ends_on is None or h.ends_on >= day} for mine in held]
    if funds[0] & funds[1]:
        return SEATED
    return unfit_roles(replace(kept, roles=kept.roles | other.roles), [*held[0], *held[1]], at)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was, or would be, taken away, and what the log says of itself afterwards."""

    cases: int
    people: int
    log: Verification


def forget(session: Session, *, before: datetime, at: datetime, dry: bool) -> Forgotten:
    """Take away what people wrote and attached in cases at rest since before an instant, and who has left since.

    Numbers, days, amounts, decisions, payment batches and the log stay; that the log still verifies is proved.
    """
    cases = personal.forgettable(session, before)
    gone = personal.forgettable_people(session, before, cases)
    if not dry and (cases or gone):
        with personal.lifted(session):
            for some in _in_parts(cases):
                personal.forget_cases(session, some)
            for some in _in_parts(gone):
                personal.forget_people(session, some)
            personal.forget_traces(session, before)
        search.leave_nothing(session)
        audit.log(
            session, "forget", None, at, before=before.date().isoformat(), cases=len(cases), people=len(gone)
        )
    return Forgotten(len(cases), len(gone), audit.verify(session))


def _in_parts(ids: list[int], most: int = 500) -> list[Collection[int]]:
    return [ids[n : n + most] for n in range(0, len(ids), most)]
