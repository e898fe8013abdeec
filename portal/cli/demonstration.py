"""Prepares a demo: a folder with a database of its own, this year's editions, made-up people, and the environment."""

import os
import secrets
from datetime import datetime
from pathlib import Path


def prepare(folder: Path, *, port: int, at: datetime) -> None:
    """Fill the folder if it is empty, and let the environment point at it."""
    from portal.demo import load as fill
    from portal.schemes.loader import FOLDER, load
    from portal.schemes.roll import roll_file
    from portal.store.files import Files
    from portal.store.migrate import upgrade
    from portal.store.session import Database

    editions = folder / "schemes"
    editions.mkdir(mode=0o700, parents=True, exist_ok=True)
    database_file = folder / "portal.sqlite3"
    is_new = not database_file.exists()
    url = f"sqlite:///{database_file.resolve()}"
    os.environ.update(
        DATABASE_URL=url,
        SECRET_KEY=_secret(folder / "secret"),
        BASE_URL=f"http://127.0.0.1:{port}",
        DEMO="1",
        SCHEMES_DIR=str(editions.resolve()),
        UPLOADS_DIR=str((folder / "documents").resolve()),
    )
    upgrade(url)
    if is_new:
        # Last year's too: on the first days of a year only it has been decided in.
        for year in (at.year - 1, at.year, at.year + 1):
            if year > 2024:
                roll_file(FOLDER / "rfr-2024.toml", to_year=year, into=editions)
        database = Database(url)
        try:
            fill(database, load(editions), at=at, files=Files(folder / "documents"))
        finally:
            database.close()


def _secret(path: Path) -> str:
    """The folder's own secret, drawn the first time."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), "utf-8")
    return path.read_text("utf-8")
