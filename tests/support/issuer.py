"""An OpenID provider of our own that does as it is told, wrong things too: over HTTP, in the test's process.

issuer          Issuer, served: `sign_in_file(tmp_path, ...)` writes the portal's settings for it
issuer.go(address, sub="s-1", ...)   what a person does there; gives the path that the browser comes back to
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.wrappers import Request, Response

from tests.support.portals import Clock
from tests.support.server import serving

CLIENT, SECRET = "portal", "a secret of the portal and the provider"
NAME = "Test provider"
BACK_CHANNEL = "http://schemas.openid.net/event/backchannel-logout"


@cache
def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@cache
def client_key() -> ECKey:
    """The portal's own, for private_key_jwt."""
    return ECKey.generate_key("P-256", {"kid": "portal-1"})


@dataclass
class Issuer:
    """What it says can be altered before it is signed, signed otherwise, or answered by something else altogether."""

    clock: Clock
    address: str = ""
    key: RSAKey = field(default_factory=lambda: rsa_key("one"))
    published: list[RSAKey] = field(default_factory=lambda: [rsa_key("one")])
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Each request, by its path, with its fields."""
    discovery: dict[str, Any] = field(default_factory=dict)
    """What the discovery document says otherwise."""
    instead: dict[str, Callable[[], Response]] = field(default_factory=dict)
    """By path, what answers instead."""
    alter: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Makes other claims of those of an ID token."""
    sign: Callable[[dict[str, Any]], str] | None = None
    """Makes a token of claims in another way."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    pushed: dict[str, dict[str, str]] = field(default_factory=dict)
    again: bool = False
    """Whether a code can be used once more."""
    _numbers: Any = field(default_factory=lambda: count(1))

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.asked.append((request.path, request.form.to_dict()))
        view = self.instead.get(request.path) or {
            "/.well-known/openid-configuration": lambda: _json(self.described()),
            "/jwks": lambda: _json({"keys": [key.as_dict(private=False) for key in self.published]}),
            "/token": lambda: self.token(request),
            "/par": lambda: self.push(request),
            "/userinfo": lambda: _json(self.userinfo),
        }.get(request.path, lambda: Response(status=404))
        return view()(environ, start)

    def described(self) -> dict[str, Any]:
        said = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "end_session_endpoint": f"{self.address}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in (said | self.discovery).items() if value is not None}

    def push(self, request: Request) -> Response:
        assert self.is_client(request)
        name = f"urn:pushed:{next(self._numbers)}"
        self.pushed[name] = request.form.to_dict()
        return _json({"request_uri": name, "expires_in": 60}, 201)

    def go(self, address: str, *, answer: dict[str, str | None] | None = None, **claims: Any) -> str:
        """Sign in there as somebody; where the browser is sent back to, with some of the answer's fields otherwise."""
        wanted = dict(parse_qsl(urlsplit(address).query))
        wanted = self.pushed.pop(wanted["request_uri"], wanted) if "request_uri" in wanted else wanted
        assert (wanted["response_type"], wanted["code_challenge_method"]) == ("code", "S256")
        code = f"code-{next(self._numbers)}"
        self.codes[code] = wanted | {"claims_said": {"sub": "s-1"} | claims}
        said: dict[str, str | None] = {"code": code, "state": wanted["state"], "iss": self.address}
        fields = {name: value for name, value in (said | (answer or {})).items() if value is not None}
        return f"{urlsplit(wanted['redirect_uri']).path}?{urlencode(fields)}"

    def is_client(self, request: Request) -> bool:
        sent = request.form
        if "client_assertion" in sent:
            claims = jwt.decode(sent["client_assertion"], client_key(), ["ES256"]).claims
            return claims["sub"] == CLIENT and claims["aud"] in (self.address, f"{self.address}/token")
        known = request.authorization
        return known is not None and (known.username, known.password) == (CLIENT, SECRET)

    def token(self, request: Request) -> Response:
        sent = request.form
        wanted = self.codes.get(sent["code"]) if self.again else self.codes.pop(sent["code"], None)
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if wanted is None or challenge != wanted["code_challenge"] or not self.is_client(request):
            return _json({"error": "invalid_grant"}, 400)
        if sent["redirect_uri"] != wanted["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        at = int(self.clock().timestamp())
        claims = {"iss": self.address, "aud": CLIENT, "iat": at, "exp": at + 300, "auth_time": at}
        claims |= {"nonce": wanted["nonce"], **wanted["claims_said"]}
        claims = {name: value for name, value in self.alter(claims).items() if value is not None}
        return _json({"access_token": "opaque", "token_type": "Bearer", "id_token": self.signed(claims)})

    def signed(self, claims: dict[str, Any]) -> str:
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def sign_out_token(self, *, typ: str = "logout+jwt", **other: Any) -> str:
        """What tells the portal that a session is over here."""
        at = int(self.clock().timestamp())
        claims = {"iss": self.address, "aud": CLIENT, "iat": at, "exp": at + 120, "jti": "1"}
        claims |= {"events": {BACK_CHANNEL: {}}, **other}
        header = {"alg": "RS256", "kid": self.key.kid, "typ": typ}
        return jwt.encode(header, claims, self.key)

    def sign_in_file(
        self, folder: Path, *, local: bool = True, by_key: bool = False, **provider: Any
    ) -> Path:
        """The portal's settings for this provider."""
        secret = folder / "client-secret"
        secret.write_text(client_key().as_pem(private=True).decode() if by_key else SECRET)
        told = {
            "name": NAME,
            "issuer": self.address,
            "client_id": CLIENT,
            "link_claim": "employee",
            "timeout": 2.0,
            "key_file" if by_key else "secret_file": str(secret),
            **provider,
        }
        top = f'local_accounts = {str(local).lower()}\nbreak_glass = "admin"\ncontact = "help@example.org"\n'
        lines = [f"{name} = {_toml(value)}" for name, value in told.items()]
        path = folder / "sign-in.toml"
        path.write_text(top + "[provider]\n" + "\n".join(lines))
        return path


def unsigned(claims: dict[str, Any]) -> str:
    """With `alg` none."""
    parts = ({"alg": "none"}, claims)
    return ".".join(_b64(json.dumps(part).encode()) for part in parts) + "."


def by_public_key(issuer: Issuer) -> Callable[[dict[str, Any]], str]:
    """HS256, with the published key as if it were a shared secret."""
    import hmac

    pem = issuer.key.as_pem(private=False)

    def sign(claims: dict[str, Any]) -> str:
        parts = ({"alg": "HS256", "kid": issuer.key.kid}, claims)
        said = ".".join(_b64(json.dumps(part).encode()) for part in parts)
        return f"{said}.{_b64(hmac.digest(pem, said.encode(), 'sha256'))}"

    return sign


def escaped(issuer: Issuer) -> Callable[[dict[str, Any]], str]:
    """Signed as it should be, with half letters and other odd ones written as JSON can."""
    header = {"alg": "RS256", "kid": issuer.key.kid}
    return lambda claims: jws.serialize_compact(header, json.dumps(claims), issuer.key)


def by_key(key: RSAKey, kid: str | None = None) -> Callable[[dict[str, Any]], str]:
    """Signed by another key, under its own name or under one that is known."""
    header = {"alg": "RS256", "kid": kid or key.kid}
    return lambda claims: jwt.encode(header, claims, key, registry=JWSRegistry(algorithms=["RS256"]))


def slow(seconds: float) -> Response:
    """An answer that comes letter by letter, and takes longer than anybody waits."""

    def drip() -> Iterator[bytes]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            yield b" "
            time.sleep(0.01)

    return Response(drip(), mimetype="application/json", headers={"Content-Length": "100000"})


def huge() -> Response:
    return Response((b" " * 8192 for _ in range(200)), mimetype="application/json")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def _json(said: Any, status: int = 200) -> Response:
    return Response(json.dumps(said), status=status, mimetype="application/json")


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def seconds(at: datetime) -> int:
    return int(at.timestamp())


@pytest.fixture
def issuer(clock: Clock) -> Iterator[Issuer]:
    """A provider, served."""
    made = Issuer(clock)
    with serving(made) as address:
        made.address = address
        yield made
