"""The law of the sign-off as the database itself keeps it, whoever writes and whether or not keys are checked."""

from collections.abc import Iterator, Sequence

from alembic import op

from portal.domain.events import FIRST
from portal.store.frozen import law, not_emptied, not_replaced

revision: str = "20261130_laws"
down_revision: str | None = "20261129_claim_documents"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = """EXISTS (SELECT 1 FROM applications a WHERE a.id = NEW.application_id AND a.queue <> 'closed'
 AND a.version = NEW.version AND a.digest = NEW.digest)"""
"""It is about the version that stands, of a case that is not closed."""
SEATED = """EXISTS (SELECT 1 FROM seat_holdings h WHERE h.id = NEW.holding_id
 AND h.person_id = NEW.signer_id AND h.seat = NEW.seat)"""
SIGNED = """2 = (SELECT count(*) FROM signatures s WHERE s.id IN (NEW.signature_a, NEW.signature_b)
 AND s.application_id = NEW.application_id AND s.version = NEW.version AND s.digest = NEW.digest
 AND s.outcome = NEW.outcome AND s.amount = NEW.amount AND s.withdrawn_at IS NULL
 AND s.signer_id = CASE s.id WHEN NEW.signature_a THEN NEW.signer_a ELSE NEW.signer_b END
 AND s.seat = CASE s.id WHEN NEW.signature_a THEN NEW.seat_a ELSE NEW.seat_b END)"""
"""Two signatures that stand say just that."""
DECIDED = """EXISTS (SELECT 1 FROM decisions d WHERE d.application_id = NEW.id AND NEW.status = CASE
 WHEN d.outcome = 'refuse' THEN 'refused' WHEN d.cancelled_at IS NULL THEN 'granted' ELSE 'cancelled' END)"""
UNDECIDED = """NEW.status NOT IN ('granted', 'refused', 'cancelled')
 AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.application_id = NEW.id)"""
GRANTED = """EXISTS (SELECT 1 FROM decisions d WHERE d.application_id = NEW.application_id
 AND d.outcome = 'grant' AND d.cancelled_at IS NULL AND d.amount = NEW.granted_amount)"""
USED = """EXISTS (SELECT 1 FROM decisions d WHERE d.application_id = NEW.application_id
 AND NEW.id IN (d.signature_a, d.signature_b))"""
FOLLOWS = f"""((NEW.seq = 1 AND NEW.prev_hash = '{FIRST}')
 OR EXISTS (SELECT 1 FROM events e WHERE e.seq = NEW.seq - 1 AND e.hash = NEW.prev_hash))"""

KEYS = {
    "events": "seq = NEW.seq OR hash = NEW.hash OR prev_hash = NEW.prev_hash",
    "decisions": "application_id = NEW.application_id",
    "signatures": "id = NEW.id OR (application_id = NEW.application_id AND version = NEW.version"
    " AND withdrawn_at IS NULL AND NEW.seat = seat) OR (application_id = NEW.application_id"
    " AND version = NEW.version AND withdrawn_at IS NULL AND NEW.signer_id = signer_id)",
    "applications": "id = NEW.id OR number = NEW.number",
    "budget_entries": "id = NEW.id OR (application_id = NEW.application_id AND kind = NEW.kind"
    " AND kind IN ('reserve', 'cancel'))",
}
"""What is the same row of a table that is only ever added to."""


def tied(*signers: str) -> str:
    """One of them is a party, the head, or stepped aside."""
    who = ", ".join(f"NEW.{each}" for each in signers)
    parties = ("author_id", "applicant_id", "participant_id", "head_id")
    own = " OR ".join(f"a.{each} IN ({who})" for each in parties)
    return (
        f"EXISTS (SELECT 1 FROM applications a WHERE a.id = NEW.application_id AND ({own}))"
        f" OR EXISTS (SELECT 1 FROM head_words w WHERE w.application_id = NEW.application_id AND w.head_id IN ({who}))"
        f" OR EXISTS (SELECT 1 FROM conflicts c WHERE c.application_id = NEW.application_id AND c.person_id IN ({who}))"
    )


def laws(dialect: str) -> Iterator[str]:
    for table, name, event, broken in (
        ("signatures", "sound", "INSERT", f"NOT {OPEN} OR NOT {SEATED}"),
        ("signatures", "impartial", "INSERT", tied("signer_id")),
        ("signatures", "used", "UPDATE OF withdrawn_at", USED),
        ("decisions", "sound", "INSERT", f"NOT {OPEN} OR NOT {SIGNED}"),
        ("decisions", "impartial", "INSERT", tied("signer_a", "signer_b")),
        ("applications", "decided", "UPDATE OF status", f"NOT ({DECIDED} OR ({UNDECIDED}))"),
        ("applications", "begin", "INSERT", "NEW.status IN ('granted', 'refused', 'cancelled')"),
        ("claims", "granted", "INSERT", f"NOT {GRANTED}"),
        ("events", "follow", "INSERT", f"NOT {FOLLOWS}"),
    ):
        yield from law(dialect, table, name, event, broken)
    for table, same in KEYS.items():
        yield from not_replaced(dialect, table, same)
        yield from not_emptied(dialect, table)
    for table in ("application_versions", "payments", "payment_batches", "head_words", "conflicts"):
        yield from not_emptied(dialect, table)


def upgrade() -> None:
    for statement in laws(op.get_context().dialect.name):
        op.execute(statement)
