from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "goals"

    def ready(self) -> None:
        from care.reviews import heads
        from keywork import goal_links, timeline

        from .links import GoalHeads, Goals
        from .timeline import GoalTimeline

        goal_links.register_goals(Goals())
        timeline.register(GoalTimeline())
        heads.register(GoalHeads())
