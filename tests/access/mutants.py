"""`make access-mutants`: plants faults in the access rules, one at a time, and shows that the suite notices each.

A guard that has never failed is not known to guard. Each fault goes into a copy of the working tree; the tests of
tests/access run there, and those of who sees which sheet. Ends with 1 when a fault survives.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]
# test_mutants.py stays out: it reads the very lines changed here.
TESTS = (
    *("test_matrix.py", "test_leaks.py", "test_attacks.py", "test_twins.py", "test_home_links.py"),
    "test_planted.py",
    SHEETS := "../tsp/test_sheets_seeing.py",  # the twins of who sees which sheet
    OUTSIDE := "../reports/test_outside.py",
    READING := "../reports/test_reading.py",
    COMMENTS := "../reports/test_comments.py",
    "../care/test_decisions.py",
    "../care/test_meetings.py",
    OWN_RIGHTS := "../care/test_own_rights.py",
    PROGRESS := "../home/test_progress_at_home.py",
    "../home/test_leaks_at_home.py",
)
AT_ONCE = 2
NOT_A_FAILURE = "ERROR"


@dataclass(frozen=True)
class Fault:
    """`old` becomes `new` wherever it stands in the file, which must be `times` times.

    `by` is asked first, being the likeliest to notice; all the others after it.
    """

    name: str
    by: str
    path: str
    old: str
    new: str
    times: int = 1

    def applied(self, text: str) -> str:
        found = text.count(self.old)
        if found != self.times:
            raise ValueError(f"{self.path}: {self.old!r} stands there {found} times, not {self.times}")
        return text.replace(self.old, self.new)


FAULTS = (
    Fault(
        "a new route without a guard",
        "test_matrix.py::test_every_route_has_a_row",
        "portal/urls.py",
        "urlpatterns = [",
        "from django.http import HttpResponse\nfrom students.models import Student\n\n\n"
        "def peek(request, pk):\n    return HttpResponse(Student.objects.get(pk=pk).name)\n\n\n"
        'urlpatterns = [\n    path("peek/<int:pk>/", peek, name="peek"),',
    ),
    Fault(
        "a grant widened: all staff read every log",
        "test_matrix.py::test_matrix[contacts:log]",
        "keywork/access.py",
        'Can.VIEW_LOG: _grant("head ',
        'Can.VIEW_LOG: _grant("staff head ',
    ),
    Fault(
        "a grant widened on a capability no door asks for",
        "test_twins.py::test_grants_are_as_written",
        "keywork/access.py",
        'Can.MAKE_SCHOOL_REPORTS: _grant("head coordinator")',
        'Can.MAKE_SCHOOL_REPORTS: _grant("head coordinator staff")',
    ),
    Fault(
        "a lookup without scope: the record page",
        "test_matrix.py::test_matrix[students:record]",
        "students/views/record.py",
        "find_student(request, Can.VIEW_STUDENT, pk)\n    reads",
        "Student.objects.get(pk=pk)\n    reads",
    ),
    Fault(
        "a lookup without scope: the student of an address",
        "test_matrix.py::test_matrix[students:record]",
        "students/lookup.py",
        "if allows(request.user, can, pk) else []",
        "if request.user.is_active else []",
    ),
    Fault(
        "a lookup without scope: a student's reports",
        "test_matrix.py::test_matrix[reports:student]",
        "reports/views.py",
        "who = get_visible_or_404(Student.objects.all(), request, Can.VIEW_REPORTS, pk=pk)",
        "who = get_object_or_404(Student, pk=pk)",
    ),
    Fault(
        "a list without scope: the students",
        "test_matrix.py::test_matrix[students:list]",
        "students/views/listing.py",
        "Student.objects.visible_to(request.user, Can.VIEW_STUDENT)",
        "Student.objects.all()",
    ),
    Fault(
        "a list without scope: the search",
        "test_leaks.py::test_a_search_finds_nobody_out_of_reach",
        "portal/views/search.py",
        "Student.objects.visible_to(request.user, Can.VIEW_STUDENT)",
        "Student.objects.all()",
    ),
    Fault(
        "a list without scope: the oversight table and its file",
        "test_leaks.py::test_ones_own_child_is_in_no_list",
        "portal/overview.py",
        "Student.objects.on_roll(today).filter(scope_q(user, Can.VIEW_LOG, on=today))",
        "Student.objects.on_roll(today)",
    ),
    Fault(
        "the end date of an assignment ignored",
        "test_matrix.py::test_matrix[students:keyworkers]",
        "keywork/models/assignment.py",
        "return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)",
        "return self.filter(starts_on__lte=on)",
    ),
    Fault(
        "the start of an assignment ignored",
        "test_matrix.py::test_matrix[students:keyworkers]",
        "keywork/models/assignment.py",
        "return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)",
        "return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))",
    ),
    Fault(
        "the guard turned round",
        "test_matrix.py::test_matrix[portal:today]",
        "keywork/guards.py",
        "if not has_capability(request.user, can):",
        "if has_capability(request.user, can):",
    ),
    Fault(
        "the predicate turned round",
        "test_twins.py::test_who_reads_the_log",
        "keywork/access.py",
        "return mine.holds(can, student_id) or holds_for_all(user, can)",
        "return not mine.holds(can, student_id) or holds_for_all(user, can)",
    ),
    Fault(
        "the wrong capability at the lookup: the log asks for the record",
        "test_matrix.py::test_matrix[contacts:log]",
        "contacts/views/log.py",
        "find_student(request, Can.VIEW_LOG, student_id)",
        "find_student(request, Can.VIEW_STUDENT, student_id)",
    ),
    Fault(
        "the wrong capability at the door: the oversight file",
        "test_matrix.py::test_matrix[portal:oversight_csv]",
        "portal/views/oversight.py",
        "@permission_required(Can.OVERSEE)\ndef download",
        "@permission_required(Can.USE_TODAY)\ndef download",
    ),
    Fault(
        "a court restriction ignored",
        "test_matrix.py::test_matrix[portal:family_child]",
        "students/models/family.py",
        "return self.unrestricted(on).without",
        "return self.without",
    ),
    Fault(
        "what a young person decided about home ignored",
        "test_attacks.py::test_what_a_young_person_shuts_is_shut",
        "students/models/family.py",
        "self.unrestricted(on).without(OwnChoiceAtHome.Sees.NOTHING)",
        "self.unrestricted(on)",
    ),
    Fault(
        "the wrong capability at the lookup: a card asks for the record",
        "test_matrix.py::test_matrix[portal:sign_in_card]",
        "portal/views/cards.py",
        "Student.objects.all(), request, Can.GIVE_CARDS",
        "Student.objects.all(), request, Can.VIEW_STUDENT",
        times=3,
    ),
    Fault(
        "staff not shut out of their own child's record",
        "test_matrix.py::test_matrix[students:record]",
        "keywork/access.py",
        "own_children.add(student_id)",
        "pass",
    ),
    Fault(
        "a named exception that never ends",
        "test_leaks.py::test_an_exception_opens_what_it_says",
        "students/models/access.py",
        "return self.filter(starts_on__lte=on, expires_on__gte=on)",
        "return self.filter(starts_on__lte=on)",
    ),
    Fault(
        "restricted entries read like general ones",
        "test_leaks.py::test_each_level_is_on_pages_of_its_readers_only",
        "keywork/opened_by.py",
        "Level.RESTRICTED: Can.VIEW_RESTRICTED",
        "Level.RESTRICTED: general",
    ),
    Fault(
        "one entry found without its level",
        "test_leaks.py::test_an_entry_above_ones_level_does_not_exist",
        "contacts/views/entries.py",
        "MODELS[kind].objects.readable_by(request.user).select_related",
        "MODELS[kind].objects.select_related",
    ),
    Fault(
        "a released report for any family account of the child",
        "test_matrix.py::test_matrix[reports:family_pdf]",
        "reports/views.py",
        "Report.objects.released().filter(recipients__member__user=request.user)",
        "Report.objects.released()",
    ),
    Fault(
        "a draft about somebody else's student",
        "test_matrix.py::test_matrix[keywork:draft]",
        "keywork/views/drafts.py",
        "get_visible_or_404(students, request, Can.LOG, pk=student_id)",
        "students.get(pk=student_id)",
    ),
    Fault(
        "a closed account still allowed",
        "test_twins.py::test_who_reads_the_log",
        "keywork/access.py",
        "user.is_authenticated and user.is_active",
        "user.is_authenticated",
        times=5,
    ),
    Fault(
        "a restricted parent offered in the contact form",
        "test_leaks.py::test_the_contact_form_offers_only_whom_one_may_ring",
        "students/models/family.py",
        "may_receive_keywork_contact=True).unrestricted(on)",
        "may_receive_keywork_contact=True)",
    ),
    Fault(
        "a sibling offered whom one may not log for",
        "test_leaks.py::test_a_sibling_one_may_not_log_for_is_neither_offered_nor_taken",
        "contacts/forms/contact.py",
        ".visible_to(self.user, Can.LOG)\n",
        ".all()\n",
    ),
    Fault(
        "every kind of plan read like those of the core team",
        "test_matrix.py::test_matrix[care:kept]",
        "care/plans/permissions.py",
        "    GUARDED: Can.VIEW_SAFEGUARDING_PLANS,",
        "    GUARDED: Can.VIEW_KEPT_PLANS,",
    ),
    Fault(
        "a search that finds plans whose kind is for few",
        "../care/test_kept_plans.py::test_it_stands_on_the_timeline_and_is_found_by_its_words",
        "care/finding.py",
        "PlanVersion.objects.readable_by(user)",
        "PlanVersion.objects.all()",
    ),
    Fault(
        "a filed document found without its level",
        "test_matrix.py::test_matrix[care:document]",
        "care/documents/views.py",
        "FiledDocument.objects.readable_by(request.user).select_related",
        "FiledDocument.objects.select_related",
    ),
    Fault(
        "home reads plans of every kind",
        "../care/test_kept_plans.py::test_home_reads_what_its_kind_says_and_its_school_writes",
        "care/plans/at_home.py",
        "[slug for slug, kind in KINDS.items() if kind.home]",
        "list(KINDS)",
    ),
    Fault(
        "a plan ended by whoever reads of it",
        OWN_RIGHTS,
        "care/plans/actions.py",
        "if not permissions.keeps(by, row.of_kind, row.student):",
        "if False:",
    ),
    Fault(
        "a decision taken back by whoever is given it",
        OWN_RIGHTS,
        "care/decisions/actions.py",
        "if not allows(by, Can.KEEP_MEETINGS, decision.student_id):",
        "if False:",
    ),
    Fault(
        "a document crossed out by whoever is given it",
        OWN_RIGHTS,
        "care/documents/actions.py",
        "if not (allows(by, Can.LOG, row.student_id) and readable.exists()):",
        "if False:",
    ),
    Fault(
        "a share ended by whoever may share, read it or not",
        OWN_RIGHTS,
        "care/sharing/actions.py",
        "return row.shared_by_id == user.pk or items.find(row.what, row.item_id, user) is not None",
        "return True",
    ),
    Fault(
        "a record under another student's address",
        "test_attacks.py::test_a_record_under_the_wrong_student",
        "students/views/family.py",
        "get_visible_or_404(links, request, can, student=pk, pk=link_id)",
        "get_visible_or_404(links, request, can, pk=link_id)",
    ),
    Fault(
        "an outcome of a plan under another student's address",
        "test_attacks.py::test_a_record_under_the_wrong_student",
        "care/views/outcomes.py",
        "Can.EDIT_PLANS, plan__student=pk, pk=outcome_id",
        "Can.EDIT_PLANS, pk=outcome_id",
    ),
    Fault(
        "a review under another student's address",
        "test_attacks.py::test_a_record_under_the_wrong_student",
        "care/reviews/views.py",
        "get_visible_or_404(rows, request, can, student=pk, pk=review_id)",
        "get_visible_or_404(rows, request, can, pk=review_id)",
    ),
    Fault(
        "somebody in another student's review",
        "test_attacks.py::test_a_part_of_another_review",
        "care/reviews/views.py",
        'lookup = {"review__student": pk, "review": review_id, "pk": person_id}',
        'lookup = {"pk": person_id}',
    ),
    Fault(
        "a teacher reads the EHC plan",
        "test_matrix.py::test_matrix[care:plan]",
        "keywork/access.py",
        'Can.VIEW_PLANS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core")',
        'Can.VIEW_PLANS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core teacher")',
    ),
    Fault(
        "a teacher reads a review",
        "test_matrix.py::test_matrix[care:review]",
        "keywork/access.py",
        'Can.VIEW_REVIEWS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core")',
        'Can.VIEW_REVIEWS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core teacher")',
    ),
    Fault(
        "whoever reads a review writes it",
        "test_matrix.py::test_matrix[care:review_step]",
        "care/reviews/views.py",
        "def _review(request: SchoolRequest, pk: int, review_id: int, can: Can = Can.EDIT_PLANS) -> Review:",
        "def _review(request: SchoolRequest, pk: int, review_id: int, can: Can = Can.VIEW_REVIEWS) -> Review:",
    ),
    Fault(
        "the wrong capability at the lookup: the document of a plan asks for the record",
        "test_matrix.py::test_matrix[care:plan_pdf]",
        "care/views/ehc_plan.py",
        "request, Can.VIEW_PLANS, student=pk, number=number",
        "request, Can.VIEW_STUDENT, student=pk, number=number",
    ),
    Fault(
        "an opened record that leaves no trace",
        "test_leaks.py::test_an_opening_leaves_a_row_and_a_refusal_none",
        "students/views/record.py",
        'opened(request, student, "record", detail="earlier entries" if before else "")',
        "pass",
    ),
    Fault(
        "a form that shows a note and leaves no trace",
        "test_planted.py::test_each_page_with_markup_in_every_text[contacts:amend_contact]",
        "keywork/guards.py",
        "looked_up(request, _student_of(found, queryset), str(found._meta.verbose_name))",
        "pass",
    ),
    Fault(
        "a cell of an upload drawn as markup",
        "test_planted.py::test_each_page_with_markup_in_every_text[students:import_columns]",
        "templates/bootstrap5/layout/help_text_and_errors.html",
        "{{ field.help_text|translated }}",
        "{{ field.help_text|translated|safe }}",
    ),
    Fault(
        "a lost session swapped into a card",
        "test_matrix.py::test_htmx_changes_nothing",
        "keywork/middleware.py",
        'if getattr(request, "htmx", False):\n            return HttpResponse(',
        "if False:\n            return HttpResponse(",
    ),
    Fault(
        "what one was asked is answered by all of the team",
        "test_matrix.py::test_matrix[enquiries:answer]",
        "enquiries/models.py",
        "Q(user=user) | Q(Exists(assignments))",
        "Q()",
    ),
    Fault(
        "an ask reached without scope",
        "test_matrix.py::test_matrix[enquiries:new_code]",
        "enquiries/views/follow.py",
        "get_visible_or_404(rows, request, Can.ASK_FOR_INPUT, pk=pk)",
        "rows.get(pk=pk)",
    ),
    Fault(
        "a restriction placed after the link was sent ignored",
        "test_home_links.py::test_a_link_dies_with_what_the_office_writes_down",
        "enquiries/models.py",
        "links.for_keywork(on)",
        "links",
    ),
    Fault(
        "a restricted parent offered a link",
        "test_home_links.py::test_only_whom_one_may_write_to_is_offered",
        "tsp/sheets/lines.py",
        "FamilyLink.objects.for_keywork(clock.today())",
        "FamilyLink.objects",
    ),
    Fault(
        "home asked without scope",
        "test_matrix.py::test_matrix[tsp:ask_home]",
        "tsp/enquiries/views.py",
        "student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)\n    links",
        "student = Student.objects.get(pk=pk)\n    links",
    ),
    Fault(
        "a report sent outside opened without its code",
        f"{OUTSIDE}::test_a_scanner_that_follows_the_link_opens_nothing",
        "reports/outside/views.py",
        "if copy is None or not outside.is_in(REPORTS, request, copy):",
        "if copy is None:",
    ),
    Fault(
        "a hold that stops nobody outside",
        f"{OUTSIDE}::test_a_hold_stops_it",
        "reports/release.py",
        "return ReleaseRow(report, State.HELD, outside=copy, held_until=held_until)",
        "return ReleaseRow(report, State.OUTSIDE, outside=copy)",
    ),
    Fault(
        "somebody of the family sent a report as if outside",
        f"{OUTSIDE}::test_a_refused_form_puts_nobody_on",
        "reports/outside/actions.py",
        "if _is_family(row.student, email, name):",
        "if False:",
    ),
    Fault(
        "a section seen without its own right",
        f"{READING}::test_who_has_it_not_neither_sees_nor_writes_it",
        "reports/reading.py",
        "return part.can is None or allows(user, part.can, student)",
        "return True",
    ),
    Fault(
        "a report opened by who may not read all of it",
        f"{READING}::test_what_is_made_is_opened_by_those_who_may_read_all_of_it",
        "reports/reading.py",
        "found = found.filter(~Q(kind=slug) | over)",
        "pass",
    ),
    Fault(
        "what a parent said read by all who read reports",
        f"{COMMENTS}::test_keyworker_and_coordinator_read_it_beside_the_report_and_are_told_without_its_words",
        "templates/reports/student.html",
        "{% if can_make %}\n        {% for one in report.comments.all %}",
        "{% if student %}\n        {% for one in report.comments.all %}",
    ),
    Fault(
        "a link opened without its code",
        "test_home_links.py::test_no_account_comes_in_without_the_code",
        "keywork/views/outside.py",
        "return found == str(row.pk)",
        "return True",
    ),
    Fault(
        "the social circle map read by the whole core team",
        "test_leaks.py::test_a_sheet_few_may_read_is_no_page_for_the_others",
        "tsp/sheets/soft_tools.py",
        "        staff_know=Can.VIEW_CIRCLE,\n        staff_read=Can.VIEW_CIRCLE,\n",
        "",
    ),
    Fault(
        "the social circle map read at home unasked",
        f"{SHEETS}::test_the_query_and_the_predicate_are_one",
        "tsp/sheets/permissions.py",
        '"if the student said so": Q(share_with_home=True, shared_with__contains=[_member_of(user)]),',
        '"if the student said so": Q(pk__isnull=False),',
    ),
    Fault(
        "a restorative record read by all staff",
        "test_leaks.py::test_a_sheet_few_may_read_is_no_page_for_the_others",
        "tsp/sheets/soft_tools.py",
        "staff_fill=Can.RECORD_RESTORATIVE,",
        "staff_fill=Can.RECORD_RESTORATIVE, staff_know=Can.VIEW_STRATEGIES, staff_read=Can.VIEW_STRATEGIES,",
    ),
    Fault(
        "what one home said read by the other",
        f"{SHEETS}::test_the_query_and_the_predicate_are_one",
        "tsp/sheets/permissions.py",
        '"the one who gave it": Q(member__user=user.pk),',
        '"the one who gave it": Q(pk__isnull=False),',
    ),
    Fault(
        "every sheet listed for whoever may know of some",
        "test_leaks.py::test_that_there_is_a_circle_map_is_known_to_few",
        "tsp/sheets/permissions.py",
        "    rows = Sheet.objects.filter(student=student)\n    whole, others",
        "    return Sheet.objects.filter(student=student).select_related("
        '"student", "author", "member")\n    whole, others',
    ),
    Fault(
        "every sheet on the timeline of whoever may know of some",
        "test_leaks.py::test_that_there_is_a_circle_map_is_known_to_few",
        "tsp/sheets/timeline.py",
        "_rows(sheet_permissions.known_of(reader, student), asked.kinds)",
        "_rows(Sheet.objects.filter(student=student), asked.kinds)",
    ),
    Fault(
        "how a student feels shown at home unasked",
        "test_leaks.py::test_a_feeling_reaches_home_when_the_student_says_so_and_no_other_way",
        "home/feelings.py",
        "rows.filter(student=student, shared_with__contains=[member.pk], on__range",
        "rows.filter(student=student, on__range",
    ),
    Fault(
        "how a student feels on the timeline of whoever opens the record",
        "test_matrix.py::test_matrix[students:record]",
        "home/timeline.py",
        "if not allows(asked.reader, Can.VIEW_SHEETS, asked.student):",
        "if not allows(asked.reader, Can.VIEW_STUDENT, asked.student):",
    ),
    Fault(
        "a grant widened: whoever mentors answers home",
        "test_twins.py::test_grants_are_as_written",
        "keywork/access.py",
        'Can.ANSWER_HOME: _grant("head", "keyworker deputy")',
        'Can.ANSWER_HOME: _grant("head", "keyworker deputy mentor")',
    ),
    Fault(
        "an appointment of somebody else's student",
        "test_matrix.py::test_matrix[home:meeting]",
        "home/meetings/views.py",
        "found: Appointment = get_visible_or_404(rows, request, Can.ANSWER_HOME, pk=pk)",
        "found: Appointment = get_object_or_404(rows, pk=pk)",
    ),
    Fault(
        "messages read by whoever may open the record",
        "test_matrix.py::test_matrix[home:threads]",
        "home/messages/views.py",
        "find_student(request, Can.ANSWER_HOME, pk)",
        "find_student(request, Can.VIEW_STUDENT, pk)",
    ),
    Fault(
        "a page of home previewed by whoever may open the record",
        "test_matrix.py::test_matrix[portal:as_parent]",
        "portal/views/preview.py",
        "find_student(request, Can.ANSWER_HOME, pk)",
        "find_student(request, Can.VIEW_STUDENT, pk)",
        times=3,
    ),
    Fault(
        "the ratings of a term seen at home whosever report went out",
        f"{PROGRESS}::test_a_term_is_seen_once_its_report_was_given_to_that_person",
        "portal/homes.py",
        "return released.filter(student=student, recipients__member=link.member_id)",
        "return released.filter(student=student)",
    ),
    Fault(
        "the ratings of a term seen at home before its report",
        f"{PROGRESS}::test_a_term_is_seen_once_its_report_was_given_to_that_person",
        "portal/homes.py",
        "if one.term in told and one.done_on and one.done_on <= told[one.term]",
        "if one.done_on",
    ),
    Fault(
        "what another at home says of independence seen over the years",
        f"{PROGRESS}::test_independence_over_the_years_without_what_others_at_home_said",
        "ilsa/family_pages.py",
        "Q(role=role, member=member) | Q(role=Role.KEYWORKER)",
        "Q(role=role) | Q(role=Role.KEYWORKER)",
    ),
    Fault(
        "a worry on the Today of the whole team",
        "test_leaks.py::test_a_worry_prompts_the_childs_own_keyworkers_only",
        "home/feelings.py",
        "of_these(user, Can.FILL_SHEETS, by_id)",
        "of_these(user, Can.VIEW_SHEETS, by_id)",
    ),
    Fault(
        "a decision known to everybody at home",
        "../care/test_decisions.py",
        "care/decisions/known.py",
        "rows.filter(member__user=parent)",
        "rows.filter(member__isnull=False)",
    ),
    Fault(
        "a decision shared with whoever is named",
        "../care/test_decisions.py",
        "care/decisions/actions.py",
        "members=wanted & known,",
        "members=wanted,",
    ),
    Fault(
        "a meeting read whatever its level",
        "../care/test_meetings.py",
        "care/models/meeting.py",
        "        readable = readable_q(user, Can.VIEW_MEETINGS)\n        named",
        '        readable = scope_q(user, Can.VIEW_MEETINGS, "student_id")\n        named',
    ),
    Fault(
        "a summary for every parent",
        "../care/test_meetings.py",
        "care/meetings/known.py",
        "rows.filter(summary_for__contains=[member])",
        "rows",
    ),
    Fault(
        "an action done by whoever reads it",
        "../care/test_meetings.py",
        "care/meetings/actions.py",
        "    if not may_act(by, row):",
        "    if False:",
    ),
    Fault(
        "what a colleague was asked after a conflict, opened by another",
        "test_matrix.py::test_matrix[tsp:repair_part]",
        "tsp/sheets/views/restorative.py",
        'PartAsked.objects.asked_of(request.user).select_related("asked_by")',
        'PartAsked.objects.select_related("asked_by")',
    ),
    Fault(
        "a part in a review, open to a colleague who lost the post they were asked in",
        "../care/test_reviews.py::test_from_its_date_to_the_decision",
        "care/reviews/kinds.py",
        'return scope_q(user, Can.ANSWER, "student_id") & theirs',
        'return scope_q(user, Can.ANSWER, "student_id")',
    ),
    Fault(
        "names of plans in the list of openings",
        "../care/test_shared_items.py::test_the_list_of_openings_names_only_what_its_reader_may_know",
        "care/openings.py",
        'return detail if found["name"] is None or found["name"] in names else found["rest"]',
        "return detail",
    ),
    Fault(
        "minutes told of to whoever was there, may they read them or not",
        "../care/test_meetings.py",
        "care/meetings/mails.py",
        "        if not Meeting.objects.readable_by(user).filter(pk=row.pk).exists():",
        "        if False:",
    ),
    Fault(
        "the other student's part after a conflict",
        "../care/test_meetings.py",
        "tsp/sheets/views/restorative.py",
        "    return list(Action.objects.filter(repair_id=row.pk)",
        "    return list(Action.objects.filter(repair_id__isnull=False)",
    ),
    Fault(
        "the advice of a review for every parent",
        "../care/test_reviews.py::test_late_advice_is_asked_for_once_and_told_to_who_had_the_papers",
        "care/reviews/views.py",
        "        member__user=request.user, invited_on__isnull=False, voided_at__isnull=True\n",
        "        invited_on__isnull=False, voided_at__isnull=True\n",
    ),
    Fault(
        "the review to come for every parent",
        "../care/test_reviews.py::test_the_review_to_come_stands_at_home_and_on_my_page",
        "care/reviews/at_home.py",
        '.filter(Exists(links.filter(member=OuterRef("member"))), member__user=user)',
        '.filter(Exists(links.filter(member=OuterRef("member"))))',
    ),
    Fault(
        "the review to come for whoever gets no reports any more",
        "../care/test_reviews.py::test_the_review_to_come_stands_at_home_and_on_my_page",
        "care/reviews/at_home.py",
        '.filter(Exists(links.filter(member=OuterRef("member"))), member__user=user)',
        ".filter(member__user=user)",
    ),
    Fault(
        "the review to come for who is asked for advice alone",
        "../care/test_reviews.py::test_the_review_to_come_stands_at_home_and_on_my_page",
        "care/reviews/at_home.py",
        "        invited_on__isnull=False,\n",
        "",
    ),
    Fault(
        "a document wider than the meeting it is filed with",
        "../care/test_documents.py::test_a_document_filed_with_a_meeting_is_read_by_no_more",
        "care/meetings/actions.py",
        "    narrow(row)\n",
        "",
    ),
    Fault(
        "an entry shown by whoever does not read it",
        "../care/test_shared_items.py::test_one_entry_of_the_log_for_one_person",
        "contacts/lent_to_care.py",
        "rows if reader is None else rows.readable_by(reader)",
        "rows",
    ),
    Fault(
        "a filed document of few in a pack",
        "../reports/test_pack.py::test_filed_documents_are_offered_but_none_that_few_read",
        "reports/pack/offers.py",
        ".filter(student=student, level=Level.GENERAL, dated_on__range=(first, last))",
        ".filter(student=student, dated_on__range=(first, last))",
    ),
    Fault(
        "the review of a safeguarding plan on the Today of the whole team",
        "../care/test_kept_plans.py::test_the_review_of_a_safeguarding_plan_is_told_to_its_keyworker_and_the_lead_alone",
        "care/to_do.py",
        "reach.students(Can.VIEW_SAFEGUARDING_PLANS).intersection(mine),",
        "reach.students(Can.VIEW_SAFEGUARDING_PLANS),",
    ),
    Fault(
        "a list without scope",
        "test_matrix.py::test_matrix[care:checklist]",
        "care/checklists/views.py",
        "get_visible_or_404(rows, request, can, student=pk, pk=list_id)",
        "rows.get(student=pk, pk=list_id)",
    ),
    Fault(
        "a lookup without scope: a goal",
        "test_matrix.py::test_matrix[goals:goal]",
        "goals/views/pages.py",
        "goal_or_404(request, Can.VIEW_TSP, pk)",
        'Goal.objects.select_related("student").get(pk=pk)',
    ),
    Fault(
        "a rater's form reached without scope",
        "test_matrix.py::test_matrix[ilsa:part]",
        "ilsa/rater_pages.py",
        "get_visible_or_404(forms, request, Can.RATE_ILSA, pk=pk)",
        "forms.get(pk=pk)",
    ),
    Fault(
        "the views of independence of any child at home",
        "test_matrix.py::test_other_child_is_no_child[ilsa:child_result]",
        "ilsa/rater_pages.py",
        "    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)\n",
        "    student = Student.objects.get(pk=pk)\n",
    ),
)


def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def copy_tree(into: Path) -> None:
    for name in files():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, into / name)


def run(tree: Path, slot: int, tests: Sequence[str], *, fresh: bool) -> tuple[bool, str]:
    """These tests in `tree`: whether they pass, and the first that does not."""
    data = os.environ.get("KEYWORK_DATA_DIR") or str(ROOT / ".local")
    env = {
        **os.environ,
        "KEYWORK_DATA_DIR": data,
        "KEYWORK_TEST_DB": f"test_mutants_{slot}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-x", "-q", "--tb=line", "-rfE"]
        + ["--create-db" if fresh else "--reuse-db"]
        + [f"tests/access/{name}" for name in tests],
        cwd=tree,
        env=env,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return True, ""
    first = re.search(r"^(FAILED|ERROR) tests/(?:access/)?(\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or first is None or first[1] == NOT_A_FAILURE:
        return False, f"{NOT_A_FAILURE}: {(done.stdout + done.stderr).strip()[-300:]}"
    return False, first[2]


def main() -> int:
    names = set(sys.argv[1:])  # parts of names; none means all
    chosen = [fault for fault in FAULTS if not names or any(part in fault.name for part in names)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="keywork-mutants-") as folder:
        slots: Queue[int] = Queue()
        for slot in range(AT_ONCE):
            copy_tree(Path(folder) / str(slot))
            slots.put(slot)

        def without_fault(slot: int) -> tuple[bool, str]:
            # Once is enough; the other slots only make their database.
            tests = TESTS if slot == 0 else [FAULTS[0].by]
            return run(Path(folder) / str(slot), slot, tests, fresh=True)

        def planted(fault: Fault) -> tuple[bool, str]:
            slot = slots.get()
            target = Path(folder) / str(slot) / fault.path
            right = target.read_text()
            try:
                target.write_text(fault.applied(right))
                tree = Path(folder) / str(slot)
                green, why = run(tree, slot, [fault.by], fresh=False)
                return run(tree, slot, TESTS, fresh=False) if green else (green, why)
            finally:
                target.write_text(right)
                slots.put(slot)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for green, why in pool.map(without_fault, range(AT_ONCE)):
                if not green:
                    print(f"The access tests fail without any fault planted: {why}")
                    return 1
            bad = 0
            print(f"{'planted fault':<58}  caught by")
            print(f"{'-' * 58}  {'-' * 80}", flush=True)
            for fault, (green, by) in zip(chosen, pool.map(planted, chosen), strict=True):
                caught = not green and not by.startswith(NOT_A_FAILURE)
                bad += not caught
                print(f"{fault.name:<58}  {by if caught else by or 'SURVIVED'}", flush=True)
    print(f"\n{len(chosen) - bad} of {len(chosen)} faults noticed, in {time.monotonic() - began:.0f} s.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
