"""What the review itself brings to its report: who has a part in it, advice, changes asked for, where views differ."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from care.models import Review, ReviewPerson
from keywork.dates import day_in_full

from . import Offer, Span


def review_of(span: Span) -> Review | None:
    """The review that the authority has not decided on yet."""
    rows = Review.objects.standing().filter(student=span.student, decided_on__isnull=True)
    rows = rows.prefetch_related("people__user", "people__member", "people__review__student", "changes")
    return rows.first()


def people_of(review: Review | None) -> list[ReviewPerson]:
    return [one for one in review.people.all() if one.voided_at is None] if review else []


def _page(review: Review) -> str:
    return reverse("care:review", args=[review.student_id, review.pk])


def invited(span: Span) -> Iterator[Offer]:
    """Everybody from outside and from school who was invited; family and authority are offered anyway."""
    review = review_of(span)
    for one in people_of(review):
        if review and one.invited_on and one.role not in ("student", "parent"):
            who, source = f"{one.called}, {one.as_who}", "Invited to the review"
            yield Offer(f"person-{one.pk}", who, source=source, url=_page(review))


def advice(span: Span, roles: tuple[str, ...], name: str) -> Iterator[Offer]:
    """What those who stand for these wrote, each with who said it and when."""
    review = review_of(span)
    for one in people_of(review):
        words = getattr(one, name)
        if review and one.role in roles and words and one.advice_on:
            said = f"{one.called}, {one.as_who.lower()}"
            yield Offer(
                f"{name}-{one.pk}",
                " ".join(words.split()),
                on=one.advice_on,
                source=f"Advice for the review from {said}, {day_in_full(one.advice_on, span.known_on)}",
                url=_page(review),
                about=said,
            )


def changes(span: Span) -> Iterator[Offer]:
    """Each change that somebody asked for, under its section."""
    review = review_of(span)
    for one in review.changes.all() if review else ():
        if review and one.answer != one.Answer.DROPPED:
            yield Offer(
                f"change-{one.pk}",
                " ".join(one.words.split()),
                on=one.asked_on,
                source=f"Asked for by {one.asked_by}, {day_in_full(one.asked_on, span.known_on)}",
                url=_page(review),
                about=one.section,
            )


def disagreements(span: Span) -> list[Offer]:
    review = review_of(span)
    if review is None:
        return []
    found = [
        Offer(
            f"differ-{one.pk}", one.answer_words or one.words, source="A change asked for", url=_page(review)
        )
        for one in review.changes.all()
        if one.answer == one.Answer.DIFFER
    ]
    if review.differences:
        words = " ".join(review.differences.split())
        found.append(
            Offer(f"differences-{review.pk}", words, source="Record of the meeting", url=_page(review))
        )
    return found
