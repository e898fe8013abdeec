"""Whether the portal runs (live), can answer people (ready), and how it stands (metrics): for machines alone."""

import hmac

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.store.migrate import pending
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
    """The database answers and is at this portal's revision."""
    try:
        missing = pending(current.database())
    except Exception as error:
        logs.fault(error)
        return Response("the database does not answer\n", status=503, mimetype="text/plain")
    if missing:
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
    from portal.web import metrics as figures  # the library takes a while to load, and few ask

    text, kind = figures.text(current.reading(), current.schemes(), at=current.now())
    return Response(text, content_type=kind)
