"""Which revision a database is at, and which this code needs; `store.migrate` brings the one to the other.

Asked at every start and by every readiness probe, so it reads two things and loads no Alembic.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text

from portal.store.session import Database, Session

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_AT = text("SELECT version_num FROM alembic_version")


@cache
def newest() -> str:
    """The revision that this code needs: each lies in a file of its name, which begins with its date."""
    names = [path.stem for path in VERSIONS.glob("[0-9]*.py")]
    if not names:
        raise RuntimeError("there are no migrations")
    return max(names)


def current(database: Database) -> str | None:
    """The revision that a database is at, None when it is empty."""
    with database.reading() as session:
        return current_in(session)


def current_in(session: Session) -> str | None:
    """The same, among whatever else is read of one moment."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    return session.execute(_AT).scalar()


def pending(database: Database) -> bool:
    """Whether a database is at another revision than this code needs, older or newer."""
    return current(database) != newest()
