"""The talk with an OpenID provider: what it says of itself, sending people there, and judging what comes back.

Nothing is believed that is not asked for: each answer has a longest time and a largest size, no redirect is followed,
and a token counts only when issuer, audience, signature, times, nonce and, where wanted, `auth_time` and `acr` fit.
"""

import json
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from portal.openid.answers import Distrusted, Errand, Told, text_of
from portal.openid.ways import KEY_METHOD, Provider, is_safe

_LARGEST = 256 * 1024
_KEPT = timedelta(hours=1)
"""How long what the provider says of itself is believed without asking again."""
_KEYS_AGAIN = timedelta(seconds=10)
"""How soon an unknown key may make the portal ask for the keys once more."""
_SKEW = 60
"""Seconds by which the provider's clock may differ."""
_LONGEST = 255
"""Letters of a subject, and of what else is kept as the provider says it."""
_BACK_CHANNEL = "http://schemas.openid.net/event/backchannel-logout"
_SIGN_OUT_AGE = 120


_TALKS = BoundedSemaphore(16)
"""How many talks with a provider there may be at once, with those that nobody waits for any more."""


class _Careful(HTTPAdapter):
    """Reads an answer within a time and up to a size, whole or not at all."""

    def __init__(self, timeout: float) -> None:
        super().__init__(pool_connections=2, pool_maxsize=2)
        self._timeout = timeout

    def send(self, request: PreparedRequest, *_args: Any, **options: Any) -> Response:
        # In a thread of its own: a timeout of `requests` begins anew with each byte that comes.
        answer: Future[Response] = Future()
        if not _TALKS.acquire(blocking=False):
            raise Distrusted("too-slow")
        options |= {"stream": True, "timeout": self._timeout}
        Thread(target=self._talk, args=(answer, request, options), daemon=True).start()
        try:
            return answer.result(self._timeout)
        except TimeoutError:
            raise Distrusted("too-slow") from None

    def _talk(self, answer: Future[Response], request: PreparedRequest, options: dict[str, Any]) -> None:
        try:
            answer.set_result(self._read(super().send(request, **options)))
        except HTTPError as error:  # in the middle of an answer, where `requests` does not see it
            answer.set_exception(RequestException(error))
        except Exception as error:
            answer.set_exception(error)
        finally:
            _TALKS.release()

    def _read(self, response: Response) -> Response:
        until, read = time.monotonic() + self._timeout, bytearray()
        with closing(response):
            if response.is_redirect:
                raise Distrusted("redirected")
            while chunk := response.raw.read1(8192, decode_content=True):
                read += chunk
                if len(read) > _LARGEST:
                    raise Distrusted("too-large")
                if time.monotonic() > until:
                    raise Distrusted("too-slow")
        response._content = bytes(read)  # noqa: SLF001 - where requests keeps what was read
        return response


class RelyingParty:
    """The portal as a client of one provider; keeps what the provider said of itself, for the threads of a process."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._lock = Lock()
        self._metadata: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def metadata(self, at: datetime) -> Mapping[str, Any]:
        """The discovery document. Raises Distrusted."""
        known = self._metadata
        if known is not None and at < known[0] + _KEPT:
            return known[1]
        address = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = self._get(address, "discovery")
        if said.get("issuer") != self.provider.issuer:
            raise Distrusted("discovery-issuer")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        further = ("userinfo_endpoint", "end_session_endpoint", "pushed_authorization_request_endpoint")
        if not all(
            is_safe(said.get(name)) for name in (*needed, *(each for each in further if each in said))
        ):
            raise Distrusted("discovery-addresses")
        with self._lock:
            self._metadata = (at, said)
        return said

    def begin(self, asked: Errand, *, at: datetime, language: str = "") -> str:
        """Where to send the browser. Raises Distrusted."""
        provider, said = self.provider, self.metadata(at)
        more: dict[str, Any] = {"nonce": asked.nonce}
        if asked.max_age is not None:
            more["max_age"] = asked.max_age
        if wanted := asked.acr or provider.acr_values:
            more["acr_values"] = " ".join(wanted)
        if provider.claims:
            more["claims"] = json.dumps(provider.claims, separators=(",", ":"))
        if language:
            more["ui_locales"] = language
        with self._session(asked.redirect_uri) as session:
            address, _state = session.create_authorization_url(
                said["authorization_endpoint"], state=asked.state, code_verifier=asked.verifier, **more
            )
        pushed = said.get("pushed_authorization_request_endpoint")
        return self._push(pushed, said, address, at) if pushed else str(address)

    def _push(self, endpoint: str, said: Mapping[str, Any], address: str, at: datetime) -> str:
        """Send the request ahead, so that the browser carries a reference alone (RFC 9126)."""
        fields = dict(parse_qsl(urlsplit(address).query))
        with self._session("") as session:
            try:
                answer = session.post(
                    endpoint, data=fields, auth=session.client_auth(self._signing(said, at))
                )
                reference = answer.json().get("request_uri") if answer.status_code in (200, 201) else None
            except Distrusted as why:
                raise Distrusted(f"pushed-request-{why.code}") from None
            except (RequestException, ValueError, AttributeError):
                reference = None
        if not isinstance(reference, str) or not reference:
            raise Distrusted("pushed-request")
        query = urlencode({"client_id": self.provider.client_id, "request_uri": reference})
        return f"{said['authorization_endpoint']}?{query}"

    def finish(self, answer: Mapping[str, str], asked: Errand, *, at: datetime) -> Told:
        """Judge the answer that the browser brought, and what the provider then says. Raises Distrusted."""
        said = self.metadata(at)
        named = answer.get("iss")
        if named is None and said.get("authorization_response_iss_parameter_supported") is True:
            raise Distrusted("answer-without-issuer")
        if named is not None and named != self.provider.issuer:
            raise Distrusted("answer-of-another-issuer")
        if "error" in answer or not answer.get("code"):
            raise Distrusted("provider-refused" if "error" in answer else "answer-without-code")
        tokens = self._tokens(said, answer["code"], asked, at)
        claims = self._id_token(said, tokens, asked, at)
        signed_in_at = _instant(claims.get("auth_time"))
        self._check_freshness(asked, signed_in_at, claims.get("acr"), at)
        return Told(
            issuer=self.provider.issuer,
            subject=claims["sub"],
            auth_time=signed_in_at,
            acr=text_of(claims.get("acr"), _LONGEST),
            sid=text_of(claims.get("sid"), _LONGEST),
            id_token=tokens["id_token"],
            claims=self._with_userinfo(said, tokens, claims),
        )

    def _tokens(self, said: Mapping[str, Any], code: str, asked: Errand, at: datetime) -> Mapping[str, Any]:
        with self._session(asked.redirect_uri) as session:
            try:
                tokens: Mapping[str, Any] = session.fetch_token(
                    said["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=asked.verifier,
                    redirect_uri=asked.redirect_uri,
                    auth=session.client_auth(self._signing(said, at)),
                )
            except AuthlibBaseError:
                raise Distrusted("code-refused") from None
            except Distrusted as why:
                raise Distrusted(f"token-endpoint-{why.code}") from None
            except (RequestException, ValueError):
                raise Distrusted("token-endpoint") from None
        if not isinstance(tokens.get("id_token"), str):
            raise Distrusted("no-id-token")
        return tokens

    def _id_token(
        self, said: Mapping[str, Any], tokens: Mapping[str, Any], asked: Errand, at: datetime
    ) -> dict[str, Any]:
        token = self._verified(said, tokens["id_token"], at)
        params = {"nonce": asked.nonce, "client_id": self.provider.client_id}
        if isinstance(tokens.get("access_token"), str):
            params["access_token"] = tokens["access_token"]
        options = {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
        }
        claims = CodeIDToken(token.claims, token.header, options, params)
        _validate(claims, at)
        subject = claims["sub"]
        if not subject.strip() or len(subject) > _LONGEST or not subject.isprintable():
            raise Distrusted("token-sub")
        return dict(claims)

    def _check_freshness(
        self, asked: Errand, signed_in_at: datetime | None, acr: object, at: datetime
    ) -> None:
        """`auth_time` alone tells when somebody signed in: `iat` is new in every token."""
        if asked.max_age is not None:
            if signed_in_at is None:
                raise Distrusted("no-auth-time")
            if at > signed_in_at + timedelta(seconds=asked.max_age + _SKEW):
                raise Distrusted("sign-in-too-old")
        if signed_in_at is not None and signed_in_at > at + timedelta(seconds=_SKEW):
            raise Distrusted("token-auth_time")
        if asked.acr and acr not in asked.acr:
            raise Distrusted("wrong-acr")

    def _with_userinfo(
        self, said: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The claims, with those of the userinfo where the token lacks one that is needed."""
        needed = [each for each in (self.provider.link_claim, self.provider.role_claim) if each]
        if "userinfo_endpoint" not in said or all(each in claims for each in needed):
            return claims
        bearer = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
        more = self._get(said["userinfo_endpoint"], "userinfo", bearer)
        if more.get("sub") != claims["sub"]:
            raise Distrusted("userinfo-sub")
        return {**more, **claims}

    def signed_out(self, token: str, *, at: datetime) -> tuple[str, str]:
        """Subject and session of a sign-out that the provider tells of; one of them may be empty. Raises Distrusted."""
        verified = self._verified(self.metadata(at), token, at)
        claims, kind = verified.claims, str(verified.header.get("typ", "")).lower()
        options = {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
            "iat": {"essential": True},
            "jti": {"essential": True},
        }
        registry = jwt.JWTClaimsRegistry(now=int(at.timestamp()), leeway=_SKEW, **options)  # type: ignore[arg-type]
        try:
            registry.validate(claims)
        except JoseError:
            raise Distrusted("sign-out-token") from None
        events = claims.get("events")
        subject, sid = claims.get("sub", ""), claims.get("sid", "")
        said = isinstance(events, dict) and isinstance(events.get(_BACK_CHANNEL), dict)
        old = at.timestamp() > claims["iat"] + _SIGN_OUT_AGE
        if (
            kind != "logout+jwt"
            or not said
            or old
            or "nonce" in claims
            or not (isinstance(subject, str) and subject.isprintable())
            or not (isinstance(sid, str) and sid.isprintable())
            or not (subject or sid)
        ):
            raise Distrusted("sign-out-token")
        return subject, sid

    def sign_out_address(self, id_token: str, back: str, *, at: datetime) -> str | None:
        """Where somebody signs out at the provider too; None where it has no such page or cannot be asked."""
        try:
            endpoint = self.metadata(at).get("end_session_endpoint")
        except Distrusted:
            return None
        if not endpoint:
            return None
        query = {
            "client_id": self.provider.client_id,
            "id_token_hint": id_token,
            "post_logout_redirect_uri": back,
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def _verified(self, said: Mapping[str, Any], token: str, at: datetime) -> jwt.Token:
        """The token, signed by one of the provider's keys; a key that is not known is asked for once."""
        told = said.get("id_token_signing_alg_values_supported")
        known = [each for each in self.provider.algorithms if not isinstance(told, list) or each in told]
        registry = JWSRegistry(algorithms=known, strict_check_header=False)
        keys = self._key_set(said, at)
        try:
            try:
                return jwt.decode(token, keys, registry=registry)
            except InvalidKeyIdError:
                if self._keys is not None and at < self._keys[0] + _KEYS_AGAIN:
                    raise
                return jwt.decode(token, self._key_set(said, at, again=True), registry=registry)
        except (JoseError, ValueError, TypeError):
            raise Distrusted("token-signature") from None

    def _key_set(self, said: Mapping[str, Any], at: datetime, *, again: bool = False) -> KeySet:
        known = self._keys
        if known is not None and not again and at < known[0] + _KEPT:
            return known[1]
        keys = self._get(said["jwks_uri"], "keys").get("keys")
        # A key of a kind that is not known here, or for encryption, is none of ours; a shared secret never is.
        good = [each for each in keys or () if _is_public(each)] if isinstance(keys, list) else []
        try:
            made = KeySet([import_key(each) for each in good])
        except (JoseError, ValueError, TypeError, KeyError):
            raise Distrusted("keys") from None
        with self._lock:
            self._keys = (at, made)
        return made

    def _get(self, address: str, what: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A JSON object that the provider gives out. Raises Distrusted."""
        with self._session("") as session:
            try:
                answer = session.request(
                    "GET",
                    address,
                    withhold_token=True,
                    headers={"Accept": "application/json", **(headers or {})},
                )
                said = answer.json() if answer.status_code == 200 else None
            except (RequestException, ValueError):
                raise Distrusted(f"{what}-away") from None
            except Distrusted as why:
                raise Distrusted(f"{what}-{why.code}") from None
        if not isinstance(said, dict):
            raise Distrusted(f"{what}-away")
        return said

    def _session(self, redirect_uri: str) -> OAuth2Session:
        provider = self.provider
        key = import_key(provider.secret, _KINDS[provider.key_algorithm[:2]]) if _by_key(provider) else None
        session = OAuth2Session(
            provider.client_id,
            provider.secret if key is None else key,
            scope=" ".join(provider.scope),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Careful(provider.timeout))
        if provider.ca_file:
            session.verify = provider.ca_file
        return session

    def _signing(self, said: Mapping[str, Any], at: datetime) -> Any:
        """How the client shows who it is."""
        provider = self.provider
        if not _by_key(provider):
            return provider.method
        audience = provider.issuer if provider.key_audience == "issuer" else said["token_endpoint"]
        headers = {"kid": provider.key_id} if provider.key_id else {}
        short = {"iat": int(at.timestamp()), "exp": int(at.timestamp()) + _SKEW}
        return PrivateKeyJWT(audience, claims=short, headers=headers, alg=provider.key_algorithm)


_KINDS: Mapping[str, Any] = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def _by_key(provider: Provider) -> bool:
    return provider.method == KEY_METHOD


def _is_public(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in _KINDS.values() and key.get("use", "sig") == "sig"


def _validate(claims: CodeIDToken, at: datetime) -> None:
    """Raises Distrusted with the name of the claim that is wrong."""
    try:
        claims.validate(now=int(at.timestamp()), leeway=_SKEW)
    except JoseError as error:
        named = str(getattr(error, "claim", "") or "")
        raise Distrusted(f"token-{named}" if named.isidentifier() else "token-claims") from None
    except (TypeError, ValueError):
        raise Distrusted("token-claims") from None


def _instant(seconds: object) -> datetime | None:
    """An instant of a claim. Raises Distrusted for what is none."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 2**40:
        raise Distrusted("token-auth_time")
    return datetime.fromtimestamp(int(seconds), UTC)
