"""What the form of Tracking Social Progress is (schema keywork.tsp-template/1): nine areas with their statements, and the
soft tools. Pure.

What other code of Keywork computes with (the scoring, the windows, goal levels, which soft tools there are) cannot be
changed by a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from questionnaires import checks, common
from questionnaires.checks import Doc, Problem, Problems
from questionnaires.description import Answers, Audience, Property, Questionnaire, Sections

# Kinds of field anyone may add; the others are worked with by Keywork itself.
PLAIN_TYPES: Mapping[str, str] = {
    "text": "A line of text",
    "long_text": "Several lines of text",
    "tag_list": "A list of short words",
    "choice": "One choice of several",
    "date": "A date",
}
BUILT_IN_TYPES = frozenset(
    {
        "scale_0_4",
        "area_single",
        "area_multi",
        "item_single",
        "item_multi",
        "ehcp_outcome",
        "action_list",
        "table",
        "duration_minutes",
        "evidence",
    }
)
# What students and families may tick beside a statement (domain 2.3).
TICKS = ("Not yet", "Sometimes", "Yes", "Not sure")

_line = partial(checks.text, most=checks.TITLE)
_box = partial(checks.text, most=checks.WORDING)
_anchor = partial(
    checks.object_of, needs={"value": partial(checks.number, least=0, most=4), "descriptor": _box}, may={}
)
POINTS = ("Not yet seen", "Beginning", "Developing", "Mostly", "Secure")
ANCHORS = tuple(
    Property(
        f"anchor_{value}",
        label=f"{value} {point}",
        compared=f"Anchor {value}",
        heading="What each point looks like here" if value == 0 else "",
        at=("anchors", value, "descriptor"),
    )
    for value, point in enumerate(POINTS)
)


def _anchors(area: Doc, path: str) -> Problems:
    yield from checks.in_order(area["anchors"], f"{path}.anchors")


AREAS = Sections(
    key="areas",
    name="area",
    most=12,
    properties=(
        common.TITLE,
        common.PUPIL_TITLE,
        common.purpose("the area"),
        *common.TAGS_OF_SECTION,
        Property(
            "outside_link",
            compared="Linked framework",
            check=partial(checks.text_or_none, most=checks.WORDING),
            empty="absent",
        ),
        *ANCHORS,
    ),
    more=(
        {"anchors": partial(checks.list_of, of=_anchor, least=5, most=5)},
        {
            "ehcp_secondary": partial(checks.list_of, of=checks.TAGS["ehcp_area_of_need"], most=4),
            "pfa_secondary": partial(checks.list_of, of=checks.TAGS["pfa_outcome"], most=4),
        },
    ),
    blank=lambda: {"anchors": [{"value": value, "descriptor": ""} for value in range(5)]},
    also=_anchors,
    question="statement",
    question_properties=(common.STAFF, common.STUDENT, common.PARENT, *common.TAGS),
    wording=common.WORDING,
    slug_of="pupil_wording",
    beside_question="tsp/_form_propose.html",
    beside_section="tsp/_form_anchors.html",
)


def built_in(tool: Doc, field: Doc) -> bool:
    """Does Keywork itself work with this field? Then it is reworded and moved, never retired or changed in kind."""
    return field["type"] in BUILT_IN_TYPES or tool["slug"] == "goal-setting" or bool(field.get("required"))


def _fields(tool: Doc, path: str) -> Problems:
    for place, field in enumerate(tool["fields"]):
        here = f"{path}.fields[{place}]"
        options = field.get("options", [])
        if field["type"] == "choice" and not options:
            yield Problem(f"{here}.options", "is missing")
        if len(set(options)) != len(options):
            yield Problem(f"{here}.options", "has the same answer twice")
        if "default" in field and options and field["default"] not in options:
            yield Problem(f"{here}.default", "must be one of the options")
        if field["type"] == "table" and "columns" not in field:
            yield Problem(f"{here}.columns", "is missing")


def _meets(audience: str, tool: Doc) -> bool:
    """Staff meet every sheet, a student those with a student's title, and home those it fills in."""
    # Not above: the table needs Django, and what a form is does not.
    from ..sheets.soft_tools import FILLED_AT_HOME

    if audience == "parent":
        return tool["slug"] in FILLED_AT_HOME
    return audience != "student" or bool(tool.get("pupil_title"))


TOOLS = Sections(
    key="soft_tools",
    name="tool",
    word="sheet",
    counted="soft tool",
    within="on",
    stay="any order",
    alone=True,
    numbered=False,
    properties=(
        common.TITLE,
        Property(
            "pupil_title",
            label="Title for students",
            compared="Student title",
            kind="line",
            empty="null",
            beside=True,
            help="Leave it empty for a sheet students do not see.",
            note="Students read “{}”",
        ),
        Property("completed_by", compared="Filled in by", note="Filled in by {}"),
    ),
    more=(
        {
            "when": partial(checks.list_of, of=partial(checks.text, most=60), least=1, most=10),
            "visibility": partial(
                checks.object_of, needs={"default": _box, "share_with_parents": _box}, may={}
            ),
        },
        {"formats": partial(checks.list_of, of=_line, most=10)},
    ),
    meets=_meets,
    question="field",
    moves="field_move",
    questions="fields",
    question_properties=(
        Property("label", label="Label", compared="Label", kind="line"),
        Property(
            "type",
            label="What is filled in",
            kind="choice",
            choices=PLAIN_TYPES,
            check=partial(checks.one_of, allowed=frozenset(PLAIN_TYPES) | BUILT_IN_TYPES),
            once=True,
        ),
        Property(
            "options",
            label="Answers to choose from",
            compared="Answers",
            kind="lines",
            empty="absent",
            goes_with=("type", "choice"),
            help="One to a line.",
        ),
        Property(
            "pupil_label",
            label="Label for students",
            compared="Student label",
            kind="line",
            empty="absent",
            help="Only where students should read other words.",
        ),
        Property(
            "parent_label",
            label="Label for parents and carers",
            compared="Parent label",
            kind="line",
            empty="absent",
            help="Only where home should read other words.",
        ),
        Property("default", compared="Usual answer", kind="line", empty="absent"),
        Property("required", compared="Must be filled in", kind="flag", empty="absent"),
        Property(
            "sensitive",
            label="Sensitive",
            compared="Sensitive",
            kind="flag",
            empty="absent",
            help="Kept out of summaries and reports.",
        ),
        Property(
            "alert_if_at_most",
            compared="Prompts at or below",
            check=partial(checks.number, least=0, most=4),
            empty="absent",
        ),
        Property("alert", compared="Prompt", empty="absent"),
        Property(
            "columns",
            compared="Columns",
            check=partial(checks.list_of, of=_box, least=1, most=10),
            empty="absent",
        ),
        Property(
            "fixed_rows",
            compared="Rows",
            check=partial(checks.list_of, of=_line, least=1, most=20),
            empty="absent",
        ),
    ),
    more_of_question={"feeds": partial(checks.list_of, of=_line, most=5)},
    built_in=built_in,
    also=_fields,
    wording={"staff": "label", "student": "pupil_label", "parent": "parent_label"},
    slug_of="label",
    page="tsp/_form_tool.html",
)


def _may_answer(doc: Doc, audience: Audience, kind: Sections, question: Doc) -> list[str]:
    """Staff rate statements; students and families tick them. A field has its own answers, if any."""
    if kind is AREAS:
        if audience.slug != "staff":
            return list(TICKS)
        points = [f"{point['value']} {short_label(point['label'])}" for point in doc["scale"]]
        return [*points, doc["non_scores"][0]["label"]]
    if question["type"] == "scale_0_4":
        number = "{value} " if audience.slug == "staff" else ""
        return [(number + "{pupil_label}").format(**point) for point in doc["scale"]]
    return question.get("options", [])


def short_label(label: str) -> str:
    """ "Beginning" of "Beginning (with a lot of help)"."""
    return label.partition(" (")[0]


TSP = Questionnaire(
    app="tsp",
    schema="keywork.tsp-template/1",
    folder=Path(__file__).resolve().parents[1] / "fixtures",
    name="TSP form",
    a_name="a TSP form",
    audiences=(
        Audience("staff", "Staff", answer="label"),
        Audience("student", "Students", "Student", title="pupil_title", answer="pupil_label"),
        Audience("parent", "Parents and carers", "Parent or carer"),
    ),
    answers=Answers(
        name="scale",
        are="is",
        title="The scale",
        what="The five points",
        headed=False,
        fixed={"code": checks.words},
        properties=(
            Property("label", label="Point {} for staff", compared="{}", kind="line"),
            Property(
                "pupil_label",
                label="Point {} for students",
                compared="{} for students",
                kind="line",
                beside=True,
            ),
            Property("descriptor", label="What point {} means", compared="{} means"),
        ),
    ),
    sections=(AREAS, TOOLS),
    fixed=(
        "slug",
        "language",
        "vocabularies",
        "non_scores",
        "scoring",
        "windows",
        "main_form_sections",
        "gas",
    ),
    file_name="tsp-form",
    in_order=True,
    about="The statements and sheets of Tracking Social Progress, version by version. A record keeps the version it "
    "was made with.",
    choose="Choose an area or a sheet to change it.",
    for_good="TSPs already begun keep the version they were begun with; new ones use this one.",
    published="is published and is the form from now on. Records made before keep the version they were made with.",
    unchanged="Every statement and every sheet reads as before.",
    whole_file="Every statement and field of the version in use must be in the file, in use or retired.",
    preview=_may_answer,
)
