"""How often somebody may be wrong: some tries at once, then each waits twice as long as the one before.

A wait is counted from the last try that was judged. What is tried too early is not judged and does not make the wait
longer, so nobody is shut out by others who keep trying.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

QUIET = timedelta(hours=1)
"""After so long without a try, what failed before is forgotten."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries in a row may fail before the next has to wait, and the longest wait."""

    free: int
    longest: timedelta
    forgiving: bool = False
    """Whether a success forgets those that failed, and not only itself."""

    def wait(self, failures: int) -> timedelta:
        """How long after the last of so many failures the next try may be made: 2, 4, 8 … seconds."""
        if failures < self.free:
            return timedelta()
        return min(timedelta(seconds=2 << min(failures - self.free, 20)), self.longest)

    def steps(self) -> Iterator[tuple[int, timedelta]]:
        """Each number of failures that waits longer than the one before it, with its wait."""
        failures = self.free
        while (wait := self.wait(failures)) < self.longest:
            yield failures, wait
            failures += 1


ONE = Allowance(5, timedelta(minutes=5), forgiving=True)
"""For one account from one address or in one known browser, and for somebody who proves again who they are."""
ACCOUNT = Allowance(30, timedelta(minutes=1))
"""For one account, from wherever it is not known."""
ADDRESS = Allowance(60, timedelta(seconds=30))
"""From one address, whatever the accounts: a hospital may be behind it."""


class TooSoon(Exception):
    """A try that has to wait, and how long still; it was not judged."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait
