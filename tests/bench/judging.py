"""What one evaluation costs: `assess()` over every situation in tests/cases, and over a whole application."""

import statistics
import time
from collections.abc import Iterator

from portal.schemes.loader import load
from tests.bench.figures import Figure
from tests.support.cases import assess, situations


def figures() -> Iterator[Figure]:
    """The median over the situations of the fastest of many evaluations of each."""
    schemes = load()
    fastest = []
    for each in situations():
        scheme, facts = schemes[each.scheme], each.facts
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            assess(each.answers, scheme, facts, each.at, each.kind)
            taken.append(time.perf_counter() - began)
        fastest.append(min(taken) * 1e6)
    how = f"median of {len(fastest)} situations; slowest {max(fastest):.0f} µs"
    yield Figure("assess()", statistics.median(fastest), 150, "µs", how=how)
