"""What e-mails say of how somebody signs in and of what they may do; and what a kind of e-mail is."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.domain.refusal import N_

APPLICATION = ("/applications/{number}", N_("Open the application"))
START = ("/", N_("Open the portal"))
_ADMINISTRATION = ("/administration", N_("See what has to be done"))
_ACCOUNT = ("/account", N_("Open your account"))
_CODE_PAGE = ("/first-sign-in", N_("Choose a password"))


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of e-mail: English msgids with %(places)s, and where its link leads."""

    subject: str
    says: tuple[str, ...]
    link: tuple[str, str] = APPLICATION


OF_ACCOUNTS: Mapping[str, Notice] = {
    "new-browser": Notice(
        N_("A new browser has signed in with your login"),
        (
            N_("It was on %(day)s at %(time)s: %(agent)s, from the address %(address)s."),
            N_(
                "If it was you, there is nothing to do. If not, change your password in the portal, which signs out "
                "every other browser, and tell an administrator."
            ),
        ),
        _ACCOUNT,
    ),
    "linked": Notice(
        N_("Your sign-in is linked to you in the course funding portal"),
        (
            N_(
                "It was on %(day)s at %(time)s. From now on you sign in there with the organisation’s sign-in."
            ),
            N_("If it was not you who signed in, speak to an administrator of the portal at once."),
        ),
        _ACCOUNT,
    ),
    "link-undone": Notice(
        N_("Your sign-in is no longer linked to you in the course funding portal"),
        (
            N_("An administrator has undone the link, and you are signed out."),
            N_("Speak to an administrator of the portal if you know nothing of it."),
        ),
        START,
    ),
    "roles-by-claim": Notice(
        N_("Your roles in the course funding portal have changed"),
        (
            N_("The organisation’s sign-in says which roles you have: finance, administrator or neither."),
            N_("If you know nothing of it, speak to an administrator of the portal."),
        ),
        START,
    ),
    "roles-by-claim-other": Notice(
        N_("The organisation’s sign-in has changed somebody’s roles"),
        (
            N_("Who it is stands in the audit log."),
            N_("If you know nothing of it, speak to another administrator of the portal."),
        ),
        START,
    ),
    "break-glass": Notice(
        N_("Somebody has signed in to the course funding portal by its emergency password"),
        (
            N_("It was on %(day)s at %(time)s: %(agent)s, from the address %(address)s."),
            N_(
                "It is for when the organisation’s sign-in is away. If it is not, find out at once who it was."
            ),
        ),
        START,
    ),
    "signed-out": Notice(
        N_("You have been signed out of the portal"),
        (
            N_("An administrator signed you out on %(day)s at %(time)s."),
            N_("You can sign in again. Ask an administrator if you wonder why."),
        ),
        _ACCOUNT,
    ),
    "sign-in-code": Notice(
        N_("Choose a password for the course funding portal"),
        (
            N_("An administrator has given you a way to sign in."),
            N_("Your code: %(code)s"),
            N_(
                "It works once, for an hour. Earlier passwords and codes no longer work. Give the code to nobody."
            ),
            N_("If you have not asked for this, speak to another administrator of the portal at once."),
        ),
        _CODE_PAGE,
    ),
    "sign-in-changed": Notice(
        N_("How you sign in to the course funding portal has been changed"),
        (
            N_(
                "An administrator has changed your e-mail address in the portal or given you a new way to sign in."
            ),
            N_("If you have not asked for this, speak to another administrator of the portal at once."),
        ),
        START,
    ),
    "sign-in-changed-other": Notice(
        N_("An administrator has changed how somebody else signs in"),
        (
            N_("It concerns somebody who signs applications or administers the portal."),
            N_(
                "For 24 hours they can sign nothing, unless another administrator confirms the change. "
                "Who it is stands under The two seats of each case, and in the audit log."
            ),
            N_("If nobody asked for this, speak to another administrator of the portal at once."),
        ),
        START,
    ),
    "directory-missed": Notice(
        N_("Somebody who decides, leads or has a role has left, or is back"),
        (
            N_(
                "The staff directory says so. Seats may need a holder, and open applications another head; "
                "who is back has the role from before."
            ),
        ),
        _ADMINISTRATION,
    ),
    "right-given": Notice(
        N_("You have been given a role in the course funding portal"),
        (
            N_("An administrator has given you a role: finance, administrator or auditor."),
            N_("It can be used in 24 hours, or as soon as another administrator has confirmed it."),
        ),
        START,
    ),
    "right-given-other": Notice(
        N_("An administrator has given somebody a seat or a role"),
        (
            N_("Seats are shown under The two seats of each case, roles in the audit log."),
            N_("If you know nothing of it, speak to another administrator of the portal."),
        ),
        START,
    ),
    "joined": Notice(
        N_("Two records of you in the course funding portal are one now"),
        (
            N_(
                "An administrator has found you there twice and put the two together, with all that both had."
            ),
            N_("If the other was not you, tell an administrator of the portal at once."),
        ),
        START,
    ),
    "right-taken": Notice(
        N_("A role or a seat of yours in the course funding portal has been taken away"),
        (
            N_("An administrator has changed your roles, or the last day of your term in a seat."),
            N_("If you know nothing of it, speak to another administrator of the portal."),
        ),
        START,
    ),
    "right-taken-other": Notice(
        N_("An administrator has taken a seat or a role from somebody"),
        (
            N_("Seats are shown under The two seats of each case, roles in the audit log."),
            N_("If you know nothing of it, speak to another administrator of the portal."),
        ),
        START,
    ),
}
