"""How fast money is used and how long decisions take: plain reckoning on plain numbers, exact to the öre."""

from collections.abc import Mapping
from datetime import date


def projected(opening_amount: int, used_amount: int, first: date, last: date, today: date) -> int | None:
    """What would be used by the last day if it went on as it has since the first, both days included.

    Minor units, rounded down. `opening_amount` was used before the first day and is not counted into the pace. None
    outside those days, when there is nothing to go by or nothing left to guess.
    """
    if not first <= today <= last:
        return None
    passed, whole = (today - first).days + 1, (last - first).days + 1
    return opening_amount + used_amount * whole // passed


def percentile(counts: Mapping[int, int], share: int) -> int | None:
    """The least value that at least `share` in a hundred do not exceed (nearest rank); None where there are none."""
    number = sum(counts.values())
    rank, reached = -(-number * share // 100), 0
    for value in sorted(counts):
        reached += counts[value]
        if reached >= max(rank, 1):
            return value
    return None
