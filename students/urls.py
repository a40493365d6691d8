"""The people: lists, one student's record, and what surrounds it."""

from django.urls import path

from .views import listing, people, record

app_name = "students"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("<int:pk>/", record.record, name="record"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/people/share/", people.share, name="share"),
    path("<int:pk>/people/share/<int:access_id>/end/", people.end_share, name="end_share"),
    path("<int:pk>/people/absences/add/", people.add_absence, name="add_absence"),
    path("<int:pk>/people/absences/<int:absence_id>/remove/", people.remove_absence, name="remove_absence"),
    path("<int:pk>/keyworkers/", record.keyworkers, name="keyworkers"),
    path("<int:pk>/openings/", record.openings, name="openings"),
]
