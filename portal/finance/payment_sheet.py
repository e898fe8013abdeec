"""The columns of a payment batch and of the list of claims, with heading and meaning in three languages."""

from typing import Final

from portal.finance.columns import Column, Kind, Sheet
from portal.finance.headings import CURRENCY, NUMBER, SCHEME, STARTS_ON, in_each

_PARTICIPANT_NUMBER = Column(
    "participant_number",
    Kind.TEXT,
    in_each("Deltagarens id", "Deltakerens id", "Participant’s id"),
    in_each("Deltagarens personliga id.", "Deltakerens personlige id.", "The participant’s personal id."),
)
_PARTICIPANT = Column(
    "participant",
    Kind.TEXT,
    in_each("Deltagare", "Deltaker", "Participant"),
    in_each("Den som deltar.", "Den som deltar.", "Who takes part."),
)
_UNIT = Column(
    "unit",
    Kind.TEXT,
    in_each("Enhet", "Enhet", "Unit"),
    in_each("Deltagarens enhet.", "Deltakerens enhet.", "The participant’s unit."),
)
_TITLE = Column(
    "title",
    Kind.TEXT,
    in_each("Kurs eller konferens", "Kurs eller konferanse", "Course or conference"),
    in_each("Evenemangets namn.", "Arrangementets navn.", "The name of the event."),
)
_INVOICE_NUMBER = Column(
    "invoice_number",
    Kind.TEXT,
    in_each("Fakturanummer", "Fakturanummer", "Invoice number"),
    in_each(
        "Fakturans nummer; ansökans eget där ingen faktura skickas.",
        "Fakturaens nummer; søknadens eget der ingen faktura sendes.",
        "The number of the invoice; the application’s own where no invoice is sent.",
    ),
)
_INVOICE_ON = Column(
    "invoice_on",
    Kind.DATE,
    in_each("Fakturadatum", "Fakturadato", "Invoice date"),
    in_each("Fakturans datum.", "Fakturaens dato.", "The date of the invoice."),
)

PAYMENTS: Final = Sheet(
    "payments",
    in_each("Utbetalningar", "Utbetalinger", "Payments"),
    (
        Column(
            "batch",
            Kind.NUMBER,
            in_each("Underlag", "Bunt", "Batch"),
            in_each(
                "Underlagets nummer i fonden.", "Buntens nummer i fondet.", "The batch’s number in the fund."
            ),
        ),
        Column(
            "position",
            Kind.NUMBER,
            in_each("Rad", "Rad", "Row"),
            in_each("Radens plats i underlaget.", "Radens plass i bunten.", "The row’s place in the batch."),
        ),
        Column(
            "kind",
            Kind.WORD,
            in_each("Slag", "Slag", "Kind"),
            in_each(
                "Betala, eller återta det som ett tidigare underlag betalade.",
                "Betal, eller tilbakefør det en tidligere bunt betalte.",
                "Pay, or take back what an earlier batch paid.",
            ),
            "payments",
        ),
        NUMBER,
        _PARTICIPANT_NUMBER,
        _PARTICIPANT,
        _UNIT,
        _TITLE,
        Column(
            "customer_number",
            Kind.TEXT,
            in_each("Kundnummer", "Kundenummer", "Customer number"),
            in_each("Fondens kundnummer.", "Fondets kundenummer.", "The fund’s customer number."),
        ),
        Column(
            "orderer_id",
            Kind.TEXT,
            in_each("Beställar-id", "Bestiller-id", "Orderer id"),
            in_each("Fondens beställar-id.", "Fondets bestiller-id.", "The fund’s orderer id."),
        ),
        Column(
            "account",
            Kind.TEXT,
            in_each("Kostnadsställe eller konto", "Kostnadssted eller konto", "Cost centre or account"),
            in_each(
                "Vart pengarna ska, enligt ansökan.",
                "Hvor pengene skal, ifølge søknaden.",
                "Where the money goes, according to the application.",
            ),
        ),
        _INVOICE_NUMBER,
        _INVOICE_ON,
        CURRENCY,
        Column(
            "amount",
            Kind.AMOUNT,
            in_each("Belopp", "Beløp", "Amount"),
            in_each(
                "Det som ska betalas; under noll när det ska återtas.",
                "Det som skal betales; under null når det skal tilbakeføres.",
                "What is to be paid; below zero when it is to be taken back.",
            ),
        ),
    ),
)

CLAIMS: Final = Sheet(
    "claims",
    in_each("Fakturor och betalningar", "Fakturaer og betalinger", "Invoices and payments"),
    (
        NUMBER,
        SCHEME,
        _PARTICIPANT_NUMBER,
        _PARTICIPANT,
        _UNIT,
        _TITLE,
        STARTS_ON,
        Column(
            "due_on",
            Kind.DATE,
            in_each("Senast", "Senest", "Due"),
            in_each(
                "Sista dag för fakturan; tom där ingen faktura skickas.",
                "Siste dag for fakturaen; tom der ingen faktura sendes.",
                "Last day for the invoice; empty where no invoice is sent.",
            ),
        ),
        Column(
            "stage",
            Kind.WORD,
            in_each("Läge", "Status", "Stage"),
            in_each("Hur långt det har kommit.", "Hvor langt det er kommet.", "How far it has come."),
            "stages",
        ),
        Column(
            "late",
            Kind.WORD,
            in_each("Försenad", "Forsinket", "Late"),
            in_each(
                "Om fakturan borde ha kommit.",
                "Om fakturaen burde ha kommet.",
                "Whether the invoice should have come.",
            ),
            "late",
        ),
        CURRENCY,
        Column(
            "granted_amount",
            Kind.AMOUNT,
            in_each("Beviljat belopp", "Innvilget beløp", "Granted amount"),
            in_each("Vad beslutet gav.", "Hva vedtaket ga.", "What the decision gave."),
        ),
        Column(
            "payable_amount",
            Kind.AMOUNT,
            in_each("Kan betalas", "Kan betales", "Payable"),
            in_each(
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
            in_each("Fakturerat belopp", "Fakturert beløp", "Invoiced amount"),
            in_each("Vad fakturan är på.", "Hva fakturaen er på.", "What the invoice is for."),
        ),
        Column(
            "released_amount",
            Kind.AMOUNT,
            in_each("Frigjort belopp", "Frigitt beløp", "Released amount"),
            in_each(
                "Vad som gått tillbaka till budgetperioden medan bidraget gällde.",
                "Hva som har gått tilbake til budsjettperioden mens tilskuddet gjaldt.",
                "What has gone back to the budget period while the grant stood.",
            ),
        ),
        Column(
            "batch",
            Kind.NUMBER,
            in_each("Underlag", "Bunt", "Batch"),
            in_each(
                "Underlaget som bad om betalning.",
                "Bunten som ba om betaling.",
                "The batch that asked for payment.",
            ),
        ),
        Column(
            "paid_on",
            Kind.DATE,
            in_each("Betald", "Betalt", "Paid"),
            in_each("Dagen då den betalades.", "Dagen den ble betalt.", "The day it was paid."),
        ),
    ),
)
