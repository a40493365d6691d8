from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from keywork import duties, quiet, timeline

        from .duties import HomeContactDuty, SessionDuty
        from .models.contact import on_hold
        from .timeline import LogTimeline

        duties.register(HomeContactDuty())
        quiet.register(on_hold)
        duties.register(SessionDuty())
        timeline.register(LogTimeline())
