"""Signing in and out, a first password by a code, the language switch, and one's own account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Answer

from portal.actions import sign_in as actions
from portal.actions.identities import note_break_glass
from portal.domain.passwords import check_password
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import Refused
from portal.domain.scheme import LANGUAGES
from portal.domain.sign_in import digest_of
from portal.domain.tries import TooSoon
from portal.forms.people import CodeForm, PasswordForm, SignInForm
from portal.forms.typed import whole
from portal.store import outbox, people, seats
from portal.store import sign_in as store
from portal.store.identities import token_of
from portal.web import current, language, logs, proof, render, sessions
from portal.web.account.provider import leave, sent_too_early
from portal.web.guard import guard, public
from portal.web.language import _, seat, spoken
from portal.web.security import local_path

blueprint = Blueprint("account", __name__)

_DEMO_PEOPLE = 34  # as far as the second of each fund's finance
_DEMO_GROUP = 8
_YEAR = 365 * 24 * 3600


@blueprint.get("/sign-in")
@public("sign-in")
def sign_in() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in already is sent on."""
    going = local_path(request.args.get("next"))
    if sessions.signed_in() is not None:
        return render.redirect(going)
    return show_sign_in(going, by_password=bool(request.args.get("password")))


def show_sign_in(
    going: str,
    *,
    login: str = "",
    errors: Sequence[str] = (),
    kept: str = "",
    by_password: bool = False,
    status: int = 200,
) -> Response:
    """The ways to sign in, in a demo with the people to be; `kept` is a form that was sent too late, sealed.

    Where local accounts are switched off, `by_password` shows their form to the administrator who has one still.
    """
    ways = current.ways()
    return render.page(
        "account/sign-in.html",
        next=going,
        login=login,
        errors=errors,
        kept=kept,
        ended=bool(request.args.get("ended")) or sessions.whose_has_ended() is not None,
        groups=_demo_groups(),
        provider="" if ways.provider is None else ways.provider.name,
        header=ways.header is not None,
        local=ways.local,
        by_password=ways.local or by_password or bool(errors),
        status=status,
    )


@blueprint.post("/sign-in")
@public("sign-in")
def try_to_sign_in() -> ResponseReturnValue:
    """Sign in with a local account; one answer, in the same time, for every way to be wrong."""
    form = SignInForm(request.form)
    login, password = form.login.data or "", form.password.data or ""
    account = people.find_login(current.reading(), login, day=current.today())
    counted = proof.of_sign_in(login, account)
    try:
        failures = proof.count_try(counted)
    except TooSoon as early:
        logs.sign_in_failed("too-soon", account=proof.keyed("account", login))
        return proof.wait_longer(early, _sign_in_again(form, proof.too_soon(early)))
    good = actions.is_password(password, account.password_hash if account else None)
    if account is None or not good or not proof.may_use_password(account.person):
        logs.sign_in_failed("wrong", account=proof.keyed("account", login))
        if account is not None and (many := proof.many(failures, counted)):
            current.write(
                actions.note_wrong_passwords, account=account.person, failures=many, at=current.now()
            )
        return _sign_in_again(form, _("The login or the password is wrong."))
    if not current.ways().local:
        current.write(
            note_break_glass,
            by=account.person,
            at=current.now(),
            client=sessions.client(),
            zone=current.settings().zone,
        )
    kept = account.password_hash or ""
    better = actions.better_kept(password, kept)
    return _begin(
        account.person,
        form.next.data,
        browser=sessions.browser_token(),
        counted=counted,
        better_kept=None if better is None else (kept, better),
    )


def _sign_in_again(form: SignInForm, said: str) -> Response:
    return show_sign_in(
        local_path(form.next.data),
        login=form.login.data or "",
        errors=(said,),
        kept=request.form.get("kept", ""),
        status=render.REFUSED,
    )


@blueprint.post("/sign-in/demo")
@public("sign-in")
def be_somebody() -> ResponseReturnValue:
    """Sign in as one of the made-up people of a demo; elsewhere there is no such page."""
    person_id = whole(request.form.get("person", ""))
    if not current.settings().demo or person_id is None:
        abort(404)
    return _begin(people.get(current.reading(), person_id, day=current.today()), request.form.get("next"))


def _begin(person: Person, going: str | None, *, browser: str = "", **proved: Any) -> ResponseReturnValue:
    token, before = sessions.new_token(), sessions.signed_in()
    current.write(
        actions.sign_in,
        digest=sessions.digest_of(token),
        by=person,
        at=current.now(),
        client=sessions.client(browser),
        zone=current.settings().zone,
        instead_of="" if before is None else before.digest,
        shown_at=current.now(),
        **proved,
    )
    sessions.begin(person, token)
    logs.signed_in(person.id, "password" if browser else "demo")
    response: Answer = render.redirect(local_path(going))
    if (kept := sessions.offered_to(person, request.form.get("kept"))) is not None:
        text = _("Nothing was saved yet, and nothing you typed is lost.")
        response = render.resend(*kept, _("The page had been open too long"), text)
    if browser:
        sessions.keep_browser(response, browser)
    return response


@blueprint.post("/sign-out")
@public("sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session, here and in the table; also right for somebody whose session is over."""
    signed_in, token = sessions.signed_in(), None
    if signed_in is not None:
        token = token_of(current.reading(), signed_in.digest)
        current.write(actions.sign_out, digest=signed_in.digest, by=signed_in.person, at=current.now())
        logs.signed_out(signed_in.person.id)
    sessions.end()
    response = leave(token)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/first-sign-in")
@public("sign-in")
def first_sign_in() -> ResponseReturnValue:
    """The form for a code and the password one chooses; neither is ever in an address."""
    return _show_first_sign_in("", {})


@blueprint.post("/first-sign-in")
@public("sign-in")
def choose_password() -> ResponseReturnValue:
    """Keep the password; the code ends, and so does every session of its owner."""
    form = CodeForm(request.form)
    code, new = form.code.data or "", form.new_password.data or ""
    try:
        owner = _owner_of(code)
        weak = check_password(new, about=_about(owner))
        if weak is not None:
            return _show_first_sign_in(code, {"new_password": (spoken(weak),)})
        current.release()
        kept = actions.hash_password(new)
        login = current.write(actions.use_code, code=code, password_hash=kept, at=current.now())
    except TooSoon as early:
        return proof.wait_longer(early, _show_first_sign_in(code, {"code": (proof.too_soon(early),)}))
    except Refused as refused:
        return _show_first_sign_in(code, {"code": (spoken(refused.refusal),)})
    render.say(_("The password is kept. Your login is %(login)s.", login=login))
    return render.redirect(url_for("account.sign_in"))


def _owner_of(code: str) -> Person:
    """Whose code it is; counted as a try by address. Raises TooSoon and Refused."""
    counted = proof.of_address()
    proof.count_try(counted)
    found = store.find_open(current.reading(), digest_of(code), at=current.now())
    if found is None:
        raise Refused(actions.NO_CODE)
    current.write(store.give_back_try, counted=counted, at=current.now())
    owner = people.get(current.reading(), found.person_id, day=current.today())
    if not proof.may_use_password(owner):
        raise Refused(actions.NO_CODE)
    return owner


def _about(person: Person, *more: str) -> tuple[str, ...]:
    """What a password may not be made of."""
    return person.name, person.email, person.number, person.unit, request.host, *more


def _show_first_sign_in(code: str, errors: Mapping[str, Sequence[str]]) -> Response:
    status = render.REFUSED if errors else 200
    return render.page("account/first-sign-in.html", code=code, errors=errors, status=status)


@blueprint.post("/language")
@public("language")
def switch_language() -> ResponseReturnValue:
    """Read the portal in another language, from now on and in every browser where signed in."""
    code = request.form.get("lang", "")
    if code not in LANGUAGES:
        abort(400)
    response = render.redirect(local_path(request.form.get("next")))
    choose(code, response)
    return response


def choose(code: str, response: Answer) -> None:
    """Keep the language with the person, and in this browser."""
    person = current.person_or_none()
    if person is not None:
        current.write(actions.choose_language, language=code, by=person, at=current.now())
    session.pop(sessions.LANGUAGE, None)
    secure = current.settings().secure
    response.set_cookie(language.cookie(), code, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")


@blueprint.get("/account")
@guard("come-in")
def account() -> ResponseReturnValue:
    return _show_account()


@blueprint.post("/account/sessions/end")
@guard("come-in")
def end_sessions() -> ResponseReturnValue:
    """End one session of one's own, or every one but this."""
    signed_in = sessions.signed_in()
    if signed_in is None:
        abort(401)
    ended = current.write(
        actions.end_sessions,
        person_id=signed_in.person.id,
        only=request.form.get("session", ""),
        but=signed_in.digest,
        by=signed_in.person,
        at=current.now(),
    )
    text = language.count(
        "%(num)s other browser is signed out.", "%(num)s other browsers are signed out.", ended
    )
    render.say(text)
    return render.redirect(url_for("account.account"))


@blueprint.post("/account/password")
@guard("come-in")
def change_password() -> ResponseReturnValue:
    """Change one's own password, knowing the old one."""
    form, me = PasswordForm(request.form), sessions.signed_in()
    login = people.find_login_of(current.reading(), current.person().id, day=current.today())
    if me is None or login is None or not proof.may_use_password(me.person):
        abort(404)
    new, errors = form.new_password.data or "", {}
    try:
        if not proof.proves(form.old_password.data or "", login.password_hash, me.person):
            errors["old_password"] = (_("That is not the password you have."),)
    except TooSoon as early:
        return proof.wait_longer(early, _show_account({"old_password": (proof.too_soon(early),)}))
    weak = check_password(new, about=_about(me.person, login.login))
    if weak is not None:
        errors["new_password"] = (spoken(weak),)
    if errors:
        return _show_account(errors)
    kept = actions.hash_password(new)
    current.write(actions.change_password, password_hash=kept, but=me.digest, by=me.person, at=current.now())
    render.say(_("The password is changed."))
    return render.redirect(url_for("account.account"))


@blueprint.post("/account/mail")
@guard("come-in")
def choose_mail() -> ResponseReturnValue:
    current.act(actions.choose_mail, daily=request.form.get("daily", "") not in ("", "no"))
    render.say(_("It is kept how often your e-mails come."))
    return render.redirect(url_for("account.account"))


@blueprint.post("/account/prove")
@guard("apply")
def prove() -> ResponseReturnValue:
    """The password once more, before what was sent is done; done it is by its owner's button alone."""
    me = sessions.signed_in()
    login = None if me is None else people.find_login_of(current.reading(), me.person.id, day=current.today())
    if me is None or login is None:
        abort(404)
    try:
        good = proof.proves(request.form.get("password", ""), login.password_hash, me.person)
        errors = () if good else (_("That is not the password you have."),)
    except TooSoon as early:
        errors = (proof.too_soon(early),)
    if errors and (again := proof.first(errors)) is not None:
        return again
    current.write(actions.prove, digest=me.digest, at=current.now())
    found = sessions.offered_to(me.person, request.form.get("kept"))
    return render.redirect(local_path(request.form.get("next"))) if found is None else sent_too_early(*found)


def _show_account(errors: Mapping[str, Sequence[str]] | None = None) -> Response:
    me, session, day = current.person(), current.reading(), current.today()
    account = people.find_login_of(session, me.id, day=day)
    return render.page(
        "account/account.html",
        me=me,
        head=people.find(session, me.head_id, day=day) if me.head_id is not None else None,
        seats=_seats(me),
        sign_ins=sign_ins(me.id),
        daily=outbox.takes_daily(session, me.id),
        login=account.login if account and proof.may_use_password(me) else "",
        errors=errors or {},
        status=render.REFUSED if errors else 200,
    )


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One time that somebody signed in."""

    sign_in: store.SignIn
    open: bool
    """Whether they still are."""
    this_one: bool


def sign_ins(person_id: int) -> list[SignInLine]:
    """The sign-ins of a person that are remembered, newest first."""
    signed_in, oldest = sessions.signed_in(), current.now() - current.settings().session_absolute
    return [
        SignInLine(
            each,
            open=each.ended_at is None and each.began_at > oldest,
            this_one=signed_in is not None and each.digest == signed_in.digest,
        )
        for each in store.sessions_of(current.reading(), person_id)
    ]


def _seats(person: Person) -> list[str]:
    """The seats a person holds today, in words."""
    held = seats.held_by(current.reading(), person.id, day=current.today())
    return [_("%(seat)s, substitute", seat=seat(each)) if each.substitute else seat(each) for each in held]


def _demo_groups() -> dict[str, list[tuple[Person, str]]]:
    """People to try the portal as, with their seats or unit, by what they are to it; nobody outside a demo."""
    if not current.settings().demo:
        return {}
    order = (_("Employees"), _("Heads"), _("Approvers"), _("Finance"), _("Administrators"))
    groups: dict[str, list[tuple[Person, str]]] = {title: [] for title in order}
    for person in people.first_added(current.reading(), day=current.today(), limit=_DEMO_PEOPLE):
        what = ", ".join(_seats(person)) if person.approves else person.unit
        groups[_group(person)].append((person, what))
    return {title: found[:_DEMO_GROUP] for title, found in groups.items() if found}


def _group(person: Person) -> str:
    if ADMINISTRATOR in person.roles:
        return _("Administrators")
    if person.pays():
        return _("Finance")
    if person.approves:
        return _("Approvers")
    return _("Heads") if person.leads else _("Employees")
