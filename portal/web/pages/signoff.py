"""What the pages of the sign-off are given: the queue's lines, and one case with all that bears on signing it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.web.answers import Change


@dataclass(frozen=True, slots=True)
class TabLink:
    """One part of the queue."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue can be narrowed to, and what it is narrowed to now."""

    tab: str
    funds: tuple[tuple[str, str], ...]
    years: tuple[tuple[str, str], ...]
    zones: tuple[tuple[str, str], ...]
    fund: str
    year: str
    zone: str
    unit: str
    words: str
    clear_href: str


@dataclass(frozen=True, slots=True)
class LeftLine:
    """What is left of a budget period, in words and figures."""

    fund: str
    period: str
    amount: str


@dataclass(frozen=True, slots=True)
class SignedLine:
    """Who signed in a seat, and what the signature says where both may know."""

    seat: str
    signer: str
    says: str


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One application in the queue."""

    number: str
    href: str
    fund: str
    """Its name where the reader signs for more than one."""
    participant: str
    unit: str
    title: str
    days: str
    amount: str
    zone: str
    tag: int
    """Which of the page's tags tells how it stands."""
    signed: tuple[SignedLine, ...]
    stops: str
    """Why it cannot be granted, or nothing."""
    warns: str
    """How many findings warned at submission, or nothing."""
    left: str
    """What is left of the budget period if all up to here are granted, or nothing."""
    short: bool
    """Whether that is below zero."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue."""

    tabs: tuple[TabLink, ...]
    tab: str
    title: str
    filters: Filters
    lines: tuple[QueueLine, ...]
    tags: tuple[tuple[str, str], ...]
    """The ways the lines stand: the kind of tag and its words."""
    left: tuple[LeftLine, ...]
    next_href: str
    previous_href: str
    first_href: str
    narrowed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A finding then and now; one side is empty where only the other says it."""

    severity: str
    then: str
    now: str
    source_text: str
    source_heading: str
    source_lang: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """An amount and how it came about."""

    figure: str
    lines: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """The assessment at submission beside the one of now."""

    then: Sums
    now: Sums
    findings: tuple[Comparison, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """An earlier version: when it was submitted, and what the next one changed."""

    number: int
    submitted_at: datetime
    amount: str
    """Empty for a kind that gives no money."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """Another application of the participant in the register."""

    number: str
    href: str
    title: str
    starts_on: date
    kind: str
    status: str
    amount: str
    """Empty for a kind that gives no money."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history."""

    title: str
    at: str
    datetime: str
    by: str
    text: str = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat: who holds it today, and the signature in it that counts."""

    seat: str
    holders: str
    signed: bool
    signer: str = ""
    at: str = ""
    says: str = ""
    """What the signature says; empty for a reader who may not know."""
    reason: str = ""
    mine: bool = False
    term_over: date | None = None
    """The last day of the term it was signed in, when that has passed."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something the reader can do: its button, or why it would be refused."""

    name: str
    button: str
    reason: str = ""
    open: bool = False
    """Whether it was tried just now, and stands open with what was typed."""
    typed: str = ""
    amount: str = ""
    errors: tuple[str, ...] = ()
    amount_errors: tuple[str, ...] = ()
    password_errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acts:
    """Everything an approver can do with a case."""

    grant: Act
    less: Act | None
    refuse: Act
    ask: Act
    conflict: Act
    take_back: Act | None


@dataclass(frozen=True, slots=True)
class Stale:
    """What changed since the page was shown that somebody tried to sign."""

    answers: tuple[Change, ...]
    findings: tuple[str, ...]
    """Sentences on what the evaluation says now and did not, or no longer says."""
    amount: Change | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One application with all that bears on signing it."""

    number: str
    title: str
    fund: str
    kind: str
    status: str
    back_href: str
    previous_href: str
    next_href: str
    tab: str
    currency: str
    about: tuple[Any, ...]
    sections: tuple[Any, ...]
    assessed: Assessed
    earlier: tuple[EarlierLine, ...]
    year: int
    versions: tuple[VersionLine, ...]
    history: tuple[Happening, ...]
    seats: tuple[SeatLine, ...]
    differ: bool
    left: Change | None
    """What is left of the budget period: its name, now, and were this granted."""
    left_short: bool
    question: str
    """What the applicant is asked now."""
    answered: str
    """What the applicant was asked before this version."""
    decision: str
    decision_reason: str
    effect: str
    """What signing now would do."""
    amount: str
    """The assessed amount, as it is sent back."""
    figure: str
    shown: str
    saw: str
    acts: Acts
    waiting: bool
    """Whether a decision is still to come, so that there are acts."""
    proof: bool
    """Whether the acts that decide ask for the password."""
    refused: str = ""
    """Why what was just tried was not done."""
    stale: Stale | None = None


@dataclass(frozen=True, slots=True)
class AsidePage:
    """All that somebody sees of a case in which they have declared a conflict of interest."""

    number: str
    declared_at: datetime
    note: str
    back_href: str
