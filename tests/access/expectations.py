"""The access matrix, written by hand: for every URL, who gets in, for Mina ("mine") and for Otto ("other").

Only permissions are typed; whoever is not named is refused, and how is said by `door`:
  staff    any member of staff might hold it for some student, so for this one the answer is 404; others 403
  family   the same for families;  student  the same for students
  role     a role holds it or not: 403
Signed out and deactivated people are sent to sign in (302). Never derive a row from access.GRANTS: then a
widened grant would move the expectation with it.

`get` and `post` are the answers to those who get in, `post` to an empty form. Several codes where a page may
answer either way. A row with no `other` is about no student at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# People, by what they are to Mina.
TEAM = "keyworker deputy mentor member"
PAIR = "keyworker deputy"
NAMED = TEAM + " teacher"
LEADERS = "head coordinator dsl senco slt"
ALL_STAFF = (
    "keyworker keyworker_other former future deputy mentor member teacher staff_parent "
    "head coordinator dsl senco slt admin"
)
EVERYONE = ALL_STAFF + " parent parent_other parent_restricted parent_former student student_other"


def only_student(w: Any, student: Any) -> dict[str, Any]:
    return {"student_id": student.pk}


def only_pk(w: Any, student: Any) -> dict[str, Any]:
    return {"pk": student.pk}


def nothing(w: Any, student: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    mine: str
    other: str | None = None
    door: str = "staff"
    get: tuple[int, ...] = (200,)
    post: tuple[int, ...] = (405,)
    args: Callable[[Any, Any], dict[str, Any]] = field(default=nothing)

    @property
    def may_mine(self) -> frozenset[str]:
        return frozenset(self.mine.split())

    @property
    def may_other(self) -> frozenset[str]:
        return frozenset((self.other or "").split())


# Routes that answer without sign-in, each with its reason.
PUBLIC: dict[str, str] = {}

# Routes of allauth: its own doors; tests/signin proves them.
EXEMPT_PREFIXES = ("account_", "mfa_")

TABLE: dict[str, Row] = {}


def someone(w: Any, student: Any) -> dict[str, Any]:
    """The account of a colleague."""
    return {"pk": w.u_deputy.pk}


def nobodys(w: Any, student: Any) -> dict[str, Any]:
    """A row that is nobody's own."""
    return {"pk": 999_999_999}


# Accounts and one's own page.
TABLE |= {
    "portal:me": Row(EVERYONE, post=(302, 405)),
    "portal:away": Row(ALL_STAFF, get=(405,), post=(422,)),
    "portal:away_remove": Row(ALL_STAFF, get=(405,), post=(404,), args=nobodys),
    "portal:accounts": Row("admin", door="role"),
    "portal:invite_staff": Row("admin", door="role", post=(422,)),
    "portal:invite_family": Row("admin", door="role"),
    "portal:invite_student": Row("admin", door="role"),
    "portal:account": Row("admin", door="role", post=(422,), args=someone),
    "portal:account_resend": Row("admin", door="role", get=(405,), post=(302,), args=someone),
    "portal:account_close": Row("admin", door="role", get=(405,), post=(422,), args=someone),
    "portal:account_reopen": Row("admin", door="role", get=(405,), post=(422,), args=someone),
    "portal:account_reset": Row("admin", door="role", get=(405,), post=(422,), args=someone),
}


def _one(kind: str) -> Callable[[Any, Any], dict[str, Any]]:
    return lambda w, student: {"pk": getattr(w.of[student.pk], kind).pk}


def new_draft(w: Any, student: Any) -> dict[str, Any]:
    return {"student_id": student.pk, "form": "contact-new"}


# The key worker log. An entry that may be read and logged about is changed by its writer and the head alone:
# for the others the record's own rule says 403 (tests/contacts/test_log_changes.py proves who).
_LOGS = {"mine": f"{TEAM} head", "other": "keyworker_other head"}
_READS = {"mine": f"{TEAM} {LEADERS}", "other": f"keyworker_other {LEADERS}"}
TABLE |= {
    "contacts:log": Row(**_READS, args=only_student),
    "contacts:contact": Row(**_READS, args=_one("contact")),
    "contacts:session": Row(**_READS, args=_one("session")),
    "contacts:log_contact": Row(**_LOGS, post=(422,), args=only_student),
    "contacts:log_session": Row(**_LOGS, post=(422,), args=only_student),
    "contacts:amend_contact": Row(**_LOGS, get=(200, 403), post=(422, 403), args=_one("contact")),
    "contacts:amend_session": Row(**_LOGS, get=(200, 403), post=(422, 403), args=_one("session")),
    "contacts:void_contact": Row(**_LOGS, get=(200, 403), post=(422, 403), args=_one("contact")),
    "contacts:void_session": Row(**_LOGS, get=(200, 403), post=(422, 403), args=_one("session")),
    "contacts:undo_contact": Row(**_LOGS, get=(200, 403, 409), post=(302, 403, 409), args=_one("contact")),
    "contacts:approve": Row("head", "head", door="role", get=(409,), post=(409,), args=_one("contact")),
    "contacts:approve_session": Row("head", "head", door="role", get=(409,), post=(409,), args=_one("session")),
    "contacts:approvals": Row("head", door="role"),
    "contacts:holds": Row("head dsl", "head dsl", door="role", post=(422,), args=only_student),
    "contacts:end_hold": Row("head dsl", "head dsl", door="role", get=(405,), post=(302,), args=_one("hold")),
    "keywork:draft": Row(**_LOGS, get=(405,), post=(204,), args=new_draft),
}
