"""The people everyone who tries the demo meets, and how each of their stories stands today: `texts/cast.json`.

Everyone else is drawn at random. What a post or a child says there:

- `sign_in`: the part before the @ of a demo sign-in; `reach`: how staff say they are reached;
- `keyworker` of a child: a name, "" for nobody, none to draw one; `years_here`; `adults` with the fields of FamilyLink
  in `link`, some with an `account`;
- `ending`, in days before today, moved to a day with school: `joined`, `last` (home last reached; none leaves it to
  habit), `tries` (days ago, channel, how far it got), `session` (met, part, open, declined, missed, absent, met_late),
  `hold` (began days ago, ends in days), `leaves_in`, `waiting` (a contact this long ago, written down yesterday, waits
  to be approved), `nothing_logged`, `restricted` (an entry few may read);
- `tsp`: `baseline` (on_time, late, last: of the days on which it can be late, half, bj, none), tools (done, begun, declined, none; a conversation with home may be
  "alone", written by the parent with an account), `voice_says`, `goals` (see `tsp.goals`), `asks` (see `tsp.sheets`);
- `ilsa`: `keyworker`, `pupil`, `parents` in the order of their links: "in", "paper", "begun", "none", or why they take no
  part; `agreed`: how many differences were talked over; `late_paper`: last year a paper came back more than 42 days late.

What is not said is left to chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keywork.production import DEMO_DOMAIN

from .texts import texts

DOMAIN = DEMO_DOMAIN
PASSWORD = "keywork-demo"
SCHOOL = "Aldermere School"
PEOPLE = texts("people")
_TEXTS = texts("cast")


@dataclass(frozen=True, slots=True)
class Post:
    """A member of staff."""

    name: str
    job: str
    roles: str = "staff"
    sign_in: str = ""
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Adult:
    """A parent or carer."""

    name: str
    relationship: str
    sign_in: str = ""
    link: Mapping[str, Any] = field(default_factory=dict)
    account: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    forename: str
    surname: str
    sex: str
    year: int
    keyworker: str | None = None
    preferred: str = ""
    pronouns: str = ""
    placement: str = "day"
    language: str = ""
    read_first: str = ""
    sign_in: str = ""
    looked_after: bool = False
    years_here: int | None = None
    ending: Mapping[str, Any] = field(default_factory=dict)
    adults: tuple[Mapping[str, Any], ...] = ()
    tsp: Mapping[str, Any] = field(default_factory=dict)
    ilsa: Mapping[str, Any] = field(default_factory=dict)


STAFF: dict[str, tuple[Post, ...]] = {
    kind: tuple(Post(**one) for one in _TEXTS[kind])
    for kind in ("office", "keyworkers", "mentors", "teachers", "leavers")
}
# In this order: a school of twelve has the first twelve. The newcomer is not on roll yet: starts next Monday.
CHILDREN = tuple(Child(**one) for one in _TEXTS["children"])
NEWCOMER = Child(**_TEXTS["newcomer"])
NAMES = {f"{one.forename} {one.surname}" for one in (*CHILDREN, NEWCOMER)}
NAMES |= {post.name for posts in STAFF.values() for post in posts}

SIGN_INS: tuple[tuple[str, str], ...] = (
    *(
        (post.sign_in, f"{post.name}, {post.job}")
        for posts in STAFF.values()
        for post in posts
        if post.sign_in
    ),
    ("parent", "Magda Wiśniewska, mum of Kacper and Zofia"),
    ("parent2", "Folake Oluwaseun, mum of Teddy"),
    ("student", "Kacper Wiśniewski-Brand, student"),
)
