"""The administrator's room for people: the list, a person's form, local accounts and sign-ins.

Seats and the audit log are `seats`'s.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from portal.actions import people as actions
from portal.actions import sign_in
from portal.actions.identities import restore_link, undo_link
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.sign_in import SignInChange, code_of, may_confirm
from portal.domain.signoff import Holding
from portal.forms.people import AccountForm, ConfirmForm, PersonForm
from portal.forms.typed import whole
from portal.language.vocabularies import LACKS
from portal.store import identities, seats
from portal.store import people as store
from portal.store import sign_in as sign_in_changes
from portal.web import current, language, proof, render
from portal.web.account.views import sign_ins as sign_ins_of
from portal.web.guard import guard
from portal.web.language import _, seat, spoken

blueprint = Blueprint("people", __name__, url_prefix="/people")

Errors = Mapping[str, tuple[str, ...]]
"""Sentences by the name of the field they speak of; "" for the whole form."""

_PAGE = 50
_NO_HEAD = Refusal("person.no-head", N_("There is nobody with that personal id."))
_OWN_HEAD = Refusal("person.head-is-oneself", N_("Nobody is their own head."))


@blueprint.get("")
@guard("see-administration")
def people() -> ResponseReturnValue:
    """Everybody who is active, by name, or those a search finds, or those who have left."""
    query = request.args.get("q", "").strip()[:100]
    after = (request.args.get("name", "")[:200], whole(request.args.get("id", "")) or 0)
    session, day, alphabet = current.reading(), current.today(), language.alphabet()
    left = bool(request.args.get("left"))
    lacks = request.args.get("lacks", "")
    how: dict[str, Any] = {"day": day, "after": after, "limit": _PAGE + 1, "alphabet": alphabet, "left": left}
    if query:
        found = store.search(session, query, **how)
    else:
        found = store.everybody(session, lacks=lacks, **how)
    shown = found[:_PAGE]
    return render.page(
        "people/people.html",
        people=shown,
        heads=store.names_of(session, {each.head_id for each in shown if each.head_id is not None}),
        query=query,
        left=left,
        lacks=lacks if lacks in LACKS else "",
        lacking=LACKS,
        more=len(found) > _PAGE,
    )


@blueprint.get("/new")
@guard("administer")
def new() -> ResponseReturnValue:
    """The form for somebody new."""
    return _show(None, {"language": language.language()})


@blueprint.post("/new")
@guard("administer")
def add() -> ResponseReturnValue:
    return _save(PersonForm(request.form), None)


@blueprint.get("/<int:person_id>")
@guard("administer")
def person(person_id: int) -> ResponseReturnValue:
    return _show(_person(person_id))


@blueprint.post("/<int:person_id>")
@guard("administer")
def change(person_id: int) -> ResponseReturnValue:
    """Keep what was changed of somebody."""
    return _save(PersonForm(request.form), _person(person_id))


@blueprint.post("/<int:person_id>/account")
@guard("administer")
def account(person_id: int) -> ResponseReturnValue:
    """Send somebody a code to choose a password with; they are signed out everywhere."""
    form, who = AccountForm(request.form), _person(person_id)
    errors = errors_in(form)
    if not errors and not proof.may_use_password(who):
        abort(404)
    if not errors and (first := proof.first()) is not None:
        return first
    if not errors:
        seed = secrets.token_hex(16)
        code = code_of(current.settings().secret_key, seed)
        try:
            current.act(sign_in.give, person_id=who.id, login=form.login.data, code=code, seed=seed)
            render.say(_("A code is sent to %(email)s. It works once, for an hour.", email=who.email))
            return render.redirect(url_for("people.person", person_id=who.id))
        except Refused as refused:
            errors = {"login": (spoken(refused.refusal),)}
    return _show(who, errors=errors, login=form.login.data or "")


@blueprint.post("/<int:person_id>/confirm")
@guard("administer")
def confirm(person_id: int) -> ResponseReturnValue:
    """Answer as another administrator for what was changed of how somebody signs in."""
    form, who = ConfirmForm(request.form), _person(person_id)
    if (first := proof.first()) is not None:
        return first
    seen = form.seen.data if form.validate() else 0
    current.act(sign_in.confirm, person_id=who.id, seen=seen)
    render.say(_("The change is confirmed."))
    return render.redirect(url_for("people.person", person_id=who.id))


@blueprint.post("/<int:person_id>/deactivate")
@guard("administer")
def deactivate(person_id: int) -> ResponseReturnValue:
    """Let somebody go who has left: they are signed out, and can sign in no more."""
    who = _person(person_id)
    empty = current.act(actions.deactivate, person_id=who.id, schemes=current.schemes())
    render.say(_("%(name)s can no longer sign in.", name=who.name))
    if empty:
        named = ", ".join(_seat_names(empty))
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


@blueprint.get("/<int:person_id>/sign-ins")
@guard("administer")
def sign_ins(person_id: int) -> ResponseReturnValue:
    """Where somebody has signed in, and whom the organisation's sign-in takes for them."""
    links = identities.of_person(current.reading(), person_id)
    undone_by = {each.undone_by for each in links if each.undone_by is not None}
    return render.page(
        "people/sign-ins.html",
        person=_person(person_id),
        sign_ins=sign_ins_of(person_id),
        links=links,
        names=store.names_of(current.reading(), undone_by),
    )


@blueprint.post("/<int:person_id>/links/<int:identity_id>")
@guard("administer")
def change_link(person_id: int, identity_id: int) -> ResponseReturnValue:
    """Undo a link to the organisation's sign-in, or let it count again."""
    if (first := proof.first()) is not None:
        return first
    if request.form.get("act") == "restore":
        current.act(restore_link, identity_id=identity_id)
        render.say(_("The link counts again. The person is told."))
    else:
        current.act(undo_link, identity_id=identity_id)
        render.say(_("The link is undone. The person is signed out and told."))
    return render.redirect(url_for("people.sign_ins", person_id=person_id))


@blueprint.post("/<int:person_id>/sign-ins/end")
@guard("administer")
def end_sign_ins(person_id: int) -> ResponseReturnValue:
    """End one session of a person, or all."""
    ended = current.act(
        sign_in.end_sessions,
        person_id=person_id,
        only=request.form.get("session", ""),
        zone=current.settings().zone,
    )
    render.say(language.count("%(num)s browser is signed out.", "%(num)s browsers are signed out.", ended))
    return render.redirect(url_for("people.sign_ins", person_id=person_id))


def _save(form: PersonForm, before: Person | None) -> ResponseReturnValue:
    """Keep the person typed and go to the list, or show the form again with what is wrong."""
    errors = errors_in(form)
    if not errors:
        try:
            person = _typed(form, before)
            if _gives(person, before) and (first := proof.first()) is not None:
                return first
            if before is None:
                current.act(actions.add_person, person=person)
                render.say(_("%(name)s is added.", name=person.name))
            else:
                current.act(
                    actions.change_person,
                    person=person,
                    schemes=current.schemes(),
                    seen=form.seen.data or None,
                )
                render.say(_("The changes are saved."))
            return render.redirect(url_for("people.people"))
        except Refused as refused:
            errors = {_FIELDS.get(refused.refusal.code, "number"): (spoken(refused.refusal),)}
    typed = {name: value for name, value in form.data.items() if isinstance(value, str)}
    if before is not None and "" in errors:
        del typed["head"], typed["seen"]
        return _show(_person(before.id), typed, errors)
    return _show(before, typed, errors, specialist=form.specialist.data, roles=form.chosen_roles())


_FIELDS = {
    actions.CHANGED.code: "",
    _NO_HEAD.code: "head",
    _OWN_HEAD.code: "head",
    "person.own-head": "head",
    "person.own-specialist": "specialist",
    "person.own-roles": "roles",
    actions.ONLY_READS.code: "roles",
    actions.NO_SEAT_TOO.code: "roles",
    actions.LAST.code: "roles",
}


def _gives(person: Person, before: Person | None) -> bool:
    """Whether somebody gets a right by it, or another way for codes and links to find them."""
    if before is None:
        return bool(person.roles)
    moved = (person.number, person.email) != (before.number, before.email)
    return moved or bool(person.roles - before.roles)


def _by_claim() -> frozenset[str]:
    """The roles that the organisation's sign-in gives, and so no administrator."""
    return frozenset(role for role, _name in language.role_choices() if current.ways().by_claim(role))


def _typed(form: PersonForm, before: Person | None) -> Person:
    head_id = None
    if before is not None and before.head_id is not None and form.head.data == _number(before.head_id):
        head_id = before.head_id
    elif form.head.data:
        head = store.find_by_number(current.reading(), form.head.data, day=current.today())
        if head is None:
            raise Refused(_NO_HEAD)
        if before is not None and head.id == before.id:
            raise Refused(_OWN_HEAD)
        head_id = head.id
    person = form.person(head_id=head_id, person_id=before.id if before else 0)
    fixed, kept = _by_claim(), before.roles if before else frozenset()
    offered = {role for role, _name in language.role_choices()}
    return replace(person, roles=((person.roles & offered) - fixed) | (kept & fixed))


def _number(person_id: int) -> str:
    """The personal id, also of somebody who has left: their name stays where it stood until another is given."""
    return _person(person_id).number


def _person(person_id: int) -> Person:
    return store.get(current.reading(), person_id, day=current.today())


def errors_in(form: Form) -> dict[str, tuple[str, ...]]:
    """What the form could not read, in words."""
    form.validate()
    return {name: tuple(_(text) for text in texts) for name, texts in form.errors.items() if name}


_TEXTS = ("number", "name", "email", "unit", "administration", "cost_centre", "specialty", "language")


def _show(
    person: Person | None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    *,
    login: str | None = None,
    specialist: bool | None = None,
    roles: frozenset[str] | None = None,
) -> Response:
    """The form of somebody, or of somebody new, as kept or as it was typed and refused."""
    session, day = current.reading(), current.today()
    kept, head, changes = {}, None, []
    if person is not None:
        head = store.find(session, person.head_id, day=day) if person.head_id is not None else None
        kept = {name: getattr(person, name) for name in _TEXTS}
        kept |= {"seen": person.mark}
        changes = sign_in_changes.of_person(session, person.id)
        login = store.login_of(session, person.id) or "" if login is None else login
    blank = dict.fromkeys(_TEXTS, "") | {"language": "sv", "seen": ""}
    makers = {by for each in changes for by in (each.changed_by, each.confirmed_by) if by}
    return render.page(
        "people/person.html",
        person=person,
        values=blank | kept | {"head": head.number if head else ""} | dict(typed or {}),
        specialist=person is not None and person.specialist if specialist is None else specialist,
        roles=(person.roles if person else frozenset()) if roles is None else roles,
        role_choices=language.role_choices(),
        errors=errors or {},
        has_account=bool(person and store.find_login_of(session, person.id, day=day)),
        has_left=bool(person and store.has_left(session, person.id)),
        from_directory=bool(person and store.origin_of(session, person.id)),
        bounced_at=store.bounced_at(session, person.id) if person else None,
        login=login,
        by_claim=_by_claim(),
        seats=_seat_names(seats.held_by(session, person.id, day=day)) if person else [],
        changes=changes,
        names=store.names_of(session, makers),
        head_left=head if head is not None and store.has_left(session, head.id) else None,
        held=[each for each in changes if each.holds(current.now())],
        not_confirmed=_not_confirmed(changes),
        status=render.REFUSED if errors else 200,
    )


def _not_confirmed(changes: Sequence[SignInChange]) -> Refusal | None:
    """Why the reader can confirm none of the changes that hold somebody back."""
    session, me, at = current.reading(), current.person().id, current.now()
    own = sign_in_changes.of_person(session, me)
    refusals = [
        may_confirm(each, me, own, at, of_maker=sign_in.of_maker(session, each))
        for each in changes
        if each.holds(at)
    ]
    return next((each for each in refusals if each is not None), None) if all(refusals) else None


def _seat_names(held: Sequence[Holding]) -> list[str]:
    """The seats of these terms in the reader's language, each with its fund and each once."""
    schemes = current.schemes()
    return list(dict.fromkeys(f"{seat(each)} ({schemes.of_fund(each.fund)[0].prefix})" for each in held))
