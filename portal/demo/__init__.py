"""Made-up people and applications to try the portal with, all of it done through the actions at earlier instants.

What is told stands in the TOML files: people, courses, the fates an application can have, and the stories of each fund.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count, cycle
from random import Random
from typing import Final

from portal.actions.claiming import open_budget, state_opening
from portal.actions.people import add_person, appoint
from portal.demo.acts import Simulation, paydays
from portal.demo.data import cast, content, roll_editions
from portal.demo.plans import Plans
from portal.domain.money import read_amount
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.schemes.loader import Schemes
from portal.store.files import Files
from portal.store.session import Database, Session

__all__ = ["load", "roll_editions"]

SUBSTITUTE_DAYS: Final = timedelta(days=45)


def load(database: Database, schemes: Schemes, *, at: datetime, files: Files, second: bool = False) -> None:
    """Fill an empty, migrated database as a portal that has been in use until `at`; always the same for one instant.

    One transaction, through the actions that the pages use; documents are kept in `files`. With `second`, something
    waits for a second person in finance.
    """
    database.write(_fill, schemes=schemes, at=at, files=files, second=second)


def _fill(session: Session, *, schemes: Schemes, at: datetime, files: Files, second: bool) -> None:
    begins = min(datetime.combine(s.opens_on, datetime.min.time(), s.zone) for s in schemes.values())
    ids = _people(session, begins)
    _seats(session, schemes, ids, begins=begins, at=at)
    open_budget(session, schemes=schemes, by=None, at=begins)
    _opening_figures(session, schemes, at=begins + timedelta(days=1))
    tales: list[Iterator[datetime]] = []
    for fund in content("people")["seats"]:
        editions = schemes.of_fund(fund)
        if not editions:
            continue
        stage = Simulation(
            session=session,
            schemes=schemes,
            cast=cast(),
            ids=ids,
            files=files,
            chance=Random(2024),  # noqa: S311 - the same chance each time, nothing secret
            today=local_day(at, editions[0]),
            texts={act: cycle(each) for act, each in content(fund).get("texts", {}).items()},
            second=second,
        )
        tales.extend(tale.told() for tale in Plans(stage, editions).told())
        tales.append(paydays(stage, editions[-1]))
    _play(tales)


def _opening_figures(session: Session, schemes: Schemes, *, at: datetime) -> None:
    """What was used before the portal, of the funds that say it."""
    for scheme in schemes.values():
        told = content(scheme.fund).get("opening") if scheme.fund in content("people")["seats"] else None
        if told is not None:
            amount = read_amount(told["amount"], scheme.currency)
            kept = {"period": told["period"], "amount": amount, "on": told["on"], "source": told["source"]}
            state_opening(session, scheme=scheme, by=None, at=at, **kept)


def _people(session: Session, at: datetime) -> dict[str, int]:
    """Add everybody; heads stand before those they lead."""
    ids: dict[str, int] = {}
    for key, part in cast().items():
        person = Person(
            id=0,
            number=part.number,
            name=part.name,
            email=f"{part.number.lower()}@example.org",
            unit=part.unit,
            language=part.language,
            head_id=ids[part.head] if part.head else None,
            specialist=part.specialist,
            specialty=part.specialty,
            administration=part.administration,
            cost_centre=part.cost_centre,
            roles=frozenset(part.roles),
        )
        ids[key] = add_person(session, person=person, by=None, at=at)
    return ids


def _seats(
    session: Session, schemes: Schemes, ids: dict[str, int], *, begins: datetime, at: datetime
) -> None:
    """The two holders of each fund for good, and a substitute around today."""
    for fund, (first, second, substitute) in content("people")["seats"].items():
        if not schemes.of_fund(fund):
            continue
        here, there = (seat.key for seat in schemes.of_fund(fund)[0].seats)
        around = (at.date() - SUBSTITUTE_DAYS, at.date() + SUBSTITUTE_DAYS)
        since = (begins.date(), None)
        for seat, who, term in ((here, first, since), (there, second, since), (there, substitute, around)):
            appoint(
                session,
                fund=fund,
                seat=seat,
                person_id=ids[who],
                substitute=who == substitute,
                starts_on=term[0],
                ends_on=term[1],
                schemes=schemes,
                by=None,
                at=begins,
            )


def _play(tales: Iterable[Iterator[datetime]]) -> None:
    """Resume each tale at its next instant, whichever tale's comes first."""
    number = count()
    coming = [(at, next(number), tale) for tale in tales if (at := next(tale, None)) is not None]
    heapq.heapify(coming)
    while coming:
        _at, _number, tale = heapq.heappop(coming)
        if (at := next(tale, None)) is not None:
            heapq.heappush(coming, (at, next(number), tale))
