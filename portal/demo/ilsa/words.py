"""What people write beside an answer, why somebody takes no part, and what was agreed: short, kind, of what was seen.

{n} is the student, {adult} the parent or carer.
"""

from __future__ import annotations

from typing import Final

STAFF_NOTES: Final = {
    "fc-hot-meal": "Made pasta from the picture recipe in food technology; we stood by at the hob.",
    "fc-hygiene-storage": "Checks dates on the milk without being asked. Leftovers are newer.",
    "mo-pay": "Paid at the garden centre and waited for the receipt.",
    "mo-save": "Has put money by for headphones since half-term.",
    "tc-familiar-route": "Walked to the post box and back with one of us ten steps behind.",
    "tc-public-transport": "Rang the bell for the stop on the way to the pool.",
    "he-say-unwell": "Uses the body picture to show where it hurts.",
    "he-mind": "Asked for the quiet room twice this month before things grew.",
    "sa-fire-drill": "Went to the right door in both drills, ear defenders on.",
    "di-message": "Writes to the club about times and reads it through first.",
    "rl-sort-out": "Went back the same day and talked it over, with one of us near.",
    "wt-timetable": "Looks at the board first thing and tells others what is next.",
    "wt-complete": "Finishes the list in the garden; in class the last step still slips.",
    "hl-washing-up": "Does the breakfast things in the flat without a word from us.",
}
PARENT_NOTES: Final = {
    "pc-teeth": "Morning yes, evening only if we say so.",
    "pc-dress": "Coats are a battle, everything else is fine.",
    "fc-drink-snack": "Toast and tea for all of us on Sundays.",
    "hl-laundry": "Puts it in the machine. Getting it out again is another story.",
    "mo-save": "The tin on the shelf is nearly full.",
    "tc-road": "Fine on our road, not in town.",
    "he-routine": "Better since the phone stays downstairs.",
    "rl-keep-touch": "Rings Grandma every week.",
}
STUDENT_NOTES: Final = {
    "fc-hot-meal": "I make the best omelette.",
    "hl-tidy-room": "I know where everything is.",
    "mo-save": "I am saving up.",
    "tc-plan-journey": "I want to learn this.",
    "di-balance": "This is hard at weekends.",
    "rl-hobby": "Every day.",
    "wt-ready": "Only if there is no noise.",
}
NOTES: Final = {"keyworker": STAFF_NOTES, "parent_carer": PARENT_NOTES, "pupil": STUDENT_NOTES}

AGREED: Final = {
    "one_place": (
        "{n} does this in one place and not yet in the other. We begin where it goes well.",
        "At home it is part of the evening, here nobody had asked. We will try it here too.",
    ),
    "different_help": (
        "We help in different ways. From now on we all wait a minute before we say anything.",
        "A reminder on the wall is enough at home. We will put one up here as well.",
    ),
    "different_standard": (
        "We looked at what “done” means and wrote it on a card together.",
        "Each of us had something else in mind. We agreed on what is good enough for every day.",
    ),
    "recent_change": (
        "This is new since half-term: {n} was proud to show us.",
        "It was harder for some weeks and is coming back. We look again at Easter.",
    ),
    "misread": (
        "The question was about doing it alone. We read it again together and agreed.",
        "{n} was thinking of another kind of day. Reading it again settled it.",
    ),
}
MISSING: Final = {
    "parent_carer": {
        "not_asked": ("It is not the time to ask {adult} for one more thing.", ""),
        "declined": ("{adult} would rather talk it over at the review.", "{adult} said that once is enough."),
        "no_reply": ("Asked by letter and by phone.", "Sent twice; {adult} has a new number.", ""),
        "no_access": ("The paper was not in {adult}’s language and no interpreter was free.",),
    },
    "pupil": {
        "not_asked": ("{n} was not well in these weeks.", ""),
        "declined": ("{n} would rather not this year, and that is fine.", "“I did that last year.”"),
        "no_reply": ("{n} took the sheet and has not brought it back.",),
        "no_access": ("There is no form with enough pictures for {n} yet.",),
    },
}
HELPED: Final = ("", "", "", "Tunde Ashgrove", "An older sister", "The art teacher")
