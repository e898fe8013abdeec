"""What the live check and the form page cost in the process: their time beside the floor's, and their SQL."""

import gc
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.bench.desk import HTMX, Desk, desk, quiet
from tests.bench.direct import cookies_of, request_to
from tests.bench.figures import Figure
from tests.bench.floor import by_turns, floor_app, typed

TURNS = 300


def figures() -> Iterator[Figure]:
    """Measure at a desk of its own."""
    with tempfile.TemporaryDirectory() as name, quiet():
        at, sends = requests(Path(name))
        counts = {name: _statements(at, send) for name, send in sends.items() if name != "floor"}
        gc.freeze()  # as wsgi.py does
        turns = by_turns(*sends.values(), times=TURNS)
        bounds = {"live check": 1.5, "live check, half filled in": 1.5, "form page": 2.6}
        for position, name in enumerate(sends):
            if name == "floor":
                continue
            ratio = statistics.median(turn[position].work / turn[0].work for turn in turns)
            wall = statistics.median(turn[position].wall / turn[0].wall for turn in turns)
            least = [_fastest([turn[each].wall for turn in turns]) for each in (0, position)]
            how = f"on the clock {wall:.2f}; fastest tenth {least[1]:.2f} ms, floor {least[0]:.2f} ms"
            yield Figure(f"{name}, in the process", ratio, bounds[name], how=how)
            if name != "live check, half filled in":
                yield Figure(f"{name}, SQL", counts[name], 4, "statements")


def requests(folder: Path) -> tuple[Desk, dict[str, Callable[[], bytes]]]:
    """The floor's request and the portal's, by name."""
    at = desk(folder)
    floor = floor_app(folder)
    client = floor.test_client()
    token = client.get("/").get_data(as_text=True)
    check = f"{at.path}/check"
    return at, {
        "floor": request_to(floor, "/", cookies=cookies_of(client), form=typed() | {"csrf_token": token}),
        "live check": request_to(at.app, check, cookies=at.cookies, form=at.typed, headers=HTMX),
        "live check, half filled in": request_to(
            at.app, check, cookies=at.cookies, form=at.half, headers=HTMX
        ),
        "form page": request_to(at.app, at.path, cookies=at.cookies),
    }


def _statements(at: Desk, send: Callable[[], Any]) -> int:
    send()
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = at.app.extensions["portal"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    send()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def _fastest(taken: list[float]) -> float:
    """The limit of the fastest tenth."""
    return statistics.quantiles(taken, n=10)[0]
