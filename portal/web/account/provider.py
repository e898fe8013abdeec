"""Signing in by the organisation: to its provider and back, by a proxy's header, and out when the provider says so.

The browser is sent on by a page, not by a redirect: a page's policy lets no form lead to another host.
"""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Answer

from portal.actions import identities as actions
from portal.actions.sign_in import sign_in
from portal.domain.access import NOT_FOUND
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.openid.answers import Distrusted, Errand
from portal.openid.ways import ProxyHeader
from portal.store import identities as store
from portal.store import people
from portal.store.identities import Detour
from portal.store.sign_in import is_known_browser
from portal.web import current, language, limits, logs, render, sessions
from portal.web.guard import guard, public
from portal.web.language import _, spoken
from portal.web.security import local_path

if TYPE_CHECKING:
    from portal.openid.client import RelyingParty

blueprint = Blueprint("provider", __name__)

_AWAY = N_(
    "The organisation’s sign-in does not answer as it should just now. Nothing you typed is lost. "
    "Try again in a few minutes."
)
_AGAIN = N_("This way to sign in has been used, is too old or began in another browser. Start again.")
_CANCELLED = N_(
    "The organisation’s sign-in did not let you through, or you broke it off. You can start again."
)
_NOT_BELIEVED = N_(
    "What the organisation’s sign-in answered cannot be relied on, so nobody was signed in. Try again; if it happens "
    "once more, tell those who look after the portal."
)
_NO_TIME = N_(
    "The organisation’s sign-in does not say when you signed in there, so you cannot sign or give rights. It is not "
    "your fault. Those who look after the portal have to let the sign-in send auth_time."
)
_TOO_WEAK = N_(
    "The organisation’s sign-in says that you signed in by another way than the portal asks for here. "
    "Start again and choose the stronger way."
)
_SAYS = {
    "state": _AGAIN,
    "provider-refused": _CANCELLED,
    "no-auth-time": _NO_TIME,
    "wrong-acr": _TOO_WEAK,
    "too-often": limits.TOO_MANY_SET_OUTS,
}
_NO_HEADER = Refusal(
    "sign-in.no-header", N_("The organisation’s sign-in has not told the portal who you are.")
)


@blueprint.post("/sign-in/provider")
@public("sign-in")
def set_out() -> ResponseReturnValue:
    """To the provider; with `again`, for whoever is signed in to show once more who they are."""
    again = current.person_or_none() if request.form.get("again") else None
    client, at, browser = _client(), current.now(), sessions.browser_token()
    digest = sessions.digest_of(browser)
    known = again is not None or is_known_browser(current.reading(), digest)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    detour = Detour(
        id=sessions.digest_of(state),
        browser=digest,
        nonce=nonce,
        verifier=verifier,
        goes_to=local_path(request.form.get("next")),
        kept=sessions.sealed(request.form.get("kept", "")),
        person_id=None if again is None else again.id,
        begun_at=at,
    )
    if limits.sets_out_too_often(digest, known=known):
        return _trouble("too-often", detour)
    current.release()
    try:
        address = client.begin(_asked(detour, state), at=at, language=language.language())
    except Distrusted as why:
        return _trouble(why.code, detour)
    current.write(actions.set_out, detour=detour, at=at)
    response = onward(address, _("To the sign-in"), client.provider.name)
    sessions.keep_browser(response, browser)
    return response


def onward(address: str, title: str, name: str) -> Response:
    """A page that leads to another host at once, or by its link."""
    response = render.page("account/onward.html", title=title, name=name, address=address)
    response.headers["Refresh"] = f"0; url={address}"
    return response


@blueprint.get("/sign-in/answer")
@public("sign-in")
def answer() -> ResponseReturnValue:
    """Back from the provider: the answer fits a way that began in this browser, or nothing happens."""
    client, at, state = _client(), current.now(), request.args.get("state", "")
    way = {"state": sessions.digest_of(state), "browser": sessions.known_browser()}
    if not store.is_known_detour(current.reading(), **way):
        return _trouble("state")
    detour = current.write(actions.come_back, **way, at=at)
    if detour is None:
        return _trouble("state")
    try:
        told = client.finish(request.args.to_dict(), _asked(detour, state), at=at)
    except Distrusted as why:
        return _trouble(why.code, detour)
    token, before = sessions.new_token(), sessions.signed_in()
    try:
        person = current.write(
            actions.sign_in_by_provider,
            told=told,
            ways=current.ways(),
            detour=detour,
            digest=sessions.digest_of(token),
            client=sessions.client(sessions.browser_token()),
            zone=current.settings().zone,
            language=language.language(),
            instead_of="" if before is None else before.digest,
            at=at,
        )
    except Refused as refused:
        if refused.refusal in actions.SHOWN_ONLY and refused.refusal != actions.ANOTHER:
            note = {"told": told, "provider": client.provider, "why": refused.refusal}
            current.write(actions.note_unlinked, **note, at=at)
        return not_known(refused.refusal)
    sessions.begin(person, token)
    logs.signed_in(person.id, "provider", acr=told.acr)
    return render.redirect(url_for("provider.kept") if detour.kept else local_path(detour.goes_to))


def _asked(detour: Detour, state: str) -> Errand:
    """What a way asks of the provider; what decides wants a sign-in that is not long ago."""
    ways, provider = current.ways(), _client().provider
    again = detour.person_id is not None
    return Errand(
        state=state,
        nonce=detour.nonce,
        verifier=detour.verifier,
        redirect_uri=f"{current.settings().base_url}/sign-in/answer",
        max_age=int(ways.fresh.total_seconds()) if again else None,
        acr=(provider.signing_acr if again else ()) or provider.required_acr,
    )


def _client() -> "RelyingParty":
    return current.portal().client or abort(404)


def _trouble(code: str, detour: Detour | None = None) -> Response:
    """Why nobody was signed in, in words and in the log; with what was typed, to start the same way again."""
    logs.sign_in_failed(code, way="provider")
    is_away = code.endswith(("-away", "-too-slow", "-too-large")) or code in (
        "token-endpoint",
        "pushed-request",
    )
    text = _SAYS.get(code, _AWAY if is_away else _NOT_BELIEVED)
    status = 429 if code == "too-often" else 503 if is_away else 400
    response = _not_signed_in(_(text), status, detour=detour)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def not_known(refusal: Refusal) -> Response:
    """Somebody the provider knows and the portal does not let in: whom to write to."""
    if refusal.code == NOT_FOUND.code:
        raise Refused(refusal)
    logs.sign_in_failed(refusal.code, way="provider")
    return _not_signed_in(spoken(refusal), 403, contact=current.ways().contact)


def _not_signed_in(text: str, status: int, *, contact: str = "", detour: Detour | None = None) -> Response:
    return render.page(
        "account/not-signed-in.html",
        text=text,
        contact=contact,
        detour=detour,
        request_id=logs.request_id(),
        status=status,
    )


@blueprint.get("/account/kept")
@guard("apply")
def kept() -> ResponseReturnValue:
    """What was sent before the sign-in, for its owner to look through and send once more."""
    me = sessions.signed_in()
    sealed = None if me is None else store.waiting_form(current.reading(), me.digest)
    found = None if me is None else sessions.offered_to(me.person, sealed)
    if found is None:
        return render.redirect("/")
    return sent_too_early(*found)


def sent_too_early(address: str, fields: list[tuple[str, str]]) -> Response:
    """A form that was sent before its owner had shown who they are, with a button that sends it."""
    text = _("Nothing was done yet, and nothing you typed is lost.")
    return render.resend(address, fields, _("You have shown who you are"), text)


@blueprint.post("/sign-out/by-provider")
@public("sign-out")
def ended() -> ResponseReturnValue:
    """The provider tells that a session is over there (OpenID Connect Back-Channel Logout); its token is the proof."""
    client, at = _client(), current.now()
    try:
        subject, sid = client.signed_out(request.form.get("logout_token", ""), at=at)
    except Distrusted as why:
        logs.refused(why.code)
        return {"error": "invalid_request"}, 400
    issuer = client.provider.issuer
    count = current.write(actions.end_by_provider, issuer=issuer, subject=subject, sid=sid, at=at)
    logs.ended_by_provider(count)
    return "", 200


@blueprint.post("/sign-in/header")
@public("sign-in")
def by_header() -> ResponseReturnValue:
    """Sign in whom a trusted proxy names; anybody else's header is not read."""
    header = current.ways().header
    person = None if header is None else _named(header)
    if header is None or person is None:
        return not_known(_NO_HEADER)
    token, before = sessions.new_token(), sessions.signed_in()
    current.write(
        sign_in,
        digest=sessions.digest_of(token),
        by=person,
        at=current.now(),
        client=sessions.client(sessions.browser_token()),
        zone=current.settings().zone,
        instead_of="" if before is None else before.digest,
        shown_at=_signed_in_at(header),
        way="header",
    )
    sessions.begin(person, token)
    logs.signed_in(person.id, "header")
    if (found := sessions.offered_to(person, request.form.get("kept"))) is not None:
        return sent_too_early(*found)
    return render.redirect(local_path(request.form.get("next")))


def _named(header: ProxyHeader) -> Person | None:
    """The active person whom the header names, when it comes from a proxy that is believed."""
    before_any_proxy = request.environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR")
    peer = before_any_proxy if before_any_proxy is not None else request.remote_addr
    number = request.headers.get(header.name, "").strip()
    if not number or not header.is_from(peer or ""):
        return None
    return people.find_by_number(current.reading(), number, day=current.today())


def _signed_in_at(header: ProxyHeader) -> datetime | None:
    """When the proxy says that the person signed in; None where it says nothing that can be."""
    said = request.headers.get(header.signed_in_at, "") if header.signed_in_at else ""
    if not said.isascii() or not said.isdigit() or len(said) > 11:
        return None
    instant = datetime.fromtimestamp(int(said), UTC)
    return instant if instant <= current.now() else None


def leave(token: str | None) -> Answer:
    """To the sign-in page, by way of the provider's own sign-out where the session came from there."""
    client = current.portal().client
    back = f"{current.settings().base_url}{url_for('account.sign_in')}"
    if client is not None and token:
        current.release()
        address = client.sign_out_address(token, back, at=current.now())
        if address is not None:
            return onward(address, _("Signed out"), client.provider.name)
    return render.redirect(url_for("account.sign_in"))
