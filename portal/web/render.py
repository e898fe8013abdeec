"""Pages and fragments: the only reader of HX-* headers, and the only caller of templates.

A view ends in one of these:

    return render.page("apply/form.html", FormPage(...))                 a whole page
    return render.page("apply/form.html", page, status=422)              the same page with its findings: a refused form
    return render.fragment("apply/_panel.html", page, of="apply/form.html")
                            the fragment when htmx asks for it, else the whole page `of` that includes it: so that a
                            fragment's address can be opened, reloaded, and posted to by a form without JavaScript
    return render.redirect(url_for("start.start"))                       after a POST: 303, or HX-Redirect for htmx

A template is given one frozen dataclass called `page` (from `web/pages/<blueprint>.py`) and, for the frame around
it, `shell` (Shell below). It sees no request, session or g. Templates may call `url_for`, `_`, `ngettext`,
`csrf_token`, the filters of `web.language`, and `asset` of `web.assets`.

A fragment's file name starts with `_`, and it has one root element whose id is the file's name without `_` and
`.html`: `_panel.html` has `<div id="panel">`.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, flash, get_flashed_messages, make_response, request, url_for
from werkzeug.wrappers import Response as Answer

from portal.domain.access import may
from portal.domain.person import Person
from portal.web import current, language

REFUSED = 422
"""The status of a form that was understood and not accepted; htmx swaps it in as it does a 200."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    text: str
    href: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame around every page needs: who is signed in, where they can go, and what was just done."""

    language: str
    languages: tuple[tuple[str, str], ...]
    """(code, name in that language) of each language to switch to."""
    demo: bool
    here: str
    """The path of this page, for the language switch to come back to."""
    home: str = "/"
    person: Person | None = None
    navigation: tuple[Link, ...] = ()
    messages: tuple[str, ...] = ()
    """What the last action has to say, shown once."""


def page(template: str, page: object, *, status: int = 200) -> Response:
    """A whole page; `page` is the dataclass its template is written for."""
    return _answer(template, page, status, {"shell": _shell()})


def fragment(template: str, page: object, *, of: str | None = None, status: int = 200) -> Response:
    """A part of a page when htmx asks for it, else the whole page it is part of (`of`)."""
    if is_fragment_request() or of is None:
        return _answer(template, page, status, {})
    return _answer(of, page, status, {"shell": _shell()})


def redirect(location: str) -> Answer:
    """Send the browser on after a POST, whoever sent it."""
    if is_fragment_request():
        return Response(status=204, headers={"HX-Redirect": location})
    return Response(status=303, headers={"Location": location})


def say(text: str) -> None:
    """Show a sentence once, on the next whole page: "The application was withdrawn."."""
    flash(text)


def is_fragment_request() -> bool:
    """Whether htmx wants a part of a page: not a page restored from its history."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def text(template: str, **values: Any) -> str:
    """A template's text."""
    return current_app.jinja_env.get_template(template).render(values)


def _answer(template: str, page: object, status: int, frame: dict[str, Any]) -> Response:
    response = make_response(text(template, page=page, **frame), status)
    response.vary.update(("HX-Request", "HX-History-Restore-Request"))
    return response


def _shell() -> Shell:
    settings = current.settings()
    person = current.person_or_none()
    return Shell(
        language=language.language(),
        languages=tuple(language.NAMES.items()),
        demo=settings.demo,
        here=request.path if request.method in ("GET", "HEAD") else "/",
        person=person,
        navigation=() if person is None else _navigation(person),
        messages=tuple(get_flashed_messages()),
    )


def _navigation(person: Person) -> tuple[Link, ...]:
    """Where this person can go: only doors that open."""
    _ = language._
    doors = (
        ("start.start", _("Start"), "apply"),
        ("signoff.queue", _("Sign-off"), "see-queue"),
        ("finance.overview", _("Finance"), "see-finance"),
        ("people.people", _("People"), "administer"),
        ("funds.funds", _("The funds"), "apply"),
    )
    known = current_app.view_functions
    here = (request.endpoint or "").partition(".")[0]
    return tuple(
        Link(words, url_for(endpoint), here=endpoint.partition(".")[0] == here)
        for endpoint, words, act in doors
        if endpoint in known and may(person, act) is None
    )
