"""What finance and the ledger do with grants: batches that never change, rows that take back, files marked whole."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.actions import people
from portal.actions.paying import Marked, WrongLines, with_references
from portal.actions.submitting import Blocked
from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.payment import LedgerLine, PaymentKind
from portal.domain.person import FINANCE
from portal.domain.queue import Stretch
from portal.domain.refusal import Refused
from portal.finance.ledger import read_ledger, spelled
from portal.store import applications, audit, payments, queue
from portal.store.session import Session
from tests.actions.world import ASSESSED, MARCH
from tests.claims.test_books import check_books
from tests.support.purse import REFUND, Purse

LATER = MARCH + timedelta(days=3)


def invoiced(purse: Purse, by: str = "anna", amount: int = 5_000_00) -> str:
    number = purse.granted(by)
    purse.state(number, "10000", by=by)
    purse.invoice(number, amount)
    return number


def refusal(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def kept(purse: Purse) -> tuple[int, list[tuple[str, int]]]:
    """What is taken from the budget, and the entries that made it so."""
    with purse.reading() as session:
        [total] = session.execute(text("SELECT sum(granted_amount) FROM budget_periods")).scalars()
        entries = session.execute(text("SELECT kind, amount FROM budget_entries ORDER BY id")).all()
        check_books(session)
    return total, [(entry.kind, entry.amount) for entry in entries]


def test_what_is_cancelled_after_a_batch_is_taken_back_by_the_next(purse: Purse) -> None:
    first, other = invoiced(purse), invoiced(purse, "bo")
    purse.batch()
    with pytest.raises(Refused) as refused:
        purse.cancel(first)
    assert refusal(refused) == "cancel.used"
    purse.cancel(first, "finn", "Event off")
    with purse.reading() as session:
        [due] = payments.due(session, "rfr")
    assert (due.payment.kind, due.payment.amount, due.payment.number) == (
        PaymentKind.REVERSE,
        -5_000_00,
        first,
    )
    made = purse.batch(at=LATER)
    assert (made.number, made.rows, made.paid_amount, made.reversed_amount) == (2, 1, 0, -5_000_00)
    with pytest.raises(Refused) as refused:
        purse.batch(at=LATER)
    assert refusal(refused) == "batch.nothing"
    assert purse.claim(other).stage is Stage.INVOICED
    assert kept(purse)[0] == 5_000_00


def test_what_is_cancelled_before_a_batch_never_stands_in_one(purse: Purse) -> None:
    number = invoiced(purse)
    purse.cancel(number, "finn")
    assert purse.shown("rfr")[0] == 1
    with pytest.raises(Refused) as refused:
        purse.batch()
    assert refusal(refused) == "batch.nothing"


def test_cancelling_what_is_paid_frees_neither_the_money_nor_the_year(purse: Purse) -> None:
    number = invoiced(purse)
    purse.batch()
    purse.pay(number)
    purse.cancel(number, "finn")
    purse.cancel(number, "finn")
    total, entries = kept(purse)
    assert (total, entries) == (
        5_000_00,
        [("reserve", ASSESSED), ("release", -(ASSESSED - 5_000_00)), ("cancel", 0)],
    )
    assert purse.claim(number).stage is Stage.PAID
    with pytest.raises(Blocked) as blocked:
        purse.apply(prior="granted")
    assert "rfr.second-grant" in {each.code for each in blocked.value.assessment.findings}
    assert purse.told("cancelled-used") == {"anna"}
    purse.give_back(number, 2_000_00)
    assert kept(purse)[0] == 3_000_00
    purse.give_back(number, 0)
    purse.correct(number, 0, reason="It is to come back")
    assert kept(purse)[0] == 0
    assert purse.batch(at=LATER).reversed_amount == -5_000_00


def test_a_used_grant_cancelled_in_october_leaves_the_year_used(purse: Purse) -> None:
    hers, his, number = purse.apply(event="Another").number, purse.apply("bo").number, purse.granted()
    october = MARCH + timedelta(days=220)
    with pytest.raises(Refused) as refused:
        purse.cancel(number, at=october)
    assert refusal(refused) == "cancel.used"
    purse.cancel(number, "finn", "Did not go after all", at=october)
    assert kept(purse)[0] == 0
    again = {"starts_on": "2024-11-20", "ends_on": "2024-11-21", "follow_up_on": "2024-12-01"}
    with pytest.raises(Blocked) as blocked:
        purse.apply(at=october, prior="granted", **again)
    assert "rfr.second-grant" in {each.code for each in blocked.value.assessment.findings}
    with purse.reading() as session:
        lines = queue.page(session, [Stretch("rfr-2024", "waiting", ())], reader_id=purse["chair"].id)
    assert {each.number: each.stopped for each in lines} == {hers: True, his: False}


def test_nobody_cancels_as_finance_what_they_take_part_in(small_purse: Purse) -> None:
    purse = small_purse
    number = invoiced(purse)
    paying = replace(purse["chair"], roles=frozenset({FINANCE}))
    purse.write(people.change_person, person=paying, schemes=purse.schemes, by=None, at=MARCH)
    with pytest.raises(Refused) as refused:
        purse.cancel(number, "chair")
    assert refusal(refused) == "claim.own-case"


def test_invoices_come_in_parts_and_the_rest_goes_back_when_it_is_all(purse: Purse) -> None:
    number = purse.granted()
    purse.state(number, "16500")
    assert purse.invoice(number, 3_000_00, whole=False).stage is Stage.PART
    assert kept(purse)[0] == ASSESSED
    with pytest.raises(Refused) as refused:
        purse.state(number, "100")
    assert refusal(refused) == "claim.below-invoiced"
    purse.batch()
    assert purse.pay(number).stage is Stage.PART
    with pytest.raises(Refused) as refused:
        purse.invoice(number, ASSESSED - 3_000_00 + 1, invoice_number="F-2")
    assert refusal(refused) == "claim.above"
    purse.invoice(number, 3_000_00, invoice_number="F-2", whole=False)
    with pytest.raises(Refused) as refused:
        purse.release(number, " ")
    assert refusal(refused) == "claim.reason"
    claim = purse.release(number, "No more will come")
    assert (claim.stage, claim.released_amount, claim.paid_amount) == (Stage.INVOICED, 2_250_00, 3_000_00)
    assert purse.told("released") == {"anna"}
    assert kept(purse)[0] == 6_000_00
    purse.batch(at=LATER)
    line = LedgerLine(2, number, 3_000_00, MARCH.date(), 1)
    second = LedgerLine(3, number, 3_000_00, LATER.date(), 2)
    assert purse.ledger(line, second, replace(second, line=4), at=LATER) == Marked(1, 2)
    assert purse.claim(number).stage is Stage.PAID


def test_an_invoice_is_corrected_before_its_batch_and_credited_after_it(purse: Purse) -> None:
    number = purse.granted()
    purse.state(number, "16500")
    purse.invoice(number, 4_000_00)
    with pytest.raises(Refused) as refused:
        purse.correct(number, 4_000_00)
    assert refusal(refused) == "claim.same"
    purse.correct(number, 5_000_00, invoice_number="F-9")
    assert kept(purse)[0] == 5_000_00
    before, stands = purse.invoices(number)
    assert (before.stands, before.credit_reason, stands.replaces) == (False, "Mistyped", before.id)
    purse.batch()
    purse.correct(number, 8_000_00, at=LATER)
    total, entries = kept(purse)
    assert (total, entries[-1]) == (8_000_00, ("retake", 3_000_00))
    made = purse.batch(at=LATER)
    assert (made.paid_amount, made.reversed_amount) == (8_000_00, -5_000_00)
    with purse.reading() as session:
        table = payments.read_file(session, "rfr", 2, "csv").content.decode("utf-8-sig")
        logged = [each.event for each in audit.history(session, before.application_id)]
    rows = [row.split(";") for row in table.splitlines()[1:]]
    assert [(row[2], row[3], row[-1]) for row in rows] == [
        ("Betala", number, "8000,00"),
        ("Återta", number, "-5000,00"),
    ]
    changes = [(each.body["was"], each.body["amount"]) for each in logged if each.act == "correct-invoice"]
    assert changes == [(4_000_00, 5_000_00), (5_000_00, 8_000_00)]
    assert purse.told("invoice-corrected") == {"anna"}
    purse.correct(number, 0, whole=False, at=LATER)
    assert (purse.claim(number).stage, kept(purse)[0]) == (Stage.STATED, ASSESSED)


def test_what_a_period_no_longer_has_is_not_taken_again(purse: Purse) -> None:
    number = purse.granted()
    purse.state(number, "16500")
    purse.invoice(number, 5_000_00)
    with purse.database.writing() as session:
        session.execute(text("UPDATE budget_periods SET allocated_amount = granted_amount WHERE key = 'H1'"))
    with pytest.raises(Refused) as refused:
        purse.correct(number, 5_000_01)
    assert refusal(refused) == "claim.period-short"
    assert purse.claim(number).invoice_amount == 5_000_00


def test_a_batch_is_of_what_the_page_showed_or_is_not_made(purse: Purse) -> None:
    invoiced(purse)
    shown = purse.shown("rfr")
    invoiced(purse, "bo")
    with pytest.raises(Refused) as refused:
        purse.batch(shown=shown)
    assert refusal(refused) == "batch.changed"
    again = purse.shown("rfr")
    assert purse.batch(shown=again) == purse.batch(shown=again)
    assert purse.shown("rfr")[0] == 2


def test_numbers_are_the_funds_own(purse: Purse) -> None:
    invoiced(purse)
    purse.granted("bo", scheme=REFUND)
    assert [purse.batch(fund).number for fund in ("rfr", "refund")] == [1, 1]


def test_the_bytes_of_a_batch_are_kept_and_cannot_be_changed(purse: Purse) -> None:
    invoiced(purse)
    batch = purse.batch()
    with purse.reading() as session:
        kept = payments.read_file(session, "rfr", 1, "xlsx")
    assert kept.sha256 == batch.xlsx_sha256
    with ZipFile(io.BytesIO(kept.content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        assert b"2024-03-01T09:00:00Z" in book.read("docProps/core.xml")
    for statement in (
        "UPDATE payment_batches SET csv = csv",
        "DELETE FROM payment_batches",
        "UPDATE payments SET amount = 1",
        "DELETE FROM payments",
    ):
        with pytest.raises(DBAPIError), purse.database.writing() as session:
            session.execute(text(statement))


def test_the_same_rows_give_the_same_bytes(purse: Purse) -> None:
    from portal.finance.batches import files

    invoiced(purse)
    scheme = purse.schemes["rfr-2024"]
    with purse.reading() as session:
        rows = with_references(payments.due(session, "rfr"), purse.schemes)
    assert files(scheme, 1, rows, at=MARCH) == files(scheme, 1, rows, at=MARCH)
    for one, other in pairwise((files(scheme, 1, rows, at=MARCH), files(scheme, 2, rows, at=MARCH))):
        assert one != other


def test_text_that_a_spreadsheet_takes_for_a_formula_is_guarded(purse: Purse) -> None:
    number = purse.granted(administration="=1+1")
    purse.state(number, "10000")
    purse.invoice(number, 1_00, invoice_number="+46")
    purse.batch()
    with purse.reading() as session:
        table = payments.read_file(session, "rfr", 1, "csv").content.decode("utf-8-sig")
    assert ";'=1+1, 4711;'+46;" in table


def test_only_what_stood_in_a_batch_is_paid_and_on_a_day_that_can_be(purse: Purse) -> None:
    number = invoiced(purse)
    for days, code in ((0, "payment.not-in-batch"),):
        with pytest.raises(Refused) as refused:
            purse.pay(number, on=MARCH.date() + timedelta(days=days))
        assert refusal(refused) == code
    purse.batch()
    for days, code in ((1, "payment.future"), (-1, "payment.early")):
        with pytest.raises(Refused) as refused:
            purse.pay(number, on=MARCH.date() + timedelta(days=days))
        assert refusal(refused) == code
    assert purse.pay(number).stage is Stage.PAID
    with pytest.raises(Refused) as refused:
        purse.pay(number)
    assert refusal(refused) == "claim.pay-too-late"


def test_a_ledgers_file_is_marked_whole_or_not_at_all(purse: Purse) -> None:
    first, other = invoiced(purse), invoiced(purse, "bo", 4_000_00)
    purse.batch()
    day = MARCH.date()
    good = LedgerLine(2, first, 5_000_00, day, 1)
    wrong = {
        "ledger.amount": LedgerLine(3, other, 4_000_01, day),
        "ledger.unknown": LedgerLine(3, "RFR-2024-9999", 1_00, day),
        "ledger.batch": LedgerLine(3, other, 4_000_00, day, 2),
        "payment.future": LedgerLine(3, other, 4_000_00, day + timedelta(days=1)),
        "ledger.reversal": LedgerLine(3, other, -4_000_00, day),
        "ledger.twice": LedgerLine(3, first, 4_999_00, day),
    }
    for code, line in wrong.items():
        with pytest.raises(WrongLines) as found:
            purse.ledger(good, line)
        assert [(at, why.code) for at, why in found.value.wrong] == [(3, code)]
        assert purse.claim(first).stage is Stage.INVOICED
    marked = purse.ledger(good, LedgerLine(3, other, 4_000_00, day), replace(good, line=4))
    assert (marked.paid, marked.known) == (2, 1)
    marked = purse.ledger(good, LedgerLine(3, other, 4_000_00, day))
    assert (marked.paid, marked.known) == (0, 2)
    with pytest.raises(WrongLines) as found:
        purse.ledger(LedgerLine(2, first, 5_000_00, day - timedelta(days=1)))
    assert found.value.wrong[0][1].code == "ledger.paid"


def test_what_was_paid_although_cancelled_is_marked_and_taken_back(purse: Purse) -> None:
    number = invoiced(purse)
    purse.batch()
    purse.cancel(number, "finn")
    day = MARCH.date()
    assert purse.ledger(LedgerLine(2, number, 5_000_00, day)).paid == 1
    purse.batch(at=LATER)
    marked = purse.ledger(LedgerLine(2, number, -5_000_00, LATER.date()), at=LATER)
    assert (marked.paid, marked.known) == (0, 1)


def test_nobody_but_finance_pays(purse: Purse) -> None:
    number = invoiced(purse)
    for by in ("anna", "boss", "chair", "admin"):
        with pytest.raises(Refused) as refused:
            purse.batch(by=by)
        assert refusal(refused) == "access.not-found"
        for act in (
            lambda by=by: purse.pay(number, by=by),
            lambda by=by: purse.ledger(by=by),
            lambda by=by: purse.invoice(number, 1, by=by),
            lambda by=by: purse.release(number, by=by),
        ):
            with pytest.raises(Refused):
                act()


@pytest.mark.parametrize("part", ["anna", "bo", "boss", "chair", "sub"])
def test_nobody_in_finance_pays_a_case_they_take_part_in(small_purse: Purse, part: str) -> None:
    purse = small_purse
    own = purse.apply("bo", participant="anna").number
    purse.conflict(own, "sub")
    purse.grant(own)
    purse.state(own, "10000")
    paying = replace(purse[part], roles=frozenset({FINANCE}))
    purse.write(people.change_person, person=paying, schemes=purse.schemes, by=None, at=MARCH)

    def is_refused(act: Callable[[], object], code: str = "claim.own-case") -> None:
        with pytest.raises(Refused) as refused:
            act()
        assert refusal(refused) == code

    is_refused(lambda: purse.invoice(own, 5_000_00, by=part))
    is_refused(lambda: purse.release(own, by=part))
    purse.invoice(own, 5_000_00)
    is_refused(lambda: purse.batch(by=part), "batch.nothing")
    purse.batch()
    is_refused(lambda: purse.pay(own, by=part))
    line = LedgerLine(2, own, 5_000_00, MARCH.date())
    assert purse.ledger(line, by=part) == Marked(0, 0, left_out=1)
    assert purse.claim(own).stage is Stage.INVOICED
    assert purse.ledger(line) == Marked(1, 0)
    assert purse.ledger(line, by=part) == Marked(0, 1)


def test_costs_can_be_stated_until_the_invoice_is_registered(purse: Purse) -> None:
    number = purse.granted()
    assert purse.state(number, "3 333,33").amount == 1_666_66
    assert purse.state(number, "99 000").amount == ASSESSED
    with pytest.raises(Refused) as refused:
        purse.state(number, "abc")
    assert refusal(refused) == "claim.unreadable"
    with pytest.raises(Refused) as refused:
        purse.state(number, "1", revision=1)
    assert refusal(refused) == "claim.changed"
    purse.invoice(number, ASSESSED)
    with pytest.raises(Refused) as refused:
        purse.state(number, "1")
    assert refusal(refused) == "claim.state-too-late"


def test_a_late_invoice_is_taken(purse: Purse) -> None:
    number = purse.granted()
    then = MARCH + timedelta(days=250)
    assert purse.claim(number).is_late(then.date())
    purse.state(number, "10000", at=then)
    assert purse.invoice(number, 5_000_00, at=then).stage is Stage.INVOICED


def test_a_released_grant_can_still_be_cancelled_and_gives_nothing_twice(purse: Purse) -> None:
    number = purse.granted()
    purse.release(number)
    purse.cancel(number)
    with purse.reading() as session:
        assert status(session, number) is Status.CANCELLED
        assert session.execute(text("SELECT sum(amount) FROM budget_entries")).scalar_one() == 0


def status(session: Session, number: str) -> Status:
    return applications.get(session, number=number).status


@pytest.mark.parametrize(
    "content",
    [
        "number;amount;paid_on\nRFR-1;1 234,50;2024-03-01\n",
        "\ufeffNummer;Belopp;Betald\r\nRFR-1;1234,50;2024-03-01\r\n",
        "paid_on,batch,x,amount,number\n2024-03-01,,y,1234.50,rfr-1\n",
        'Nummer,Beløp,Betalt\nRFR-1,"1.234,50 kr",2024-03-01\n\n',
        "number\tamount\tpaid_on\nRFR-1\t1234.5\t2024-03-01",
        "sep=;\r\nNummer;Belopp;Betalningsdag\r\nRFR-1;+1 234,50;2024-3-1\r\n",
        '"sep=,"\nnumber,amount,paid_on\nRFR\u20111,"1\u202f234,50",20240301\n',
        "number;amount;paid_on\nrfr-\u200b1;1\u00a0234,50;01.03.2024\n",
        "number;amount;paid_on\nRFR-1;1234,50 kr;2024-03-01 00:00:00\n",
        "number;amount;paid_on\nRFR-1;1234,50;2024/03/01\n",
    ],
)
def test_a_ledgers_file_may_look_in_many_ways(content: str) -> None:
    found, wrong = read_ledger(content.encode())
    assert wrong == []
    assert [(each.number, each.amount, each.paid_on.isoformat()) for each in found] == [
        ("RFR-1", 1_234_50, "2024-03-01")
    ]
    assert read_ledger(spelled(found).encode())[0][0].amount == 1_234_50


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_ledgers_file_comes_in_the_letters_of_its_program(encoding: str) -> None:
    content = "Søknad;Betalt beløp;Betalt\nRFR-1;1;2024-03-01\n".encode(encoding)
    assert [(each.number, each.amount) for each in read_ledger(content)[0]] == [("RFR-1", 1_00)]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("500,00-", -500_00), ("500,00 -", -500_00), ("(500,00)", -500_00), ("-500,00", -500_00), ("–500,00", -500_00),
        ("\u2011500,00", -500_00), ("−500,00", -500_00), ("(500,00 kr)", -500_00), ("1.500-", -1_500_00),
        ("500,-", 500_00), ("500,–", 500_00), ("500:-", 500_00), ("+500", 500_00), ("'-500", -500_00),
    ],
)  # fmt: skip
def test_what_was_taken_back_is_written_in_many_ways(typed: str, amount: int) -> None:
    [line] = read_ledger(f"number;amount;paid_on\nA;{typed};2024-03-01".encode())[0]
    assert line.amount == amount


@pytest.mark.parametrize(
    ("amount", "day", "column", "says"),
    [
        ("1,234", "2024-03-01", "Belopp", "“1,234” can mean two things. Write it as 10000,50."),
        ("(-5)", "2024-03-01", "Belopp", "“(-5)” cannot be read as an amount. Write it as 8250,00,"),
        ("--5", "2024-03-01", "Belopp", "“--5” cannot be read as an amount."),
        ("5", "05/09/2024", "Betald", "“05/09/2024” cannot be read as a day. Write it as 2026-03-01."),
        ("5", "05-09-2024", "Betald", "“05-09-2024” cannot be read as a day."),
        ("5", "5.9.24", "Betald", "“5.9.24” cannot be read as a day."),
        ("5", "0024-09-05", "Betald", "“0024-09-05” cannot be read as a day."),
    ],
)
def test_what_may_mean_two_things_is_told_by_line_and_column(
    amount: str, day: str, column: str, says: str
) -> None:
    found, wrong = read_ledger(f"Nummer;Belopp;Betald\n\nA;{amount};{day}".encode())
    [each] = wrong
    assert (found, each.line, each.column) == ([], 3, column)
    assert (each.refusal.text % each.refusal.values).startswith(says)


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["ledger.empty"]),
        (b"PK\x03\x04\x14\0", ["ledger.not-text"]),
        (b"number;amount\nA;1", ["ledger.column"]),
        (b"\xff\xfe\x01", ["ledger.not-text"]),
        (b'number;amount;paid_on;text\nA;1;2024-03-01;"x\nB;2;2024-03-01;y\n', ["ledger.quote"]),
        (b"number,paid_on,amount\nA,2024-03-01,5,50", ["ledger.more-cells"]),
        (b"number;amount;Belopp;paid_on\nA;1;2;2024-03-01\nB;1;1;2024-03-01", ["ledger.twice"]),
        (b"number;amount;paid_on\n;x;2024-13-01", ["ledger.number", "ledger.not-amount", "ledger.not-date"]),
        (b"number;amount;paid_on;batch\nA;1;2024-03-01;two", ["ledger.not-batch"]),
        (b"number;amount;paid_on\nA;1e5;2024-03-01", ["ledger.not-amount"]),
        (b"number;amount;paid_on\n" + b"A;1;2024-03-01\n" * 5001, ["ledger.too-long"]),
    ],
)
def test_what_cannot_be_read_is_told_by_line(content: bytes, codes: list[str]) -> None:
    _found, wrong = read_ledger(content)
    assert sorted(each.refusal.code for each in wrong) == sorted(codes)


def test_the_command_reminds_of_a_late_invoice_once(small_purse: Purse) -> None:
    from click.testing import CliRunner

    from portal.cli import main

    number = small_purse.granted()
    env = {"DATABASE_URL": str(small_purse.database.url), "SCHEMES_DIR": ""}
    first, again = (CliRunner().invoke(main, ["remind"], env=env) for _ in range(2))
    assert (first.exit_code, again.exit_code, again.output) == (0, 0, "")
    with small_purse.reading() as session:
        kinds = session.execute(
            text("SELECT kind FROM outbox WHERE params LIKE :number"), {"number": f"%{number}%"}
        )
        assert "invoice-late" in {row.kind for row in kinds}
