from django.urls import path

from .views import outcomes
from .views import pages as goal_pages
from .views import scores as goal_scores
from .views import write as goal_write

urlpatterns = [
    path("students/<int:pk>/goals/", goal_pages.goals, name="goals"),
    path("students/<int:pk>/goals/new/", goal_write.add, name="goal_add"),
    path("students/<int:pk>/outcomes/", outcomes.outcomes, name="outcomes"),
    path("students/<int:pk>/outcomes/<int:outcome_id>/", outcomes.judge, name="judge"),
    path("goals/to-check/", goal_pages.to_check, name="goals_to_check"),
    path("goals/above-expected/", goal_pages.difficulty, name="goals_above"),
    path("goals/<int:pk>/", goal_pages.goal, name="goal"),
    path("goals/<int:pk>/edit/", goal_write.edit, name="goal_edit"),
    path("goals/<int:pk>/ask/", goal_write.ask, name="goal_ask"),
    path("goals/<int:pk>/check/", goal_write.check, name="goal_check"),
    path("goals/<int:pk>/keep-levels/", goal_write.keep_levels, name="goal_keep_levels"),
    path("goals/<int:pk>/withdraw/", goal_write.withdraw, name="goal_withdraw"),
    path("goals/<int:pk>/score/", goal_scores.score, name="goal_score"),
    path("goals/<int:pk>/second/", goal_scores.second, name="goal_second"),
    path("goals/<int:pk>/end/", goal_scores.end, name="goal_end"),
    path("goals/scores/<int:pk>/void/", goal_scores.void, name="score_void"),
]
