"""The import of the staff directory: by the command, over a small region, and line by line what cannot be used."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.actions.following_up import record_followup
from portal.cli import main
from portal.environment import WrongSettings
from portal.forms.directory import Directory, NoDirectory, read_settings, read_staff
from portal.store import audit, directory, people, seats
from portal.store.session import Database
from tests.actions.world import MARCH, STOCKHOLM, World

TODAY = date(2024, 3, 1)
HEADING = "number;name;email;unit;head;specialist;leaves_on"
STAFF = {
    "boss": "d1;Siv Chef;siv@region.test;Kliniken;;nej;",
    "anna": "d2;Ånna Ek;anna.ek@region.test;Kliniken;d1;ja;",
    "bo": "d3;Bo Ek;bo.ek@region.test;Kliniken;d1;ja;",
}
SEPTEMBER = datetime(2024, 9, 20, 12, tzinfo=STOCKHOLM)


class Register:
    """A portal with people typed in, and the directory's file of the day."""

    def __init__(self, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.file = World(database), folder / "staff.csv"
        self.environment = {"DATABASE_URL": database.url.render_as_string(hide_password=False)}
        self.at = MARCH
        monkeypatch.setattr("portal.cli.environment.now", lambda: self.at)

    def run(self, rows: Mapping[str, str], *words: str, encoding: str = "utf-8") -> Result:
        self.file.write_text("\n".join([HEADING, *rows.values()]), encoding)
        return CliRunner().invoke(main, ["import-people", str(self.file), *words], env=self.environment)

    def bring(self, rows: Mapping[str, str], *words: str) -> str:
        """Import what must go well; what the command says."""
        done = self.run(rows, *words)
        assert done.exit_code == 0, done.output
        named = {person.id for person in self.world.people.values()}
        new = {number: person for number, person in self.known().items() if person.id not in named}
        self.world.people.update(new)
        return done.output

    def known(self) -> dict[str, Any]:
        with self.world.reading() as session:
            ids = directory.ids_by_number(session)
            return {number: people.get(session, ids[number], day=TODAY) for number in ids}

    def events(self) -> list[str]:
        with self.world.reading() as session:
            return [each.event.act for each in audit.latest(session, limit=999)[::-1]]


@pytest.fixture
def register(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    return Register(sqlite_database, tmp_path, monkeypatch)


@pytest.mark.each_engine
def test_night_by_night(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = Register(database, tmp_path, monkeypatch)
    before = len(register.events())
    dry = register.run(STAFF, "--dry-run")
    assert "New: 3. The first: d1 Siv Chef." in dry.output
    assert "d1" not in register.known(), "a dry run changes nothing"

    assert register.run(STAFF, encoding="cp1252").exit_code == 0
    known = register.known()
    anna, head = known["d2"], known["d1"]
    assert (anna.name, anna.head_number, anna.specialist) == ("Ånna Ek", "d1", True)
    assert register.events()[before:] == ["add-person"] * 3 + ["import-people"], "one event a person"

    assert "Everybody is as the file says." in register.bring(STAFF)
    assert register.events()[before + 4 :] == ["import-people"], "idempotent"

    changed = STAFF | {"anna": "d2;Anna Al;anna.ek@region.test;Filialen;d3;ja;"}
    changed.pop("boss")
    output = register.bring(changed)
    assert "Have left: 1. The first: d1 Siv Chef." in output
    assert "Another name: 1. The first: d2 Anna Al: Ånna Ek → Anna Al." in output
    assert "Another head: 1. The first: d2 Anna Al: d1 → d3." in output
    assert "Look at line 3, d3: The head is nobody who works here." in output
    with database.reading() as session:
        assert people.has_left(session, head.id), "marked as left, never deleted"
        assert people.search(session, "filialen al", day=TODAY)[0].id == anna.id
        assert audit.verify(session).whole

    assert "Came back: 1. The first: d1 Siv Chef." in register.bring(STAFF)
    assert register.known()["d1"].id == head.id, "who comes back is the same person"
    with database.reading() as session:
        assert not people.has_left(session, head.id)


def test_half_a_file_never_empties_a_hospital(register: Register) -> None:
    staff = {f"p{n}": f"p{n};Person {n};;Kliniken;;;" for n in range(60)}
    register.bring(staff)
    half = dict(list(staff.items())[:30])
    for words in ((), ("--dry-run",), ("--accept", "29")):
        stopped = register.run(half, *words)
        assert stopped.exit_code == 1
        assert (
            "Nothing was done: 30 would leave, 0 change head and 0 change name, and at most 20"
            in stopped.output
        )
        assert "--accept 30" in stopped.output
    with register.world.reading() as session:
        assert not people.has_left(session, register.known()["p59"].id)
        last = directory.last(session)
        assert last is not None
        assert (last.outcome, last.counts["left"]) == ("stopped", 30), "the page shows it"
    assert "Have left: 30." in register.bring(half, "--accept", "30")
    others = {key: row.replace("Person", "Nobody") for key, row in half.items()}
    assert "30 change name" in register.run(others).output
    assert register.run(dict.fromkeys(["a"], "p1")).exit_code == 1, "a row of one cell is no person"


def test_whom_somebody_typed_in_is_left_alone(register: Register) -> None:
    anna, admin = register.world["anna"], register.world["admin"]
    rows = STAFF | {"other": f"{anna.number};Anna Annan;;Annorstädes;;;"}
    output = register.bring(rows)
    assert f"too: 1. The first: {anna.number}" in output
    assert "Left alone, typed in or let in again by somebody: 8." in output
    assert register.world["anna"] == anna
    assert "Taken over, typed in before: 1." in register.bring(rows, "--adopt")
    assert register.world["anna"].name == "Anna Annan"
    assert register.world["admin"] == admin
    register.world.deactivate("anna")
    assert "Left alone, since an administrator took their access away: 1." in register.bring(rows)
    with register.world.reading() as session:
        assert people.has_left(session, anna.id), "no file lets in whom an administrator let go"


def test_no_file_changes_the_break_glass_administrator(register: Register, tmp_path: Path) -> None:
    admin = register.world["admin"]
    (tmp_path / "sign-in.toml").write_text(f'break_glass = "{admin.number}"\n', "utf-8")
    register.environment["SIGN_IN"] = str(tmp_path / "sign-in.toml")
    output = register.bring(STAFF | {"admin": f"{admin.number};Mallory;;;;;"}, "--adopt")
    assert "Taken over" not in output
    assert register.world["admin"] == admin


def test_a_change_of_head_moves_the_open_task_and_a_leaver_is_missed(register: Register) -> None:
    world = register.world
    register.bring(STAFF)
    number = world.apply("d2", head="d1").number
    world.grant(number)
    open_case = world.apply("d3", head="d1").number
    record = {
        "held_on": date(2024, 9, 19),
        "forum": "Meeting",
        "audience": "Doctors",
        "lesson": "Early pills",
    }
    register.at = SEPTEMBER
    world.write(record_followup, number=number, schemes=world.schemes, by=world["d2"], at=SEPTEMBER, **record)
    new = STAFF | {"new": "d4;Nya Chefen;ny@region.test;Kliniken;;;"} | {
        "anna": STAFF["anna"].replace(";d1;", ";d4;"), "bo": STAFF["bo"].replace(";d1;", ";d4;")
    }  # fmt: skip
    del new["boss"]
    output = register.bring(new)
    assert (
        "Look at d1: Has left, and held a seat or a role, or is the head where an application is open."
        in output
    )
    assert world.told("directory-missed") == {"admin", "admin2"}
    assert world.told("follow-up-recorded") == {"d1", "d4"}, "the task is the new head's now"
    assert world.case(open_case, at=SEPTEMBER).application.head_id == register.known()["d4"].id
    assert "d4" in world.told("to-attest"), "so is the word on what is not decided"


def test_a_change_of_unit_leaves_decided_cases_as_they_were(register: Register) -> None:
    world = register.world
    register.bring(STAFF)
    decided, waits = world.apply("d2", head="d1").number, world.apply("d3", head="d1").number
    world.grant(decided)
    register.bring({key: row.replace("Kliniken", "Filialen") for key, row in STAFF.items()})
    words = ("export", "applications", "--from", "2024-01-01", "--until", "2024-12-31", "--profile", "plain")
    rows = CliRunner().invoke(main, words, env=register.environment).output.splitlines()
    units = {row.split(",")[0]: "Kliniken" in row for row in rows[1:]}
    assert units == {decided: True, waits: False}
    assert "Filialen" in next(row for row in rows if row.startswith(waits))


def test_a_leavers_seat_ends_and_their_signature_lapses(register: Register) -> None:
    world = register.world
    register.bring(STAFF | {"chair": f"{world['chair'].number};Chair;;Clinic;;;"}, "--adopt")
    number = world.apply().number
    world.sign(number, "chair")
    register.bring(STAFF)
    assert not world.case(number).standing
    assert world.told("directory-missed") == {"admin", "admin2"}
    with world.reading() as session:
        assert [each.person_id for each in seats.in_force(session, "rfr", TODAY)] != [world["chair"].id]


def test_the_last_administrators_stay(register: Register) -> None:
    admins = {name: f"{register.world[name].number};{name};;;;;" for name in ("admin", "admin2")}
    register.bring(STAFF | admins, "--adopt")
    output = register.bring(STAFF)
    assert output.count("No administrator would be left, so the person stays.") == 2
    assert "administrator" in register.world["admin"].roles


_FAULTS = {
    "twice": (["1;A;;;;;", "1;A;;;;;", "2;B;;;;;"], "line 3, 1: Several rows have this personal id.", "2"),
    "circle": (
        ["1;A;;;2;;", "2;B;;;3;;", "3;C;;;1;;", "4;D;;;1;;"],
        "line 4, 3: The heads lead in a circle",
        "1 2 3 4",
    ),
    "own head": (["1;A;;;1;;"], "line 2, 1: The heads lead in a circle.", "1"),
    "no head": (["1;A;;;9;;", "9;Gone;;;;;2024-02-29"], "line 2, 1: The head is nobody who works here.", "1"),
    "shared": (
        ["1;A;x@y.test;;;;", "2;B;X@y.test;;;;"],
        "line 3, 2: Somebody else has this address too",
        "1 2",
    ),
    "of one typed in": (["1;A;anna@region.test;;;;"], "line 2, 1: Somebody else has this address too.", "1"),
    "unmailable": (["1;A;åsa@y.test;;;;"], "line 2, 1: The address cannot be mailed.", "1"),
    "no name": (["1;;;;;;", "2;B;;;;;"], "line 2, 1: The row cannot be used", "2"),
    "check digits": (
        ["19700101-1234;A;;;;;", "700101-1233;B;;;;;"],
        "line 2, 19700101-1234: The row",
        "19700101-1233",
    ),
    "no day": (["1;A;;;;;1900-13-01", "2;B;;;;;2024-03-01"], "person stays as they are. (leaves_on)", "2"),
    "two posts": (["1;A;;;;;2024-02-29", "1;A;;Ny;;;"], "New: 1. The first: 1 A.", "1"),
}


@pytest.mark.parametrize(("rows", "said", "who"), _FAULTS.values(), ids=_FAULTS)
def test_what_is_told_by_line_leaves_the_rest_unharmed(
    register: Register, rows: list[str], said: str, who: str
) -> None:
    before = set(register.known())
    output = register.bring(dict(enumerate(rows)))  # type: ignore[arg-type]
    assert said in output
    known = register.known()
    assert set(known) - before == set(who.split())
    if "circle" in said:
        assert {known[each].head_number for each in ("1", "2", "3") if each in known} == {None}
    if "address" in said:
        assert {known[each].email for each in who.split()} == {""}


def test_a_person_whose_row_cannot_be_used_stays_as_they_are(register: Register) -> None:
    register.bring(STAFF)
    before = register.known()
    broken = {"boss": STAFF["boss"].replace("Siv Chef", ""), "anna": STAFF["anna"], "again": STAFF["anna"]}
    register.bring(broken | {"bo": STAFF["bo"].replace(";d1;", ";d9;").replace("bo.ek@", "anna@")})
    assert register.known() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column number"),
        (b"number;name\n", "the file has no rows"),
        (b"number;nombre\n1;A\n", "no column name; its headings are number, nombre"),
        (b"number;name;name\n1;A;B\n", "several columns name"),
        (b"number;name\n1;\x00\n", "no text"),
    ],
)
def test_a_file_of_something_else_is_refused_whole(content: bytes, said: str) -> None:
    with pytest.raises(NoDirectory, match=said):
        read_staff(content, Directory(), today=TODAY)


def test_the_example_of_the_settings_reads_a_directory_as_it_comes(tmp_path: Path) -> None:
    how = read_settings(Path("docs/operate/directory.toml"))
    heading = "PERSONNUMMER\tFörnamn\tEfternamn\tE-post\tEnhet\tFörvaltning\tKostnadsställe"
    heading += "\tChefens personnummer\tSpecialist\tSpecialitet\tSlutdatum"
    row = "197001011233\tÅsa\tEk\tasa@x.test\tKliniken\tSjukhuset\t0471\t\tX\tKardiologi\t"
    staff = read_staff(f"sep=\t\r\n{heading}\r\n{row}\r\n".encode("utf-16"), how, today=TODAY)
    entry = staff.entries["19700101-1233"]
    assert (entry.name, entry.administration, entry.cost_centre) == ("Åsa Ek", "Sjukhuset", "0471")
    assert (entry.specialist, entry.specialty, how.limits.of(1_000), how.limits.of(10)) == (
        True,
        "Kardiologi",
        50,
        20,
    )
    wrong = tmp_path / "directory.toml"
    wrong.write_text('nobody = 1\n[columns]\nnumbr = "x"\n[limits]\npercent = "5"\n', "utf-8")
    with pytest.raises(WrongSettings, match=r"(?s)'nobody'.*'numbr'.*whole number"):
        read_settings(wrong)
