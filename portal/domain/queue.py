"""The queue of the sign-off: which applications stand under which tab for whom, as stretches that are each in order.

Knows seats and calendars; reading the stretches page by page is `store.queue`'s.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.periods import local_day
from portal.domain.scheme import Scheme


class Tab(StrEnum):
    """What an approver looks for in the queue."""

    MINE = "mine"
    OTHER = "other"
    DISAGREED = "disagreed"
    RETURNED = "returned"
    KEPT = "kept"
    DECIDED = "decided"

    @property
    def waits(self) -> bool:
        """Whether a decision on these is still to come, so that each would take from the budget if granted."""
        return self not in (Tab.RETURNED, Tab.DECIDED)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Applications of one edition that stand alike; in the order of their events."""

    scheme: str
    queue: str
    """waiting, returned or closed."""
    signed: tuple[str, ...] | None = None
    """The seats whose signatures count, in alphabetical order; None: whatever they are."""
    disagreed: bool = False
    by_me: bool | None = None
    """Only those the reader has signed (True) or has not (False); None: either."""


def stretches(
    tab: Tab, schemes: Iterable[Scheme], seats: Mapping[str, frozenset[str]], at: datetime
) -> tuple[Stretch, ...]:
    """What a tab consists of for somebody who holds these seats (by fund) at an instant."""
    found: list[Stretch] = []
    for scheme in schemes:
        mine = seats.get(scheme.fund, frozenset())
        if mine:
            found.extend(_of_edition(tab, scheme, mine, local_day(at, scheme) >= scheme.decides_from))
    return tuple(found)


def _of_edition(tab: Tab, scheme: Scheme, mine: frozenset[str], decidable: bool) -> Iterator[Stretch]:
    keys = tuple(seat.key for seat in scheme.seats)
    if tab is Tab.DECIDED:
        yield Stretch(scheme.key, "closed")
    elif tab is Tab.RETURNED:
        yield Stretch(scheme.key, "returned")
    elif decidable is (tab is Tab.KEPT):
        return
    elif tab is Tab.KEPT:
        yield Stretch(scheme.key, "waiting")
    elif tab is Tab.DISAGREED:
        yield Stretch(scheme.key, "waiting", tuple(sorted(keys)), disagreed=True)
    else:
        yield from _by_signatures(tab, scheme.key, keys, mine)


def _by_signatures(tab: Tab, scheme: str, keys: tuple[str, ...], mine: frozenset[str]) -> Iterator[Stretch]:
    """Nobody has signed: mine. One seat has: mine when I hold the other, unless it was me who signed."""
    in_both = len(mine) > 1
    if tab is Tab.MINE:
        yield Stretch(scheme, "waiting", ())
    for key in keys:
        free = mine - {key}
        if tab is Tab.MINE and free:
            yield Stretch(scheme, "waiting", (key,), by_me=False if in_both else None)
        elif tab is Tab.OTHER and key in mine:
            yield Stretch(scheme, "waiting", (key,), by_me=True if in_both else None)
