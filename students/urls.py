"""The people: lists, one student's record, and what surrounds it."""

from django.urls import path

from .views import edit, family, importing, listing, people, record, weekly

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
    path("weeks/", weekly.start, name="weeks"),
    path("weeks/<int:pk>/", weekly.preview, name="weeks_preview"),
    path("weeks/<int:pk>/columns/", weekly.columns, name="weeks_columns"),
    path("<int:pk>/", record.record, name="record"),
    path("<int:pk>/edit/", edit.edit, name="edit"),
    path("<int:pk>/back/", edit.come_back, name="come_back"),
    path("<int:pk>/photo/", edit.photo, name="photo"),
    path("<int:pk>/family/add/", family.add, name="family_add"),
    path("<int:pk>/family/<int:link_id>/", family.edit, name="family_edit"),
    path("<int:pk>/family/<int:link_id>/end/", family.end, name="family_end"),
    path("<int:pk>/family/<int:link_id>/restriction/", family.restriction, name="restriction"),
    path("<int:pk>/read-first/", edit.read_first, name="read_first"),
    path("<int:pk>/family/<int:link_id>/number/", edit.number, name="number"),
    path("<int:pk>/own-choice/", family.own_choice, name="own_choice"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/people/share/", people.share, name="share"),
    path("<int:pk>/people/share/<int:access_id>/end/", people.end_share, name="end_share"),
    path("<int:pk>/people/absences/add/", people.add_absence, name="add_absence"),
    path("<int:pk>/people/absences/<int:absence_id>/remove/", people.remove_absence, name="remove_absence"),
    path("<int:pk>/keyworkers/", record.keyworkers, name="keyworkers"),
    path("<int:pk>/hand-over/", record.hand_over, name="hand_over"),
    path("<int:pk>/hand-over/<int:note_id>/read/", record.hand_over_read, name="hand_over_read"),
    path("<int:pk>/openings/", record.openings, name="openings"),
]
