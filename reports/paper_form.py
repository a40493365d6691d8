"""The independence form on paper: made from the form of the assessment, to be filled in by hand and typed in later."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from ilsa import rules, templates
from ilsa.models import Assessment
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import door, find

from . import rendering

# The two answers that are no score, as large as any number.
SIGNS: dict[rules.Answer, str] = {rules.NOT_SEEN: "?", rules.NOT_APPLICABLE: "–"}
# Letters of an answer that fit one line of the key, in large print and in ordinary: two columns, or one.
SHORT, LONG = {True: 30, False: 44}, {True: 46, False: 92}


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer as it is printed: the sign beside its box, its words in the key.

    The pictures are those of the screen; beside a box it says the words to who listens, in the key how it looks.
    """

    sign: str
    words: str
    picture: SafeString | str = ""
    looks: SafeString | str = ""


def _answers(form: templates.Template, audience: templates.Audience) -> list[Answer]:
    """In the order of the form; only the student's have pictures."""
    found = []
    for place, choice in enumerate(form.choices, 1):
        words = choice.wording(audience)
        if not rules.is_score(choice.value):
            found.append(Answer(SIGNS[choice.value], words))
        elif audience == "student":
            blocks = f"{place} of {len(form.scale)} blocks filled"
            drawn = [_picture(choice.value, said) for said in (words, blocks)]
            found.append(Answer(str(choice.value), words, *drawn))
        else:
            found.append(Answer(str(choice.value), words))
    return found


def _picture(step: rules.Answer, words: str) -> SafeString:
    return render_to_string("ilsa/_steps.html", {"step": step, "words": words, "paper": True})


def _key(answers: list[Answer], large: bool) -> str:
    """How the key stands at the top of every page after the first; "" for words too long to stand there."""
    longest = max(len(answer.words) for answer in answers)
    return "short" if longest <= SHORT[large] else "long" if longest <= LONG[large] else ""


@require_GET
@door(Can.VIEW_ILSA)
def independence_paper(request: HttpRequest, pk: int, audience: str) -> HttpResponse:
    """A blank form in one rater's words; `?large=1` in large print. About two seconds."""
    assessment = find(Assessment.objects.select_related("student", "round"), request, Can.VIEW_ILSA, pk=pk)
    if audience not in templates.AUDIENCES:
        raise Http404
    form = templates.version(assessment.template_id)
    large = "large" in request.GET
    answers = _answers(form, audience)
    page = rendering.page(
        "reports/independence_paper.html",
        {
            "student": assessment.student,
            "round": assessment.round,
            "audience": audience,
            "large": large,
            "school": request.school,  # type: ignore[attr-defined]
            "form": form,
            "choices": answers,
            "key": _key(answers, large),
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
