"""The keyworker's judgement of an outcome of the EHC plan (domain 2.6)."""

from __future__ import annotations

from django.db import transaction

from care.models import Outcome
from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User

from ..models import Judgement


@transaction.atomic
def judge(*, by: User, outcome: Outcome, word: str, words: str, seen: int = 0) -> Judgement:
    """A new judgement of today; the ones before it stay. `seen` is the key of the newest one the writer saw, 0 for none.

    Raises Refused without an answer or without words, ChangedMeanwhile when somebody judged it since.
    """
    if word not in Judgement.Word.values:
        raise Refused("Choose how far it came", "word")
    if not words.strip():
        raise Refused("Say what you rest this on", "words")
    Outcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    newest = outcome.judgements.select_related("by").order_by("-made_on", "-pk").first()
    if (newest.pk if newest else 0) != seen:
        raise ChangedMeanwhile(newest, newest.by.name if newest else "")
    return Judgement.objects.create(
        outcome=outcome, word=word, words=words.strip(), made_on=clock.today(), by=by, at=clock.now()
    )
