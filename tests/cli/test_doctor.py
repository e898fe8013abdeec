"""What `portal doctor` finds: nothing on a sound portal of one fund, else lines that say what to do."""

import os
import shutil
from collections import namedtuple
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal.cli import main
from portal.domain.signoff import Holding
from portal.store import audit, people, seats
from portal.store.session import Database
from tests.actions.world import MARCH as AT
from tests.actions.world import World
from tests.support.databases import opened

SETTINGS = """
SECRET_KEY=k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1
BASE_URL=https://courses.example.org
TRUSTED_PROXIES=1
SMTP_URL=smtp://localhost
SCHEMES=rfr
"""


class Installed:
    """A portal by its settings file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.file = folder, folder / "data", folder / "portal.env"
        self.url = f"sqlite:///{self.data}/portal.sqlite3"
        self.tell(
            f"DATABASE_URL={self.url}\nUPLOADS_DIR={self.data}/documents\nBACKUPS_DIR={folder}/backups\n"
        )

    def tell(self, more: str) -> None:
        self.file.write_text(SETTINGS + more, "utf-8")
        self.file.chmod(0o640)

    def run(self, *words: str) -> Result:
        names = ("DATABASE_URL", "UPLOADS_DIR", "SCHEMES_DIR", "SECRET_KEY", "BASE_URL")
        return CliRunner().invoke(
            main, words, env={"PORTAL_SETTINGS": str(self.file), **dict.fromkeys(names)}
        )

    def bad(self, *more: str) -> list[str]:
        """What doctor complains of."""
        done = self.run("doctor", *more)
        found = [line[5:] for line in done.output.splitlines() if line.startswith("BAD")]
        assert done.exit_code == bool(found), done.output
        return found


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    """A portal that runs one fund, with its administrator, its two seats and a backup."""
    before = os.umask(0o077)
    portal = Installed(tmp_path)
    portal.run("migrate")
    portal.run("add-person", "--number", "1", "--name", "One", "--role", "administrator", "--login", "one")
    portal.run("add-person", "--number", "2", "--name", "Two")
    with opened(portal.url) as database, database.writing() as session:
        for number, seat in (("1", "chair"), ("2", "professions")):
            found = people.find_by_number(session, number, day=AT.date())
            assert found is not None
            person = found.id
            seats.add(
                session, Holding(0, "rfr", seat, person, False, date(2020, 1, 1)), appointed_by=None, at=AT
            )
    (tmp_path / "backups").mkdir(mode=0o700)
    assert portal.run("backup", str(tmp_path / "backups" / "now")).exit_code == 0
    yield portal
    os.umask(before)


def test_a_sound_portal_of_one_fund_is_green(installed: Installed) -> None:
    assert installed.bad() == []
    assert installed.bad("--deep") == []


def test_only_deep_walks_the_log(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(installed.url) as database, database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_freeze"))
        connection.execute(text("UPDATE events SET actor_id = 7 WHERE seq = 2"))
    (broken,) = installed.bad("--deep")
    assert "broken at event 2; compare with a backup's" in broken
    monkeypatch.setattr(audit, "verify", None)
    assert installed.bad() == []


def test_the_age_of_the_newest_backup_is_watched(installed: Installed) -> None:
    manifest = installed.folder / "backups" / "now" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"made_at": "20', '"made_at": "19'))
    (old,) = installed.bad()
    assert old.startswith("backups: the newest is ")
    assert "see why portal nightly has not run" in old
    shutil.rmtree(installed.folder / "backups" / "now")
    assert installed.bad() == [f"backups: none in {installed.folder}/backups; run portal nightly"]


def test_a_disk_that_fills_is_told_before(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(1 << 40, 1 << 40, 1 << 29))
    (full,) = installed.bad()
    assert "0.5 GB free; make room" in full


def test_what_others_may_read_and_what_the_portal_may_not_write_is_named(installed: Installed) -> None:
    installed.file.chmod(0o644)
    (installed.folder / "backups").chmod(0o755)
    assert installed.bad() == [
        f"{installed.folder}/backups is open to others on this machine (755): chmod go= {installed.folder}/backups",
        f"{installed.file} is open to others on this machine: chmod g=r,o= {installed.file}",
    ]
    installed.file.chmod(0o640)
    (installed.folder / "backups").chmod(0o500)
    if os.geteuid():  # root may write everywhere
        assert "this user may not write in" in installed.bad()[0]


def test_what_would_stop_the_start_is_said(installed: Installed) -> None:
    installed.file.write_text(
        installed.file.read_text("utf-8").replace("SECRET_KEY=", "#SECRET_KEY="), "utf-8"
    )
    (secret,) = installed.bad()
    assert secret.startswith("SECRET_KEY: is not set. Make one with")


def test_an_edition_with_applications_that_is_not_run_is_named(
    installed: Installed, sqlite_url: str, sqlite_database: Database
) -> None:
    World(sqlite_database).apply("anna")
    installed.tell(f"DATABASE_URL={sqlite_url}\n")
    installed.run("migrate")
    assert not any("has applications" in line for line in installed.bad())
    installed.file.write_text(
        installed.file.read_text("utf-8").replace("=rfr\n", "=kvalitetsfondet\n"), "utf-8"
    )
    (named,) = (line for line in installed.bad() if "has applications" in line)
    assert named.startswith(
        "rfr-2024 has applications, and no page can show them: put its file back in SCHEMES_DIR"
    )


def test_a_wrong_way_to_sign_in_is_told_and_stops_the_start(installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "sign-in.toml"
    header = '[header]\nname = "X"\nproxies = ["unix"]\n'
    file.write_text(f'contact = "x@example.org"\nlocal_accounts = false\nbreak_glass = "7"\n{header}')
    installed.file.write_text(f"{installed.file.read_text()}SIGN_IN={file}\n")
    assert "ok   sign-in: by the password of 7, the header X" in installed.run("doctor").output
    said = "break-glass: 7: they must be an administrator with a password; portal sign-in-code makes a code"
    assert said in installed.bad()
    file.write_text("[header]")
    assert "header.proxies: name the addresses" in installed.run("serve").output
