"""What is typed to sign in, and by an administrator: a person, a local account, and a term in a seat."""

from collections.abc import Iterable

from wtforms import (
    BooleanField,
    DateField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)

from portal.domain.alphabet import visible
from portal.domain.days import read_day
from portal.domain.money import Unreadable
from portal.domain.passwords import LONGEST
from portal.domain.person import ROLES, Person, as_login, kept_role, mailable
from portal.domain.personal_id import canonical, check
from portal.domain.refusal import N_
from portal.domain.scheme import LANGUAGES
from portal.forms.typed import clean, earliest

MISSING = N_("This has to be filled in.")
TOO_LONG = N_("This is too long.")
NO_ADDRESS = N_(
    "This cannot be mailed. Write one address alone, such as anna@example.org, with no å, ä or ö before the @."
)
NO_SUCH_YEAR = N_("The year cannot be right. Write a day within ten years of today.")
NO_DAY = N_("Write a day such as 2026-08-30.")
UNKNOWN = N_("Choose one of the list.")


def _cleaned(typed: object) -> str:
    return " ".join(clean(typed, 1_000).split()) if isinstance(typed, str) else ""


def _text(most: int, *, needed: bool = False) -> StringField:
    rules = [Length(max=most, message=TOO_LONG)]
    return StringField(filters=[_cleaned], validators=[DataRequired(MISSING), *rules] if needed else rules)


def _right(_form: Form, field: Field) -> None:
    """The check digits of an id that has some."""
    if wrong := check(field.data or ""):
        raise ValidationError(wrong.text)


def _known(choices: Iterable[str]) -> Regexp:
    return Regexp(f"^({'|'.join(choices)})$", message=UNKNOWN)


def _mailable(_form: Form, field: Field) -> None:
    try:
        mailable(field.data)
    except ValueError:
        raise ValidationError(NO_ADDRESS) from None


class _Ticked(Field):
    """Several ticked boxes under one name."""

    data: list[str]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(valuelist)


class PersonForm(Form):
    """Somebody as the portal knows them; the head by personal id."""

    number = StringField(
        filters=[_cleaned, canonical],
        validators=[DataRequired(MISSING), Length(max=40, message=TOO_LONG), _right],
    )
    name = _text(200, needed=True)
    email = StringField(
        filters=[lambda typed: _cleaned(visible(typed or ""))],
        validators=[
            Optional(),
            Length(max=254, message=TOO_LONG),
            _mailable,
        ],
    )
    unit = _text(200)
    administration = _text(200)
    cost_centre = _text(40)
    specialty = _text(200)
    language = StringField(filters=[_cleaned], validators=[_known(LANGUAGES)])
    head = StringField(filters=[_cleaned, canonical], validators=[Length(max=40, message=TOO_LONG)])
    seen = HiddenField()
    """The `mark` of the person that the page showed."""
    specialist = BooleanField(false_values=("", "no"))
    roles = _Ticked()

    def chosen_roles(self) -> frozenset[str]:
        """The roles ticked, of those there are."""
        ticked = frozenset(self.roles.data or ())
        return frozenset(each for each in ticked if kept_role(each)[0] in ROLES)

    def person(self, *, head_id: int | None, person_id: int = 0) -> Person:
        """Who was typed; the head was looked up by whoever read the form."""
        return Person(
            id=person_id,
            number=self.number.data or "",
            name=self.name.data or "",
            email=self.email.data or "",
            unit=self.unit.data or "",
            language=self.language.data or "sv",
            head_id=head_id,
            specialist=bool(self.specialist.data),
            specialty=self.specialty.data or "",
            administration=self.administration.data or "",
            cost_centre=self.cost_centre.data or "",
            roles=self.chosen_roles(),
        )


class AccountForm(Form):
    """A login, for somebody who signs in without single sign-on."""

    login = _text(100, needed=True)


class ConfirmForm(Form):
    """Up to which change of how somebody signs in the administrator has seen."""

    seen = IntegerField(validators=[InputRequired(MISSING)])


class _Day(DateField):
    """A day as typed, soon where its year is not; the form is given `meta={"today": …}`."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0], 100) if valuelist else ""
        self.data = None
        if not text:
            if valuelist and valuelist[0]:  # which InputRequired takes for an answer
                raise ValueError(MISSING)
            return
        try:
            self.data = read_day(text, earliest("soon", self.meta.today))
        except Unreadable as unreadable:
            raise ValueError(NO_SUCH_YEAR if unreadable.code == "form.implausible-date" else NO_DAY) from None


class TermForm(Form):
    """Who holds a seat, or stands in for its holder, and between which days."""

    seat = _text(130, needed=True)
    """fund/seat"""
    number = _text(40, needed=True)
    substitute = BooleanField(false_values=("", "no"))
    starts_on = _Day(validators=[InputRequired(MISSING)])
    ends_on = _Day(validators=[Optional()])


class AllowForm(Form):
    """Whom the holder of a seat may choose as substitute."""

    allow_seat = _text(130, needed=True)
    """fund/seat"""
    allow_number = _text(40, needed=True)


class SubstituteForm(Form):
    """Who stands in for the holder of a term, and between which days."""

    holding = IntegerField(validators=[InputRequired(MISSING), NumberRange(0, 2**63 - 1)])
    person = IntegerField(validators=[InputRequired(MISSING), NumberRange(0, 2**63 - 1)])
    starts_on = _Day(validators=[InputRequired(MISSING)])
    ends_on = _Day(validators=[InputRequired(MISSING)])


class EndForm(Form):
    """The last day of a term."""

    holding = IntegerField(validators=[InputRequired(MISSING), NumberRange(0, 2**63 - 1)])
    ends_on = _Day(validators=[InputRequired(MISSING)])


def _password() -> PasswordField:
    """As it is typed: not a space of it is taken away."""
    return PasswordField(filters=[lambda typed: (typed or "")[: LONGEST + 1]])


class SignInForm(Form):
    """Who it is and how to know; `next` is where they were going."""

    login = StringField(filters=[lambda typed: as_login(clean(typed or "", 100))])
    password = _password()
    next = HiddenField()


class CodeForm(Form):
    """A one-time code and the password its owner chooses."""

    code = StringField(filters=[lambda typed: clean((typed or "")[:100])])
    new_password = _password()


class PasswordForm(Form):
    """A new password, with the old one to show that it is still the same person."""

    old_password = _password()
    new_password = _password()
