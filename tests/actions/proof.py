"""What must hold of a database whatever was done to it: money, four eyes, once only, versions and the log."""

from collections import Counter
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from portal.domain.application import Status
from portal.store import audit, totals
from portal.store.session import Database
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    BudgetEntryRow,
    BudgetPeriodRow,
    DecisionRow,
    PersonRow,
    SeatHoldingRow,
    SignatureRow,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def prove(database: Database, *, settled: bool = False) -> None:
    """Fail with what does not hold; where grants are `settled`, what stands of them is for the books to say."""
    with database.reading() as session:
        entries = dict(
            session.execute(
                select(BudgetEntryRow.period_id, func.sum(BudgetEntryRow.amount)).group_by(
                    BudgetEntryRow.period_id
                )
            ).all()
        )
        standing_grants: Counter[int] = Counter()
        for row in session.execute(select(DecisionRow)):
            if row.outcome == "grant" and row.cancelled_at is None:
                standing_grants[row.period_id] += row.amount
        for period in session.execute(select(BudgetPeriodRow)):
            assert period.granted_amount == entries.get(period.id, 0), (
                "the kept sum is not the sum of the entries"
            )
            assert settled or period.granted_amount == standing_grants[period.id], (
                "the kept sum is not what stands granted"
            )
            assert 0 <= period.granted_amount <= period.allocated_amount + period.carried_amount

        keys = session.execute(
            select(DecisionRow.once_key).where(
                DecisionRow.outcome == "grant", DecisionRow.cancelled_at.is_(None)
            )
        ).scalars()
        assert all(count == 1 for count in Counter(keys).values()), "granted twice"

        decisions = {row.application_id: row for row in session.execute(select(DecisionRow))}
        signatures = {row.id: row for row in session.execute(select(SignatureRow))}
        terms = {row.id: row for row in session.execute(select(SeatHoldingRow))}
        signers = {row.id: row for row in session.execute(select(PersonRow))}
        versions = {
            (row.application_id, row.number): row for row in session.execute(select(ApplicationVersionRow))
        }
        for row in session.execute(select(ApplicationRow)):
            assert versions[row.id, row.version].digest == row.digest
            assert versions[row.id, row.version].amount == row.amount
            assert (row.id, row.version + 1) not in versions
            decided = decisions.get(row.id)
            assert (row.status in (Status.GRANTED, Status.REFUSED, Status.CANCELLED)) == (decided is not None)
            standing = [
                s
                for s in signatures.values()
                if s.application_id == row.id and s.version == row.version and s.withdrawn_at is None
            ]
            assert sorted(s.seat for s in standing) == row.signed_seats, (
                "the queue shows other seats than signed"
            )
            if decided is None:
                for each in standing:
                    term, signer = terms[each.holding_id], signers[each.signer_id]
                    day = each.signed_at.astimezone(STOCKHOLM).date()
                    assert term.starts_on <= day <= (term.ends_on or day), (
                        "a signature counts that was given outside its term"
                    )
                    assert signer.active, "a signature counts whose signer has left"
                continue
            assert (decided.version, decided.digest) == (row.version, row.digest)
            first, second = signatures[decided.signature_a], signatures[decided.signature_b]
            assert {first.seat, second.seat} == {"chair", "representative"}
            assert first.signer_id != second.signer_id
            for signature in (first, second):
                assert signature.signer_id not in (row.applicant_id, row.participant_id, row.head_id)
                assert signature.withdrawn_at is None
                assert (signature.outcome, signature.amount) == (decided.outcome, decided.amount)
            assert decided.amount <= row.amount
        assert totals.differences(session) == 0, "what is kept added up is not what is there"
        verification = audit.verify(session)
        assert verification.whole, f"the log is broken at {verification.broken_at}"
        decide_events = session.execute(text("SELECT count(*) FROM events WHERE act = 'decide'")).scalar_one()
        assert decide_events == len(decisions)
