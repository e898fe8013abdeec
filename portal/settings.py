"""What the portal is told from outside: one frozen value, read when it starts from the environment and from the file
that PORTAL_SETTINGS names, where the environment says nothing.

A wrong value stops the start with a sentence that names it; the value of a secret is never printed. Instead of a
secret, `NAME_FILE` may name a file that holds it. A path that does not begin with / is taken from the folder that the
portal is installed in, wherever a command is run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from portal.environment import (
    NO,
    ROOT,
    WrongSettings,
    is_this_machine,
    read_address,
    read_bucket,
    read_clamd,
    read_database,
    read_existing_folder,
    read_flag,
    read_folder,
    read_mail_address,
    read_minutes,
    read_names,
    read_secret,
    read_smtp,
    read_whole,
    read_zone,
    told,
)

__all__ = ["Places", "Settings", "WrongSettings", "connections", "database_url_from_env", "zone_from_env"]

DEFAULT_FOLDER = ROOT / "var"
"""Where a portal that was told nothing keeps its database and documents."""

_IN_FILES = (
    "SECRET_KEY",
    "SECRET_KEY_OLD",
    "DATABASE_URL",
    "SMTP_URL",
    "METRICS_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
)
"""What may be secret or hold a password, and so be read from a file."""
_PLAIN = ("database", "mail", "scanner", "documents")
"""What PLAINTEXT may let be talked to in the clear on another machine."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ObjectStore:
    """A bucket that speaks S3, by the names that its library gives the settings; what is empty, it finds by itself."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a portal keeps what it keeps: for commands that look after it and need no secret."""

    uploads_dir: Path = DEFAULT_FOLDER / "documents"
    object_store: ObjectStore | None = None
    """Where documents are kept instead of in that folder."""
    schemes_dir: Path | None = None
    """A folder with further scheme files, beside those that come with the portal."""
    funds: tuple[str, ...] = ()
    """The funds that are run; empty: all there are."""
    backups_dir: Path | None = None
    """Where `portal nightly` puts a backup each night, in a folder named after its day."""
    exports_dir: Path | None = None
    """Where `portal nightly` puts the files of finance."""
    directory: Path | None = None
    """The settings of the staff directory's file; None: its headings are the names of the columns."""
    forget_years: int = 0
    """After how many years at rest `portal forget` takes a case away; 0: never."""

    @property
    def scheme_folders(self) -> tuple[Path, ...]:
        return (self.schemes_dir,) if self.schemes_dir else ()

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Places":
        """Raises WrongSettings."""
        return _only(_Reader.places, environ)


@dataclass(frozen=True, kw_only=True)
class Settings(Places):
    """Everything that differs between one installation and the next."""

    database_url: str = f"sqlite:///{DEFAULT_FOLDER}/portal.sqlite3"
    secret_key: str = field(default="", repr=False)
    secret_key_old: str = field(default="", repr=False)
    """The key before it, during rotation: it still verifies, but signs nothing more."""
    base_url: str = "http://127.0.0.1:8000"
    """The address people use; links in e-mails are made from it, and no other host is answered."""
    second_finance: bool = False
    """Whether a second finance person confirms what a first prepared: batches, corrections, large releases."""
    demo: bool = False
    """Made-up people who sign in with one click; never in production."""
    time_zone: str = "Europe/Stockholm"
    """The zone instants are shown in where no fund says otherwise."""
    session_idle: timedelta = timedelta(minutes=30)
    session_absolute: timedelta = timedelta(hours=10)
    sign_in: Path | None = None
    """The file that says how people sign in (`openid.ways`); without one by local accounts."""
    trusted_proxies: int = 0
    """How many proxies in front of the portal set X-Forwarded-*; 0 believes none of them."""
    max_upload: int = 10 * 1024 * 1024
    """The largest document, in bytes."""
    scanner: str = ""
    """clamd://host[:port] or clamd:///path/to/its/socket: a virus scanner every document must pass; empty: none."""
    metrics_token: str = field(default="", repr=False)
    """What whoever gathers figures must show; empty: there is no page of figures."""
    smtp_url: str = ""
    """smtp://host[:port], or with [user:password@] smtp+starttls:// or smtps://; empty keeps e-mails in the outbox."""
    mail_from: str = "portal@localhost"
    mail_bounces: str = ""
    """Where mail servers send back what they cannot deliver; empty: to `mail_from`."""

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port of the address people use."""
        return urlsplit(self.base_url).netloc

    @property
    def proxy_not_counted(self) -> str | None:
        """What is wrong when a proxy must be in front, for the portal itself speaks no TLS, and none is counted."""
        if self.trusted_proxies or not self.secure:
            return None
        return (
            "BASE_URL begins with https://, so a proxy is in front, but TRUSTED_PROXIES is 0: wrong passwords are "
            "counted as if everybody came from the proxy's address. Set it to the number of proxies that add "
            "X-Forwarded-For."
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment; raises WrongSettings with one line for each thing that is wrong."""
        reader = _Reader(told() if environ is None else environ)
        demo = reader.read("DEMO", read_flag, False)
        settings = cls(
            database_url=reader.database(),
            secret_key=reader.read("SECRET_KEY", read_secret, ""),
            secret_key_old=reader.read("SECRET_KEY_OLD", read_secret, ""),
            base_url=reader.read("BASE_URL", read_address, cls.base_url),
            second_finance=reader.read("SECOND_FINANCE", read_flag, False),
            demo=demo,
            time_zone=reader.read("TIME_ZONE", read_zone, cls.time_zone),
            session_idle=reader.read("SESSION_IDLE_MINUTES", read_minutes, cls.session_idle),
            session_absolute=reader.read("SESSION_ABSOLUTE_MINUTES", read_minutes, cls.session_absolute),
            sign_in=reader.read("SIGN_IN", read_folder, None),
            trusted_proxies=reader.read("TRUSTED_PROXIES", read_whole(0, 5), 0),
            **vars(reader.places()),
            max_upload=reader.read("MAX_UPLOAD", read_whole(100_000, 100_000_000), cls.max_upload),
            scanner=reader.scanner(),
            metrics_token=reader.read("METRICS_TOKEN", read_secret, ""),
            smtp_url=reader.smtp(),
            mail_from=reader.read("MAIL_FROM", read_mail_address, cls.mail_from),
            mail_bounces=reader.read("MAIL_BOUNCES", read_mail_address, ""),
        )
        reader.plain()
        reader.together(settings)
        if reader.wrong:
            raise WrongSettings("\n".join(reader.wrong))
        return settings


def database_url_from_env(environ: Mapping[str, str] | None = None) -> str:
    """Only the address of the database, for commands that look after it and need no secret; raises WrongSettings."""
    return _only(_Reader.database, environ)


def zone_from_env(environ: Mapping[str, str] | None = None) -> ZoneInfo:
    """Only the zone that instants are shown in where no fund says otherwise; raises WrongSettings."""
    return ZoneInfo(_only(lambda reader: reader.read("TIME_ZONE", read_zone, Settings.time_zone), environ))


def connections(environ: Mapping[str, str] | None = None) -> list[tuple[bool, str]]:
    """How the database, the mail server and the scanner are talked to, in sentences, and whether each is right."""
    reader = _Reader(told() if environ is None else environ)
    urls = {"DATABASE_URL": reader.database(), "SMTP_URL": reader.smtp(), "SCANNER": reader.scanner()}
    store = reader.object_store()
    urls["AWS_ENDPOINT_URL"] = store.endpoint if store else ""
    said = [(False, line) for line in reader.wrong]
    for (setting, url), name in zip(urls.items(), _PLAIN, strict=True):
        if _is_elsewhere(url) and not any(line.startswith(f"{setting}:") for line in reader.wrong):
            how = "in the clear, as PLAINTEXT says" if name in reader.plain() else "encrypted"
            if "sslmode=require" in url or "sslmode=verify-ca" in url:
                how += ", without proof of who answers (sslmode=verify-full asks for it)"
            said.append((True, f"{name}: on another machine, {how}"))
    return said


def _only(read: Callable[["_Reader"], T], environ: Mapping[str, str] | None) -> T:
    reader = _Reader(told() if environ is None else environ)
    value = read(reader)
    if reader.wrong:
        raise WrongSettings("\n".join(reader.wrong))
    return value


class _Reader:
    """Reads one name at a time and remembers what was wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.wrong: list[str] = []

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """The parsed value of a name, its default when unset or empty, and the default too when it is wrong."""
        try:
            typed = self._typed(name)
            return parse(typed) if typed else default
        except ValueError as reason:
            self._complain(f"{name}: {reason}")
            return default

    def _typed(self, name: str) -> str:
        """What the environment says, or the file it names for that."""
        typed, path = (self._environ.get(each, "").strip() for each in (name, f"{name}_FILE"))
        if not path or name not in _IN_FILES:
            return typed
        if typed:
            raise ValueError(f"is set, and {name}_FILE too; keep one of them.")
        try:
            content = (ROOT / path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"{name}_FILE names a file that cannot be read: {path}.") from None
        if not content:
            raise ValueError(f"{name}_FILE names an empty file: {path}.")
        return content

    def _complain(self, line: str) -> None:
        if line not in self.wrong:  # what several settings depend on is read for each
            self.wrong.append(line)

    def places(self) -> Places:
        return Places(
            uploads_dir=self.read("UPLOADS_DIR", read_folder, Places.uploads_dir),
            object_store=self.object_store(),
            schemes_dir=self.read("SCHEMES_DIR", read_existing_folder, None),
            funds=self.read("SCHEMES", read_names, ()),
            backups_dir=self.read("BACKUPS_DIR", read_folder, None),
            exports_dir=self.read("EXPORTS_DIR", read_folder, None),
            directory=self.read("DIRECTORY", read_folder, None),
            forget_years=self.read("FORGET_YEARS", read_whole(0, 100), 0),
        )

    def plain(self) -> tuple[str, ...]:
        """What may be talked to in the clear on another machine."""
        return self.read("PLAINTEXT", _plain, ())

    def database(self) -> str:
        """The address of the database; on another machine with the demand that the connection be encrypted."""
        url = self.read("DATABASE_URL", read_database, Settings.database_url)
        if url.startswith("sqlite") or not _is_elsewhere(url, self._environ) or "database" in self.plain():
            return url
        modes = parse_qs(urlsplit(url).query).get("sslmode")
        if modes is None:
            return f"{url}{'&' if '?' in url else '?'}sslmode=verify-full"
        if modes[-1] not in ("require", "verify-ca", "verify-full"):
            self._complain(
                f"DATABASE_URL: sslmode={modes[-1]} lets the connection to another machine be in the clear. "
                "Write sslmode=verify-full, or PLAINTEXT=database where the network itself is protected."
            )
        return url

    def smtp(self) -> str:
        """The address of the mail server; smtp:// is for this machine."""
        url = self.read("SMTP_URL", read_smtp, "")
        if url.startswith("smtp:") and _is_elsewhere(url) and "mail" not in self.plain():
            self._complain(
                "SMTP_URL: e-mails to another machine go encrypted: write smtp+starttls:// or smtps://, "
                "or PLAINTEXT=mail where the network itself is protected."
            )
        return url

    def scanner(self) -> str:
        """The address of the scanner; clamd knows no encryption, so it is on this machine."""
        url = self.read("SCANNER", read_clamd, "")
        if _is_elsewhere(url) and "scanner" not in self.plain():
            self._complain(
                "SCANNER: documents would go to another machine in the clear. Write the address of a scanner or of a "
                "tunnel on this machine, or PLAINTEXT=scanner where the network itself is protected."
            )
        return url

    def object_store(self) -> ObjectStore | None:
        """The bucket of the documents; on another machine by TLS."""
        named = self.read("DOCUMENTS", read_bucket, None)
        if named is None:
            return None
        if self._environ.get("UPLOADS_DIR", "").strip():
            self._complain("DOCUMENTS: is set, and UPLOADS_DIR too; keep one of them.")
        endpoint = self.read("AWS_ENDPOINT_URL", read_address, "")
        if endpoint.startswith("http:") and _is_elsewhere(endpoint) and "documents" not in self.plain():
            self._complain(
                "AWS_ENDPOINT_URL: documents go to another machine encrypted: write https://, "
                "or PLAINTEXT=documents where the network itself is protected."
            )
        return ObjectStore(
            bucket=named[0],
            prefix=named[1],
            endpoint=endpoint,
            region=self.read("AWS_REGION", str, ""),
            access_key_id=self.read("AWS_ACCESS_KEY_ID", str, ""),
            secret_access_key=self.read("AWS_SECRET_ACCESS_KEY", str, ""),
        )

    def together(self, settings: Settings) -> None:
        """What only shows when the settings are seen together, and what production demands."""
        if settings.session_absolute < settings.session_idle:
            self.wrong.append("SESSION_ABSOLUTE_MINUTES: must not be shorter than SESSION_IDLE_MINUTES.")
        if not settings.secret_key and not self._said("SECRET_KEY"):
            self.wrong.append(
                "SECRET_KEY: is not set. Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if self._environ.get("FLASK_DEBUG", "").strip().lower() not in NO and not settings.demo:
            self.wrong.append(
                "FLASK_DEBUG: must be off; it shows the inside of the portal to whoever causes a fault."
            )
        if settings.demo and not is_this_machine(urlsplit(settings.base_url).hostname or ""):
            self.wrong.append(
                "DEMO: anybody can sign in to a demo as anybody, so it is for this machine only: "
                "write BASE_URL=http://127.0.0.1:8000 or leave BASE_URL out."
            )
        if settings.secret_key and settings.secret_key == settings.secret_key_old:
            self.wrong.append("SECRET_KEY_OLD: is the same as SECRET_KEY; it is for the key before it.")
        if not settings.secure and not settings.demo and not self._said("BASE_URL"):
            self.wrong.append(
                "BASE_URL: must begin with https:// (only DEMO=1 may be served without it); "
                "it is the address people use, such as https://courses.example.org"
            )

    def _said(self, name: str) -> bool:
        return any(line.startswith(f"{name}:") for line in self.wrong)


def _is_elsewhere(url: str, environ: Mapping[str, str] | None = None) -> bool:
    """Whether an address names another machine; a path to a socket does not."""
    if not url or url.startswith("sqlite"):
        return False
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    named = [parts.netloc.rpartition("@")[2], *query.get("host", ()), *query.get("hostaddr", ())]
    if not any(named):  # libpq asks these then
        named = [(environ or {}).get("PGHOST", ""), (environ or {}).get("PGHOSTADDR", "")]
    hosts = [host for each in named for host in each.split(",") if host and not host.startswith(("/", "@"))]
    return "service" in query or not all(is_this_machine(_without_port(host)) for host in hosts)


def _without_port(host: str) -> str:
    return host if host.count(":") > 1 and "[" not in host else urlsplit(f"//{host}").hostname or ""


def _plain(typed: str) -> tuple[str, ...]:
    named = tuple(each.strip().lower() for each in typed.split(","))
    if not set(named) <= set(_PLAIN):
        raise ValueError(f"must be one or more of {', '.join(_PLAIN)}, with commas between, not {typed!r}.")
    return named
