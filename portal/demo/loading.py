"""Fills an empty database: people and seats first, then every story at its instants, in the order things happened."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain, count
from random import Random
from typing import Final

from portal.actions.claiming import open_budget
from portal.actions.people import add_person, appoint
from portal.demo import refunds
from portal.demo.cast import NAMED, SEATS, Part, colleagues
from portal.demo.days import editions
from portal.demo.plot import FUND, Plot
from portal.demo.stage import Stage
from portal.demo.stories import Story
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.schemes.loader import Schemes
from portal.store.documents import Files
from portal.store.session import Database, Session

COLLEAGUES: Final = 80
SUBSTITUTE_DAYS: Final = timedelta(days=45)


def load(database: Database, schemes: Schemes, *, at: datetime, files: Files) -> None:
    """Fill an empty, migrated database as a portal that has been in use until `at`; always the same for one instant.

    One transaction, through the actions that the pages use; documents are kept in `files`.
    """
    database.write(_fill, schemes=schemes, at=at, files=files)


def _fill(session: Session, *, schemes: Schemes, at: datetime, files: Files) -> None:
    begins = min(datetime.combine(s.opens_on, datetime.min.time(), s.zone) for s in schemes.values())
    cast = (*NAMED, *colleagues(COLLEAGUES))
    ids = _people(session, cast, begins)
    _seats(session, schemes, ids, begins, at.date())
    open_budget(session, schemes=schemes, by=None, at=begins)
    told: list[Iterator[Story]] = []
    parts = {part.key: part for part in cast}
    if FUND in schemes.funds():
        doctors = [part.key for part in cast if part.key.startswith("colleague")]
        stage = Stage(session, schemes, ids, Random(2024))  # noqa: S311 - the same chance each time, nothing secret
        told.append(Plot(stage, editions(schemes, FUND, at), parts, doctors).told())
    for scheme in schemes.of_fund(refunds.FUND) if refunds.FUND in schemes.funds() else ():
        stage = Stage(session, schemes, ids, Random(2023))  # noqa: S311
        told.append(refunds.Refunds(stage, scheme, local_day(at, scheme), parts, files).told())
    _play(chain.from_iterable(told))


def _people(session: Session, cast: Iterable[Part], at: datetime) -> dict[str, int]:
    """Add everybody; heads stand before those they lead."""
    ids: dict[str, int] = {}
    for part in cast:
        person = Person(
            id=0,
            number=part.number,
            name=part.name,
            email=part.email,
            unit=part.unit,
            language=part.language,
            head_id=ids[part.head] if part.head else None,
            specialist=part.specialist,
            roles=part.roles,
        )
        ids[part.key] = add_person(session, person=person, by=None, at=at)
    return ids


def _seats(session: Session, schemes: Schemes, ids: dict[str, int], at: datetime, today: date) -> None:
    """The two holders of each fund for good, and a substitute around today."""
    since = at.date()
    for fund, (first, second, substitute) in SEATS.items():
        scheme = next(iter(schemes.of_fund(fund)), None)
        if scheme is None:
            continue
        here, there = (seat.key for seat in scheme.seats)
        terms = (
            (here, first, False, since, None),
            (there, second, False, since, None),
            (there, substitute, True, today - SUBSTITUTE_DAYS, today + SUBSTITUTE_DAYS),
        )
        for seat, who, stands_in, starts_on, ends_on in terms:
            appoint(
                session,
                fund=fund,
                seat=seat,
                person_id=ids[who],
                substitute=stands_in,
                starts_on=starts_on,
                ends_on=ends_on,
                schemes=schemes,
                by=None,
                at=at,
            )


def _play(told: Iterable[Story]) -> None:
    """Resume each story at its next instant, whichever story's comes first."""
    number = count()
    coming = [(at, next(number), story) for story in told if (at := next(story, None)) is not None]
    heapq.heapify(coming)
    while coming:
        _at, _number, story = heapq.heappop(coming)
        if (at := next(story, None)) is not None:
            heapq.heappush(coming, (at, next(number), story))
