from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self) -> None:
        from keywork import timeline

        from .timeline import FeelingTimeline, MeetingTimeline

        timeline.register(FeelingTimeline())
        timeline.register(MeetingTimeline())
