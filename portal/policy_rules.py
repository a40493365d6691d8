"""Every parameter of the policy as the school reads it: where it stands, its name, one plain sentence, its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from care.reviews.heads import HEADS
from contacts.models import HomeContact
from keywork.policy import Policy, plural
from keywork.words import worded

COUNT = {True: "They count", False: "They do not count"}
YES = {True: "Yes", False: "No"}
TOPICS = {one.value: one.label for one in HomeContact.Topic}
WAYS = {
    one.value: one.label
    for one in HomeContact.Channel
    if one not in (HomeContact.Channel.MEETING, HomeContact.Channel.VIDEO)  # these always count
    and one != HomeContact.Channel.MESSAGE  # as an e-mail does
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` are values as people say them, `unit` one of what a number counts, `off` what no value is called,
    `parts` the labels of a value that has several."""

    area: str
    label: str
    sentence: str
    words: Mapping[Any, str] = field(default_factory=dict)
    unit: str = ""
    off: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


HOME, SESSIONS, PEOPLE, TSP, ILSA, REVIEWS, SAFETY, WORDS = (
    "Contact with home",
    "Keywork sessions",
    "Keyworkers",
    "Social progress (TSP)",
    "Independence (ILSA)",
    "Reviews and plans",
    "Safety",
    "Words",
)

RULES: Mapping[str, Rule] = {
    "contact_required": Rule(HOME, "Contact with home is owed", "Whether we must speak with each home again and again.", YES),
    "contact_interval_days": Rule(HOME, "Days between contacts with home", "The longest time a family waits before we speak with them again.", unit="day", off="No limit"),
    "contact_amber_days": Rule(HOME, "Warn beforehand", "How many days before the due date it turns “due soon”.", unit="day"),
    "contact_channels": Rule(HOME, "Ways that count", "How we may reach a family so that it counts as contact. Meetings and video calls always count, and a message in Keywork where an e-mail does.", WAYS),
    "contact_one_way_counts": Rule(HOME, "Messages without an answer", "Whether a text, e-mail or letter that arrived counts without a reply.", COUNT),
    "contact_voicemail_counts": Rule(HOME, "Voicemail", "Whether a message left on the phone counts.", {True: "It counts", False: "Only a try"}),
    "contact_two_way_max_gap_days": Rule(HOME, "Days between real conversations", "The longest time without a contact in which both sides spoke or wrote.", unit="day", off="No limit"),
    "contact_attempts_for_escalation": Rule(HOME, "Tries before we say “attempted”", "After how many tries a missed date is put down to the family not being reachable.", parts={"attempts": "Tries", "distinct_days": "On how many days", "distinct_channels": "In how many ways"}),
    "misses_before_senior_leadership": Rule(HOME, "Missed again and again", "How often the same thing is missed of one student in a term before senior leadership is told.", unit="time", off="They are not told"),
    "contact_late_log_days": Rule(HOME, "Written down late", "After how many days a contact that is written down is marked as late.", unit="day"),
    "contact_backdate_limit_days": Rule(HOME, "Written down too late to count", "After how many days a contact counts only once it is approved.", unit="day"),
    "holiday_rule": Rule(HOME, "Holidays", "Whether days in the holidays count towards those days.", {"count": "They count", "pause": "The clock stands still"}, off="Not said"),
    "long_closure_check_in": Rule(HOME, "Check-in in a long holiday", "Contacts owed in a long holiday while the clock stands still.", off="None", parts={"min_days": "In a holiday of at least so many days", "contacts": "Contacts owed"}),
    "session_window": Rule(SESSIONS, "How often", "The time in which a keyworker sits down with each student.", {"half_term": "Each half-term", "week": "Each week", "term": "Each term", "none": "No set time"}),
    "session_min_per_window": Rule(SESSIONS, "Sessions in that time", "How many are owed at least.", unit="session"),
    "session_max_per_week": Rule(SESSIONS, "Most in a week", "How many a student should have at most in a week.", unit="session", off="No limit"),
    "session_lengths_minutes": Rule(SESSIONS, "Lengths offered", "The lengths that the form offers, in minutes. Any other can be typed.", unit="minute"),
    "session_required_topics": Rule(SESSIONS, "What must be talked about", "What the sessions of that time cover between them.", TOPICS),
    "session_min_available_pupil_days": Rule(SESSIONS, "Least days at school", "A student with fewer days at school in that time is owed no session.", unit="school day"),
    "session_declines_for_declined_status": Rule(SESSIONS, "A student’s no", "On how many days a session was offered before it is called declined.", unit="day"),
    "drop_in": Rule(SESSIONS, "Drop-in", "When a student may come by without an appointment.", {"morning_break": "Morning break", "lunch": "Lunch", "after_school": "After school", "as_needed": "As needed"}, off="None", parts={"times": "Times", "after_school": "After school, from and to (like 15:15)"}),
    "staff_check_up_interval_days": Rule(SESSIONS, "Check-up with teachers", "How often all teachers of a student are asked how it goes.", unit="day", off="Never"),
    "caseload_cap": Rule(PEOPLE, "Students of one keyworker", "More than this needs a reason.", unit="student", off="No limit"),
    "eligibility": Rule(PEOPLE, "Who has a keyworker", "The students who are given one.", {"all_students": "All students", "ehcp_or_statement": "Those with an EHC plan", "additional_needs": "Those with additional needs"}, off="Not said"),
    "assigned_by": Rule(PEOPLE, "Who decides", "Who gives each student a keyworker. Families read this."),
    "keyworker_change_reasons": Rule(PEOPLE, "Reasons for a change", "The reasons that can be chosen when a keyworker changes.", {"student_request": "The student asked", "relationship_settled_elsewhere": "The student has settled with somebody else", "staff_left": "The keyworker left", "staff_absence": "The keyworker is away", "workload": "Workload", "other": "Other"}),
    "handover_grace_days": Rule(PEOPLE, "New in post", "A keyworker in post for fewer days is not charged with a missed date.", unit="day"),
    "tsp_baseline_due_pupil_day": Rule(TSP, "Baseline", "By which school day of the term it is done.", unit="school day"),
    "tsp_baseline_new_student_pupil_day": Rule(TSP, "Baseline of a new student", "By which of their own school days it is done.", unit="school day"),
    "tsp_review_window_pupil_days": Rule(TSP, "Closing review", "How many school days before the end of term it opens.", unit="school day"),
    "tsp_goal_weights": Rule(TSP, "Goals carry a weight", "Whether some goals count for more, by importance and difficulty.", YES),
    "tsp_report_cadence": Rule(TSP, "Reports", "When a TSP report is made.", {"termly": "Each term", "on_request_for_review": "For a review, when asked for"}),
    "ilsa_cadence": Rule(ILSA, "How often", "How often independence is assessed.", {"annual": "Once a year", "none": "Not at all"}),
    "ilsa_headline_source": Rule(ILSA, "Whose figure leads", "Which figure the picture over the years shows first.", {"keyworker": "The keyworker’s", "agreed": "The one agreed"}),
    "ilsa_parents_see_each_other": Rule(ILSA, "Parents see each other’s answers", "Whether parents and carers of one child see how the other answered.", YES),
    "ilsa_raters": Rule(ILSA, "Who answers", "Who says how independent a student is.", {"keyworker": "Keyworker", "parent_carer": "Parent or carer", "pupil": "Student"}),
    "review_pre_meeting_minutes": Rule(REVIEWS, "Talk before a review", "How long keyworker and parents talk before the review of the EHC plan.", unit="minute", off="None"),
    "review_pre_meeting_agenda": Rule(REVIEWS, "What that talk is about", "Its standing agenda.", HEADS),
    "review_pre_meeting_within_days": Rule(REVIEWS, "When that talk is", "At most so many days before the review.", unit="day"),
    "review_attendance": Rule(REVIEWS, "Keyworkers at reviews", "Whether the keyworker comes to the review.", {"required": "Always", "as_required": "Where it is asked for"}),
    "target_review_cadence": Rule(REVIEWS, "Targets", "How often targets are set and looked at again.", {"termly": "Each term", "half_termly": "Each half-term", "annual": "Once a year"}),
    "plans_maintained_by_keyworker": Rule(REVIEWS, "Plans of the keyworker", "The plans that a keyworker keeps up to date.", {"safeguarding_support_plan": "Safeguarding support plan", "individual_health_plan": "Individual health plan", "risk_profile": "Risk profile", "student_support_plan": "Student support plan", "individual_pupil_profile": "Individual pupil profile", "pupil_file": "Pupil file"}),
    "first_year_contact_role": Rule(REVIEWS, "A student’s first year", "Who supports the keyworker in it.", off="Nobody", parts={"role": "Role", "months": "For how many months"}),
    "post16_liaison": Rule(REVIEWS, "The move to sixth form", "When it is prepared, and by whom.", off="Not prepared", parts={"nc_year": "In year", "months_before_sixth_form": "Months before", "roles": "Roles"}),
    "conflict_resolution_first_contact": Rule(REVIEWS, "After a conflict", "Who speaks with those in it first.", {"keyworker": "Keyworker", "academic_mentor": "Academic mentor"}, off="Not said"),
    "message_answer_days": Rule(HOME, "Answers to families", "Within how many school days we answer what a family or a student asks here. Their page says it.", unit="school day"),
    "worry_answer_minutes": Rule(SAFETY, "“I do not feel safe”", "How long it may wait for an answer before those who lead are told again.", unit="minute"),
    "records_location_labels": Rule(WORDS, "Names of your logs", "What the school calls them; empty for Keywork’s own words.", parts={"contact": "Contacts with home", "session": "Keywork sessions"}),
    "vocabulary": Rule(WORDS, "Words", "What the school says for these three; empty for Keywork’s own words.", parts={"student": "Student", "keyworker": "Keyworker", "senco": "SENCo"}),
}  # fmt: skip

AREAS = tuple(dict.fromkeys(rule.area for rule in RULES.values()))


def in_words(name: str, value: Any) -> str:
    """A value of this parameter, as it stands on the page: "14 days", "Phone call, Text"."""
    rule = RULES[name]
    if value is None:
        return rule.off or "None"
    if value in ((), ""):
        return "None"
    if is_dataclass(value):
        return "; ".join(_part(rule, value, part.name) for part in fields(value))
    if isinstance(value, tuple):
        said = [worded(rule.words.get(one, str(one).replace("_", " "))) for one in value]
        return f"{', '.join(said)}{' minutes' if rule.unit == 'minute' else ''}"
    if rule.words:
        return worded(rule.words[value]) if value in rule.words else str(value)
    if rule.unit:
        return f"{value} {worded(rule.unit if value == 1 else plural(rule.unit))}"
    return str(value)


def _part(rule: Rule, value: Any, part: str) -> str:
    found = getattr(value, part)
    if isinstance(found, tuple):
        found = ", ".join(rule.words.get(one, one) for one in found)
    return f"{rule.parts[part]}: {found if found not in (None, '') else '–'}"


def own(policy: Policy, preset: Policy) -> set[str]:
    """The parameters in which a school differs from its preset."""
    return {name for name in RULES if getattr(policy, name) != getattr(preset, name)}
