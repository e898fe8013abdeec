"""`portal prove` for a few seconds: people work, the portal is harmed, and nothing is lost or done twice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.cli.proving import _judge
from portal.demo.crowd import Ledger
from portal.store.session import Database
from tests.actions.world import World


@pytest.mark.slow
def test_what_was_acknowledged_is_there(tmp_path: Path) -> None:
    how = f"prove --minutes 0.1 --workers 2 --people 2 --folder {tmp_path / 'scratch'}"
    command = [sys.executable, "-m", "portal.cli", *how.split()]
    proved = subprocess.run(command, check=False, capture_output=True, text=True)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    applications, signatures = re.search(r"(\d+) applications, (\d+) signatures", proved.stdout).groups()
    assert min(int(applications), int(signatures)) > 0
    assert "BAD" not in proved.stdout
    assert {"lost", "doubled", "overspent"} <= set(re.findall(r"ok   (\w+)", proved.stdout))


def test_what_was_acknowledged_and_is_not_there_is_counted(sqlite_database: Database) -> None:
    """The proof itself: it must not say that all is well where it is not."""
    world = World(sqlite_database)
    number = world.apply().number
    sent = {"ESC Congress": number, "Another": "RFR-2024-0099"}
    told = Ledger(sent=sent, signed={(number, "chair")}, withdrawn={number})
    world.apply(prior="requested")
    told.answers["500"] += 1
    told.gave_up.append("somebody")

    found = _judge(world.database, told)

    assert found.pop("e-mails not sent once") > 0
    assert {name: times for name, times in found.items() if times} == {
        "lost": 3, "doubled": 1, "answers of 500": 1, "people who gave up": 1,
    }  # fmt: skip
