"""Every write of a review: its date, what was done on which day, the talk before it, the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db import transaction

from enquiries import actions as enquiries
from enquiries.models import Enquiry
from keywork import clock
from keywork.dates import day_in_full, london_date
from keywork.errors import Refused
from keywork.models import User
from keywork.words import filled, marked
from outbox import actions as outbox
from students.actions.students import save_fields
from students.models import Student

from ..decisions.actions import announce_change, withdraw_change
from ..models import Decision as DecisionMade
from ..models import EhcPlan
from . import rules
from .models import Review, ReviewChange, ReviewPerson

KIND: Final = "care.review"  # of an enquiry: coming or not, and advice
MOVED: Final = "care.review_moved"  # a mail
LATE_CAME: Final = "care.advice_came_late"  # a mail
TAKEN_BACK: Final = "This review was taken back"
DATE_STAYS: Final = "The meeting has been held, so its date stays"
STAYS: Final = "The authority has decided on this review, so it stays"
ADVICE_WORDS: Final = ("advice_progress", "advice_help", "advice_changes")
OFF_THE_LIST: Final = "They have no part in this review any more"


def open_review(student: Student) -> Review | None:
    """The review that is not over yet."""
    newest = Review.objects.standing().filter(student=student).select_related("plan").first()
    return newest if newest is not None and not is_over(newest) else None


def is_over(review: Review) -> bool:
    is_amended = review.decision == Review.Decision.AMEND
    return review.decided_on is not None and (not is_amended or amended_on(review) is not None)


def amended_on(review: Review) -> date | None:
    """When the plan that followed the reviewed version was issued."""
    later = EhcPlan.objects.filter(student=review.student_id, number__gt=review.plan.number)
    return later.order_by("number").values_list("issued_on", flat=True).first()


@transaction.atomic
def set_date(*, by: User, student: Student, fields: Mapping[str, Any]) -> Review:
    """A review of the plan in force: all its steps are counted from `meets_at`. Raises Refused."""
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    plan = EhcPlan.objects.current().filter(student=student).first()
    if plan is None:
        raise Refused("Write down the plan first: there is none to review")
    if open_review(student) is not None:
        raise Refused("Another review has a date already, and is not over. Move that one", "day")
    _check_day(plan, london_date(fields["meets_at"]))
    return Review.objects.create(student=student, plan=plan, created_by=by, created_at=clock.now(), **fields)


@transaction.atomic
def move(*, by: User, review: Review, fields: Mapping[str, Any], version: int) -> Review:
    """Another date, place or lead. Everybody invited hears of another date. Raises ChangedMeanwhile, Refused."""
    row = _locked(review)
    if row.held_on is not None:
        raise Refused(DATE_STAYS)
    changed = dict(fields)
    if fields["meets_at"] != row.meets_at:
        _check_day(row.plan, london_date(fields["meets_at"]))
        changed["moved_at"] = clock.now()
    save_fields(row, changed, version)
    if "moved_at" in changed and row.people.filter(invited_on__isnull=False, voided_at__isnull=True).exists():
        moved = changed["moved_at"].isoformat()
        outbox.do(MOVED, key=f"{row.pk}-{row.version}", review=row.pk, moved=moved)
    return row


def _check_day(plan: EhcPlan, meets_on: date) -> None:
    if meets_on <= plan.since:
        since = "reviewed" if plan.reviewed_on else "issued"
        raise Refused(f"The plan was {since} on {day_in_full(plan.since)}. Choose a later day", "day")


@transaction.atomic
def write_down(*, by: User, review: Review, fields: Mapping[str, Any], version: int) -> Review:
    """What was done of a step, or is planned of it: columns of Review. Raises ChangedMeanwhile, Refused."""
    row = _locked(review)
    for name in ("taking_part_on", "papers_on", "held_on", "report_on", "decided_on"):
        if (day := fields.get(name)) is not None and day > clock.today():
            raise Refused("Choose today or an earlier day", name)
    went_on = fields.get("report_on")
    if went_on is not None and row.held_on is not None and went_on < row.held_on:
        raise Refused("The report goes out after the meeting. Choose a later day", "report_on")
    if (held_on := fields.get("held_on")) is not None and held_on < row.meets_on:
        day = day_in_full(row.meets_on, clock.today())
        raise Refused(f"The meeting is on {day}. Move the review first if it was held before", "held_on")
    if (sent_on := fields.get("papers_on")) is not None and sent_on != row.papers_on:
        fields = {**fields, "papers_at": clock.now()}
    save_fields(row, fields, version)
    return row


@transaction.atomic
def write_talk(*, by: User, review: Review, fields: Mapping[str, Any], version: int) -> Review:
    """When the talk before the review is, or what was said in it. Raises ChangedMeanwhile, Refused."""
    if fields.get("talk_minutes") is not None and fields["talk_at"] > clock.now():
        raise Refused("The talk is still to come. Leave out how long it was", "minutes")
    return write_down(by=by, review=review, fields=fields, version=version)


@transaction.atomic
def write_meeting(
    *, by: User, review: Review, fields: Mapping[str, Any], came: frozenset[int], version: int
) -> Review:
    """The meeting was held: who of the people was there, and what was said. Nobody is asked for advice any more."""
    row = write_down(by=by, review=review, fields=fields, version=version)
    for one in row.people.select_for_update().filter(voided_at__isnull=True):
        if one.came is not (one.pk in came):
            save_fields(one, {"came": one.pk in came}, one.version)
    take_back_asks(by, row.people.all())
    return row


def take_back_asks(by: User, people: Any, *, is_off: bool = False) -> None:
    """What is asked of these is asked no more. That they cannot stays said, unless the review or their part is off."""
    keys = [one.pk for one in people]
    waiting = Enquiry.objects.filter(kind=KIND, target_id__in=keys, answered_at=None, withdrawn_at=None)
    for ask in waiting if is_off else waiting.filter(declined_at=None):
        enquiries.withdraw(by=by, enquiry=ask, is_off=is_off)


@transaction.atomic
def decide(*, by: User, review: Review, fields: Mapping[str, Any], version: int) -> Review:
    """What the authority decided: the review is complete, and the next is counted from that day (domain 1.6).

    Raises ChangedMeanwhile, Refused.
    """
    if fields["decided_on"] < (review.held_on or review.meets_on):
        raise Refused("The authority decides after the meeting. Choose a later day", "decided_on")
    row = write_down(by=by, review=review, fields=fields, version=version)
    plan = EhcPlan.objects.select_for_update(of=("self",)).get(pk=row.plan_id)
    if EhcPlan.objects.current().filter(pk=plan.pk).exists():
        ended = row.decision == Review.Decision.CEASE
        due = None if ended else rules.complete_by(fields["decided_on"])
        save_fields(plan, {"reviewed_on": fields["decided_on"], "next_review_on": due}, plan.version)
    _notify_home(row, plan, by)
    return row


ORIGIN: Final = "review"  # of a decision
DECIDED = {
    Review.Decision.KEEP: marked("{}’s {} stays as it is."),
    Review.Decision.AMEND: marked("{}’s {} will be changed."),
    Review.Decision.CEASE: marked("{}’s {} will end."),
}
PUT_RIGHT = marked("It was written down wrongly.")


def _notify_home(row: Review, plan: EhcPlan, by: User) -> None:
    """What the authority decided is a decision for home; one that is put right takes the first one back."""
    what = filled(DECIDED[Review.Decision(row.decision)], row.student.known_as, plan.kind.name)
    told = DecisionMade.objects.filter(origin=ORIGIN, origin_id=row.pk, withdrawn_at__isnull=True).first()
    if told is not None and (told.what, told.from_on) == (what, row.decided_on):
        return
    if told is not None:
        withdraw_change(by=by, decision=told, reason=PUT_RIGHT)
    announce_change(
        by=by,
        student=row.student,
        what=what,
        from_on=row.decided_on or clock.today(),
        origin=ORIGIN,
        origin_id=row.pk,
        decided_by=f"the {plan.kind.made_by}",
    )


@transaction.atomic
def void(*, by: User, review: Review, reason: str) -> Review:
    """It will not take place, or never had a date. Raises Refused once the authority has decided."""
    row = _locked(review)
    if row.decided_on is not None:
        raise Refused(STAYS)
    take_back_asks(by, row.people.all(), is_off=True)
    void_fields = {"voided_at": clock.now(), "voided_by": by, "void_reason": reason.strip()}
    save_fields(row, void_fields, row.version)
    return row


def _locked(review: Review) -> Review:
    rows = Review.objects.select_for_update(of=("self",)).select_related("plan", "student")
    row = rows.get(pk=review.pk)
    if row.voided_at is not None:
        raise Refused(TAKEN_BACK)
    return row


# --------------------------------------------------------------------------------------- changes asked for


@transaction.atomic
def ask_change(*, by: User, review: Review, fields: Mapping[str, Any]) -> ReviewChange:
    row = _locked(review)
    return ReviewChange.objects.create(review=row, created_by=by, created_at=clock.now(), **fields)


@transaction.atomic
def edit_change(*, by: User, change: ReviewChange, fields: Mapping[str, Any], version: int) -> ReviewChange:
    """Raises ChangedMeanwhile."""
    rows = ReviewChange.objects.select_for_update(of=("self",)).select_related("review")
    row = rows.get(pk=change.pk)
    if row.review.voided_at is not None:
        raise Refused(TAKEN_BACK)
    save_fields(row, fields, version)
    return row


# --------------------------------------------------------------------------------------- what people answer


@transaction.atomic
def edit_person(*, by: User, person: ReviewPerson, fields: Mapping[str, Any], version: int) -> ReviewPerson:
    """What they told by phone, by letter or on paper. Nothing is asked of them that has come."""
    row = _person(person)
    changed = dict(fields)
    if row.advice_by is not None and changed.get("advice_on") is None and row.advice_on is None:
        # What they keep for later stays theirs.
        words = {name: changed.pop(name, "") for name in ADVICE_WORDS}
        if any(said and said != getattr(row, name) for name, said in words.items()):
            raise Refused("Write the day on which the advice came", "advice_on")
    if changed.get("reply") and changed["reply"] != row.reply:
        changed["replied_at"] = clock.now()
    if changed.get("advice_on") is not None:
        if changed["advice_on"] > clock.today():
            raise Refused("Choose today or an earlier day", "advice_on")
        changed["advice_on_paper"] = True
    if changed.get("advice_on") not in (None, row.advice_on):
        changed["advice_at"] = clock.now()
    was_after = row.is_after_papers
    save_fields(row, changed, version)
    if not was_after:
        _notify_late(row)
    told = row.reply or row.invited_on is None
    if told and (row.advice_by is None or row.advice_on is not None):
        take_back_asks(by, [row])
    return row


@transaction.atomic
def take_out(*, by: User, person: ReviewPerson, reason: str) -> None:
    row = _person(person)
    take_back_asks(by, [row], is_off=True)
    fields = {"voided_at": clock.now(), "voided_by": by, "void_reason": reason.strip()}
    save_fields(row, fields, row.version)


@transaction.atomic
def replied(*, person: ReviewPerson, fields: Mapping[str, Any], is_whole: bool) -> None:
    """What they answer themselves. Advice counts as come once it is sent whole; without a word, none will.

    Whose plan it is says how they take part: that stands with the review.
    """
    row = _person(person)
    changed = dict(fields)
    if "taking_part" in changed:
        way = {name: changed.pop(name) for name in ("taking_part", "taking_part_words")}
        review = _locked(row.review)
        save_fields(review, {**way, "taking_part_on": clock.today()}, review.version)
        in_room = way["taking_part"] in (Review.TakingPart.ALL, Review.TakingPart.PART)
        changed["reply"] = ReviewPerson.Reply.COMING if in_room else ReviewPerson.Reply.NOT
    if changed.get("reply"):
        changed["replied_at"] = clock.now()
    is_asked = is_whole and row.advice_by is not None and row.advice_on is None
    came = is_asked and any(changed.get(name) for name in ADVICE_WORDS)
    if came:
        changed |= {"advice_on": clock.today(), "advice_at": clock.now()}
    elif is_asked:  # they said how they take part, and write nothing
        changed["advice_declined_on"] = clock.today()
    save_fields(row, changed, row.version)
    if came:
        _notify_late(row)


def _notify_late(row: ReviewPerson) -> None:
    """Advice that comes once the papers went out goes after them the same day."""
    if row.is_after_papers and row.review.held_on is None:
        outbox.do(LATE_CAME, key=str(row.pk), review=row.review_id, person=row.pk)


@transaction.atomic
def cannot(*, person: ReviewPerson, words: str) -> None:
    """They say that they cannot: neither come nor send anything."""
    row = _person(person)
    changed: dict[str, Any] = {"reply_words": words}
    if row.invited_on is not None and not row.reply:
        changed |= {"reply": ReviewPerson.Reply.NOT, "replied_at": clock.now()}
    if row.advice_by is not None and row.advice_on is None:
        changed["advice_declined_on"] = clock.today()
    save_fields(row, changed, row.version)


def _person(person: ReviewPerson) -> ReviewPerson:
    rows = ReviewPerson.objects.select_for_update(of=("self",)).select_related("review__student")
    row = rows.get(pk=person.pk)
    if row.voided_at is not None:
        raise Refused(OFF_THE_LIST)
    if row.review.voided_at is not None:
        raise Refused(TAKEN_BACK)
    return row
