"""Where somebody who was sent a one-time code chooses their password; neither code nor password is in an address."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import sign_in as actions
from portal.domain.passwords import check_password
from portal.domain.refusal import Refused
from portal.domain.sign_in import digest_of
from portal.domain.tries import TooSoon
from portal.forms.people import CodeForm
from portal.store import people, sign_in
from portal.store.sign_in import give_back_try
from portal.web import current, render, tries
from portal.web.guard import public
from portal.web.language import _, spoken
from portal.web.pages.account import CodePage

blueprint = Blueprint("first_sign_in", __name__)


@blueprint.get("/first-sign-in")
@public("sign-in")
def show() -> ResponseReturnValue:
    """The form for a code and the password one chooses."""
    return render.page("account/first-sign-in.html", CodePage())


@blueprint.post("/first-sign-in")
@public("sign-in")
def choose() -> ResponseReturnValue:
    """Keep the password; the code ends, and so does every session of its owner."""
    form = CodeForm(request.form)
    code, new = form.code.data or "", form.new_password.data or ""
    counted = tries.of_address()
    try:
        tries.begin(counted)
    except TooSoon as early:
        return tries.wait_longer(early, _refused(code, code_errors=(tries.in_words(early),)))
    found = sign_in.find_open(current.reading(), digest_of(code), at=current.now())
    if found is None:
        return _refused(code, code_errors=(spoken(actions.NO_CODE),))
    current.write(give_back_try, counted=counted, at=current.now())
    who = people.get(current.reading(), found.person_id, day=current.today())
    weak = check_password(new, about=(who.name, who.email, who.number, who.unit, request.host))
    if weak is not None:
        return _refused(code, new_errors=(spoken(weak),))
    current.release()
    kept = actions.hash_password(new)
    try:
        login = current.write(actions.use_code, code=code, password_hash=kept, at=current.now())
    except Refused as refused:
        return _refused(code, code_errors=(spoken(refused.refusal),))
    render.say(_("The password is kept. Your login is %(login)s.", login=login))
    return render.redirect(url_for("account.sign_in"))


def _refused(code: str, *, code_errors: tuple[str, ...] = (), new_errors: tuple[str, ...] = ()) -> Response:
    page = CodePage(code, code_errors, new_errors)
    return render.page("account/first-sign-in.html", page, status=render.REFUSED)
