"""Who is in the demo: people with units, heads, seats and roles, all made up; nobody whom a letter names."""

from dataclasses import dataclass
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
    roles: frozenset[str] = frozenset()
    field: str = ""
    """What a doctor is a specialist in, as a key of UNITS."""

    @property
    def email(self) -> str:
        return f"{self.number.lower()}@example.org"


UNITS: Final = {
    "heart": ("Kardiologi, Sahlgrenska", "hallberg"),
    "nerves": ("Neurologi, Sahlgrenska", "hallberg"),
    "bones": ("Ortopedi, Mölndal", "fredriksson"),
    "sleep": ("Anestesi och intensivvård, Skövde", "fredriksson"),
    "care": ("Närhälsan Majorna", "sjogren"),
    "children": ("Barnmedicin, Drottning Silvias", "dahl"),
    "germs": ("Infektion, Östra", "dahl"),
    "tumours": ("Onkologi, Borås", "dahl"),
    "mind": ("Psykiatri, Trollhättan", "sjogren"),
}
"""The units by what they are good at: their name, and the key of their head."""


def _doctor(key: str, number: str, name: str, field: str, language: str = "sv") -> Part:
    unit, head = UNITS[field]
    return Part(key, number, name, unit, head, specialist=True, language=language, field=field)


NAMED: Final = (
    # The first of each sort are offered on the sign-in page, in this order.
    Part("aspelin", "100001", "Gunilla Aspelin", "Sjukhusledningen"),
    Part("hallberg", "100112", "Birgitta Hallberg", UNITS["heart"][0], "aspelin"),
    Part("fredriksson", "100127", "Anders Fredriksson", UNITS["bones"][0], "aspelin"),
    Part("sjogren", "100131", "Maria Sjögren", UNITS["care"][0], "aspelin"),
    Part("dahl", "100145", "Per-Olof Dahl", UNITS["children"][0], "aspelin"),
    Part("lindqvist", "100201", "Margareta Lindqvist", "FoUU-enheten", "aspelin"),
    _doctor("axelsson", "100214", "Henrik Axelsson", "care"),
    _doctor("forsberg", "100228", "Elin Forsberg", "mind"),
    Part("malmberg", "100305", "Lars Malmberg", "Ekonomi", "aspelin", roles=frozenset({FINANCE})),
    Part("nordin", "100318", "Petra Nordin", "It", "aspelin", roles=frozenset({ADMINISTRATOR})),
    Part("nilsen", "N20011", "Kari Nilsen", "Fondsutvalget", language="nb"),
    Part("berge", "N20024", "Olav Berge", "Fondsutvalget", language="nb"),
    Part("moen", "N20036", "Silje Moen", "Fondsutvalget", language="nb"),
    Part("aune", "N20049", "Marit Aune", "Bodø kommune", language="nb"),
    _doctor("bergstrom", "101042", "Åsa Bergström", "heart"),
    _doctor("lundgren", "101077", "Erik Lundgren", "bones"),
    _doctor("elsayed", "101103", "Fatima El-Sayed", "germs"),
    _doctor("nyqvist", "101119", "Johan Nyqvist", "care"),
    _doctor("solheim", "101223", "Ingrid Solheim", "tumours", "nb"),
    Part("wikstrom", "101240", "Sara Wikström", UNITS["bones"][0], "fredriksson"),
    Part("fossum", "N20117", "Anne Fossum", "Fossum legekontor", language="nb", specialist=True),
    Part("lie", "N20125", "Trond Lie", "Vikar, Tromsø", language="nb"),
    _doctor("holm", "101150", "Katarina Holm", "children"),
    _doctor("sandberg", "101168", "Mikael Sandberg", "sleep"),
    _doctor("oberg", "101181", "Linnea Öberg", "nerves"),
    _doctor("kovac", "101207", "Daniel Kovač", "mind"),
    Part("haugen", "N20138", "Bjørn Haugen", "Bodø kommune", "aune", language="nb", specialist=True),
    Part("hansen", "N20142", "Nora Hansen", "Bodø kommune", "aune", language="nb", specialist=True),
    Part("sande", "N20156", "Per Sande", "Bodø kommune", "aune", language="nb"),
    Part("strand", "N20163", "Eivind Strand", "Strand legesenter", language="nb", specialist=True),
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
    fields = tuple(UNITS)
    return tuple(
        _doctor(f"colleague-{n}", f"{102000 + n * 7}", name, fields[n % len(fields)])
        for n, name in enumerate(names[:count])
    )
