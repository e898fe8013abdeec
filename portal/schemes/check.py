"""The `check-schemes` command: reads scheme files and says of each whether the portal can use it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.domain.scheme import Scheme
from portal.schemes.loader import FOLDER, read_file
from portal.schemes.table import SchemeError
from portal.schemes.vocabulary import FORM_FILE


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
        return f"{self.path.name}: {counts}" + (
            f"; unconfirmed: {', '.join(unconfirmed)}" if unconfirmed else ""
        )


def check_schemes(paths: Iterable[Path] = ()) -> Iterator[Checked]:
    """Check files, and the files of folders; the portal's own when none is named. A key may stand once."""
    taken: dict[str, Path] = {}
    for path in _files(paths):
        checked = _checked(path)
        if checked.scheme is not None:
            other = taken.setdefault(checked.scheme.key, path)
            if other != path:
                checked = Checked(
                    path, None, f"{path.name}: the key {checked.scheme.key} is already taken by {other}"
                )
        yield checked


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in list(paths) or [FOLDER]:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        yield from (each for each in files if each.resolve() != FORM_FILE)


def _checked(path: Path) -> Checked:
    try:
        return Checked(path, read_file(path))
    except SchemeError as wrong:
        return Checked(path, None, str(wrong))
