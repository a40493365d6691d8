"""The routes of this app itself, in the namespace "keywork"."""

from django.urls import path

from .views import drafts

app_name = "keywork"
urlpatterns = [
    path("drafts/<int:student_id>/<slug:form>/", drafts.draft, name="draft"),
    path("drafts/form/<slug:form>/", drafts.form_draft, name="form_draft"),
]
