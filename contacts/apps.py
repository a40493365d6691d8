from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from keywork import contact_hold, duties, timeline

        from .duties import HomeContactDuty, SessionDuty
        from .models.contact import held_until
        from .timeline import LogTimeline

        duties.register(HomeContactDuty())
        contact_hold.register(held_until)
        duties.register(SessionDuty())
        timeline.register(LogTimeline())
