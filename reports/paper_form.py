"""The independence form on paper: made from the form of the assessment, to be filled in by hand and typed in later."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from ilsa import templates
from ilsa.models import Assessment
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import door, find

from . import rendering


@require_GET
@door(Can.VIEW_ILSA)
def independence_paper(request: HttpRequest, pk: int, audience: str) -> HttpResponse:
    """A blank form in one rater's words; `?large=1` in large print. About a tenth of a second, so made at once."""
    assessment = find(Assessment.objects.select_related("student", "round"), request, Can.VIEW_ILSA, pk=pk)
    if audience not in templates.AUDIENCES:
        raise Http404
    form = templates.version(assessment.template_id)
    words = {one: one.wording(audience) for one in form.choices}
    page = rendering.page(
        "reports/independence_paper.html",
        {
            "student": assessment.student,
            "round": assessment.round,
            "audience": audience,
            "large": "large" in request.GET,
            "school": request.school,  # type: ignore[attr-defined]
            "form": form,
            "choices": [(number, choice, words[choice]) for number, choice in enumerate(form.choices)],
            "domains": [
                (domain.title_for(audience), [item.wording(audience) for item in domain.items])
                for domain in form.domains
            ],
        },
    )
    opened(request, assessment.student, "independence", detail="paper form")
    return HttpResponse(
        rendering.pdf(page).content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="independence-{audience}.pdf"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
