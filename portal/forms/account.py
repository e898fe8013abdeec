"""What is typed to sign in and to change a password."""

from wtforms import Form, HiddenField, PasswordField, StringField

from portal.domain.passwords import LONGEST
from portal.domain.person import as_login
from portal.forms.typed import clean


class SignInForm(Form):
    """Who it is and how to know; `next` is where they were going."""

    login = StringField(filters=[lambda typed: as_login(clean(typed or "", 100))])
    password = PasswordField(filters=[lambda typed: (typed or "")[: LONGEST + 1]])
    next = HiddenField()


class CodeForm(Form):
    """A one-time code and the password its owner chooses."""

    code = StringField(filters=[lambda typed: clean((typed or "")[:100])])
    new_password = PasswordField(filters=[lambda typed: (typed or "")[: LONGEST + 1]])


class PasswordForm(Form):
    """A new password, with the old one to show that it is still the same person."""

    old_password = PasswordField(filters=[lambda typed: (typed or "")[: LONGEST + 1]])
    new_password = PasswordField(filters=[lambda typed: (typed or "")[: LONGEST + 1]])
