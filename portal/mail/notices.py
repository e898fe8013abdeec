"""What each kind of e-mail says: a few sentences and a link, never what was applied for, decided or written.

Whether money was granted stands behind the sign-in: a decision's e-mail says only that there is one. `params` holds
what fills the sentences: a number, and for a deadline its day. A code to sign in with is worked out when it is sent.
"""

from collections.abc import Mapping

from portal.domain.refusal import N_
from portal.mail.account_notices import OF_ACCOUNTS, START, Notice

# Where a link leads, and what it is called.
_COSTS = ("/applications/{number}/claim", N_("Open costs and invoice"))
_PAYEE = ("/applications/{number}/payee", N_("Open who is paid"))
_CASE = ("/queue/{number}", N_("Open the case"))
_FOLLOW_UP = ("/applications/{number}/follow-up", N_("Open the follow-up"))
_HEAD = ("/applications/{number}/head", N_("Open what you are asked"))
_QUEUE = ("/queue", N_("Open the queue"))
_TO_CONFIRM = ("/finance/prepared/{number}", N_("Open what is prepared"))


_DECIDED = Notice(
    N_("Application %(number)s is decided"),
    (
        N_("Two people have decided on the application."),
        N_("The decision, how it came about and what happens next are in the portal."),
    ),
)

NOTICES: Mapping[str, Notice] = {
    "received": Notice(
        N_("Application %(number)s has arrived"),
        (N_("It now waits for a decision by two people."), N_("The confirmation is in the portal.")),
    ),
    "received-again": Notice(
        N_("Your answer on application %(number)s has arrived"),
        (N_("The application waits for a decision again, and has kept its place."),),
    ),
    "to-sign": Notice(
        N_("Application %(number)s waits for your signature"),
        (N_("It is in your queue, with the rules and how the amount came about."),),
        _CASE,
    ),
    "year-begun": Notice(
        N_("Applications that were kept can now be decided"),
        (
            N_("They came in before the year’s decisions began. They can be decided from %(day)s."),
            N_("What waits for you is in the queue."),
        ),
        _QUEUE,
    ),
    "pause-over": Notice(
        N_("Decisions can be taken again"),
        (
            N_("From %(day)s applications can be decided, and some came in before."),
            N_("What waits for you is in the queue."),
        ),
        _QUEUE,
    ),
    "last-call": Notice(
        N_("The last day for decisions is %(day)s"),
        (
            N_("What is not decided by then can only be refused. Who has applied is to be told this year."),
            N_("What waits for you is in the queue."),
        ),
        _QUEUE,
    ),
    "answer-awaited": Notice(
        N_("Application %(number)s still waits for your answer"),
        (
            N_("An approver asked a question about it. After %(day)s it can be refused without an answer."),
            N_("Answer it in the portal. The application keeps its place."),
        ),
    ),
    "answer-missing": Notice(
        N_("Application %(number)s can be refused without an answer"),
        (
            N_("It was returned with a question, and no answer has come by %(day)s."),
            N_("Whoever sits in the two seats can refuse it now. An answer can still come until then."),
        ),
        _CASE,
    ),
    "disagreed": Notice(
        N_("The signatures on application %(number)s differ"),
        (
            N_("Nothing is decided while the two signatures say different things."),
            N_("Both of you can see what the other has signed, and take back your own."),
        ),
        _CASE,
    ),
    "comment": Notice(
        N_("A comment on application %(number)s from the other seat"),
        (N_("What it says is in the case. Neither the applicant nor finance can read it."),),
        _CASE,
    ),
    "signature-void": Notice(
        N_("Your signature on application %(number)s no longer counts"),
        (
            N_("Since you signed, you have become tied to the participant or the applicant."),
            N_("Somebody else in your seat signs instead. Nothing is left for you to do."),
        ),
        _CASE,
    ),
    "returned": Notice(
        N_("A question about application %(number)s"),
        (
            N_("An approver has sent the application back with a question."),
            N_("Answer it in the portal. The application keeps its place."),
        ),
    ),
    "to-attest": Notice(
        N_("Application %(number)s asks for your word as head"),
        (
            N_("You stand for the counter-financing of an application."),
            N_("Confirm in the portal what your unit promises, or say no and why."),
        ),
        _HEAD,
    ),
    "attest-late": Notice(
        N_("Application %(number)s still waits for your word as head"),
        (
            N_("You have been asked to confirm what your unit promises."),
            N_("Confirm it in the portal, or say no and why."),
        ),
        _HEAD,
    ),
    "head-says-no": Notice(
        N_("The head says no to application %(number)s"),
        (
            N_("The head who stands for the counter-financing has said no and why."),
            N_("Change the application and send it again, or withdraw it. It keeps its place."),
        ),
    ),
    "granted": _DECIDED,
    "refused": _DECIDED,
    "withdrawn": Notice(N_("Application %(number)s is withdrawn"), (N_("Nothing more happens with it."),)),
    "applied-for-you": Notice(
        N_("A colleague has applied for course funding for you: %(number)s"),
        (
            N_("You are the participant in the application."),
            N_("If it is not as you want, you can say no in the portal until it is decided."),
        ),
    ),
    "taken-over": Notice(
        N_("Somebody else answers for application %(number)s now"),
        (
            N_("A colleague of who wrote it has taken it over, or has given it back."),
            N_("Who it is stands in the portal. Nothing else of it has changed."),
        ),
    ),
    "taken-from": Notice(
        N_("A colleague has taken over application %(number)s from you"),
        (
            N_("Questions, costs and what else follows now go to your colleague, and you no longer see it."),
            N_("If it was a mistake, take it back from the start page."),
        ),
        START,
    ),
    "given-back": Notice(
        N_("Application %(number)s is yours again"),
        (N_("The colleague who had taken it over has given it back. You answer for it from now on."),),
    ),
    "declined": Notice(
        N_("The participant has said no to application %(number)s"),
        (N_("It is withdrawn. Why stands in the portal."),),
    ),
    "withdrawn-head": Notice(
        N_("Application %(number)s is withdrawn"),
        (N_("You were asked for your word on it as head. Nothing is left for you to do."),),
        _HEAD,
    ),
    "decided-head": Notice(
        N_("Application %(number)s is decided"),
        (N_("You were asked for your word on it as head. What two people have decided is in the portal."),),
        _HEAD,
    ),
    "withdrawn-signed": Notice(
        N_("Application %(number)s is withdrawn"),
        (N_("You had signed it. The signature no longer counts, and nothing is left for you to do."),),
        _CASE,
    ),
    "cancelled": Notice(
        N_("The grant on application %(number)s is cancelled"),
        (N_("The money is free for others, and a new application can be made."),),
    ),
    "approval-lapses": Notice(
        N_("Application %(number)s: use the approval by %(day)s"),
        (
            N_("It was approved, and no claim uses it yet. After %(day)s it cannot be used."),
            N_("When the course is over, begin the claim from it in the portal."),
        ),
    ),
    "approval-gone": Notice(
        N_("Application %(number)s: the approval it points at is cancelled"),
        (
            N_("It still waits for a decision, with what it comes to without the approval."),
            N_("A signature from before does not count."),
        ),
    ),
    "cancelled-used": Notice(
        N_("The grant on application %(number)s is cancelled"),
        (
            N_("What was not paid is free for others."),
            N_("It counts as used all the same, because the event has begun or money is paid."),
        ),
    ),
    "released": Notice(
        N_("Application %(number)s: what is not used has gone back to the fund"),
        (N_("Finance registers no more invoices on it. Why is in the portal."),),
        _COSTS,
    ),
    "to-confirm": Notice(
        N_("Finance: something waits for you to confirm it"),
        (
            N_("Somebody else in finance has prepared it. It is done once a second person confirms it."),
            N_("Look at it in the portal, and confirm or decline it."),
        ),
        _TO_CONFIRM,
    ),
    "prepared-confirmed": Notice(
        N_("Finance: what you prepared is confirmed"),
        (N_("Somebody else in finance has confirmed it, and it is done."),),
        _TO_CONFIRM,
    ),
    "prepared-declined": Notice(
        N_("Finance: what you prepared is declined"),
        (N_("Somebody else in finance has declined it, and nothing was done. Why is in the portal."),),
        _TO_CONFIRM,
    ),
    "payee-corrected": Notice(
        N_("Application %(number)s: who is paid has been changed"),
        (
            N_("Somebody has corrected this: %(what)s."),
            N_("Look whether it is right. If it is not, correct it in the portal or tell finance at once."),
        ),
        _PAYEE,
    ),
    "invoice-corrected": Notice(
        N_("Application %(number)s: finance has corrected an invoice"),
        (N_("What it was and what it is now is in the portal."),),
        _COSTS,
    ),
    "invoice-due": Notice(
        N_("Application %(number)s: invoice by %(day)s"),
        (
            N_("The costs are to be stated and invoiced no later than %(day)s."),
            N_("What the invoice needs is in the portal."),
        ),
    ),
    "invoice-late": Notice(
        N_("Application %(number)s: the invoice is late"),
        (
            N_("The invoice was due on %(day)s and is not registered."),
            N_("If nothing is to be invoiced, cancel the grant in the portal."),
        ),
    ),
    "follow-up-due": Notice(
        N_("Application %(number)s: tell your colleagues by %(day)s"),
        (
            N_("This is when you planned to pass the knowledge on."),
            N_("Note in the portal when, where and to whom it was."),
        ),
        _FOLLOW_UP,
    ),
    "follow-up-late": Notice(
        N_("Application %(number)s: the follow-up is late"),
        (
            N_("The knowledge was to be passed on by %(day)s."),
            N_("Note in the portal when, where and to whom it was."),
        ),
        _FOLLOW_UP,
    ),
    "follow-up-recorded": Notice(
        N_("Application %(number)s: a follow-up to confirm"),
        (N_("It is recorded how the knowledge was passed on. Confirm it in the portal."),),
        _FOLLOW_UP,
    ),
    "follow-up-denied": Notice(
        N_("Application %(number)s: the head says that the follow-up is not so"),
        (
            N_("Why is in the portal. The follow-up is owed again until it is recorded as it was."),
            N_("Put right what you wrote, and the head is asked once more."),
        ),
        _FOLLOW_UP,
    ),
    "follow-up-accepted": Notice(
        N_("Application %(number)s: the head has confirmed the follow-up after all"),
        (N_("It counts as it was recorded. Nothing is left for you to do."),),
        _FOLLOW_UP,
    ),
    "substitute": Notice(
        N_("You have been appointed to a seat"),
        (
            N_("You can sign applications from %(day)s."),
            N_("What waits for you is in the queue."),
        ),
        START,
    ),
    "substitute-ended": Notice(
        N_("You no longer stand in for the holder of a seat"),
        (N_("The holder has ended it. What you have signed stays signed."),),
        START,
    ),
    "substitute-set": Notice(
        N_("Somebody who signs applications has set their substitute"),
        (
            N_("Who it is stands under The two seats of each case, and for administrators under Seats."),
            N_("If you know nothing of it, speak to an administrator of the portal."),
        ),
        START,
    ),
    "seat-empty": Notice(
        N_("Nobody can sign application %(number)s in one of its seats"),
        (
            N_("Who held the seat has stepped aside, and nobody stands in today."),
            N_("Appoint a substitute under Seats. Until then it cannot be decided."),
        ),
        ("/seats", N_("Fill a seat")),
    ),
    **OF_ACCOUNTS,
}

UNKNOWN_AGENT = N_("an unknown browser")
UNTOLD = N_("what is said of the payee")

FOOT = N_("This message was sent by the course funding portal. Nobody reads replies to it.")
