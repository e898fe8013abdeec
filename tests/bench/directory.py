"""The import of a staff directory of 60 000, and how long people are searched in it, on both engines.

Each import is a `portal` command in a process of its own, whose largest memory the operating system tells.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

from tests.bench.exports import _database
from tests.bench.figures import Figure
from tests.support.postgres import PostgresServer

PEOPLE = 60_000
_FIRST = "Anna Björn Cecilia David Elin Fredrik Göran Helena Ingrid Johan Åsa Zeinab Øyvind Mária".split()
_LAST = "Andersson Bergström Carlsson Dahl Ek Ødegård Öberg Ström Hansen Lindqvist Nyström Al-Rashid".split()
_COMMAND = "import sys; from portal.cli import main; main(sys.argv[1:], prog_name='portal')"
_TYPED = ("andersson", "ødegård elin", "klinik 17 björn", "p031", "finns inte")
_SEARCHES = 60


def staff(path: Path, *, renamed: int = 0) -> Path:
    """A directory's file: teams of ten, led by heads who have heads of their own; the first ones with another name."""
    drawn = random.Random(14)  # noqa: S311 - made-up people
    lines = ["number;name;email;unit;administration;cost_centre;head;specialist;specialty"]
    for n in range(PEOPLE):
        name = f"{drawn.choice(_FIRST)} {drawn.choice(_LAST)}{' Ny' if n < renamed else ''}"
        head = f"p{n // 10:06d}" if n else ""
        unit = f"Klinik {n // 100};Förvaltning {n // 5_000};{n // 100:05d}"
        lines.append(f"p{n:06d};{name};p{n}@example.org;{unit};{head};{'ja' if n % 3 else 'nej'};Kardiologi")
    path.write_text("\n".join(lines), "cp1252", "replace")
    return path


def figures() -> Iterator[Figure]:
    """Seconds and memory of the first import, of the same again and of 2 000 new names; milliseconds of a search."""
    server = PostgresServer()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            first, later = staff(place / "first.csv"), staff(place / "later.csv", renamed=2_000)
            for url in (f"sqlite:///{place / 'portal.sqlite3'}", _database(server, "people")):
                engine = url.partition(":")[0].partition("+")[0]
                _run(url, "migrate")
                for what, file, most in (
                    ("first", first, 60),
                    ("again", first, 10),
                    ("2 000 names", later, 60),
                ):
                    seconds, processor, memory = _run(url, "import-people", str(file))
                    how = f"{processor:.1f} s of them of processor"
                    yield Figure(f"import of 60 000, {what}, {engine}", seconds, most, "s", how=how)
                    yield Figure(f"import of 60 000, {what}, {engine}", memory, 200, "MB")
                for typed, milliseconds in _searched(url):
                    yield Figure(f"search among 60 000, {engine}", milliseconds, 20, "ms p50", how=typed)
    finally:
        server.remove()


def _searched(url: str) -> Iterator[tuple[str, float]]:
    """The median of looking for what many have, what few have, and what nobody has."""
    from portal.store import people
    from portal.store.session import Database

    with closing(Database(url)) as database:
        for typed in _TYPED:
            took = []
            for _turn in range(_SEARCHES):
                with database.reading() as session:
                    begun = time.perf_counter()
                    people.search(session, typed, day=date(2026, 1, 1), limit=50)
                    took.append(time.perf_counter() - begun)
            yield typed, statistics.median(took) * 1_000


def _run(url: str, *words: str) -> tuple[float, float, float]:
    """Seconds, seconds of processor and megabytes of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, *words],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"portal {words[0]} ended with {process.returncode}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
