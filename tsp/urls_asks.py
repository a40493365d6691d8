"""Asking for team input, answering it, and the class view. Added to tsp/urls.py."""

from django.urls import path

from .views import asked, asks, by_link, follow

urlpatterns = [
    path("students/<int:pk>/asks/", asks.asks, name="asks"),
    path("students/<int:pk>/asks/colleagues/", asks.ask_colleagues, name="ask_colleagues"),
    path("students/<int:pk>/asks/outside/", asks.ask_outside, name="ask_outside"),
    path("students/<int:pk>/asks/home/", asks.ask_home, name="ask_home"),
    path("asks/<int:pk>/remind/", asks.remind, name="ask_remind"),
    path("asks/<int:pk>/take-back/", asks.take_back, name="ask_take_back"),
    path("asks/<int:pk>/code/", asks.new_code, name="ask_new_code"),
    path("asks/<int:pk>/link/", asks.new_link, name="ask_new_link"),
    path("asks/<int:pk>/", asked.answer, name="ask_answer"),
    path("asks/<int:pk>/cannot/", asked.cannot, name="ask_cannot"),
    path("asked/", asked.asked, name="asked"),
    path("asked/<str:token>/", by_link.asked_by_link, name="asked_by_link"),
    path("class/", follow.class_view, name="class"),
    path("class/download/", follow.class_csv, name="class_csv"),
    path("class/chase/", follow.chase_all, name="chase_all"),
    path("class/<int:pk>/chase/", follow.chase_one, name="chase"),
]
