from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IlsaConfig(AppConfig):
    name = "ilsa"

    def ready(self) -> None:
        from enquiries import kinds
        from keywork import duties, goal_links

        from .duties import IlsaDuty
        from .enquiries import Rating
        from .goal_links import ItemSource
        from .templates import FORM

        duties.register(IlsaDuty())
        goal_links.register_source(ItemSource())
        kinds.register(Rating())

        # After every migrate, and after a flush, which empties the table: there is always a form to work with.
        post_migrate.connect(FORM.after_migrate, sender=self)
