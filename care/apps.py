from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "care"

    def ready(self) -> None:
        from enquiries import kinds

        from .reviews.kinds import Part

        kinds.register(Part())
