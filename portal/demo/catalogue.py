"""Courses and conferences to apply for, what they cost, and how people write about them."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

RATES: Final = {
    "EUR": "11,3245",
    "USD": "10,4870",
    "GBP": "13,1920",
    "NOK": "0,9815",
    "DKK": "1,5178",
    "CHF": "11,8630",
    "CAD": "7,6410",
    "AUD": "6,8250",
    "JPY": "0,0702",
}


@dataclass(frozen=True, slots=True)
class Course:
    """A course or conference; prices as people type them, `currency` that of fee and lodging."""

    field: str
    """The specialty it is for, as a key of the cast's units; empty for every specialty."""
    name: str
    organiser: str
    country: str
    days: int
    fee: str
    travel: str = ""
    lodging: str = ""
    currency: str = "SEK"
    digital: bool = False

    @property
    def far(self) -> bool:
        """Whether the journey alone costs more than 10 000."""
        return len(self.travel) > len("9 999")


COURSES: Final = (
    Course("heart", "Europeiska kardiologkongressen", "ESC", "GB", 4, "735", "3 200", "620", "GBP"),
    Course("heart", "Svenska kardiovaskulära vårmötet", "SCF", "SE", 3, "4 900", "1 150", "3 400"),
    Course("care", "Nordic Congress of General Practice", "NFGP", "NO", 4, "6 900", "2 400", "7 200", "NOK"),
    Course("bones", "Kirurgveckan", "Svensk Kirurgisk Förening", "SE", 5, "5 600", "890", "5 200"),
    Course("nerves", "World Congress of Neurology", "WFN", "JP", 5, "98 000", "14 800", "112 000", "JPY"),
    Course("sleep", "Ultraljud vid akuta tillstånd", "SWESEM", "SE", 2, "8 900", "640", "1 900"),
    Course("tumours", "ASCO Annual Meeting", "ASCO", "US", 5, "1 145", "11 200", "1 380", "USD"),
    Course("tumours", "ESMO Congress", "ESMO", "ES", 5, "890", "3 900", "940", "EUR"),
    Course("nerves", "European Stroke Conference", "ESO", "FI", 3, "680", "2 300", "540", "EUR"),
    Course("germs", "ECCMID", "ESCMID", "DK", 4, "5 400", "1 100", "4 900", "DKK"),
    Course("mind", "Svenska psykiatrikongressen", "SPF", "SE", 3, "6 200", "1 300", "3 900"),
    Course("children", "Barnveckan", "Svenska Barnläkarföreningen", "SE", 4, "5 100", "1 050", "4 100"),
    Course("bones", "EFORT Congress", "European Federation of Orthopaedics", "DE", 3, "640", "3 100", "610", "EUR"),
    Course("bones", "AAOS Annual Meeting", "AAOS", "US", 5, "1 250", "12 900", "1 460", "USD"),
    Course("", "Evidensbaserad smärtbehandling", "Karolinska Institutet", "SE", 10, "9 500", digital=True),
    Course("tumours", "Advances in Palliative Care", "King's College", "GB", 6, "540", currency="GBP", digital=True),
    Course("", "Clinical Reasoning Online", "McMaster University", "CA", 8, "1 150", currency="CAD", digital=True),
    Course("germs", "Antibiotika och resistens", "Uppsala universitet", "SE", 5, "7 800", digital=True),
    Course("sleep", "Euroanaesthesia", "European Society of Anaesthesiology", "NL", 3, "720", "2 900", "690", "EUR"),
    Course("children", "European Academy of Paediatrics", "EAP", "PT", 4, "560", "4 300", "580", "EUR"),
    Course("care", "WONCA World Conference", "WONCA", "AU", 4, "1 280", "16 400", "1 150", "AUD"),
    Course("care", "Allmänmedicinska kongressen", "SFAM", "SE", 3, "5 900", "1 400", "3 600"),
    Course("sleep", "International Conference on Emergency Medicine", "IFEM", "TR", 4, "610", "5 200", "430", "EUR"),
    Course("bones", "European Congress of Radiology", "ESR", "AT", 5, "695", "3 300", "870", "EUR"),
    Course("bones", "Davos Course in Fracture Surgery", "AO Foundation", "CH", 5, "2 450", "3 700", "1 320", "CHF"),
    Course("heart", "Hands-on ekokardiografi", "Sahlgrenska akademin", "SE", 3, "11 200", "", "2 800"),
    Course("germs", "Tropical Medicine Update", "LSTM", "GB", 5, "980", "2 700", "740", "GBP"),
    Course("children", "Epilepsy in Childhood", "ILAE", "IT", 4, "590", "3 400", "610", "EUR"),
    Course("heart", "ACC Annual Scientific Session", "ACC", "US", 3, "1 090", "11 900", "1 280", "USD"),
    Course("mind", "World Congress of Psychiatry", "WPA", "CZ", 4, "780", "3 600", "520", "EUR"),
    Course("mind", "APA Annual Meeting", "APA", "US", 5, "1 020", "12 300", "1 340", "USD"),
    Course("children", "PAS Meeting", "PAS", "CA", 5, "980", "12 600", "1 410", "CAD"),
    Course("germs", "IDWeek", "IDSA", "US", 4, "1 060", "11 600", "1 190", "USD"),
    Course("sleep", "World Congress of Anaesthesiologists", "WFSA", "SG", 5, "1 150", "13 400", "1 240", "USD"),
    Course("sleep", "Svenska anestesiveckan", "SFAI", "SE", 4, "5 700", "1 200", "4 300"),
    Course("nerves", "Svenska neurologmötet", "SNF", "SE", 2, "3 900", "980", "2 100"),
)  # fmt: skip

PARTICIPATION: Final = (
    "Jag presenterar en poster om vår uppföljning efter hjärtinfarkt och håller ett seminarium för kliniken efteråt.",
    "Håller ett kort föredrag om vårt nya arbetssätt och leder en workshop. Tar med materialet hem till kollegorna.",
    "Deltar i gruppövningarna alla dagar och blir sedan enhetens instruktör för övriga specialister och ST-läkare.",
    "Modererar en session. Skriver en sammanfattning av de nya riktlinjerna som läggs på enhetens intranät.",
    "Aktivt deltagande i falldiskussioner; kunskapen sprids genom två utbildningstillfällen under hösten.",
    "Presenterar resultat från regionens kvalitetsregister och återkopplar till hela verksamheten.",
    "Praktiska övningar i simulator. Metoden införs på enheten, och jag handleder kollegorna under tre månader.",
)
FOLLOW_UP: Final = (
    ("Föredrag med de viktigaste nyheterna", "Klinikmöte"),
    ("Genomgång av nya riktlinjer", "APT"),
    ("Workshop med praktiska övningar", "Utbildningseftermiddag"),
    ("Skriftlig sammanfattning och frågestund", "Läkarmöte"),
    ("Seminarium tillsammans med sjuksköterskorna", "Verksamhetsdag"),
)


_NEAR = ("10 000", "12 500", "15000", "11 750,50", "10.000")
_FAR = ("20 000,00", "22 500", "25000", "20 000", "12 000")
"""What units pay; the last of the far ones is too little for the whole grant."""


def answers(
    course: Course, starts_on: date, written_on: date, chance: Random, **changed: Any
) -> dict[str, Any]:
    """An application for the course as somebody would type it; `changed` answers replace the usual ones."""
    ends_on = starts_on + timedelta(days=course.days - 1)
    how, forum = chance.choice(FOLLOW_UP)
    lines = [
        _line("fee", course.fee, course.currency, written_on),
        _line("travel", course.travel, "SEK", written_on),
        _line("lodging", course.lodging, course.currency, written_on),
        *changed.pop("more_costs", ()),
    ]
    typed = {
        "specialist": "yes",
        "event": f"{course.name} {starts_on.year}",
        "organiser": course.organiser,
        "mode": "digital" if course.digital else "in_person",
        "country": "" if course.digital else course.country,
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "participation": chance.choice(PARTICIPATION),
        "costs": [line for line in lines if line["amount"]],
        "counter_amount": chance.choice(_FAR if course.far else _NEAR),
        "counter_source": "unit",
        "cost_centre": str(chance.randrange(20000, 69999)),
        "prior": "no",
        "follow_up_how": how,
        "follow_up_forum": forum,
        "follow_up_on": (ends_on + timedelta(days=chance.randrange(7, 36))).isoformat(),
    }
    return typed | changed


def _line(kind: str, amount: str, currency: str, on: date) -> dict[str, str]:
    line = {"kind": kind, "amount": amount}
    if currency != "SEK":
        line |= {"currency": currency, "rate": RATES[currency], "rate_on": on.isoformat()}
    return line
