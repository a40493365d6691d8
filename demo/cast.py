"""The people everyone who tries the demo meets, and how each of their stories stands today: `texts/cast.json`.

Everyone else is drawn at random. What a post or a child says there:

- `sign_in`: the part before the @ of a demo sign-in; `reach`: how staff say they are reached;
- `values` of a child: fields of Student; `keyworker`: a name, "" for nobody, none to draw one; `years_here`; `adults` with
  the fields of FamilyLink in `link`, some with an `account`;
- `ending`, in days before today, moved to a day with school: `joined`, `last` (home last reached; none leaves it to
  habit), `tries` (days ago, channel, how far it got), `session` (met, part, open, declined, missed, absent, met_late),
  `hold` (its first and last day, from today), `leaves_in`, `nothing_logged`;
- `tsp`: `baseline` (on_time, late, last: of the days on which it can be late, half, bj, none), tools (done, begun,
  declined, none; a conversation with home may be "alone", written by the parent with an account), `voice_says`, `goals`
  (see `goals`), `asks` (see `sheets`);
- `ilsa`: `keyworker`, `pupil`, `parents` in the order of their links: "in", "paper", "begun", "none", or why they take no
  part; `agreed`: how many differences were talked over; `late_paper`: last year a paper came back more than 42 days late.

What is not said is left to chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keywork.production import DEMO_DOMAIN

from .words import texts

DOMAIN = DEMO_DOMAIN
PASSWORD = "keywork-demo"
SCHOOL = "Aldermere School"
PEOPLE = texts("people")
_CAST = texts("cast")
STAFF: Mapping[str, tuple[Mapping[str, Any], ...]] = _CAST["staff"]
# In this order: a school of twelve has the first twelve. The newcomer is not on roll yet: starts next Monday.
CHILDREN: tuple[Mapping[str, Any], ...] = _CAST["children"]
NEWCOMER: Mapping[str, Any] = _CAST["newcomer"]
BJ_RATINGS: tuple[int | None, ...] = _CAST["bj_ratings"]  # none where he was not rated yet
_STAFF = [post for posts in STAFF.values() for post in posts]
NAMES = {post["name"] for post in _STAFF} | {
    "{legal_forename} {legal_surname}".format_map(one["values"]) for one in (*CHILDREN, NEWCOMER)
}
SIGN_INS: tuple[tuple[str, str], ...] = (
    *((post["sign_in"], f"{post['name']}, {post['job']}") for post in _STAFF if "sign_in" in post),
    ("parent", "Magda Wiśniewska, mum of Kacper and Zofia"),
    ("parent2", "Folake Oluwaseun, mum of Teddy"),
    ("student", "Kacper Wiśniewski-Brand, student"),
)
