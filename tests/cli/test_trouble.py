"""Whatever an operator can cause ends a command with a sentence and a status, never with a traceback."""

import grp  # noqa: F401 - somebody else may not read the library that a command would import it from
import os
import re
import resource
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.store.migrate import ROOT, newest, upgrade

SECRET = "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1"
NOBODY = 65534
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "serve": (),
    "demo": ("--folder", "{folder}/taken"),  # a file, where a folder is wanted
    "migrate": (),
    "doctor": (),
    "recount": (),
    "send-mail": ("--once",),
    "remind": (),
    "nightly": (),
    "add-person": ("--number", "1", "--name", "One"),
    "sign-in-code": ("1", "--login", "one"),
    "import-people": ("{folder}/staff.csv",),
    "rates": ("{folder}/rates.csv", "--source", "ECB"),
    "backup": ("{folder}/backup",),
    "verify-backup": ("{folder}",),
    "restore": ("{folder}",),
    "rehearse": ("{folder}",),
    "prove": ("--folder", "{folder}/taken"),
    "raise-series": ("RFR-2024", "--to", "7"),
    "verify-audit": (),
    "sweep-files": (),
    "verify-files": (),
    "verify-letters": (),
    "export": ("budget", "--out", "{folder}/budget.csv"),
    "check-schemes": ("{folder}",),
    "roll": ("rfr-2024", "--to", "2031", "--into", "{folder}/taken"),
    "assess": ("-",),
    "replay": (),
    "forget": (),
    "opening-figure": (
        "kvalitetsfondet-2023", "all", "4800000", "--on", "2023-06-30", "--source", "The spring of 2023",
    ),
}  # fmt: skip


@dataclass
class Machine:
    """What a command finds, and what is wrong with it."""

    folder: Path
    told: dict[str, str] = field(default_factory=dict)
    around: Callable[[], "contextmanager[None]"] = nullcontext  # type: ignore[assignment]

    @property
    def file(self) -> Path:
        return self.folder / "portal.sqlite3"

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            connection.execute(statement)
            connection.commit()


def no_database(machine: Machine) -> None:
    machine.file.unlink()


def old_schema(machine: Machine) -> None:
    machine.file.unlink()
    upgrade(f"sqlite:///{machine.file}", sorted(each.stem for each in _versions())[0])


def newer_schema(machine: Machine) -> None:
    machine.change("UPDATE alembic_version SET version_num = '2031_01_01_later'")


def wrong_scheme(machine: Machine) -> None:
    (machine.folder / "x.toml").write_text("key = 3", "utf-8")
    machine.told["SCHEMES_DIR"] = str(machine.folder)


def no_rights(machine: Machine) -> None:
    """On folder and file: the command is run by somebody else, or they are closed to the one who owns them."""

    @contextmanager
    def as_somebody_else() -> Iterator[None]:
        machine.folder.chmod(0 if os.geteuid() else 0o700)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(user)
            machine.folder.chmod(0o700)

    machine.around = as_somebody_else  # type: ignore[assignment]


def less_than_granted(machine: Machine) -> None:
    machine.change("UPDATE budget_periods SET granted_amount = 1000000000000")


def no_postgres(machine: Machine) -> None:
    machine.told["DATABASE_URL"] = "postgresql://portal:hunter2@127.0.0.1:1/portal"


def full_disk(machine: Machine) -> None:
    """No file may grow: what a full disk is to a program, but for the number of the error."""
    machine.told["UPLOADS_DIR"] = str(machine.folder / "none" / "documents")

    @contextmanager
    def full() -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    machine.around = full  # type: ignore[assignment]


NO_DATABASE = {"check-schemes", "roll", "assess", "verify-backup", "restore", "demo", "prove"}
"""They need none, or end before they ask for it."""
NEED_SCHEMES = {
    "serve",
    "migrate",
    "doctor",
    "remind",
    "send-mail",
    "export",
    "nightly",
    "import-people",
    "opening-figure",
}
FAULTS: Mapping[Callable[[Machine], None], tuple[str, set[str]]] = {
    no_database: ("there is no database ", NO_DATABASE | {"migrate"}),
    old_schema: ("run `portal migrate`", NO_DATABASE | {"migrate", "backup"}),
    newer_schema: ("was migrated by a newer one. Install that version", NO_DATABASE | {"backup"}),
    wrong_scheme: (
        "x.toml",
        set(COMMANDS) - NEED_SCHEMES,
    ),
    no_rights: ("Permission denied", NO_DATABASE | {"rehearse"}),
    less_than_granted: ("is granted already. Give it at least as much", set(COMMANDS) - {"migrate", "serve"}),
    no_postgres: ("the database does not answer. Is PostgreSQL running", NO_DATABASE),
    full_disk: (
        "",
        set(COMMANDS)
        - {"add-person", "sign-in-code", "import-people", "backup", "export", "nightly", "opening-figure"},
    ),
}
"""What each fault is told by, and the commands that it is not the first fault of."""


TRIED = [
    pytest.param(command, fault, id=f"{command}-{fault.__name__}")
    for command in COMMANDS
    for fault in FAULTS
    if command != "serve" or fault is not full_disk  # it serves
]


@pytest.mark.parametrize(("command", "fault"), TRIED)
def test_a_command_ends_in_a_sentence(
    command: str, fault: Callable[[Machine], None], sqlite_template: Path, tmp_path: Path
) -> None:
    done, machine = run(command, fault, sqlite_template, tmp_path)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert "Traceback" not in done.output
    assert "hunter2" not in done.output
    sign, others = FAULTS[fault]
    if command not in others:
        assert done.exit_code == 1
        assert sign in done.output
    if fault is no_database and command != "migrate":
        assert not machine.file.exists(), "none is made by looking for it"


def run(
    command: str, fault: Callable[[Machine], None], template: Path, folder: Path
) -> tuple[Result, Machine]:
    """A command on a machine where something is wrong."""
    machine = Machine(folder / "var")
    machine.folder.mkdir(mode=0o700)
    machine.file.write_bytes(template.read_bytes())
    (machine.folder / "taken").touch()
    (machine.folder / "staff.csv").write_text("number;name\n2;Two\n", "utf-8")
    (machine.folder / "rates.csv").write_text(f"Date,SEK,NOK\n{date.today()},11.2,11.5\n", "utf-8")
    env = {"SECRET_KEY": SECRET, "BASE_URL": "https://courses.test", "SCHEMES_DIR": "", "SMTP_URL": ""}
    url = f"sqlite:///{machine.file}"
    machine.told = env | {"DATABASE_URL": url, "UPLOADS_DIR": str(machine.folder / "documents")}
    machine.told["FORGET_YEARS"] = "10"
    machine.told["BACKUPS_DIR"] = str(machine.folder / "backups")
    if fault in (full_disk, less_than_granted):
        CliRunner().invoke(main, ["migrate"], env=machine.told)
    if fault is full_disk:
        CliRunner().invoke(main, ["add-person", "--number", "1", "--name", "One"], env=machine.told)
    fault(machine)
    words = [each.format(folder=machine.folder) for each in COMMANDS[command]]
    with machine.around():
        return CliRunner().invoke(main, [command, *words], env=machine.told, input=""), machine


def test_what_postgresql_says_at_the_door_is_passed_on(postgresql_url: str) -> None:
    elsewhere = re.sub(r"/\w+\?", "/nowhere?", postgresql_url)
    done = CliRunner().invoke(main, ["verify-audit"], env={"DATABASE_URL": elsewhere})
    assert done.exit_code == 1
    assert done.output.startswith("Error: the database answers, and lets nobody in: look at DATABASE_URL")
    assert 'It said: FATAL:  database "nowhere" does not exist.' in done.output


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) == set(main.commands)


def test_assess_by_its_own_name_says_so_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.cli import assess_main

    (tmp_path / "x.toml").write_text("key = 3", "utf-8")
    monkeypatch.setenv("SCHEMES_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["assess", "-"])
    with pytest.raises(SystemExit) as ended:
        assess_main()
    assert ended.value.code == 1


def _versions() -> list[Path]:
    return [each for each in (ROOT / "migrations" / "versions").glob("[0-9]*.py") if each.stem != newest()]
