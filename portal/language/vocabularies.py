"""The words for keys that the portal keeps: where things stand, and what funds bring; alike on pages and in files."""

from collections.abc import Mapping
from typing import Final

from portal.domain.refusal import N_
from portal.domain.scheme import Words
from portal.language.catalogue import P_, in_each
from portal.schemes.loader import Schemes
from portal.schemes.vocabulary import vocabulary

Vocabularies = Mapping[str, Mapping[str, Words]]
"""By name of the vocabulary, then by key."""

STATUSES: Final[Mapping[str, str]] = {
    "waiting": N_("Waiting for decision"),
    "returned": N_("Returned with a question"),
    "granted": P_("status", "Granted"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
    "cancelled": N_("Cancelled"),
}
OUTCOMES: Final[Mapping[str, str]] = {"grant": N_("Grant"), "refuse": N_("Refusal")}

STAGES: Final[Mapping[str, str]] = {
    "waiting": N_("Waiting for costs"),
    "stated": N_("Costs stated"),
    "part": N_("Invoiced in part"),
    "invoiced": N_("Invoice registered"),
    "paid": P_("status", "Paid"),
    "released": N_("Released"),
    "cancelled": N_("Cancelled"),
}
LATE: Final[Mapping[str, str]] = {"late": N_("Late")}
PAYMENTS: Final[Mapping[str, str]] = {"pay": N_("Pay"), "reverse": N_("Reverse")}
ATTESTS: Final[Mapping[str, str]] = {
    "given": N_("Confirmed by the head"),
    "refused": N_("The head says no"),
    "awaited": N_("Waits for the head’s word"),
    "not-given": N_("The head gave no word"),
}
FOLLOWUPS: Final[Mapping[str, str]] = {
    "planned": N_("Planned"),
    "late": N_("Late"),
    "recorded": N_("Awaits the head’s confirmation"),
    "confirmed": N_("Confirmed"),
}
_OWN: Final = {
    "statuses": STATUSES,
    "outcomes": OUTCOMES,
    "stages": STAGES,
    "late": LATE,
    "payments": PAYMENTS,
    "followups": FOLLOWUPS,
    "attests": ATTESTS,
}

DETAILS: Final[Mapping[str, str]] = {
    "allocated": N_("Allocated"),
    "amount": N_("Amount"),
    "batch": N_("Batch"),
    "count": N_("Number"),
    "daily": N_("E-mails once a day"),
    "from": N_("From"),
    "fund": N_("Fund"),
    "head": N_("Head"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "mail": N_("E-mail"),
    "on": N_("Day"),
    "other": N_("Other record"),
    "participant": N_("Participant"),
    "period": N_("Budget period"),
    "person": N_("Person"),
    "reason": N_("Reason"),
    "roles": N_("Roles"),
    "rows": N_("Rows"),
    "scheme": N_("Edition"),
    "seat": N_("Seat"),
    "size": N_("Size"),
    "source": N_("Source"),
    "specialist": N_("Specialist doctor"),
    "substitute": N_("Substitute"),
    "until": N_("Until"),
    "way": N_("Signed in with"),
}
"""What stands in the body of an event that is about no application; the other keys are told to nobody."""
WAYS: Final[Mapping[str, str]] = {
    "password": N_("password"),
    "provider": N_("the organisation’s sign-in"),
    "header": N_("the organisation’s sign-in"),
    "demo": N_("the demo"),
}

READ: Final[Mapping[str, str]] = {
    "page": N_("Pages of the case"),
    "letter": N_("A letter"),
    "document": N_("A document"),
    "zip": N_("The whole case as a file"),
}
"""By what kind of door a case was read."""
LACKS: Final[Mapping[str, str]] = {
    "email": N_("No e-mail address"),
    "bounced": N_("E-mails to the address come back"),
    "head": N_("No head"),
    "head-left": N_("The head has left"),
}
"""What a person lacks, by the keys of `store.people.LACKING`."""
UNLINKED: Final[Mapping[str, str]] = {
    "sign-in.unknown": N_("Nobody here has it"),
    "sign-in.no-claim": N_("The sign-in sends no such thing, or not a verified address"),
    "sign-in.unclear": N_("Several people have it"),
    "sign-in.taken": N_("Whoever has it is linked to another sign-in"),
    "sign-in.undone": N_("The link was undone"),
    "sign-in.left": N_("Whoever has it has left"),
}
"""Why the organisation's sign-in could not be linked, by the code of what was told."""
PREPARED: Final[Mapping[str, str]] = {
    "make-batch": N_("Make a payment batch"),
    "correct-invoice": N_("Correct an invoice"),
    "credit-invoice": N_("Credit an invoice"),
    "correct-payee": N_("Correct who is paid"),
    "cancel": N_("Cancel the grant"),
    "register-invoice": N_("Register the last invoice, and release the rest"),
    "release": N_("Let what is not invoiced go back"),
    "confirmed": N_("Confirmed"),
    "declined": N_("Declined"),
    "taken-back": N_("Taken back"),
    "waits": N_("Waits to be confirmed"),
}
"""What finance prepares for a second person to confirm, and what came of it."""
IMPORTED: Final[Mapping[str, str]] = {
    "new": N_("New"),
    "back": N_("Came back"),
    "adopted": N_("Taken over, typed in before"),
    "left": N_("Have left"),
    "new_name": N_("Another name"),
    "new_email": N_("Another e-mail address"),
    "new_unit": N_("Another unit"),
    "new_administration": N_("Another administration"),
    "new_cost_centre": N_("Another cost centre"),
    "new_specialist": N_("Specialist, or no longer"),
    "new_specialty": N_("Another specialty"),
    "new_head": N_("Another head"),
    "by_hand": N_("Left alone, typed in or let in again by somebody"),
    "in_both": N_("Left alone, typed in by somebody and in the file too"),
    "barred": N_("Left alone, since an administrator took their access away"),
    "remarks": N_("To be looked at"),
}
"""What an import of the staff directory counts."""

ACTS: Final[Mapping[str, str]] = {
    "join-people": N_("Joined two records of a person"),
    "forget": N_("Took away what is old"),
    "add-applicant": N_("Became known by the organisation’s sign-in"),
    "add-person": N_("Added a person"),
    "adopt-person": N_("Let the staff directory take over a person"),
    "allow-substitute": N_("Let somebody be chosen as substitute"),
    "appoint": N_("Appointed to a seat"),
    "ask-payment": N_("Asked for the payment"),
    "attach-document": N_("Attached a document"),
    "attest": N_("Confirmed as head what the unit promises"),
    "attest-refuse": N_("Said no as head"),
    "break-glass": N_("Signed in by the emergency password"),
    "cancel": N_("Cancelled the granted application"),
    "change-head": N_("Another head stands for the counter-financing"),
    "change-password": N_("Changed the password"),
    "change-person": N_("Changed a person"),
    "choose-language": N_("Chose a language"),
    "choose-mail": N_("Chose how often e-mails come"),
    "comment": N_("Wrote to the other seat"),
    "confirm-follow-up": N_("Confirmed the follow-up"),
    "deny-follow-up": N_("Said that the follow-up is not so"),
    "correct-invoice": N_("Corrected an invoice"),
    "correct-payee": N_("Corrected who is paid"),
    "credit-invoice": N_("Credited an invoice"),
    "confirm-prepared": N_("Confirmed what another in finance prepared"),
    "confirm-sign-in": N_("Confirmed a change of how somebody signs in"),
    "decline": N_("Said no as participant"),
    "decline-prepared": N_("Declined what another in finance prepared"),
    "deactivate": N_("Closed a person’s account"),
    "decide": N_("Decided the application"),
    "declare-conflict": N_("Declared a conflict of interest"),
    "delete-draft": N_("Deleted a draft"),
    "disallow-substitute": N_("Let somebody be chosen as substitute no more"),
    "drop-holding": N_("Took back a coming term in a seat"),
    "end-holding": N_("Ended a term in a seat"),
    "end-sessions": N_("Signed a person out"),
    "import-people": N_("Imported the staff directory"),
    "keep-letter": N_("Kept a letter"),
    "lapse-attest": N_("The head’s word ceased to count"),
    "lapse": N_("A signature ceased to count"),
    "link-identity": N_("Linked the organisation’s sign-in"),
    "register-number": N_("Gave a registration number"),
    "load-rates": N_("Loaded exchange rates"),
    "lose-approval": N_("The approval pointed at was cancelled"),
    "make-batch": N_("Made a payment batch"),
    "mark-bounced": N_("Said that an e-mail came back"),
    "not-linked": N_("Was sent by the organisation’s sign-in, and is linked to nobody"),
    "open-budget": N_("Opened a budget period"),
    "pay": N_("Marked as paid"),
    "state-opening": N_("Stated what was used of a budget period before the portal"),
    "prepare": N_("Prepared it for another in finance to confirm"),
    "raise-series": N_("Let a series of numbers go on after one given before"),
    "reactivate": N_("Opened a person’s account again"),
    "record-follow-up": N_("Recorded the follow-up"),
    "register-invoice": N_("Registered an invoice"),
    "release": N_("Gave the money back to the budget"),
    "remove-document": N_("Removed a document"),
    "restore-link": N_("Let a link to the organisation’s sign-in count again"),
    "resubmit": N_("Submitted the application again"),
    "retry-mail": N_("Tried an e-mail again"),
    "retry-mails": N_("Tried the e-mails again"),
    "return": N_("Returned the application with a question"),
    "return-payment": N_("Registered money that has come back"),
    "reverse-payment": N_("Asked for the payment back"),
    "save-draft": N_("Saved a draft"),
    "set-account": N_("Gave somebody a way to sign in"),
    "sign": N_("Signed the application"),
    "sign-in": N_("Signed in"),
    "sign-in-new-browser": N_("Signed in from a new browser"),
    "sign-out": N_("Signed out"),
    "sign-out-by-provider": N_("Signed out by the organisation’s sign-in"),
    "sign-out-elsewhere": N_("Signed out everywhere else"),
    "start-answer": N_("Began to answer the question"),
    "start-draft": N_("Began a draft"),
    "state-costs": N_("Stated the actual costs"),
    "stop-import": N_("Stopped an import of the staff directory"),
    "submit": N_("Submitted the application"),
    "take-over": N_("Took over a colleague’s application"),
    "give-back": N_("Gave an application back to who wrote it"),
    "take-back": N_("Took back the signature"),
    "take-back-prepared": N_("Took back what waited to be confirmed"),
    "take-roles": N_("Got other roles from the organisation’s sign-in"),
    "undo-link": N_("Undid the link to the organisation’s sign-in"),
    "unmark-bounced": N_("Said that an e-mail did not come back"),
    "use-code": N_("Chose a password with a code"),
    "withdraw": N_("Withdrew the application"),
    "wrong-passwords": N_("Many wrong passwords in a row"),
}
"""The audit log's; which there are is told by what the actions write."""


def vocabularies(schemes: Schemes) -> Vocabularies:
    """The words of the WORD columns of files: the portal's own, and those that the funds bring."""
    kinds: dict[str, Words] = {}
    periods: dict[str, Words] = {}
    for scheme in schemes.values():
        kinds.update((key, kind.title) for key, kind in scheme.kinds.items() if key not in kinds)
        for period in scheme.budget:
            until = f" {period.starts_on.year}" if period.ends_on else ""
            periods[f"{scheme.key}/{period.key}"] = {
                language: f"{words}{until}" for language, words in period.label.items()
            }
    return own_vocabularies() | {"zones": vocabulary("zones"), "kinds": kinds, "periods": periods}


def own_vocabularies() -> dict[str, Mapping[str, Words]]:
    """The portal's own alone."""
    return {name: {key: in_each(text) for key, text in words.items()} for name, words in _OWN.items()}
