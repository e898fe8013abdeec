"""Pages and fragments: the only reader of HX-* headers, and the only caller of templates.

A view ends in one of these:

    return render.page("people/people.html", people=found, query=query)  a whole page
    return render.page("apply/form.html", page, status=422)              the same page with its findings: a refused form
    return render.fragment("apply/_panel.html", page, of="apply/form.html")
                            the fragment when htmx asks for it, else the whole page `of` that includes it: so that a
                            fragment's address can be opened, reloaded, and posted to by a form without JavaScript
    return render.redirect(url_for("start.start"))                       after a POST: 303, or HX-Redirect for htmx
    return render.attached(BytesIO(pdf), "decision.pdf", "application/pdf")      a file

A template is given plain values and domain objects by name or, where a page has something of its own to say, one frozen
dataclass called `page`, which its first line names; a whole page also gets `portal`, the Frame below. Beside that there
are `url_for`, `_`, `ngettext`, `csrf_token`, `asset` of `web.assets` and the filters of `web.language`; templates leave
`request`, `session` and `g` alone. `tests/house/test_templates.py` proves that each reads just what it is given.

A fragment's file name starts with `_`, and it has one root element whose id is the file's name without `_` and
`.html`: `_panel.html` has `<div id="panel">`.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

from flask import Response, current_app, flash, make_response, request, send_file, url_for
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from portal.domain.access import may
from portal.domain.person import Person
from portal.domain.refusal import N_
from portal.forms.typed import clean
from portal.web import current, language, sessions
from portal.web.language import _
from portal.web.questions import given_back

REFUSED = 422
"""The status of a form that was understood and not accepted; htmx swaps it in as it does a 200."""


@dataclass(frozen=True, slots=True)
class Door:
    """One entry of the main menu, or one of the tabs of a page."""

    label: str
    href: str
    current: bool
    count: str = ""
    """How many wait behind it, where that is told."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around every page needs: who is signed in and where they can go."""

    language: str
    demo: bool
    path: str
    """This page, or the one whose form this answers, for the language switch to come back to."""
    refused: bool = False
    """Whether this answer shows a form again that was not accepted."""
    person: Person | None = None
    marker: str = ""
    """What the browser knows that person by."""
    undone: bool = False
    """Whether what was sent last is not done, or not known to be: all that is done answers with another page."""
    nav: tuple[Door, ...] = ()
    idle: int = 0
    """Seconds without a word until whoever is signed in is signed out."""


def page(template: str, page: object = None, *, status: int = 200, **values: Any) -> Response:
    """A whole page; `page` is the dataclass its template is written for, if it is written for one."""
    return _answer(template, page, status, values | {"portal": _frame(status)})


def fragment(
    template: str, page: object = None, *, of: str | None = None, status: int = 200, **values: Any
) -> Response:
    """A part of a page when htmx asks for it, else the whole page it is part of (`of`)."""
    if is_fragment_request() or of is None:
        return _answer(template, page, status, values)
    return _answer(of, page, status, values | {"portal": _frame(status)})


def resend(
    address: str, fields: list[tuple[str, str]], title: str, text: str, *, status: int = 200, back: str = ""
) -> Response:
    """What was typed in a form that was not taken, and a button that sends it once more."""
    return page(
        "errors/resend.html",
        title=title,
        text=text,
        address=address,
        fields=fields,
        typed=given_back(sessions.texts_of(fields)),
        back=back,
        status=status,
    )


def redirect(location: str) -> Answer:
    """Send the browser on after a POST, whoever sent it."""
    if is_fragment_request():
        return Response(status=204, headers={"HX-Redirect": location})
    return Response(status=303, headers={"Location": location})


def attached(content: IO[bytes], name: str, media_type: str) -> Response:
    """Bytes as a download (Content-Disposition: attachment), sandboxed by CSP should a browser show them."""
    response = send_file(
        content,
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def shown(content: bytes, media_type: str) -> Response:
    """A picture for a page of the portal, and sandboxed by CSP should a browser open it by itself."""
    response = make_response(content)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


def leave(location: str) -> Response:
    """Let the page that asked for a fragment go elsewhere, because whoever reads it is signed out."""
    return Response(status=401, headers={"HX-Redirect": location})


def say(text: str, kind: str = "good", *, undo: str = "") -> None:
    """Show a sentence once, on the next whole page: "The application was withdrawn."; kind: good, note, warn, bad.

    `undo` is where a button beside it posts to, if what was done can be taken back.
    """
    flash((text, undo), kind)  # type: ignore[arg-type]  # kept as JSON, and read by templates/layout/page.html alone


def is_fragment_request() -> bool:
    """Whether htmx wants a part of a page: not a page restored from its history."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def shown_page() -> str | None:
    """The path of the page a fragment was asked for from, when htmx says it."""
    try:
        path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    except ValueError:
        return None
    return page_above(path) if path else None


def asked_page() -> str:
    """The address of this page, or of the one whose form this answers."""
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else page_above(request.path)


def page_above(path: str) -> str:
    """An address that can be opened: the path, or what stands above it where it only takes forms."""
    addresses = current_app.url_map.bind("")
    while path.rstrip("/"):
        with suppress(HTTPException):
            addresses.match(path, method="GET")
            return path
        path = path.rpartition("/")[0]
    return "/"


def text(template: str, **values: Any) -> str:
    """A template's text."""
    return current_app.jinja_env.get_template(template).render(values)


def _answer(template: str, page: object, status: int, values: dict[str, Any]) -> Response:
    if page is not None:
        values["page"] = page
    html = text(template, **values)
    if status in (REFUSED, 409) and request.method == "POST" and current.person_or_none() is not None:
        html = _with_lost(html)
    response = make_response(html, status)
    response.headers["Vary"] = "HX-Request, HX-History-Restore-Request"
    return response


_TOP = '<main id="main" tabindex="-1">'


def _with_lost(html: str) -> str:
    """A refusal that has no place any more for some of what was typed, because its form is gone: that on top of it."""
    typed = sessions.texts_of(sessions.carried())
    lost = [(name, value) for name, value in typed if str(escape(clean(value))) not in html]
    if not lost or _TOP not in html:
        return html
    macros = current_app.jinja_env.get_template("components/actions.html").module
    return html.replace(_TOP, f"{_TOP}{macros.given_back(given_back(lost))}", 1)  # type: ignore[attr-defined]


def _frame(status: int) -> Frame:
    person = current.person_or_none()
    return Frame(
        language=language.language(),
        demo=current.settings().demo,
        path=asked_page(),
        refused=status == REFUSED,
        person=person,
        marker="" if person is None else sessions.marker_of(person),
        undone=status >= 400 or request.method == "POST" or person is None,
        nav=() if person is None else _doors(person),
        idle=int(current.settings().session_idle.total_seconds()),
    )


_UNDER = {
    "apply": "start", "applications": "start", "costs": "start",
    "payee": "start",
    "claims": "finance", "payments": "finance", "prepared": "finance", "rates": "finance",
    "seats": "people", "overview": "people",
}  # fmt: skip
"""Rooms without a door of their own in the menu, and the one they are reached through."""

_DOORS = (
    ("start.start", N_("Start"), "come-in"),
    ("signoff.queue", N_("Sign-off"), "see-queue"),
    ("finance.overview", N_("Finance"), "see-finance"),
    ("year.year", N_("The year"), "see-year"),
    ("people.people", N_("People"), "see-administration"),
    ("heads.year", N_("As head"), "lead"),
    ("followups.lessons", N_("Lessons"), "come-in"),
    ("funds.funds", N_("The funds"), "come-in"),
)


def _doors(person: Person) -> tuple[Door, ...]:
    """Where this person can go: only doors that open."""
    room = (request.endpoint or "").partition(".")[0]
    here = _UNDER.get(room, room)
    return tuple(
        Door(_(label), url_for(endpoint), endpoint.partition(".")[0] == here)
        for endpoint, label, act in _DOORS
        if may(person, act) is None
    )
