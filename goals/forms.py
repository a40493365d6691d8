"""The goal-setting sheet: a goal in the student's words and its five levels, and other levels later."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.http import QueryDict

from care.models import Outcome
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link, secondary, text_box
from keywork.words import worded_lazy
from students.models import Student
from tsp.models import GasScale, Goal
from tsp.questions.templates import Template

from .actions import GOAL_FIELDS, LEVEL_FIELDS, SCALE_FIELDS
from .gas_scales import missing_parts

BASELINES = [
    ("-1", "−1: can do some of it now"),
    ("-2", "−2: cannot do it yet, and nothing worse is likely"),
]
WEIGHTS = ("importance", "difficulty")
WEIGHED = [("1", "1 A little"), ("2", "2 Quite"), ("3", "3 Very")]
_line = partial(text_box, most=300, rows=2, required=False)


class LevelsForm(EditForm):
    """The five levels and what goes with them. Filled from `scale`, or bound."""

    plus_2 = _line("+2 Much more than expected", help_text="The best that could be hoped for.")
    plus_1 = _line("+1 Somewhat more than expected", help_text="A stretch.")
    zero = _line(
        "0 Expected by the review date", help_text="Realistic by then, with the support written below."
    )
    minus_1 = _line(
        "−1 Somewhat less than expected", help_text=worded_lazy("Usually where the student is now.")
    )
    minus_2 = _line("−2 Much less than expected", help_text="Worse than now, or as bad as now.")
    baseline = forms.TypedChoiceField(
        label=worded_lazy("Where the student is now"), choices=BASELINES, coerce=int, widget=forms.RadioSelect
    )
    measure = _line(
        "What is counted or seen, by whom and where",
        help_text="So that somebody who was not told the answer would see the same.",
    )
    support = text_box("What adults will do", 2000, required=False)
    review_on = forms.DateField(label="Review date", required=False, widget=DateBox)
    reason = text_box(
        "Why the levels change",
        300,
        rows=2,
        help_text="The levels agreed before stay in the record, with the scores given on them.",
    )
    missing = {"baseline": worded_lazy("Say where the student is now"), "reason": "Say why the levels change"}

    with_reason = True

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        student: Student,
        scale: GasScale | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.student = student
        begin: dict[str, Any] = {"baseline": "-1"}
        if scale is not None:
            begin |= {name: getattr(scale, name) for name in (*SCALE_FIELDS, "reason")}
        super().__init__(data, initial=begin | (initial or {}))
        if not self.with_reason:
            del self.fields["reason"]
        self.fields["minus_1"].help_text = f"Usually where {student.known_as} is now."
        self.fields["baseline"].label = f"Where {student.known_as} is now"
        self._adapt()
        if scale is not None:
            anew = ["reason"] if (initial or {}).get("reason") == "" else []
            self.edits(*filter(None, (scale, getattr(self, "goal", None))), besides=anew)

    def _adapt(self) -> None:
        """Fields that depend on the school or the student."""

    @property
    def asks(self) -> bool:
        """Was it sent off to a second adult, rather than put aside?"""
        return "ask" in self.data

    def scale_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SCALE_FIELDS}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.asks:  # a goal put aside may have gaps
            typed = GasScale(**{name: given.get(name) for name in (*LEVEL_FIELDS, "measure", "support")})
            typed.review_on = given.get("review_on")
            for name, words in missing_parts(typed):
                if name not in self.errors:
                    self.add_error(name, words)
        return given

    def scale_pieces(self) -> list[Any]:
        return [
            Div(
                HTML(
                    '<div class="kw-stack is-tight"><h3>Five levels, one behaviour</h3><p class="form-text">'
                    "Write the middle one first, then outwards. Neither overlap nor gap: whatever happens fits one "
                    'level, and only one. <a href="#how-levels">How to write levels</a></p></div>'
                ),
                *reversed(LEVEL_FIELDS),
                css_class="kw-stack kw-rungs",
            ),
            Field("baseline", wrapper_class="is-rows"),
            "measure",
            "support",
            "review_on",
        ]

    def layout(self) -> Layout:
        return Layout(
            *self.first_pieces(),
            *self.scale_pieces(),
            Actions(
                primary("Save and ask for a check", name="ask", value="1"),
                secondary("Save, not finished", name="keep", value="1"),
                quiet_link("Close", "back_url"),
            ),
        )

    def first_pieces(self) -> list[Any]:
        return ["reason"]

    @property
    def helper(self) -> Any:
        made = "_helper" not in self.__dict__
        helper = super().helper
        if made:
            helper.form_id = "goal-form"
            # Nothing here is ever "optional": a goal put aside may have gaps, one to be checked has none.
            helper.show_optional = False
        return helper


class GoalForm(LevelsForm):
    """A whole goal before it is agreed."""

    student_words = text_box(
        worded_lazy("The goal in the student’s own words"),
        300,
        rows=2,
        help_text="As they say, sign or draw it. Not tidied up.",
    )
    why_it_matters = text_box("Why it matters to them", 500, rows=2, required=False)
    area = forms.ChoiceField(label="Area")
    statement = forms.ChoiceField(
        label="The statement it grows from",
        required=False,
        help_text="One of the same area. Leave it empty when none fits.",
    )
    outcomes = forms.TypedMultipleChoiceField(
        label="Outcomes of the EHC plan it works towards",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked makes it an additional need, beyond the plan.",
    )
    need = forms.ChoiceField(
        label="Area of need",
        required=False,
        help_text="Taken from the statement, or from the area, unless you choose another.",
    )
    pfa = forms.MultipleChoiceField(
        label="Preparing for adulthood",
        choices=Outcome.Pfa.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked takes it from the statement, or from the area.",
    )
    importance = forms.TypedChoiceField(
        label=worded_lazy("How important it is to the student"),
        coerce=int,
        choices=WEIGHED,
        widget=forms.RadioSelect,
    )
    difficulty = forms.TypedChoiceField(
        label="How difficult it is expected to be",
        coerce=int,
        choices=WEIGHED,
        widget=forms.RadioSelect,
    )
    grew_from = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)
    missing = {
        **LevelsForm.missing,
        "student_words": worded_lazy("Write the goal in the student’s own words"),
        "area": "Choose the area",
    }
    with_reason = False
    field_order = (
        "student_words",
        "why_it_matters",
        "area",
        "statement",
        "outcomes",
        "need",
        "pfa",
        *WEIGHTS,
    )

    def __init__(
        self,
        *args: Any,
        template: Template,
        outcomes: Sequence[Outcome],
        weighted: bool,
        goal: Goal | None = None,
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.template, self.open_outcomes, self.weighted, self.goal = template, outcomes, weighted, goal
        begin: dict[str, Any] = {"importance": "1", "difficulty": "1"}
        if goal is not None:
            begin |= {name: getattr(goal, name) for name in GOAL_FIELDS}
            begin["outcomes"] = [str(one.pk) for one in goal.outcomes.all()]
            usual = self._usual(goal.area, goal.statement)
            if goal.need == usual[0]:
                begin["need"] = ""
            if list(goal.pfa) == usual[1]:
                begin["pfa"] = []
        super().__init__(*args, initial=begin | (initial or {}), **kwargs)

    def _adapt(self) -> None:
        name = self.student.known_as
        self.fields["student_words"].label = f"The goal in {name}’s own words"
        self.fields["why_it_matters"].label = f"Why it matters to {name}"
        areas = self.template.areas
        titles = [(area.slug, f"{area.number}. {area.title}") for area in areas]
        self.offer("area", [("", "Choose an area"), *titles])
        kept = self.template.statements.get(self.goal.statement) if self.goal else None
        statements = [
            (
                area.title,
                [
                    (one.slug, one.staff)
                    for one in (*area.statements, *area.retired)
                    if one.active or one == kept
                ],
            )
            for area in areas
        ]
        self.offer("statement", [("", "No statement"), *statements])
        self.offer("need", [("", "As the statement or the area says"), *Student.Need.choices])
        if self.open_outcomes:
            self.offer("outcomes", [(one.pk, f"{one.number}. {one.text}") for one in self.open_outcomes])
        else:
            del self.fields["outcomes"]
        if not self.weighted:
            del self.fields["importance"], self.fields["difficulty"]

    def _usual(self, area: str, statement: str) -> tuple[str, list[str]]:
        """Area of need and PfA of a statement, or of its area when there is none (domain 2.6)."""
        known = self.template.statements.get(statement) or self.template.area(area)
        return known.need, [known.pfa]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        area, statement = given.get("area"), given.get("statement")
        if area and statement and self.template.statements[statement].area != area:
            self.add_error(
                "statement", f"Choose a statement of “{self.template.area(area).title}”, or change the area"
            )
        return given

    def goal_values(self) -> dict[str, Any]:
        given = self.cleaned_data
        need, pfa = self._usual(given["area"], given["statement"])
        values = {
            "student_words": given["student_words"].strip(),
            "why_it_matters": given["why_it_matters"].strip(),
            "area": given["area"],
            "statement": given["statement"],
            "need": given["need"] or need,
            "pfa": given["pfa"] or pfa,
        }
        if self.weighted:
            values |= {"importance": given["importance"], "difficulty": given["difficulty"]}
        return values

    def linked(self) -> list[int]:
        return self.cleaned_data.get("outcomes", [])

    def first_pieces(self) -> list[Any]:
        weights = [Field(name, wrapper_class="is-even") for name in WEIGHTS if name in self.fields]
        outcomes = [Field("outcomes", wrapper_class="is-rows")] if "outcomes" in self.fields else []
        trouble = self.is_bound and any(name in self.errors for name in ("need", "pfa"))
        own_tags = not self.is_bound and (self.initial.get("need") or self.initial.get("pfa"))
        return [
            "grew_from",
            "student_words",
            "why_it_matters",
            "area",
            "statement",
            *outcomes,
            HTML(
                f'{{% load kw %}}<details class="kw-more"{" open" if trouble or own_tags else ""}><summary>'
                '{% icon "chevron-right" %}<span>Other area of need, or preparing for adulthood</span></summary>'
                '<div class="kw-stack">'
            ),
            "need",
            Field("pfa", wrapper_class="is-chips"),
            HTML("</div></details>"),
            *weights,
        ]
