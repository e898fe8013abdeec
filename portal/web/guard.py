"""Who may come through which door. Every view has exactly one guard, between its route and its function:

    @blueprint.get("/drafts/<token>")
    @guard("apply")                              an act without a subject: the person signed in may do it, or 404
    def form(token: str) -> ResponseReturnValue: ...

    @blueprint.get("/applications/<number>")
    @guard("see", application=True)              an act on an application: `number` in the address is looked up,
    def show(application: Application) -> ...    `may()` and `may_read()` decide, and the view is given the application

    @blueprint.get("/sign-in")
    @public("sign-in")                           one of the few doors that stand open

What may not be seen is 404, like what does not exist. What may be seen but not done answers 409 with the words of the
refusal. Nobody signed in: to the sign-in page and back, or 401 with HX-Redirect for a fragment. An action asks `may`
again inside its transaction; the guard is the door, not the lock on the money.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal.domain.access import NOT_FOUND, is_named, may
from portal.domain.application import Application
from portal.domain.person import Person
from portal.domain.refusal import Refused
from portal.store import audit
from portal.web import current, logs

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands at a view's door; kept on the function as `guard` for the tests to read."""

    act: str
    application: bool = False
    public: bool = False


_SIGN_OFF = frozenset({"see-register", "sign"})


def guard(
    act: str, *, application: bool = False, also: Callable[[Person, Application], bool] | None = None
) -> Callable[[Callable[..., ResponseReturnValue]], View[Any]]:
    """Let in who may do the act; with `application`, the act on the application whose number is in the address.

    `also` lets in who may not see the application but has this to do with it.
    """

    def decorate(view: Callable[..., ResponseReturnValue]) -> View[Any]:
        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            person = current.person()
            if application:
                values["application"] = _found(values.pop("number"))
            refusal = may(person, act, values.get("application"))
            if request.method == "POST" and act != "come-in" and person.audits:
                refusal = NOT_FOUND
            # The sign-off tells those who stepped aside that they did, and nothing more.
            if application and act not in _SIGN_OFF and not current.reads(values["application"]):
                refusal = NOT_FOUND
            if (
                refusal is not None
                and also is not None
                and not person.audits
                and also(person, values["application"])
            ):
                refusal = None
            if refusal is not None:
                logs.refused(refusal.code)
                raise Refused(refusal)
            if application and request.method == "GET" and not is_named(person, values["application"]):
                note_reading(values["application"])
            return view(**values)

        guarded.guard = Guard(act, application=application)  # type: ignore[attr-defined]
        return guarded

    return decorate


_DOORS = {
    "letters.fetch_case": "zip",
    "letters.fetch": "letter",
    "documents.fetch": "document",
    "documents.picture": "document",
}


def note_reading(application: Application) -> None:
    """Log, and keep for auditors and administrators who read whose case: one row a day, whatever is clicked in it.

    The only thing a visit writes. When the database is busy or takes nothing, the line in the log of requests stands
    alone, and the page is shown.
    """
    logs.case_read(application.id)
    who, day, door = current.person().id, current.today(), _DOORS.get(request.endpoint or "", "page")
    if audit.is_noted(current.reading(), application.id, who, door, day):
        return
    noted = {"application_id": application.id, "person_id": who, "door": door, "day": day}
    try:
        current.write(audit.note_reading, **noted, at=current.now())
    except Exception as error:
        logs.fault(error)


def public(why: str) -> Callable[[Callable[..., ResponseReturnValue]], View[Any]]:
    """Let anybody in; `why` is the name on the reviewed list."""

    def decorate(view: Callable[..., ResponseReturnValue]) -> View[Any]:
        view.guard = Guard(why, public=True)  # type: ignore[attr-defined]
        return view

    return decorate


def _found(number: str) -> Any:
    """The application with that number; one that is not there is refused like one that may not be seen."""
    from portal.store import applications

    found = applications.find(current.reading(), number=number)
    if found is None:
        logs.refused(NOT_FOUND.code)
        raise Refused(NOT_FOUND)
    return found


def check_every_view(app: Flask) -> None:
    """Stop the start when a view has no guard: a door that nobody thought of stays shut."""
    open_doors = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not isinstance(getattr(app.view_functions[rule.endpoint], "guard", None), Guard)
    ]
    if open_doors:
        raise RuntimeError(f"no guard on: {', '.join(open_doors)}")
