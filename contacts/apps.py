from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from keywork import duties

        from .duties import HomeContactDuty, SessionDuty

        duties.register(HomeContactDuty())
        duties.register(SessionDuty())
