"""The command line: what each command prints, what it leaves behind, and its exit status."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal.actions import sign_in
from portal.cli import assess, main
from portal.domain.money import plain
from portal.domain.refusal import Refused
from portal.schemes.loader import FOLDER as OWN
from portal.store import audit, people, rates
from portal.store.session import Database
from portal.store.tables import BudgetPeriodRow
from tests.actions.world import MARCH, World, answers
from tests.cli.conftest import Place
from tests.support.databases import opened

ROOT = Path(__file__).parents[2]


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, words, env={"DATABASE_URL": url, "SCHEMES_DIR": ""})


def add(url: str, number: str = "1", *more: str) -> Result:
    return run(url, "add-person", "--number", number, "--name", f"Person {number}", *more)


def test_an_empty_database_becomes_a_portal(empty_database_url: str) -> None:
    assert run(empty_database_url, "doctor").exit_code == 1
    assert "portal migrate`" in run(empty_database_url, "doctor").output
    assert run(empty_database_url, "migrate").exit_code == 0
    assert run(empty_database_url, "migrate").exit_code == 0, "once more changes nothing"
    said = run(empty_database_url, "doctor").output
    assert "BAD  administrators: 0" in said
    assert "seat chair: nobody holds it today" in said
    added = add(empty_database_url, "1", "--role", "administrator", "--login", "root")
    assert added.output.startswith("Person 1 is added.\nCode for root: ")
    assert "ok   administrators: 1" in run(empty_database_url, "doctor").output
    whole = run(empty_database_url, "verify-audit")
    assert (whole.exit_code, whole.output.split(":")[0]) == (0, "The log is whole")


def test_a_budget_is_open_after_migrating(empty_database_url: str) -> None:
    run(empty_database_url, "migrate")
    with opened(empty_database_url) as database, database.reading() as session:
        assert {each.event.act for each in audit.latest(session)} == {"open-budget"}


def test_migrating_with_nothing_to_do_waits_for_nobody_who_writes(sqlite_url: str) -> None:
    assert run(sqlite_url, "migrate").exit_code == 0
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = run(sqlite_url, "migrate")
    assert (done.exit_code, done.output.split()[:3]) == (0, ["The", "database", "is"])


def test_people_are_added_with_their_head(sqlite_url: str, sqlite_database: Database) -> None:
    add(sqlite_url, "1")
    added = add(sqlite_url, "2", "--head", "1", "--specialist", "--language", "nb", "--role", "finance")
    assert added.exit_code == 0
    with sqlite_database.reading() as session:
        person = people.find_by_number(session, "2", day=MARCH.date())
        head = people.find_by_number(session, "1", day=MARCH.date())
    assert person is not None
    assert head is not None
    assert (person.head_id, person.specialist, person.language, person.roles) == (
        head.id,
        True,
        "nb",
        {"finance"},
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2", "--head", "9"), "there is no person with the id 9"),
        (("1",), "Somebody else has that personal id."),
        (("2", "--login", "one"), "Somebody else has that login."),
        (("2", "--role", "king"), "king"),
        (("2" * 41,), "--number: This is too long."),
        (("\u200e ",), "--number: This has to be filled in."),
        (("2", "--email", "two"), "--email: This cannot be mailed."),
        (("2", "--language", "de"), "--language: Choose one of the list."),
        (("2", "--unit", "u" * 201), "--unit: This is too long."),
        (("2", "--head", "9" * 41), "--head: This is too long."),
        (("2", "--login", " "), "--login: This has to be filled in."),
        (("2", "--login", "x" * 101), "--login: This is too long."),
    ],
)
def test_what_cannot_be_added_is_said(sqlite_url: str, words: tuple[str, ...], said: str) -> None:
    add(sqlite_url, "1", "--login", "one")
    refused = add(sqlite_url, *words)
    assert refused.exit_code != 0
    assert said in refused.output
    assert "Traceback" not in refused.output


def test_a_code_is_printed_once_and_chooses_a_password(sqlite_url: str, sqlite_database: Database) -> None:
    add(sqlite_url, "1")
    assert "has no login yet" in run(sqlite_url, "sign-in-code", "1").output
    assert run(sqlite_url, "sign-in-code", "2").exit_code == 1
    first = run(sqlite_url, "sign-in-code", "1", "--login", "one")
    again = run(sqlite_url, "sign-in-code", "1")
    assert (first.exit_code, again.exit_code) == (0, 0)
    old, code = (each.output.split("one: ")[1].split("\n")[0] for each in (first, again))
    now = datetime.now(UTC)
    with pytest.raises(Refused):
        sqlite_database.write(sign_in.use_code, code=old, password_hash="x", at=now)
    assert sqlite_database.write(sign_in.use_code, code=code, password_hash="x", at=now) == "one"


def test_a_changed_log_is_found(sqlite_url: str, sqlite_database: Database) -> None:
    from sqlalchemy import text

    for number in ("1", "2", "3"):
        add(sqlite_url, number)
    proved = re.search(r"(\d+) events, head (\w+)", run(sqlite_url, "verify-audit").output)
    assert proved is not None
    since = f"{proved[1]}:{proved[2]}"
    with sqlite_database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_freeze"))
        connection.execute(text("UPDATE events SET actor_id = 7 WHERE seq = 2"))
    found = run(sqlite_url, "verify-audit")
    assert (found.exit_code, "broken at event 2" in found.output) == (1, True)
    assert run(sqlite_url, "verify-audit", "--since", since).output == proved.string
    assert "--since" in run(sqlite_url, "verify-audit", "--since", "twelve").output


def test_a_wrong_address_of_the_database() -> None:
    refused = run("mysql://user:hunter2@db", "doctor")
    assert refused.exit_code == 1
    assert "DATABASE_URL" in refused.output
    assert "hunter2" not in refused.output


def test_serving_wants_its_settings_and_a_database_of_its_revision(empty_database_url: str) -> None:
    runner = CliRunner()
    refused = runner.invoke(main, ["serve"], env={"DATABASE_URL": empty_database_url, "SECRET_KEY": ""})
    assert "SECRET_KEY: is not set" in refused.output
    good = {"SECRET_KEY": "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1", "DEMO": "1", "DATABASE_URL": empty_database_url}
    assert "`portal migrate`" in runner.invoke(main, ["serve"], env=good).output


@pytest.mark.parametrize(("proxies", "said"), [("0", True), ("1", False)])
def test_a_proxy_that_is_not_counted_is_told(empty_database_url: str, proxies: str, said: bool) -> None:
    told = {
        "SECRET_KEY": "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1",
        "DATABASE_URL": empty_database_url,
        "BASE_URL": "https://courses.example.org",
        "TRUSTED_PROXIES": proxies,
    }
    start, doctor = (CliRunner().invoke(main, [command], env=told).output for command in ("serve", "doctor"))
    assert ("Note: BASE_URL begins with https://, so a proxy is in front" in start) == said
    assert ("BAD  proxies: BASE_URL begins with https://" in doctor) == said


@pytest.mark.parametrize(
    "bind", ["0.0.0.0:8000", ":8000", "10.0.0.7:80", "[::]:80", "unix:/run/a,0.0.0.0:80"]
)
def test_a_demo_answers_on_this_machine_only(sqlite_url: str, bind: str) -> None:
    env = {"SECRET_KEY": "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1", "DEMO": "1", "DATABASE_URL": sqlite_url}
    refused = CliRunner().invoke(main, ["serve", "--bind", bind], env=env)
    assert (refused.exit_code, "on this machine only" in refused.output) == (1, True)


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)  # that of most machines
    try:
        file = tmp_path / "data" / "portal.sqlite3"
        url, documents = f"sqlite:///{file}", tmp_path / "data" / "documents"
        env = {"DATABASE_URL": url, "UPLOADS_DIR": str(documents), "SCHEMES_DIR": ""}
        CliRunner().invoke(main, ["migrate"], env=env)
        with opened(url) as database, database.writing():
            documents.mkdir(mode=0o700)
            there = [file.parent, *file.parent.iterdir()]
            assert len(there) >= 4, "the database, what SQLite keeps beside it, and the documents"
            assert {each.stat().st_mode & 0o077 for each in there} == {0}
        assert "is open to others" not in CliRunner().invoke(main, ["doctor"], env=env).output
        for path, mode in ((file, 0o640), (documents, 0o755), (file.parent, 0o701)):
            was = path.stat().st_mode
            path.chmod(mode)
            said = f"BAD  {path} is open to others on this machine ({mode:03o}): chmod go= {path}\n"
            assert said in CliRunner().invoke(main, ["doctor"], env=env).output
            path.chmod(was)
        assert os.umask(0o022) == 0o022, "a command leaves the process as it found it"
    finally:
        os.umask(before)


def test_doctor_says_how_others_are_talked_to(sqlite_url: str) -> None:
    env = {
        "DATABASE_URL": sqlite_url,
        "SMTP_URL": "smtp://mail.test",
        "SCANNER": "clamd://scan.test",
        "PLAINTEXT": "mail",
    }
    said = CliRunner().invoke(main, ["doctor"], env=env).output
    assert "BAD  SCANNER: documents would go to another machine in the clear." in said
    assert "ok   mail: on another machine, in the clear, as PLAINTEXT says" in said


def test_schemes_are_checked(tmp_path: Path, sqlite_url: str) -> None:
    assert run(sqlite_url, "check-schemes").exit_code == 0
    (tmp_path / "x.toml").write_text('key = "x"', "utf-8")
    refused = run(sqlite_url, "check-schemes", str(tmp_path))
    assert (refused.exit_code, "x.toml" in refused.output) == (1, True)


def test_an_edition_is_rolled(tmp_path: Path, sqlite_url: str) -> None:
    words = ("roll", "rfr-2024", "--to", "2031", "--into", str(tmp_path))
    assert run(sqlite_url, *words).output == f"Written: {tmp_path / 'rfr-2031.toml'}\n"
    assert run(sqlite_url, *words).exit_code == 1, "it never overwrites"
    assert "there is no scheme rfr-1" in run(sqlite_url, "roll", "rfr-1", "--to", "2031").output


def line(**changes: Any) -> str:
    asked = {"case": "a1", "scheme": "rfr-2024", "at": MARCH.isoformat(), "answers": answers()}
    return json.dumps(asked | changes) + "\n"


def test_rates_are_loaded_from_a_banks_file(
    sqlite_url: str, sqlite_database: Database, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    (tmp_path / "eurofxref.csv").write_text(
        f"Date,SEK,NOK\n{today},11.2,11.5\n{today - timedelta(1)},11.1,N/A\n"
    )
    (tmp_path / "no.csv").write_text("Date,SEK\nsoon,11.2\n")
    wrong = run(sqlite_url, "rates", str(tmp_path / "no.csv"), "--source", "ECB")
    assert (wrong.exit_code, "line 2 cannot be read as rates" in wrong.output) == (1, True)
    (tmp_path / "old.csv").write_text("Date,SEK\n2004-02-27,9.2\n")
    assert (
        "no day is newer than"
        in run(sqlite_url, "rates", str(tmp_path / "old.csv"), "--source", "ECB").output
    )
    done = run(sqlite_url, "rates", str(tmp_path / "eurofxref.csv"), "--source", "ECB")
    assert done.output == f"2 days of rates are loaded, from {today - timedelta(1)} to {today}.\n"
    with sqlite_database.reading() as session:
        newest = rates.find_nearest(session, today)
    assert newest is not None
    assert (newest.on, newest.source, newest.units["SEK"]) == (today, "ECB", Decimal("11.2"))


def test_applications_are_assessed() -> None:
    done = CliRunner().invoke(assess, ["-"], input=line())
    assert done.exit_code == 0
    answer = json.loads(done.output)
    assert (answer["case"], answer["submittable"], answer["amount"]) == ("a1", True, "8250.00")


def test_a_line_that_is_none_fails_at_the_end() -> None:
    done = CliRunner().invoke(assess, ["-"], input="nonsense\n" + line(scheme="x") + line())
    cases = [json.loads(each) for each in done.output.splitlines()]
    assert done.exit_code == 1
    assert ["error" in case for case in cases] == [True, True, False]


def test_the_console_scripts_are_there() -> None:
    answer = subprocess.run(
        [str(Path(sys.executable).with_name("assess")), "-"],
        input=line(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, json.loads(answer.stdout)["amount"]) == (0, "8250.00")
    assert (
        subprocess.run(
            [str(Path(sys.executable).with_name("portal")), "--help"], check=False, capture_output=True
        ).returncode
        == 0
    )


@pytest.mark.slow
def test_a_demo_is_served_on_one_command(tmp_path: Path) -> None:
    import socket
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.cli", "demo", "--port", str(port)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    try:
        deadline, page = time.monotonic() + 240, ""
        while not page and time.monotonic() < deadline and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10) as answer:
                    page = answer.read().decode()
            except OSError:
                time.sleep(0.2)
        assert 'name="person"' in page
    finally:
        process.terminate()
        assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_every_folder_leads_to_the_one_portal_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, data = tmp_path / "portal.env", tmp_path / "data"
    file.write_text(f"DATABASE_URL=sqlite:///{data}/db\nUPLOADS_DIR={data}/documents\n", "utf-8")
    before = os.umask(0o022)
    try:
        for folder, words in (("a", ["migrate"]), ("b", ["verify-audit"]), ("c", ["remind"])):
            (tmp_path / folder).mkdir()
            monkeypatch.chdir(tmp_path / folder)
            env = {"PORTAL_SETTINGS": str(file), "DATABASE_URL": None, "UPLOADS_DIR": None}
            assert CliRunner().invoke(main, words, env=env).exit_code == 0
            assert list((tmp_path / folder).iterdir()) == []
    finally:
        os.umask(before)
    assert (data.stat().st_mode & 0o777, (data / "db").stat().st_mode & 0o777) == (0o700, 0o600)


def test_only_the_funds_that_are_run_are_there(sqlite_url: str) -> None:
    env = {"DATABASE_URL": sqlite_url, "SCHEMES_DIR": "", "SCHEMES": "rfr"}
    assert CliRunner().invoke(main, ["migrate"], env=env).exit_code == 0
    said = CliRunner().invoke(main, ["doctor"], env=env).output
    assert "rfr-2024" in said
    assert "kvalitetsfondet" not in said
    wrong = CliRunner().invoke(main, ["remind"], env={**env, "SCHEMES": "rfr,nvf"})
    assert wrong.output == "Error: SCHEMES: there is no fund nvf; there are kvalitetsfondet, rfr.\n"


def test_a_budget_that_does_not_fit_what_is_granted_is_refused_in_a_sentence(
    sqlite_lived_in: Place, tmp_path: Path
) -> None:
    """A period under another key starts not from zero, and one cannot be given less than is granted of it."""
    folder = Path(shutil.copytree(sqlite_lived_in.editions, tmp_path / "editions-of-its-own"))
    place = replace(sqlite_lived_in, editions=folder)
    with opened(place.url) as database, database.reading() as session:
        granted, scheme, key = max(
            (row.granted_amount, row.scheme, row.key)
            for row in session.execute(select(BudgetPeriodRow.__table__))
        )
    assert place.run("migrate").exit_code == 0
    file = folder / f"{scheme}.toml"
    if not file.exists():
        file.write_text((OWN / file.name).read_text("utf-8"), "utf-8")
    text = file.read_text("utf-8")

    def migrated(changed: str) -> tuple[int, str]:
        file.write_text(changed, "utf-8")
        ran = place.run("migrate")
        return ran.exit_code, ran.output

    renamed = text.replace(f'key = "{key}"', 'key = "first"', 1)
    code, said = migrated(renamed)
    assert (code, f'was = "{key}"' in said, f"{plain(granted)} is granted" in said) == (1, True, True), said
    start = text.index(f'key = "{key}"')
    less = text[:start] + re.sub(r'amount = "[\d.]+"', 'amount = "1.00"', text[start:], count=1)
    code, said = migrated(less)
    assert (code, f"{key} is given 1.00, but {plain(granted)}" in said) == (1, True), said
    told = {"SECRET_KEY": "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1", "BASE_URL": "http://localhost", "DEMO": "1"}
    env = os.environ | told | {"DATABASE_URL": place.url, "SCHEMES_DIR": str(folder)}
    start = [sys.executable, "-c", "import wsgi"]  # as any server does
    other = subprocess.run(start, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (other.returncode, other.stderr) == (1, said.replace("Error:", "the portal cannot start:")), other
    assert migrated(renamed.replace('key = "first"', f'key = "first"\nwas = "{key}"'))[0] == 0
    with opened(place.url) as database, database.reading() as session:
        kept = {
            row.key: row.granted_amount
            for row in session.execute(select(BudgetPeriodRow.__table__))
            if row.scheme == scheme
        }
    assert kept["first"] == granted
    assert key not in kept


def test_nothing_is_forgotten_until_the_operator_sets_the_years(
    sqlite_database: Database, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite_database)
    number = world.apply("anna", participation="In her own words").number
    world.withdraw(number)
    world.apply("bo")
    monkeypatch.setattr("portal.cli.environment.now", lambda: datetime(2040, 3, 1, tzinfo=UTC))
    folder = {"UPLOADS_DIR": str(tmp_path)}

    def forget(*words: str, years: str = "10") -> Result:
        env = {"DATABASE_URL": sqlite_url, "SCHEMES_DIR": "", "FORGET_YEARS": years, **folder}
        return CliRunner().invoke(main, ["forget", *words], env=env)

    off = forget(years="0")
    assert (off.exit_code, "FORGET_YEARS is not set" in off.output) == (1, True)
    assert "0 cases and 0 people would be" in forget(years="16").output
    for words, said in (((), "would be taken away"), (("--do",), "are taken away")):
        answer = forget(*words)
        assert (answer.exit_code, f": 1 cases and 0 people {said}" in answer.output) == (0, True), (
            answer.output
        )
        assert "The log verifies: " in answer.output
    assert ": 0 cases" in forget().output
    assert run(sqlite_url, "verify-audit").exit_code == 0
    assert run(sqlite_url, "replay").exit_code == 0
