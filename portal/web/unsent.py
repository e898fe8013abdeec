"""What was sent after the session had run out: carried by the sign-in page, and offered again to the same person.

The form is signed and packed, not kept by the portal: it exists in that one page only. Nothing is sent by itself: the
person sees that it is there and sends it once more. Files and passwords are not carried.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import request
from itsdangerous import BadData, URLSafeSerializer

from portal.domain.person import Person
from portal.web import current, sessions
from portal.web.pages.errors import ResendPage
from portal.web.security import is_local_path

_MOST_FIELDS = 500
_MOST_LETTERS = 300_000
_LONGEST = timedelta(hours=12)
"""How long after it was sent a form is still offered: a working day."""


def seal() -> str:
    """The form that was just sent, for the sign-in page to carry; empty without anything or anybody to offer it to."""
    whose = sessions.whose_has_ended()
    fields = carried()
    if whose is None or not fields or len(fields) > _MOST_FIELDS:
        return ""
    if sum(len(value) for _name, value in fields) > _MOST_LETTERS or any(
        "password" in name for name, _ in fields
    ):
        return ""
    said = {
        "by": whose.id,
        "at": current.now().isoformat(),
        "to": request.full_path.rstrip("?"),
        "fields": fields,
    }
    return str(_serializer().dumps(said))


def carried() -> list[tuple[str, str]]:
    """The fields that may be sent once more: not the password that was given to sign with."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not name.endswith("-password")
    ]


def offered_to(person: Person, sealed: str | None) -> ResendPage | None:
    """The form that this person had sent, or None: for anybody else, too late, or touched on its way."""
    if not sealed:
        return None
    try:
        said: dict[str, Any] = _serializer().loads(sealed)
    except BadData:
        return None
    if said["by"] != person.id or current.now() - datetime.fromisoformat(said["at"]) > _LONGEST:
        return None
    if not is_local_path(said["to"]):
        return None
    return ResendPage(said["to"], tuple((name, value) for name, value in said["fields"]))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(sessions.keys(), salt="a form that was not sent")
