"""The independence form on paper: made from the form of the assessment, to be filled in by hand and typed in later."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ilsa import rules, templates
from ilsa.models import Assessment
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.school import SchoolFacts
from keywork.school import load as load_school

from . import printing, rendering

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
        drawn = []
        if rules.is_score(choice.value) and audience == "student":
            blocks = f"{place} of {len(form.scale)} blocks filled"
            drawn = [_picture(choice.value, said) for said in (words, blocks)]
        found.append(Answer(SIGNS.get(choice.value, str(choice.value)), words, *drawn))
    return found


def _picture(step: rules.Answer, words: str) -> SafeString:
    return render_to_string("ilsa/_steps.html", {"step": step, "words": words, "paper": True})


def _key(answers: list[Answer], large: bool) -> str:
    """How the key stands at the top of every page after the first; "" for words too long to stand there."""
    longest = max(len(answer.words) for answer in answers)
    return "short" if longest <= SHORT[large] else "long" if longest <= LONG[large] else ""


def page_of(assessment: Assessment, audience: templates.Audience, large: bool, school: SchoolFacts) -> str:
    form = templates.version(assessment.template_id)
    answers = _answers(form, audience)
    return rendering.page(
        "reports/independence_paper.html",
        {
            "student": assessment.student,
            "round": assessment.round,
            "audience": audience,
            "large": large,
            "school": school,
            "form": form,
            "choices": answers,
            "key": _key(answers, large),
            "domains": [
                (domain.title_for(audience), [item.wording(audience) for item in domain.items])
                for domain in form.domains
            ],
        },
    )


def paper(assessment_id: int, audience: templates.Audience, large: bool) -> printing.Paper:
    assessment = Assessment.objects.select_related("student", "round").get(pk=assessment_id)
    return printing.Paper(page_of(assessment, audience, large, load_school()))


@permission_required(Can.VIEW_ILSA, GET)
def independence_paper(request: SchoolRequest, pk: int, audience: str) -> HttpResponse:
    """A blank form in one rater's words; `?large=1` in large print."""
    rows = Assessment.objects.select_related("student")
    assessment = get_visible_or_404(rows, request, Can.VIEW_ILSA, pk=pk)
    if audience not in templates.AUDIENCES:
        raise Http404
    large = "large" in request.GET
    return printing.answer(
        request,
        paper(pk, audience, large),
        kind="independence",
        args=[pk, audience, large],
        filename=f"independence-{audience}",
        about=assessment.student,
        log=lambda: opened(request, assessment.student, "independence", detail="paper form"),
    )
