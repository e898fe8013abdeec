"""What an e-mail says, to whom, and what can never get into it."""

import ast
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.scheme import LANGUAGES
from portal.mail.message import Unsendable, address, message_of
from portal.mail.notices import NOTICES
from portal.store.outbox import Mail
from tests.house.files import name, python, tree

AT = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
BASE = "https://courses.example.org"
PARAMS = {"number": "RFR-2026-0001", "version": 1, "day": "2026-09-30", "seed": "a"} | {
    "time": "07:30", "agent": "Firefox, Windows", "address": "192.0.2.7",
}  # fmt: skip


def a_mail(kind: str = "received", language: str = "sv", **other: Any) -> Mail:
    """A row of the outbox."""
    values: dict[str, Any] = {"params": PARAMS, "email": "asa@region.test"} | other
    return Mail(1, 1, kind, created_at=AT, attempts=1, message_id="abc@portal", language=language, **values)


def sent(mail: Mail) -> EmailMessage:
    """The e-mail as it is read on the other side."""
    message = message_of(mail, sender="portal@example.org", base_url=BASE, at=AT)
    raw = message.as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def body(message: EmailMessage, kind: str) -> str:
    """One of the two texts."""
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NOTICES)
def test_every_kind_in_every_language(kind: str, language: str) -> None:
    message = sent(a_mail(kind, language))
    texts = [message["Subject"], body(message, "plain"), body(message, "html")]
    assert all(texts)
    assert not any("%(" in text or "{" in text for text in texts)
    link = BASE + NOTICES[kind].link[0].format(number="RFR-2026-0001")
    assert link in body(message, "plain")
    assert f'href="{link}"' in body(message, "html")
    assert f'<html lang="{language}">' in body(message, "html")
    assert message["Content-Language"] == language


def test_the_headers() -> None:
    message = sent(a_mail(language="nb"))
    assert message["From"] == "portal@example.org"
    assert message["To"] == "asa@region.test"
    assert message["Message-ID"] == "<abc@portal>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == AT
    assert message["Cc"] is message["Bcc"] is message["Reply-To"] is None
    assert message.get_content_type() == "multipart/alternative"


def test_a_subject_beyond_ascii_is_encoded() -> None:
    message = message_of(a_mail(), sender="portal@example.org", base_url=BASE, at=AT)
    assert b"=?utf-8?" in message.as_bytes()
    assert sent(a_mail())["Subject"] == "Ansökan RFR-2026-0001 har kommit in"


def test_a_language_nobody_speaks_is_swedish() -> None:
    assert sent(a_mail(language="xx"))["Content-Language"] == "sv"


def test_a_corrected_payee_is_told_by_the_name_of_the_question() -> None:
    what = {"sv": "Kontonummer", "nb": "Kontonummer", "en": "Account number"}
    told = body(
        sent(a_mail("payee-corrected", "en", params={"number": "KF-2024-0001", "what": what})), "plain"
    )
    assert "Somebody has corrected this: Account number." in told
    before = body(sent(a_mail("payee-corrected", "en", params={"number": "KF-2024-0001"})), "plain")
    assert "Somebody has corrected this: what is said of the payee." in before


@pytest.mark.parametrize(
    "params",
    [
        {"number": "RFR-1", "what": {"sv": "Konto\nBcc: x@y.test"}},
        {"number": "RFR-1", "what": "Konto"},
        {"number": "RFR-1\r\nBcc: x@y.test"},
        {"number": "<script>"},
        {"number": "x" * 41},
        {},
        {"number": "RFR-1", "day": "tomorrow\nBcc: x"},
    ],
)
def test_values_that_are_none_are_refused(params: dict[str, str]) -> None:
    with pytest.raises(Unsendable):
        sent(a_mail("invoice-due", params=params))


@pytest.mark.parametrize(
    "email",
    ["", " ", "asa", "@x.test", "a@", "a b@x.test", "a@x.test,b@x.test", "a@x.test\nBcc: b@x.test", "å@x.test",
     '"a"@x.test', "a@x..test", "<a@x.test>", "a@x.test\x00", "åsa@x.test", "Anna<anna@x.test>", "a..b@x.test",
     ".a@x.test", "a.@x.test", "a@x", "a@-x.test", "a@x-.test", "a@10.0.0.1", "a@x.test.", "a@b@x.test",
     f"{'a' * 65}@x.test", "a@x.t"],
)  # fmt: skip
def test_addresses_that_are_none_are_refused(email: str) -> None:
    with pytest.raises(Unsendable):
        sent(a_mail(email=email))


@pytest.mark.parametrize(
    "email", ["a@x.test", "anna.berg+kurs@ort.region.test", "o'neil@x.test", "a-b_c@x-y.test"]
)
def test_addresses_that_are_some_are_mailed(email: str) -> None:
    assert address(email) == email


def test_a_domain_beyond_ascii_is_reached() -> None:
    assert address("asa@sjukhus-växjö.test") == "asa@xn--sjukhus-vxj-t8a0v.test"


def test_somebody_who_has_left_gets_nothing() -> None:
    with pytest.raises(Unsendable, match="left"):
        sent(a_mail(active=False))


@given(email=st.text(max_size=80), number=st.text(max_size=50))
def test_nothing_typed_adds_a_header_or_a_receiver(email: str, number: str) -> None:
    try:
        message = sent(a_mail(email=email, params={"number": number}))
    except Unsendable:
        return
    wanted = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
              "Content-Language", "MIME-Version", "Content-Type"}  # fmt: skip
    assert set(message.keys()) == wanted
    assert len(message["To"].addresses) == 1


def test_the_same_row_gives_the_same_message_id() -> None:
    assert len({sent(a_mail())["Message-ID"] for _try in range(3)}) == 1


def test_a_decision_says_not_which() -> None:
    assert NOTICES["granted"] == NOTICES["refused"]


def test_every_kind_that_actions_tell_is_written() -> None:
    told: dict[str, str] = {}
    for path in python("portal"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "tell",
                "tell_parties",
                "outbox.add",
            ):
                for kind in _kinds(node):
                    told[kind] = name(path)
    assert {"received", "granted", "refused", "returned"} <= told.keys()
    assert {kind: path for kind, path in told.items() if kind not in NOTICES} == {}


def _kinds(call: ast.Call) -> list[str]:
    """The kinds a call can tell: its second argument, or `kind=`."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
    given = named or call.args[1:2]
    return [each.value for value in given for each in ast.walk(value)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)]  # fmt: skip
