"""Which of the set heads a student and their keyworker have talked about in a half-term.

Read by the session form and by what it answers. Whether the half-term is met is the duty's word
(contacts.sessions); here it is said head by head, for the person about to sit down with the student.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from keywork.dates import day_in_full, days_from_today
from keywork.duty_words import listed
from keywork.numbers import in_words
from keywork.school import SchoolFacts

from . import sessions as rules
from .duties.session import TOPICS, facts_of
from .models import KeyworkSession
from .models.entry import readable_levels


@dataclass(frozen=True, slots=True)
class Head:
    """One set head. `on` is the last day it was talked about, None where that was in an entry not to be read."""

    topic: str
    is_open: bool
    on: date | None = None

    @property
    def name(self) -> str:
        return TOPICS.get(self.topic, self.topic.replace("_", " "))


@dataclass(frozen=True, slots=True)
class HalfTerm:
    """The half-term (or term, where that is the policy) of one day, as it stands on `today`."""

    name: str
    word: str  # "half-term" or "term"
    today: date
    due_on: date
    by: date  # as every page names it
    heads: Sequence[Head]
    is_met: bool
    catch_up_by: date | None  # while a session of the holiday can still make up for it
    next_on: date | None  # the first day of the next

    @property
    def left(self) -> list[Head]:
        return [head for head in self.heads if head.is_open]

    @property
    def is_past(self) -> bool:
        return self.today > self.due_on

    @property
    def before(self) -> str:
        """What is still open, in a sentence, for somebody who opens the form; "" where nothing is asked for."""
        if self.is_met:
            if not self.heads:
                return f"The session of this {self.word} is held."
            return f"{self._all} {'are' if len(self.heads) > 1 else 'is'} talked about {self._within}."
        if not self.left:
            return f"One more session is asked for {self._within}{self._by}."
        count = f"{in_words(len(self.left)).capitalize()} of {in_words(len(self.heads))}"
        several = len(self.left) > 1
        if len(self.left) == len(self.heads):
            count = self._all
        verb = (
            ("were left" if several else "was left")
            if self.is_past
            else ("are still" if several else "is still")
        )
        said = f"{count} {verb} open {self._within}: {listed([head.name for head in self.left])}{self._by}."
        if self.catch_up_by:
            said += f" A session now can make up for it, until {day_in_full(self.catch_up_by, self.today)}."
        return said

    @property
    def after(self) -> str:
        """The same for somebody who has just saved one: "Two of three talked about; engagement by …"."""
        if self.is_met:
            said = f"{self._all} talked about {self._within}." if self.heads else ""
            if self.next_on and not self.is_past:
                said += f" The next {self.word} begins on {day_in_full(self.next_on, self.today)}."
            return said.strip()
        if not self.left:
            return f"One more session is asked for {self._within}{self._by}."
        talked = len(self.heads) - len(self.left)
        names = listed([head.name for head in self.left])
        if self.is_past:
            return f"Not talked about in {self.name}: {names}."
        done = in_words(talked).capitalize() if talked else "None"
        return f"{done} of {in_words(len(self.heads))} talked about; {names} by {day_in_full(self.by, self.today)}."

    @property
    def _all(self) -> str:
        return {1: "The one head", 2: "Both"}.get(len(self.heads), f"All {in_words(len(self.heads))}")

    @property
    def _within(self) -> str:
        return f"in {self.name}" if self.is_past else f"this {self.word}"

    @property
    def _by(self) -> str:
        if self.is_past:
            return ""
        return f", by {day_in_full(self.by, self.today)}, {days_from_today(self.by, self.today)}"


def half_term(student: Any, on: date, today: date, reader: Any, school: SchoolFacts) -> HalfTerm | None:
    """The half-term of the day `on` as the duty sees it; two queries. None where none is owed, or for who is not in it.

    A head stands as talked about whoever wrote it down and at whatever level, as the duty counts it.
    """
    begun = (one for one in rules.windows(today, school) if one.block.starts_on <= on)
    window = next(begun, None) if rules.is_owed(school.policy(today)) else None
    if window is None:
        return None
    facts = next(facts_of([student], window.block.starts_on, today))
    now = rules.in_window(facts, window, today, school)
    if now.due_on is None:
        return None
    readable = set(readable_levels(reader, student))
    following = school.calendar.next_block(window.block.ends_on)
    talked = {
        topic: one.on
        for one in facts.logged
        if one.status == KeyworkSession.Status.HELD and one.level in readable and not one.waiting
        if following is None or one.on < following.starts_on  # of a past half-term none of a later one
        for topic in one.topics
    }
    left = set(now.topics_left)
    catch_up = now.catch_up_by if school.calendar.block_on(today) is None else None
    return HalfTerm(
        name=window.block.name,
        word="term" if window.policy.session_window == "term" else "half-term",
        today=today,
        due_on=now.due_on,
        by=now.by(today) or now.due_on,
        heads=[
            Head(topic, topic in left, None if topic in left else talked.get(topic))
            for topic in window.policy.session_required_topics
        ],
        is_met=now.met_on is not None,
        catch_up_by=catch_up if catch_up and now.due_on < today <= catch_up else None,
        next_on=following.starts_on if following else None,
    )
