"""The ways to sign in, as the file says that `SIGN_IN` names: local accounts, an OpenID provider, a proxy's header.

Every entry is known by name here; a wrong or unknown one stops the start with a sentence. Secrets stand in files.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from portal.domain.person import ROLES
from portal.environment import ROOT, WrongSettings, is_this_machine

SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures of tokens that are believed: never `none`, and none by a secret that the portal shares."""
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
KEY_METHOD = "private_key_jwt"

NUMBER, EMAIL = "number", "email"
PAGE, APPLICANT = "page", "applicant"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An OpenID provider, and what is believed of what it says."""

    name: str
    """What people call it, for the button."""
    issuer: str
    client_id: str
    method: str = SECRET_METHODS[0]
    secret: str = field(default="", repr=False)
    """The client's secret, or its private key in PEM."""
    key_id: str = ""
    key_algorithm: str = "RS256"
    key_audience: str = "issuer"
    scope: tuple[str, ...] = ("openid", "profile", "email")
    claims: Mapping[str, Any] = field(default_factory=dict)
    acr_values: tuple[str, ...] = ()
    required_acr: tuple[str, ...] = ()
    """One of these must stand in the token of every sign-in; empty: any."""
    signing_acr: tuple[str, ...] = ()
    """The same for signatures and for giving rights; empty: as for every sign-in."""
    algorithms: tuple[str, ...] = SIGNED_BY
    link_claim: str = ""
    link_to: str = NUMBER
    unknown: str = PAGE
    role_claim: str = ""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the portal's role, the values of `role_claim` that give it; a role named here comes from nowhere else."""
    timeout: float = 5.0
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class ProxyHeader:
    """A proxy that has signed people in, and says whom in a header."""

    name: str
    proxies: tuple[IPv4Network | IPv6Network, ...]
    unix: bool = False
    """Whether a proxy on this machine's socket is one of them."""
    signed_in_at: str = ""
    """The header that says when, in seconds since 1970; empty: it is not told."""

    def is_from(self, address: str) -> bool:
        """Whether a connection from there is one of the proxies'."""
        if not address:
            return self.unix
        try:
            there = ip_address(address)
        except ValueError:
            return False
        return any(there in network for network in self.proxies)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How people sign in."""

    local: bool = True
    break_glass: str = ""
    """The personal id of the administrator who may sign in by password though local accounts are switched off."""
    fresh: timedelta = timedelta(minutes=15)
    """How long ago a sign-in may be for what decides."""
    contact: str = ""
    """Whom somebody writes to whom the portal does not know."""
    provider: Provider | None = None
    header: ProxyHeader | None = None

    def by_claim(self, role: str) -> bool:
        """Whether a role comes from a claim, and so from no administrator."""
        return self.provider is not None and role in self.provider.roles


def read_ways(path: Path | None) -> Ways:
    """What the file says; without one, local accounts alone. Raises WrongSettings with a line for each fault."""
    if path is None:
        return Ways()
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WrongSettings(f"SIGN_IN: {path} cannot be read: {error}") from None
    reader = _Entries(path, told)
    ways = _ways(reader)
    reader.finish()
    return ways


class _Entries:
    """The entries of one table, each taken once; what is left is unknown."""

    def __init__(self, path: Path, told: Mapping[str, Any], table: str = "", wrong: list[str] | None = None):
        self.path = path
        self.wrong: list[str] = [] if wrong is None else wrong
        self._told, self._table = dict(told), table
        self._inner: list[_Entries] = []

    def complain(self, name: str, why: str) -> None:
        where = f"{self._table}.{name}" if self._table else name
        self.wrong.append(f"SIGN_IN: {self.path}, {where}: {why}")

    def take(self, name: str, kind: type[T], default: T, check: Callable[[T], str | None] | None = None) -> T:
        value: Any = self._told.pop(name, default)
        wanted = (int, float) if kind is float else kind
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
            self.complain(name, f"must be {_CALLED[kind]}.")
            return default
        if check is not None and (why := check(cast(T, value))) is not None:
            self.complain(name, why)
            return default
        return cast(T, value)

    def words(self, name: str, default: tuple[str, ...] = (), *, of: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._told.pop(name, list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            self.complain(name, "must be a list of texts.")
            return default
        if of and not set(value) <= set(of):
            self.complain(name, f"must be of {', '.join(of)}.")
        return tuple(value)

    def file(self, name: str) -> str:
        """The content of a file that the entry names."""
        named = self.take(name, str, "")
        if not named:
            return ""
        try:
            content = (ROOT / named).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            content = ""
        if not content:
            self.complain(name, f"names a file that is empty or cannot be read: {named}.")
        return content

    def table(self, name: str) -> "_Entries | None":
        if name not in self._told:
            return None
        inner = _Entries(self.path, self.take(name, dict, {}), name, self.wrong)
        self._inner.append(inner)
        return inner

    def unread(self) -> tuple[str, ...]:
        return tuple(self._told)

    def finish(self) -> None:
        """Raises WrongSettings."""
        for each in (self, *self._inner):
            for name in each.unread():
                each.complain(name, "there is no such entry.")
        if self.wrong:
            raise WrongSettings("\n".join(self.wrong))


_CALLED = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", dict: "a table"}


def _ways(told: _Entries) -> Ways:
    local = told.take("local_accounts", bool, True)
    break_glass = told.take("break_glass", str, "")
    provider, header = told.table("provider"), told.table("header")
    if not local and not break_glass:
        told.complain(
            "break_glass", "name the personal id of the administrator who can still sign in by password."
        )
    if not local and provider is None and header is None:
        told.complain("local_accounts", "cannot be switched off while there is no other way to sign in.")
    if provider is not None and header is not None:
        told.complain("header", "people sign in by a provider or by a proxy's header, not by both.")
    minutes = told.take("fresh_minutes", int, 15, _within(1, 24 * 60))
    contact = told.take("contact", str, "")
    if (provider or header) and not contact:
        told.complain("contact", "say whom somebody writes to whom the portal does not know.")
    return Ways(
        local=local,
        break_glass=break_glass,
        fresh=timedelta(minutes=minutes),
        contact=contact,
        provider=None if provider is None else _provider(provider),
        header=None if header is None else _header(header),
    )


def _provider(told: _Entries) -> Provider:
    secret, key = told.file("secret_file"), told.file("key_file")
    if bool(secret) == bool(key):
        told.complain(
            "secret_file", "name the file of the client's secret, or of its private key by key_file."
        )
    usual = KEY_METHOD if key else SECRET_METHODS[0]
    methods = (KEY_METHOD,) if key else SECRET_METHODS
    link_to = told.take("link_to", str, NUMBER, _one_of(NUMBER, EMAIL))
    link_claim = told.take("link_claim", str, EMAIL if link_to == EMAIL else "", _needed)
    unknown = told.take("unknown", str, PAGE, _one_of(PAGE, APPLICANT))
    if unknown == APPLICANT and link_to != NUMBER:
        told.complain("unknown", "an unknown person can apply only where link_claim is their personal id.")
    roles = told.take("roles", dict, {})
    role_claim = told.take("role_claim", str, "")
    if bool(roles) != bool(role_claim):
        told.complain("role_claim", "goes together with the table roles.")
    known = {role.partition(":")[0] for role in roles} <= set(ROLES)  # finance, or finance:rfr for one fund
    if not known or not all(_are_texts(each) for each in roles.values()):
        told.complain("roles", f"must give lists of values for {' or '.join(ROLES)}.")
        roles = {}
    scope = told.words("scope", Provider.scope)
    if "openid" not in scope:
        told.complain("scope", "must hold openid.")
    return Provider(
        name=told.take("name", str, "", _needed),
        issuer=told.take("issuer", str, "", _issuer),
        client_id=told.take("client_id", str, "", _needed),
        method=told.take("method", str, usual, _one_of(*methods)),
        secret=secret or key,
        key_id=told.take("key_id", str, ""),
        key_algorithm=told.take("key_algorithm", str, "RS256", _one_of(*SIGNED_BY)),
        key_audience=told.take("key_audience", str, "issuer", _one_of("issuer", "token_endpoint")),
        scope=scope,
        claims=told.take("claims", dict, {}),
        acr_values=told.words("acr_values"),
        required_acr=told.words("required_acr"),
        signing_acr=told.words("signing_acr"),
        algorithms=told.words("algorithms", SIGNED_BY, of=SIGNED_BY),
        link_claim=link_claim,
        link_to=link_to,
        unknown=unknown,
        role_claim=role_claim,
        roles={role: tuple(values) for role, values in roles.items()},
        timeout=told.take("timeout", float, 5.0, _within(0.1, 30)),
        ca_file=told.take("ca_file", str, ""),
    )


def _header(told: _Entries) -> ProxyHeader:
    named = told.words("proxies")
    networks = []
    for each in named:
        try:
            networks += [ip_network(each)] if each != "unix" else []
        except ValueError:
            told.complain("proxies", f"is neither an address, a network nor unix: {each}.")
    if not named:
        told.complain("proxies", "name the addresses of the proxies; anybody else could send the header too.")
    return ProxyHeader(
        name=told.take("name", str, "", _needed),
        proxies=tuple(networks),
        unix="unix" in named,
        signed_in_at=told.take("signed_in_at", str, ""),
    )


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) for each in values)


def _needed(value: str) -> str | None:
    return None if value else "is missing."


def _one_of(*known: str) -> Callable[[str], str | None]:
    return lambda value: None if value in known else f"must be {' or '.join(known)}."


def _within(least: float, most: float) -> Callable[[float], str | None]:
    return lambda value: None if least <= value <= most else f"must be from {least} to {most}."


def _issuer(value: str) -> str | None:
    return None if is_safe(value) else "must be the issuer's address, which begins with https://."


def is_safe(address: object) -> bool:
    """Whether an address is talked to encrypted, or leads to this machine."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname))
