"""The columns of a payment batch and of the list of claims, with heading and meaning in three languages."""

from typing import Final

from portal.domain.scheme import Words
from portal.finance.columns import Column, Kind, Sheet


def _in(sv: str, nb: str, en: str) -> Words:
    return {"sv": sv, "nb": nb, "en": en}


_NUMBER = Column(
    "number",
    Kind.TEXT,
    _in("Nummer", "Nummer", "Number"),
    _in(
        "Ansökans nummer; det ändras aldrig.",
        "Søknadens nummer; det endres aldri.",
        "The number of the application; it never changes.",
    ),
)
_PARTICIPANT_NUMBER = Column(
    "participant_number",
    Kind.TEXT,
    _in("Deltagarens id", "Deltakerens id", "Participant’s id"),
    _in("Deltagarens personliga id.", "Deltakerens personlige id.", "The participant’s personal id."),
)
_PARTICIPANT = Column(
    "participant",
    Kind.TEXT,
    _in("Deltagare", "Deltaker", "Participant"),
    _in("Den som deltar.", "Den som deltar.", "Who takes part."),
)
_UNIT = Column(
    "unit",
    Kind.TEXT,
    _in("Enhet", "Enhet", "Unit"),
    _in("Deltagarens enhet.", "Deltakerens enhet.", "The participant’s unit."),
)
_TITLE = Column(
    "title",
    Kind.TEXT,
    _in("Kurs eller konferens", "Kurs eller konferanse", "Course or conference"),
    _in("Evenemangets namn.", "Arrangementets navn.", "The name of the event."),
)
_INVOICE_NUMBER = Column(
    "invoice_number",
    Kind.TEXT,
    _in("Fakturanummer", "Fakturanummer", "Invoice number"),
    _in(
        "Fakturans nummer; ansökans eget där ingen faktura skickas.",
        "Fakturaens nummer; søknadens eget der ingen faktura sendes.",
        "The number of the invoice; the application’s own where no invoice is sent.",
    ),
)
_INVOICE_ON = Column(
    "invoice_on",
    Kind.DATE,
    _in("Fakturadatum", "Fakturadato", "Invoice date"),
    _in("Fakturans datum.", "Fakturaens dato.", "The date of the invoice."),
)
_CURRENCY = Column(
    "currency",
    Kind.TEXT,
    _in("Valuta", "Valuta", "Currency"),
    _in(
        "Valutan för beloppen på raden.",
        "Valutaen for beløpene på raden.",
        "The currency of the amounts in the row.",
    ),
)

PAYMENTS: Final = Sheet(
    "payments",
    _in("Utbetalningar", "Utbetalinger", "Payments"),
    (
        Column(
            "batch",
            Kind.NUMBER,
            _in("Underlag", "Bunt", "Batch"),
            _in(
                "Underlagets nummer i fonden.", "Buntens nummer i fondet.", "The batch’s number in the fund."
            ),
        ),
        Column(
            "position",
            Kind.NUMBER,
            _in("Rad", "Rad", "Row"),
            _in("Radens plats i underlaget.", "Radens plass i bunten.", "The row’s place in the batch."),
        ),
        Column(
            "kind",
            Kind.WORD,
            _in("Slag", "Slag", "Kind"),
            _in(
                "Betala, eller återta det som ett tidigare underlag betalade.",
                "Betal, eller tilbakefør det en tidligere bunt betalte.",
                "Pay, or take back what an earlier batch paid.",
            ),
            "payments",
        ),
        _NUMBER,
        _PARTICIPANT_NUMBER,
        _PARTICIPANT,
        _UNIT,
        _TITLE,
        Column(
            "customer_number",
            Kind.TEXT,
            _in("Kundnummer", "Kundenummer", "Customer number"),
            _in("Fondens kundnummer.", "Fondets kundenummer.", "The fund’s customer number."),
        ),
        Column(
            "orderer_id",
            Kind.TEXT,
            _in("Beställar-id", "Bestiller-id", "Orderer id"),
            _in("Fondens beställar-id.", "Fondets bestiller-id.", "The fund’s orderer id."),
        ),
        Column(
            "account",
            Kind.TEXT,
            _in("Kostnadsställe eller konto", "Kostnadssted eller konto", "Cost centre or account"),
            _in(
                "Vart pengarna ska, enligt ansökan.",
                "Hvor pengene skal, ifølge søknaden.",
                "Where the money goes, according to the application.",
            ),
        ),
        _INVOICE_NUMBER,
        _INVOICE_ON,
        _CURRENCY,
        Column(
            "amount",
            Kind.AMOUNT,
            _in("Belopp", "Beløp", "Amount"),
            _in(
                "Det som ska betalas; under noll när det ska återtas.",
                "Det som skal betales; under null når det skal tilbakeføres.",
                "What is to be paid; below zero when it is to be taken back.",
            ),
        ),
    ),
)

CLAIMS: Final = Sheet(
    "claims",
    _in("Fakturor och betalningar", "Fakturaer og betalinger", "Invoices and payments"),
    (
        _NUMBER,
        Column(
            "scheme",
            Kind.TEXT,
            _in("Omgång", "Omgang", "Round"),
            _in(
                "Fondens omgång, till exempel rfr-2026.",
                "Fondens omgang, for eksempel rfr-2026.",
                "The round of the fund, such as rfr-2026.",
            ),
        ),
        _PARTICIPANT_NUMBER,
        _PARTICIPANT,
        _UNIT,
        _TITLE,
        Column(
            "starts_on",
            Kind.DATE,
            _in("Första dag", "Første dag", "First day"),
            _in("Evenemangets första dag.", "Arrangementets første dag.", "The first day of the event."),
        ),
        Column(
            "due_on",
            Kind.DATE,
            _in("Senast", "Senest", "Due"),
            _in(
                "Sista dag för fakturan; tom där ingen faktura skickas.",
                "Siste dag for fakturaen; tom der ingen faktura sendes.",
                "Last day for the invoice; empty where no invoice is sent.",
            ),
        ),
        Column(
            "stage",
            Kind.WORD,
            _in("Läge", "Status", "Stage"),
            _in("Hur långt det har kommit.", "Hvor langt det er kommet.", "How far it has come."),
            "stages",
        ),
        Column(
            "late",
            Kind.WORD,
            _in("Försenad", "Forsinket", "Late"),
            _in(
                "Om fakturan borde ha kommit.",
                "Om fakturaen burde ha kommet.",
                "Whether the invoice should have come.",
            ),
            "late",
        ),
        _CURRENCY,
        Column(
            "granted_amount",
            Kind.AMOUNT,
            _in("Beviljat belopp", "Innvilget beløp", "Granted amount"),
            _in("Vad beslutet gav.", "Hva vedtaket ga.", "What the decision gave."),
        ),
        Column(
            "payable_amount",
            Kind.AMOUNT,
            _in("Kan betalas", "Kan betales", "Payable"),
            _in(
                "Vad de verkliga kostnaderna ger; tom tills de är uppgivna.",
                "Hva de faktiske kostnadene gir; tom til de er oppgitt.",
                "What the actual costs give; empty until they are stated.",
            ),
        ),
        _INVOICE_NUMBER,
        _INVOICE_ON,
        Column(
            "invoice_amount",
            Kind.AMOUNT,
            _in("Fakturerat belopp", "Fakturert beløp", "Invoiced amount"),
            _in("Vad fakturan är på.", "Hva fakturaen er på.", "What the invoice is for."),
        ),
        Column(
            "released_amount",
            Kind.AMOUNT,
            _in("Frigjort belopp", "Frigitt beløp", "Released amount"),
            _in(
                "Vad som gått tillbaka till budgetperioden medan bidraget gällde.",
                "Hva som har gått tilbake til budsjettperioden mens tilskuddet gjaldt.",
                "What has gone back to the budget period while the grant stood.",
            ),
        ),
        Column(
            "batch",
            Kind.NUMBER,
            _in("Underlag", "Bunt", "Batch"),
            _in(
                "Underlaget som bad om betalning.",
                "Bunten som ba om betaling.",
                "The batch that asked for payment.",
            ),
        ),
        Column(
            "paid_on",
            Kind.DATE,
            _in("Betald", "Betalt", "Paid"),
            _in("Dagen då den betalades.", "Dagen den ble betalt.", "The day it was paid."),
        ),
    ),
)
