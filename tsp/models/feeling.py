"""How a student says they feel, on days on which they like to say so."""

from __future__ import annotations

from datetime import date

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


class FeelingQuerySet(ScopedQuerySet):
    def standing(self) -> FeelingQuerySet:
        return self.filter(taken_back_at__isnull=True)

    def prompting(self, since: date) -> FeelingQuerySet:
        """What an adult should come back to (rules.asks_for_a_talk).

        What is taken back or changed is gone. That somebody does not feel safe is a `safety.Worry` and stays.
        """
        return self.standing().filter(word=Feeling.Word.WORRIED, on__gte=since)


@pghistory.track()
class Feeling(models.Model):
    """One word for one day, and a few more words if they like; theirs to change or take back that day.

    Read by the student and the core team. At home those whom the student chose by name read it (`shared_with`, ids
    of family members; `share_with_home` says whether there is anybody), and nobody does of a day
    on which they did not feel safe. `not_safe_at` is when they first said that, that day; it stays, whatever they
    change. The team does not read either here: who sees it is safety.worry_audience's to say, and what they wrote with it
    is kept there alone.
    """

    class Word(models.TextChoices):
        GOOD = "good", worded_lazy("Good")
        OKAY = "okay", worded_lazy("Okay")
        TIRED = "tired", worded_lazy("Tired")
        SAD = "sad", worded_lazy("Sad")
        WORRIED = "worried", worded_lazy("Worried")
        ANGRY = "angry", worded_lazy("Angry")
        UNSURE = "unsure", worded_lazy("I don’t know")

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_feelings")
    on = models.DateField()
    word = models.CharField(max_length=10, choices=Word.choices)
    words = models.CharField("a few words", max_length=200, blank=True)
    not_safe = models.BooleanField(default=False)
    not_safe_at = models.DateTimeField(null=True)
    share_with_home = models.BooleanField(default=False)
    shared_with = ArrayField(models.BigIntegerField(), default=list, blank=True)
    said_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    objects = FeelingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["student", "on"], name="tsp_feeling_once_a_day"),
            models.CheckConstraint(
                condition=Q(word__in=["good", "okay", "tired", "sad", "worried", "angry", "unsure"]),
                name="tsp_feeling_word_known",
            ),
            models.CheckConstraint(
                condition=Q(not_safe=False) | Q(share_with_home=False), name="tsp_feeling_not_safe_not_home"
            ),
            models.CheckConstraint(
                condition=Q(not_safe=False) | Q(not_safe_at__isnull=False), name="tsp_feeling_not_safe_since"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(share_with_home=False),
                name="tsp_feeling_taken_back_not_home",
            ),
            models.CheckConstraint(
                condition=Q(share_with_home=False, shared_with=[])
                | (Q(share_with_home=True) & ~Q(shared_with=[])),
                name="tsp_feeling_shared_by_name",
            ),
        ]
