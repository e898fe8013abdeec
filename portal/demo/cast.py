"""Who is in the demo: people with units, heads, seats and roles, all made up; nobody whom a letter names."""

from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Final

from portal.domain.person import ADMINISTRATOR, FINANCE


@dataclass(frozen=True, slots=True)
class Part:
    """One person of the demo; `head` is the key of another."""

    key: str
    number: str
    name: str
    unit: str
    head: str | None = None
    specialist: bool = False
    language: str = "sv"
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def email(self) -> str:
        return f"{self.number.lower()}@example.org"


def _doctor(key: str, number: str, name: str, unit: str, head: str, language: str = "sv") -> Part:
    return Part(key, number, name, unit, head, specialist=True, language=language)


HEART = "Kardiologi, Sahlgrenska"
NERVES = "Neurologi, Sahlgrenska"
BONES = "Ortopedi, Mölndal"
SLEEP = "Anestesi och intensivvård, Skövde"
CARE = "Närhälsan Majorna"
CHILDREN = "Barnmedicin, Drottning Silvias"
GERMS = "Infektion, Östra"
TUMOURS = "Onkologi, Borås"
MIND = "Psykiatri, Trollhättan"

UNITS: Final = {
    HEART: "hallberg",
    NERVES: "hallberg",
    BONES: "fredriksson",
    SLEEP: "fredriksson",
    CARE: "sjogren",
    CHILDREN: "dahl",
    GERMS: "dahl",
    TUMOURS: "dahl",
    MIND: "sjogren",
}
"""Each unit and the key of its head."""

NAMED: Final = (
    Part("aspelin", "100001", "Gunilla Aspelin", "Sjukhusledningen"),
    Part("hallberg", "100112", "Birgitta Hallberg", HEART, "aspelin"),
    Part("fredriksson", "100127", "Anders Fredriksson", BONES, "aspelin"),
    Part("sjogren", "100131", "Maria Sjögren", CARE, "aspelin"),
    Part("dahl", "100145", "Per-Olof Dahl", CHILDREN, "aspelin"),
    Part("lindqvist", "100201", "Margareta Lindqvist", "FoUU-enheten", "aspelin"),
    _doctor("axelsson", "100214", "Henrik Axelsson", CARE, "sjogren"),
    _doctor("forsberg", "100228", "Elin Forsberg", MIND, "sjogren"),
    Part("malmberg", "100305", "Lars Malmberg", "Ekonomi", "aspelin", roles=frozenset({FINANCE})),
    Part("nordin", "100318", "Petra Nordin", "It", "aspelin", roles=frozenset({ADMINISTRATOR})),
    _doctor("bergstrom", "101042", "Åsa Bergström", HEART, "hallberg"),
    _doctor("lundgren", "101077", "Erik Lundgren", BONES, "fredriksson"),
    _doctor("elsayed", "101103", "Fatima El-Sayed", GERMS, "dahl"),
    _doctor("nyqvist", "101119", "Johan Nyqvist", CARE, "sjogren"),
    _doctor("holm", "101150", "Katarina Holm", CHILDREN, "dahl"),
    _doctor("sandberg", "101168", "Mikael Sandberg", SLEEP, "fredriksson"),
    _doctor("oberg", "101181", "Linnea Öberg", NERVES, "hallberg"),
    _doctor("kovac", "101207", "Daniel Kovač", MIND, "sjogren"),
    _doctor("solheim", "101223", "Ingrid Solheim", TUMOURS, "dahl", "nb"),
    Part("wikstrom", "101240", "Sara Wikström", BONES, "fredriksson"),
    Part("nilsen", "N20011", "Kari Nilsen", "Fondsutvalget", language="nb"),
    Part("berge", "N20024", "Olav Berge", "Fondsutvalget", language="nb"),
    Part("moen", "N20036", "Silje Moen", "Fondsutvalget", language="nb"),
    Part("aune", "N20049", "Marit Aune", "Bodø kommune", language="nb"),
    Part("fossum", "N20117", "Anne Fossum", "Fossum legekontor", language="nb", specialist=True),
    Part("lie", "N20125", "Trond Lie", "Vikar, Tromsø", language="nb"),
    Part("haugen", "N20138", "Bjørn Haugen", "Bodø kommune", "aune", language="nb", specialist=True),
)

SEATS: Final = {
    "rfr": ("lindqvist", "axelsson", "forsberg"),
    "kvalitetsfondet": ("nilsen", "berge", "moen"),
}
"""By fund: the holder of the first seat, of the second, and a substitute in the second."""

FIRST_NAMES = (
    "Anna Karin Lena Hanna Emma Jenny Ulrika Amir Jonas Peter Magnus Björn Nils Oskar Leila Tove".split()
)
LAST_NAMES = "Ahlgren Björk Carlsson Danielsson Ekman Franzén Granath Hassan Isaksson Jönsson Kjellberg Löfgren".split()


def colleagues(count: int) -> tuple[Part, ...]:
    """Further specialist doctors in the units, always the same ones."""
    names = [f"{first} {last}" for first, last in product(FIRST_NAMES, LAST_NAMES)]
    Random(1975).shuffle(names)  # noqa: S311 - the same names each time, nothing secret
    units = tuple(UNITS.items())
    return tuple(
        _doctor(f"colleague-{n}", f"{102000 + n * 7}", name, *units[n % len(units)])
        for n, name in enumerate(names[:count])
    )
