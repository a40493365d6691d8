from django.urls import path

from .views import pages, scores, write

app_name = "goals"
urlpatterns = [
    path("students/<int:pk>/goals/", pages.goals, name="goals"),
    path("students/<int:pk>/goals/new/", write.add, name="add"),
    path("students/<int:pk>/outcomes/", pages.outcomes, name="outcomes"),
    path("students/<int:pk>/outcomes/<int:outcome_id>/", pages.judge, name="judge"),
    path("goals/to-check/", pages.to_check, name="to_check"),
    path("goals/above-expected/", pages.difficulty, name="above"),
    path("goals/<int:pk>/", pages.goal, name="goal"),
    path("goals/<int:pk>/edit/", write.edit, name="edit"),
    path("goals/<int:pk>/ask/", write.ask, name="ask"),
    path("goals/<int:pk>/check/", write.check, name="check"),
    path("goals/<int:pk>/keep-levels/", write.keep_levels, name="keep_levels"),
    path("goals/<int:pk>/withdraw/", write.withdraw, name="withdraw"),
    path("goals/<int:pk>/score/", scores.score, name="score"),
    path("goals/<int:pk>/second/", scores.second, name="second"),
    path("goals/<int:pk>/end/", scores.end, name="end"),
    path("goals/scores/<int:pk>/void/", scores.void, name="score_void"),
]
