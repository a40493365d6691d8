from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KeyworkConfig(AppConfig):
    name = "keywork"
    verbose_name = "Keywork"

    def ready(self) -> None:
        from . import celery, checks, final  # noqa: F401  registered by import; celery so that tasks find their app

        post_migrate.connect(final.keep_from_emptying, sender=self)
