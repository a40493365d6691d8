"""Addresses in mails that were sent when only the TSP asked."""

from django.urls import path

from .views import answer

app_name = "enquiries_before"
urlpatterns = [
    path("asked/", answer.mine, name="mine"),
    path("asks/<int:pk>/", answer.answer, name="answer"),
    path("asked/<str:token>/", answer.by_link, name="by_link"),
]
