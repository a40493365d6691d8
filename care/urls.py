"""The EHC plan of a student and its outcomes, plans, and meetings, decisions and lists, as tabs of their record."""

from django.urls import path

from .assessments import views as assessments
from .checklists import views as checklists
from .decisions import views as decisions
from .documents import views as documents
from .meetings import views as meetings
from .plans import views as plans
from .profile import views as profile
from .reviews import views as reviews
from .sharing import views as sharing
from .taking_over import views as taking
from .views import ehc_plan, outcomes

app_name = "care"
urlpatterns = [
    path("<int:pk>/plan/", ehc_plan.plan, name="plan"),
    path("<int:pk>/plan/add/", ehc_plan.plan_add, name="plan_add"),
    path("<int:pk>/plan/version/<int:number>/", ehc_plan.plan_version, name="plan_version"),
    path("<int:pk>/plan/version/<int:number>/edit/", ehc_plan.plan_edit, name="plan_edit"),
    path("<int:pk>/plan/version/<int:number>/plan.pdf", ehc_plan.plan_pdf, name="plan_pdf"),
    path("<int:pk>/plan/outcomes/add/", outcomes.add, name="outcome_add"),
    path("<int:pk>/plan/outcomes/<int:outcome_id>/", outcomes.edit, name="outcome_edit"),
    path("<int:pk>/plan/outcomes/<int:outcome_id>/status/", outcomes.status, name="outcome_status"),
    path("<int:pk>/plan/outcomes/<int:outcome_id>/remove/", outcomes.remove, name="outcome_remove"),
    path("lists/", checklists.board, name="lists_board"),
    path("lists/<slug:slug>/points/", checklists.edit, name="list_edit"),
    path("<int:pk>/lists/", checklists.checklists, name="checklists"),
    path("<int:pk>/lists/begin/", checklists.begin, name="checklist_begin"),
    path("<int:pk>/lists/<int:list_id>/", checklists.checklist, name="checklist"),
    path("<int:pk>/lists/<int:list_id>/end/", checklists.end, name="checklist_end"),
    path("<int:pk>/lists/points/<int:point_id>/", checklists.point, name="point"),
    path("<int:pk>/lists/points/<int:point_id>/tick/", checklists.tick, name="point_tick"),
    path("<int:pk>/meetings/", meetings.meetings, name="meetings"),
    path("<int:pk>/meetings/add/", meetings.add, name="meeting_add"),
    path("<int:pk>/meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("<int:pk>/meetings/<int:meeting_id>/edit/", meetings.edit, name="meeting_edit"),
    path("<int:pk>/meetings/<int:meeting_id>/minutes/", meetings.minutes, name="meeting_minutes"),
    path("<int:pk>/meetings/<int:meeting_id>/summary/", meetings.summary, name="meeting_summary"),
    path("<int:pk>/meetings/<int:meeting_id>/call-off/", meetings.call_off, name="meeting_call_off"),
    path("<int:pk>/meetings/<int:meeting_id>/agree/", meetings.agree, name="meeting_agree"),
    path("<int:pk>/agreed/<int:action_id>/", meetings.action, name="action"),
    path("<int:pk>/agreed/<int:action_id>/undo/", meetings.action_undo, name="action_undo"),
    path("<int:pk>/decisions/", decisions.decisions, name="decisions"),
    path("<int:pk>/decisions/add/", decisions.add, name="decision_add"),
    path("<int:pk>/decisions/<int:decision_id>/", decisions.decision, name="decision"),
    path("<int:pk>/decisions/<int:decision_id>/take-back/", decisions.withdraw, name="decision_withdraw"),
    path("<int:pk>/decisions/<int:decision_id>/<int:reader_id>/said/", decisions.said, name="decision_said"),
    path(
        "<int:pk>/decisions/<int:decision_id>/<int:reader_id>/answer/", decisions.reply, name="decision_reply"
    ),
    path("<int:pk>/reviews/", reviews.reviews, name="reviews"),
    path("<int:pk>/reviews/add/", reviews.add, name="review_add"),
    path("<int:pk>/reviews/<int:review_id>/", reviews.review, name="review"),
    path("<int:pk>/reviews/<int:review_id>/papers/", reviews.papers, name="review_papers"),
    path("<int:pk>/reviews/<int:review_id>/move/", reviews.move, name="review_move"),
    path("<int:pk>/reviews/<int:review_id>/take-back/", reviews.void, name="review_void"),
    path("<int:pk>/reviews/<int:review_id>/talk/", reviews.talk, name="review_talk"),
    path("<int:pk>/reviews/<int:review_id>/step/<slug:step>/", reviews.step, name="review_step"),
    path("<int:pk>/reviews/<int:review_id>/people/add/", reviews.person_add, name="review_person_add"),
    path("<int:pk>/reviews/<int:review_id>/people/<int:person_id>/", reviews.person, name="review_person"),
    path(
        "<int:pk>/reviews/<int:review_id>/people/<int:person_id>/again/",
        reviews.person_again,
        name="review_person_again",
    ),
    path(
        "<int:pk>/reviews/<int:review_id>/people/<int:person_id>/out/",
        reviews.person_out,
        name="review_person_out",
    ),
    path("<int:pk>/reviews/<int:review_id>/changes/add/", reviews.change_add, name="review_change_add"),
    path("<int:pk>/reviews/<int:review_id>/changes/<int:change_id>/", reviews.change, name="review_change"),
    path("<int:pk>/support/", assessments.support, name="assessment"),
    path("<int:pk>/support/cycles/add/", assessments.cycle_add, name="cycle_add"),
    path("<int:pk>/support/cycles/<int:cycle_id>/", assessments.cycle, name="cycle"),
    path("<int:pk>/support/cycles/<int:cycle_id>/take-back/", assessments.cycle_void, name="cycle_void"),
    path("<int:pk>/support/request/", assessments.request_add, name="assessment_add"),
    path("<int:pk>/support/request/<int:assessment_id>/", assessments.request_edit, name="assessment_edit"),
    path(
        "<int:pk>/support/request/<int:assessment_id>/take-back/",
        assessments.request_void,
        name="assessment_void",
    ),
    path("<int:pk>/documents/", documents.documents, name="documents"),
    path("<int:pk>/documents/add/", documents.document_add, name="document_add"),
    path("<int:pk>/documents/<int:document_id>/", documents.document, name="document"),
    path("<int:pk>/documents/<int:document_id>/file/", documents.document_file, name="document_file"),
    path("<int:pk>/documents/<int:document_id>/void/", documents.document_void, name="document_void"),
    path("shown-to-me/", sharing.shared_with_me, name="shared_with_me"),
    path("shown-to-me/<int:pk>/", sharing.shared, name="shared"),
    path("<int:pk>/shown/", sharing.shared_of, name="shared_of"),
    path("<int:pk>/shown/<int:shared_id>/end/", sharing.shared_end, name="shared_end"),
    path("<int:pk>/show/<slug:what>/<int:item_id>/", sharing.share, name="share"),
    path("<int:pk>/given/add/", profile.resource_add, name="resource_add"),
    path("<int:pk>/given/<int:resource_id>/", profile.resource_edit, name="resource_edit"),
    path("<int:pk>/tried/add/", profile.tried_add, name="tried_add"),
    path("<int:pk>/tried/<int:tried_id>/void/", profile.tried_void, name="tried_void"),
    path("<int:pk>/taking-over/", taking.taking_over, name="taking_over"),
    path("<int:pk>/plans/", plans.kept_list, name="kept_list"),
    path("<int:pk>/plans/<slug:kind>/", plans.kept, name="kept"),
    path("<int:pk>/plans/<slug:kind>/home/", plans.kept_home, name="kept_home"),
    path("<int:pk>/plans/<slug:kind>/version/<int:number>/", plans.kept_version, name="kept_version"),
    path("<int:pk>/plans/<slug:kind>/version/<int:number>/read/", plans.kept_read, name="kept_read"),
    path("<int:pk>/plans/<slug:kind>/write/", plans.kept_write, name="kept_write"),
    path("<int:pk>/plans/<slug:kind>/end/", plans.kept_end, name="kept_end"),
]
