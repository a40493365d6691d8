"""Which recorded misses are asked for: a term, what came of them, a duty. Never whose, nor how many each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Case, Count, Value, When

from keywork.calendar import SchoolCalendar, Term
from keywork.duties import miss_names
from keywork.duty_words import inside
from keywork.words import worded_lazy

from .models import Miss
from .models.miss import MissQuerySet

WITHDRAWN = "withdrawn"
WORDS = {
    Miss.Class.MISSED: worded_lazy("missed with a keyworker in post"),
    Miss.Class.ATTEMPTED: "tried and not reached",
    Miss.Class.HANDOVER: "during a handover",
    Miss.Class.UNASSIGNED: worded_lazy("with no keyworker in post"),
    WITHDRAWN: "withdrawn",
}


class MissFilter:
    """The three choices above the list, each with an answer that is always valid."""

    def __init__(
        self, data: Mapping[str, Any], visible: MissQuerySet, calendar: SchoolCalendar, today: date
    ) -> None:
        begun = [term for term in calendar.terms if term.starts_on <= today]
        self.terms = list(reversed(begun))
        chosen = (term for term in self.terms if term.id == data.get("term"))
        self.term: Term | None = next(chosen, self.terms[0] if self.terms else None)
        self.duty: str = data["duty"] if data.get("duty") in miss_names() else ""
        self._rows = self._of_term(visible, calendar)
        if self.duty:
            self._rows = self._rows.filter(duty=self.duty)
        self._counts = self._counted()
        self.klass: str = data["klass"] if data.get("klass") in WORDS else ""

    def _of_term(self, visible: MissQuerySet, calendar: SchoolCalendar) -> MissQuerySet:
        if self.term is None:
            return visible
        return visible.filter(due_on__range=(self.term.starts_on, calendar.until_next_term(self.term)))

    def _counted(self) -> Counter[str]:
        outcome = Case(When(withdrawn_at__isnull=False, then=Value(WITHDRAWN)), default="klass")
        rows = self._rows.order_by().annotate(outcome=outcome).values_list("outcome")
        return Counter(dict(rows.annotate(Count("pk"))))

    @property
    def counts(self) -> Mapping[str, int]:
        """What came of them: Miss.Class, or WITHDRAWN, to how many."""
        return self._counts

    @property
    def klasses(self) -> list[tuple[str, str]]:
        """The answers of the first choice, each with how many there are."""
        labels = {**dict(Miss.Class.choices), WITHDRAWN: "Withdrawn"}
        standing = self._counts.total() - self._counts[WITHDRAWN]
        each = [(key, f"{label} ({self._counts[key]})") for key, label in labels.items()]
        return [("", f"All that stand ({standing})"), *each]

    @property
    def duties(self) -> list[tuple[str, str]]:
        return [("", "All duties"), *miss_names().items()]

    @property
    def narrowed(self) -> bool:
        return bool(self.klass or self.duty)

    def found(self) -> MissQuerySet:
        """Newest due date first, then by student."""
        rows = self._rows.filter(withdrawn_at__isnull=self.klass != WITHDRAWN)
        if self.klass and self.klass != WITHDRAWN:
            rows = rows.filter(klass=self.klass)
        return rows.select_related("student", "keyworker", "withdrawn_by").order_by(
            "-due_on", "student__in_order", "pk"
        )

    def caption(self, count: int) -> str:
        what = inside(miss_names()[self.duty]) if self.duty else "due date"
        if count != 1:
            what += "s"
        words = WORDS[self.klass] if self.klass else "missed"
        when = self.term.name[0].lower() + self.term.name[1:] if self.term else "all terms"
        return f"{count} {what} {words}, {when}, newest first."
