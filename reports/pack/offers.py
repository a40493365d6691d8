"""What a pack may hold of a student's record between two days, oldest first.

Never offered, to anybody: restricted and safeguarding entries, what was crossed out or moved, what was kept from home,
the social circle map, how safe a student feels, that one did not feel safe, and what waits for approval because it was
logged late. Nothing in a pack or on its pages tells whether there is any.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from care.documents.uploads import PDF
from care.models import EhcPlan, FiledDocument, SupportCycle
from contacts.facts import approved
from contacts.models import HomeContact, KeyworkSession
from contacts.timeline import channel_words, contact_title
from goals import lines as goal_lines
from goals.gas_scales import in_force, standing_score
from ilsa import comparison
from ilsa.models import Assessment, RaterForm
from keywork import clock
from keywork.access import Can
from keywork.dates import london_date
from keywork.levels import Level
from keywork.school import SchoolFacts
from keywork.words import worded_lazy
from questionnaires import fields
from students.models import Attendance, FamilyLink, Student
from tsp.models import Answer, Tool
from tsp.questions import templates
from tsp.rating import rules
from tsp.sheets import permissions as sheet_permissions
from tsp.sheets.lines import author_of

from ..sections import Span
from ..sections.tsp import OWN_WORDS
from ..sections.tsp import areas as areas_of
from .words import FIELDS


@dataclass(frozen=True, slots=True)
class Part:
    """`can` is the right without which nobody is offered what is in it, beside that to make a pack (reports.reading)."""

    title: str
    can: Can | None = None


PARTS = {
    "words": Part("What you wrote for it"),
    "views": Part(worded_lazy("What the student says")),
    "home": Part("What home says"),
    "cycles": Part("Goals: what was tried, and what came of it"),
    "log": Part("Contacts, sessions, observations, sheets and cycles of support"),
    "attendance": Part("Attendance"),
    "measures": Part("Measures"),
    "plans": Part("Plans in force"),
    "documents": Part("Reports of others"),
}
ASK_FIRST = worded_lazy(
    "The student did not choose to show this at home, and home reads the pack. Ask them first."
)
OTHER_HOME = "This was with {whom}, and another household reads the pack."
LOOK_FIRST = "Names in a PDF cannot be covered here. Look it through first."
# What the words of a cycle are called, where they are read and where they are printed.
GOAL, WHY, SUPPORT = worded_lazy("In the student’s words"), "Why it matters", "What adults provided"
MEASURE, CHANGED = "Counted or seen", "Why the steps were changed"
COUNTED = ("possible", "attended", "authorised", "unauthorised", "suspended_days")  # of a week
_SESSIONS = dict(KeyworkSession.Status.choices)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to choose. `lines` are its words, (label, words), which somebody reads; `facts` plain values beside."""

    key: str
    part: str
    title: str
    on: date | None = None
    kind: str = ""
    by: str = ""
    ref: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    chosen: bool = True  # until somebody decides
    note: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.lines).encode()).hexdigest()


def offered(student: Student, first: date, last: date, reader: Any, school: SchoolFacts) -> list[Item]:
    """In the order of the pack. A fixed number of queries, but for one more each year of the independence form."""
    homes, filed = _homes(student), _filed(student, first, last, reader)
    return [
        *_sheets(student, first, last, reader, Tool.VOICE, homes),
        *_sheets(student, first, last, reader, Tool.PARENT, homes),
        *_cycles(student, first, last),
        *_support(student, first, last),
        *_log(student, first, last, reader, homes, [one for one in filed if one.part == "log"]),
        *[one for one in filed if one.part != "log"],
        *_attendance(student, first, last, school),
        *_measures(student, first, last, school),
        *_plans(student),
    ]


def typed(words: dict[str, str]) -> list[Item]:
    """What was written for the pack itself is read for names like all else."""
    return [
        Item(f"words-{slug}", "words", label, lines=(("", words[slug]),))
        for slug, (label, _) in FIELDS.items()
        if words.get(slug)
    ]


def documents(rows: Iterable[Any]) -> list[Item]:
    return [
        Item(
            f"document-{row.pk}",
            "documents",
            row.title,
            on=row.dated_on,
            by=row.author,
            lines=(("What it recommends, and what came of it", row.advice),) if row.advice else (),
            facts={"file": row.file.name, "sha256": row.sha256, "pages": row.pages},
        )
        for row in rows
    ]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


# ------------------------------------------------------------------------------------------ households


@dataclass(frozen=True, slots=True)
class Homes:
    """Family member to household, of everybody on file now, and the households that reports may go to."""

    of: dict[int, str]
    readers: frozenset[str]

    def said_elsewhere(self, member_id: int | None, whom: str) -> str:
        """The remark on what was said with one household and would be read by another; "" where none would.

        With somebody who is not on file it may have been with any.
        """
        readers = len(self.readers)
        elsewhere = readers > 1 if member_id is None else bool(self.readers - {self.of.get(member_id, "")})
        return OTHER_HOME.format(whom=whom) if elsewhere else ""


def _homes(student: Student) -> Homes:
    """People with the same household word live together; where none is written, those the student lives with do."""
    links = FamilyLink.objects.filter(student=student, ended_on__isnull=True).order_by("pk")
    rows = links.values_list("pk", "member_id", "household", "lives_with")
    keys = {
        pk: (member, word.strip().casefold() or ("lives with" if lives_with else f"#{pk}"))
        for pk, member, word, lives_with in rows
    }
    read = links.for_reports(clock.today()).values_list("pk", flat=True)
    return Homes(dict(keys.values()), frozenset(keys[pk][1] for pk in read if pk in keys))


# ------------------------------------------------------------------------------------------ sheets


def _done(student: Student, first: date, last: date, reader: Any, tools: Sequence[str]) -> list[Any]:
    rows = (
        sheet_permissions.readable(reader)
        .done()
        .filter(student=student, tool__in=tools, happened_on__range=(first, last), voided_at__isnull=True)
        .select_related("author", "member", "student")
        .order_by("happened_on", "pk")
    )
    return list(rows)


def _words_of(rows: Sequence[Any]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Of each sheet its answers in words, under their labels; how safe somebody feels is left out."""
    forms = templates.versions({row.template_id for row in rows})
    said: dict[int, dict[str, Any]] = defaultdict(dict)
    answers = Answer.objects.filter(sheet__in=rows).order_by()
    for sheet, name, value in answers.values_list("sheet", "field", "value"):
        said[sheet][name] = value
    found = {}
    for row in rows:
        form = forms[row.template_id]
        lines = []
        for one in form.tool(row.tool).fields:
            value = said[row.pk].get(one.slug)
            if value is None or one.sensitive or one.type == "scale_0_4" or fields.is_circle(one):
                continue
            if row.tool == Tool.VOICE and one.slug not in OWN_WORDS:
                continue
            words = "; ".join(fields.in_words(one, value, form))
            if words:
                lines.append((one.label, words))
        found[row.pk] = tuple(lines)
    return found


def _sheets(student: Student, first: date, last: date, reader: Any, tool: str, homes: Homes) -> list[Item]:
    """The student's voice sheets, or the conversation sheets of home."""
    rows = _done(student, first, last, reader, [tool])
    words = _words_of(rows)
    voice = tool == Tool.VOICE
    notes = {
        row.pk: ("" if row.share_with_home else ASK_FIRST)
        if voice
        else homes.said_elsewhere(row.member_id, row.member.name if row.member else "home")
        for row in rows
    }
    return [
        Item(
            f"sheet-{row.pk}",
            "views" if voice else "home",
            "Voice sheet" if voice else f"Conversation with {row.member.name if row.member else 'home'}",
            on=row.happened_on,
            by=author_of(row),
            ref=f"T-{row.pk}",
            lines=words[row.pk],
            chosen=not notes[row.pk],
            note=notes[row.pk],
        )
        for row in rows
        if words[row.pk]
    ]


# ------------------------------------------------------------------------------------------ cycles


def _cycles(student: Student, first: date, last: date) -> list[Item]:
    """A goal is a cycle: where they were, what was hoped for, what adults did, where they are, what follows."""
    found = []
    goals = [
        goal
        for goal in goal_lines.goal_rows(student.pk)
        if goal.agreed_at is not None
        and goal.withdrawn_at is None
        and london_date(goal.agreed_at) <= last
        and (goal.closed_at is None or london_date(goal.closed_at) >= first)
    ]
    forms = templates.versions({goal.template_id for goal in goals})
    for goal in goals:
        scale = in_force(goal.all_scales)
        if scale is None or scale.agreed_at is None:
            continue
        began = london_date(goal.agreed_at)
        scores = [
            one
            for one in reversed(goal.all_scores)
            if one.voided_at is None and not one.second and one.scale_id == scale.pk and one.scored_on <= last
        ]
        score = standing_score(scores, scale)
        found.append(
            Item(
                f"goal-{goal.pk}",
                "cycles",
                f"“{goal.student_words}”",
                on=began,
                kind="Goal",
                ref=f"G-{goal.pk}",
                lines=_cycle_lines(goal, scale, scores),
                facts={
                    "need": goal.need,
                    "area": forms[goal.template_id].area(goal.area).title_for("staff"),
                    "began": began.isoformat(),
                    "review_on": _iso(scale.review_on),
                    "ended": _iso(london_date(goal.closed_at) if goal.closed_at else None),
                    "baseline": scale.baseline,
                    "level": score.level if score else None,
                    "start": rules.level_in_words(scale.baseline),
                    "now": rules.level_in_words(score.level, score.partial) if score else "",
                    "scored_on": _iso(score.scored_on if score else None),
                    "scores": [
                        [one.scored_on.isoformat(), rules.level_in_words(one.level, one.partial)]
                        for one in scores
                    ],
                    "outcomes": [outcome.number for outcome in goal.all_outcomes],
                },
            )
        )
    return found


def _cycle_lines(goal: Any, scale: Any, scores: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    lines = [
        (GOAL, goal.student_words),
        (WHY, goal.why_it_matters),
        *((rules.level_in_words(level), words) for level, words in reversed(scale.levels.items())),
        (SUPPORT, scale.support),
        (MEASURE, scale.measure),
        *((score_name(place), one.evidence) for place, one in enumerate(scores, 1)),
        (CHANGED, scale.reason),
    ]
    return tuple((label, words) for label, words in lines if words)


def score_name(place: int) -> str:
    return f"How score {place} is known"


def _support(student: Student, first: date, last: date) -> list[Item]:
    """Cycles of assess, plan, do and review, in the chronology by the day they began."""
    rows = SupportCycle.objects.standing().filter(student=student, starts_on__lte=last)
    return [
        Item(
            f"support-{one.pk}",
            "log",
            f"Cycle {one.number} of support",
            on=one.starts_on,
            kind="Support",
            by=one.given_by,
            ref=f"C-{one.pk}",
            lines=tuple((label, words) for label, words in _support_lines(one) if words),
        )
        for one in rows.order_by("starts_on", "pk")
        if (one.reviewed_on or last) >= first
    ]


def _support_lines(one: SupportCycle) -> Iterable[tuple[str, str]]:
    given = ", ".join(filter(None, (one.provision, one.given_by, one.how_often)))
    return (
        ("Assess", one.assess),
        ("Plan", one.aim),
        ("Do", given),
        ("Review", one.came_of_it),
        ("What follows", one.next_step),
    )


# ------------------------------------------------------------------------------------------ the log


def _log(
    student: Student, first: date, last: date, reader: Any, homes: Homes, filed: Sequence[Item]
) -> list[Item]:
    found = [*_contacts(student, first, last, homes), *_sessions(student, first, last), *filed]
    tools = (Tool.OBSERVATION, Tool.TEAM, Tool.RESTORATIVE, Tool.STRENGTHS, Tool.REGULATION)
    rows = _done(student, first, last, reader, tools)
    words = _words_of(rows)
    for row in rows:
        observation = row.tool == Tool.OBSERVATION
        found.append(
            Item(
                f"sheet-{row.pk}",
                "log",
                Tool(row.tool).label,
                on=row.happened_on,
                kind="Observation" if observation else "Sheet",
                by=author_of(row),
                ref=f"{'O' if observation else 'T'}-{row.pk}",
                lines=_log_lines(row, words[row.pk]),
            )
        )
    return sorted(found, key=lambda item: (item.on or date.min, item.kind, item.key))


def _log_lines(row: Any, words: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What was seen comes first; of the sheets on what helps only that they were filled in: they are long."""
    if row.tool == Tool.OBSERVATION:
        said = {field.slug: field.label for field in templates.version(row.template_id).tool(row.tool).fields}
        by_label = dict(words)
        happened = by_label.get(said["what-happened"], "")
        more = [(said[slug], by_label.get(said[slug], "")) for slug in ("setting", "support-given")]
        return (("", happened), *((label, one) for label, one in more if one))
    if row.tool in (Tool.STRENGTHS, Tool.REGULATION):
        return (("", f"{Tool(row.tool).label}: filled in."),)
    return (("", f"{Tool(row.tool).label}."), *words)


def _filed(student: Student, first: date, last: date, reader: Any) -> list[Item]:
    """Documents of the record, for somebody to choose: a PDF as an appendix, any other by the words typed beside it.

    Titles and authors may name others, so they are read like all words; a picture is in no pack.
    """
    rows = (
        FiledDocument.objects.standing()
        .readable_by(reader)
        .filter(student=student, level=Level.GENERAL, dated_on__range=(first, last))
        .defer("text")
        .order_by("dated_on", "pk")
    )
    found = []
    for row in rows:
        said = (("What it is", f"{row.title}, from {row.author}"), ("Its words", row.words))
        lines = tuple((label, words) for label, words in said if words)
        if row.content_type == PDF:
            kept: dict[str, Any] = {"part": "documents", "facts": {"file": row.file.name}, "note": LOOK_FIRST}
        elif row.words:
            kept = {"part": "log", "kind": "Document", "ref": f"D-{row.pk}"}
        else:
            continue
        title = row.get_kind_display()
        found.append(Item(f"filed-{row.pk}", title=title, on=row.dated_on, lines=lines, chosen=False, **kept))
    return found


def _general(model: Any, student: Student, first: date, last: date) -> Any:
    return (
        model.objects.filter(
            student=student,
            happened_on__range=(first, last),
            level=Level.GENERAL,
            voided_on__isnull=True,
            moved_to__isnull=True,
        )
        .filter(approved(None))
        .select_related("made_by")
        .order_by("happened_on", "pk")
    )


def _contacts(student: Student, first: date, last: date, homes: Homes) -> list[Item]:
    found = []
    for row in _general(HomeContact, student, first, last).filter(withheld_reason=""):
        note = homes.said_elsewhere(row.member_id, row.with_name)
        found.append(
            Item(
                f"contact-{row.pk}",
                "log",
                contact_title(row),
                on=row.happened_on,
                kind="Contact",
                by=row.made_by.name,
                ref=f"C-{row.pk}",
                lines=(("", f"{contact_title(row)}, {channel_words(row.channel)}."), ("", row.notes)),
                chosen=not note,
                note=note,
            )
        )
    return found


def _sessions(student: Student, first: date, last: date) -> list[Item]:
    found = []
    for row in _general(KeyworkSession, student, first, last):
        length = f", {row.minutes} minutes" if row.minutes else ""
        held = row.status == KeyworkSession.Status.HELD
        title = f"Keywork session{'' if held else f': {_SESSIONS[row.status].lower()}'}{length}"
        agreed = (("Agreed", row.agreed),) if row.agreed else ()
        found.append(
            Item(
                f"session-{row.pk}",
                "log",
                title,
                on=row.happened_on,
                kind="Session",
                by=row.made_by.name,
                ref=f"S-{row.pk}",
                lines=(("", f"{title}."), ("", row.notes), *agreed),
            )
        )
    return found


# ------------------------------------------------------------------------------------------ figures


def _attendance(student: Student, first: date, last: date, school: SchoolFacts) -> list[Item]:
    """By term and source, oldest first."""
    found: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    rows = Attendance.objects.filter(student=student).between(first, last).order_by("starts_on", "source")
    for row in rows:
        in_term = (one.name for one in school.calendar.terms if one.starts_on <= row.ends_on <= one.ends_on)
        sums = found[next(in_term, "Between terms"), row.source]
        for name in COUNTED:
            sums[name] += getattr(row, name)
    if not found:
        return []
    table = []
    for (term, source), sums in found.items():
        suspended, possible = float(sums.pop("suspended_days")), sums["possible"]
        per_cent = round(100 * sums["attended"] / possible) if possible else None
        table.append(
            {"term": term, "source": source, **sums, "per_cent": per_cent, "suspended": f"{suspended:g}"}
        )
    return [Item("attendance", "attendance", "Attendance and suspensions", facts={"rows": table})]


def _measures(student: Student, first: date, last: date, school: SchoolFacts) -> list[Item]:
    found = []
    begun = [term for term in school.calendar.terms if term.starts_on <= last]
    if begun:
        areas = areas_of(Span(student, begun[-1], first, last, last, school))
        if areas["rows"]:
            found.append(Item("measure-areas", "measures", "The nine areas of the TSP", facts=areas))
    found += _independence(student, first, last)
    return found


def _independence(student: Student, first: date, last: date) -> list[Item]:
    """Each year in which somebody rated between these days; a column for each rater, never a mean of two."""
    rated = RaterForm.objects.submitted().filter(
        assessment__student=student, answered_on__range=(first, last)
    )
    rows = Assessment.objects.filter(forms__in=rated).distinct().select_related("student", "round")
    found = []
    for row in rows.order_by("round__year"):
        seen = comparison.load(row)
        found.append(
            Item(
                f"measure-ilsa-{row.pk}",
                "measures",
                f"Independence {row.round.year.replace('-', '/')}",
                on=max(seen.submitted_on),
                facts={
                    "raters": [
                        {"label": one.label, "on": _iso(one.form.answered_on)} for one in seen.columns
                    ],
                    "rows": [
                        [one.domain.title, [_shown(figure) for figure in one.figures]] for one in seen.domains
                    ],
                },
            )
        )
    return found


def _shown(figure: Any) -> str:
    return f"{figure.shown}%" if figure.shown is not None else "not enough seen"


def _plans(student: Student) -> list[Item]:
    found = []
    for plan in EhcPlan.objects.current().filter(student=student).prefetch_related("outcomes"):
        outcomes = sorted(plan.outcomes.all(), key=lambda one: one.number)
        found.append(
            Item(
                f"plan-{plan.pk}",
                "plans",
                f"{plan.kind.name}, version {plan.number}",
                on=plan.issued_on,
                lines=tuple((f"Outcome {one.number}", one.text) for one in outcomes),
                facts={
                    "issued_on": plan.issued_on.isoformat(),
                    "reviewed_on": _iso(plan.reviewed_on),
                    "next_review_on": _iso(plan.next_review_on),
                    "needs": {str(one.number): one.area_of_need for one in outcomes},
                },
            )
        )
        if plan.pdf:
            found.append(
                Item(
                    f"plan-pdf-{plan.pk}",
                    "documents",
                    f"{plan.kind.name}, version {plan.number}",
                    on=plan.issued_on,
                    by=plan.kind.made_by.capitalize(),
                    facts={"file": plan.pdf.name},
                    chosen=False,
                    note=LOOK_FIRST,
                )
            )
    return found
