from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from keywork import duties, timeline

        from . import reading
        from .duties import PapersDuty
        from .kinds import KINDS
        from .timeline import CommentTimeline

        reading.KINDS.maps.append(KINDS)
        duties.register(PapersDuty())
        timeline.register(CommentTimeline())
