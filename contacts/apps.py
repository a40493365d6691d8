from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from care.checklists import ticks
        from care.reviews import heads
        from care.sharing import items
        from enquiries import kinds
        from keywork import contact_hold, duties, timeline

        from . import lent_to_care
        from .check_ups.kinds import CheckUp
        from .check_ups.timeline import CheckUpTimeline
        from .duties import HomeContactDuty, SessionDuty
        from .follow_ups.kinds import KINDS
        from .mentoring_timeline import MentoringTimeline
        from .models.contact import held_until
        from .timeline import LogTimeline

        duties.register(HomeContactDuty())
        contact_hold.register(held_until)
        duties.register(SessionDuty())
        kinds.register(CheckUp())
        for kind in KINDS.values():
            kinds.register(kind)
        ticks.register(lent_to_care.CONTACT)
        ticks.register(lent_to_care.SESSION)
        timeline.register(LogTimeline())
        timeline.register(CheckUpTimeline())
        timeline.register(MentoringTimeline())
        heads.register(lent_to_care.AgreedHeads())
        items.register("contact", lent_to_care.contact)
        items.register("session", lent_to_care.session)
