"""I do not feel safe: the student's two pages, and those of whom it reaches."""

from django.urls import path

from . import views

app_name = "safety"
urlpatterns = [
    path("my-page/not-safe/", views.say, name="say"),
    path("my-page/not-safe/told/", views.told, name="told"),
    path("safeguarding/", views.worries, name="worries"),
    path("safeguarding/<int:pk>/", views.worry, name="worry"),
]
