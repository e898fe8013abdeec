"""Every figure of the portal's speed, each beside its bound: `python -m tests.bench`, or some of the rooms by name."""

import argparse
import importlib
import sys

from tests.bench.figures import print_all

ROOMS = (
    "judging",
    "application",
    "served",
    "worker",
    "weight",
    "queue_page",
    "exports",
    "directory",
    "hostile",
)


def main() -> int:
    """Measure and print; the exit status is 1 when a figure misses its bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="room", help=f"which figures: {', '.join(ROOMS)}")
    parser.add_argument(
        "--full", action="store_true", help="queue of 100 000 rows and export of 1 000 000 too"
    )
    wanted = parser.parse_args()
    if unknown := set(wanted.rooms) - set(ROOMS):
        parser.error(f"no such figures: {', '.join(sorted(unknown))}")
    missed = []
    for name in wanted.rooms or ROOMS:
        room = importlib.import_module(f"tests.bench.{name}")
        missed += print_all(
            room.figures(wanted.full) if name in ("queue_page", "exports") else room.figures()
        )
    print(f"{len(missed)} missed" if missed else "All kept.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
