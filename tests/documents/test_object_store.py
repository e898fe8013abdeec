"""Documents in a folder and in an object store: one promise, and what is seen when the store is away."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.cli.checkup import _object_store
from portal.settings import ObjectStore, Settings, WrongSettings
from portal.store.files import Away, Damaged, Files, Folder
from portal.store.objects import Bucket
from tests.documents import made
from tests.support.fund import Fund
from tests.support.object_store import KEY, SECRET, S3Server, free_port

DAY = 25 * 3600


@dataclass
class Kept:
    """A place for documents, and a way to let what lies there grow old."""

    files: Files
    age: Callable[[float], None]


@pytest.fixture(params=["folder", "object store"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server) -> Kept:
    if request.param == "object store":
        name = f"kept-{tmp_path.name[-30:].strip('0').strip('-_[]').replace('_', '-').lower()}-{os.getpid()}"
        return Kept(Bucket(s3.bucket(name)), lambda seconds: s3.age(name, seconds))
    folder = tmp_path / "documents"

    def age(seconds: float) -> None:
        for path in folder.rglob("*"):
            os.utime(path, (time.time() - seconds,) * 2)

    return Kept(Folder(folder), age)


def now() -> datetime:
    return datetime.now(UTC)


def test_bytes_come_back_until_they_are_removed(kept: Kept, tmp_path: Path) -> None:
    files = kept.files
    assert files.is_empty()
    with files.keeping():
        sha256 = files.put(b"hej")
    assert files.put(b"hej") == sha256
    assert not files.is_empty()
    assert files.get(sha256) == b"hej"
    other = Folder(tmp_path / "other")
    with files.holding():
        assert other.take(sha256, files) == 3
    files.remove(sha256)
    files.remove(sha256)
    with pytest.raises(Damaged):
        files.get(sha256)
    assert files.is_empty() or isinstance(files, Folder)
    assert files.take(sha256, other) == 3
    files.sync()
    assert files.get(sha256) == b"hej"
    with pytest.raises(ValueError, match="no SHA-256"):
        files.get("../../etc/passwd")


def test_orphans_go_after_a_day_and_named_files_never(kept: Kept) -> None:
    files = kept.files
    named, orphan = files.put(b"named"), files.put(b"orphan")
    assert files.sweep(lambda each: each == named, at=now()).files == 0
    kept.age(DAY)
    new = files.put(b"new")
    swept = files.sweep(lambda each: each == named, at=now())
    assert (swept.files, swept.bytes) == (1, 6)
    assert (files.get(named), files.get(new)) == (b"named", b"new")
    with pytest.raises(Damaged):
        files.get(orphan)


def test_what_no_row_names_goes_at_once_but_not_from_under_whoever_keeps_or_copies_it(kept: Kept) -> None:
    files = kept.files
    sha256 = files.put(b"hej")
    kept.age(3600)
    files.let_go(sha256, lambda _sha256: True, at=now())
    with files.holding():
        files.let_go(sha256, lambda _sha256: False, at=now())
    assert files.get(sha256) == b"hej"
    with files.keeping():
        files.put(b"hej")
        files.let_go(sha256, lambda _sha256: False, at=now())  # its row is not committed yet
        assert files.get(sha256) == b"hej"
    kept.age(3600)
    files.let_go(sha256, lambda _sha256: False, at=now())
    with pytest.raises(Damaged):
        files.get(sha256)


def test_a_damaged_object_is_not_given_out_and_the_same_sent_again_mends_it(s3: S3Server) -> None:
    files = Bucket(s3.bucket("damaged"))
    sha256 = files.put(b"hej")
    [path] = (s3.folder / "damaged" / "portal").rglob(f"{sha256}/*")
    path.write_bytes(b"hex")
    with pytest.raises(Damaged):
        files.get(sha256)
    files.put(b"hej")
    assert files.get(sha256) == b"hej"


def test_the_portal_keeps_its_documents_there_and_says_when_they_are_away(
    fund: Fund, s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = s3.bucket("the-portal")
    _let_be_kept(fund, told)
    token, kari = fund.draft(), fund.at("kari")
    fund.send(kari, token, ("receipt", "k.pdf", made.pdf()))
    [document] = fund.of_draft(token)
    address = f"/drafts/{token}/documents/{document.id}"
    assert kari.get(address).data == made.pdf()
    assert not fund.files.folder.exists()

    _let_be_kept(fund, replace(told, endpoint=f"http://127.0.0.1:{free_port()}"))
    away = kari.get(address)
    assert (away.status_code, "Retry-After" in away.headers) == (503, True)
    two = [("receipt", "a.pdf", made.pdf("a")), ("absence", "b.pdf", made.pdf("b"))]
    typed = {"revision": "0", "fee": "5 900", "action": "save"}
    answer = fund.send(kari, token, *two, to=f"/drafts/{token}", typed=typed)
    assert answer.status_code == 303
    page = kari.get(answer.location).get_data(as_text=True)
    assert page.count("could not be kept, because the store of documents is away.") == 2
    assert 'value="5 900"' in page
    assert fund.of_draft(token) == [document], "what is not kept is not acknowledged"

    _let_be_kept(fund, told)
    env = {
        "DATABASE_URL": fund.database.url.render_as_string(hide_password=False), "UPLOADS_DIR": None,
        "DOCUMENTS": told.url, "AWS_ENDPOINT_URL": told.endpoint, "AWS_REGION": told.region,
        "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
    }  # fmt: skip

    def run(*command: Any, **other: str) -> str:
        ended = CliRunner().invoke(main, [str(each) for each in command], env={**env, **other})
        return f"{ended.exit_code}: {ended.output}"

    assert run("verify-files") == "0: 1 files, 0 of them bad.\n"
    assert run("backup", tmp_path / "kept").startswith("0: ")
    assert run("verify-backup", tmp_path / "kept").startswith("0: ")
    restored = {"DATABASE_URL": f"sqlite:///{tmp_path}/restored", "DOCUMENTS": f"s3://{told.bucket}/restored"}
    assert "1 documents" in run("restore", tmp_path / "kept", **restored)
    assert run("verify-files", **restored) == "0: 1 files, 0 of them bad.\n"
    assert run("sweep-files", **restored) == "0: Taken away: 0 files, 0 bytes.\n"
    gone = run("verify-files", AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    assert gone.startswith("1: Error: the object store s3://the-portal/portal/documents does not answer"), (
        gone
    )


def _let_be_kept(fund: Fund, told: ObjectStore) -> None:
    portal = fund.app.extensions["portal"]
    fund.app.extensions["portal"] = replace(portal, settings=replace(portal.settings, object_store=told))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, None),
        ({"secret_access_key": "another"}, "does not let this portal in: look at AWS_ACCESS_KEY_ID"),
        ({"bucket": "not-there"}, "has no such bucket: make it"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_doctor_says_what_to_do(s3: S3Server, wrong: dict[str, str], said: str | None) -> None:
    if not (s3.folder / "looked-at").exists():
        s3.bucket("looked-at")
    point = _object_store(replace(s3.told("looked-at"), **wrong))
    assert point.good == (said is None), point.text
    assert said is None or said in point.text
    assert SECRET not in point.text


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"DOCUMENTS": "s3:/bucket"}, "DOCUMENTS: must be s3://bucket"),
        ({"DOCUMENTS": "s3://bucket", "UPLOADS_DIR": "x"}, "DOCUMENTS: is set, and UPLOADS_DIR too"),
        (
            {"DOCUMENTS": "s3://bucket", "AWS_ENDPOINT_URL": "http://s3.example.org"},
            "go to another machine encrypted",
        ),
    ],
)
def test_a_wrong_address_stops_the_start(told: dict[str, str], said: str) -> None:
    with pytest.raises(WrongSettings, match=said):
        Settings.from_env({"DEMO": "1", "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz"} | told)


def test_nobody_waits_long_for_a_store_that_does_not_answer(s3: S3Server) -> None:
    files = Bucket(s3.told("nobody", endpoint=f"http://127.0.0.1:{free_port()}"))
    for ask in (lambda: files.put(b"hej"), lambda: files.get("a" * 64), files.is_empty):
        with pytest.raises(Away, match="does not answer"):
            ask()
