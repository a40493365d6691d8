from django.urls import path

from questionnaires.urls import pages

from .templates import FORM
from .views import compare, rate, results, rounds

app_name = "ilsa"
urlpatterns = [
    path("students/<int:pk>/", compare.student, name="student"),
    path("students/<int:pk>/<slug:year>/", compare.compare, name="compare"),
    path("students/<int:pk>/<slug:year>/agree/<slug:item>/", compare.agree, name="agree"),
    path("forms/<int:pk>/", rate.form, name="form"),
    path("forms/<int:pk>/send/", rate.send, name="send"),
    path("forms/<int:pk>/missing/", rounds.missing, name="missing"),
    path("forms/<int:pk>/parts/<slug:domain>/", rate.part, name="part"),
    path("mine/<slug:year>/", rate.my_form, name="my_form"),
    path("mine/<slug:year>/send/", rate.my_send, name="my_send"),
    path("mine/<slug:year>/result/", results.my_result, name="my_result"),
    path("mine/<slug:year>/parts/<slug:domain>/", rate.my_part, name="my_part"),
    path("child/<int:pk>/<slug:year>/", rate.child_form, name="child_form"),
    path("child/<int:pk>/<slug:year>/send/", rate.child_send, name="child_send"),
    path("child/<int:pk>/<slug:year>/result/", results.child_result, name="child_result"),
    path("child/<int:pk>/<slug:year>/parts/<slug:domain>/", rate.child_part, name="child_part"),
    *pages(FORM),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/open/", rounds.open_round, name="open_round"),
    path("rounds/<slug:year>/", rounds.round_page, name="round"),
    path("rounds/<slug:year>/remind/", rounds.remind, name="remind"),
    path("rounds/<slug:year>/newcomers/", rounds.newcomers, name="newcomers"),
    path("school/", rounds.school, name="school"),
    path("school/<slug:year>.csv", rounds.school_csv, name="school_csv"),
]
