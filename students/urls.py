"""The people: lists, one student's record, and what surrounds it."""

from django.urls import path

from .views import corrections, edit, family, importing, listing, outcomes, people, plans, record

app_name = "students"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("add/", edit.add, name="add"),
    path("import/", importing.start, name="import"),
    path("import/<int:pk>/", importing.preview, name="import_preview"),
    path("import/<int:pk>/columns/", importing.columns, name="import_columns"),
    path("import/<int:pk>/cancel/", importing.cancel, name="import_cancel"),
    path("import/<int:pk>/result/", importing.result, name="import_result"),
    path("import/<int:pk>/left-out.csv", importing.left_out, name="import_rejected"),
    path("<int:pk>/", record.record, name="record"),
    path("<int:pk>/edit/", edit.edit, name="edit"),
    path("<int:pk>/back/", edit.come_back, name="come_back"),
    path("<int:pk>/photo/", edit.photo, name="photo"),
    path("<int:pk>/family/add/", family.add, name="family_add"),
    path("<int:pk>/family/<int:link_id>/", family.edit, name="family_edit"),
    path("<int:pk>/family/<int:link_id>/end/", family.end, name="family_end"),
    path("<int:pk>/family/<int:link_id>/restriction/", family.restriction, name="restriction"),
    path("<int:pk>/read-first/", corrections.read_first, name="read_first"),
    path("<int:pk>/family/<int:link_id>/number/", corrections.number, name="number"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/people/share/", people.share, name="share"),
    path("<int:pk>/people/share/<int:access_id>/end/", people.end_share, name="end_share"),
    path("<int:pk>/people/absences/add/", people.add_absence, name="add_absence"),
    path("<int:pk>/people/absences/<int:absence_id>/remove/", people.remove_absence, name="remove_absence"),
    path("<int:pk>/plan/", plans.plan, name="plan"),
    path("<int:pk>/plan/add/", plans.plan_add, name="plan_add"),
    path("<int:pk>/plan/version/<int:number>/", plans.plan_version, name="plan_version"),
    path("<int:pk>/plan/version/<int:number>/edit/", plans.plan_edit, name="plan_edit"),
    path("<int:pk>/plan/version/<int:number>/plan.pdf", plans.plan_pdf, name="plan_pdf"),
    path("<int:pk>/plan/outcomes/add/", outcomes.add, name="outcome_add"),
    path("<int:pk>/plan/outcomes/<int:outcome_id>/", outcomes.edit, name="outcome_edit"),
    path("<int:pk>/plan/outcomes/<int:outcome_id>/status/", outcomes.status, name="outcome_status"),
    path("<int:pk>/plan/outcomes/<int:outcome_id>/remove/", outcomes.remove, name="outcome_remove"),
    path("<int:pk>/keyworkers/", record.keyworkers, name="keyworkers"),
    path("<int:pk>/openings/", record.openings, name="openings"),
]
