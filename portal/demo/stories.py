"""What happens to one application, act by act: each story yields the instant of its next act and is resumed at it.

Which stories are told, about whom and when, is `plot`'s; the acts are `stage`'s.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from portal.demo.catalogue import Course, answers
from portal.demo.days import office_hour
from portal.demo.stage import Stage
from portal.domain.scheme import Scheme

Story = Iterator[datetime]

FINANCE_OFFICER: Final = "malmberg"
AN_HOUR: Final = timedelta(hours=1)

REFUSALS: Final = (
    "Kursen rör administration och inte specialiteten. Sök gärna för en annan kurs.",
    "Programmet är inte klart, så det går inte att bedöma om kursen är aktuell.",
    "Arrangören är ett läkemedelsföretag. Sådana kurser kan inte få bidrag.",
)
LESS: Final = "Boendet är dyrare än regionens riktlinje; bidraget räknas på riktlinjens belopp."
OFF: Final = ("Konferensen är inställd.", "Jag blev sjuk och kan inte åka.")
QUESTIONS: Final = (
    "Vilka delar av programmet deltar du själv aktivt i? Skriv några rader till om det.",
    "Är resan bokad med tåg eller flyg? Beloppet verkar högt för tåg.",
    "Hur lång är kursen egentligen? Programmet visar två dagar och ansökan tre.",
)


@dataclass(frozen=True)
class Plan:
    """One application: who applies for what, and when."""

    stage: Stage
    scheme: Scheme
    who: str
    course: Course
    written_on: date
    starts_on: date
    by: str | None = None
    """Who writes it, when that is not the participant."""
    changed: Mapping[str, Any] | None = None
    """Answers that differ from the usual ones."""

    @property
    def applicant(self) -> str:
        return self.by or self.who

    def at(self, day: date) -> datetime:
        return office_hour(self.scheme, day, self.stage.chance)

    def submit(self, at: datetime) -> str:
        """Send it in; gives the number."""
        typed = answers(
            self.course, self.starts_on, self.written_on, self.stage.chance, **dict(self.changed or {})
        )
        return self.stage.submit(self.scheme, self.who, typed, at, by=self.by).number


@dataclass(frozen=True, slots=True)
class Signers:
    """Who signs, the first first, and on which decision day each does."""

    first: str
    second: str
    first_on: date
    second_on: date


def _sent(plan: Plan) -> Generator[datetime, None, tuple[str, datetime]]:
    """Send it in; gives the number, and when."""
    at = plan.at(plan.written_on)
    yield at
    return plan.submit(at), at


def _moments(plan: Plan, signers: Signers, sent_at: datetime) -> tuple[datetime, datetime]:
    """When the two sign: each on their day, and the second after the first."""
    first = max(plan.at(signers.first_on), sent_at + AN_HOUR)
    return first, max(plan.at(signers.second_on), first + AN_HOUR / 3)


def waiting(plan: Plan) -> Story:
    """Sent in, and nobody has signed."""
    yield from _sent(plan)


def granted(
    plan: Plan, signers: Signers, *, share: int = 100
) -> Generator[datetime, None, tuple[str, datetime]]:
    """Two agree; on less than the assessed amount where `share` is below 100 per cent. Gives the number, and when."""
    number, sent_at = yield from _sent(plan)
    amount = None
    first, second = _moments(plan, signers, sent_at)
    reason = LESS if share < 100 else ""
    yield first
    if share < 100:
        amount = plan.stage.assessed(number) * share // 100
    plan.stage.grant(number, signers.first, first, amount=amount, reason=reason)
    yield second
    plan.stage.grant(number, signers.second, second, amount=amount, reason=reason)
    return number, second


def cancelled(plan: Plan, signers: Signers, off_on: date, why: str) -> Story:
    """Granted, and then not needed."""
    number, sent_at = yield from _sent(plan)
    first, second = _moments(plan, signers, sent_at)
    yield first
    plan.stage.grant(number, signers.first, first)
    yield second
    plan.stage.grant(number, signers.second, second)
    at = max(plan.at(off_on), second + AN_HOUR)
    yield at
    plan.stage.cancel(number, plan.applicant, why, at)


def refused(plan: Plan, signers: Signers, reason: str) -> Story:
    """Two agree that it cannot be granted."""
    number, sent_at = yield from _sent(plan)
    first, second = _moments(plan, signers, sent_at)
    yield first
    plan.stage.refuse(number, signers.first, first, reason=reason)
    yield second
    plan.stage.refuse(number, signers.second, second, reason=reason)


def signed_once(plan: Plan, signer: str, on: date, *, taken_back: bool = False) -> Story:
    """One seat has signed and the other is waited for, or has thought better of it."""
    number, sent_at = yield from _sent(plan)
    at = max(plan.at(on), sent_at + AN_HOUR)
    yield at
    plan.stage.grant(number, signer, at)
    if taken_back:
        yield at + AN_HOUR / 2
        plan.stage.take_back(number, signer, at + AN_HOUR / 2)


def disagreed(plan: Plan, signers: Signers, *, refusal: str = "") -> Story:
    """The two seats differ: on the amount, or whether to grant at all."""
    number, sent_at = yield from _sent(plan)
    first, second = _moments(plan, signers, sent_at)
    yield first
    plan.stage.grant(number, signers.first, first)
    yield second
    if refusal:
        plan.stage.refuse(number, signers.second, second, reason=refusal)
    else:
        less = plan.stage.assessed(number) * 3 // 4
        plan.stage.grant(number, signers.second, second, amount=less, reason=LESS)


def returned(plan: Plan, approver: str, on: date, question: str, *, begun: bool = False) -> Story:
    """Sent back with a question; the applicant may have begun to answer."""
    number, sent_at = yield from _sent(plan)
    at = max(plan.at(on), sent_at + AN_HOUR)
    yield at
    plan.stage.ask(number, approver, question, at)
    if begun:
        yield at + AN_HOUR
        plan.stage.answer(number, plan.applicant, _more(plan), at + AN_HOUR, send=False)


def answered(plan: Plan, approver: str, on: date, question: str) -> Story:
    """Sent back, answered, and waiting again under its next version."""
    number, sent_at = yield from _sent(plan)
    at = max(plan.at(on), sent_at + AN_HOUR)
    yield at
    plan.stage.ask(number, approver, question, at)
    yield at + 2 * AN_HOUR
    plan.stage.answer(number, plan.applicant, _more(plan), at + 2 * AN_HOUR)


def stepped_aside(plan: Plan, approver: str, on: date, note: str) -> Story:
    """An approver has a conflict of interest, so the substitute is waited for."""
    number, sent_at = yield from _sent(plan)
    at = max(plan.at(on), sent_at + AN_HOUR)
    yield at
    plan.stage.step_aside(number, approver, note, at)


def withdrawn(plan: Plan, on: date) -> Story:
    """Sent in, and withdrawn before any decision."""
    number, sent_at = yield from _sent(plan)
    at = max(plan.at(on), sent_at + AN_HOUR)
    yield at
    plan.stage.withdraw(number, plan.applicant, at)


def drafted(plan: Plan, names: tuple[str, ...]) -> Story:
    """Begun, with only these questions answered, and not sent in."""
    at = plan.at(plan.written_on)
    yield at
    typed = answers(plan.course, plan.starts_on, plan.written_on, plan.stage.chance)
    begun = {name: value for name, value in typed.items() if name in names}
    plan.stage.draft(plan.scheme, plan.who, begun, at, by=plan.by)


def _more(plan: Plan) -> dict[str, Any]:
    more = "Jag håller själv i en av övningarna den andra dagen och deltar i diskussionerna efter varje pass."
    return {"participation": f"{plan.stage.chance.choice(('', 'Tillägg: '))}{more}"}
