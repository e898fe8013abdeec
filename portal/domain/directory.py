"""The staff directory's file beside the people of the portal: what an import changes, what it leaves alone, and when it
stops because too much would change at once.

The directory's word counts for whom it has brought; whom somebody typed in is left alone. Whoever is no longer in it
has left, and is the same person when they come back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.domain.refusal import N_, Refusal

HERE, GONE = "here", "gone"
ORIGINS = (HERE, GONE)
"""What the directory said last of somebody it has brought."""
VALUES = ("name", "email", "unit", "administration", "cost_centre", "specialist", "specialty")
"""What of a person the file may say, besides number and head."""

UNUSED = Refusal("directory.unused", N_("The row cannot be used, so the person stays as they are."))
TWICE = Refusal(
    "directory.twice", N_("Several rows have this personal id. None is used; the person stays as they are.")
)
SHARED = Refusal(
    "directory.shared", N_("Somebody else has this address too. The person keeps the one they had, if any.")
)
UNMAILED = Refusal(
    "directory.unmailed", N_("The address cannot be mailed. The person keeps the one they had, if any.")
)
NO_HEAD = Refusal(
    "directory.no-head", N_("The head is nobody who works here. The person keeps the one they had.")
)
CIRCLE = Refusal(
    "directory.circle", N_("The heads lead in a circle. The person keeps the one they had, or has none.")
)
LAST_ADMINISTRATOR = Refusal(
    "directory.last-administrator",
    N_("No administrator would be left, so the person stays. Give somebody else the role."),
)
MISSED = Refusal(
    "directory.missed",
    N_("Has left, and held a seat or a role, or is the head where an application is open."),
)
RETURNED = Refusal("directory.returned", N_("Is back, and has the role from before."))
_SAID = (UNUSED, TWICE, SHARED, UNMAILED, NO_HEAD, CIRCLE, LAST_ADMINISTRATOR, MISSED, RETURNED)
REMARKS: Mapping[str, Refusal] = {each.code: each for each in _SAID}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in a line of the file (the heading is line 1; 0: no line) that somebody should look at."""

    line: int
    number: str
    code: str
    detail: str = ""
    """The name of the column that cannot be read, for a row that is not used."""


@dataclass(frozen=True, slots=True)
class Employee:
    """A row of the file: a person as the directory knows them; `head` is the head's number, or empty."""

    line: int
    number: str
    name: str
    email: str = ""
    unit: str = ""
    administration: str = ""
    cost_centre: str = ""
    head: str = ""
    specialist: bool = False
    specialty: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """The file as it was read."""

    entries: Mapping[str, Employee]
    """By number, of those who work here."""
    columns: frozenset[str]
    """What the file says at all; the rest of a person stays as it is."""
    remarks: tuple[Remark, ...] = ()
    unread: frozenset[str] = frozenset()
    """Numbers whose rows cannot be used."""
    unmailed: frozenset[str] = frozenset()
    """Numbers whose address is none."""

    def without(self, number: str) -> "Staff":
        """The file as if it had no word on a person, who stays as they are."""
        rest = {key: each for key, each in self.entries.items() if key != number}
        return replace(self, entries=rest, unread=self.unread | {number})


@dataclass(frozen=True, slots=True)
class Registered:
    """A person as the portal knows them."""

    id: int
    number: str
    name: str
    email: str
    unit: str
    administration: str
    cost_centre: str
    specialist: bool
    specialty: str
    head: str | None
    """The head's number, also of one who has left."""
    active: bool
    origin: str | None
    """One of `ORIGINS`, or None for whom somebody typed in."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What becomes of one person: `known` is None for somebody new, `entry` is as they are then."""

    known: Registered | None
    entry: Employee
    head: str | None
    fields: tuple[str, ...] = ()
    """What differs: names of `VALUES`, and "head"."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may change at once: a share of those the directory has brought, but always so many."""

    percent: int = 5
    least: int = 20

    def of(self, here: int) -> int:
        return max(self.least, here * self.percent // 100)


@dataclass(slots=True)
class Plan:
    """All that an import would do."""

    here: int = 0
    """How many the directory had brought and not taken away before."""
    new: list[Revision] = field(default_factory=list)
    changed: list[Revision] = field(default_factory=list)
    back: list[Revision] = field(default_factory=list)
    adopted: list[Revision] = field(default_factory=list)
    left: list[Registered] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    """Numbers of those whom somebody typed in, or let in again, and the file does not name."""
    in_both: list[Employee] = field(default_factory=list)
    """Typed in and in the file too: left alone unless they are adopted."""
    barred: list[Employee] = field(default_factory=list)
    """In the file, but an administrator took their access away: left alone."""
    remarks: list[Remark] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many of each kind; somebody with two changes counts in both."""
        fields = Counter(name for each in self.changed for name in each.fields)
        kinds = ("new", "back", "adopted", "left", "by_hand", "in_both", "barred", "remarks")
        return {kind: len(getattr(self, kind)) for kind in kinds} | {
            f"new_{name}": fields[name] for name in (*VALUES, "head")
        }

    @property
    def moves_tasks(self) -> bool:
        """Whether it may be somebody else's turn now."""
        return bool(self.left or self.back) or any("head" in each.fields for each in self.written())

    def written(self) -> Iterator[Revision]:
        """Everybody whose row changes."""
        for changes in (self.changed, self.back, self.adopted):
            yield from changes

    def too_much(self, limits: Limits, accepted: int | None) -> dict[str, int]:
        """The counts of the three kinds of which more would change at once than may, and than was accepted."""
        counts, most = self.counts(), max(limits.of(self.here), accepted or 0)
        return {kind: counts[kind] for kind in ("left", "new_head", "new_name") if counts[kind] > most}


def plan(staff: Staff, everybody: Iterable[Registered], *, adopt: bool = False) -> Plan:
    """What the file would change of everybody there is; with `adopt` it also takes over whom somebody typed in."""
    made, reader = Plan(), _Comparison(staff, adopt)
    for known in everybody:
        reader.sort(known, made)
    reader.settle(made)
    return made


class _Comparison:
    """Goes through everybody once, keeping only what differs: a hospital's worth of people must not fill the memory."""

    def __init__(self, staff: Staff, adopt: bool) -> None:
        self.staff, self.adopt = staff, adopt
        self.differing: dict[str, Registered] = {}
        self.heads: dict[str, str | None] = {}
        """The head so far, of whoever the file names or somebody typed in."""
        self.others: set[str] = set()
        """Numbers of those who work here and are not the file's."""
        self.addresses: Counter[str] = Counter()
        self.known: set[str] = set()
        self.compared = tuple(name for name in VALUES if name in staff.columns)

    def sort(self, known: Registered, made: Plan) -> None:
        entry, is_ours = self.staff.entries.get(known.number), known.origin is not None
        if is_ours:
            made.here += known.origin == HERE
        if entry is None:
            if known.origin == HERE and known.active and known.number not in self.staff.unread:
                made.left.append(known)
            elif known.active:
                self._leave_alone(known)
                if known.origin != HERE:
                    made.by_hand.append(known.number)
            return
        self.known.add(known.number)
        if (not is_ours and not self.adopt) or (known.origin != GONE and not known.active):
            (made.barred if not known.active else made.in_both).append(entry)
            self._leave_alone(known)
            return
        self.heads[known.number] = known.head
        if known.origin != HERE or self._differs(known, entry):
            self.differing[known.number] = known

    def _leave_alone(self, known: Registered) -> None:
        self.heads[known.number] = known.head
        if known.active:
            self.others.add(known.number)
            self.addresses[known.email.casefold()] += 1

    def _differs(self, known: Registered, entry: Employee) -> bool:
        return any(getattr(known, name) != getattr(entry, name) for name in self.compared) or (
            "head" in self.staff.columns and (known.head or "") != entry.head
        )

    def settle(self, made: Plan) -> None:
        """Judge heads and addresses, now that everybody is known, and say what changes."""
        alone = {each.number for each in (*made.in_both, *made.barred)}
        entries = [each for number, each in self.staff.entries.items() if number not in alone]
        made.remarks += self.staff.remarks
        heads = self._heads(entries, made.remarks) if "head" in self.staff.columns else {}
        shared = self._shared(entries, made.remarks) if "email" in self.staff.columns else set()
        for entry in entries:
            known = self.differing.get(entry.number)
            if known is None and entry.number in self.known:
                continue
            entry = self._settled(entry, known, keeps_address=entry.number in shared)
            head = heads.get(entry.number, self.heads.get(entry.number))
            if known is None:
                made.new.append(Revision(None, entry, head))
                continue
            differ = [name for name in VALUES if getattr(known, name) != getattr(entry, name)]
            change = Revision(known, entry, head, (*differ, *(("head",) if head != known.head else ())))
            if known.origin is None:
                made.adopted.append(change)
            elif known.origin == GONE:
                made.back.append(change)
            elif change.fields:
                made.changed.append(change)

    def _settled(self, entry: Employee, known: Registered | None, *, keeps_address: bool) -> Employee:
        """The entry with what the person keeps, since the file does not say it or it cannot be used."""
        kept = [name for name in VALUES if name not in self.staff.columns]
        if keeps_address:
            kept.append("email")
        if not kept or (known is None and not keeps_address):
            return entry
        values = {name: getattr(known, name) for name in kept} if known else {"email": ""}
        return replace(entry, **values)

    def _shared(self, entries: Sequence[Employee], remarks: list[Remark]) -> set[str]:
        """Numbers of rows whose address somebody else has too, or that is none."""
        self.addresses.update(each.email.casefold() for each in entries if each.email)
        found = [each for each in entries if each.email and self.addresses[each.email.casefold()] > 1]
        remarks += (Remark(each.line, each.number, SHARED.code) for each in found)
        return {each.number for each in found} | self.staff.unmailed

    def _heads(self, entries: Sequence[Employee], remarks: list[Remark]) -> dict[str, str | None]:
        """The head that each gets: the one the file names, if that is somebody and leads in no circle."""
        here = {each.number for each in entries} | self.others
        heads = {number: self.heads[number] for number in self.others}
        for each in entries:
            known = not each.head or each.head in here
            heads[each.number] = (each.head or None) if known else self.heads.get(each.number)
            if not known:
                remarks.append(Remark(each.line, each.number, NO_HEAD.code))
        lines = {each.number: each.line for each in entries}
        told: set[str] = set()
        while found := [number for number in _in_circles(heads) if number in lines]:
            for number in found:
                heads[number] = self.heads.get(number) if number not in told else None
                if number not in told:
                    remarks.append(Remark(lines[number], number, CIRCLE.code))
            told.update(found)
        return heads


def _in_circles(heads: Mapping[str, str | None]) -> list[str]:
    """Everybody who is, by whatever way, their own head."""
    found, done = [], set[str]()
    for start in heads:
        way: dict[str, int] = {}
        at: str | None = start
        while at is not None and at not in done and at not in way:
            way[at] = len(way)
            at = heads.get(at)
        if at is not None and at in way:
            found += list(way)[way[at] :]
        done.update(way)
    return found
