"""The people everyone who tries the demo meets: fixed names, and how each of their stories stands today.

Everyone else is drawn at random. `days` in an Ending are days before today; what falls on a day without
school is moved to one with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from keywork.production import DEMO_DOMAIN

DOMAIN = DEMO_DOMAIN
PASSWORD = "keywork-demo"
SCHOOL = "Aldermere School"


@dataclass(frozen=True, slots=True)
class Post:
    """A member of staff with a name of their own. `sign_in` is the part before the @ of a demo sign-in."""

    name: str
    job: str
    roles: str = "staff"
    sign_in: str = ""
    reach: str = ""


OFFICE: tuple[Post, ...] = (
    Post("Delyth Pryce-Amadi", "Head of Social Education", "staff head", "head"),
    Post("Imogen Tarrant-Osei", "TSP coordinator", "staff coordinator", "coordinator"),
    Post(
        "Harriet Lockwood-Bell",
        "Designated safeguarding lead",
        "staff dsl",
        "dsl",
        "In the blue office, any time",
    ),
    Post("Rafe Castellan-Moyo", "SENCo", "staff senco", "senco"),
    Post("Marguerite Oduya-Finch", "Deputy headteacher", "staff slt", "slt"),
    Post("Joss Hallam-Reddy", "Transition Manager", "staff transition", "transition"),
    Post("Nerys Abara-Colclough", "Post-16 coordinator", "staff post16 house_leader", "post16"),
    Post("Wilf Pemberton-Sato", "School administrator", "staff admin", "admin"),
)
KEYWORKERS: tuple[Post, ...] = (
    Post(
        "Ros Whitcombe",
        "Keyworker",
        "staff",
        "keyworker",
        "Weekdays 8.30 am to 5 pm; room 4, and at lunch by the garden door",
    ),
    Post("Bronwen Tallis", "Keyworker", "staff", "keyworker2", "Weekdays after 2 pm"),
    Post("Dan Merrow", "Keyworker, evening team", "staff", "", "Weekdays 3 pm to 9 pm"),
    Post("Kit Sorrensen-Bello", "Keyworker"),
    Post("Precious Adeyinka-Rowe", "Keyworker", "staff family"),
)
MENTORS: tuple[Post, ...] = (
    Post("Tunde Ashgrove", "Academic mentor", "staff", "mentor", "Weekdays at break and lunch"),
)
TEACHERS: tuple[Post, ...] = (
    Post("Sunniva Blackthorn-Ray", "Teacher of art and design", "staff", "teacher"),
)
LEAVERS: tuple[Post, ...] = (Post("Sam Ferrensby", "Keyworker"),)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story stands today. `last` is when home was last reached; None leaves it to habit."""

    joined: int | None = None
    nothing_logged: bool = False
    last: int | None = None
    tries: tuple[tuple[int, str, str], ...] = ()  # (days ago, channel, how far it got)
    session: str = ""  # met, part, open, declined, missed, absent, met_late
    hold: tuple[int, int] | None = None  # began days ago, ends in days
    leaves_in: int | None = None
    waiting: int | None = None  # a contact this long ago, written down yesterday, waits to be approved
    restricted_entry: bool = False


@dataclass(frozen=True, slots=True)
class Adult:
    """A parent or carer by name; `sign_in` as for Post. `**` of FamilyLink in `link`; some have an `account`."""

    name: str
    relationship: str
    sign_in: str = ""
    link: dict[str, object] = field(default_factory=dict)
    account: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    forename: str
    surname: str
    sex: str
    year: int
    keyworker: str | None  # name; None draws one, "" is nobody
    preferred: str = ""
    pronouns: str = ""
    placement: str = "day"
    language: str = ""
    read_first: str = ""
    sign_in: str = ""
    looked_after: bool = False
    years_here: int | None = None
    ending: Ending = Ending()
    adults: tuple[Adult, ...] = ()


_ROS, _BRONWEN, _DAN, _KIT, _PRECIOUS = (post.name for post in KEYWORKERS)
_POLISH: dict[str, object] = {"language": "Polish"}
_MAGDA = Adult(
    "Magda Wiśniewska",
    "mum",
    "parent",
    {**_POLISH, "interpreter": True, "preferred_channel": "phone", "lives_with": True},
)
_PIOTR = Adult("Piotr Brand", "dad", "", {**_POLISH, "lives_with": True, "priority": 2})

# In this order: a school of twelve has the first twelve.
CHILDREN: tuple[Child, ...] = (
    Child(
        "Teddy",
        "Oluwaseun-Hartley",
        "F",
        9,
        _ROS,
        pronouns="She/her",
        placement="weekly",
        years_here=2,
        read_first="Ring Folake before 5 pm and leave no details on the house phone. "
        "Tree nut allergy: two pens, one in the house office.",
        ending=Ending(
            last=17,
            tries=((5, "phone", "no_answer"), (3, "phone", "message")),
            session="part",
            restricted_entry=True,
        ),
        adults=(
            Adult(
                "Folake Oluwaseun",
                "mum",
                "parent2",
                {"lives_with": True, "household": "Mum's house", "preferred_channel": "phone"},
            ),
            Adult("Simon Hartley", "dad", "", {"priority": 2, "household": "Dad's flat"}),
        ),
    ),
    Child(
        "Bartholomew-James",
        "Featherstonehaugh-Okonkwo",
        "M",
        7,
        _ROS,
        preferred="BJ",
        pronouns="He/him",
        ending=Ending(joined=14, nothing_logged=True, session="open"),
        adults=(
            Adult("Adaeze Okonkwo", "mum", "", {"lives_with": True, "preferred_channel": "text"}, True),
            Adult("Barnaby Featherstonehaugh", "dad", "", {"lives_with": True, "priority": 2}),
        ),
    ),
    Child(
        "Kacper",
        "Wiśniewski-Brand",
        "M",
        8,
        _ROS,
        pronouns="He/him",
        language="Polish",
        sign_in="student",
        years_here=1,
        read_first="Magda likes to be rung with an interpreter on the line. "
        "The bell is too loud for Kacper: remind him of his ear defenders.",
        ending=Ending(last=11, session="met"),
        adults=(_MAGDA, _PIOTR),
    ),
    Child(
        "Aoife",
        "Ní Dhomhnaill",
        "F",
        10,
        _ROS,
        pronouns="She/her",
        placement="termly",
        years_here=3,
        ending=Ending(last=6, session="declined"),
    ),
    Child(
        "Mo",
        "Farouk-Ellison",
        "M",
        11,
        _ROS,
        pronouns="He/him",
        years_here=4,
        ending=Ending(last=0, session="met"),
    ),
    Child("Leila", "Marchetti-Osei", "F", 12, "", years_here=3, ending=Ending(last=25, session="missed")),
    Child(
        "Saoirse",
        "Abernathy-Quell",
        "F",
        11,
        _BRONWEN,
        placement="termly",
        years_here=3,
        read_first="Home must not be contacted for now: ask Harriet first.",
        ending=Ending(last=16, hold=(10, 18), session="declined"),
    ),
    Child(
        "Noah",
        "Birtwistle-Kaur",
        "M",
        9,
        _DAN,
        placement="weekly",
        years_here=2,
        ending=Ending(last=19, waiting=17, session="met"),
    ),
    Child(
        "Mei",
        "Brannigan-Zhou",
        "F",
        13,
        _BRONWEN,
        years_here=4,
        ending=Ending(last=5, leaves_in=6, session="open"),
    ),
    Child(
        "Yusuf",
        "Lindqvist-Amara",
        "M",
        8,
        _KIT,
        years_here=1,
        ending=Ending(last=8, session="absent", leaves_in=19),
    ),
    Child("Lottie", "Akpan-Marsh", "F", 7, "", ending=Ending(joined=18, nothing_logged=True, session="open")),
    Child(
        "Zofia", "Wiśniewski-Brand", "F", 10, _DAN, language="Polish", years_here=3, adults=(_MAGDA, _PIOTR)
    ),
    Child("Ivy", "Szabo-Clarke", "F", 8, _DAN, years_here=1, ending=Ending(session="met_late")),
    Child("Jun-ho", "Pemberley-Cho", "M", 8, _PRECIOUS, years_here=1, ending=Ending(last=12, session="open")),
    Child("Ezra", "Vandermolen-Pike", "M", 7, _KIT, ending=Ending(joined=40, last=15, session="met")),
    Child("Caleb", "Thorncroft-Diaz", "M", 9, _DAN, looked_after=True, years_here=1),
    Child("Anaya", "Pellworth-Nair", "F", 10, _DAN, placement="part", years_here=2),
    Child(
        "Temi",
        "Adeyinka-Rowe",
        "M",
        9,
        _BRONWEN,
        years_here=2,
        adults=(Adult("Precious Adeyinka-Rowe", "mum", "", {"lives_with": True}),),
    ),
    Child("Rhys", "Culverhouse-Tait", "M", 10, _KIT, years_here=2),
    Child("Hanna", "Petrossian-Lowe", "F", 9, _KIT, years_here=2),
    Child("Jayden", "Whitlock-Ito", "M", 11, _KIT, placement="weekly", years_here=4),
    Child(
        "Esme",
        "Drabble-Fonseca",
        "F",
        8,
        _KIT,
        ending=Ending(joined=0, nothing_logged=True, session="open"),
    ),
    Child(
        "Nell", "Orchard-Bekele", "F", 12, _BRONWEN, years_here=5, ending=Ending(last=12, session="missed")
    ),
)
# Not on roll yet: starts next Monday.
NEWCOMER = Child("Tobias", "Nwachukwu-Reyes", "M", 7, "", placement="weekly")

SIGN_INS: tuple[tuple[str, str], ...] = (
    *(
        (post.sign_in, f"{post.name}, {post.job}")
        for post in (*OFFICE, *KEYWORKERS, *MENTORS, *TEACHERS)
        if post.sign_in
    ),
    ("parent", "Magda Wiśniewska, mum of Kacper and Zofia"),
    ("parent2", "Folake Oluwaseun, mum of Teddy"),
    ("student", "Kacper Wiśniewski-Brand, student"),
)
