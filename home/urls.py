"""The pages of students (mine/…) and of parents and carers (child/<student>/…)."""

from django.urls import path

from .views import decisions, feeling, parent, steps, student

app_name = "home"
urlpatterns = [
    path("mine/", student.sheets, name="sheets"),
    path("mine/feeling/", feeling.feeling, name="feeling"),
    path("mine/feeling/take-back/", feeling.feeling_back, name="feeling_back"),
    path("mine/start/<slug:tool>/", steps.start, name="start"),
    path("mine/start/<slug:tool>/rather-not/", steps.rather_not, name="rather_not"),
    path("mine/<int:pk>/", student.read, name="read"),
    path("mine/<int:pk>/check/", student.check, name="check"),
    path("mine/<int:pk>/share/", student.share, name="share"),
    path("mine/<int:pk>/end/", steps.end, name="end"),
    path("mine/<int:pk>/tick/", steps.ticks, name="ticks"),
    path("mine/<int:pk>/tick/<slug:area>/", steps.tick_area, name="tick_area"),
    path("mine/<int:pk>/question/<slug:step>/", steps.step, name="step"),
    path("mine/<int:pk>/question/<slug:step>/attach/", steps.attach, name="attach"),
    path("mine/files/<int:pk>/take-off/", steps.take_off, name="detach"),
    path("mine/decisions/", decisions.my_decisions, name="my_decisions"),
    path("mine/decisions/<int:decision_id>/", decisions.my_decision, name="my_decision"),
    path("child/<int:pk>/decisions/", decisions.child_decisions, name="decisions"),
    path("child/<int:pk>/decisions/<int:decision_id>/", decisions.child_decision, name="decision"),
    path("child/<int:pk>/", parent.child, name="child"),
    path("child/<int:pk>/talk/", parent.talk, name="talk"),
    path("child/<int:pk>/talk/rather-not/", parent.rather_not, name="talk_not"),
    path("child/<int:pk>/talk/ticks/", parent.ticks, name="talk_ticks"),
    path("child/<int:pk>/home-view/", parent.home_view, name="home_view"),
    path("child/<int:pk>/sheets/<int:sheet_pk>/", parent.read, name="child_sheet"),
]
