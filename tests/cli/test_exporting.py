"""The nightly export: byte for byte what the pages send, and nothing that its reader would misunderstand."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from portal.store import payments, people
from portal.store.session import Database
from tests.cli.conftest import Place
from tests.support.demonstrations import AUTUMN, Demonstration
from tests.support.portals import Clock, Visitor

FINANCE = "100305"
DAYS = ("--from", "2026-01-01", "--until", "2026-10-31")


@pytest.fixture
def finance(
    lived_in: Place,
    lived_in_database: Database,
    make_app: Callable[..., Flask],
    autumn_demo: Demonstration,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Visitor:
    """Finance at the pages of that portal, which go by the same clock as the command."""
    clock.set(AUTUMN)
    monkeypatch.setattr("portal.cli.environment.now", clock)
    app = make_app(autumn_demo.schemes(), database_url=lived_in.url, uploads_dir=lived_in.documents)
    with lived_in_database.reading() as session:
        person = people.find_by_number(session, FINANCE, day=AUTUMN.date())
    assert person is not None
    return Visitor(app.test_client()).sign_in(person.id)


@pytest.mark.parametrize("profile", ["excel", "plain"])
@pytest.mark.parametrize(
    ("words", "address"),
    [
        (("applications", *DAYS), "applications.csv?from=2026-01-01&until=2026-10-31&"),
        (
            ("applications", *DAYS, "--by", "decided", "--fund", "rfr"),
            "applications.csv?from=2026-01-01&until=2026-10-31&by=decided&fund=rfr&",
        ),
        (("budget",), "budget.csv?"),
        (("claims",), "claims/claims.csv?"),
        (("claims", "--fund", "kvalitetsfondet"), "claims/claims.csv?fund=kvalitetsfondet&"),
    ],
)
def test_the_file_is_the_one_on_the_page(
    lived_in: Place, finance: Visitor, words: tuple[str, ...], address: str, profile: str
) -> None:
    on_the_page = finance.get(f"/finance/{address}profile={profile}").get_data()
    exported = lived_in.run("export", *words, "--profile", profile)
    assert exported.exit_code == 0, exported.output
    assert exported.stdout_bytes == on_the_page
    assert on_the_page.count(b"\r\n") > 3


def test_one_fund_has_its_own_budget(lived_in: Place, finance: Visitor) -> None:
    every = finance.get("/finance/budget.csv?profile=plain").get_data().splitlines()
    exported = lived_in.run(
        "export", "budget", "--profile", "plain", "--fund", "rfr"
    ).stdout_bytes.splitlines()
    assert exported == [every[0], *(line for line in every[1:] if line.startswith(b"rfr,"))]
    assert 1 < len(exported) < len(every)


def test_another_language(lived_in: Place) -> None:
    exported = lived_in.run("export", "budget", "--language", "nb").stdout_bytes.decode("utf-8-sig")
    assert exported.startswith("Fond;Omgang;Budsjettperiode;")


def test_a_file_is_replaced_whole_and_read_by_its_owner_only(
    lived_in: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "night" / "applications.csv"
    out.parent.mkdir()
    out.write_text("of yesterday", "utf-8")
    assert lived_in.run("export", "applications", *DAYS, "--out", out).exit_code == 0
    content = out.read_bytes()
    assert content == lived_in.run("export", "applications", *DAYS).stdout_bytes
    assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def breaks(*_anything: object, **_more: object) -> object:
        yield b"half a file"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.finance.downloads.written", breaks)
    refused = lived_in.run("export", "applications", *DAYS, "--out", out)
    assert (refused.exit_code, "No space left on device" in refused.output) == (1, True), refused.output
    assert [(path.name, path.read_bytes()) for path in out.parent.iterdir()] == [(out.name, content)]


def test_batches_are_byte_for_byte_as_they_were_made(
    lived_in: Place, lived_in_database: Database, tmp_path: Path, finance: Visitor
) -> None:
    done = lived_in.run(
        "export", "payments", "--from", "2020-01-01", "--until", "2026-12-31", "--out", tmp_path / "p"
    )
    assert done.exit_code == 0, done.output
    with lived_in_database.reading() as session:
        batches = payments.newest(session, ("rfr", "kvalitetsfondet"), limit=100)
    names = {payments.name_of(each.fund, each.number, form) for each in batches for form in ("csv", "xlsx")}
    assert {path.name for path in (tmp_path / "p").iterdir()} == names
    assert len(names) > 4
    for batch in batches:
        for form in ("csv", "xlsx"):
            kept = (tmp_path / "p" / payments.name_of(batch.fund, batch.number, form)).read_bytes()
            assert kept == finance.get(f"/finance/payments/{batch.fund}/{batch.number}.{form}").get_data()


def test_batches_of_some_days_of_one_fund(
    lived_in: Place, lived_in_database: Database, tmp_path: Path
) -> None:
    with lived_in_database.reading() as session:
        batch = payments.get(session, "rfr", 2)
    day = batch.made_at.date().isoformat()
    words = ("export", "payments", "--from", day, "--until", day, "--fund", "rfr", "--out", tmp_path / "p")
    assert "Written: 2 files" in lived_in.run(*words).output
    assert {path.name for path in (tmp_path / "p").iterdir()} == {"payments_rfr_2.csv", "payments_rfr_2.xlsx"}
    assert "Written: 0 files" in lived_in.run(*words).output, "the next night finds them there"
    (tmp_path / "p" / "payments_rfr_2.csv").write_text("something else", "utf-8")
    refused = lived_in.run(*words)
    assert (refused.exit_code, "is another file" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("applications",), "applications need --from and --until"),
        (("payments", "--from", "2026-01-01"), "payments need --from and --until"),
        (("applications", "--from", "2026-02-30", "--until", "2026-03-01"), "write a day that exists"),
        (("applications", "--from", "2026-01-01", "--until", "9999-12-31"), "write a day that exists"),
        (
            ("applications", "--from", "2026-02-02", "--until", "2026-02-01"),
            "the last day is before the first",
        ),
        (("applications", *DAYS, "--fund", "x"), "there is no fund x; there are kvalitetsfondet, rfr"),
        (("budget", *DAYS), "the file of budget tells how things stand now"),
        (("claims", "--by", "decided"), "only applications take --by"),
        (("payments", *DAYS), "payments need --out"),
        (("payments", *DAYS, "--profile", "plain"), "batches are as they were made"),
        (("letters",), "'letters' is not one of"),
    ],
)
def test_what_would_not_be_heeded_is_refused(
    sqlite_lived_in: Place, words: tuple[str, ...], said: str
) -> None:
    refused = sqlite_lived_in.run("export", *words)
    assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    assert refused.stdout_bytes == b""
