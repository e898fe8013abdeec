"""How the portal stands, as Prometheus gauges: read from the database when asked, so right with any number of workers.

Nothing here names a person, and amounts are those that finance sees as totals.
"""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from portal.domain.periods import local_day
from portal.schemes.loader import Schemes
from portal.store import applications, audit, budgets, letters, outbox
from portal.store.session import Session


def text(session: Session, schemes: Schemes, *, at: datetime) -> tuple[bytes, str]:
    """The gauges in the text format, and the content type it goes by."""
    registry = CollectorRegistry()
    standing_as = Gauge(
        "portal_applications", "Applications by how they stand.", ["fund", "status"], registry=registry
    )
    for fund, status, number in applications.counts(session):
        standing_as.labels(fund, status).set(number)
    left = Gauge(
        "portal_budget_left",
        "What is left to grant in a budget period that is not over, in whole units of the fund's currency.",
        ["scheme", "period", "currency"],
        registry=registry,
    )
    for scheme in schemes.values():
        for standing in budgets.standings(session, scheme):
            if standing.ends_on is None or standing.ends_on >= local_day(at, scheme):
                left.labels(scheme.key, standing.key, scheme.currency).set(standing.left / 100)
    waiting, parked, since = outbox.waiting(session)
    _gauge(registry, "portal_mails_waiting", "E-mails that wait to be sent.", waiting)
    _gauge(registry, "portal_mails_parked", "E-mails that were given up.", parked)
    _gauge(registry, "portal_mail_age_seconds", "How long the oldest e-mail has waited.", _age(since, at))
    unprinted, since = letters.waiting(session)
    _gauge(registry, "portal_letters_waiting", "Letters that wait to be printed.", unprinted)
    _gauge(registry, "portal_letter_age_seconds", "How long the oldest letter has waited.", _age(since, at))
    _gauge(registry, "portal_audit_events", "Events in the log; it only grows.", audit.head(session)[0])
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _gauge(registry: CollectorRegistry, name: str, says: str, value: float) -> None:
    Gauge(name, says, registry=registry).set(value)


def _age(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max((at - since).total_seconds(), 0.0)
