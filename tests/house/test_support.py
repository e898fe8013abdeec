"""The tests' own machinery works: a fault in it would hide faults in the portal."""

import smtplib
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy.engine import make_url

from tests.support.browser import axe, program
from tests.support.databases import PostgresDatabases
from tests.support.smtp import Fault, SmtpServer

CSP = "default-src 'none'; style-src 'self'; script-src 'self'"


def page_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """A page with one fault in it, under a strict content security policy."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", CSP)])
    field = '<input id="name">' if environ["PATH_INFO"] == "/bad" else ""
    return [f'<!doctype html><html lang="sv"><title>Hej</title><main><h1>Hej</h1>{field}</main>'.encode()]


def letter() -> EmailMessage:
    """A mail with letters beyond ASCII."""
    message = EmailMessage()
    message["From"], message["To"] = "portal@example.org", "asa@example.org"
    message["Subject"] = "Beslut på kurs"
    message.set_content("Hej Åsa")
    return message


def send(smtp: SmtpServer) -> None:
    """Send one letter as the portal's mail does."""
    with smtplib.SMTP(smtp.host, smtp.port, timeout=0.5) as client:
        client.send_message(letter())


def connect(url: str) -> "psycopg.Connection[Any]":
    """A plain connection to a test database."""
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


def test_each_postgresql_database_is_its_own(postgres_databases: PostgresDatabases) -> None:
    with postgres_databases.empty() as first, postgres_databases.empty() as second:
        with connect(first) as connection:
            connection.execute("CREATE TABLE mark (id int)")
        with connect(second) as connection:
            assert connection.execute("SELECT to_regclass('mark')").fetchone() == (None,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(first)


def test_an_app_is_served_on_a_port_of_its_own(live_server: Callable[..., str]) -> None:
    with urllib.request.urlopen(live_server(page_app)) as answer:  # noqa: S310
        assert "Hej" in answer.read().decode()


@pytest.mark.browser
def test_axe_tells_a_bad_page_from_a_good_one(live_server: Callable[..., str], page: Page) -> None:
    address = live_server(page_app)
    page.goto(address + "/good")
    assert axe(page) == []
    page.goto(address + "/bad")
    assert [line.split()[0] for line in axe(page)] == ["label"]


def test_a_mail_arrives_whole(smtp: SmtpServer) -> None:
    send(smtp)
    [delivery] = smtp.deliveries
    assert delivery.recipients == ("asa@example.org",)
    assert delivery.message["Subject"] == "Beslut på kurs"
    assert delivery.message.get_content().strip() == "Hej Åsa"


@pytest.mark.parametrize(
    ("fault", "error", "kept"),
    [
        (Fault.HANG, smtplib.SMTPServerDisconnected, 0),
        (Fault.SENDER_LATER, smtplib.SMTPSenderRefused, 0),
        (Fault.RECIPIENT_LATER, smtplib.SMTPRecipientsRefused, 0),
        (Fault.RECIPIENT_NEVER, smtplib.SMTPRecipientsRefused, 0),
        (Fault.DATA_LATER, smtplib.SMTPDataError, 0),
        (Fault.DATA_NEVER, smtplib.SMTPDataError, 0),
        (Fault.DROP_AFTER_DATA, smtplib.SMTPServerDisconnected, 1),
    ],
)
def test_a_fault_strikes_once(smtp: SmtpServer, fault: Fault, error: type[Exception], kept: int) -> None:
    smtp.fail(fault, times=1)
    with pytest.raises(error):
        send(smtp)
    assert len(smtp.messages) == kept
    send(smtp)
    assert len(smtp.messages) == kept + 1


def test_a_closed_mail_server_refuses_and_opens_again(smtp: SmtpServer) -> None:
    smtp.refuse()
    with pytest.raises(ConnectionRefusedError):
        send(smtp)
    smtp.listen()
    send(smtp)
    assert len(smtp.messages) == 1


def test_no_skips_turns_a_skip_into_a_failure(small_run: Callable[..., str]) -> None:
    assert "2 skipped" in small_run()
    said = small_run("--no-skips", "--continue-on-collection-errors")
    assert "1 failed, 1 error" in said
    assert "because" in said
    assert "whole" in said


@pytest.fixture
def small_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a test and a module that skip themselves, with this suite's conftest; gives what is printed."""
    root = Path(__file__).parents[2]
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\n\ndef test_nothing():\n    pytest.skip('because')\n"
    )
    (tmp_path / "test_two.py").write_text("import pytest\n\npytest.skip('whole', allow_module_level=True)\n")

    def run(*options: str) -> str:
        folder = tmp_path / str(len(options))  # a module of a name is read once a process
        folder.mkdir()
        (folder / "test_one.py").write_text("import pytest\n\n\ndef test_it():\n    pytest.skip('because')\n")
        (folder / "test_two.py").write_text(
            "import pytest\n\npytest.skip('whole', allow_module_level=True)\n"
        )
        pytest.main(
            ["-q", "-n0", "-p", "no:cacheprovider", "-p", "tests.conftest", f"--rootdir={root}",
             f"--config-file={root / 'pyproject.toml'}", *options, str(folder)]
        )  # fmt: skip
        return capfd.readouterr().out

    return run


def test_a_missing_chromium_skips_and_fails_when_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    driver: Any = SimpleNamespace(chromium=SimpleNamespace(executable_path="/nowhere"))
    for required, ending in ((False, pytest.skip.Exception), (True, pytest.fail.Exception)):
        with pytest.raises(ending, match="CHROMIUM names /nowhere/chromium"):
            program(driver, required=required)
