"""The EHC plan of a student and its outcomes, and meetings, decisions and lists, as tabs of their record."""

from django.urls import path

from .decisions import views as decisions
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
    path("<int:pk>/decisions/", decisions.decisions, name="decisions"),
    path("<int:pk>/decisions/add/", decisions.add, name="decision_add"),
    path("<int:pk>/decisions/<int:decision_id>/", decisions.decision, name="decision"),
    path("<int:pk>/decisions/<int:decision_id>/take-back/", decisions.withdraw, name="decision_withdraw"),
    path("<int:pk>/decisions/<int:decision_id>/<int:reader_id>/said/", decisions.said, name="decision_said"),
    path(
        "<int:pk>/decisions/<int:decision_id>/<int:reader_id>/answer/", decisions.reply, name="decision_reply"
    ),
]
