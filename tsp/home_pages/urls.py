"""The pages of students (mine/…) and of parents and carers (child/<student>/…)."""

from django.urls import path

from ..feelings import views as feelings
from .views import files as student_files
from .views import parent as parent_pages
from .views import steps as student_steps
from .views import student as student_pages

urlpatterns = [
    path("mine/", student_pages.mine, name="own_mine"),
    path("mine/feeling/", feelings.feeling, name="own_feeling"),
    path("mine/feeling/take-back/", feelings.feeling_back, name="own_feeling_back"),
    path("mine/start/<slug:tool>/", student_steps.start, name="own_start"),
    path("mine/start/<slug:tool>/rather-not/", student_steps.rather_not, name="own_rather_not"),
    path("mine/<int:pk>/", student_pages.read, name="own_read"),
    path("mine/<int:pk>/check/", student_pages.check, name="own_check"),
    path("mine/<int:pk>/share/", student_pages.share, name="own_share"),
    path("mine/<int:pk>/end/", student_steps.end, name="own_end"),
    path("mine/<int:pk>/tick/", student_steps.ticks, name="own_ticks"),
    path("mine/<int:pk>/tick/<slug:area>/", student_steps.tick_area, name="own_tick_area"),
    path("mine/<int:pk>/question/<slug:step>/", student_steps.step, name="own_step"),
    path("mine/<int:pk>/question/<slug:step>/attach/", student_files.attach_one, name="own_attach"),
    path("mine/files/<int:pk>/take-off/", student_files.take_off, name="own_detach"),
    path("child/<int:pk>/", parent_pages.child, name="own_child"),
    path("child/<int:pk>/talk/", parent_pages.talk, name="own_talk"),
    path("child/<int:pk>/talk/rather-not/", parent_pages.rather_not, name="own_talk_not"),
    path("child/<int:pk>/talk/ticks/", parent_pages.ticks, name="own_talk_ticks"),
    path("child/<int:pk>/home-view/", parent_pages.home_view, name="own_home_view"),
    path("child/<int:pk>/sheets/<int:sheet_pk>/", parent_pages.read, name="own_child_sheet"),
]
