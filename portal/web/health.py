"""Whether the portal runs (live), can answer people (ready), and how it stands (metrics): for machines alone."""

import hmac
from datetime import datetime

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.domain.periods import local_day
from portal.schemes.loader import Schemes
from portal.store import applications, audit, budgets, letters, outbox
from portal.store.migrate import current as revision_of
from portal.store.migrate import is_known, newest
from portal.store.session import Session
from portal.web import current, logs
from portal.web.guard import public

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public("health")
def live() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/ready")
@public("health")
def ready() -> ResponseReturnValue:
    """The database answers and has what this portal needs; a newer portal may have added to it."""
    try:
        revision = revision_of(current.database())
    except Exception as error:
        logs.fault(error)
        return Response("the database does not answer\n", status=503, mimetype="text/plain")
    if revision is None or (revision != newest() and is_known(revision)):
        return Response("the database waits for portal migrate\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/metrics")
@public("health")
def metrics() -> ResponseReturnValue:
    """How the portal stands, in Prometheus' text format, for whoever shows the token of the settings; else 404."""
    token = current.settings().metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(shown.encode(), token.encode()):
        abort(404)
    text, kind = _figures(current.reading(), current.schemes(), at=current.now())
    return Response(text, content_type=kind)


def _figures(session: Session, schemes: Schemes, *, at: datetime) -> tuple[bytes, str]:
    """Gauges read from the database when asked, so right with any number of workers, and their content type.

    Nothing here names a person, and amounts are those that finance sees as totals.
    """
    # The library takes a while to load, and few ask.
    from prometheus_client import CollectorRegistry, Gauge, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    def gauge(name: str, says: str, value: float) -> None:
        Gauge(name, says, registry=registry).set(value)

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
    gauge("portal_mails_waiting", "E-mails that wait to be sent.", waiting)
    gauge("portal_mails_parked", "E-mails that were given up.", parked)
    gauge("portal_mail_age_seconds", "How long the oldest e-mail has waited.", _age(since, at))
    unprinted, since = letters.waiting(session)
    gauge("portal_letters_waiting", "Letters that wait to be printed.", unprinted)
    gauge("portal_letter_age_seconds", "How long the oldest letter has waited.", _age(since, at))
    gauge("portal_audit_events", "Events in the log; it only grows.", audit.head(session)[0])
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _age(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max((at - since).total_seconds(), 0.0)
