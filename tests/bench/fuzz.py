"""How many odd requests the portal answers without a fault, with another seed each time: the suite's fuzz, for longer.

python -m tests.bench.fuzz [seconds]    the exit status is 1 when one was a fault; the seed repeats it
"""

import secrets
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from portal.app import create_app
from portal.settings import Settings
from tests.support.demonstrations import AUTUMN, Demonstration, load_demonstration
from tests.support.fuzzing import Fuzzer


def _clock() -> datetime:
    return AUTUMN


def main(seconds: float) -> int:
    """Send until the time is up; print what was a fault."""
    seed = secrets.randbelow(10**6)
    with tempfile.TemporaryDirectory() as name:
        made = Demonstration(Path(name))
        load_demonstration(made)
        settings = Settings(
            secret_key="only-for-the-bench-0123456789abcdef",
            base_url="http://localhost",
            demo=True,
            database_url=f"sqlite:///{made.path}",
            uploads_dir=made.documents,
        )
        app = create_app(settings, clock=_clock, schemes=made.schemes())
        fuzzer, faults, until = Fuzzer(app, seed), 0, time.monotonic() + seconds
        while time.monotonic() < until:
            if said := fuzzer.send():
                faults += 1
                print(said)
    print(f"seed {seed}: {sum(fuzzer.statuses.values())} requests, {faults} faults, {dict(fuzzer.statuses)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 300))
