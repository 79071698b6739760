"""Who is in the demo. None of these people exists."""

from dataclasses import dataclass

from clients.models import Client
from practice.roles import Role
from sessions.models import ClientSession

PASSWORD = "sit beside it"  # noqa: S105 - the demo's, printed at every start
Mode = ClientSession.Mode
MayEmail = Client.MayEmail


@dataclass(frozen=True)
class Member:
    """Somebody who works in the demo practice."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True)
class Person:
    """A client of the demo. `weekday` (0 is Monday) and `hour` are their usual time."""

    name: str
    preferred: str
    pronouns: str
    born: str
    phone: str
    presenting: str
    weekday: int
    hour: int
    mode: Mode = Mode.IN_PERSON
    may_email: MayEmail = MayEmail.YES
    is_discreet: bool = False
    preferred_hour: int | None = None
    counsellor: str = "counsellor@beside.test"
    every_weeks: int = 1
    has_ended: bool = False


MEMBERS = [
    Member("counsellor@beside.test", "Sam Fenwick", Role.COUNSELLOR),
    Member("second@beside.test", "Kit Marshfield", Role.COUNSELLOR),
    Member("admin@beside.test", "Alex Thornby", Role.ADMIN),
]

PEOPLE = [
    Person(
        "Fern Inkwell", "Fern", "she/her", "1988-04-12", "01632 960101",
        "Hard on herself at work since a promotion; lies awake going over what she said in meetings.", 0, 10,
        preferred_hour=9,
    ),
    Person(
        "Jasper Paperboat", "Jasper", "he/him", "1979-11-02", "01632 960102",
        "His father died in the spring. Says he ought to be over it by now.", 0, 14,
    ),
    Person(
        "Clover Lanternby", "Clo", "they/them", "1996-07-23", "01632 960103",
        "Panic on trains. Would like to visit a sister in the north without planning every exit.", 1, 9, Mode.VIDEO,
        preferred_hour=18,
    ),
    Person(
        "Bartholomew Quill", "Barty", "he/him", "1962-01-30", "01632 960104",
        "Retired last year and does not know what the days are for.", 1, 11, may_email=MayEmail.NO,
    ),
    Person(
        "Isolde Marblecake", "Isolde", "she/her", "1991-09-05", "01632 960105",
        "Leaving a relationship in which she was watched. Shares a computer: please be careful with e-mail.", 1, 15,
        is_discreet=True, preferred_hour=11,
    ),
    Person(
        "Teasel Underhill", "Teasel", "she/they", "2001-03-17", "01632 960106",
        "Final year of a degree, and a voice that says everybody else belongs there.", 2, 10, Mode.VIDEO,
    ),
    Person(
        "Magnus Threadgold", "Magnus", "he/him", "1984-12-08", "01632 960107",
        "New father. Frightened by how angry he gets, and ashamed of it afterwards.", 2, 13,
    ),
    Person(
        "Posy Weathervane", "Posy", "she/her", "1973-06-21", "01632 960108",
        "Cares for her mother and has not had an afternoon to herself since last summer.", 2, 16, Mode.PHONE,
        every_weeks=2,
    ),
    Person(
        "Linus Candlewick", "Linus", "he/him", "1999-10-14", "01632 960109",
        "Low mood after a long illness; wary of letting anyone see it.", 3, 10, may_email=MayEmail.NOT_ASKED,
    ),
    Person(
        "Ottoline Brook", "Otti", "she/her", "1968-02-27", "01632 960110",
        "Decades of looking after everybody. Wonders what she herself would like.", 3, 12, preferred_hour=8,
    ),
    Person(
        "Rufus Tidepool", "Rufus", "he/him", "1993-08-19", "01632 960111",
        "Drinks on Sundays to get through Mondays. Has stopped; would like to understand it.", 4, 11, every_weeks=2,
    ),
    Person(
        "Saffron Nettleship", "Saff", "she/her", "1986-05-03", "01632 960112",
        "Came about burn-out as a nurse. The work has ended well.", 4, 14, has_ended=True,
    ),
    Person(
        "Hazel Moonraker", "Hazel", "she/her", "1977-09-29", "01632 960113",
        "Moving house and country; grief for the garden she leaves.", 0, 10, counsellor="second@beside.test",
    ),
    Person(
        "Caspian Thimble", "Cas", "he/him", "1990-01-11", "01632 960114",
        "Perfectionism that has begun to cost him his sleep.", 3, 15, counsellor="second@beside.test",
    ),
]  # fmt: skip
