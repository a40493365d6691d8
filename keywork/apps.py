from django.apps import AppConfig


class KeyworkConfig(AppConfig):
    name = "keywork"
    verbose_name = "Keywork"

    def ready(self) -> None:
        from . import celery, checks  # noqa: F401  registered by import; celery so that tasks find their app
