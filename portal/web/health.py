"""Whether the portal runs (live) and can answer people (ready): for machines, which show nobody a page."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.store.revision import pending
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
