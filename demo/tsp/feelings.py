"""How some students said they felt, on some of the last school days. Nobody has to, and most say nothing."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from .rows import Pen, at

_DAY = timedelta(days=1)
_LAST_DAYS = 21
_SAYS_IT = 0.16  # of the students who are not of the cast
_WORDS: dict[str, tuple[str, ...]] = {
    "good": ("We made soup.", "No bell today.", "My turn on the swing.", "Quiet bus.", ""),
    "okay": ("", "", "Same as yesterday.", "Bit loud at lunch."),
    "tired": ("I woke up early.", "Long week.", ""),
    "worried": ("The trip on Thursday.", "I do not know who has me next.", ""),
    "angry": ("They changed the room.", "Somebody took my seat.", ""),
}
_WEIGHTS = (("good", 34), ("okay", 34), ("tired", 18), ("worried", 7), ("angry", 7))
# By name: who is worried just now, so that a keyworker finds it on Today. Kacper, who signs in, has not said.
_WORRIED = "Teddy"
_NOT_YET = "Kacper"


def feelings_of(pen: Pen, rng: Random) -> None:
    student, school = pen.student, pen.school
    cast = student.child is not None
    if student.left is not None or not (cast or rng.random() < _SAYS_IT):
        return
    name = student.child.forename if student.child is not None else ""
    often = rng.uniform(0.2, 0.7)
    for ago in range(_LAST_DAYS, -1, -1):
        day = school.today - ago * _DAY
        is_now = ago == 0 and name in (_WORRIED, _NOT_YET)
        if day < max(student.joined, school.live_on) or not school.calendar.is_pupil_day(day):
            continue
        if (not is_now and rng.random() > often) or (is_now and name == _NOT_YET):
            continue
        word = rng.choices([one for one, _ in _WEIGHTS], [weight for _, weight in _WEIGHTS])[0]
        word = "worried" if is_now else word
        shared = pen.shared() if word != "worried" and rng.random() < 0.35 else []
        pen.rows.add(
            "feelings",
            student_id=student.id,
            on=day,
            word=word,
            words=rng.choice(_WORDS[word]),
            share_with_home=bool(shared),
            shared_with=shared,
            said_at=at(day, rng.choice(("08:55", "10:40", "12:50", "14:55"))),
        )
