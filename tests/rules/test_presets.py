"""Domain 4, written out by hand: what each preset does in the end, where its document says something or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from keywork.policy import DropIn, FirstYearRole, Policy, Post16Liaison, RecordLabels, presets

SCHOOLS = ("breckenbrough", "ies-breckland", "colton-hills")
ALL_RATERS = ("keyworker", "parent_carer", "pupil")
AGENDA = ("ehcp_outcomes", "safeguarding_plans", "ihp_updates", "tsp_targets", "agreed_strategies")
FOUR_PLANS = ("safeguarding_support_plan", "individual_health_plan", "risk_profile", "student_support_plan")
THREE_TOPICS = ("attendance", "engagement", "social_progress")
ON_REQUEST = "on_request_for_review"

# A parameter: Breckenbrough, IES Breckland, Colton Hills. Where a document is silent stands what is done then.
TABLE: dict[str, tuple[Any, Any, Any]] = {
    "contact_required": (True, False, True),
    "contact_interval_days": (14, 14, None),
    "contact_channels": (
        ("phone", "text", "email"),
        ("email",),
        ("planner", "phone", "email", "postcard"),
    ),
    "contact_one_way_counts": (True, True, True),
    "holiday_rule": ("count", "pause", None),
    "session_window": ("half_term", "week", "none"),
    "session_min_per_window": (1, 1, 1),
    "session_max_per_week": (None, 2, None),
    "session_lengths_minutes": ((), (20, 60), ()),
    "session_required_topics": (THREE_TOPICS, (), ()),
    "drop_in": (
        None,
        DropIn(("morning_break", "lunch", "after_school"), ("15:15", "15:30")),
        DropIn(("as_needed",)),
    ),
    "staff_check_up_interval_days": (None, 7, None),
    "caseload_cap": (5, None, None),
    "eligibility": (("all_students",), ("ehcp_or_statement", "additional_needs"), None),
    "keyworker_change_reasons": (
        ("student_request", "relationship_settled_elsewhere"),
        Policy().keyworker_change_reasons,
        Policy().keyworker_change_reasons,
    ),
    "tsp_baseline_due_pupil_day": (10, 10, 10),
    "tsp_report_cadence": (("termly", ON_REQUEST), (), (ON_REQUEST,)),
    "ilsa_cadence": ("annual", "none", "none"),
    "ilsa_raters": (ALL_RATERS, (), ()),
    "review_pre_meeting_minutes": (30, None, None),
    "review_pre_meeting_agenda": (AGENDA, AGENDA, AGENDA),
    "review_attendance": ("as_required", "as_required", "required"),
    "target_review_cadence": ("termly", "termly", "termly"),
    "plans_maintained_by_keyworker": (FOUR_PLANS, (), ("individual_pupil_profile", "pupil_file")),
    "first_year_contact_role": (FirstYearRole("Transition Manager", 12), None, None),
    "post16_liaison": (
        Post16Liaison(11, 6, ("Post-16 coordinator", "Head of Social Education")),
        None,
        None,
    ),
    "conflict_resolution_first_contact": (("keyworker", "academic_mentor"), None, None),
    "records_location_labels": (
        RecordLabels("Home Contact tab", "Keywork tab"),
        RecordLabels("Key Worker Log", "Key Worker Log"),
        RecordLabels("pupil's file", "pupil's file"),
    ),
    # Derived of them: whether a clock runs at all, and whether holidays stand still.
    "runs_contact_clock": (True, False, False),
    "pauses": (False, True, False),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_each_preset_does(name):
    found = presets()
    assert tuple(getattr(found[school], name) for school in SCHOOLS) == TABLE[name]


@pytest.mark.parametrize("school", SCHOOLS)
def test_who_is_to_have_a_keyworker(school):
    policy = presets()[school]
    given = {status: policy.gives_keyworker(status) for status in ("E", "K", "N", "")}
    assert given == {"E": True, "K": True, "N": school != "ies-breckland", "": True}


@pytest.mark.parametrize(
    ("school", "said"),
    [
        ("breckenbrough", "The Head of Social Education names a keyworker for each student."),
        ("ies-breckland", "The SENCo names a Key Worker for each student."),
        ("colton-hills", "The SENDCO names a key worker for each pupil."),
    ],
)
def test_in_the_words_of_each(school, said):
    text = "The Head of Social Education names a keyworker for each student."
    assert presets()[school].worded(text) == said


def test_what_no_document_says_is_the_default():
    unsaid = {name for name in vars_of(Policy()) if name not in TABLE} - {"vocabulary", "assigned_by"}
    for policy in presets().values():
        assert {name: getattr(policy, name) for name in unsaid} == {
            name: getattr(Policy(), name) for name in unsaid
        }


def vars_of(policy: Policy) -> tuple[str, ...]:
    return tuple(type(policy).__dataclass_fields__)
