"""Which page a form is of that waits to be sent (keywork.pending), in words for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.urls import Resolver404, resolve

from keywork import clock
from keywork.access import Can, allows
from keywork.dates import day_in_full, london_date
from keywork.models import PendingSubmission, User
from keywork.words import worded_lazy
from students.models import Student

# By the name of an address: what is written there; and, where the address names a row and not the student, its model.
PAGES: Mapping[str, tuple[str, str]] = {
    # one's own, and the school's
    "portal:me": ("How you are reached", ""),
    "portal:digest": ("What you are told of by e-mail", ""),
    "portal:away": ("Days you are away", ""),
    "portal:away_remove": ("Days you are away", ""),
    "portal:staff_away": ("Days somebody is away", ""),
    "portal:staff_away_remove": ("Days somebody is away", ""),
    "portal:calendar_days_off": ("Days off in the calendar", ""),
    "portal:calendar_take_back_closure": ("Taking a closure back", ""),
    "portal:calendar_take_back_inset": ("Taking an INSET day back", ""),
    "portal:calendar_copy_year": ("The next school year", ""),
    "portal:calendar_half_terms": ("Term dates", ""),
    "portal:policy_rule": ("A rule of the school", ""),
    "portal:policy_preset": ("Preset of the school's rules", ""),
    "portal:save_filter": ("A filter to keep", ""),
    "portal:remove_filter": ("Removing a filter", ""),
    "portal:setup": ("Setting the school up", ""),
    "portal:invitations": ("Invitations", ""),
    "portal:invitation_letters": ("Invitations", ""),
    "portal:invitation_letters_posted": ("Invitations", ""),
    "portal:ask_change": (worded_lazy("A different keyworker"), ""),
    "students:hand_over": ("A hand-over note", ""),
    "students:hand_over_read": ("That a hand-over note was read", ""),
    "students:own_choice": ("What a young person decides", ""),
    "portal:sign_in_card": ("A card to sign in with", ""),
    "portal:sign_in_card_end": ("The end of a card", ""),
    "portal:pass_on": ("A request passed on", ""),
    "portal:answer_change": ("Answer to a request", "students.ChangeRequest"),
    "portal:assign": ("Assignment", ""),
    "portal:end_assignment": ("End of an assignment", "keywork.Assignment"),
    "portal:take_back": ("Taking an assignment back", "keywork.Assignment"),
    "portal:hand_over": (worded_lazy("Handing students over"), ""),
    "portal:health": ("Health of Keywork", ""),
    "portal:invite_staff": ("Invitation", ""),
    "portal:account": ("Account", ""),
    "portal:account_close": ("Closing an account", ""),
    "portal:account_reopen": ("Opening an account again", ""),
    "portal:account_reset": ("Account", ""),
    # contacts and sessions
    "contacts:log_contact": ("Contact with home", ""),
    "contacts:log_session": ("Keywork session", ""),
    "contacts:pair": ("Who covers the holiday", ""),
    "contacts:brief": ("What home told in the holiday", ""),
    "contacts:mentoring": ("A mentoring slot", ""),
    "contacts:drop_in": ("A drop-in", ""),
    "contacts:drop_in_add": ("A time of drop-in", ""),
    "contacts:drop_in_remove": ("A time of drop-in", ""),
    "contacts:mentoring_slot": ("What became of a slot", "contacts.MentoringSlot"),
    "contacts:mentoring_move": ("Another time for a slot", "contacts.MentoringSlot"),
    "contacts:amend_contact": ("Change of a contact with home", "contacts.HomeContact"),
    "contacts:amend_session": ("Change of a keywork session", "contacts.KeyworkSession"),
    "contacts:void_contact": ("Crossing out a contact", "contacts.HomeContact"),
    "contacts:void_session": ("Crossing out a session", "contacts.KeyworkSession"),
    "contacts:move_contact": (worded_lazy("Moving a contact to its student"), "contacts.HomeContact"),
    "contacts:move_session": (worded_lazy("Moving a session to its student"), "contacts.KeyworkSession"),
    "contacts:undo_contact": ("Undoing a contact", "contacts.HomeContact"),
    "contacts:undo_session": ("Undoing a session", "contacts.KeyworkSession"),
    "contacts:approve": ("What home may read of a contact", "contacts.HomeContact"),
    "contacts:approve_session": ("What home may read of a session", "contacts.KeyworkSession"),
    "contacts:follow_up_contact": ("Asking a colleague", "contacts.HomeContact"),
    "contacts:follow_up_session": ("Asking a colleague", "contacts.KeyworkSession"),
    "contacts:follow_up_take_back": ("Taking back what a colleague was asked", "enquiries.Enquiry"),
    "contacts:follow_up_ask_another": ("Asking another colleague", "enquiries.Enquiry"),
    "contacts:holds": ("Hold on contact", ""),
    "contacts:end_hold": ("End of a hold on contact", "contacts.ContactHold"),
    "contacts:write_letter": ("E-mail to home", ""),
    "contacts:new_log_address": ("A new address of the log", ""),
    "contacts:log_mail": ("An e-mail for the log", "contacts.IncomingMail"),
    "contacts:throw_mail_away": ("Throwing an e-mail away", "contacts.IncomingMail"),
    "contacts:put_mail_back": ("Putting an e-mail back", "contacts.IncomingMail"),
    "contacts:begin_check_up": ("Asking teachers how it goes", ""),
    "contacts:read_check_up": ("Reading what a teacher told", "enquiries.Enquiry"),
    "contacts:explain_miss": ("Why something was missed", "contacts.Miss"),
    "contacts:acknowledge_miss": ("That a miss was seen", "contacts.Miss"),
    "contacts:withdraw_miss": ("Taking back a miss", "contacts.Miss"),
    "safety:say": ("I do not feel safe", ""),
    "safety:worry": (worded_lazy("What a student said"), ""),
    # students
    "students:add": (worded_lazy("A new student"), ""),
    "students:edit": (worded_lazy("Student’s details"), ""),
    "students:come_back": ("Coming back to school", ""),
    "students:family_add": ("A new family contact", ""),
    "students:family_edit": ("Family’s details", ""),
    "students:family_end": ("End of a family contact", ""),
    "students:number": ("A family’s number", ""),
    "students:read_first": ("What to read first", ""),
    "students:restriction": ("Court restriction", ""),
    "students:share": ("Sharing a record", ""),
    "students:end_share": ("End of sharing a record", ""),
    "students:add_absence": ("Days away", ""),
    "students:remove_absence": ("Days away", ""),
    "care:plan_add": ("EHC plan", ""),
    "care:plan_edit": ("EHC plan", ""),
    "care:share": ("Showing something to a colleague", ""),
    "care:shared_end": ("Showing something no longer", ""),
    "care:document_add": ("A document", ""),
    "care:document_void": ("Crossing out a document", ""),
    "care:resource_add": (worded_lazy("Something given to a student"), ""),
    "care:resource_edit": (worded_lazy("Something given to a student"), ""),
    "care:tried_add": ("What you tried", ""),
    "care:tried_void": ("Crossing out what was tried", ""),
    "care:taking_over": ("That you have read about a student", ""),
    "care:kept_write": ("A plan", ""),
    "care:kept_read": ("That a plan was read", ""),
    "care:kept_end": ("End of a plan", ""),
    "care:outcome_add": ("Outcome of the plan", ""),
    "care:outcome_edit": ("Outcome of the plan", ""),
    "care:outcome_status": ("Outcome of the plan", ""),
    "care:outcome_remove": ("Outcome of the plan", ""),
    **dict.fromkeys(
        ("care:meeting_add", "care:meeting_edit", "care:meeting_minutes", "care:meeting_summary", "care:meeting_call_off"),
        ("A meeting", ""),
    ),
    **dict.fromkeys(
        ("care:meeting_agree", "care:action", "care:action_undo"), ("Something that was agreed", "")
    ),
    **dict.fromkeys(
        ("care:checklist_begin", "care:checklist_end", "care:point", "care:point_tick"), ("A list", "")
    ),
    "care:list_edit": ("The points of a list", ""),
    **dict.fromkeys(
        ("care:decision_add", "care:decision_withdraw", "care:decision_said", "care:decision_reply"),
        ("A decision", ""),
    ),
    "care:review_add": ("Date of a review", ""),
    **dict.fromkeys(
        (
            "care:review_move", "care:review_void", "care:review_step", "care:review_person_add", "care:review_person",
            "care:review_person_again", "care:review_person_out", "care:review_change_add", "care:review_change",
        ),
        ("A review of the plan", ""),
    ),
    "care:cycle_add": ("A cycle of support", ""),
    "care:cycle": ("A cycle of support", ""),
    "care:cycle_void": ("A cycle of support", ""),
    "care:assessment_add": ("Request for a needs assessment", ""),
    "care:assessment_edit": ("Request for a needs assessment", ""),
    "care:assessment_void": ("Request for a needs assessment", ""),
    "students:import": (worded_lazy("List of students"), ""),
    "students:import_preview": (worded_lazy("List of students"), ""),
    "students:import_columns": (worded_lazy("List of students"), ""),
    "students:import_cancel": (worded_lazy("List of students"), ""),
    **dict.fromkeys(
        ("students:weeks", "students:weeks_preview", "students:weeks_columns"), ("Attendance and points", "")
    ),
    # the form of the TSP
    "tsp:propose": ("Proposal for the TSP form", ""),
    "tsp:proposal_answer": ("Answer to a proposal", ""),
    **dict.fromkeys(
        (
            "tsp:start_draft", "tsp:discard_draft", "tsp:publish", "tsp:import", "tsp:scale_edit", "tsp:area_add",
            "tsp:area_move", "tsp:area_edit", "tsp:statement_add", "tsp:statement_edit", "tsp:move", "tsp:tool_edit",
            "tsp:field_add", "tsp:field_edit", "tsp:field_move",
        ),
        ("The TSP form", ""),
    ),
    # what is asked of others
    "enquiries:remind": ("Reminder of what you asked", "enquiries.Enquiry"),
    "enquiries:withdraw": ("Taking back what you asked", "enquiries.Enquiry"),
    "enquiries:new_link": ("A new link for somebody outside", "enquiries.Enquiry"),
    "enquiries:answer": ("What you were asked for", "enquiries.Enquiry"),
    "enquiries_before:answer": ("What you were asked for", "enquiries.Enquiry"),
    # TSP
    "tsp:ask_colleagues": ("Asking colleagues", ""),
    "tsp:ask_outside": ("Asking somebody outside", ""),
    "tsp:ask_home": ("Asking home", ""),
    "tsp:remind_all": ("Reminder to colleagues", ""),
    "tsp:remind": ("Reminder to a colleague", ""),
    "tsp:ws_save": ("TSP", ""),
    "tsp:ws_open": ("TSP", ""),
    "tsp:ws_confirm": ("TSP", ""),
    "tsp:ws_finish": ("Finishing the TSP", ""),
    "tsp:ws_examples": ("Example beside a rating", ""),
    "tsp:ws_example_remove": ("Example beside a rating", "tsp.Evidence"),
    "tsp:ws_reopen": ("Opening the TSP again", ""),
    "goals:add": ("A new goal", ""),
    "goals:edit": ("Goal", "tsp.Goal"),
    "goals:ask": ("Asking for a goal to be agreed", "tsp.Goal"),
    "goals:keep_levels": ("Levels of a goal", "tsp.Goal"),
    "goals:check": ("Check of a goal", "tsp.Goal"),
    "goals:score": ("Score of a goal", "tsp.Goal"),
    "goals:second": ("Second view of a goal", "tsp.Goal"),
    "goals:withdraw": ("Withdrawing a goal", "tsp.Goal"),
    "goals:end": ("End of a goal", "tsp.Goal"),
    "goals:score_void": ("Crossing out a score", "tsp.GoalScore"),
    "goals:judge": ("Progress on an outcome", ""),
    "tsp:observe": ("Observation", ""),
    "tsp:input_add": ("Team input", ""),
    "tsp:restorative_add": ("Restorative conversation", ""),
    "tsp:repair_agree": ("What was agreed after a conflict", "tsp.Sheet"),
    "tsp:repair_ask": ("Asking a colleague to take part", "tsp.Sheet"),
    "tsp:repair_part": ("Whether you take part in a conversation", "care.PartAsked"),
    "tsp:sheet_start": ("A new sheet", ""),
    "tsp:sheet_declined": (worded_lazy("That a student would rather not"), ""),
    "tsp:sheet_fill": ("Sheet", "tsp.Sheet"),
    "tsp:sheet_decline": (worded_lazy("That a student would rather not"), "tsp.Sheet"),
    "tsp:sheet_void": ("Crossing out a sheet", "tsp.Sheet"),
    "tsp:sheet_checked": ("Check of a sheet", "tsp.Sheet"),
    "tsp:attach": ("Picture of a sheet", "tsp.Sheet"),
    "tsp:attachment_remove": ("Picture of a sheet", ""),
    "home:start": ("Your own view", ""),
    "home:rather_not": ("That you would rather not", ""),
    "home:step": ("Your own view", ""),
    "home:tick_area": ("Your own view", ""),
    "home:check": ("Your own view", ""),
    "home:share": ("Your own view", ""),
    "home:end": ("Your own view", ""),
    "home:attach": ("A picture of yours", ""),
    "home:detach": ("A picture of yours", ""),
    "home:feeling": ("How you feel", ""),
    "home:feeling_back": ("How you feel", ""),
    "home:talk": ("Talk with school", ""),
    "home:talk_not": ("Talk with school", ""),
    "home:talk_ticks": ("Talk with school", ""),
    "home:decision": ("Your answer to a decision", ""),
    "home:my_decision": ("Your answer to a decision", ""),
    "home:home_view": ("How it is at home", ""),
    "home:meet": ("Asking for a meeting", ""),
    "home:my_meeting": ("A meeting", ""),
    "home:messages": ("A message to school", ""),
    "home:details": ("My details", ""),
    "home:proposal": ("Details from home", "home.DetailsProposal"),
    "home:chat": ("Asking for a chat", ""),
    "home:my_chat": ("A chat", ""),
    "home:waiting": ("Times for families", ""),
    "home:take_time_back": ("Taking back a time for families", ""),
    "home:meeting": ("A meeting with home", "home.Appointment"),
    "home:log_meeting": ("A meeting with home", "home.Appointment"),
    "home:thread": ("A message to home", ""),
    "safety:say_home": ("This worries me", ""),
    # independence
    "ilsa:part": ("Independence", "ilsa.RaterForm"),
    "ilsa:send": ("Independence", "ilsa.RaterForm"),
    "ilsa:missing": ("Why a form of independence is missing", "ilsa.RaterForm"),
    "ilsa:agree": ("Agreeing a value of independence", ""),
    "ilsa:my_part": ("My independence", ""),
    "ilsa:my_send": ("My independence", ""),
    "ilsa:child_part": ("Independence", ""),
    "ilsa:child_send": ("Independence", ""),
    "ilsa:open_round": ("A new round of independence", ""),
    "ilsa:remind": ("Reminder in a round of independence", ""),
    "ilsa:newcomers": ("Newcomers in a round of independence", ""),
    **dict.fromkeys(
        (
            "ilsa:start_draft", "ilsa:discard_draft", "ilsa:publish", "ilsa:import", "ilsa:answers_edit",
            "ilsa:domain_edit", "ilsa:question_add", "ilsa:question_edit", "ilsa:move",
        ),
        ("The form of independence", ""),
    ),
    # reports
    "reports:letterhead": ("Name and letterhead", ""),
    "reports:authority_forms": ("A local authority’s form", ""),
    "reports:authority_form_retire": ("A local authority’s form", ""),
    "reports:authority_form": ("A local authority’s form", ""),
    "reports:authority_fill": ("Answers for a local authority’s form", ""),
    "reports:list": ("Order of reports", ""),
    "reports:batch_again": ("Order of reports", ""),
    "reports:batch_cancel": ("Order of reports", ""),
    "reports:release_batch": ("Release of reports", ""),
    "reports:release": ("Release of a report", "reports.Report"),
    "reports:comment": ("What you say about a report", "reports.Report"),
    "reports:outside": ("Somebody outside who gets a report", "reports.Report"),
    "reports:outside_code": ("A new code for somebody outside", "reports.OutsideCopy"),
    "reports:outside_link": ("A new link for somebody outside", "reports.OutsideCopy"),
    "reports:outside_take_back": ("Taking back a copy for somebody outside", "reports.OutsideCopy"),
    "reports:withdraw": ("Taking back a report", "reports.Report"),
    "reports:written_list": ("A report to write", ""),
    "reports:written_begin": ("A report to write", ""),
    **dict.fromkeys(
        (
            "reports:written_section", "reports:written_days", "reports:written_send", "reports:written_take_back",
            "reports:written_send_back", "reports:written_approve",
        ),
        ("A written report", "reports.WrittenReport"),
    ),
    "reports:student_file": ("Reason to take a whole file out", ""),
    "reports:packs": ("A new evidence pack", ""),
    **dict.fromkeys(
        ("reports:pack_items", "reports:pack_words", "reports:pack_read", "reports:pack_documents", "reports:pack_order"),
        ("Evidence pack", "reports.EvidencePack"),
    ),
    "reports:pack_take_out": ("Document of an evidence pack", "reports.PackDocument"),
}  # fmt: skip
NOT_NAMED = "A form"
STUDENT = re.compile(r"(students|child)/<int:pk>/")


def page_words(one: PendingSubmission, user: User) -> str:
    """ "Contact with home, Mina H., sent 12:40": the student only for who may still see that they are here."""
    try:
        match = resolve(one.path.partition("?")[0])
    except Resolver404:
        return NOT_NAMED
    words, model = PAGES.get(match.view_name, (NOT_NAMED, ""))
    of_student = STUDENT.search(match.route) is not None
    name = _name(user, _student_id(match.kwargs, model, of_student))
    return ", ".join(filter(None, (str(words), name, _when(one.at))))


def _student_id(kwargs: Mapping[str, Any], model: str, of_student: bool) -> int | None:
    if "student_id" in kwargs:
        return kwargs["student_id"]
    if not model:
        return kwargs.get("pk") if of_student else None
    rows = apps.get_model(model)._default_manager.filter(pk=kwargs["pk"])
    return rows.values_list(getattr(rows, "student_path", "student_id"), flat=True).first()


def _name(user: User, pk: int | None) -> str:
    student = Student.objects.filter(pk=pk).first() if pk is not None else None
    if student is None or not any(
        allows(user, can, student) for can in (Can.VIEW_STUDENT, Can.VIEW_FAMILY_HOME)
    ):
        return ""
    return f"{student.known_as} {student.surname[:1]}."


def _when(moment: datetime) -> str:
    day = london_date(moment)
    on = "" if day == clock.today() else f" on {day_in_full(day, clock.today())}"
    return f"sent {moment.astimezone(clock.LONDON):%H:%M}{on}"
