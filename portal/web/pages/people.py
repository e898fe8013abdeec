"""What the administrator's pages are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.domain.person import Person
from portal.web.pages.account import SessionLine

Errors = Mapping[str, tuple[str, ...]]
"""Sentences by the name of the field they speak of; "" for the whole form."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in the list."""

    person: Person
    head: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People by name, a page at a time, or those a search finds."""

    lines: tuple[PersonLine, ...]
    query: str
    next_href: str
    left: bool = False
    """Whether these are those who have left."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of how somebody signs in: who made it, and what came of it."""

    says: str
    by: str
    at: datetime
    used_at: datetime | None
    confirmed_by: str
    confirmed_at: datetime | None
    holds: bool
    """Whether it still holds back, since nobody has confirmed it."""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person's form, their account, and the way to let them go; `person` is None for somebody new."""

    title: str
    action: str
    values: Mapping[str, str]
    specialist: bool
    roles: frozenset[str]
    role_names: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    person: Person | None = None
    is_me: bool = False
    has_account: bool = False
    has_left: bool = False
    login: str = ""
    seats: tuple[str, ...] = ()
    """The seats held today, which a person who leaves gives up."""
    changes: tuple[ChangeLine, ...] = ()
    """How their sign-in was changed, the newest first."""
    seen: int = 0
    """The number of the newest of these."""
    not_confirmed: str = ""
    """Why the reader cannot confirm what holds."""
    errors: Errors = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignInsPage:
    """Where somebody has signed in."""

    person: Person
    sessions: tuple[SessionLine, ...]


@dataclass(frozen=True, slots=True)
class TermLine:
    """Somebody's term in a seat."""

    id: int
    person: str
    substitute: bool
    starts_on: date
    ends_on: date | None
    state: str
    """now, coming or over."""
    is_me: bool


@dataclass(frozen=True, slots=True)
class SeatTerms:
    """A seat with everybody who sat, sits or will sit in it."""

    fund: str
    title: str
    named: str
    terms: tuple[TermLine, ...]
    vacant: bool


@dataclass(frozen=True, slots=True)
class SeatsPage:
    """The seats of every fund, and the form to appoint somebody."""

    seats: tuple[SeatTerms, ...]
    choices: tuple[tuple[str, str], ...]
    today: date
    values: Mapping[str, str] = field(default_factory=dict)
    substitute: bool = False
    errors: Errors = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the audit log."""

    seq: int
    at: datetime
    actor: str
    act: str
    number: str
    body: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """The audit log, newest first."""

    events: tuple[EventLine, ...]
    next_href: str
