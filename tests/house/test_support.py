"""The tests' own machinery works: a fault in it would hide faults in the portal."""

import smtplib
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy.engine import make_url

from tests.support.browser import axe
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


def test_no_skips_turns_a_skip_into_a_failure(pytester_run: Callable[..., tuple[int, str]]) -> None:
    one = "import pytest\n\n\ndef test_nothing():\n    pytest.skip('because')\n"
    whole = "import pytest\n\npytest.skip('whole', allow_module_level=True)\n"
    code, output = pytester_run(one, whole)
    assert (code, "2 skipped" in output) == (0, True)
    code, output = pytester_run(one, whole, options=["--no-skips", "--continue-on-collection-errors"])
    assert (code, "1 failed, 1 error" in output) == (1, True)
    assert "because" in output
    assert "whole" in output


def test_a_missing_chromium_skips_and_fails_when_required(
    pytester_run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    source = "def test_nothing(page):\n    page.goto('about:blank')\n"
    code, output = pytester_run(source, options=["-rs"])
    assert (code, "1 skipped" in output, "CHROMIUM names /nowhere/chromium" in output) == (0, True, True)
    code, output = pytester_run(source, options=["--require-browser"])
    assert (code, "1 error" in output, "CHROMIUM names /nowhere/chromium" in output) == (1, True, True)


@pytest.fixture
def pytester_run(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs pytest with this suite's conftest over small files."""
    root = Path(__file__).parents[2]

    def run(*sources: str, options: Sequence[str] = ()) -> tuple[int, str]:
        files = [tmp_path / f"test_small_{number}.py" for number in range(len(sources))]
        for file, source in zip(files, sources, strict=True):
            file.write_text(source)
        answer = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-p", "tests.conftest",
             f"--rootdir={root}", f"--config-file={root / 'pyproject.toml'}", *options, *map(str, files)],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return answer.returncode, answer.stdout + answer.stderr

    return run
