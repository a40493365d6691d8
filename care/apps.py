from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "care"

    def ready(self) -> None:
        from enquiries import kinds
        from keywork import audit, duties, timeline

        from . import openings as tells
        from .checklists import ticks
        from .checklists.own_ticks import KEYWORKER
        from .documents.timeline import DocumentTimeline
        from .meetings.timeline import MeetingTimeline
        from .plans.asking import PlanToRead
        from .plans.duties import PlansDuty
        from .plans.timeline import PlanTimeline
        from .reviews import heads
        from .reviews.duty import ReviewDuty
        from .reviews.kinds import Part
        from .reviews.own_heads import CareHeads
        from .reviews.timeline import ReviewTimeline
        from .sharing import items, own_items

        kinds.register(Part())
        kinds.register(PlanToRead())
        duties.register(PlansDuty())
        duties.register(ReviewDuty())
        timeline.register(PlanTimeline())
        timeline.register(DocumentTimeline())
        heads.register(CareHeads())
        timeline.register(MeetingTimeline())
        timeline.register(ReviewTimeline())
        ticks.register(KEYWORKER)
        items.register("plan", own_items.plan)
        items.register("document", own_items.document)
        audit.name_pages(tells.PAGES)
        audit.register("plan", tells.plan)
        audit.register("export", tells.plan_file)
        audit.register("document", tells.document)
        audit.register("meeting", tells.meeting)
        audit.register("shown to them", tells.shown)
