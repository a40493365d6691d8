"""E-mail of the demo: one that a keyworker wrote on a record, and one that waits to be put in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contacts.models import HomeLetter, IncomingMail, LogAddress

from .copying import copy_numbered
from .people import School, Student

WRITTEN = "A quick note before the weekend: the farm trip went well, and the whole afternoon was calm. Thank you for the coat."
FORWARDED = "Thank you for Friday. We had a good weekend and talked about the farm all Sunday.\n\nWe will be five minutes late on Tuesday."
_DAY = timedelta(days=1)


def write_letters(school: School, contacts: list[dict[str, Any]]) -> None:
    """Of the demo's keyworker: the letter belongs to the newest e-mail in the log, the other to the same student."""
    mine = [one for one in school.students if _is_shown(one, school)]
    ids = {one.id for one in mine}
    sent = [
        row
        for row in contacts
        if row["student_id"] in ids
        and row["channel"] == "email"
        and row["outcome"] == "delivered"
        and row["member_id"]
    ]
    for row in sent[-1:]:
        letter = {
            "id": 1,
            "student_id": row["student_id"],
            "member_id": row["member_id"],
            "with_name": row["with_name"],
            "words": row["notes"] or WRITTEN,
            "written_by_id": row["made_by_id"],
            "written_at": f"{row['happened_on']} 15:30 Europe/London",
            "contact_id": row["id"],
        }
        copy_numbered(HomeLetter, [letter])
    if not mine:
        return
    student, keyworker = mine[0], mine[0].holder("keyworker", school.today)
    assert keyworker is not None
    by, yesterday = keyworker.id, school.today - _DAY
    address = {"local": "log-invented", "made_at": f"{yesterday} 08:00 Europe/London", "made_by_id": by}
    copy_numbered(LogAddress, [{"id": 1, "student_id": student.id, **address}])
    waiting = {
        "id": 1,
        "key": "the first message of the demo",
        "received_at": f"{yesterday} 16:10 Europe/London",
        "student_id": student.id,
        "sender_id": by,
        "sent_on": yesterday,
        "subject": "Fwd: Friday",
        "words": FORWARDED,
        "is_from_home": True,
        "member_id": student.links[0].member_id if student.links else None,
        "state": IncomingMail.State.WAITING,
        "left_out": [],
    }
    copy_numbered(IncomingMail, [waiting])


def _is_shown(student: Student, school: School) -> bool:
    holder = student.holder("keyworker", school.today)
    return holder is not None and holder.post.sign_in == "keyworker" and student.left is None
