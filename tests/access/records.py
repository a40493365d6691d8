"""One of each kind of record for both students, so that every URL has something to be refused."""

from __future__ import annotations

import re
from datetime import time
from types import SimpleNamespace

from contacts.models import ContactHold, HomeContact, KeyworkSession, Miss
from keywork import clock
from keywork.levels import Level

# Hold a role over every student, or stand beside Otto: his name is no secret to them.
MAY_KNOW_OTTO = frozenset(
    {
        "head",
        "coordinator",
        "dsl",
        "senco",
        "slt",
        "admin",
        "keyworker_other",
        "parent_other",
        "student_other",
    }
)


def without_tokens(content: bytes) -> bytes:
    """A page without its one-time tokens, to compare two of them."""
    return re.sub(
        rb'(csrfmiddlewaretoken" value="|csrf-token" content="|X-CSRFToken": ")[^"]+', rb"\1", content
    )


def contact(student, by, **fields) -> HomeContact:
    today = clock.today()
    return HomeContact.objects.create(
        student=student,
        **{
            "happened_on": today,
            "happened_time": time(10, 42),
            "channel": "phone",
            "reached": "spoke",
            "outcome": "two_way",
            "with_name": "Home",
            "person_marked": True,
            "topics": ["going_well"],
            "notes": f"About {student.surname}.",
            "made_by": by,
            "logged_by": by,
            "logged_at": clock.now(),
            "logged_on": today,
            **fields,
        },
    )


def session(student, by, **fields) -> KeyworkSession:
    today = clock.today()
    return KeyworkSession.objects.create(
        student=student,
        **{
            "happened_on": today,
            "status": "held",
            "topics": ["attendance"],
            "notes": f"With {student.known_as}.",
            "made_by": by,
            "logged_by": by,
            "logged_at": clock.now(),
            "logged_on": today,
            **fields,
        },
    )


def add_one_of_each(w: SimpleNamespace) -> None:
    today = clock.today()
    w.of = {}
    for student, by in ((w.mina, w.u_keyworker), (w.otto, w.u_keyworker_other)):
        w.of[student.pk] = SimpleNamespace(
            contact=contact(student, by, shared=True, shared_summary="We spoke today."),
            restricted=contact(student, by, level=Level.RESTRICTED, notes="Restricted words"),
            safeguarding=contact(student, by, level=Level.SAFEGUARDING, notes="Safeguarding words"),
            session=session(student, by),
            hold=ContactHold.objects.create(
                student=student,
                starts_on=today,
                ends_on=today,
                reason="Asked by family",
                placed_by=w.u_dsl,
                placed_at=clock.now(),
            ),
            miss=Miss.objects.create(
                student=student,
                duty="contact",
                due_on=today,
                klass="missed",
                keyworker=by,
                as_of=today,
                detected_at=clock.now(),
            ),
            link=w.mina_mum if student == w.mina else w.otto_mum,
            assignment=student.assignments.filter(kind="keyworker").last(),
        )
