"""What the unit's economist needs for the invoice, in one PDF, or in one e-mail that is ready to be sent.

"En intern clearingfaktura tillsammans med bekräftelsen från ansökan och beviljad ansökan sänds via mail …" The portal
sends nothing of it: whoever has it opens the file in their own mail program.
"""

from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO

from portal.domain.application import Application
from portal.domain.claim import is_invoiced
from portal.letters.composing import KINDS
from portal.letters.document import words as letter_words
from portal.letters.orders import pdf_of
from portal.store import letters
from portal.store.letters import LetterRecord
from portal.web import current
from portal.web.language import _, in_language
from portal.web.letters.bundles import reads_letter


def parts_of(application: Application) -> list[LetterRecord]:
    """The newest confirmation, decision and basis of the invoice, in the fund's language; none unless all are there."""
    session, scheme = current.reading(), current.scheme(application.scheme)
    if not is_invoiced(scheme):
        return []
    found = [letters.find_latest(session, application.id, kind, scheme.language) for kind in KINDS]
    there = [each for each in found if each is not None]
    whole = len(there) == len(KINDS) and all(reads_letter(application, each.kind) for each in there)
    return there if whole else []


def as_pdf(application: Application) -> bytes:
    """The letters after one another."""
    from pypdf import PdfWriter  # a sixth of a worker's memory, for a file that few ask for

    writer, target = PdfWriter(), BytesIO()
    for part in parts_of(application):
        writer.append(BytesIO(pdf_of(current.reading(), part)))
    writer.add_metadata({"/Title": application.number})
    writer.write(target)
    return target.getvalue()


def as_mail(application: Application, receiver: str) -> bytes:
    """A message to the economist with the letters; a mail program opens it as one that is not sent yet."""
    scheme, titles = current.scheme(application.scheme), letter_words()
    payment = scheme.payment
    message = EmailMessage(policy=SMTP)
    message["To"] = receiver
    message["Subject"] = _("Invoice for %(number)s", number=application.number)
    message["X-Unsent"] = "1"
    lines = [
        _("Here is what the internal clearing invoice for %(number)s needs.", number=application.number),
        *(
            f"{label}: {payment[key]}"
            for label, key in (
                (_("Send the invoice to"), "addressee"),
                (_("Customer number"), "customer_number"),
                (_("Orderer id"), "orderer_id"),
            )
            if payment.get(key)
        ),
        _("Mark it with") + f": {application.number}",
    ]
    message.set_content("\n".join(lines) + "\n")
    for part in parts_of(application):
        name = f"{application.number}-{in_language(titles[f'labels.{part.kind}'], scheme.language)}.pdf"
        content = pdf_of(current.reading(), part)
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()
