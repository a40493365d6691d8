"""How this year's round stands for the people everyone meets who tries the demo; everyone else is left to chance.

Between them the first twelve have every state and every reason. A state is "in", "paper", "begun", "none", or a code
of ilsa.rules.NOT_TAKING_PART; "" leaves it to chance.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..people import Student


@dataclass(frozen=True, slots=True)
class Story:
    """`parents` in the order of their links; `agreed`: how many differences were talked over, None by chance.

    `late_paper`: last year a parent's paper came back more than 42 days after the keyworker's answers.
    """

    keyworker: str = ""
    pupil: str = ""
    parents: tuple[str, ...] = ()
    agreed: int | None = None
    late_paper: bool = False

    def parent(self, place: int) -> str:
        return self.parents[place] if place < len(self.parents) else ""


CHANCE = Story()
STORIES: dict[str, Story] = {
    # Three views and much to talk over.
    "Teddy": Story("in", "in", ("in", "no_reply"), agreed=2),
    "Bartholomew-James": Story("none", "none", ("none", "none")),
    # His own and his mum's are begun; his dad's came on paper.
    "Kacper": Story("in", "begun", ("begun", "paper"), agreed=0),
    "Aoife": Story("begun", "paper", ("declined",)),
    "Mo": Story("in", "in", ("paper",), agreed=99, late_paper=True),
    "Leila": Story("none", "none", ("none",)),
    "Saoirse": Story("in", "declined", ("not_asked", "not_asked")),
    "Noah": Story("none", "none", ("no_access",)),
    "Mei": Story("begun", "no_access", ("paper",)),
    "Yusuf": Story("in", "none", ("none",)),
    "Lottie": Story("none", "none", ("none",)),
    "Zofia": Story("in", "paper", ("in", "none"), agreed=1),
}


def story_of(student: Student) -> Story:
    return STORIES.get(student.child.forename, CHANCE) if student.child is not None else CHANCE
