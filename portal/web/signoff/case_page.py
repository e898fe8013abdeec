"""What the page of one case is given: everything that bears on signing it, and why each act would be refused.

Whether an act would be refused is asked of the domain in the order in which the action asks, so that the words beside
the button are the words of the POST. What was said at submission stands beside what is said now; both are records with
their words in all languages, and what differs between them, `actions.comparison` knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.actions.comparison import Record, pairs, reckoned
from portal.actions.judging import case_of
from portal.domain.access import may
from portal.domain.application import Application, Decision, Outcome, Status, Version
from portal.domain.assessment import Assessment
from portal.domain.money import plain
from portal.domain.periods import first_decision_day, local_day
from portal.domain.person import Person
from portal.domain.refusal import Refusal
from portal.domain.scheme import BudgetPeriod, Field, FieldType, Scheme, Severity
from portal.domain.signoff import (
    DECIDED,
    Case,
    after_signature,
    budget_refusal,
    check_words,
    may_comment,
    may_return,
    may_sign,
    stand_ins,
    unanswered,
)
from portal.forms.typed import whole
from portal.language.vocabularies import STATUSES
from portal.language.wording import answer_text, finding_text, record, rule_text
from portal.schemes.vocabulary import vocabulary
from portal.store import applications, signing
from portal.store.queue import Queued
from portal.store.session import Session
from portal.store.signing import Comment
from portal.web import current, proof
from portal.web.answers import (
    AnswerRow,
    AnswerSection,
    Change,
    DocumentLink,
    differing,
    in_words,
    of_version,
)
from portal.web.heads.page import HeadLine, line_of
from portal.web.language import _, days_counted, language, money, standing, word, words
from portal.web.panel import FindingLine, SumLine, kept_figure, kept_finding, kept_lines
from portal.web.signoff import case_history, queue_page
from portal.web.signoff.case_history import Happening, SeatLine
from portal.web.signoff.queue_page import QueueQuery

PARTIAL = frozenset({"signoff.participant", "signoff.applicant", "signoff.head", "signoff.reports"})
"""Who is refused for one of these learns what a signature says with the decision."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody tried on this page just now, and why it was not done; nothing, as a rule."""

    act: str = ""
    says: str = ""
    field: str = ""
    """Where the sentence belongs: amount, text, password or, empty, the whole page."""
    text: str = ""
    amount: str = ""
    shown: str = ""
    saw: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Assessed:
    """The assessment at submission beside the one of now."""

    then: tuple[str, Sequence[SumLine]]
    """The amount and how it came about."""
    now: tuple[str, Sequence[SumLine]]
    findings: Sequence[tuple[FindingLine | None, FindingLine | None]]
    """Each then and now, the gravest first; one side is None where only the other says it."""
    differs: bool

    @property
    def odd(self) -> list[tuple[FindingLine | None, FindingLine | None]]:
        """What stands in the way, or is to be looked at, or is otherwise than it was."""
        return [pair for pair in self.findings if _is_odd(*pair)]

    @property
    def noted(self) -> list[tuple[FindingLine | None, FindingLine | None]]:
        """The others: how the amount was reckoned."""
        return [pair for pair in self.findings if not _is_odd(*pair)]


def _is_odd(then: FindingLine | None, now: FindingLine | None) -> bool:
    if then is None or now is None:
        return True
    return now.severity != Severity.NOTES or then.message != now.message


@dataclass(frozen=True, slots=True)
class Laid:
    """The answers by where they stand on the page, each of them once; what the top of the page says is in none."""

    glance: Sequence[tuple[str, str]]
    """What a decision looks at first, by part of the form."""
    evidence: Sequence[DocumentLink]
    sections: Sequence[tuple[AnswerSection, bool]]
    """The others, and whether something in them has changed or a finding speaks of it."""


@dataclass(frozen=True, slots=True)
class Stale:
    """What changed since the page was shown that somebody tried to sign."""

    answers: Sequence[Change]
    findings: Sequence[str]
    """Sentences on what the evaluation says now and did not, or no longer says."""
    amount: int | None
    """What was assessed then, where that is otherwise now."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One application with all that bears on signing it."""

    case: Case
    reader: Person
    wish: QueueQuery
    """What the reader came from: a part of the queue with its filters."""
    tried: Tried
    names: Mapping[int, str]
    above: Queued | None
    """The line before this one in the queue."""
    below: Queued | None
    laid: Laid
    assessed: Assessed
    register: Sequence[Application]
    """What else the participant has asked the fund for in the year of the event."""
    standing_amounts: Mapping[int, int]
    """What stands of those of them that are granted."""
    versions: Sequence[tuple[Version, Sequence[Change]]]
    history: Sequence[Happening]
    comments: Sequence[Comment]
    """What the seats wrote to each other, for whoever may know it."""
    seats: Sequence[SeatLine]
    differ: bool
    """Whether the signatures do, and the reader may know it."""
    left: tuple[BudgetPeriod, int] | None
    """What is left of the budget period that the next decision draws from."""
    answered: str
    """What the applicant was asked before this version."""
    decision: Decision | None
    refusals: Mapping[str, Refusal | None]
    """Why each act would be refused, or None."""
    head: HeadLine | None
    """Where the head's word stands, where one is asked for."""
    head_asked: bool
    """Whether what the applicant was asked, or is, was the head's no."""
    proof: bool
    """Whether the acts that decide ask for the password."""
    stale: Stale | None

    @property
    def waiting(self) -> bool:
        """Whether a decision can be signed, so that there are acts."""
        status, day = self.case.application.status, local_day(current.now(), self.case.scheme)
        return status is Status.WAITING or unanswered(self.case, day)

    @property
    def refusing(self) -> str:
        """The reason that the calendar gives for refusing, which the signer may word otherwise."""
        scheme = self.case.scheme
        day = local_day(current.now(), scheme)
        if unanswered(self.case, day):
            return _("The question about the application was not answered in time.")
        if first_decision_day(scheme, day) is None:
            return _("The application was not decided in time: the year’s last day for decisions has passed.")
        return ""

    @property
    def mine(self) -> bool:
        """Whether a signature that counts is the reader's."""
        return any(each.signer_id == self.reader.id for each in self.case.standing)

    @property
    def place(self) -> str:
        """The country, as far as one is asked for, and which place that is to the fund."""
        typed, zone = self.case.typed, vocabulary("zones").get(self.case.application.zone or "")
        countries = typed.kind.of_type(FieldType.COUNTRY)
        named = (answer_text(self.case.scheme, f, typed.answers.get(f.name), language()) for f in countries)
        return ", ".join(filter(None, (*named, words(zone) if zone else "")))

    @property
    def days(self) -> int:
        """How many the event has."""
        return (self.case.application.ends_on - self.case.application.starts_on).days + 1

    @property
    def days_ahead(self) -> int:
        """How many it is until the event begins; below zero once it has."""
        return (self.case.application.starts_on - local_day(current.now(), self.case.scheme)).days

    @property
    def limited_by(self) -> SumLine | None:
        """The line of the calculation that decides the amount."""
        return next((line for line in self.assessed.now[1] if line.kind == "limit"), None)

    @property
    def instead(self) -> str:
        """What comes of stepping aside: who can sign in the reader's seat, or that nobody can."""
        return without(self.case, self.reader, self.names)

    @property
    def gives_money(self) -> bool:
        return _gives_money(self.case)

    @property
    def status(self) -> tuple[str, str]:
        day = local_day(current.now(), self.case.scheme)
        return standing(
            self.case.application.status,
            next_year=day < self.case.scheme.decides_from,
            signed=bool(self.case.standing),
            disagreed=_disagreed(self.case),
        )

    @property
    def decided(self) -> str:
        if self.decision is None:
            return ""
        if self.decision.outcome is Outcome.REFUSE:
            return word(STATUSES, "refused")
        if self.decision.days is not None:
            return _("Approved, %(days)s", days=days_counted(self.decision.days))
        if not self.gives_money:
            return word(STATUSES, "granted")
        return _("Granted %(amount)s", amount=money(self.decision.amount, self.case.scheme.currency))

    @property
    def amount(self) -> str:
        """The assessed amount, as it is sent back."""
        return plain(self.case.assessment.amount)

    @property
    def saw(self) -> str:
        """What the page shows of the evaluation, for the form to send back: amount, and the findings by their codes."""
        return " ".join([str(self.case.assessment.amount), *_places(self.case.assessment)])

    def errors(self, act: str, field: str = "text") -> list[str]:
        """What is wrong with a field of the act that was tried."""
        return [self.tried.says] if (self.tried.act, self.tried.field) == (act, field) else []

    def typed(self, act: str) -> str:
        return self.tried.text if self.tried.act == act else ""


def build(
    session: Session, application: Application, reader: Person, wish: QueueQuery, tried: Tried = Tried()
) -> CasePage:
    """The page of a case for a reader who has not stepped aside."""
    case = case_of(session, application, current.schemes()[application.scheme], at=current.now())
    versions = applications.versions_of(session, application.id)
    is_open, differ = application.status.open, _disagreed(case)
    told = not is_open or not _is_partial(case, reader)
    seats, telling = current.reads(application, "seats"), told and (not is_open or differ)
    history = case_history.history(case, told=telling, seats=seats)
    above, below = queue_page.beside(session, reader, wish, application)
    before = history.asked.get(application.version - 1)
    register = _register(session, application)
    return CasePage(
        case=case,
        reader=reader,
        wish=wish,
        tried=tried,
        names=history.names,
        above=above,
        below=below,
        laid=_lay_out(case, versions),
        assessed=_compared(next(v for v in versions if v.number == application.version).assessment, case),
        register=register,
        standing_amounts=signing.standing_amounts(session, [each.id for each in register]),
        versions=case_history.earlier(case, versions),
        history=history.lines,
        comments=history.comments,
        seats=case_history.seat_lines(case, reader, told=told),
        differ=differ and told,
        left=queue_page.left_next(session, case.scheme) if is_open and _gives_money(case) else None,
        answered=before.text if before else "",
        decision=None if is_open else signing.find_decision(session, application.id),
        refusals=refusals_of(case, reader),
        head=line_of(case.scheme, application, case.head_words),
        head_asked=_is_a_no(case),
        proof=application.status is Status.WAITING and proof.asked(),
        stale=_since(case, versions, tried) if tried.stale else None,
    )


def _lay_out(case: Case, versions: Sequence[Version]) -> Laid:
    """The answers that count, with what they changed of the version before marked."""
    application, scheme, kind = case.application, case.scheme, case.typed.kind
    before = next((each.answers for each in versions if each.number == application.version - 1), None)
    attached = of_version(application, kind, application.version)
    parts = in_words(scheme, case.typed, before=before, attached=attached, application=application)
    types = [FieldType.COUNTRY, FieldType.DOCUMENTS, *([FieldType.PERSON] if application.head_id else [])]
    above = {
        "starts_on",
        "ends_on",
        *kind.at_a_glance,
        *(f.name for each in types for f in kind.of_type(each)),
    }
    spoken_of = {
        f.field.partition("[")[0] for f in case.assessment.findings if f.severity is not Severity.NOTES
    }
    glance, sections = [], []
    for part in parts:
        first = [
            _at_a_glance(kind.fields[row.name], row) for row in part.rows if row.name in kind.at_a_glance
        ]
        rest = [
            row
            for row in part.rows
            if row.changed
            or (row.name not in above and (row.name not in kind.named_by or row.value != application.title))
        ]
        if any(first):
            glance.append((part.title, " · ".join(filter(None, first))))
        if rest:
            odd = any(row.changed or row.name in spoken_of for row in rest)
            sections.append((replace(part, rows=tuple(rest)), odd))
    return Laid(glance, attached.files, sections)


def _at_a_glance(field: Field, row: AnswerRow) -> str:
    if not row.value or field.type in (FieldType.CHOICE, FieldType.AMOUNT):
        return row.value
    return f"{row.label}: {row.value}"


def _is_a_no(case: Case) -> bool:
    """Whether the question that waits, or that this version answers, was a head's no."""
    of = case.application.version - (case.application.question is None)
    return any(each.version == of and not each.given for each in case.head_words)


def without(case: Case, reader: Person, names: Mapping[int, str]) -> str:
    """What comes of it when the reader steps aside."""
    others = [names[each] for each in stand_ins(case, reader, local_day(current.now(), case.scheme))]
    if others:
        return _("%(names)s can sign in your seat instead.", names=", ".join(others))
    return _(
        "Nobody else can sign in your seat today, so nothing is decided until an administrator appoints a substitute."
    )


def _is_partial(case: Case, reader: Person) -> bool:
    refusal = may_return(case, reader, current.now())
    return refusal is not None and refusal.code in PARTIAL


def _disagreed(case: Case) -> bool:
    return after_signature(case.standing).state == "disagreed"


def _gives_money(case: Case) -> bool:
    return case.scheme.kinds[case.application.kind].gives_money


def _register(session: Session, application: Application) -> list[Application]:
    found = applications.earlier_requests(
        session,
        participant_id=application.participant_id,
        fund=application.fund,
        year=application.year,
        but=application.id,
    )
    return [each for each in found if current.reads(each)]


def refusals_of(case: Case, reader: Person) -> dict[str, Refusal | None]:
    """Each act of the page with why it would be refused."""
    now, amount = current.now(), case.assessment.amount
    grant = may_sign(case, reader, now)
    return {
        "grant": grant or budget_refusal(case, amount) or check_words(case, Outcome.GRANT, amount, ""),
        "less": grant or budget_refusal(case, 1),
        "refuse": may_sign(case, reader, now, outcome=Outcome.REFUSE),
        "ask": may(reader, "return", case.application) or may_return(case, reader, now),
        "comment": may_comment(case, reader, local_day(now, case.scheme)),
        "conflict": None if case.application.status.open else DECIDED,
    }


def _compared(then: Record, case: Case) -> Assessed:
    """The assessment kept with the version beside the one of now, finding by finding."""
    now, code, scheme = record(case.assessment), (language(),), case.scheme
    kind, both = scheme.kinds[case.application.kind], pairs(then, now)
    gravity = {severity.value: place for place, severity in enumerate(Severity)}
    both.sort(key=lambda pair: gravity[(pair.now or pair.then or {})["severity"]])
    return Assessed(
        then=(kept_figure(then, kind), kept_lines(then)),
        now=(kept_figure(now, kind), kept_lines(now)),
        findings=[(_told(pair.then, scheme), _told(pair.now, scheme)) for pair in both],
        differs=reckoned(then, code) != reckoned(now, code) or any(pair.differs(code) for pair in both),
    )


def _told(finding: Record | None, scheme: Scheme) -> FindingLine | None:
    return None if finding is None else kept_finding(finding, scheme)


def _places(assessment: Assessment) -> list[str]:
    return [f"{each.code}@{each.field}" for each in assessment.findings]


def _since(case: Case, versions: Sequence[Version], tried: Tried) -> Stale:
    """What is otherwise now than on the page that sent back what it had shown."""
    scheme, kind, newest = case.scheme, case.scheme.kinds[case.application.kind], versions[-1]
    shown = next((v for v in versions if str(v.number) == tried.shown.partition("-")[0]), newest)
    amount, *codes = tried.saw.split() or [""]
    assessed = whole(amount)
    return Stale(
        answers=() if shown is newest else differing(scheme, kind, shown.answers, newest.answers),
        findings=tuple(_news(case, codes)),
        amount=None if assessed == case.assessment.amount else assessed,
    )


def _news(case: Case, codes: Iterable[str]) -> Iterable[str]:
    """A sentence for each finding that is new or gone."""
    seen, now = set(codes), dict(zip(_places(case.assessment), case.assessment.findings, strict=True))
    for place, finding in now.items():
        if place not in seen:
            yield _("New: %(finding)s", finding=finding_text(finding, language()))
    for place in sorted(seen - now.keys()):
        if says := rule_text(case.scheme, place.partition("@")[0], language()):
            yield _("No longer: %(finding)s", finding=says)
