from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from keywork import duties, timeline

        from .duties import HomeContactDuty, SessionDuty
        from .timeline import LogTimeline

        duties.register(HomeContactDuty())
        duties.register(SessionDuty())
        timeline.register(LogTimeline())
