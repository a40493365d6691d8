from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from keywork import duties, timeline

        from .duties import PapersDuty
        from .timeline import CommentTimeline

        duties.register(PapersDuty())
        timeline.register(CommentTimeline())
