from django.urls import path

from questionnaires.urls import pages

from . import urls_asks, urls_goals, urls_pages, urls_progress, urls_sheets, urls_workspace
from .actions.templates import FORM
from .views import proposals

app_name = "tsp"
urlpatterns = [
    *pages(FORM),
    path("form/proposals/", proposals.proposals, name="proposals"),
    path("form/proposals/new/", proposals.propose_change, name="propose"),
    path("form/proposals/<int:pk>/", proposals.answer_one, name="proposal_answer"),
]
urlpatterns += urls_asks.urlpatterns
urlpatterns += urls_goals.urlpatterns
urlpatterns += urls_pages.urlpatterns
urlpatterns += urls_progress.urlpatterns
urlpatterns += urls_sheets.urlpatterns
# Last: its own begin with two words of anybody's.
urlpatterns += urls_workspace.urlpatterns
