"""Where settings are read from: the environment, over the file that PORTAL_SETTINGS names; and how each kind is read.

A reader raises ValueError with what is wrong, to stand behind the setting's name.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
"""Where the portal is installed."""
FILE = "PORTAL_SETTINGS"
NAMES = (
    "SECRET_KEY", "SECRET_KEY_OLD", "BASE_URL", "DATABASE_URL", "UPLOADS_DIR", "SCHEMES_DIR", "SCHEMES", "BACKUPS_DIR",
    "EXPORTS_DIR", "DIRECTORY", "FORGET_YEARS", "TRUSTED_PROXIES", "SESSION_IDLE_MINUTES", "SESSION_ABSOLUTE_MINUTES",
    "MAX_UPLOAD", "SCANNER", "TIME_ZONE", "SIGN_IN", "METRICS_TOKEN", "SMTP_URL", "MAIL_FROM", "MAIL_BOUNCES",
    "PLAINTEXT", "DEMO", "SECOND_FINANCE", "DOCUMENTS", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
)  # fmt: skip
"""Every setting there is."""


_SHORTEST_SECRET = 32
_KNOWN_SECRETS = ("secret", "changeme", "change-me", "change me", "example", "password", "dev")
_YES = ("1", "true", "yes", "on")
NO = ("", "0", "false", "no", "off")
_ENGINES = ("sqlite:///", "postgresql+psycopg://", "postgresql://")


class WrongSettings(ValueError):
    """The portal cannot start; each line of the message names one setting and what to do."""


def told() -> Mapping[str, str]:
    """The environment, over what the file named by PORTAL_SETTINGS says. Raises WrongSettings."""
    path = os.environ.get(FILE, "").strip()
    return {**read_file(Path(path)), **os.environ} if path else os.environ


def read_file(path: Path) -> dict[str, str]:
    """The lines NAME=value of a file, as systemd reads them too: # begins a comment, quotes around a value go.

    Raises WrongSettings, also for a name that is no setting.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise WrongSettings(
            f"{FILE}: {path} cannot be read: {why}. Run the command as the portal's user, or name another file."
        ) from None
    wrong, read = [], {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith(("#", ";")):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or name.removesuffix("_FILE") not in NAMES:
            wrong.append(f"{FILE}: {path}, line {number}: there is no setting {name!r}; write NAME=value.")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        read[name] = value[1:-1] if quoted else value
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return read


def is_this_machine(host: str) -> bool:
    """Whether an address or a name leads to this machine and nowhere else; what a name resolves to is not asked."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_flag(typed: str) -> bool:
    if typed.lower() in _YES:
        return True
    if typed.lower() in NO:
        return False
    raise ValueError(f"write 1 or 0, not {typed!r}.")


def read_secret(typed: str) -> str:
    if len(typed) < _SHORTEST_SECRET:
        raise ValueError(
            f"has {len(typed)} characters; it needs at least {_SHORTEST_SECRET}, drawn at random."
        )
    if len(set(typed)) < 10 or any(typed.lower().startswith(known) for known in _KNOWN_SECRETS):
        raise ValueError("looks like an example; draw one at random.")
    return typed


def read_database(typed: str) -> str:
    if not typed.startswith(_ENGINES):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg:// (the value is not shown here).")
    if typed.startswith("postgresql://"):
        typed = typed.replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        urlsplit(typed)
    except ValueError:
        raise ValueError("cannot be read as an address (the value is not shown here).") from None
    path = typed.removeprefix("sqlite:///")
    if path != typed and path and not path.startswith(("/", ":memory:", "file:")):
        return f"sqlite:///{ROOT / path}"
    return typed


def read_names(typed: str) -> tuple[str, ...]:
    """Which of them there are is known to whoever loads the schemes."""
    return tuple(each.strip() for each in typed.split(",") if each.strip())


def read_address(typed: str) -> str:
    try:
        parts = urlsplit(typed)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(f"is not an address: {typed!r}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_sound:
        raise ValueError(f"must be an address such as https://courses.example.org, not {typed!r}.")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be scheme and host only: the portal is served at the root of its host.")
    return f"{parts.scheme}://{parts.netloc}"


def read_zone(typed: str) -> str:
    try:
        ZoneInfo(typed)
    except Exception:
        raise ValueError(f"there is no time zone {typed!r}; write one such as Europe/Stockholm.") from None
    return typed


def read_minutes(typed: str) -> timedelta:
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed) <= 7 * 24 * 60:
        raise ValueError(f"must be whole minutes from 1 to 10080, not {typed!r}.")
    return timedelta(minutes=int(typed))


def read_whole(least: int, most: int) -> Callable[[str], int]:
    def read(typed: str) -> int:
        if not typed.isascii() or not typed.isdigit() or not least <= int(typed) <= most:
            raise ValueError(f"must be a number from {least} to {most}, not {typed!r}.")
        return int(typed)

    return read


def read_folder(typed: str) -> Path:
    return ROOT / typed


def read_bucket(typed: str) -> tuple[str, str]:
    """A bucket, and what the names in it begin with."""
    found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([\w./-]*?))?/?", typed)
    if found is None:
        raise ValueError(
            f"must be s3://bucket or s3://bucket/prefix, not {typed!r}; a folder is named by UPLOADS_DIR."
        )
    if find_spec("obstore") is None:
        raise ValueError("needs a library that is not installed: uv sync --locked --extra s3")
    return found[1], found[2] or ""


def read_existing_folder(typed: str) -> Path:
    path = read_folder(typed)
    if not path.is_dir():
        raise ValueError(f"there is no folder {typed!r}.")
    return path


def read_smtp(typed: str) -> str:
    try:
        parts = urlsplit(typed)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0) and not parts.path.strip("/")
    except ValueError:
        sound = False
    if not sound or parts.scheme not in ("smtp", "smtp+starttls", "smtps"):
        raise ValueError(
            "must be smtp://host:port, smtp+starttls://host:port or smtps://host:port (the value is not shown here)."
        )
    if parts.scheme == "smtp" and parts.username and not is_this_machine(parts.hostname or ""):
        raise ValueError("a password needs smtp+starttls:// or smtps://, which do not send it in the clear.")
    return typed


def read_clamd(typed: str) -> str:
    try:
        parts = urlsplit(typed)
        sound = bool(parts.hostname) != bool(parts.path.strip("/")) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or parts.scheme != "clamd":
        raise ValueError("must be clamd://host:port, or clamd:///run/clamav/clamd.sock for a local one.")
    return typed


def read_mail_address(typed: str) -> str:
    name, at, host = typed.partition("@")
    if not (name and at and host and name.isascii()) or any(sign in typed for sign in "\r\n<>,; "):
        raise ValueError(f"must be one e-mail address, not {typed!r}.")
    return typed
