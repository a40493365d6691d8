"""The pages of students (mine/…), of parents and carers (child/<student>/…), and of who answers them (families/…)."""

from django.urls import path

from .details import views as details
from .meetings import views as meetings
from .messages import views as messages
from .views import decisions, feeling, parent, steps, student

app_name = "home"
urlpatterns = [
    path("tsp/mine/", student.sheets, name="sheets"),
    path("tsp/mine/feeling/", feeling.feeling, name="feeling"),
    path("tsp/mine/feeling/take-back/", feeling.feeling_back, name="feeling_back"),
    path("tsp/mine/start/<slug:tool>/", steps.start, name="start"),
    path("tsp/mine/start/<slug:tool>/rather-not/", steps.rather_not, name="rather_not"),
    path("tsp/mine/<int:pk>/", student.read, name="read"),
    path("tsp/mine/<int:pk>/check/", student.check, name="check"),
    path("tsp/mine/<int:pk>/share/", student.share, name="share"),
    path("tsp/mine/<int:pk>/end/", steps.end, name="end"),
    path("tsp/mine/<int:pk>/tick/", steps.ticks, name="ticks"),
    path("tsp/mine/<int:pk>/tick/<slug:area>/", steps.tick_area, name="tick_area"),
    path("tsp/mine/<int:pk>/question/<slug:step>/", steps.step, name="step"),
    path("tsp/mine/<int:pk>/question/<slug:step>/attach/", steps.attach, name="attach"),
    path("tsp/mine/files/<int:pk>/take-off/", steps.take_off, name="detach"),
    path("mine/decisions/", decisions.my_decisions, name="my_decisions"),
    path("mine/decisions/<int:decision_id>/", decisions.my_decision, name="my_decision"),
    path("child/<int:pk>/decisions/", decisions.child_decisions, name="decisions"),
    path("child/<int:pk>/decisions/<int:decision_id>/", decisions.child_decision, name="decision"),
    path("mine/chat/", meetings.chat, name="chat"),
    path("mine/chat/<int:pk>/", meetings.my_chat, name="my_chat"),
    path("tsp/child/<int:pk>/", parent.child, name="child"),
    path("tsp/child/<int:pk>/talk/", parent.talk, name="talk"),
    path("tsp/child/<int:pk>/talk/rather-not/", parent.rather_not, name="talk_not"),
    path("tsp/child/<int:pk>/talk/ticks/", parent.ticks, name="talk_ticks"),
    path("tsp/child/<int:pk>/home-view/", parent.home_view, name="home_view"),
    path("child/<int:pk>/meet/", meetings.meet, name="meet"),
    path("child/<int:pk>/meet/<int:meeting_pk>/", meetings.my_meeting, name="my_meeting"),
    path("child/<int:pk>/messages/", messages.messages, name="messages"),
    path("child/<int:pk>/details/", details.details, name="details"),
    path("families/details/<int:pk>/", details.proposal, name="proposal"),
    path("families/", meetings.waiting, name="waiting"),
    path("families/times/<int:pk>/take-back/", meetings.take_time_back, name="take_time_back"),
    path("families/meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("families/meetings/<int:pk>/log/", meetings.log, name="log_meeting"),
    path("families/meetings/<int:pk>/meeting.ics", meetings.meeting_ics, name="meeting_ics"),
    path("families/meetings/<str:token>/meetings.ics", meetings.feed, name="feed"),
    path("students/<int:pk>/messages/", messages.threads, name="threads"),
    path("students/<int:pk>/messages/<int:member_pk>/", messages.thread, name="thread"),
    path("tsp/child/<int:pk>/sheets/<int:sheet_pk>/", parent.read, name="child_sheet"),
]
