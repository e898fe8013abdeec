"""What the pages about signing in and one's own account are given."""

from dataclasses import dataclass

from portal.domain.person import Person
from portal.store.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to try the portal as."""

    id: int
    name: str
    what: str
    """Their seats, or the unit they work in."""


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """People of the demo under what they are to the portal."""

    title: str
    people: tuple[DemoPerson, ...]


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in form, and in a demo the people to be."""

    next: str = ""
    login: str = ""
    errors: tuple[str, ...] = ()
    groups: tuple[DemoGroup, ...] = ()
    kept: str = ""
    """A form that was sent after the session had run out, sealed."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """The form for a one-time code and the password one chooses."""

    code: str = ""
    code_errors: tuple[str, ...] = ()
    new_errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One time that somebody signed in."""

    sign_in: SignIn
    open: bool
    """Whether they still are."""
    this_one: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One's own account."""

    person: Person
    head: str
    seats: tuple[str, ...]
    sessions: tuple[SessionLine, ...]
    login: str
    """The login of a local account; empty for somebody who has none."""
    old_errors: tuple[str, ...] = ()
    new_errors: tuple[str, ...] = ()
