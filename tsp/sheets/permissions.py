"""Who sees which sheet (domain 2.4), as a query and as a predicate; every page, list, search and file asks here.

Three questions, each asked twice: of many sheets (`…_by`, a condition) and of one (`may_…`, the same in words):

  known_by / may_know   that there is such a sheet: its title, whose it is and how far it is
  read_by / may_read    what is written on it, and its pictures and recordings
  filled_by / may_fill  write in it: an open one, and a done one to put it right

Unfinished sheets are read by those who fill them alone. What a student or a parent writes on their own is theirs
to change; staff who would read it learn that it is begun. A sheet crossed out is read by staff only.

Two decisions beyond the table: the home view a parent adds to the regulation map is read by staff, the student and
that parent, not by another household; and a declined sheet keeps what was written before to those who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q

from keywork.access import Can, allows, scope_q

from ..models import Sheet, Tool
from .soft_tools import TOOLS, SoftTool

if TYPE_CHECKING:
    from keywork.access import Person
    from students.models import Student

    from ..models.sheet import SheetQuerySet

_STAFF, _STUDENT, _PARENT = Sheet.Wording.STAFF, Sheet.Wording.STUDENT, Sheet.Wording.PARENT
_STANDING = Q(voided_at__isnull=True)
_DONE = _STANDING & Q(done_at__isnull=False)
# A row crossed out after it was done keeps its words for the staff who read them.
_WAS_DONE = Q(done_at__isnull=False)
_NONE = Q(pk__in=())


# ---------------------------------------------------------------------------------------- fill


def may_fill(user: Person, sheet: Sheet) -> bool:
    if sheet.voided_at is not None or sheet.declined_at is not None:
        return False
    return _theirs(user, sheet)


def _theirs(user: Person, sheet: Sheet) -> bool:
    soft_tool = TOOLS[sheet.tool]
    if sheet.wording != _PARENT and soft_tool.student and allows(user, Can.VIEW_MY_PAGE, sheet.student_id):
        return True
    if sheet.wording == _STAFF:
        if not allows(user, soft_tool.staff_fill, sheet.student_id):
            return False
        return not soft_tool.each_their_own or sheet.author_id == user.pk
    if sheet.wording == _PARENT and allows(user, Can.VIEW_FAMILY_HOME, sheet.student_id):
        if sheet.tool == Tool.PARENT:
            return _is_giver(user, sheet)
        return _takes_home_view(soft_tool) and sheet.author_id == user.pk
    return False


def _takes_home_view(soft_tool: SoftTool) -> bool:
    return soft_tool.home_fills and soft_tool.home == "whoever follows the child"


def _is_giver(user: Person, sheet: Sheet) -> bool:
    return sheet.member is not None and sheet.member.user_id == user.pk


def filled_by(user: Person) -> Q:
    return _STANDING & Q(declined_at__isnull=True) & _theirs_q(user)


def _theirs_q(user: Person, tools: Mapping[str, SoftTool] = TOOLS) -> Q:
    if not user.is_authenticated:
        return _NONE
    student = Q(tool__in=_students(tools)) & ~Q(wording=_PARENT) & _scope(user, Can.VIEW_MY_PAGE)
    parent = (
        Q(wording=_PARENT)
        & _scope(user, Can.VIEW_FAMILY_HOME)
        & (
            Q(tool=Tool.PARENT, member__user=user.pk)
            | Q(
                tool__in=[tool for tool, soft_tool in tools.items() if _takes_home_view(soft_tool)],
                author=user.pk,
            )
        )
    )
    staff = _any(
        Q(tool=tool, wording=_STAFF)
        & _scope(user, soft_tool.staff_fill)
        & (Q(author=user.pk) if soft_tool.each_their_own else Q(tool=tool))
        for tool, soft_tool in tools.items()
    )
    return student | (Q(tool__in=tools) & parent) | staff


def _students(tools: Mapping[str, SoftTool]) -> list[str]:
    return [tool for tool, soft_tool in tools.items() if soft_tool.student]


# ---------------------------------------------------------------------------------------- read


def may_read(user: Person, sheet: Sheet) -> bool:
    if sheet.voided_at is None and _theirs(user, sheet):
        return True
    if sheet.done_at is None:
        return False
    return _reads_as_staff(user, sheet) or (
        sheet.voided_at is None and (_reads_as_student(user, sheet) or _reads_at_home(user, sheet))
    )


def _reads_as_staff(user: Person, sheet: Sheet) -> bool:
    soft_tool = TOOLS[sheet.tool]
    if allows(user, soft_tool.staff_know, sheet.student_id):
        return True
    if soft_tool.each_their_own and sheet.author_id == user.pk:
        return allows(user, soft_tool.staff_fill, sheet.student_id)
    return sheet.voided_at is None and allows(user, soft_tool.staff_read, sheet.student_id)


def _reads_as_student(user: Person, sheet: Sheet) -> bool:
    return TOOLS[sheet.tool].student and allows(user, Can.VIEW_MY_PAGE, sheet.student_id)


def _reads_at_home(user: Person, sheet: Sheet) -> bool:
    home = TOOLS[sheet.tool].home
    if home == "never" or not allows(user, Can.VIEW_FAMILY_HOME, sheet.student_id):
        return False
    if home == "the one who gave it":
        return _is_giver(user, sheet)
    if home == "if the student said so":
        return sheet.share_with_home is True and _member_of(user) in sheet.shared_with
    return sheet.wording != _PARENT or sheet.author_id == user.pk


def read_by(user: Person, tools: Mapping[str, SoftTool] = TOOLS) -> Q:
    """As `may_read`; `tools` leaves the others out of the question."""
    if not user.is_authenticated:
        return _NONE
    staff = _any(
        Q(tool=tool)
        & (
            _scope(user, soft_tool.staff_know)
            | (_STANDING & _scope(user, soft_tool.staff_read))
            | (_own_sheets(user, soft_tool) if soft_tool.each_their_own else _NONE)
        )
        for tool, soft_tool in tools.items()
    )
    student = _DONE & Q(tool__in=_students(tools)) & _scope(user, Can.VIEW_MY_PAGE)
    return (_STANDING & _theirs_q(user, tools)) | (_WAS_DONE & staff) | student | _home(user, tools)


def _own_sheets(user: Person, soft_tool: SoftTool) -> Q:
    return Q(author=user.pk) & _scope(user, soft_tool.staff_fill)


def _member_of(user: Person) -> int:
    """Who of the families this person is (a family member's id); 0, which nobody is, for everybody else."""
    if not user.is_authenticated or "family" not in user.roles:
        return 0
    member = getattr(user, "family_member", None)
    return member.pk if member is not None else 0


def _home(user: Person, tools: Mapping[str, SoftTool]) -> Q:
    by_tool = {
        "the one who gave it": Q(member__user=user.pk),
        "whoever follows the child": ~Q(wording=_PARENT) | Q(author=user.pk),
        "if the student said so": Q(share_with_home=True, shared_with__contains=[_member_of(user)]),
    }
    theirs = _any(
        Q(tool=tool) & by_tool[soft_tool.home]
        for tool, soft_tool in tools.items()
        if soft_tool.home in by_tool
    )
    return _DONE & _scope(user, Can.VIEW_FAMILY_HOME) & theirs


# ---------------------------------------------------------------------------------------- know


def may_know(user: Person, sheet: Sheet) -> bool:
    return allows(user, TOOLS[sheet.tool].staff_know, sheet.student_id) or may_read(user, sheet)


def known_by(user: Person) -> Q:
    if not user.is_authenticated:
        return _NONE
    staff = _any(Q(tool=tool) & _scope(user, soft_tool.staff_know) for tool, soft_tool in TOOLS.items())
    return staff | read_by(user)


# -------------------------------------------------------------------------------------- cross out


def may_void(user: Person, sheet: Sheet) -> bool:
    """Staff who fill such sheets cross one out, whoever wrote it; an entry of one person is theirs alone."""
    soft_tool = TOOLS[sheet.tool]
    if sheet.voided_at is not None or not allows(user, soft_tool.staff_fill, sheet.student_id):
        return False
    return not soft_tool.each_their_own or sheet.author_id == user.pk


def fills_such(user: Person, sheet: Sheet) -> bool:
    """Is this a sheet they would fill if it were still open: theirs, or of a student they fill such sheets with?"""
    soft_tool = TOOLS[sheet.tool]
    if _theirs(user, sheet):
        return True
    return not soft_tool.each_their_own and allows(user, soft_tool.staff_fill, sheet.student_id)


def may_decline(user: Person, sheet: Sheet) -> bool:
    """Write down that they would rather not: whoever may fill it, and the keyworker for them."""
    if not sheet.is_open or TOOLS[sheet.tool].staff_fill != Can.FILL_SHEETS:
        return False
    return _theirs(user, sheet) or allows(user, Can.FILL_SHEETS, sheet.student_id)


# ------------------------------------------------------------------------------------- querysets


def known(user: Person) -> SheetQuerySet:
    """Sheets this person may know of, with what their titles need."""
    return Sheet.objects.filter(known_by(user)).select_related("student", "author", "member")


def tools_known_of(user: Person, student: Student) -> tuple[list[str], list[str]]:
    """The tools of whose sheets, of this student, they know of every one; and the others."""
    whole = [tool for tool, soft_tool in TOOLS.items() if allows(user, soft_tool.staff_know, student)]
    return whole, [tool for tool in TOOLS if tool not in whole]


def done_read_by(user: Person, student: Student) -> Q:
    """Of one student's done sheets the same as `read_by`, put together in a fraction of the time."""
    whole, others = tools_known_of(user, student)
    if not others:
        return Q(tool__in=whole)
    return Q(tool__in=whole) | read_by(user, {tool: TOOLS[tool] for tool in others})


def known_of(user: Person, student: Student) -> SheetQuerySet:
    """Of one student the same as `known`, put together in a fraction of the time: whole tools are asked once."""
    rows = Sheet.objects.filter(student=student)
    whole, others = tools_known_of(user, student)
    if others:
        rows = rows.filter(Q(tool__in=whole) | read_by(user, {tool: TOOLS[tool] for tool in others}))
    return rows.select_related("student", "author", "member")


def readable(user: Person) -> SheetQuerySet:
    return Sheet.objects.filter(read_by(user)).select_related("student", "author", "member")


def fillable(user: Person) -> SheetQuerySet:
    return Sheet.objects.filter(filled_by(user)).select_related("student", "author", "member")


def _scope(user: Person, can: Can) -> Q:
    """Never an empty condition: `Q() | other` would be `other` alone."""
    return scope_q(user, can, "student_id") & Q(pk__isnull=False)


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, _NONE)
