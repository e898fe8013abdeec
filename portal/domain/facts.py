"""What bears on an application from outside the answers typed: the register, the budget, people, an approval given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from portal.domain.alphabet import folded
from portal.domain.application import Answers, Application, Status
from portal.domain.fields import is_asked
from portal.domain.person import Person
from portal.domain.rates import ReferenceRates
from portal.domain.scheme import REQUESTS, FieldType, Kind, Scheme

PARTICIPANTS_KNOWN_BY = ("specialist", "specialty")
HEADS = ("known", "unknown", "left", "self")
"""Found; nobody, or more than one; no longer here; the participant or the applicant."""


def may_take_part(scheme: Scheme, person: Person) -> bool:
    """Whether the register has of a person what it has of participants; nobody else is taken for one unasked."""
    return not scheme.participants_known_by or any(getattr(person, n) for n in scheme.participants_known_by)


@dataclass(frozen=True, slots=True)
class Register:
    """How many other applications of this participant the register holds for the event's year.

    `granted` stands for grants in force or used, `pending` for submitted ones that await decision, `requested` for all
    but those withdrawn, `refunded` for refunds of this very course to this doctor, `overlapping` for submitted or
    granted ones of this kind on some of the same days, or with the same file as receipt or certificate, `days_away` for
    the days ticked in the calendars of those. `shared` alone is of others: how many participants besides this one have
    the same file as a paper that is one person's own.
    """

    granted: int = 0
    pending: int = 0
    requested: int = 0
    refunded: int = 0
    overlapping: int = 0
    shared: int = 0
    days_away: frozenset[date] = frozenset()

    @classmethod
    def of(
        cls,
        requests: Sequence[Application],
        once_key: str | None,
        overlapping: int = 0,
        shared: int = 0,
        days_away: frozenset[date] = frozenset(),
    ) -> Self:
        """Those requests as numbers; `refunded` counts the granted ones with that once-only key."""
        granted = [each for each in requests if each.is_used]
        return cls(
            granted=len(granted),
            pending=sum(each.status.open for each in requests),
            requested=sum(each.status is not Status.WITHDRAWN for each in requests),
            refunded=sum(each.once_key == once_key for each in granted) if once_key else 0,
            overlapping=overlapping,
            shared=shared,
            days_away=days_away,
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the evaluation is told besides the answers; `actions.judging` gathers it, `assess` reads it."""

    register: Register = field(default_factory=Register)
    budget_left: int | None = None
    """What is left (minor units) of the budget period a decision can fall in; None: unlimited."""
    head_id: int | None = None
    """Who stands for the counter-financing: the one named, else the participant's own head."""
    head: str = "known"
    """One of `HEADS`: what is to be said of that head."""
    approval_id: int | None = None
    """The granted application that this one points at and may use."""
    approvals: tuple[Application, ...] = ()
    """Those that it could point at: for the page to offer."""
    specialist: bool | None = None
    """Whether the register of people has the participant as a specialist; None where that is not told."""
    given: Answers = field(default_factory=dict)
    """What a granted application gives this one."""
    known: Answers = field(default_factory=dict)
    """What the registers answer; what was typed goes before it."""
    rates: tuple[ReferenceRates, ...] = ()
    """Tables of exchange rates, of the days that costs in another currency are of."""
    requests: tuple[Application, ...] = ()
    """Those that the register counts, the last first: for pages to show, never for a rule."""
    standing: Mapping[int, int] = field(default_factory=dict)
    """What stands of those of them that are granted, by id."""


def once_key(scheme: Scheme, participant: str, typed: Mapping[str, Any], kind: str | None = None) -> str:
    """Fund, participant (`Person.once`) and what the scheme names, as one text; equal keys cannot both be granted.

    "medel endast beviljas för en kurs … per person och år", or a refund "per kurs". A kind that leads to another (a
    pre-approval) has a key of its own. Raises ValueError when a part is not answered.
    """
    chosen = kind or scheme.main_kind.key
    parts = [scheme.fund, chosen, participant]
    for name in scheme.once:
        value = typed.get("starts_on" if name == "year" else name)
        if name == "year" and isinstance(value, date):
            value = value.year
        if value is None or value == "":
            raise ValueError(f"{name} is part of what may be granted once only")
        parts.append(value.isoformat() if isinstance(value, date) else str(value).casefold())
    return "|".join(part.replace("|", " ") for part in parts)


def find_once_key(scheme: Scheme, participant: str, typed: Mapping[str, Any], kind: str) -> str | None:
    """The key, or None while a part is not answered."""
    try:
        return once_key(scheme, participant, typed, kind)
    except ValueError:
        return None


def carried(source: Kind, target: Kind, answers: Answers) -> dict[str, object]:
    """What an application of `target` starts with after one of `source`: the same names, and what `fills` says.

    "Kurs av större omfang kan søke om å forhåndsgodkjennes": the claim for such a course starts from its approval.
    """
    same = {
        name: answers[name] for name, field in target.fields.items() if name in answers and not field.given
    }
    filled = {given: answers[name] for given, name in source.fills.items() if name in answers}
    return same | filled


_OF_ITS_TIME = frozenset({FieldType.DATE, FieldType.DOCUMENTS, FieldType.CALENDAR, FieldType.APPLICATION})


def copied(kind: Kind, answers: Answers) -> dict[str, object]:
    """What a new application takes over from an earlier one of the kind: no day, rate, document or count of days."""
    counts = {name for field in kind.fields.values() for name in field.counts.values()}
    kept: dict[str, object] = {
        name: answers[name]
        for name, field in kind.fields.items()
        if name in answers
        and not (field.given or field.type in _OF_ITS_TIME or field.known == REQUESTS or name in counts)
    }
    for name in kept.keys() & {each.name for each in kind.of_type(FieldType.COSTS)}:
        lines = [line for line in answers[name] if isinstance(line, Mapping)]
        kept[name] = [
            {part: each for part, each in line.items() if not part.startswith("rate")} for line in lines
        ]
    return kept


def names_of(kind: Kind, answers: Answers) -> tuple[str, ...]:
    """What names the event, to tell whether two applications are about the same."""
    asked = (kind.fields[name] for name in kind.named_by)
    return tuple(
        folded(" ".join(str(answers.get(each.name) or "").split())) if is_asked(each, answers) else ""
        for each in asked
    )


def with_given(kind: Kind, typed: Answers, known: Answers) -> dict[str, object]:
    """The answers typed, with what the portal itself knows, and nothing a person put in its place."""
    return {name: answer for name, answer in typed.items() if name not in kind.given} | {
        name: known[name] for name in kind.given if name in known
    }


def known_of(kind: Kind, participant: Person, own: Register | None = None) -> Answers:
    """What the registers answer to the questions of a kind, where they say anything.

    Earlier requests are told only where they are the reader's `own`.
    """
    came = {"granted": own.granted, "requested": own.requested, "no": True} if own is not None else {}
    requests = next((answer for answer, number in came.items() if number), "")
    says = {
        field.name: requests if field.known == REQUESTS else getattr(participant, field.known)
        for field in kind.fields.values()
        if field.known
    }
    return {name: "yes" if answer is True else answer for name, answer in says.items() if answer}


def with_known(typed: Answers, known: Answers) -> Answers:
    """The answers typed, and what the register knows where nothing is."""
    return {**typed, **{name: answer for name, answer in known.items() if not typed.get(name)}}
