"""Which recorded misses are asked for: a term, what came of them, a duty. Never whose, nor how many each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Case, Count, Q, Value, When

from keywork.calendar import SchoolCalendar, Term
from keywork.dates import day_in_full
from keywork.duties import miss_names
from keywork.duty_words import inside
from keywork.numbers import in_words
from keywork.words import worded_lazy

from .models import Miss
from .models.miss import MissQuerySet

WITHDRAWN = "withdrawn"
UNSEEN, UNEXPLAINED = "unseen", "unexplained"
WORDS = {
    Miss.Class.MISSED: worded_lazy("missed with a keyworker in post"),
    Miss.Class.ATTEMPTED: "tried and not reached",
    Miss.Class.HANDOVER: "during a handover",
    Miss.Class.UNASSIGNED: worded_lazy("with no keyworker in post"),
    WITHDRAWN: "withdrawn",
    UNSEEN: "missed that nobody has said they have seen",
    UNEXPLAINED: "missed of which nobody has said why",
}
# What is asked of those that stand, across the classes.
OPEN = {
    UNSEEN: ("Not acknowledged yet", Q(answer__acknowledged_at__isnull=True)),
    UNEXPLAINED: ("No reason given yet", Q(answer__isnull=True) | Q(answer__reason="")),
}


class MissFilter:
    """The three choices above the list, each with an answer that is always valid.

    `from` and `to`, of which both are days, are asked for by Oversight's figures and take the place of a term.
    """

    def __init__(
        self, data: Mapping[str, Any], visible: MissQuerySet, calendar: SchoolCalendar, today: date
    ) -> None:
        begun = [term for term in calendar.terms if term.starts_on <= today]
        self.terms = list(reversed(begun))
        chosen = (term for term in self.terms if term.id == data.get("term"))
        self.term: Term | None = next(chosen, self.terms[0] if self.terms else None)
        self.days = _days(data)
        self.duty: str = data["duty"] if data.get("duty") in miss_names() else ""
        self._rows = self._of_term(visible, calendar)
        if self.duty:
            self._rows = self._rows.filter(duty=self.duty)
        self._counts = self._counted()
        self.klass: str = data["klass"] if data.get("klass") in WORDS else ""

    def _of_term(self, visible: MissQuerySet, calendar: SchoolCalendar) -> MissQuerySet:
        if self.days is not None:
            return visible.filter(due_on__range=self.days)
        if self.term is None:
            return visible
        return visible.filter(due_on__range=(self.term.starts_on, calendar.until_next_term(self.term)))

    def _counted(self) -> Counter[str]:
        outcome = Case(When(withdrawn_at__isnull=False, then=Value(WITHDRAWN)), default="klass")
        each = {name: Count("pk", filter=asked) for name, (_, asked) in OPEN.items()}
        rows = self._rows.order_by().annotate(outcome=outcome).values("outcome")
        found: Counter[str] = Counter()
        for row in rows.annotate(n=Count("pk"), **each):
            found[row["outcome"]] = row["n"]
            if row["outcome"] != WITHDRAWN:
                found.update({name: row[name] for name in OPEN})
        return found

    @property
    def counts(self) -> Mapping[str, int]:
        """What came of them: Miss.Class, or WITHDRAWN, to how many."""
        return {key: count for key, count in self._counts.items() if key not in OPEN}

    @property
    def klasses(self) -> list[tuple[str, str]]:
        """The answers of the first choice, each with how many there are."""
        labels = {**dict(Miss.Class.choices), WITHDRAWN: "Withdrawn"}
        standing = sum(self.counts.values()) - self._counts[WITHDRAWN]
        labels |= {key: label for key, (label, _) in OPEN.items()}
        each = [(key, f"{label} ({self._counts[key]})") for key, label in labels.items()]
        return [("", f"All that stand ({standing})"), *each]

    @property
    def duties(self) -> list[tuple[str, str]]:
        return [("", "All duties"), *miss_names().items()]

    @property
    def narrowed(self) -> bool:
        return bool(self.klass or self.duty or self.days)

    def found(self) -> MissQuerySet:
        """Newest due date first, then by student."""
        rows = self._rows.filter(withdrawn_at__isnull=self.klass != WITHDRAWN)
        if self.klass in OPEN:
            rows = rows.filter(OPEN[self.klass][1])
        elif self.klass and self.klass != WITHDRAWN:
            rows = rows.filter(klass=self.klass)
        return rows.select_related(
            "student", "keyworker", "withdrawn_by", "answer__given_by", "answer__acknowledged_by"
        ).order_by("-due_on", "student__in_order", "pk")

    def caption(self, count: int) -> str:
        what = inside(miss_names()[self.duty]) if self.duty else "due date"
        if count != 1:
            what += "s"
        words = WORDS[self.klass] if self.klass else "missed"
        when = self.term.name[0].lower() + self.term.name[1:] if self.term else "all terms"
        if self.days is not None:
            when = f"due from {day_in_full(self.days[0])} to {day_in_full(self.days[1])}"
        return f"{in_words(count).capitalize()} {what} {words}, {when}, newest first."


def _days(data: Mapping[str, Any]) -> tuple[date, date] | None:
    """The two days of an address, where they are days and in order."""
    try:
        first, last = (date.fromisoformat(data.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return None
    return (first, last) if first <= last else None
