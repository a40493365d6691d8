"""A review as its page shows it: every step in words, who is coming, what advice came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.urls import reverse

from keywork import clock
from keywork.absences import keyworker_of
from keywork.access import Can, staff_who
from keywork.dates import day_in_full, days_from_today, number_of_days
from keywork.duty_words import listed
from keywork.names import ended
from keywork.policy import Policy
from keywork.words import worded_lazy

from . import rules
from .actions import amended_on
from .inviting import at_home
from .kinds import when
from .models import Review, ReviewPerson
from .rules import ReviewFacts, Step

SOON_DAYS = 7
ROLES = {
    "parent": "parent or carer",
    "student": worded_lazy("the student"),
    "authority": "the local authority",
    "health": "health",
    "social_care": "social care",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as it is told: `level` and `word` of its badge, `url` where it is written down."""

    slug: str
    title: str
    when: str
    level: str
    word: str
    url: str
    act: str
    is_after: bool


class ReviewPage:
    """Everything of one review; six queries."""

    def __init__(self, review: Review, policy: Policy, edits: bool) -> None:
        self.review, self.policy, self.edits = review, policy, edits
        self.today = clock.today()
        people = review.people.filter(voided_at__isnull=True)
        self.people = list(people.select_related("user", "member", "review__student"))
        self.changes = list(review.changes.all())
        self.facts: ReviewFacts = review.facts(self.people, policy, amended_on(review))
        within = policy.review_pre_meeting_within_days
        self.talk_within = within if policy.review_pre_meeting_minutes else None
        steps = rules.steps_of(self.facts, talk_within=self.talk_within)
        left = [one for one in steps if one.is_open and one.due_on >= self.today]
        self.next = min(left, key=lambda one: one.due_on, default=None)

    @property
    def when(self) -> str:
        return when(self.review.meets_at)

    @property
    def is_over(self) -> bool:
        return self.facts.is_over

    @property
    def may_change(self) -> bool:
        return self.edits and self.review.voided_at is None

    @property
    def invited(self) -> list[ReviewPerson]:
        return [one for one in self.people if one.invited_on]

    @cached_property
    def not_told(self) -> set[int]:
        """People from home who gave or were asked something here, and whom nothing reaches now; for who changes the review."""
        members = {one.pk: one.member_id for one in self.people if one.member_id is not None}
        if not members or not self.may_change or self.review.held_on is not None:
            return set()
        told = {link.member_id for link in at_home(self.review.student)}
        return {pk for pk, member_id in members.items() if member_id not in told}

    @property
    def advisers(self) -> list[ReviewPerson]:
        return [one for one in self.people if one.advice_by]

    @property
    def out(self) -> list[ReviewPerson]:
        """Whose advice has not come."""
        return [one for one in self.advisers if not (one.advice_on or one.advice_declined_on)]

    @property
    def by_hand(self) -> str:
        """Who was sent the papers, and reads what came after them on no page here: in words. Queries only where any did."""
        if self.review.held_on or not any(one.is_after_papers for one in self.advisers):
            return ""
        staff = {user.pk for user in staff_who(Can.VIEW_REVIEWS, self.review.student_id)}
        home = {link.member_id for link in at_home(self.review.student) if link.member.opens_pages}
        away = [one for one in self.invited if one.user_id not in staff and one.member_id not in home]
        return listed([one.called for one in away if not one.is_after_papers])

    @property
    def missing_roles(self) -> list[tuple[str, str]]:
        """Whom the law names and nobody invited."""
        there = {one.role for one in self.invited}
        return [(role, str(ROLES[role])) for role in rules.REQUIRED if role not in there]

    @property
    def lacks_keyworker(self) -> bool:
        """The school wants the keyworker at every review, and they are not invited."""
        if self.policy.review_attendance != "required":
            return False
        keyworker = keyworker_of(self.review.student)
        return keyworker is not None and keyworker.pk not in {one.user_id for one in self.invited}

    @property
    def counts(self) -> str:
        """ "7 invited. 4 are coming, 2 cannot, 1 has not answered." Once it was held: "7 invited. 4 were there."""
        if not self.invited:
            return "Nobody was invited." if self.review.held_on else "Nobody is invited yet."
        if self.review.held_on is not None and any(one.came is not None for one in self.invited):
            there = sum(one.came is True for one in self.invited)
            return f"{len(self.invited)} invited. {there} {'was' if there == 1 else 'were'} there."
        come = sum(one.reply in ("coming", "video") for one in self.invited)
        cannot = sum(one.reply == "not" for one in self.invited)
        silent = len(self.invited) - come - cannot
        said = [f"{come} {'is' if come == 1 else 'are'} coming"]
        if cannot:
            said.append(f"{cannot} cannot")
        if silent:
            said.append(f"{silent} {'has' if silent == 1 else 'have'} not answered")
        return f"{len(self.invited)} invited. {', '.join(said)}."

    @property
    def lead(self) -> str:
        """In a sentence or two: when it is, what is late, what comes next."""
        review = self.review
        if review.voided_at is not None:
            return f"Taken back: {review.void_reason}"
        if self.is_over:
            return f"It is over: {review.get_decision_display().lower()}."
        parts = []
        if review.held_on is None:
            place = f", {review.place}" if review.place else ""
            parts.append(ended(f"{days_from_today(review.meets_on, self.today).capitalize()}{place}"))
        late = [line.title for line in self.lines if line.level == "overdue"]
        if late:
            things = "One thing is late" if len(late) == 1 else f"{len(late)} things are late"
            parts.append(f"{things}: {listed([_inside(one) for one in late])}.")
        if (step := self.next) is not None:
            day = day_in_full(step.due_on, self.today)
            parts.append(f"Next: {_inside(self.title(step.slug))}, by {day}.")
        return " ".join(parts)

    @property
    def lines(self) -> list[StepLine]:
        steps = rules.steps_of(self.facts, talk_within=self.talk_within)
        return [self._line(step) for step in steps]

    @property
    def before(self) -> list[StepLine]:
        return [line for line in self.lines if not line.is_after]

    @property
    def after(self) -> list[StepLine]:
        return [line for line in self.lines if line.is_after]

    @property
    def _wrote_on_plan(self) -> bool:
        """Whether its own decision set the plan's dates: those of the next review."""
        return self.review.decided_on is not None and self.review.plan.reviewed_on == self.review.decided_on

    @property
    def written(self) -> date | None:
        """What the plan says of when this review is due."""
        return None if self._wrote_on_plan else self.review.plan.next_review_on

    @property
    def review_by(self) -> date:
        """The last day for the authority's decision."""
        return rules.review_by(self.written or date.max, self.since)

    @property
    def why_by(self) -> str:
        return why_by(self.written, self.since) if self.written else ""

    @property
    def since(self) -> date:
        """From when the year of this review is counted."""
        plan = self.review.plan
        return (None if self._wrote_on_plan else plan.reviewed_on) or plan.issued_on

    @property
    def too_late(self) -> str:
        """That the authority's decision cannot be in time from this date, and why."""
        last = rules.meet_by(self.review_by, self.facts.phase_by)
        is_past = self.review.held_on is not None or self.review.voided_at is not None
        if is_past or last is None or self.review.meets_on <= last:
            return ""
        day = day_in_full(last, self.today)
        return f"From this date not every step can be in time: the meeting would have to be by {day}."

    @property
    def own_way_title(self) -> str:
        return self.title("taking_part")

    @property
    def phase(self) -> str:
        """The change of phase in words, or that none is near."""
        by = self.facts.phase_by
        if by is None:
            return "None at the end of this school year."
        return f"{self.review.get_move_display()}. The new plan is due by {day_in_full(by, self.today)}."

    @property
    def talk_words(self) -> str:
        """How the talk counted, where it did not."""
        least, within = self.policy.review_pre_meeting_minutes, self.policy.review_pre_meeting_within_days
        return {
            "too_short": f"It was shorter than the {least} minutes of the school’s rule, so it does not count.",
            "too_early": f"It was more than {within} days before the review, so it does not count.",
            "not_before_review": "It did not end before the review began, so it does not count.",
        }.get(self.review.talk_result(self.policy) or "", "")

    # ---- words of a step

    def title(self, slug: str) -> str:
        known_as = self.review.student.known_as
        return {
            "invite": "Everybody invited, with two weeks’ notice",
            "taking_part": f"{known_as}’s own way of taking part",
            "advice": "Advice from everybody asked",
            "papers": "Papers to everybody, two weeks before",
            "talk": f"{self.policy.review_pre_meeting_minutes} minutes with home before the review",
            "meeting": "The review meeting",
            "report": "Report to everybody invited",
            "decision": "The local authority keeps, changes or ends the plan",
            "plan": "The new final plan",
        }[slug]

    def _line(self, step: Step) -> StepLine:
        level, word = self._badge(step)
        route = STEP_ROUTES.get(step.slug)
        url = act = ""
        if route and self.may_change and step.needed:
            act = route[1] if step.done_on is None else "Change"
            url = reverse("care:review_step", args=[self.review.student_id, self.review.pk, route[0]])
        return StepLine(
            step.slug,
            self.title(step.slug),
            " ".join(filter(None, (f"By {self._day(step.due_on)}.", self._said(step)))),
            level,
            word,
            url,
            act,
            step.slug in AFTER,
        )

    def _badge(self, step: Step) -> tuple[str, str]:
        if step.done_on is not None:
            return "ok", "Done" if step.done_on <= step.due_on else "Done late"
        if not step.needed:
            return "none", "Not required" if step.slug == "plan" else "Not done"
        if self.review.voided_at is not None:
            return "none", "Taken back"
        away = (step.due_on - self.today).days
        if away < 0:
            return "overdue", f"{number_of_days(-away)} late"
        if step.slug == "plan" and not self.review.decision:
            return "open", "If it changes"
        return ("soon", "Now") if away <= SOON_DAYS else ("open", "To come")

    def _said(self, step: Step) -> str:
        """What is known of it beside its day."""
        review, done = self.review, step.done_on
        sent = f"Sent {self._day(done)}." if done else ""
        if step.slug == "invite":
            missing = [words for _, words in self.missing_roles]
            not_asked = "Not invited" if review.held_on else "Not yet invited"
            return f"{not_asked}: {listed(missing)}." if missing else f"The last on {self._day(done)}."
        if step.slug == "taking_part":
            return f"{review.get_taking_part_display()}." if review.taking_part else ""
        if step.slug == "advice":
            return self._advice_words()
        if step.slug == "papers":
            return f"{sent} {review.papers_words}".strip()
        if step.slug == "talk":
            return self._talk_when()
        if step.slug == "meeting":
            lead = f"{review.led_by.name} leads." if review.led_by else ""
            return f"Held {self._day(review.held_on)}." if review.held_on else lead
        if step.slug == "decision" and review.decided_on:
            return f"{review.get_decision_display()}: {self._day(review.decided_on)}."
        if step.slug == "plan" and review.decision == "amend" and review.decided_on:
            until = self._day(rules.comments_by(review.decided_on))
            return f"The family may answer the changes until {until} at least."
        return sent

    def _advice_words(self) -> str:
        if not self.advisers:
            return "Nobody was asked." if self.review.held_on else "Nobody has been asked."
        came = sum(one.advice_on is not None for one in self.advisers)
        cannot = [one.called for one in self.advisers if one.advice_declined_on and not one.advice_on]
        words = f"{came} of {len(self.advisers)} are in."
        if cannot:
            words += " " + ended(f"Cannot write: {listed(cannot)}")
        return words + (
            " " + ended(f"Still out: {listed([one.called for one in self.out])}") if self.out else ""
        )

    def _talk_when(self) -> str:
        review = self.review
        if review.talk_at is None:
            return "No time is agreed yet."
        minutes = f"{review.talk_minutes} minutes. {self.talk_words}"
        held = minutes if review.talk_minutes else review.talk_place
        return f"{when(review.talk_at)}. {held}".strip()

    def _day(self, day: date | None) -> str:
        return day_in_full(day, self.today) if day else ""


AFTER = ("meeting", "report", "decision", "plan")
# Of each step the name of its page, and what is done there.
STEP_ROUTES = {
    "taking_part": ("taking-part", "Write it down"),
    "papers": ("papers", "They are sent"),
    "talk": ("talk", "Plan or write down"),
    "meeting": ("meeting", "Write the record"),
    "report": ("report", "It is sent"),
    "decision": ("decision", "Write it down"),
}


def why_by(written: date, since: date) -> str:
    """Where the plan says another day than the law: both, in words."""
    law, today = rules.complete_by(since), clock.today()
    if written == law:
        return ""
    counted = f"twelve months from {day_in_full(since)}"
    if written < law:
        return f"The plan says so. By law it would be {day_in_full(law, today)}, {counted}."
    return f"By law, {counted}. The plan says {day_in_full(written, today)}, which is too late."


def _inside(title: str) -> str:
    """A title inside a sentence."""
    first = title.partition(" ")[0]
    return title if first.endswith(("’s", "’")) else title[:1].lower() + title[1:]
