from django.urls import path

from questionnaires.urls import pages

from .class_view.urls import urlpatterns as asks
from .questions import views as proposals
from .questions.templates import FORM
from .rating.urls import urlpatterns as rating
from .rating.views import progress
from .sheets.urls import urlpatterns as sheets

app_name = "tsp"
urlpatterns = [
    *pages(FORM),
    path("form/proposals/", proposals.proposals, name="proposals"),
    path("form/proposals/new/", proposals.propose_change, name="propose"),
    path("form/proposals/<int:pk>/", proposals.answer_one, name="proposal_answer"),
    *asks,
    path("students/<int:pk>/", progress.student, name="student"),
    *sheets,
    *rating,  # last: its own begin with two words of anybody's
]
