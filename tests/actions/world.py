"""A small region to act in: some people, two seats and a substitute, and the true scheme of 2024."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import text

from portal.actions import claiming, drafting, people, sign_in, signing, submitting
from portal.actions.judging import case_of
from portal.domain.application import Application, Outcome
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.scheme import Scheme
from portal.domain.sign_in import code_of
from portal.domain.signoff import Case, Verdict
from portal.schemes.loader import Schemes
from portal.store import applications, outbox
from portal.store import people as register
from portal.store import sign_in as changes
from portal.store.session import Database, Session
from tests.support.databases import prepared
from tests.support.portals import own_schemes

T = TypeVar("T")
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MARCH = datetime(2024, 3, 1, 10, tzinfo=STOCKHOLM)
"""A decision day of the first half-year."""


def schemes() -> Schemes:
    return own_schemes()


def rfr() -> Scheme:
    return schemes()["rfr-2024"]


def answers(**other: Any) -> dict[str, Any]:
    """Answers that nothing blocks; 8 250.00 would be granted."""
    return {
        "specialist": "yes",
        "event": "ESC Congress",
        "organiser": "ESC",
        "mode": "in_person",
        "country": "GB",
        "starts_on": "2024-08-30",
        "ends_on": "2024-09-02",
        "participation": "Presents a poster; seminar for the clinic afterwards",
        "costs": [
            {"kind": "fee", "amount": "7 400,00"},
            {"kind": "travel", "amount": "3200"},
            {"kind": "lodging", "amount": "5 900"},
        ],
        "counter_amount": "10 000",
        "counter_source": "unit",
        "administration": "Sahlgrenska",
        "cost_centre": "4711",
        "prior": "no",
        "follow_up_how": "Talk at the clinic meeting",
        "follow_up_forum": "APT",
        "follow_up_on": "2024-09-20",
        **other,
    }


ASSESSED = 8_250_00


@dataclass
class World:
    """A migrated database with people in it, and short words for the actions."""

    database: Database
    people: dict[str, Person] = field(default_factory=dict)
    schemes: dict[str, Scheme] = field(default_factory=lambda: dict(schemes()))
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _session: Session | None = None

    def __post_init__(self) -> None:
        if self.database_is_empty():
            key = type(self), tuple(self.schemes)
            self.people.update(prepared(self.database, key, self.settle))
            self._numbers = itertools.count(len(self.people) + 1)

    def database_is_empty(self) -> bool:
        with self.reading() as session:
            return session.execute(text("SELECT id FROM people LIMIT 1")).first() is None

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """Do what follows in one transaction: much quicker where much is only prepared."""
        with self.database.writing() as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """What is there now, also while in one go."""
        if self._session is not None:
            yield self._session
            return
        with self.database.reading() as session:
            yield session

    def write(self, action: Callable[..., T], **how: Any) -> T:
        """An action in a transaction of its own, or in the one under way."""
        if self._session is not None:
            return action(self._session, **how)
        return self.database.write(action, **how)

    def settle(self) -> dict[str, Person]:
        """Let people move in and take their seats."""
        with self.in_one_go():
            self._settle()
        return dict(self.people)

    def _settle(self) -> None:
        self.add("admin", roles=frozenset({ADMINISTRATOR}))
        self.add("admin2", roles=frozenset({ADMINISTRATOR}))
        self.add("boss")
        self.add("anna", head_id=self["boss"].id, specialist=True)
        self.add("bo", head_id=self["boss"].id, specialist=True)
        for name in ("chair", "rep", "sub", "outsider"):
            self.add(name)
        earlier = MARCH - timedelta(days=60)
        self.appoint("chair", "chair", at=earlier)
        self.appoint("rep", "representative", at=earlier)
        self.appoint("sub", "chair", substitute=True, ends_on=date(2024, 12, 31), at=earlier)
        self.write(claiming.open_budget, schemes=self.schemes, by=None, at=MARCH)

    def __getitem__(self, name: str) -> Person:
        """The person as they are now."""
        with self.reading() as session:
            return register.get(session, self.people[name].id, day=MARCH.date())

    def add(self, name: str, **values: Any) -> Person:
        values.setdefault("specialist", True)
        person = Person(
            0, f"1970-{next(self._numbers):04d}", name.title(), f"{name}@region.test", "Clinic", **values
        )
        person_id = self.write(people.add_person, person=person, login=name, by=None, at=MARCH)
        self.people[name] = replace(person, id=person_id)
        return self.people[name]

    def appoint(
        self,
        name: str,
        seat: str,
        *,
        substitute: bool = False,
        starts_on: date = date(2023, 1, 1),
        ends_on: date | None = None,
        by: str | None = "admin",
        at: datetime = MARCH,
    ) -> int:
        return self.write(
            people.appoint,
            fund="rfr",
            seat=seat,
            person_id=self.people[name].id,
            substitute=substitute,
            starts_on=starts_on,
            ends_on=ends_on,
            schemes=self.schemes,
            by=self[by] if by else None,
            at=at,
        )

    def end(self, holding: int, ends_on: date, *, by: str | None = "admin", at: datetime = MARCH) -> None:
        self.write(
            people.end_holding,
            holding_id=holding,
            ends_on=ends_on,
            schemes=self.schemes,
            by=self[by] if by else None,
            at=at,
        )

    def deactivate(self, name: str, *, by: str | None = "admin", at: datetime = MARCH) -> list[str]:
        """The seats that are empty then."""
        empty = self.write(
            people.deactivate,
            person_id=self.people[name].id,
            schemes=self.schemes,
            by=self[by] if by else None,
            at=at,
        )
        return [each.seat for each in empty]

    def give(self, name: str, *, by: str | None = "admin", at: datetime = MARCH) -> str:
        """Give somebody a code to sign in with; the code."""
        seed = str(next(self._numbers))
        code = code_of("key", seed)
        self.write(
            sign_in.give,
            person_id=self.people[name].id,
            login=name,
            code=code,
            seed=seed,
            by=self[by] if by else None,
            at=at,
        )
        return code

    def confirm(self, name: str, *, by: str, at: datetime = MARCH) -> None:
        """Answer for what was changed of how somebody signs in."""
        with self.reading() as session:
            seen = changes.of_person(session, self.people[name].id)
        newest = seen[0].id if seen else 0
        self.write(sign_in.confirm, person_id=self.people[name].id, seen=newest, by=self[by], at=at)

    def change(self, name: str, /, *, by: str | None = "admin", at: datetime = MARCH, **values: Any) -> None:
        """Change something of somebody."""
        self.write(
            people.change_person,
            person=replace(self[name], **values),
            schemes=self.schemes,
            by=self[by] if by else None,
            at=at,
        )

    def told(self, kind: str) -> set[str]:
        """Who is told something by e-mail."""
        names = {person.id: name for name, person in self.people.items()}
        with self.reading() as session:
            return {names[each.receiver_id] for each in outbox.unsent(session) if each.kind == kind}

    def draft(
        self, by: str = "anna", *, participant: str | None = None, at: datetime = MARCH, **other: Any
    ) -> str:
        if "head" not in other and self[participant or by].head_id in (None, self[by].id):
            others = (each for each in ("boss", "outsider") if each not in (by, participant))
            other = {"head": self.people[next(others)].number} | other
        return self.write(
            drafting.start_draft,
            scheme=self.schemes["rfr-2024"],
            participant_id=self.people[participant or by].id,
            answers=answers(**other),
            by=self[by],
            at=at,
        ).token

    def submit(self, token: str, by: str = "anna", *, at: datetime = MARCH, **how: Any) -> Application:
        return self.write(submitting.submit, token=token, schemes=self.schemes, by=self[by], at=at, **how)

    def apply(
        self, by: str = "anna", *, participant: str | None = None, at: datetime = MARCH, **other: Any
    ) -> Application:
        return self.submit(self.draft(by, participant=participant, at=at, **other), by, at=at)

    def case(self, number: str, *, at: datetime = MARCH) -> Case:
        with self.reading() as session:
            application = applications.get(session, number=number)
            return case_of(session, application, self.schemes[application.scheme], at=at)

    def sign(
        self,
        number: str,
        by: str,
        outcome: Outcome = Outcome.GRANT,
        *,
        amount: int = ASSESSED,
        reason: str = "",
        shown: str | None = None,
        at: datetime = MARCH,
    ) -> Verdict:
        return self.write(
            signing.sign,
            number=number,
            schemes=self.schemes,
            outcome=outcome,
            amount=amount,
            reason=reason,
            shown=shown or self.case(number, at=at).page_digest,
            by=self[by],
            at=at,
        )

    def grant(
        self, number: str, *, amount: int = ASSESSED, at: datetime = MARCH, reason: str = ""
    ) -> Verdict:
        self.sign(number, "chair", amount=amount, at=at, reason=reason)
        return self.sign(number, "rep", amount=amount, at=at, reason=reason)

    def take_back(self, number: str, by: str, *, at: datetime = MARCH) -> Verdict:
        return self.write(signing.take_back, number=number, schemes=self.schemes, by=self[by], at=at)

    def ask(
        self, number: str, by: str = "chair", question: str = "Which talk?", *, at: datetime = MARCH
    ) -> Application:
        return self.write(
            signing.return_with_question,
            number=number,
            question=question,
            schemes=self.schemes,
            by=self[by],
            at=at,
        )

    def answer(self, number: str, by: str = "anna", *, at: datetime = MARCH, **other: Any) -> Application:
        draft = self.write(drafting.start_answer, number=number, by=self[by], at=at)
        saved = self.write(
            drafting.save_draft,
            token=draft.token,
            expected=draft.revision,
            answers={**draft.answers, **other},
            by=self[by],
            at=at,
        )
        return self.submit(saved.token, by, at=at)

    def conflict(self, number: str, by: str, note: str = "", *, at: datetime = MARCH) -> None:
        self.write(
            signing.declare_conflict, number=number, note=note, schemes=self.schemes, by=self[by], at=at
        )

    def withdraw(self, number: str, by: str = "anna", *, at: datetime = MARCH) -> Application:
        return self.write(submitting.withdraw, number=number, by=self[by], at=at)

    def cancel(
        self, number: str, by: str = "anna", reason: str = "Ill", *, at: datetime = MARCH
    ) -> Application:
        return self.write(
            submitting.cancel, number=number, reason=reason, schemes=self.schemes, by=self[by], at=at
        )
