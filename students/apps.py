from django.apps import AppConfig

from keywork import reader


class StudentsConfig(AppConfig):
    name = "students"

    def ready(self) -> None:
        from .languages import recorded_language

        reader.recorded_by(recorded_language)
