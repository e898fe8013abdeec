"""What each act of the audit log is called; which acts there are is told by what the actions write."""

from collections.abc import Mapping

from portal.domain.refusal import N_
from portal.web.language import _

WORDS: Mapping[str, str] = {
    "add-person": N_("Added a person"),
    "appoint": N_("Appointed to a seat"),
    "ask-payment": N_("Asked for the payment"),
    "attach-document": N_("Attached a document"),
    "cancel": N_("Cancelled the granted application"),
    "change-password": N_("Changed the password"),
    "change-person": N_("Changed a person"),
    "choose-language": N_("Chose a language"),
    "confirm-follow-up": N_("Confirmed the follow-up"),
    "confirm-sign-in": N_("Confirmed a change of how somebody signs in"),
    "deactivate": N_("Closed a person’s account"),
    "decide": N_("Decided the application"),
    "declare-conflict": N_("Declared a conflict of interest"),
    "delete-draft": N_("Deleted a draft"),
    "drop-holding": N_("Took back a coming term in a seat"),
    "end-holding": N_("Ended a term in a seat"),
    "end-sessions": N_("Signed a person out"),
    "keep-letter": N_("Kept a letter"),
    "lapse": N_("A signature ceased to count"),
    "make-batch": N_("Made a payment batch"),
    "open-budget": N_("Opened a budget period"),
    "pay": N_("Marked as paid"),
    "reactivate": N_("Opened a person’s account again"),
    "record-follow-up": N_("Recorded the follow-up"),
    "register-invoice": N_("Registered an invoice"),
    "release": N_("Gave the money back to the budget"),
    "remove-document": N_("Removed a document"),
    "resubmit": N_("Submitted the application again"),
    "retry-mail": N_("Tried an e-mail again"),
    "retry-mails": N_("Tried the e-mails again"),
    "return": N_("Returned the application with a question"),
    "reverse-payment": N_("Asked for the payment back"),
    "save-draft": N_("Saved a draft"),
    "set-account": N_("Gave somebody a way to sign in"),
    "sign": N_("Signed the application"),
    "sign-in": N_("Signed in"),
    "sign-in-new-browser": N_("Signed in from a new browser"),
    "sign-out": N_("Signed out"),
    "sign-out-elsewhere": N_("Signed out everywhere else"),
    "start-answer": N_("Began to answer the question"),
    "start-draft": N_("Began a draft"),
    "state-costs": N_("Stated the actual costs"),
    "submit": N_("Submitted the application"),
    "take-back": N_("Took back the signature"),
    "use-code": N_("Chose a password with a code"),
    "withdraw": N_("Withdrew the application"),
    "wrong-passwords": N_("Many wrong passwords in a row"),
}


def word(act: str) -> str:
    """An act in the reader's language; one that an earlier portal wrote and nobody remembers stands as its code."""
    return _(WORDS[act]) if act in WORDS else act
