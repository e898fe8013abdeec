"""What is done with scheme files before the portal reads them: they are checked, and an edition is rolled forward.

Rolled forward are the same terms a number of years later, marked as carried over and not confirmed. That works on the
text, so that comments and the letter's own sentences stay as they are written: every date that stands outside quotes
and comments moves, and nothing else does but the key and the mark.
"""

import re
import tomllib
from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from portal.domain.scheme import Scheme
from portal.schemes.loader import FOLDER, read_file, read_scheme
from portal.schemes.table import SchemeError
from portal.schemes.vocabulary import FORM_FILE

_KEY = re.compile(r'^key = "(?P<fund>[a-z0-9-]+)-(?P<year>[0-9]{4})"$', re.MULTILINE)
_CARRIED_OVER = re.compile(r'^carried_over_from = "(?P<key>.*)"\n', re.MULTILINE)
_HEADER = re.compile(r"\A# Terms carried over from .*\n(?:#.*\n)*?\n")
# A text or a comment, taken first so that what is in it stays, or a bare date with what stands before it on its line.
_TEXT = r'"""(?:[^\\]|\\.)*?"""|' r"'''.*?'''|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'|#[^\n]*"
_DAY = r"(?P<last>(?:until|ends_on) *= *)?(?<![\w-])(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?![\w-])"
_PART = re.compile(rf"(?P<kept>{_TEXT})|{_DAY}", re.DOTALL)


def rolled(text: str, to_year: int) -> str:
    """The text of the scheme file for another year. Raises SchemeError when it cannot be rolled there."""
    found = _KEY.search(text)
    if found is None:
        raise SchemeError("the key of an edition that can be rolled ends in its year, such as rfr-2024")
    old, fund, year = found[0].split('"')[1], found["fund"], int(found["year"])
    if "ends_on" not in tomllib.loads(text):
        raise SchemeError(f"{old} has no last day: it goes on, and new terms in it are dated entries")
    if not year < to_year <= 9000:
        raise SchemeError(f"{old} cannot be rolled to {to_year}: the year must come after {year}")
    new, before = f"{fund}-{to_year}", _CARRIED_OVER.search(text)
    true = before["key"] if before else old
    text = _CARRIED_OVER.sub("", _HEADER.sub("", text))
    text = _KEY.sub(f'key = "{new}"\ncarried_over_from = "{true}"', text, count=1)
    header = (
        f"# Terms carried over from the {true.rpartition('-')[2]} letter, not confirmed: only the calendar has moved.\n"
        f"# Compare with the letter for {to_year}, then take away carried_over_from.\n\n"
    )
    result = header + _PART.sub(lambda part: part["kept"] or _moved(part, to_year - year), text)
    read_scheme(result, f"{new}.toml")
    return result


def _moved(part: re.Match[str], years: int) -> str:
    """The same day years later; a last day at the end of February stays at its end, whether it is the 28th or 29th."""
    day = date.fromisoformat(part["day"])
    year, last = day.year + years, part["last"] or ""
    if day.month == 2 and (day.day == 29 or (last and day == _end_of_february(day.year))):
        return last + _end_of_february(year).isoformat()
    return last + day.replace(year=year).isoformat()


def _end_of_february(year: int) -> date:
    return date(year, 2, 29 if isleap(year) else 28)


def roll_file(path: Path, *, to_year: int, into: Path) -> Path:
    """Write the rolled edition beside the other files of a folder. Raises SchemeError; never overwrites a file."""
    try:
        text = path.read_text("utf-8")
        key = str(tomllib.loads(text).get("key", ""))
    except (OSError, ValueError) as wrong:
        raise SchemeError(f"{path.name}: cannot be read: {wrong}") from None
    new = rolled(text, to_year)
    target = into / f"{key.rpartition('-')[0]}-{to_year}.toml"
    into.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(new)
    except FileExistsError:
        raise SchemeError(f"{target} is there already") from None
    return target


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one file: the scheme, or the sentence that names the file, the place and what is wrong."""

    path: Path
    scheme: Scheme | None
    wrong: str = ""

    @property
    def text(self) -> str:
        """One line for people."""
        if self.scheme is None:
            return self.wrong
        read = self.scheme
        counts = f"{len(read.rules)} rules, {len(read.terms)} terms, {len(read.limits)} limits"
        unconfirmed = [
            f"{limit.key} from {entry.starts_on}"
            for limit in read.limits.values()
            for entry in limit.entries
            if not entry.confirmed and limit.on(entry.starts_on, entry.zone) is entry
        ]
        told = f"; unconfirmed: {', '.join(unconfirmed)}" if unconfirmed else ""
        return f"{self.path.name}: {counts}{told}" + ("; assumed: [law]" if read.law_assumed else "")


def check_schemes(paths: Iterable[Path] = ()) -> Iterator[Checked]:
    """Check files, and the files of folders; the portal's own when none is named. A key may stand once."""
    taken: dict[str, Path] = {}
    for path in _files(paths):
        try:
            scheme = read_file(path)
        except SchemeError as wrong:
            yield Checked(path, None, str(wrong))
            continue
        if (other := taken.setdefault(scheme.key, path)) == path:
            yield Checked(path, scheme)
        else:
            yield Checked(path, None, f"{path.name}: the key {scheme.key} is already taken by {other}")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in list(paths) or [FOLDER]:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        yield from (each for each in files if each.resolve() != FORM_FILE)
