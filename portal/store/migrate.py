"""Which revision a database is at, which this code needs, and the way from one to the other; they lie in `migrations/`.

What every start and readiness probe asks reads two things and loads no Alembic.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from portal.store.session import Database, Session, file_of

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).resolve().parents[2]


def config(url: str | None = None) -> "Config":
    """The settings in pyproject.toml, for one database."""
    from alembic.config import Config

    settings = Config(toml_file=ROOT / "pyproject.toml")
    if url is not None:
        settings.attributes["url"] = url
    return settings


def upgrade(url: str, revision: str = "head") -> None:
    """Run every revision that the database lacks; one process at a time does the work, others wait for it."""
    from alembic import command

    if (file := file_of(make_url(url))) is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command.upgrade(config(url), revision)


@cache
def newest() -> str:
    """The revision that this code needs: the one that no other follows."""
    said = [path.read_text("utf-8") for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")]
    followed = {name for text in said for name in _FOLLOWS.findall(text)}
    names = [name for text in said for name in _REVISION.findall(text) if name not in followed]
    if len(names) != 1:
        raise RuntimeError(f"the migrations end in {len(names)} revisions and not in one")
    return str(names[0])


_REVISION = re.compile(r'^revision: str = "(\w+)"', re.MULTILINE)
_FOLLOWS = re.compile(r'^down_revision: str \| None = "(\w+)"', re.MULTILINE)


def current(database: Database) -> str | None:
    """The revision that a database is at, None when it is empty."""
    with database.reading() as session:
        return current_in(session)


def current_in(session: Session) -> str | None:
    """The same, among whatever else is read of one moment."""
    if not inspect(session).has_table("alembic_version"):
        return None
    return session.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_known(revision: str) -> bool:
    """Whether this code knows a revision; one that a newer portal has brought, it does not."""
    return (ROOT / "migrations" / "versions" / f"{revision}.py").is_file()


def pending(database: Database) -> bool:
    """Whether a database is at another revision than this code needs, older or newer."""
    return current(database) != newest()
