"""The EHC plan of a student and its outcomes, as a tab of their record."""

from django.urls import path

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
]
