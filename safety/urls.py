"""I do not feel safe: the student's two pages, those of home, and those of whom it reaches."""

from django.urls import path

from . import views

app_name = "safety"
urlpatterns = [
    path("my-page/not-safe/", views.say, name="say"),
    path("my-page/not-safe/told/", views.sent, name="sent"),
    path("child/worry/", views.choose_child, name="choose_child"),
    path("child/<int:pk>/worry/", views.say_home, name="say_home"),
    path("safeguarding/", views.worries, name="worries"),
    path("safeguarding/<int:pk>/", views.worry, name="worry"),
]
