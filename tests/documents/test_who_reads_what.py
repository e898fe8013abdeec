"""Every door, walked as every kind of person, gives the parts of a case that docs/who-reads-what.md says, no other."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from pypdf import PdfReader
from werkzeug.routing import IntegerConverter, Rule

from portal.actions import signing
from portal.actions.people import change_person
from portal.domain.access import AUDITOR, FINANCE, PARTICIPANT, PARTY, READERS, SEAT
from portal.domain.application import Outcome
from portal.domain.person import role_in
from portal.letters.composing import KINDS
from portal.letters.orders import print_due
from portal.mail.message import written
from portal.store import outbox
from portal.store.session import Database
from tests.actions.world import MARCH
from tests.house.files import ROOT
from tests.support.fund import AT, Fund
from tests.support.portals import Visitor
from tests.support.region import text_of

COLUMNS = {
    "Participant": PARTICIPANT,
    "Applicant, head": PARTY,
    "Seat": SEAT,
    "Finance": FINANCE,
    "Auditor": AUDITOR,
    "Stepped aside": "aside",
    "Others": "others",
}


def matrix() -> dict[str, frozenset[str]]:
    """The table of the page: who reads each part."""
    page = (ROOT / "docs" / "who-reads-what.md").read_text("utf-8").splitlines()
    table = [line for line in page if line.startswith(("| Part of", "| `"))]
    head, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {
        re.findall(r"^`(\w+)`", row[0])[0]: frozenset(
            COLUMNS[column] for column, said in zip(head[1:], row[1:], strict=True) if said == "yes"
        )
        for row in rows
    }


def test_the_page_says_what_the_code_says() -> None:
    assert matrix() == READERS


MARKS = {
    "rfr": {
        "case": ("Kongress Ett",),
        "words": ("Egna ord om deltagandet", "Fråga i egna ord", "Skäl i egna ord", "Så återkopplas det"),
        "register": ("The participant has another application in the same year",),
        "seats": ("Declared a conflict of interest", "Mellan platserna"),
    },
    "kf": {
        "case": ("Kurset To",),
        "words": ("Slik tjener det kvaliteten",),
        "documents": ("(certificate)", "(absence)"),
        "receipts": ("(receipt)",),
        "account": ("1234 56 78903",),
    },
}
"""What is seen of each part where it is read."""

ROLES = {
    "rfr": {
        "anna": PARTICIPANT,
        **dict.fromkeys(("bo", "boss"), PARTY),
        **dict.fromkeys(("chair", "rep"), SEAT),
        "sub": "aside",
        "both": SEAT,
        **dict.fromkeys(("finn", "rfr_finance"), FINANCE),
        "auditor": AUDITOR,
        **dict.fromkeys(("newboss", "former", "admin", "leder", "kf_finance"), "others"),
    },
    "kf": {
        "kari": PARTICIPANT,
        **dict.fromkeys(("leder", "medlem"), SEAT),
        **dict.fromkeys(("finn", "kf_finance", "both"), FINANCE),
        "auditor": AUDITOR,
        **dict.fromkeys(("anna", "chair", "admin", "rfr_finance"), "others"),
    },
}
"""What each is to each case; `both` has a seat of the first fund and finance's role."""


@pytest.fixture
def cases(
    make_fund: Callable[..., Fund], sqlite_database: Database, sqlite_url: str
) -> tuple[Fund, dict[str, str]]:
    """Two granted cases by their numbers: one with a head, words and a conflict, one with documents and an account."""
    fund = make_fund(sqlite_database, sqlite_url)
    world = fund.world
    with world.in_one_go():
        for name in ("newboss", "former"):
            world.add(name)
        world.add("both", roles=frozenset({FINANCE}))
        world.add("auditor", roles=frozenset({AUDITOR}))
        world.add("rfr_finance", roles=frozenset({role_in(FINANCE, "rfr")}))
        world.add("kf_finance", roles=frozenset({role_in(FINANCE, "kvalitetsfondet")}))
        world.appoint("both", "representative", substitute=True, ends_on=date(2024, 12, 31))
        world.appoint("former", "chair", substitute=True, ends_on=date(2024, 2, 1))
        token = world.draft(
            "bo",
            participant="anna",
            event="Kongress Ett",
            participation="Egna ord om deltagandet",
            follow_up_how="Så återkopplas det",
        )
        world.apply("anna", event="Kongress Noll")
        rfr = world.submit(token, "bo").number
        world.ask(rfr, question="Fråga i egna ord")
        world.conflict(rfr, "sub", "Vi är släkt")
        world.write(
            signing.comment,
            number=rfr,
            text="Mellan platserna",
            schemes=world.schemes,
            by=world["rep"],
            at=MARCH,
        )
        world.answer(rfr, "bo")
        world.grant(rfr, amount=8_000_00, reason="Skäl i egna ord")
        for name in world.people:
            head = world["newboss"].id if name == "anna" else world[name].head_id
            world.write(
                change_person,
                person=replace(world[name], language="en", head_id=head),
                schemes=world.schemes,
                by=None,
                at=MARCH,
            )
    kf = fund.apply(course="other", course_title="Kurset To", topic="Slik tjener det kvaliteten").number
    with world.in_one_go():
        for name in ("leder", "medlem"):
            case = world.case(kf, at=AT)
            world.write(
                signing.sign,
                number=kf,
                schemes=world.schemes,
                outcome=Outcome.GRANT,
                amount=case.assessment.amount,
                reason="",
                shown=case.page_digest,
                by=world[name],
                at=AT,
            )
    print_due(fund.database, at=AT, failing=lambda _letter, error: pytest.fail(str(error)))
    return fund, {"rfr": rfr, "kf": kf}


@cache
def read(content: bytes) -> str:
    """Everything that a file says: the pages of a PDF, the files of a zip."""
    if content.startswith(b"%PDF") and b"Typst" in content:
        pages = PdfReader(BytesIO(content)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return "\n".join(read(archive.read(name)) for name in archive.namelist())
    return content.decode("utf-8", "replace")


def doors(fund: Fund, number: str) -> Iterator[str]:
    """Every address that can be visited: those of the case, and those that are about none or about many."""
    known: dict[str, tuple[Any, ...]] = {
        "number": (number,),
        "version": (1, 2),
        "document_id": (1, 2, 3),
        "kind": KINDS,
        "fund": ("rfr", "kvalitetsfondet"),
        "key": ("rfr-2024",),
    }
    for rule in fund.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("health", "static", "assets")):
            continue
        names = sorted(rule.arguments)
        for values in product(*(known.get(name, (other(rule, name),)) for name in names)):
            with fund.app.test_request_context():
                built = rule.build(dict(zip(names, values, strict=True)))
            assert built is not None
            yield built[1]


def other(rule: Rule, name: str) -> object:
    return 1 if isinstance(rule._converters[name], IntegerConverter) else "x"


SAID_TO_ALL = {("seats", "/log"), ("register", "/funds/rfr-2024")}
"""The log says that somebody stepped aside, the page says why it may; a fund's page says every rule."""


def parts_read(
    fund: Fund, visitor: Visitor, number: str, marks: dict[str, tuple[str, ...]]
) -> dict[str, list[str]]:
    """The parts of a case that somebody reads through any door, with the doors."""
    found: dict[str, list[str]] = {}
    for path in doors(fund, number):
        answer = visitor.get(path, buffered=True)
        assert answer.status_code < 500, path
        said = text_of(answer) if answer.mimetype == "text/html" else read(answer.data)
        said = said.replace("\xa0", " ")
        for part, words in marks.items():
            for mark in words:
                if mark in said and (part, path) not in SAID_TO_ALL:
                    found.setdefault(f"{part}: {mark}", []).append(path)
        answer.close()
    return found


def test_every_door_gives_what_the_page_says(cases: tuple[Fund, dict[str, str]]) -> None:
    fund, numbers = cases
    readers = matrix()
    for which, marks in MARKS.items():
        for name, role in ROLES[which].items():
            found = parts_read(fund, fund.at(name), numbers[which], marks)
            wanted = {
                f"{part}: {mark}" for part, words in marks.items() for mark in words if role in readers[part]
            }
            if role == "aside":
                own = found.pop("seats: Declared a conflict of interest")
                assert own == ["/account/data.zip"], "what they themselves did, in the file about themselves"
            if name == "both" and which == "rfr":
                wanted |= {f"case: {mark}" for mark in marks["case"]}
            assert set(found) == wanted, (which, name, {k: v for k, v in found.items() if k not in wanted})
    e_mails_go_to_readers_and_hold_no_part(fund, numbers)
    who_has_left_reads_nothing(fund, numbers)


def who_has_left_reads_nothing(fund: Fund, numbers: dict[str, str]) -> None:
    finn = fund.at("finn")
    assert finn.get(f"/applications/{numbers['kf']}").status_code == 200
    fund.world.deactivate("finn")
    answer = finn.get(f"/applications/{numbers['kf']}")
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")


def e_mails_go_to_readers_and_hold_no_part(fund: Fund, numbers: dict[str, str]) -> None:
    ids = {person.id: name for name, person in fund.world.people.items()}
    with fund.database.reading() as session:
        mails = outbox.unsent(session, limit=200)
    told = set()
    for each in mails:
        which = next((which for which, number in numbers.items() if each.params.get("number") == number), "")
        if not which:
            continue
        told.add(each.kind)
        name = ids[each.receiver_id]
        # Who stepped aside since was told while they had a part in it.
        assert ROLES[which][name] in {PARTICIPANT, PARTY, SEAT, "aside"}, (each.kind, name)
        mail = outbox.Mail(
            each.id,
            each.receiver_id,
            each.kind,
            each.params,
            each.created_at,
            each.attempts,
            "",
            language="en",
        )
        said = str(written(mail, base_url=""))
        assert not [mark for words in MARKS[which].values() for mark in words if mark in said]
    assert told >= {"received", "to-sign", "returned", "granted"}
    to_sign = [
        ids[each.receiver_id] for each in mails if each.kind == "to-sign" and each.params["version"] == 2
    ]
    assert sorted(to_sign) == ["both", "chair", "rep"]


def test_everything_about_one_person_is_theirs_and_tells_of_nobody_else(
    cases: tuple[Fund, dict[str, str]],
) -> None:
    fund, numbers = cases
    anna = fund.at("anna")
    assert "/account/data.zip" in anna.get("/account").get_data(as_text=True)
    answer = anna.get("/account/data.zip", buffered=True)
    everything, content = (
        read(answer.data),
        json.loads(zipfile.ZipFile(BytesIO(answer.data)).read("data.json")),
    )
    own = next(each for each in content["applications"] if each["number"] == numbers["rfr"])
    assert own["versions"][0]["answers"]["participation"] == "Egna ord om deltagandet"
    assert own["decision"]["decided_by"] == ["Chair", "Rep"]
    assert own["decision"]["reason"] == "Skäl i egna ord"
    for other in ("Bo", "Boss", "Sub", fund.world["bo"].number, "bo@region.test"):
        assert not re.search(rf"\b{re.escape(other)}\b", everything), other
    kari = zipfile.ZipFile(BytesIO(fund.at("kari").get("/account/data.zip", buffered=True).data))
    assert [name for name in kari.namelist() if name.startswith(f"documents/{numbers['kf']}/")]
    bo = read(fund.at("bo").get("/account/data.zip", buffered=True).data)
    assert (numbers["rfr"] in bo, "Egna ord" in bo, "Anna" in bo) == (True, False, False)
