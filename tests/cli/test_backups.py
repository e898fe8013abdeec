"""Backups: made while others write, proved, refused when anything in them is otherwise, and the drill to come back."""

import fcntl
import hashlib
import json
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from portal.cli import main
from portal.store import audit, documents
from portal.store.session import Database
from portal.store.tables import ApplicationRow, DocumentRow, VersionDocumentRow
from tests.cli.conftest import Place
from tests.store.test_audit import without_triggers
from tests.support.databases import opened
from tests.support.demonstrations import AUTUMN
from tests.support.portals import Clock, Visitor

ROOT = Path(__file__).parents[2]
NewPlace = Callable[[Place], Place]
WRITER = """
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from portal.actions.people import add_person
from portal.domain.person import Person
from portal.store.files import Folder
from portal.store.session import Database
from portal.store.tables import DocumentRow
from sqlalchemy import insert

database, files = Database(sys.argv[1]), Folder(Path(sys.argv[2]))

def attach(session, sha256, person_id, at):
    session.execute(insert(DocumentRow).values(kind="receipt", name="x.pdf", media_type="application/pdf", size=9,
                                               sha256=sha256, uploaded_by=person_id, uploaded_at=at))

for number in count():
    at = datetime.now(UTC)
    person = Person(id=0, number=f"W{number}", name=f"Writer {number}", email="", unit="")
    person_id = database.write(add_person, person=person, by=None, at=at)
    with files.keeping():
        sha256 = files.put(f"document {number}".encode())
        database.write(attach, sha256=sha256, person_id=person_id, at=at)
    print(number, flush=True)
"""


@contextmanager
def writing(place: Place) -> Iterator[None]:
    """Another process that adds people and documents all the while."""
    command = [sys.executable, "-c", WRITER, place.url, str(place.documents)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n", "it has begun"
        yield
        assert process.poll() is None, "it wrote to the end"
    finally:
        process.kill()
        process.communicate()


def manifest(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return read


def a_document(place: Place) -> tuple[str, int, str, int]:
    """An application that was submitted with a document: its number, the document, its SHA-256, who applied."""
    with opened(place.url) as database, database.reading() as session:
        row = session.execute(
            select(ApplicationRow.number, DocumentRow.id, DocumentRow.sha256, ApplicationRow.applicant_id)
            .join(VersionDocumentRow, VersionDocumentRow.application_id == ApplicationRow.id)
            .join(DocumentRow, DocumentRow.id == VersionDocumentRow.document_id)
            .order_by(DocumentRow.id)
        ).first()
        assert row is not None
        return tuple(row)


def destroy(place: Place) -> None:
    """Lose everything."""
    shutil.rmtree(place.documents)
    if place.is_sqlite:
        for path in Path(make_url(place.url).database or "").parent.glob("portal.sqlite3*"):
            path.unlink()
        return
    with opened(place.url) as database, database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def test_the_drill(
    lived_in: Place, tmp_path: Path, make_app: Callable[..., Flask], autumn_demo: Any, clock: Clock
) -> None:
    """Backup, destroy, restore; then somebody signs in, sees an application and fetches a document of it."""
    clock.set(AUTUMN)
    number, document_id, sha256, applicant_id = a_document(lived_in)
    kept = (lived_in.documents / sha256[:2] / sha256).read_bytes()
    assert lived_in.run("backup", tmp_path / "kept").exit_code == 0
    log = lived_in.run("verify-audit").output
    destroy(lived_in)
    assert lived_in.run("verify-audit").exit_code != 0

    restored = lived_in.run("restore", tmp_path / "kept")
    assert (restored.exit_code, restored.output[:8]) == (0, "Restored"), restored.output
    assert lived_in.run("verify-audit").output == log
    series, _dash, last = number.rpartition("-")
    told = re.search(rf"  {series}-(\d+)", restored.output)
    assert told is not None, "the last number of each series is told, lest one is given twice"
    assert int(told[1]) >= int(last)
    raised = lived_in.run("raise-series", series, "--to", int(told[1]) + 5)
    assert raised.output == f"The next number of {series} is {series}-{int(told[1]) + 6:04d}.\n"
    assert lived_in.run("raise-series", series, "--to", told[1]).exit_code == 1, "a series never goes back"
    assert lived_in.run("verify-files").exit_code == 0
    assert lived_in.run("verify-letters").exit_code == 0
    app = make_app(autumn_demo.schemes(), database_url=lived_in.url, uploads_dir=lived_in.documents)
    visitor = Visitor(app.test_client()).sign_in(applicant_id)
    page = visitor.get(f"/applications/{number}")
    assert (page.status_code, number in page.get_data(as_text=True)) == (200, True)
    fetched = visitor.get(f"/applications/{number}/documents/{document_id}")
    assert (fetched.status_code, fetched.data) == (200, kept)


def test_a_backup_tells_what_it_holds(lived_in: Place, lived_in_database: Database, tmp_path: Path) -> None:
    with lived_in_database.reading() as session:
        events, head = audit.head(session)
        named = documents.hashes(session)
    made = lived_in.run("backup", tmp_path / "kept")
    assert made.exit_code == 0, made.output
    said = manifest(tmp_path / "kept")
    assert (said["events"], said["head"], said["files"]) == (events, head, len(named))
    assert head in made.output
    assert (tmp_path / "kept" / "documents.txt").read_text("utf-8").split() == named
    proved = lived_in.run("verify-backup", tmp_path / "kept")
    assert (proved.exit_code, "is whole" in proved.output) == (0, True), proved.output


def test_nobody_else_reads_a_backup(lived_in: Place, tmp_path: Path) -> None:
    lived_in.run("backup", tmp_path / "kept")
    found = [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in found}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_a_backup_never_overwrites(lived_in: Place, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    refused = lived_in.run("backup", tmp_path / "kept")
    assert (refused.exit_code, "never overwrites" in refused.output) == (1, True)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_backup_that_is_broken_off_is_none(
    lived_in: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_anything: object, **_more: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.store.files.Folder.take", full)
    refused = lived_in.run("backup", tmp_path / "place" / "kept")
    assert (refused.exit_code, "No space left on device" in refused.output) == (1, True), refused.output
    assert list((tmp_path / "place").iterdir()) == [], "nothing is left that could be taken for one"
    assert "has no manifest" in lived_in.run("verify-backup", tmp_path / "place").output


def test_an_earlier_backup_lends_its_documents(lived_in: Place, tmp_path: Path) -> None:
    lived_in.run("backup", tmp_path / "one")
    damaged = next(path for path in (tmp_path / "one" / "documents").rglob("*") if path.is_file())
    damaged.write_bytes(b"something else")
    assert lived_in.run("backup", tmp_path / "two", "--like", tmp_path / "one").exit_code == 0
    kept = [path for path in (tmp_path / "two" / "documents").rglob("*") if path.is_file()]
    linked = [path for path in kept if path.stat().st_nlink == 2]
    assert (len(kept) - len(linked), len(linked) > 1) == (1, True), "all but the damaged one"
    shutil.rmtree(tmp_path / "one")
    assert lived_in.run("verify-backup", tmp_path / "two").exit_code == 0


@pytest.mark.slow
def test_backups_are_whole_while_another_process_writes(
    lived_in: Place, new_place: NewPlace, tmp_path: Path
) -> None:
    with writing(lived_in):
        made = [lived_in.run("backup", tmp_path / str(number)) for number in range(3)]
    assert [each.exit_code for each in made] == [0, 0, 0], made[0].output
    events = [manifest(tmp_path / str(number))["events"] for number in range(3)]
    files = [manifest(tmp_path / str(number))["files"] for number in range(3)]
    assert events == sorted(set(events)), "the other process wrote between them"
    assert files == sorted(set(files))
    for number in range(3):
        proved = lived_in.run("verify-backup", tmp_path / str(number))
        assert proved.exit_code == 0, proved.output
    restored = new_place(lived_in).run("restore", tmp_path / "1")
    assert restored.exit_code == 0, f"log and documents are of the manifest's moment: {restored.output}"
    assert lived_in.run("verify-audit").exit_code == 0


def test_nothing_is_swept_while_a_backup_is_made(
    lived_in: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.store import backup

    copy_out, asked = backup.copy_out, []

    def watched(database: Database, folder: Path) -> Any:
        moment = copy_out(database, folder)
        with (lived_in.documents / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                asked.append("free to sweep")
            except BlockingIOError:
                asked.append("waits")
        return moment

    monkeypatch.setattr(backup, "copy_out", watched)
    assert lived_in.run("backup", tmp_path / "kept").exit_code == 0
    assert asked == ["waits"]


def test_a_document_that_is_gone_already_is_told_and_the_rest_is_kept(
    lived_in: Place, new_place: NewPlace, tmp_path: Path
) -> None:
    _number, _id, sha256, _who = a_document(lived_in)
    (lived_in.documents / sha256[:2] / sha256).unlink()
    said = f"{sha256} was gone or altered already"
    for command in ("backup", "verify-backup"):
        done = lived_in.run(command, tmp_path / "kept")
        assert (done.exit_code, said in done.output) == (1, True), done.output
    elsewhere = new_place(lived_in)
    restored = elsewhere.run("restore", tmp_path / "kept")
    assert (restored.exit_code, said in restored.output, "and proved" in restored.output) == (1, True, True)
    assert elsewhere.run("verify-audit").exit_code == 0


def _cut_database(folder: Path) -> str:
    path = next(folder.glob("database.*"))
    path.write_bytes(path.read_bytes()[:-1000])
    return f"{path.name} is not the file that the manifest tells of"


def _lose_database(folder: Path) -> str:
    path = next(folder.glob("database.*"))
    path.unlink()
    return f"{path.name} is missing"


def _lose_document(folder: Path) -> str:
    path = next(path for path in sorted((folder / "documents").rglob("*")) if path.is_file())
    path.unlink()
    return f"the document {path.name} is gone or altered"


def _alter_document(folder: Path) -> str:
    path = next(path for path in sorted((folder / "documents").rglob("*")) if path.is_file())
    path.write_bytes(path.read_bytes() + b"!")
    return f"the document {path.name} is gone or altered"


def _shorten_list(folder: Path) -> str:
    path = folder / "documents.txt"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    return "the list of documents is not the one"


def _forge_list(folder: Path) -> str:
    (folder / "documents.txt").write_text("../../etc/passwd\n", "utf-8")
    forged = hashlib.sha256(b"../../etc/passwd\n").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest(folder) | {"list_sha256": forged}), "utf-8")
    return "the list of documents cannot be read"


def _spoil_manifest(folder: Path) -> str:
    (folder / "manifest.json").write_text("{}", "utf-8")
    return "the manifest cannot be read"


SPOILS = (
    _cut_database,
    _lose_database,
    _lose_document,
    _alter_document,
    _shorten_list,
    _forge_list,
    _spoil_manifest,
)


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_spoiled_backup_is_found_and_not_restored(
    lived_in: Place, new_place: NewPlace, tmp_path: Path, spoil: Callable[[Path], str]
) -> None:
    lived_in.run("backup", tmp_path / "kept")
    said = spoil(tmp_path / "kept")
    found = lived_in.run("verify-backup", tmp_path / "kept")
    assert (found.exit_code, said in found.output) == (1, True), found.output
    assert "whole:" not in found.output
    elsewhere = new_place(lived_in)
    refused = elsewhere.run("restore", tmp_path / "kept")
    assert (refused.exit_code, "nothing was restored" in refused.output) == (1, True), refused.output
    assert not elsewhere.documents.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE events SET actor_id = 7 WHERE seq = 5", "broken at event 5"),
        ("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", "broken at event"),
        (
            "DELETE FROM documents WHERE id = (SELECT max(id) FROM documents)",
            "point at rows that are not there",
        ),
    ],
)
def test_a_forged_database_is_found_though_its_manifest_was_forged_too(
    sqlite_lived_in: Place, tmp_path: Path, change: str, said: str
) -> None:
    import sqlite3

    folder = tmp_path / "kept"
    sqlite_lived_in.run("backup", folder)
    path = folder / "database.sqlite3"
    with sqlite3.connect(path) as forged:
        for (name,) in forged.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            forged.execute(f"DROP TRIGGER {name}")
        forged.execute(change)
    forged.close()
    told = manifest(folder) | {
        "database_bytes": path.stat().st_size,
        "database_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (folder / "manifest.json").write_text(json.dumps(told), "utf-8")
    found = sqlite_lived_in.run("verify-backup", folder)
    assert (found.exit_code, said in found.output) == (1, True), found.output


def test_nothing_is_restored_over_a_portal(lived_in: Place, new_place: NewPlace, tmp_path: Path) -> None:
    lived_in.run("backup", tmp_path / "kept")
    log = lived_in.run("verify-audit").output
    refused = lived_in.run("restore", tmp_path / "kept")
    assert (refused.exit_code, "not empty" in refused.output) == (1, True)
    assert lived_in.run("verify-audit").output == log
    elsewhere = new_place(lived_in)
    elsewhere.documents.mkdir(parents=True)
    (elsewhere.documents / "somebody's").write_text("own", "utf-8")
    refused = elsewhere.run("restore", tmp_path / "kept")
    assert (refused.exit_code, "where the documents go is not empty" in refused.output) == (1, True)
    assert [path.name for path in elsewhere.documents.iterdir()] == ["somebody's"]


def test_what_a_lost_database_left_behind_stands_in_the_way(
    sqlite_lived_in: Place, new_place: NewPlace, tmp_path: Path
) -> None:
    sqlite_lived_in.run("backup", tmp_path / "kept")
    elsewhere = new_place(sqlite_lived_in)
    left = Path(f"{make_url(elsewhere.url).database}-wal")
    left.parent.mkdir(parents=True)
    left.write_bytes(b"frames of another database")
    refused = elsewhere.run("restore", tmp_path / "kept")
    assert (refused.exit_code, f"{left} is left of another database" in refused.output) == (1, True)
    left.unlink()
    assert elsewhere.run("restore", tmp_path / "kept").exit_code == 0


def test_a_restore_that_fails_can_be_tried_again(
    lived_in: Place, new_place: NewPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.store.copies import CannotCopy

    def fails(*_anything: object) -> None:
        raise CannotCopy("the server went away.")

    lived_in.run("backup", tmp_path / "kept")
    elsewhere = new_place(lived_in)
    with monkeypatch.context() as broken:
        broken.setattr("portal.store.backup.copy_in", fails)
        assert "the server went away" in elsewhere.run("restore", tmp_path / "kept").output
    assert elsewhere.run("restore", tmp_path / "kept").exit_code == 0


def test_a_backup_of_one_engine_is_not_restored_into_the_other(
    sqlite_lived_in: Place, postgresql_url: str, tmp_path: Path
) -> None:
    sqlite_lived_in.run("backup", tmp_path / "kept")
    other = Place(postgresql_url, tmp_path / "other", sqlite_lived_in.editions, sqlite_lived_in.path)
    refused = other.run("restore", tmp_path / "kept")
    assert (refused.exit_code, "is of sqlite, and DATABASE_URL is of postgresql" in refused.output) == (
        1,
        True,
    )


def test_there_must_be_something_to_keep(empty_database_url: str, tmp_path: Path, programs: str) -> None:
    place = Place(empty_database_url, tmp_path / "documents", tmp_path, programs)
    refused = place.run("backup", tmp_path / "kept")
    assert (refused.exit_code, "there is no" in refused.output) == (1, True), refused.output
    assert not (tmp_path / "empty.sqlite3").exists(), "asking makes no database"
    assert not (tmp_path / "kept").exists()


def test_the_programs_of_postgresql_are_asked_for_by_name(postgresql_url: str, tmp_path: Path) -> None:
    place = Place(postgresql_url, tmp_path / "documents", tmp_path, str(tmp_path))
    refused = place.run("backup", tmp_path / "kept")
    assert (refused.exit_code, "pg_dump is not on PATH" in refused.output) == (1, True), refused.output
    assert not (tmp_path / "kept").exists()


def test_a_password_is_never_an_argument(postgresql_url: str, tmp_path: Path) -> None:
    """Whoever lists the processes of a machine sees their arguments."""
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/secret\n'
        'echo "pg_dump: error: the server is too new" >&2\nexit 1\n',
        "utf-8",
    )
    program.chmod(0o700)
    address = make_url(postgresql_url).set(password="hunter 2'")
    address = address.update_query_dict({"host": "/standby"}, append=True)
    url = address.render_as_string(hide_password=False)
    place = Place(url, tmp_path / "documents", tmp_path, str(program.parent))
    refused = place.run("backup", tmp_path / "kept")
    assert (
        refused.exit_code,
        "could not copy the database: pg_dump: error: the server is too new" in refused.output,
    ) == (
        1,
        True,
    ), refused.output
    assert "hunter" not in (tmp_path / "arguments").read_text("utf-8") + refused.output
    assert (tmp_path / "secret").read_text("utf-8") == "hunter 2'\n"
    assert ",/standby" in (tmp_path / "arguments").read_text("utf-8"), "every host of the address"
    assert not (tmp_path / "kept").exists()


def test_the_night_is_one_command(sqlite_lived_in: Place, tmp_path: Path) -> None:
    backups_dir, exports = tmp_path / "backups", tmp_path / "exports"
    (tmp_path / "staff.csv").write_text("number;name\nd1;Ny Person\n", "utf-8")
    (tmp_path / "directory.toml").write_text(f'file = "{tmp_path}/staff.csv"\n', "utf-8")
    folders = {"BACKUPS_DIR": str(backups_dir), "EXPORTS_DIR": str(exports)}
    env = {**sqlite_lived_in.environment, **folders, "DIRECTORY": str(tmp_path / "directory.toml")}

    def night(*more: str) -> Result:
        return CliRunner().invoke(main, ["nightly", *more], env=env)

    first = night()
    assert first.exit_code == 0, first.output
    parts = [line for line in first.output.splitlines() if line.endswith(":")]
    assert [part.split()[0].rstrip(":") for part in parts] == [
        "people", "reminders", *["export"] * 4, "backup", "verification", "sweep",
    ]  # fmt: skip
    assert first.output.splitlines()[-1].startswith("All done in ")
    assert {each.name for each in exports.iterdir()} >= {"budget.csv", "claims.csv", "batches"}
    assert {each.stat().st_mode & 0o077 for each in (exports, backups_dir, *exports.iterdir())} == {0}
    (made,) = backups_dir.iterdir()
    time.sleep(1.1)  # it is named after its second
    assert night("--keep", "1").exit_code == 0
    (left,) = backups_dir.iterdir()
    assert left.name > made.name


def test_what_fails_at_night_keeps_nothing_else_from_being_done(
    sqlite_lived_in: Place, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    env = {**sqlite_lived_in.environment, "BACKUPS_DIR": str(tmp_path / "file"), "EXPORTS_DIR": ""}
    done = CliRunner().invoke(main, ["nightly"], env=env)
    assert done.exit_code == 1
    assert "BAD backup: the backup could not be written: " in done.output
    assert "Taken away: 0 files, 0 bytes." in done.output, "the sweep is done"
    assert done.output.splitlines()[-1].startswith("Failed: backup; in ")


def test_a_rehearsal_restores_aside_and_compares(
    lived_in: Place, new_place: NewPlace, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    assert lived_in.run("backup", kept / "one").exit_code == 0
    added = ("--number", "X1", "--name", "Nya Nilsson", "--email", "nya@region.test")
    assert lived_in.run("add-person", *added).exit_code == 0
    where = () if lived_in.is_sqlite else ("--database", new_place(lived_in).url)

    rehearsed = lived_in.run("rehearse", kept / "one", *where)

    assert rehearsed.exit_code == 0, rehearsed.output
    assert re.search(r"Restored .*/one as of .* and proved in \d+\.\d s", rehearsed.output)
    then, now = map(
        int, re.search(r"people: (\d+) in the backup, (\d+) in the portal", rehearsed.output).groups()
    )
    assert now == then + 1
    assert [each.name for each in kept.iterdir()] == ["one"], "what was restored aside is gone again"


@pytest.mark.parametrize("lived_in", ["sqlite"], indirect=True)
def test_a_rehearsal_finds_that_the_portal_has_lost_what_its_backup_has(
    lived_in: Place, tmp_path: Path
) -> None:
    backup = tmp_path / "kept" / "one"
    assert lived_in.run("backup", backup).exit_code == 0
    with opened(lived_in.url) as database, database.writing() as session:
        without_triggers(session).execute(text("DELETE FROM events WHERE seq > 10"))

    rehearsed = lived_in.run("rehearse", backup)

    assert rehearsed.exit_code == 1
    assert "BAD the portal's log does not hold the backup's last event" in rehearsed.output
    assert "BAD the portal has fewer events than its backup" in rehearsed.output


@pytest.mark.parametrize("lived_in", ["sqlite"], indirect=True)
def test_a_rehearsal_without_a_backup_says_so(lived_in: Place) -> None:
    rehearsed = lived_in.run("rehearse")
    assert rehearsed.exit_code == 1
    assert "there is no backup" in rehearsed.output
