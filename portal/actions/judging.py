"""The one way into an evaluation: everything from outside is gathered once, then the answers are read and judged."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.domain.application import Answers, Application, Status
from portal.domain.assess import assess
from portal.domain.assessment import Assessment, Finding
from portal.domain.document import Document, takes_documents, with_documents
from portal.domain.facts import (
    Facts,
    Register,
    carried,
    find_once_key,
    known_of,
    names_of,
    with_given,
    with_known,
)
from portal.domain.fields import Typed, days_typed, is_asked, read, read_some
from portal.domain.payment import payee_fields
from portal.domain.periods import first_decision_day, lapses_on, local_day
from portal.domain.person import Person
from portal.domain.personal_id import canonical
from portal.domain.rates import ReferenceRates, rated_on
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.domain.sign_in import HOLD
from portal.domain.signoff import Case
from portal.store import applications, budgets, heads, people, seats, sign_in, signing
from portal.store.documents import of_version, others_with_files, with_files
from portal.store.rates import find_nearest
from portal.store.register import register_and_budget
from portal.store.session import Session


@dataclass(frozen=True, slots=True)
class Judged:
    """An application that is being written, as it stands at an instant."""

    scheme: Scheme
    typed: Typed
    participant: Person
    facts: Facts
    assessment: Assessment


def judge(
    session: Session,
    *,
    scheme: Scheme,
    kind: Kind,
    participant: Person,
    applicant_id: int,
    answers: Answers,
    documents: Collection[Document] = (),
    answering: Application | None = None,
    at: datetime,
) -> Judged:
    """Judge what somebody typed, with what is attached and what a granted application gives.

    A new application is judged by now; one that answers a return by when it was received, among the facts of now.
    """
    but = None if answering is None else answering.id
    held = None if answering is None else applications.used_by(session, answering.id)
    facts = gather(
        session,
        scheme,
        kind,
        participant,
        answers,
        applicant_id=applicant_id,
        documents=documents,
        at=at,
        but=but,
        held=held,
    )
    answered = with_known(with_given(kind, answers, facts.given), facts.known)
    typed = read(kind, with_documents(kind, answered, documents))
    judged_at = at if answering is None else answering.received_at
    return Judged(scheme, typed, participant, facts, assess(typed, scheme, facts, judged_at))


def payee_wrong(scheme: Scheme, kind: Kind, answers: Answers, *, at: datetime) -> tuple[Finding, ...]:
    """What the fund's rules say of who is paid, and nothing else; a warning stops here too, for money is to be paid."""
    names = {each.name for each in payee_fields(scheme, answers)}
    found = assess(read(kind, answers), scheme, Facts(), at).findings
    return tuple(each for each in found if each.field in names)


def said_of_costs(scheme: Scheme, typed: Typed, *, at: datetime) -> tuple[Finding, ...]:
    """What every fund's form says of the cost lines: what cannot be read, and rates that cannot be right."""
    found = assess(typed, scheme, Facts(), at).findings
    return tuple(each for each in found if each.code in scheme.form_rules and each.field.startswith("costs"))


def case_of(session: Session, application: Application, scheme: Scheme, *, at: datetime) -> Case:
    """All that bears on signing: answers judged by when they were received, register and budget as they are at `at`."""
    day, kind = local_day(at, scheme), scheme.kinds[application.kind]
    answers = applications.version_of(session, application).answers
    parties = people.get_all(session, (application.applicant_id, application.participant_id), day=day)
    participant = parties[application.participant_id]
    attached = of_version(session, application.id, application.version) if takes_documents(kind) else ()
    held = applications.used_by(session, application.id) if kind.of_type(FieldType.APPLICATION) else None
    if (
        held is None and application.status.open
    ):  # what was pointed at has been cancelled, and gives nothing more
        answers = {name: answer for name, answer in answers.items() if name not in kind.given}
    facts = gather(
        session, scheme, kind, participant, answers, documents=attached, at=at, but=application.id, held=held,
        kept=True,
    )  # fmt: skip
    typed = read(kind, answers)
    holdings = seats.of_fund(session, application.fund)
    return Case(
        scheme=scheme,
        application=application,
        typed=typed,
        assessment=assess(typed, scheme, facts, application.received_at),
        applicant=parties[application.applicant_id],
        participant=participant,
        holdings=holdings,
        conflicts=frozenset(c.person_id for c in signing.conflicts_in(session, application.id)),
        signatures=signing.signatures_on(session, application.id),
        participant_left=people.has_left(session, participant.id),
        granted_already=signing.granted_already(session, application),
        budget_left=budgets.left_on(session, scheme, day),
        head_words=heads.words_on(session, application.id),
        closes_on=closes_on(session, application, scheme),
        sign_in_changes=sign_in.since(session, [each.person_id for each in holdings], after=at - HOLD),
    )


def closes_on(session: Session, application: Application, scheme: Scheme) -> date | None:
    """The last day on which the answer to a returned application is waited for; None where none is asked."""
    if application.status is not Status.RETURNED or scheme.answer_days is None:
        return None
    question = signing.questions_on(session, application.id).get(application.version)
    return None if question is None else local_day(question.asked_at, scheme) + timedelta(scheme.answer_days)


def gather(
    session: Session,
    scheme: Scheme,
    kind: Kind,
    participant: Person,
    answers: Answers,
    *,
    applicant_id: int | None = None,
    documents: Collection[Document] = (),
    at: datetime,
    but: int | None = None,
    held: int | None = None,
    kept: bool = False,
) -> Facts:
    """What is known besides the answers at `at`, without application `but`, which uses the granted one `held`.

    What is given and who is named is settled in an application that was `kept`, and asked for no more.
    """
    known = read_some(kind, answers, ("starts_on", *scheme.once))
    year = known["starts_on"].year if known.get("starts_on") else scheme.year
    day = first_decision_day(scheme, local_day(at, scheme))
    requests, standing, left = register_and_budget(
        session, scheme, participant.id, year=year, decided_on=day, but=but
    )
    key = None if scheme.once == ("year",) else find_once_key(scheme, participant.once, known, kind.key)
    head_id, head = (None, "known") if kept else _head(session, kind, answers, participant, applicant_id, at)
    found = [] if kept else _approvals(session, scheme, kind, participant, at, but, held)
    fitting = [each for each in found if _fits(session, scheme, kind, each, answers)]
    # Who writes for somebody else is offered what they wrote themselves; another one they know by its number alone.
    seen = [each for each in found if applicant_id in (participant.id, each.applicant_id, each.head_id)]
    only = _only(kind, [each for each in fitting if each in seen])
    chosen = _chosen(kind, fitting, with_known(answers, only))
    register = Register.of(
        requests,
        key,
        _overlapping(session, kind, participant, answers, requests, documents, but),
        _shared(session, kind, participant, documents, applicant_id),
        _days_away(session, kind, answers, requests),
    )
    own = register if applicant_id == participant.id else None
    return Facts(
        register,
        left,
        head_id=head_id,
        head=head,
        approval_id=held if kept else None if chosen is None else chosen.id,
        approvals=tuple(seen),
        given={} if chosen is None else _given(session, scheme, kind, chosen),
        known={} if kept else {**known_of(kind, participant, own), **only},
        specialist=participant.specialist,
        rates=rates_for(session, scheme, answers, local_day(at, scheme)),
        requests=tuple(requests),
        standing=standing,
    )


def rates_for(session: Session, scheme: Scheme, answers: Answers, today: date) -> tuple[ReferenceRates, ...]:
    """The loaded tables nearest to the days of costs in another currency; one statement for each such day."""
    lines = answers.get("costs")
    days = {
        rated_on(line, today)
        for line in (lines if isinstance(lines, list) else ())
        if isinstance(line, Mapping) and line.get("currency", scheme.currency) != scheme.currency
    }
    found = (find_nearest(session, day) for day in sorted(days)[:MOST_RATES])
    return tuple(each for each in found if each is not None)


MOST_RATES = 5

_PROOFS = frozenset({"receipt", "certificate"})


def _overlapping(
    session: Session,
    kind: Kind,
    participant: Person,
    answers: Answers,
    requests: Iterable[Application],
    documents: Collection[Document],
    but: int | None,
) -> int:
    """How many of the participant's other claims are for some of the same days, or rest on the same file."""
    if not takes_documents(kind):
        return 0
    days = read_some(kind, answers, ("starts_on", "ends_on"))
    first, last = days.get("starts_on"), days.get("ends_on") or days.get("starts_on")
    found = {
        each.id
        for each in requests
        if each.kind == kind.key and (each.status.open or each.status is Status.GRANTED)
        if first is not None and last is not None and each.starts_on <= last and first <= each.ends_on
    }
    proofs = {each.sha256 for each in documents if each.kind in _PROOFS}
    if proofs:
        found |= set(with_files(session, proofs, kinds=_PROOFS, participant_id=participant.id)) - {but}
    return len(found)


def _shared(
    session: Session, kind: Kind, participant: Person, documents: Collection[Document], writer_id: int | None
) -> int:
    """How many others have the same file as a paper of their own, also in what the same person is writing."""
    own = {each.sha256 for each in documents if each.kind in kind.own_papers}
    if not own:
        return 0
    kinds, of = kind.own_papers, participant.id
    return others_with_files(session, own, kinds=kinds, participant_id=of, owner_id=writer_id)


def _days_away(
    session: Session, kind: Kind, answers: Answers, requests: Iterable[Application]
) -> frozenset[date]:
    """The days that the participant's other claims tick, where this one ticks any."""
    ticked = [field for field in kind.of_type(FieldType.CALENDAR) if answers.get(field.name)]
    others = [
        read_some(kind, applications.version_of(session, each).answers, [field.name]).get(field.name) or ()
        for field in ticked
        for each in requests
        if each.kind == kind.key and (each.status.open or each.status is Status.GRANTED)
    ]
    return frozenset(day for days in others for day, _part in days)


def _approvals(
    session: Session,
    scheme: Scheme,
    kind: Kind,
    participant: Person,
    at: datetime,
    but: int | None,
    held: int | None,
) -> list[Application]:
    """The participant's granted applications that one of this kind may point at: not used, not lapsed."""
    sources = {each.key: each for each in scheme.kinds.values() if each.leads_to == kind.key}
    if not sources:
        return []
    today = local_day(at, scheme)
    granted = applications.approvals(
        session, participant_id=participant.id, fund=scheme.fund, kinds=sources, held_by=but
    )
    return [
        each
        for each in granted
        if each.id == held or (lapses_on(sources[each.kind], each.ends_on) or today) >= today
    ]


def _fits(session: Session, scheme: Scheme, kind: Kind, approval: Application, answers: Answers) -> bool:
    """Whether it is for the same event, whatever its days."""
    granted = applications.version_of(session, approval).answers
    return names_of(kind, answers) == names_of(scheme.kinds[approval.kind], granted)


def _chosen(kind: Kind, fitting: Sequence[Application], answers: Answers) -> Application | None:
    """The one pointed at."""
    pointed = {
        str(answers.get(field.name) or "").strip().upper() for field in kind.of_type(FieldType.APPLICATION)
    }
    return next((each for each in fitting if each.number.upper() in pointed), None)


def _only(kind: Kind, fitting: Sequence[Application]) -> Answers:
    """What answers the question which one it is, where only one can be meant."""
    return {f.name: fitting[0].number for f in kind.of_type(FieldType.APPLICATION) if len(fitting) == 1}


def _given(session: Session, scheme: Scheme, kind: Kind, approval: Application) -> Answers:
    """What a granted application gives this one; of days, as many as were approved."""
    source, decision = scheme.kinds[approval.kind], signing.find_decision(session, approval.id)
    answers = applications.version_of(session, approval).answers
    if decision is not None and decision.days is not None and source.decides_days is not None:
        answers = {**answers, source.decides_days: days_typed(decision.days)}
    given = carried(source, kind, answers)
    return {name: given[name] for name in kind.given if name in given}


def _head(
    session: Session,
    kind: Kind,
    answers: Answers,
    participant: Person,
    applicant_id: int | None,
    at: datetime,
) -> tuple[int | None, str]:
    """Who stands for the counter-financing, where the form asks, and what is to be said of them.

    Named by personal id, or by name where only one person can be meant; else it is the participant's own head.
    """
    asked = [field for field in kind.of_type(FieldType.PERSON) if is_asked(field, answers)]
    if not asked:
        return None, "known"
    if typed := answers.get(asked[0].name):
        head_id, here = _who(session, str(typed), participant, at)
    else:
        head_id, here = participant.head_id, participant.head_number is not None
    if head_id is None:
        return None, "unknown"
    if head_id in (participant.id, applicant_id):
        return head_id, "self"
    return head_id, "known" if here else "left"


def _who(session: Session, typed: str, participant: Person, at: datetime) -> tuple[int | None, bool]:
    """The person meant, and whether they are still here."""
    number = canonical(number_in(typed))
    if number == participant.head_number:
        return participant.head_id, True
    if any(map(str.isdigit, number)) and (found := people.find_id(session, number)) is not None:
        return found
    meant = (
        only_one(typed, people.search(session, typed, day=at.date(), by_name=True))
        if is_enough(typed)
        else None
    )
    return (None, False) if meant is None else (meant.id, True)


def only_one(typed: str, found: Sequence[Person]) -> Person | None:
    """The one of those found who can be meant: the only one, or the only one whom all of the text names."""
    exact = [each for each in found if " ".join(typed.split()).casefold() == each.as_found.casefold()]
    return exact[0] if len(exact) == 1 else found[0] if len(found) == 1 else None


def is_enough(typed: str) -> bool:
    """Whether so much is typed that people are looked for: nobody lists everybody, two letters at a time."""
    return any(sum(map(str.isalpha, word)) > 2 for word in typed.split())


def number_in(typed: str) -> str:
    """The personal id in "Anna Berg (19700101-1234)", as lists of people offered it once, or in the bare id."""
    text = typed.strip()
    return text[text.rindex("(") + 1 : -1].strip() if text.endswith(")") and "(" in text else text
