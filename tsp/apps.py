from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TspConfig(AppConfig):
    name = "tsp"

    def ready(self) -> None:
        from care.checklists import ticks
        from care.reviews import heads
        from enquiries import kinds
        from keywork import duties, leaving, timeline

        from .duties import TspDuty
        from .enquiries.kinds import Input, Talk
        from .enquiries.waiting import waiting_asks
        from .models import AssessmentPoint
        from .questions.templates import FORM
        from .sheets.timeline import SheetTimeline
        from .sheets.what_helps import HelpHeads

        # After every migrate, and after a flush, which empties the table: there is always a form to work with.
        post_migrate.connect(FORM.after_migrate, sender=self)
        duties.register(TspDuty())
        leaving.register("tsp", waiting_asks)
        finished = AssessmentPoint.objects.finished
        ticks.register(
            ticks.Tick("tsp", "A TSP is finished", finished, "done_on", "tsp:student", of_student=True)
        )
        kinds.register(Input())
        kinds.register(Talk())
        timeline.register(SheetTimeline())
        heads.register(HelpHeads())
