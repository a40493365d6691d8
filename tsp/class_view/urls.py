"""Asking for team input and for a talk with home, and the class view."""

from django.urls import path

from ..enquiries import views as asks
from . import views as follow

urlpatterns = [
    path("students/<int:pk>/asks/", asks.asks, name="asks"),
    path("students/<int:pk>/asks/colleagues/", asks.ask_colleagues, name="ask_colleagues"),
    path("students/<int:pk>/asks/outside/", asks.ask_outside, name="ask_outside"),
    path("students/<int:pk>/asks/home/", asks.ask_home, name="ask_home"),
    path("class/", follow.class_view, name="class"),
    path("class/download/", follow.class_csv, name="class_csv"),
    path("class/chase/", follow.remind_all, name="remind_all"),
    path("class/<int:pk>/chase/", follow.remind_one, name="remind"),
]
