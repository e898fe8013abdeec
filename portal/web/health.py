"""Whether the portal runs (live) and can answer people (ready): for machines, which show nobody a page."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.web import current
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
    from portal.store.migrate import pending  # Alembic takes a tenth of a second to import

    try:
        missing = pending(current.database())
    except Exception as error:
        from portal.web import logs

        logs.fault(error)
        return Response("the database does not answer\n", status=503, mimetype="text/plain")
    if missing:
        return Response("the database waits for portal migrate\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
