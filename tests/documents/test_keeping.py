"""The folder of documents: whole files or none, at every point where it can be cut short, and orphans swept."""

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.store import documents
from portal.store.files import Damaged, Folder, NoRoom
from tests.documents import made
from tests.support.fund import AT, Fund, scheme

NOW = datetime.now(UTC)
OLD = (NOW - timedelta(hours=25)).timestamp()


def kept(folder: Path) -> list[Path]:
    """Every file with content in the folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def age(folder: Path) -> None:
    for path in kept(folder):
        os.utime(path, (OLD, OLD))


def test_bytes_come_back_and_nobody_else_on_the_machine_reads_them(tmp_path: Path) -> None:
    files = Folder(tmp_path / "documents")
    sha256 = files.put(b"hej")
    assert files.put(b"hej") == sha256
    assert files.get(sha256) == b"hej"
    [path] = kept(tmp_path / "documents")
    assert path.name == sha256
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 64, "A" * 64])
def test_only_a_hash_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        Folder(tmp_path).get(name)


def test_a_file_that_changed_is_not_given_out(fund: Fund) -> None:
    application = fund.apply()
    document = fund.of_version(application, 1)[0]
    [path] = [path for path in kept(fund.files.folder) if path.name == document.sha256]
    address = f"/applications/{application.number}/documents/{document.id}"
    path.write_bytes(path.read_bytes() + b" ")
    assert fund.at("kari").get(address).status_code == 500
    path.unlink()
    assert fund.at("kari").get(address).status_code == 500
    with pytest.raises(Damaged):
        fund.files.get(document.sha256)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    files = Folder(tmp_path / "documents")

    def full(_descriptor: int) -> None:
        raise OSError(code, "full")

    monkeypatch.setattr("portal.store.files.os.fsync", full)
    with pytest.raises(NoRoom):
        files.put(b"hej")
    assert kept(tmp_path / "documents") == []


def test_a_full_disk_is_said_and_what_was_typed_is_kept(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    token, kari = fund.draft(), fund.at("kari")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("portal.store.files.os.fsync", full)
    answer = fund.send(
        kari,
        token,
        ("receipt", "k.pdf", made.pdf()),
        to=f"/drafts/{token}",
        typed={"revision": "0", "fee": "5 900", "action": "save"},
    )
    assert answer.status_code == 303
    page = kari.get(answer.location).get_data(as_text=True)
    assert "“k.pdf” could not be kept, because the portal is out of room." in page
    assert 'value="5 900"' in page
    assert fund.of_draft(token) == []


def test_orphans_go_after_a_day_and_named_files_never(fund: Fund) -> None:
    token = fund.draft()
    document = fund.attach(token, "receipt")
    fund.files.put(b"orphan")
    part = fund.files.folder / "incoming" / "half"
    part.write_bytes(b"ha")
    foreign = fund.files.folder / "lost+found" / "note"
    foreign.parent.mkdir()
    foreign.write_bytes(b"not ours")

    def named(sha256: str) -> bool:
        with fund.database.reading() as session:
            return documents.is_named(session, sha256)

    assert fund.files.sweep(named, at=NOW).files == 0
    age(fund.files.folder)
    swept = fund.files.sweep(named, at=NOW)
    assert (swept.files, swept.bytes) == (2, 8)
    assert [path.name for path in kept(fund.files.folder)] == sorted(["note", document.sha256])


def test_what_is_removed_leaves_the_disk_at_once_unless_another_has_it(fund: Fund) -> None:
    token, others, kari = fund.draft(), fund.draft("ola"), fund.at("kari")
    fund.send(kari, token, ("receipt", "k.pdf", made.pdf()), ("absence", "k.pdf", made.pdf()))
    fund.send(kari, token, ("receipt", "only.pdf", made.pdf("only")))
    fund.send(fund.at("ola"), others, ("receipt", "o.pdf", made.pdf()))
    left = []
    for document in fund.of_draft(token):
        kari.post(f"/drafts/{token}/documents", {"action": f"remove-document-{document.id}"})
        left.append(len(kept(fund.files.folder)))
    assert left == [2, 2, 1]
    fund.at("ola").post(f"/drafts/{others}/delete")
    assert kept(fund.files.folder) == []


def test_what_is_refused_after_all_leaves_the_disk(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.actions.documents.MOST_DOCUMENTS", 0)
    fund.send(fund.at("kari"), fund.draft(), ("receipt", "k.pdf", made.pdf()))
    assert kept(fund.files.folder) == []


def test_what_is_being_kept_is_left_to_the_sweeper(tmp_path: Path) -> None:
    files = Folder(tmp_path / "documents")
    sha256 = files.put(b"hej")
    with files.keeping():
        files.let_go(sha256, lambda _sha256: False, at=NOW)
        assert files.get(sha256) == b"hej"
    files.let_go(sha256, lambda _sha256: True, at=NOW)
    assert files.get(sha256) == b"hej"


def test_a_file_sent_again_is_new_to_the_sweeper(tmp_path: Path) -> None:
    files = Folder(tmp_path / "documents")
    sha256 = files.put(b"hej")
    age(tmp_path / "documents")
    files.put(b"hej")
    assert files.sweep(lambda _sha256: False, at=NOW).files == 0
    assert files.get(sha256) == b"hej"


def test_the_sweeper_waits_for_a_file_that_is_being_attached(tmp_path: Path) -> None:
    files, named, swept = Folder(tmp_path / "documents"), set(), []
    sha256 = files.put(b"hej")
    age(tmp_path / "documents")
    begun = threading.Event()

    def sweep() -> None:
        begun.set()
        swept.append(files.sweep(lambda each: each in named, at=NOW).files)

    with files.keeping():
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        assert begun.wait(5)
        sweeper.join(0.2)
        assert sweeper.is_alive()
        named.add(sha256)  # the row that names it is committed
    sweeper.join(5)
    assert swept == [0]
    assert files.get(sha256) == b"hej"


def test_the_commands_sweep_and_verify(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    fund.apply()
    fund.files.put(b"orphan")
    age(fund.files.folder)
    monkeypatch.setenv("DATABASE_URL", fund.database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("UPLOADS_DIR", str(fund.files.folder))
    run = CliRunner().invoke
    assert run(main, ["sweep-files"]).output == "Taken away: 1 files, 6 bytes.\n"
    good = run(main, ["verify-files"])
    assert (good.exit_code, good.output) == (0, "3 files, 0 of them bad.\n")
    kept(fund.files.folder)[0].unlink()
    bad = run(main, ["verify-files"])
    assert bad.exit_code == 1
    assert "3 files, 1 of them bad." in bad.output


POINTS = {
    "before the file": "portal.store.files.Folder.put",
    "in the file": "portal.store.files.os.fsync",
    "between writing and naming it": "pathlib.Path.replace",
    "between the file and its row": "portal.store.documents.add",
    "between the row and the log": "portal.store.audit.append",
    "before the commit": "sqlalchemy.engine.base.Connection._commit_impl",
}

PROGRAM = """
import os, signal, sys
from unittest.mock import patch
from datetime import UTC, datetime
from pathlib import Path
from portal.actions.documents import attach
from portal.documents.inspecting import inspect
from portal.schemes.loader import load
from portal.store import people
from portal.store.files import Folder
from portal.store.session import Database

url, folder, token, person, point, file = sys.argv[1:]
database, files = Database(url), Folder(Path(folder))
kind = load()["{key}"].kinds["claim"]
with database.reading() as session:
    by = people.get(session, int(person), day=datetime(2024, 3, 1).date())
inspected = inspect("k.pdf", Path(file).read_bytes())

def die(*args, **values):
    os.kill(os.getpid(), signal.SIGKILL)

with patch(point, die), files.keeping():
    files.put(inspected.content)
    database.write(
        attach, token=token, kind=kind, proves="receipt", file=inspected, by=by,
        at=datetime(2024, 3, 1, 9, tzinfo=UTC),
    )
"""


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_it_leaves_at_most_a_file_without_a_row(
    fund: Fund, tmp_path: Path, point: str
) -> None:
    token = fund.draft()
    file = tmp_path / "k.pdf"
    file.write_bytes(made.pdf("kvittering"))
    program = textwrap.dedent(PROGRAM).replace("{key}", scheme().key)
    url = fund.database.url.render_as_string(hide_password=False)
    folder = fund.files.folder
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            url,
            str(folder),
            token,
            str(fund["kari"].id),
            POINTS[point],
            str(file),
        ],
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert fund.of_draft(token) == []
    with fund.database.reading() as session:
        assert documents.hashes(session) == []
    assert len(kept(folder)) <= 1
    document = fund.attach(token, "receipt", "k.pdf", made.pdf("kvittering"))
    age(folder)
    fund.files.sweep(lambda sha256: sha256 == document.sha256, at=NOW)
    assert [path.name for path in kept(folder)] == [document.sha256]
    assert fund.files.get(document.sha256) == made.pdf("kvittering")


def test_what_is_forgotten_leaves_the_disk_and_what_others_have_stays(
    each_fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of an old case go at once; the invoice that another case has too, and that case's own, stay."""
    fund, world = each_fund, each_fund.world
    old = fund.draft("kari", contact="Marit Aune, 75 55 50 00")
    other = fund.draft("ola")
    for token, by in ((old, "kari"), (other, "ola")):
        fund.attach(token, "certificate", f"{by}.pdf", made.pdf(by), by=by)
        fund.attach(token, "absence", f"borte {by}.pdf", made.pdf(f"away {by}"), by=by)
        fund.attach(token, "receipt", "Faktura.pdf", made.pdf("Faktura"), by=by)
    left = fund.draft("kari")
    fund.attach(left, "certificate", "utkast.pdf", made.pdf("draft"))
    number, waits = fund.submit(old).number, fund.submit(other, "ola").number
    proofs = {
        (n, document.kind): document.sha256
        for n in (number, waits)
        for document in fund.of_version(fund.application(n), 1)
    }
    assert proofs[number, "receipt"] == proofs[waits, "receipt"]
    before = {path.name for path in kept(fund.files.folder)}
    assert len(before) == 6
    world.withdraw(number, "kari", at=AT)
    world.deactivate("kari", at=AT)
    monkeypatch.setattr("portal.cli.environment.now", lambda: datetime(2040, 3, 1, tzinfo=UTC))
    env = {
        "DATABASE_URL": fund.database.url.render_as_string(hide_password=False),
        "SCHEMES_DIR": "",
        "FORGET_YEARS": "10",
        "UPLOADS_DIR": str(fund.files.folder),
    }
    assert "1 cases and 1 people would be" in CliRunner().invoke(main, ["forget"], env=env).output
    assert {path.name for path in kept(fund.files.folder)} == before, "only looked at"
    done = CliRunner().invoke(main, ["forget", "--do"], env=env)
    assert (done.exit_code, "1 cases and 1 people are taken away" in done.output) == (0, True), done.output
    there = {path.name for path in kept(fund.files.folder)}
    assert there == {proofs[waits, kind] for kind in ("certificate", "absence", "receipt")}
    assert "3 files, 0 of them bad" in CliRunner().invoke(main, ["verify-files"], env=env).output
    assert fund.of_draft(left) == []
