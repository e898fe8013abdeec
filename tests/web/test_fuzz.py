"""Whatever is sent to whichever address in whichever way: an answer below 500, with the headers of every answer."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.support.demonstrations import AUTUMN, Demonstration
from tests.support.fuzzing import Fuzzer
from tests.support.portals import Clock

REQUESTS = 4_000


@pytest.fixture
def fuzzer(
    make_app: Callable[..., Flask], clock: Clock, autumn_demo: Demonstration, sqlite_place: Path
) -> Fuzzer:
    """Sends to a portal with all that the demo has."""
    clock.set(AUTUMN)
    url = autumn_demo.copy_to(sqlite_place)
    documents = shutil.copytree(autumn_demo.documents, sqlite_place.parent / "documents")
    app = make_app(schemes=autumn_demo.schemes(), database_url=url, uploads_dir=documents)
    return Fuzzer(app, seed=5)


def test_nothing_that_is_sent_is_a_fault(fuzzer: Fuzzer) -> None:
    faults = [said for _number in range(REQUESTS) if (said := fuzzer.send())]
    assert not faults, "\n".join(dict.fromkeys(faults))
    assert fuzzer.statuses[200] > REQUESTS / 10, fuzzer.statuses
    assert len(fuzzer.reached) > 0.8 * len(fuzzer.endpoints()), fuzzer.endpoints() - fuzzer.reached
