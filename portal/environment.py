"""Where settings are read from: the environment, over the file that PORTAL_SETTINGS names."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""Where the portal is installed."""
FILE = "PORTAL_SETTINGS"
NAMES = (
    "SECRET_KEY", "SECRET_KEY_OLD", "BASE_URL", "DATABASE_URL", "UPLOADS_DIR", "SCHEMES_DIR", "SCHEMES", "BACKUPS_DIR",
    "EXPORTS_DIR", "DIRECTORY", "FORGET_YEARS", "TRUSTED_PROXIES", "SESSION_IDLE_MINUTES", "SESSION_ABSOLUTE_MINUTES",
    "MAX_UPLOAD", "SCANNER", "TIME_ZONE", "SIGN_IN", "METRICS_TOKEN", "SMTP_URL", "MAIL_FROM", "MAIL_BOUNCES",
    "PLAINTEXT", "DEMO",
)  # fmt: skip
"""Every setting there is."""


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
