from django.urls import path

from questionnaires.urls import pages

from .class_view import views as follow
from .enquiries import views as asks
from .questions import views as proposals
from .questions.templates import FORM
from .rating.views import examples, finishing, progress, workspace
from .sheets.views import attachments, fill, restorative, sheet, start

POINT = "students/<int:pk>/<slug:term>/<slug:kind>/"

app_name = "tsp"
urlpatterns = [
    *pages(FORM),
    path("form/proposals/", proposals.proposals, name="proposals"),
    path("form/proposals/new/", proposals.propose_change, name="propose"),
    path("form/proposals/<int:pk>/", proposals.answer_one, name="proposal_answer"),
    path("students/<int:pk>/asks/", asks.asks, name="asks"),
    path("students/<int:pk>/asks/colleagues/", asks.ask_colleagues, name="ask_colleagues"),
    path("students/<int:pk>/asks/outside/", asks.ask_outside, name="ask_outside"),
    path("students/<int:pk>/asks/home/", asks.ask_home, name="ask_home"),
    path("class/", follow.class_view, name="class"),
    path("class/download/", follow.class_csv, name="class_csv"),
    path("class/chase/", follow.remind_all, name="remind_all"),
    path("class/<int:pk>/chase/", follow.remind_one, name="remind"),
    path("students/<int:pk>/", progress.student, name="student"),
    path("students/<int:pk>/sheets/", sheet.sheets, name="sheets"),
    path("students/<int:pk>/what-helps/", sheet.what_helps, name="what_helps"),
    path("students/<int:pk>/sheets/observation/", start.observe, name="observe"),
    path("students/<int:pk>/sheets/team-input/", start.input_add, name="input_add"),
    path("students/<int:pk>/sheets/repair/", start.restorative_add, name="restorative_add"),
    path("students/<int:pk>/sheets/<slug:tool>/", start.start, name="sheet_start"),
    path("students/<int:pk>/sheets/<slug:tool>/declined/", start.declined, name="sheet_declined"),
    path("sheets/<int:pk>/agree/", restorative.agree, name="repair_agree"),
    path("sheets/<int:pk>/agree/record/", restorative.take, name="repair_take"),
    path("sheets/<int:pk>/ask/", restorative.ask, name="repair_ask"),
    path("asked-to-take-part/<int:pk>/", restorative.part, name="repair_part"),
    path("sheets/<int:pk>/", sheet.sheet, name="sheet"),
    path("sheets/<int:pk>/fill/", fill.fill, name="sheet_fill"),
    path("sheets/<int:pk>/decline/", fill.decline_one, name="sheet_decline"),
    path("sheets/<int:pk>/cross-out/", fill.void_one, name="sheet_void"),
    path("sheets/<int:pk>/checked/", fill.checked, name="sheet_checked"),
    path("sheets/<int:pk>/attach/", attachments.attach_one, name="attach"),
    path("sheets/attachments/<int:pk>/", attachments.for_staff, name="attachment"),
    path("sheets/attachments/<int:pk>/remove/", attachments.remove_one, name="attachment_remove"),
    path("mine/attachments/<int:pk>/", attachments.for_student, name="student_attachment"),
    path("child/attachments/<int:pk>/", attachments.for_family, name="family_attachment"),
    # The workspace of one assessment point, last: its addresses begin with two words of anybody's.
    path("evidence/<int:pk>/remove/", examples.remove, name="ws_example_remove"),
    path(POINT, workspace.workspace, name="workspace"),
    path(f"{POINT}save/", workspace.save, name="ws_save"),
    path(f"{POINT}open/", workspace.open_it, name="ws_open"),
    path(f"{POINT}live/", workspace.live, name="ws_live"),
    path(f"{POINT}finish/", finishing.finish, name="ws_finish"),
    path(f"{POINT}reopen/", finishing.reopen, name="ws_reopen"),
    path(f"{POINT}confirm/<slug:area>/", workspace.confirm, name="ws_confirm"),
    path(f"{POINT}examples/<slug:statement>/", examples.examples, name="ws_examples"),
]
