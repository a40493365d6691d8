"""The TSP tab of a student's record."""

from django.urls import path

from .views import progress

urlpatterns = [path("students/<int:pk>/", progress.student, name="student")]
