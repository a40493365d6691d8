"""How this term stands for the people everyone meets who tries the demo: by name; everyone else by chance.

BJ is half done, as a tired keyworker finds him on a Monday; Kacper is asked for his own view and has goals to look
at; Teddy has two homes; Aoife said no to one sheet and something worrying in another; Mo is nearly grown up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..people import Student


@dataclass(frozen=True, slots=True)
class Story:
    """`baseline`: on_time, late, half, bj, none or "" for chance. Tools are done, begun, declined, none or ""; a
    conversation with home may be "alone": written by the parent with an account. With none, it is their turn.

    `goals` are states in order: see `goals.write_goal`; empty leaves them to chance.
    """

    baseline: str = ""
    voice: str = ""
    safe: int | None = None
    parents: tuple[str, ...] = ()  # one for each adult open to keywork
    strengths: str = ""
    regulation: str = ""
    home_view: bool = False
    checked: bool = False  # the student has agreed with what was written for them
    circle: str = ""
    goals: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    fixed: dict[str, str] = field(default_factory=dict)


CHANCE = Story()

# Areas 1 to 7 as far as BJ's baseline is: 31 of 54. 8 is "not answered yet".
BJ_RATINGS = (
    *(2, 3, 2, 2, 2, 2),
    *(3, 2, 1, 2, 2, 1),
    *(1, 2, 1, 2, 1, 1),
    *(2, 1, 3, 8, 8, 8),
    *(1, 0, 1, 1, 1, 1),
    *(2, 2, 1, 8, 8, 8),
    *(2, 8, 8, 8, 8, 8),
)

STORIES: dict[str, Story] = {
    "Bartholomew-James": Story(
        baseline="bj",
        voice="done",
        parents=("none", "none"),
        strengths="done",
        regulation="begun",
        circle="declined",
        goals=("lunch",),
        asks=("waiting mentor",),
        fixed={"circle": "I’d rather do this later."},
    ),
    "Kacper": Story(
        baseline="on_time",
        voice="none",
        parents=("none", "done"),
        strengths="done",
        regulation="done",
        checked=True,
        home_view=True,
        circle="done",
        goals=("scored 1", "partial", "asked"),
        asks=("waiting teacher", "answered mentor"),
    ),
    "Teddy": Story(
        baseline="half",
        voice="done",
        parents=("alone", "done"),
        strengths="done",
        regulation="done",
        home_view=True,
        circle="done",
        goals=("scored 0", "changed", "sent back"),
        asks=("waiting mentor", "excused teacher", "outside"),
    ),
    "Aoife": Story(
        baseline="late",
        voice="done",
        safe=1,
        parents=("done",),
        strengths="done",
        regulation="done",
        circle="declined",
        goals=("second", "scored -2", "withdrawn"),
        asks=("waiting teacher", "answered mentor"),
    ),
    "Mo": Story(
        baseline="on_time",
        voice="done",
        parents=("done",),
        strengths="done",
        regulation="done",
        circle="done",
        goals=("scored 2", "scored 0", "draft"),
        asks=("expired", "waiting teacher"),
    ),
    "Leila": Story(baseline="none", voice="begun"),
    "Saoirse": Story(baseline="on_time", voice="declined", parents=("declined",)),
    "Noah": Story(baseline="half", goals=("scored -1", "agreed")),
    "Mei": Story(baseline="on_time", goals=("scored 1", "scored 1")),
    "Yusuf": Story(baseline="late", voice="none", parents=("done",)),
    "Lottie": Story(baseline="none", voice="none", strengths="begun"),
    "Zofia": Story(baseline="on_time", voice="done", parents=("done", "begun"), circle="begun"),
}


def story_of(student: Student) -> Story:
    return STORIES.get(student.child.forename, CHANCE) if student.child is not None else CHANCE
