"""Front doors. Each group of lines belongs to one module of `portal.views`."""

from django.urls import path

from .views import home, oversight, pages, search, today

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/<int:student_id>/card/", today.card, name="card"),
    path("oversight/", oversight.oversight, name="oversight"),
    path("oversight/table.csv", oversight.download, name="oversight_csv"),
    path("search/", search.search, name="search"),
    path("help/", pages.help_page, name="help"),
    path("privacy/", pages.privacy, name="privacy"),
    path("healthz", pages.healthz, name="healthz"),
]
