"""A fund's edition as data: what the scheme file says, typed; reading and checking the file is the loader's."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from portal.domain.rates import ReferenceRates

Words = Mapping[str, str]
"""A text in each language of the portal: sv, nb, en."""

LANGUAGES = ("sv", "nb", "en")
ATTESTS = ("required", "asked", "off")
"""Whether granting waits for the head's word, whether approvers only see it, or whether nobody is asked."""

When = Mapping[str, frozenset[str]]
"""Fields that each have one of these answers; "*" is any answer but a blank or 0."""


class Severity(StrEnum):
    """What a finding means for the application."""

    BLOCKS = "blocks"
    WARNS = "warns"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands: the letter, the heading and the sentence, in the letter's own language."""

    heading: str
    sentence: str
    letter: str = ""

    def __str__(self) -> str:
        where = ", ".join(filter(None, (self.letter, self.heading)))
        return f"{where}: “{self.sentence}”" if where else f"“{self.sentence}”"


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of the letter as a check with its words."""

    code: str
    severity: Severity
    check: str
    field: str
    source: Source | None
    """None only for `form.*`, which no letter speaks of."""
    message: Words
    change: Words
    """What would change it; empty where nothing the applicant does would."""
    short: Words = filled(default_factory=dict)
    """The same in a few words without values, for a line of a list; the message stands for it where there are none."""
    params: Mapping[str, Any] = filled(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    """The kinds of application it bears on."""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer out of a list."""

    value: str
    label: Words
    hint: Words = filled(default_factory=dict)
    also: tuple[str, ...] = ()
    """Other names a search finds it by, such as a former one."""
    days: int | None = None
    """Day cap of a course in half days."""
    refused: bool = False
    """Whether it is always refused, so that the form does not offer it."""
    own: bool = False
    """Whether a document of this kind is about one participant, and shared with nobody they are applied for with."""


REQUESTS = "requests"
KNOWN = ("specialist", "specialty", "administration", "cost_centre", REQUESTS)
"""What the registers say of a participant that may be asked for: of people, and of earlier requests."""


LAW = ("delegation", "review", "taken_back")
"""What a decision's letter says of itself: by whose delegation, how it is reviewed, when a grant is taken back."""


class FieldType(StrEnum):
    """How an answer is typed and read."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    AMOUNT = "amount"
    DATE = "date"
    CHOICE = "choice"
    COUNTRY = "country"
    COURSE = "course"
    PERSON = "person"
    COUNT = "count"
    DAYS = "days"
    COSTS = "costs"
    APPLICATION = "application"
    CALENDAR = "calendar"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form."""

    name: str
    type: FieldType
    label: Words
    hint: Words = filled(default_factory=dict)
    required: bool = False
    """Missing is `form.required`; where a rule of the fund speaks of it, that rule speaks instead."""
    missing: Words = filled(default_factory=dict)
    """What is then said; without it the words of all forms."""
    needed_when: tuple[When, ...] = ()
    """Required only while one of these holds."""
    shown_when: When = filled(default_factory=dict)
    """Asked only while these other fields have one of these answers; a missing answer counts as a match."""
    choices: tuple[Choice, ...] = ()
    max_length: int = 200
    not_before: str | None = None
    """The date field this date may not precede."""
    width: str = ""

    @property
    def in_own_words(self) -> bool:
        """Whether people write here why and how, which finance has no need to read."""
        return self.type is FieldType.LONG_TEXT or (self.type is FieldType.TEXT and self.max_length > 200)

    counts: Mapping[str, str] = filled(default_factory=dict)
    """Of a calendar: which fields count the whole and the half days that are ticked in it."""
    given: bool = False
    """Filled in by the portal from a granted application that leads here, never typed by the applicant."""
    known: str = ""
    """What the registers call it (one of `KNOWN`): the answer where none is given."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form with its heading."""

    key: str
    title: Words
    fields: tuple[Field, ...]
    intro: Words = filled(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lapse:
    """A grant that is used by another application can be so until `months` after the last day of its event."""

    months: int
    told_days: int
    """How many days before that its parties are told."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One thing that the head who stands for the money confirms, and the answers that say it."""

    key: str
    says: Words
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of application within a fund: an application, a claim, a pre-approval."""

    key: str
    title: Words
    sections: tuple[Section, ...]
    reckoning: str
    """The method in `reckoning` that computes the amount."""
    currency: str = ""
    """What amounts are in where nothing else is said: the fund's."""
    named_by: tuple[str, ...] = ()
    """The questions whose answers name the event: the first one answered does."""
    follow_up: tuple[str, ...] = ()
    """The questions that plan the follow-up, one of them its day; none where no follow-up is asked for."""
    at_a_glance: tuple[str, ...] = ()
    """The questions whose answers a decision looks at first, besides who, what and when."""
    params: Mapping[str, Any] = filled(default_factory=dict)
    leads_to: str | None = None
    """The kind that a granted one of this kind may start."""
    fills: Mapping[str, str] = filled(default_factory=dict)
    """Which field of that kind is given by which field of this one; fields of the same name are carried over too."""
    lapses: Lapse | None = None
    """When what a granted one of this kind gives is gone."""
    each: tuple[str, ...] = ()
    """What is asked of each participant where one applies for several in one go; the other answers they share."""
    confirms: tuple[Confirmed, ...] = ()
    """What the head confirms; an answer to one of these that changes voids the head's word."""

    @property
    def gives_money(self) -> bool:
        """Whether an amount is decided, and not only that something may be done."""
        return self.reckoning != "nothing"

    @property
    def decides_days(self) -> str | None:
        """The field that says how many days are wanted, where they are what is decided and given on."""
        return next((n for n in self.fills.values() if self.fields[n].type is FieldType.DAYS), None)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return {each.name: each for section in self.sections for each in section.fields}

    @cached_property
    def given(self) -> frozenset[str]:
        """The fields that only the portal fills in."""
        return frozenset(name for name, field in self.fields.items() if field.given)

    @property
    def shareable(self) -> tuple[Choice, ...]:
        """The kinds of document that several participants of one event may share, such as one invoice for all."""
        return tuple(each for each in self._papers if not each.own)

    @property
    def own_papers(self) -> frozenset[str]:
        """Those that belong to one participant."""
        return frozenset(each.value for each in self._papers if each.own)

    @property
    def _papers(self) -> tuple[Choice, ...]:
        return tuple(choice for field in self.of_type(FieldType.DOCUMENTS) for choice in field.choices)

    @property
    def planned_on(self) -> str | None:
        """The field that plans the day of the follow-up."""
        days = [name for name in self.follow_up if self.fields[name].type is FieldType.DATE]
        return days[0] if len(days) == 1 else None

    @cached_property
    def conditional(self) -> tuple[Field, ...]:
        """The fields that are asked only after certain answers to others."""
        return tuple(field for field in self.fields.values() if field.shown_when)

    def of_type(self, type_: FieldType) -> tuple[Field, ...]:
        return self._by_type.get(type_, ())

    @cached_property
    def _by_type(self) -> Mapping[FieldType, tuple[Field, ...]]:
        types = {field.type for field in self.fields.values()}
        return {each: tuple(f for f in self.fields.values() if f.type is each) for each in types}

    @property
    def dates_lean(self) -> str:
        """Where its days lie when their year is not typed: what is proved by documents has been."""
        return "lately" if self.of_type(FieldType.DOCUMENTS) else "coming"

    @cached_property
    def ordered_dates(self) -> tuple[tuple[str, str], ...]:
        """Date fields that may not be before another: (the later, the earlier)."""
        return tuple((f.name, f.not_before) for f in self.fields.values() if f.not_before)


@dataclass(frozen=True, slots=True)
class DatedLimit:
    """A limit from a day on, in minor units or half days, for a zone or for all."""

    starts_on: date
    value: int
    zone: str | None = None
    confirmed: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A named series of dated values; ending one is a dated entry, never a deletion."""

    key: str
    unit: str
    """"amount" (minor units) or "days" (half days)."""
    entries: tuple[DatedLimit, ...]
    title: Words = filled(default_factory=dict)

    def on(self, day: date, zone: str | None = None) -> DatedLimit | None:
        """The entry in force on a day (in a zone), or None before the first; a confirmed one before an unconfirmed."""
        in_force = [e for e in self.entries if e.starts_on <= day and e.zone in (None, zone)]
        return max(in_force, key=lambda e: (e.starts_on, e.zone is not None, e.confirmed), default=None)


@dataclass(frozen=True, slots=True)
class Pause:
    """A decision pause, both days included."""

    starts_on: date
    ends_on: date
    label: Words


@dataclass(frozen=True, slots=True)
class BudgetPeriod:
    """A part of the money with its days, both included; `ends_on` None until it is used up."""

    key: str
    starts_on: date
    ends_on: date | None
    amount: int
    label: Words
    was: str | None = None
    """The key it had before, where the file renames it: what was granted goes with it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the two seats that decide; who sits in it is kept in the register of seat holders."""

    key: str
    title: Words


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the fund as told to employees, with its sentence."""

    topic: str
    says: Words
    source: Source
    assumed: bool = False


@dataclass(frozen=True)
class Scheme:
    """One edition of a fund: every term, limit, date and rule of its letter."""

    key: str
    fund: str
    """The fund the edition belongs to: seats are held in the fund."""
    prefix: str
    """First part of application numbers."""
    title: Words
    summary: Words
    language: str
    currency: str
    zone_name: str
    opens_on: date
    starts_on: date
    """First day an event may start (before-event funds) or end (refunds)."""
    ends_on: date | None
    decides_from: date
    decides_until: date | None
    once: tuple[str, ...]
    """What makes the once-only key besides fund and participant: "year", or names of fields."""
    kinds: Mapping[str, Kind]
    rules: tuple[Rule, ...]
    limits: Mapping[str, Limit]
    pauses: tuple[Pause, ...]
    budget: tuple[BudgetPeriod, ...]
    seats: tuple[Seat, ...]
    terms: tuple[Term, ...]
    letter: str
    zones: Mapping[str, str] = filled(default_factory=dict)
    """Overrides of the zone table: country -> zone."""
    home_country: str = ""
    payment: Mapping[str, Any] = filled(default_factory=dict)
    """What finance needs: addressee, customer number, orderer id, months until due."""
    carried_over_from: str | None = None
    """The edition whose terms were rolled forward, unconfirmed."""
    carry_over_budget: bool = False
    attest: str = "off"
    """One of `ATTESTS`."""
    attest_reminded_after: int = 7
    """Days after which a head who has not answered is reminded, once."""
    law: Mapping[str, Words] = filled(default_factory=dict)
    """By `LAW`, as far as the fund says it."""
    law_assumed: bool = False
    """Whether no letter says it, and no lawyer has confirmed it yet."""
    participants_known_by: tuple[str, ...] = ()
    """What the register has of everybody who can take part, such as a specialty; of nobody in particular if empty."""
    last_call_days: int | None = None
    """So many days before the last decision day the approvers are told what waits."""
    answer_reminded_days: int | None = None
    """After so many days a returned application is reminded of."""
    answer_days: int | None = None
    """So many days a returned application waits for its answer; then it can be refused without."""
    form_rules: Mapping[str, Rule] = filled(default_factory=dict)
    """The words for answers that cannot be read: one for each `form.*` code, alike in all funds."""
    missing_parts: Mapping[str, Words] = filled(default_factory=dict)
    """What is said of a part of a cost line that is missing."""
    reference_rates: tuple["ReferenceRates", ...] = ()
    """What stated rates are held against, alike in all funds, in order of their days."""
    digest: str = ""
    """SHA-256 of the scheme file."""

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    @property
    def year(self) -> int:
        return self.starts_on.year

    @cached_property
    def main_kind(self) -> Kind:
        """The kind that the fund is about: the first in the file."""
        return next(iter(self.kinds.values()))

    @cached_property
    def rules_of(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that bear on each kind of application, in the file's order."""
        return {kind: tuple(r for r in self.rules if kind in r.kinds) for kind in self.kinds}

    def seat(self, key: str) -> Seat:
        return next(each for each in self.seats if each.key == key)
