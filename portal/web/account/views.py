"""Signing in and out, the language switch, and one's own account."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Answer

from portal.actions import sign_in as actions
from portal.domain.passwords import check_password
from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.domain.scheme import LANGUAGES
from portal.domain.tries import TooSoon
from portal.forms.people import PasswordForm, SignInForm
from portal.forms.typed import whole
from portal.store import people, seats
from portal.store import sign_in as store
from portal.web import browsers, current, language, logs, render, sessions, tries, unsent
from portal.web.guard import guard, public
from portal.web.language import _, spoken, words
from portal.web.pages.account import AccountPage, DemoGroup, DemoPerson, SessionLine, SignInPage
from portal.web.security import local_path

blueprint = Blueprint("account", __name__)

_DEMO_PEOPLE = 27
_DEMO_GROUP = 8
_YEAR = 365 * 24 * 3600


@blueprint.get("/sign-in")
@public("sign-in")
def sign_in() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in already is sent on."""
    going = local_path(request.args.get("next"))
    if sessions.signed_in() is not None:
        return render.redirect(going)
    return render.page("account/sign-in.html", sign_in_page(next=going))


def sign_in_page(**said: Any) -> SignInPage:
    """The sign-in form, in a demo with the people to be; `kept` is a form that was sent too late."""
    return SignInPage(groups=_demo_groups(), **said)


@blueprint.post("/sign-in")
@public("sign-in")
def try_to_sign_in() -> ResponseReturnValue:
    """Sign in with a local account; one answer, in the same time, for every way to be wrong."""
    form = SignInForm(request.form)
    login, password = form.login.data or "", form.password.data or ""
    account = people.find_login(current.reading(), login, day=current.today())
    counted = tries.of_sign_in(login, account)
    try:
        failures = tries.begin(counted)
    except TooSoon as early:
        logs.sign_in_failed("too-soon", account=tries.keyed("account", login))
        return tries.wait_longer(early, _sign_in_again(form, tries.in_words(early)))
    good = actions.is_password(password, account.password_hash if account else None)
    if account is None or not good:
        logs.sign_in_failed("wrong", account=tries.keyed("account", login))
        if account is not None and (many := tries.many(failures, counted)):
            current.write(
                actions.note_wrong_passwords, account=account.person, failures=many, at=current.now()
            )
        return _sign_in_again(form, _("The login or the password is wrong."))
    kept = account.password_hash or ""
    better = actions.better_kept(password, kept)
    return _begin(
        account.person,
        form.next.data,
        browser=browsers.token(),
        counted=counted,
        better_kept=None if better is None else (kept, better),
    )


def _sign_in_again(form: SignInForm, said: str) -> Response:
    page = sign_in_page(
        next=local_path(form.next.data),
        login=form.login.data or "",
        errors=(said,),
        kept=request.form.get("kept", ""),
    )
    return render.page("account/sign-in.html", page, status=render.REFUSED)


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
        client=browsers.client(browser),
        zone=current.settings().zone,
        instead_of="" if before is None else before.digest,
        **proved,
    )
    sessions.begin(person, token)
    kept = unsent.offered_to(person, request.form.get("kept"))
    response: Answer = render.redirect(local_path(going))
    if kept is not None:
        response = render.page("errors/resend.html", kept)
    if browser:
        browsers.keep(response, browser)
    return response


@blueprint.post("/sign-out")
@public("sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session, here and in the table; also right for somebody whose session is over."""
    signed_in = sessions.signed_in()
    if signed_in is not None:
        current.write(actions.sign_out, digest=signed_in.digest, by=signed_in.person, at=current.now())
    sessions.end()
    response = render.redirect(url_for("account.sign_in"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.post("/language")
@public("language")
def switch_language() -> ResponseReturnValue:
    """Read the portal in another language, from now on and in every browser where signed in."""
    code = request.form.get("lang", "")
    if code not in LANGUAGES:
        abort(400)
    person = current.person_or_none()
    if person is not None:
        current.write(actions.choose_language, language=code, by=person, at=current.now())
    response = render.redirect(local_path(request.form.get("next")))
    secure = current.settings().secure
    response.set_cookie(language.cookie(), code, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@blueprint.get("/account")
@guard("apply")
def account() -> ResponseReturnValue:
    """One's own account."""
    return render.page("account/account.html", _account_page())


@blueprint.post("/account/sessions/end")
@guard("apply")
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
    render.say(
        language.count(
            "%(num)s other browser is signed out.", "%(num)s other browsers are signed out.", ended
        )
    )
    return render.redirect(url_for("account.account"))


@blueprint.post("/account/password")
@guard("apply")
def change_password() -> ResponseReturnValue:
    """Change one's own password, knowing the old one."""
    form, me = PasswordForm(request.form), sessions.signed_in()
    login = people.find_login_of(current.reading(), current.person().id, day=current.today())
    if me is None or login is None:
        abort(404)
    new = form.new_password.data or ""
    try:
        old_is_right = tries.proves(form.old_password.data or "", login.password_hash, me.person)
    except TooSoon as early:
        page = _account_page((tries.in_words(early),))
        return tries.wait_longer(early, render.page("account/account.html", page))
    about = (me.person.name, me.person.email, me.person.number, me.person.unit, login.login, request.host)
    refusal = check_password(new, about=about)
    if not old_is_right or refusal is not None:
        old_errors = () if old_is_right else (_("That is not the password you have."),)
        page = _account_page(old_errors, () if refusal is None else (spoken(refusal),))
        return render.page("account/account.html", page, status=render.REFUSED)
    kept = actions.hash_password(new)
    current.write(actions.change_password, password_hash=kept, but=me.digest, by=me.person, at=current.now())
    render.say(_("The password is changed."))
    return render.redirect(url_for("account.account"))


def _account_page(old_errors: tuple[str, ...] = (), new_errors: tuple[str, ...] = ()) -> AccountPage:
    me, session, day = current.person(), current.reading(), current.today()
    login = people.find_login_of(session, me.id, day=day)
    head = people.find(session, me.head_id, day=day) if me.head_id is not None else None
    return AccountPage(
        person=me,
        head=head.name if head else "",
        seats=tuple(_seats(me)),
        sessions=sign_ins(me.id),
        login=login.login if login else "",
        old_errors=old_errors,
        new_errors=new_errors,
    )


def sign_ins(person_id: int) -> tuple[SessionLine, ...]:
    """The sign-ins of a person that are remembered, newest first."""
    signed_in, oldest = sessions.signed_in(), current.now() - current.settings().session_absolute
    return tuple(
        SessionLine(
            each,
            open=each.ended_at is None and each.began_at > oldest,
            this_one=signed_in is not None and each.digest == signed_in.digest,
        )
        for each in store.sessions_of(current.reading(), person_id)
    )


def _seats(person: Person) -> list[str]:
    """The seats a person holds today, in words."""
    titles = {
        (scheme.fund, seat.key): words(seat.title)
        for scheme in current.schemes().values()
        for seat in scheme.seats
    }
    held = seats.held_by(current.reading(), person.id, day=current.today())
    said = [(titles.get((each.fund, each.seat), each.seat), each.substitute) for each in held]
    return [_("%(seat)s, substitute", seat=title) if substitute else title for title, substitute in said]


def _demo_groups() -> tuple[DemoGroup, ...]:
    """People to try the portal as, by what they are to it; nobody outside a demo."""
    if not current.settings().demo:
        return ()
    groups: dict[str, list[DemoPerson]] = {}
    for person in people.first_added(current.reading(), day=current.today(), limit=_DEMO_PEOPLE):
        what = ", ".join(_seats(person)) if person.approves else person.unit
        groups.setdefault(_group(person), []).append(DemoPerson(person.id, person.name, what))
    order = (_("Employees"), _("Heads"), _("Approvers"), _("Finance"), _("Administrators"))
    return tuple(DemoGroup(title, tuple(groups[title][:_DEMO_GROUP])) for title in order if title in groups)


def _group(person: Person) -> str:
    if ADMINISTRATOR in person.roles:
        return _("Administrators")
    if FINANCE in person.roles:
        return _("Finance")
    if person.approves:
        return _("Approvers")
    return _("Heads") if person.leads else _("Employees")
