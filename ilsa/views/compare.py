"""Staff: the Independence tab of the record, one year's views side by side, and agreeing where they differ."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows, has_capability
from keywork.audit import opened
from keywork.editing import save
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.words import worded, worded_lazy
from students.models import Student
from students.record import record_page

from .. import comparison, pictures, rater_pages, rules, templates
from ..actions import agree as agree_value
from ..forms import AgreeForm
from ..goal_links import goal_starts
from ..models import Agreement, Assessment, RaterForm, Role

SERIES = (
    (Role.KEYWORKER.value, "keyworker", worded_lazy("Keyworker")),
    (Role.PUPIL.value, "student", worded_lazy("Student")),
    (Role.PARENT.value, "parent", "Parent or carer"),
    ("agreed", "agreed", "Agreed"),
)


@permission_required(Can.VIEW_ILSA, GET)
def student(request: SchoolRequest, pk: int) -> HttpResponse:
    """The years: the level of each, and change like for like from one to the next."""
    who = get_visible_or_404(Student.objects.all(), request, Can.VIEW_ILSA, pk=pk)
    assessments = list(
        Assessment.objects.filter(student=who).select_related("round").order_by("-round__year")
    )
    forms = list(RaterForm.objects.filter(assessment__in=assessments).select_related("member").order_by("pk"))
    known = comparison.years_of(assessments, [form for form in forms if form.is_submitted])
    headline = request.school.policy(clock.today()).ilsa_headline_source
    steps = comparison.steps(known, headline)
    last = steps[-1] if steps else None
    opened(request, who, "independence")
    context: dict[str, Any] = {
        "assessments": [(one, [form for form in forms if form.assessment_id == one.pk]) for one in assessments],
        "rounds_url": reverse("ilsa:rounds") if has_capability(request.user, Can.RUN_ILSA) else "",
        "lines": pictures.trend(known, SERIES) if len(known) > 1 else [],
        "grid": pictures.grid(),
        "axis": pictures.axis(known),
        "known": known,
        "table": pictures.trend_table(known, SERIES),
        "headline": "agreed" if headline == "agreed" else worded("keyworker’s"),
        "step": last,
        "overall_change": None if last is None or last.overall is None else rules.rounded(last.overall),
        "overall_words": "" if last is None or last.overall is None
        else pictures.points(int(rules.rounded(last.overall))),
        "changes": pictures.change_rows(last) if last else [],
        "newly": [last.after.template.items[slug].staff for slug in last.newly_in_scope] if last else [],
        "rates": allows(request.user, Can.RATE_ILSA, who),
        "notes_raters": allows(request.user, Can.NOTE_RATER, who),
    }  # fmt: skip
    return record_page(request, who, "independence", "ilsa/student.html", context)


def _assessment(request: SchoolRequest, can: Can, pk: int, year: str) -> Assessment:
    found = Assessment.objects.select_related("student", "round")
    return get_visible_or_404(found, request, can, student=pk, round__year=year)


@permission_required(Can.VIEW_ILSA, GET)
def compare(request: SchoolRequest, pk: int, year: str) -> HttpResponse:
    """Three views side by side, the differences to talk over, and statistics of each pair."""
    assessment = _assessment(request, Can.VIEW_ILSA, pk, year)
    found = comparison.load(assessment, rater_pages.all_forms(assessment))
    opened(request, assessment.student, "independence", detail=year)
    context = {
        "assessment": assessment,
        "year": year,
        "found": found,
        "rows": pictures.domain_rows(found),
        "heads": list(
            zip(pictures.shapes_of(found.columns), found.columns, found.overall, strict=True)
        ),
        "agenda": [_agenda_row(row, found) for row in found.agenda],
        "one_place": [_agenda_row(row, found) for row in found.seen_in_one_place],
        "pairs": found.pairs(),
        "notes": [
            (row.item, [(column, given) for column, given in zip(found.columns, row.given, strict=True)
                        if given and given.note])
            for row in found.items
            if any(given and given.note for given in row.given)
        ],
        "to_talk": sum(row.agreed is None for row in found.agenda),
        "agrees": allows(request.user, Can.RATE_ILSA, assessment.student) and len(found.columns) > 1,
        "rates": allows(request.user, Can.RATE_ILSA, assessment.student),
        "notes_raters": allows(request.user, Can.NOTE_RATER, assessment.student),
        "seeds": goal_starts(found),
        "may_set_goals": allows(request.user, Can.KEEP_GOALS, assessment.student),
    }  # fmt: skip
    return record_page(request, assessment.student, "independence", "ilsa/compare.html", context)


def _agenda_row(row: comparison.ItemRow, found: comparison.Comparison) -> dict[str, Any]:
    template = found.template
    return {
        "item": row.item,
        "domain": template.domain(row.item.domain).title,
        "answers": [
            (column.label, _words(given, template))
            for column, given in zip(found.columns, row.given, strict=True)
        ],
        "agreed": row.agreed,
        "agreed_words": f"{row.agreed.score} {template.choice(row.agreed.score).staff}" if row.agreed else "",
        "tags": [rules.EXPLANATIONS[tag] for tag in row.agreed.tags] if row.agreed else [],
    }


def _words(given: comparison.Given | None, template: templates.Template) -> str:
    if given is None or given.answer is None:
        return ""
    words = template.choice(given.answer).staff
    return f"{given.answer} {words}" if rules.is_score(given.answer) else words


@permission_required(Can.RATE_ILSA, GET_POST)
def agree(request: SchoolRequest, pk: int, year: str, item: str) -> HttpResponse:
    """One item: everyone's answers above, what was agreed below."""
    assessment = _assessment(request, Can.RATE_ILSA, pk, year)
    template = templates.version(assessment.template_id)
    if item not in {one.slug for one in template.in_use}:
        raise Http404
    agreed = Agreement.objects.filter(assessment=assessment, item=item).select_related("by").first()
    given: dict[str, Any] = {
        "template": template,
        "agreed": agreed,
        "family": f"{assessment.student.known_as} and their family can read this.",
    }
    form = AgreeForm(posted(request), **given)
    saved = save(
        request,
        form,
        lambda: agree_value(
            by=request.user,
            assessment=assessment,
            item=item,
            seen=agreed.version if agreed else 0,
            **{name: form.cleaned_data[name] for name in form.base_fields},
        ),
    )
    if saved is not None:
        messages.success(request, "Kept. Everyone’s first answers stay as they are.")
        return redirect(f"{reverse('ilsa:compare', args=[pk, year])}#flags")
    found = comparison.load(assessment, rater_pages.all_forms(assessment))
    row = next(one for one in found.items if one.item.slug == item)
    context = {
        "form": form,
        "year": year,
        "item": row.item,
        "domain": template.domain(row.item.domain),
        "answers": [
            (column.label, _words(one, template), one.note if one else "")
            for column, one in zip(found.columns, row.given, strict=True)
        ],
        "back_url": f"{reverse('ilsa:compare', args=[pk, year])}#flags",
    }
    return record_page(request, assessment.student, "independence", "ilsa/agree.html", context, form.status)
