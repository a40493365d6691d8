"""The pages of students (mine/…) and of parents and carers (child/<student>/…)."""

from django.urls import path

from .views import feelings, own_files, own_home, own_steps, own_student

urlpatterns = [
    path("mine/", own_student.mine, name="own_mine"),
    path("mine/feeling/", feelings.feeling, name="own_feeling"),
    path("mine/feeling/take-back/", feelings.feeling_back, name="own_feeling_back"),
    path("mine/start/<slug:tool>/", own_steps.start, name="own_start"),
    path("mine/start/<slug:tool>/rather-not/", own_steps.rather_not, name="own_rather_not"),
    path("mine/<int:pk>/", own_student.read, name="own_read"),
    path("mine/<int:pk>/check/", own_student.check, name="own_check"),
    path("mine/<int:pk>/share/", own_student.share, name="own_share"),
    path("mine/<int:pk>/end/", own_steps.end, name="own_end"),
    path("mine/<int:pk>/tick/", own_steps.ticks, name="own_ticks"),
    path("mine/<int:pk>/tick/<slug:area>/", own_steps.tick_area, name="own_tick_area"),
    path("mine/<int:pk>/question/<slug:step>/", own_steps.step, name="own_step"),
    path("mine/<int:pk>/question/<slug:step>/attach/", own_files.attach_one, name="own_attach"),
    path("mine/files/<int:pk>/take-off/", own_files.take_off, name="own_detach"),
    path("child/<int:pk>/", own_home.child, name="own_child"),
    path("child/<int:pk>/talk/", own_home.talk, name="own_talk"),
    path("child/<int:pk>/talk/rather-not/", own_home.rather_not, name="own_talk_not"),
    path("child/<int:pk>/talk/ticks/", own_home.ticks, name="own_talk_ticks"),
    path("child/<int:pk>/home-view/", own_home.home_view, name="own_home_view"),
    path("child/<int:pk>/sheets/<int:sheet_pk>/", own_home.read, name="own_child_sheet"),
]
