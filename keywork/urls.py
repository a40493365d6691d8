"""First pages first; every route has a name and a permission (keywork.checks)."""

from django.urls import include, path

from .views import drafts

handler500 = "keywork.views.broken.broken"

DRAFTS = [
    path("drafts/<int:student_id>/<slug:form>/", drafts.draft, name="draft"),
    path("drafts/form/<slug:form>/", drafts.form_draft, name="form_draft"),
]
urlpatterns = [
    path("", include("portal.urls")),
    path("", include((DRAFTS, "keywork"))),
    path("students/", include("students.urls")),
    path("students/", include("care.urls")),
    path("", include("contacts.urls")),
    path("", include("safety.urls")),
    path("enquiries/", include("enquiries.urls")),
    path("tsp/", include("enquiries.old_urls")),
    path("tsp/", include("goals.urls")),
    path("", include("home.urls")),
    path("tsp/", include("tsp.urls")),
    path("independence/", include("ilsa.urls")),
    path("reports/", include("reports.urls")),
    path("accounts/", include("keywork.account_urls")),
    path("accounts/", include("portal.card_urls")),
]
