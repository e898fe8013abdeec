"""The administrator's room for people: the list, a person's form, local accounts. Seats and the log are `seats`'s."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from portal.actions import people as actions
from portal.actions import sign_in
from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.sign_in import ADDRESS, CODE, ROLE, SEAT, Change, code_of, may_confirm
from portal.domain.signoff import Holding
from portal.forms.people import AccountForm, ConfirmForm, PersonForm
from portal.forms.typed import whole
from portal.store import people as store
from portal.store import seats
from portal.store import sign_in as changes
from portal.web import current, language, render
from portal.web.guard import guard
from portal.web.language import _, spoken, words
from portal.web.pages.people import ChangeLine, Errors, PeoplePage, PersonLine, PersonPage

blueprint = Blueprint("people", __name__, url_prefix="/people")

_PAGE = 50
_NO_HEAD = Refusal("person.no-head", N_("There is nobody with that personal id."))
_OWN_HEAD = Refusal("person.head-is-oneself", N_("Nobody is their own head."))


@blueprint.get("")
@guard("administer")
def people() -> ResponseReturnValue:
    """Everybody who is active, by name, or those a search finds, or those who have left."""
    query = request.args.get("q", "").strip()[:100]
    after = (request.args.get("name", "")[:200], whole(request.args.get("id", "")) or 0)
    session, day, alphabet = current.reading(), current.today(), language.alphabet()
    if request.args.get("left"):
        found = store.who_left(session, day=day, limit=_PAGE, alphabet=alphabet)
    elif query:
        found = store.search(session, query, day=day, limit=_PAGE, alphabet=alphabet)
    else:
        found = store.everybody(session, day=day, after=after, limit=_PAGE + 1, alphabet=alphabet)
    shown, more = found[:_PAGE], len(found) > _PAGE
    heads = store.names_of(session, {each.head_id for each in shown if each.head_id is not None})
    lines = tuple(PersonLine(each, heads.get(each.head_id or 0, ""), _roles(each)) for each in shown)
    following = url_for("people.people", name=shown[-1].name, id=shown[-1].id) if more else ""
    return render.page(
        "people/people.html", PeoplePage(lines, query, following, bool(request.args.get("left")))
    )


@blueprint.get("/new")
@guard("administer")
def new() -> ResponseReturnValue:
    """The form for somebody new."""
    return render.page("people/person.html", _page(None, {"language": language.language()}))


@blueprint.post("/new")
@guard("administer")
def add() -> ResponseReturnValue:
    """Add somebody."""
    form = PersonForm(request.form)

    def keep(person: Person) -> None:
        current.act(actions.add_person, person=person)
        render.say(_("%(name)s is added.", name=person.name))

    return _kept(form, None, keep)


@blueprint.get("/<int:person_id>")
@guard("administer")
def person(person_id: int) -> ResponseReturnValue:
    """Somebody's form."""
    return render.page("people/person.html", _page(_person(person_id)))


@blueprint.post("/<int:person_id>")
@guard("administer")
def change(person_id: int) -> ResponseReturnValue:
    """Keep what was changed of somebody."""
    form = PersonForm(request.form)

    def keep(person: Person) -> None:
        current.act(actions.change_person, person=person)
        render.say(_("The changes are saved."))

    return _kept(form, _person(person_id), keep)


@blueprint.post("/<int:person_id>/account")
@guard("administer")
def account(person_id: int) -> ResponseReturnValue:
    """Send somebody a code to choose a password with; they are signed out everywhere."""
    form, who = AccountForm(request.form), _person(person_id)
    errors = _errors(form)
    if not errors:
        seed = secrets.token_hex(16)
        code = code_of(current.settings().secret_key, seed)
        try:
            current.act(sign_in.give, person_id=who.id, login=form.login.data, code=code, seed=seed)
            render.say(_("A code is sent to %(email)s. It works once, for an hour.", email=who.email))
            return render.redirect(url_for("people.person", person_id=who.id))
        except Refused as refused:
            errors = {"login": (spoken(refused.refusal),)}
    page = _page(who, errors=errors, login=form.login.data or "")
    return render.page("people/person.html", page, status=render.REFUSED)


@blueprint.post("/<int:person_id>/confirm")
@guard("administer")
def confirm(person_id: int) -> ResponseReturnValue:
    """Answer as another administrator for what was changed of how somebody signs in."""
    form, who = ConfirmForm(request.form), _person(person_id)
    seen = form.seen.data if form.validate() else 0
    current.act(sign_in.confirm, person_id=who.id, seen=seen)
    render.say(_("The change is confirmed."))
    return render.redirect(url_for("people.person", person_id=who.id))


@blueprint.post("/<int:person_id>/deactivate")
@guard("administer")
def deactivate(person_id: int) -> ResponseReturnValue:
    """Let somebody go who has left: they are signed out, and can sign in no more."""
    who = _person(person_id)
    empty = current.act(
        actions.deactivate,
        person_id=who.id,
        schemes=current.schemes(),
    )
    render.say(_("%(name)s can no longer sign in.", name=who.name))
    if empty:
        named = ", ".join(seat_names(empty))
        render.say(_("Nobody holds these seats now: %(seats)s. Fill them under Seats.", seats=named), "warn")
    return render.redirect(url_for("people.people"))


@blueprint.post("/<int:person_id>/reactivate")
@guard("administer")
def reactivate(person_id: int) -> ResponseReturnValue:
    """Let somebody in again who had left."""
    who = _person(person_id)
    current.act(actions.reactivate, person_id=who.id)
    render.say(_("%(name)s can sign in again.", name=who.name))
    return render.redirect(url_for("people.person", person_id=who.id))


def _kept(form: PersonForm, before: Person | None, keep: Callable[[Person], None]) -> ResponseReturnValue:
    """Keep the person typed and go to the list, or show the form again with what is wrong."""
    errors = _errors(form)
    if not errors:
        try:
            keep(_typed(form, before))
            return render.redirect(url_for("people.people"))
        except Refused as refused:
            errors = {_FIELDS.get(refused.refusal.code, "number"): (spoken(refused.refusal),)}
    typed = {name: value for name, value in form.data.items() if isinstance(value, str)}
    page = _page(before, typed, errors, specialist=form.specialist.data, roles=form.chosen_roles())
    return render.page("people/person.html", page, status=render.REFUSED)


_FIELDS = {
    _NO_HEAD.code: "head",
    _OWN_HEAD.code: "head",
    "person.own-head": "head",
    "person.own-specialist": "specialist",
    "person.own-roles": "roles",
    actions.LAST.code: "roles",
}


def _typed(form: PersonForm, before: Person | None) -> Person:
    head_id = None
    if form.head.data:
        head = store.find_by_number(current.reading(), form.head.data, day=current.today())
        if head is None:
            raise Refused(_NO_HEAD)
        if before is not None and head.id == before.id:
            raise Refused(_OWN_HEAD)
        head_id = head.id
    return form.person(head_id=head_id, person_id=before.id if before else 0)


def _person(person_id: int) -> Person:
    return store.get(current.reading(), person_id, day=current.today())


def _errors(form: Form) -> dict[str, tuple[str, ...]]:
    """What the form could not read, in words."""
    form.validate()
    return {name: tuple(_(text) for text in texts) for name, texts in form.errors.items() if name}


def _page(
    person: Person | None,
    values: dict[str, str] | None = None,
    errors: Errors | None = None,
    **shown: Any,
) -> PersonPage:
    session, day = current.reading(), current.today()
    account = None
    if person is not None:
        account = store.find_login_of(session, person.id, day=day)
        head = store.find(session, person.head_id, day=day) if person.head_id is not None else None
        kept = {name: getattr(person, name) for name in ("number", "name", "email", "unit", "language")}
        values = kept | {"head": head.number if head else ""} | (values or {})
    more: dict[str, Any] = {
        "specialist": person is not None and person.specialist,
        "roles": person.roles if person else frozenset(),
        "login": store.login_of(session, person.id) or "" if person else "",
    }
    held = seats.held_by(session, person.id, day=day) if person is not None else ()
    if person is not None:
        more |= _changes(person)
    return PersonPage(
        title=person.name if person else _("A new person"),
        action=url_for("people.change", person_id=person.id) if person else url_for("people.add"),
        values={"number": "", "name": "", "email": "", "unit": "", "language": "sv", "head": ""}
        | (values or {}),
        role_names=((FINANCE, _("Finance")), (ADMINISTRATOR, _("Administrator"))),
        languages=tuple(language.NAMES.items()),
        person=person,
        is_me=person is not None and person.id == current.person().id,
        has_account=account is not None,
        has_left=person is not None and store.has_left(session, person.id),
        seats=seat_names(held),
        errors=errors or {},
        **(more | shown),
    )


_CHANGES = {
    CODE: N_("A code to choose a password with"),
    ADDRESS: N_("The e-mail address"),
    ROLE: N_("A role was given"),
    SEAT: N_("A seat was given by who gave the way to sign in"),
}


def _changes(person: Person) -> dict[str, Any]:
    """How the person's sign-in was changed, and whether the reader can confirm what holds back."""
    session, me, at = current.reading(), current.person().id, current.now()
    found = changes.of_person(session, person.id)
    names = store.names_of(
        session, {by for each in found for by in (each.changed_by, each.confirmed_by) if by}
    )
    own = changes.of_person(session, me)
    refusals = [
        may_confirm(each, me, own, at, of_maker=sign_in.of_maker(session, each))
        for each in found
        if each.holds(at)
    ]
    stopped = next((each for each in refusals if each is not None), None) if all(refusals) else None
    return {
        "changes": tuple(_change(each, names, holds=each.holds(at)) for each in found),
        "seen": found[0].id if found else 0,
        "not_confirmed": spoken(stopped) if stopped else "",
    }


def _change(change: Change, names: dict[int, str], *, holds: bool) -> ChangeLine:
    return ChangeLine(
        says=_(_CHANGES[change.kind]),
        by=names[change.changed_by] if change.changed_by else _("Command line"),
        at=change.changed_at,
        used_at=change.used_at,
        confirmed_by=names[change.confirmed_by] if change.confirmed_by else "",
        confirmed_at=change.confirmed_at,
        holds=holds,
    )


def seat_names(held: Sequence[Holding]) -> tuple[str, ...]:
    """The seats of these terms in the reader's language, each with its fund and each once."""
    names = {}
    for each in held:
        scheme = current.schemes().of_fund(each.fund)[0]
        title = next((words(seat.title) for seat in scheme.seats if seat.key == each.seat), each.seat)
        names[each.fund, each.seat] = f"{title} ({scheme.prefix})"
    return tuple(names.values())


def _roles(person: Person) -> tuple[str, ...]:
    held = []
    if person.approves:
        held.append(_("Approver"))
    if FINANCE in person.roles:
        held.append(_("Finance"))
    if ADMINISTRATOR in person.roles:
        held.append(_("Administrator"))
    if person.leads:
        held.append(_("Head"))
    return tuple(held)
