"""The soft tools that are sheets, a row a tool: who fills it, who reads it, when it is due, what stands on its pages.

What is said of a tool anywhere is said from this table, "who can read this" too. The rules that read the permissions
of a row are in tsp.sheets.permissions. Goal setting is `tsp.models.Goal` (domain 2.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from django.db import models

from keywork.access import Can
from keywork.words import filled, translated_lazy, worded, worded_lazy

Home = Literal["never", "if the student said so", "whoever follows the child", "the one who gave it"]


class Tool(models.TextChoices):
    """Slugs of the form."""

    VOICE = "student-voice", worded_lazy("Student voice sheet")
    PARENT = "parent-conversation", "Parent and carer conversation sheet"
    STRENGTHS = "strengths-interests", "Strengths and interests profile"
    REGULATION = "regulation-map", "Regulation map"
    CIRCLE = "social-circle-map", "Social circle map"
    TEAM = "team-input", "Team input round-up"
    OBSERVATION = "observation-note", "Quick observation"
    RESTORATIVE = "restorative-record", "Restorative conversation record"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftTool:
    """One soft tool. `title` is its line in the workspace, "" where it has none there."""

    icon: str
    title: str = ""
    home_title: str = ""  # on the pages of parents
    student_title: str = ""  # on the student's own pages, with what to expect and who reads it
    student_hint: str = ""
    student_readers: str = ""

    # Who: which staff know of it, read it when it is done, fill it in; the student; home.
    staff_know: Can = Can.VIEW_SHEETS
    staff_read: Can = Can.VIEW_SHEETS
    staff_fill: Can = Can.FILL_SHEETS
    each_their_own: bool = False  # an entry of one member of staff: nobody else changes it
    student_turn: int = 0  # the student fills it in too, and is asked for it in this order
    home: Home = "never"
    home_fills: bool = False  # on their own page, in a parent's words
    readers: str = ""  # who can read it in words, of {student} and {member}

    of_a_term: bool = False  # it serves one term; the others stand until a newer one is done
    counted: bool = False  # the class page counts it among what a term asks for
    one_at_a_time: bool = False  # one unfinished sheet a student
    files: bool = False  # pictures and recordings may stand in for words
    ticks: bool = False  # statements of the form may be ticked in it
    school_answers: frozenset[str] = frozenset()  # questions that neither student nor home is asked

    @property
    def student(self) -> bool:
        return self.student_turn > 0


_ALL_READ = "Every member of staff, {student}, and those who follow {student} at home"
_ALL_READ_IT = "All adults at school and the people at home can read it, so that they know what helps."

TOOLS: Final[Mapping[str, SoftTool]] = {
    Tool.VOICE: SoftTool(
        icon="chat-bubble-left-right",
        title=worded_lazy("Student voice"),
        home_title=translated_lazy("What goes well, and what is hard"),
        student_title=translated_lazy("What goes well for me, and what is hard"),
        student_hint=translated_lazy("You can write, draw or talk."),
        student_readers="The adults in my team read it.",
        student_turn=1,
        home="if the student said so",
        readers="{student} and the core team",
        of_a_term=True,
        counted=True,
        one_at_a_time=True,
        files=True,
        ticks=True,
    ),
    Tool.PARENT: SoftTool(
        icon="home",
        title="Talk with home",
        home_title=translated_lazy("What you told us"),
        home="the one who gave it",
        home_fills=True,
        readers="{member} and the core team",
        of_a_term=True,
        counted=True,
        ticks=True,
        school_answers=frozenset({"agreed-actions"}),
    ),
    Tool.STRENGTHS: SoftTool(
        icon="star",
        title="Strengths and interests",
        home_title=translated_lazy("Strengths and interests"),
        student_title=translated_lazy("What I am good at and what I like"),
        student_hint=translated_lazy("A few words are enough."),
        student_readers=_ALL_READ_IT,
        staff_read=Can.VIEW_STRATEGIES,
        student_turn=2,
        home="whoever follows the child",
        readers=_ALL_READ,
        counted=True,
        one_at_a_time=True,
        files=True,
        school_answers=frozenset({"use-in-plan"}),
    ),
    Tool.REGULATION: SoftTool(
        icon="heart",
        title="Regulation map",
        home_title=translated_lazy("What helps, and what does not"),
        student_title=translated_lazy("My regulation map"),
        student_hint=translated_lazy("What I feel, and what helps me."),
        student_readers=_ALL_READ_IT,
        staff_read=Can.VIEW_STRATEGIES,
        student_turn=4,
        home="whoever follows the child",
        home_fills=True,
        readers=_ALL_READ,
        counted=True,
        one_at_a_time=True,
        files=True,
    ),
    Tool.CIRCLE: SoftTool(
        icon="user-circle",
        title="Social circle",
        home_title=translated_lazy("The people around them"),
        student_title=translated_lazy("People around me"),
        student_hint=translated_lazy("You make a map of your people."),
        student_readers="Only my keyworker, the deputy and the person who keeps us safe can see it.",
        staff_know=Can.VIEW_CIRCLE,
        staff_read=Can.VIEW_CIRCLE,
        student_turn=3,
        home="if the student said so",
        readers="{student}, the keyworker, the deputy and the safeguarding lead",
        one_at_a_time=True,
        files=True,
    ),
    Tool.TEAM: SoftTool(
        icon="user-group",
        title="Team input",
        staff_fill=Can.ADD_INPUT,
        each_their_own=True,
        readers="The core team, and whoever wrote it",
        of_a_term=True,
    ),
    Tool.OBSERVATION: SoftTool(
        icon="eye",
        staff_fill=Can.OBSERVE,
        each_their_own=True,
        readers="The core team",
    ),
    Tool.RESTORATIVE: SoftTool(
        icon="hand-raised",
        staff_fill=Can.RECORD_RESTORATIVE,
        readers="The core team",
    ),
}

IN_COLUMN: Final = tuple(tool for tool, one in TOOLS.items() if one.title)
OF_A_TERM: Final = tuple(tool for tool, one in TOOLS.items() if one.of_a_term)
ONE_AT_A_TIME: Final = tuple(tool for tool, one in TOOLS.items() if one.one_at_a_time)
STUDENT_TOOLS: Final = tuple(
    sorted((tool for tool, one in TOOLS.items() if one.student), key=lambda tool: TOOLS[tool].student_turn)
)
# Who is asked or reads it besides staff: what Keywork translates.
OF_FAMILIES: Final = tuple(tool for tool, one in TOOLS.items() if one.student or one.home != "never")
# The student is asked each time whether home may see it.
ASKED_TO_SHARE: Final = tuple(tool for tool, one in TOOLS.items() if one.home == "if the student said so")
AT_HOME: Final = tuple(tool for tool, one in TOOLS.items() if one.home_title)
FILLED_AT_HOME: Final = tuple(tool for tool, one in TOOLS.items() if one.home_fills)
READ_AT_HOME: Final = tuple(tool for tool, one in TOOLS.items() if one.home == "whoever follows the child")


def readers(tool: str, *, student: str | None = None, member: str = "the parent or carer who gave it") -> str:
    """Who can read a sheet of this tool, as the beginning of a line."""
    words = filled(TOOLS[tool].readers, student=student or worded("the student"), member=member)
    return words[:1].upper() + words[1:]
