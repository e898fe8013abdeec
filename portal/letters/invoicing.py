"""Who is paid and who is invoiced, as the letters say it."""

from datetime import date

from portal.domain.application import Answers
from portal.domain.payment import masked, payee_fields
from portal.domain.scheme import Scheme
from portal.language.wording import day
from portal.letters.document import NamedValue, Prose, Said


def paid(scheme: Scheme, answers: Answers, said: Said) -> tuple[NamedValue, ...]:
    """The answers that say who is paid, of an account no more than its last digits."""
    shown = masked(scheme, answers)
    return tuple(
        NamedValue(field.label[said.language], str(answer))
        for field in payee_fields(scheme, shown)
        if (answer := shown.get(field.name))
    )


def invoiced(scheme: Scheme, due: date, said: Said) -> tuple[NamedValue, ...]:
    """Who is invoiced, by the numbers the scheme gives, and by when."""
    named = (("addressee", "addressee"), ("customer-number", "customer_number"), ("orderer", "orderer_id"))
    rows = [
        NamedValue(said(f"invoice.{label}"), str(scheme.payment[key]))
        for label, key in named
        if scheme.payment.get(key)
    ]
    return (*rows, NamedValue(said("invoice.due-label"), day(due, said.language)))


def contact(scheme: Scheme, said: Said) -> tuple[Prose, ...]:
    """Who answers questions about the invoice, if the scheme names anybody."""
    keys = ("contact", "contact_phone", "contact_email")
    named = " · ".join(str(scheme.payment[key]) for key in keys if scheme.payment.get(key))
    return (Prose(said("invoice.contact"), (named,)),) if named else ()
