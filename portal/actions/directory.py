"""The import of the staff directory: one transaction for everybody, by the command line; all of it or nothing.

What changes is said by `domain.directory`. Whoever has more to end than their access leaves as by an administrator.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from portal.actions.attesting import asking, follow_register, pass_word_on
from portal.actions.following_up import pass_on
from portal.actions.notices import tell_person
from portal.actions.people import deactivate
from portal.domain import directory
from portal.domain.alphabet import folded
from portal.domain.directory import Limits, Plan, Remark, Staff
from portal.domain.events import Event, Scalar
from portal.domain.person import ADMINISTRATOR
from portal.domain.refusal import Refusal, Refused
from portal.schemes.loader import Schemes
from portal.store import applications, audit, followups, heads, people
from portal.store import directory as store
from portal.store.session import Session

_MOST_WORDS = 100_000


class TooMuch(Refused):
    """More would change at once than may: nothing was done."""

    def __init__(self, made: Plan, over: Mapping[str, int], limits: Limits) -> None:
        self.counts, self.remarks = made.counts(), made.remarks
        said = {name: self.counts[name] for name in ("left", "new_head", "new_name")}
        text = (
            "Nothing was done: %(left)s would leave, %(new_head)s change head and %(new_name)s change name, and "
            "at most %(most)s may at once. If the file is right, accept it with --accept %(accept)s."
        )
        values = said | {"most": limits.of(made.here), "accept": max(over.values())}
        super().__init__(Refusal("directory.too-much", text, values))


def plan(session: Session, *, staff: Staff, adopt: bool, at: datetime) -> Plan:
    """What the file would change; the last administrators stay, whatever it says."""
    made = directory.plan(staff, store.everybody(session), adopt=adopt)
    leaving = {each.id for each in made.left}
    administrators = {each.id for each in people.with_role(session, ADMINISTRATOR, day=at.date())}
    if administrators and administrators <= leaving:
        for each in [each for each in made.left if each.id in administrators]:
            made.left.remove(each)
            made.remarks.append(Remark(0, each.number, directory.LAST_ADMINISTRATOR.code))
    return made


def import_people(
    session: Session,
    *,
    staff: Staff,
    limits: Limits,
    accepted: int | None,
    adopt: bool,
    language: str,
    schemes: Schemes,
    at: datetime,
) -> Plan:
    """Bring everybody to what the file says. Raises TooMuch."""
    store.lock(session)
    made = plan(session, staff=staff, adopt=adopt, at=at)
    if over := made.too_much(limits, accepted):
        raise TooMuch(made, over, limits)
    waited = _waited(session, schemes) if made.moves_tasks else _NOTHING
    is_missed = _remark_missed(session, made, waited, at)
    number = store.record(session, outcome=store.DONE, counts=made.counts(), remarks=made.remarks, at=at)
    ids = _write(session, made, language)
    engaged = _let_go(session, made, schemes, at)
    _follow_heads(session, made, ids, at)
    if any(waited):
        _pass_on(session, waited, _waited(session, schemes), at)
    if is_missed:
        for each in people.with_role(session, ADMINISTRATOR, day=at.date()):
            tell_person(session, "directory-missed", each.id, at=at, occasion=number)
    audit.append_all(session, _events(made, ids, engaged, number, at))
    return made


def note_stopped(session: Session, *, stopped: TooMuch, at: datetime) -> None:
    """Let administrators see that an import was stopped."""
    number = store.record(
        session, outcome=store.STOPPED, counts=stopped.counts, remarks=stopped.remarks, at=at
    )
    audit.log(session, "stop-import", None, at, **_counted(number, stopped.counts))


Waited = tuple[dict[str, int | None], dict[str, int | None]]
"""Whose confirmation each follow-up waits for, and whose word each application, by their numbers."""
_NOTHING: Waited = ({}, {})


def _waited(session: Session, schemes: Schemes) -> Waited:
    words = heads.awaited(session, asking(schemes), limit=_MOST_WORDS)
    return followups.confirmers(session), {each.application.number: each.head_id for each in words}


def _pass_on(session: Session, before: Waited, now: Waited, at: datetime) -> None:
    """Tell whose turn it is where it was somebody else's."""
    for was, waits, tell in zip(before, now, (pass_on, pass_word_on), strict=True):
        tell(session, sorted(key for key, head in waits.items() if head != was.get(key)), at=at)


def _follow_heads(session: Session, made: Plan, ids: Mapping[str, int], at: datetime) -> None:
    """Let new heads stand for what the former ones had not confirmed."""
    moved = {ids[each.entry.number]: each for each in made.written() if "head" in each.fields}
    for person_id in sorted(store.applying(session, moved)):
        each = moved[person_id]
        was, head_id = (ids.get(number or "") for number in (each.known and each.known.head, each.head))
        follow_register(session, person_id, was=was, head_id=head_id, at=at)


def _remark_missed(session: Session, made: Plan, waited: Waited, at: datetime) -> bool:
    """Put whom others will miss, and who comes back to a role, before what else is to be looked at; if there is any."""
    leaving = {each.id: each.number for each in made.left}
    back = {each.known.id: each.entry.number for each in made.back if each.known}
    missed = store.entrusted(session, leaving, day=at.date()) | store.leading(session, leaving)
    missed |= {head for each in waited for head in each.values() if head in leaving}
    returned = store.entrusted(session, back, day=at.date())
    made.remarks[:0] = [
        *(Remark(0, leaving[each], directory.MISSED.code) for each in sorted(missed)),
        *(Remark(0, back[each], directory.RETURNED.code) for each in sorted(returned)),
    ]
    return bool(missed or returned)


def _write(session: Session, made: Plan, language: str) -> dict[str, int]:
    """Keep who is new and what changed; everybody's id by number."""
    store.add(session, made.new, language=language)
    store.change(session, made.written())
    ids = store.ids_by_number(session)
    led = [each for each in made.new if each.head] + [
        each for each in made.written() if "head" in each.fields
    ]
    applications.follow_unit(
        session, [ids[each.entry.number] for each in made.written() if "unit" in each.fields]
    )
    store.lead(session, ((ids[each.entry.number], ids[each.head] if each.head else None) for each in led))
    for each in made.written():
        if "name" in each.fields:
            words = folded(f"{each.entry.name} {each.entry.number}")
            applications.find_by_too(session, ids[each.entry.number], words)
    return ids


def _let_go(session: Session, made: Plan, schemes: Schemes, at: datetime) -> set[int]:
    """Let those leave who are no longer in the file; gives those with more to end than their access."""
    leaving = {each.id for each in made.left}
    engaged = store.engaged(session, leaving) | store.entrusted(session, leaving, day=at.date())
    store.let_go(session, leaving - engaged)
    for person_id in sorted(engaged):
        deactivate(session, person_id=person_id, schemes=schemes, by=None, at=at)
    store.let_go(session, engaged)
    return engaged


def _events(
    made: Plan, ids: Mapping[str, int], engaged: Collection[int], number: int, at: datetime
) -> Iterator[Event]:
    """One event a person, and one for the whole; whoever was engaged has theirs already."""

    def event(act: str, person: int, **more: Scalar) -> Event:
        return Event(act, None, at, body={"person": person, "import": number} | more)

    for each in made.new:
        yield event("add-person", ids[each.entry.number])
    for changes, act in (
        (made.changed, "change-person"),
        (made.adopted, "adopt-person"),
        (made.back, "reactivate"),
    ):
        for each in changes:
            yield event(act, ids[each.entry.number], changed="+".join(each.fields))
    for known in made.left:
        if known.id not in engaged:
            yield event("deactivate", known.id)
    yield Event("import-people", None, at, body=_counted(number, made.counts()))


def _counted(number: int, counts: Mapping[str, int]) -> dict[str, Scalar]:
    return {"import": number, **{name: count for name, count in counts.items() if count}}
