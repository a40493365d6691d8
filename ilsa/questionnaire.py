"""What the form of the Independent Living Skills Assessment is (schema keywork.ilsa-template/1): ten domains with their
questions. Pure.

What other code of Keywork computes with (the scoring, who rates, which domains there are) cannot be changed by a
document.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from questionnaires import common
from questionnaires.checks import flag, list_of, slug
from questionnaires.description import Answers, Audience, Property, Questionnaire, Sections

from . import rules

FIRST_YEAR, LAST_YEAR = 1, 14  # school years a question may usually apply from
YEARS = {None: "Every year"} | {year: f"Year {year}" for year in range(FIRST_YEAR, LAST_YEAR + 1)}

DOMAINS = Sections(
    key="domains",
    name="domain",
    stay="this order",
    properties=(
        common.TITLE,
        common.PUPIL_TITLE,
        common.purpose("the domain"),
        *common.TAGS_OF_SECTION,
    ),
    more=({}, {"related_tsp_areas": partial(list_of, of=slug, most=5)}),
    question="question",
    most_questions=30,
    least_questions=rules.LEAST_RATED,
    why_least="for a percentage",
    question_properties=(
        common.STAFF,
        common.STUDENT,
        common.PARENT,
        Property(
            "suggested_from_nc_year",
            label="Usually applies from",
            compared="Usually from Year",
            kind="number",
            choices=YEARS,
            empty="null",
            help="In earlier years “does not apply” is chosen already; people can always rate it instead.",
            note="Usually from Year {}",
        ),
        *common.TAGS,
    ),
    wording=common.WORDING,
    slug_of="pupil_wording",
)

ILSA = Questionnaire(
    app="ilsa",
    schema="keywork.ilsa-template/1",
    folder=Path(__file__).resolve().parent / "fixtures",
    name="independence form",
    a_name="an independence form",
    audiences=(
        Audience("staff", "Keyworkers", answer="label"),
        Audience("student", "Students", "Student", title="pupil_title", answer="pupil_label"),
        Audience("parent", "Parents and carers", "Parent or carer", answer="parent_label"),
    ),
    answers=Answers(
        lists=("scale", "non_scores"),
        fixed_beside={"in_scope": flag},
        names={
            rules.NOT_APPLICABLE: "No point: it does not apply",
            rules.NOT_SEEN: "No point: no chance to see it",
        },
        shown=lambda doc: [*doc["scale"], *reversed(doc["non_scores"])],
        properties=(
            Property("label", label="For staff", compared="{} for staff", kind="line"),
            Property(
                "pupil_label", label="For students", compared="{} for students", kind="line", beside=True
            ),
            Property(
                "parent_label",
                label="For parents and carers",
                compared="{} for parents and carers",
                kind="line",
                beside=True,
            ),
            Property("descriptor", label="What it means", compared="{} means", beside=True),
        ),
    ),
    sections=(DOMAINS,),
    # Keys of the document that only say what the code does; a document repeats them or leaves them out.
    fixed=("slug", "language", "vocabularies", "raters", "cadence", "scoring"),
    file_name="independence-form",
    about="The questions of the independence assessment, version by version. A round keeps the version it was opened "
    "with.",
    choose="Choose a domain to change its questions.",
    for_good="A round already open keeps the version it was opened with; the next round uses this one.",
    published="is published and is the form of the next round. Rounds already open keep the version they were opened "
    "with.",
    unchanged="Every question and every answer reads as before.",
)
