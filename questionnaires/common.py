"""Properties that more than one form has, for their descriptions. Pure."""

from __future__ import annotations

from dataclasses import replace

from .description import Property

TITLE = Property("title", label="Title", compared="Title", kind="line", missing="Write a title")
PUPIL_TITLE = Property(
    "pupil_title",
    label="Title for students",
    compared="Student title",
    kind="line",
    beside=True,
    missing="Write a title for students",
    note="Students read “{}”",
)


def purpose(of: str) -> Property:
    return Property(
        "purpose", label=f"What {of} is about", compared="Purpose", missing=f"Say what {of} is about"
    )


# The three wordings of a statement or question.
STAFF = Property(
    "statement",
    label="For staff",
    compared="Staff",
    help="What can be seen, in the third person.",
    missing="Write the wording for staff",
)
STUDENT = Property(
    "pupil_wording",
    label="For students",
    compared="Student",
    help="Begins with “I”. Short words, reading age 9.",
    missing="Write the wording for students",
)
PARENT = Property(
    "parent_wording",
    label="For parents and carers",
    compared="Parent or carer",
    help="What home would see. Reading age 11.",
    missing="Write the wording for parents and carers",
)
WORDING = {"staff": "statement", "student": "pupil_wording", "parent": "parent_wording"}
# The broad area of need and the outcome of preparing for adulthood, chosen for each question.
NEED = Property("ehcp_area_of_need", label="Area of need", compared="Area of need", kind="tag")
PFA = Property(
    "pfa_outcome",
    label="Preparing for adulthood",
    compared="Preparing for adulthood",
    kind="tag",
    beside=True,
)
TAGS = (NEED, PFA)
# Those of a section are as they were supplied, or those of the first question of one that was added.
TAGS_OF_SECTION = tuple(replace(one, label="") for one in TAGS)
