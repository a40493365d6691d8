from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from keywork import duties

        from .duties import PapersDuty

        duties.register(PapersDuty())
