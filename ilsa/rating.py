"""What a rater's page shows: one domain's questions in their wording, and how far the whole form is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from keywork.saving import Saving, as_values, base, conflict
from keywork.words import translated

from . import rules, templates
from .actions import ANSWERS, NOTE, suggested
from .models import Answer, RaterForm

# An input's value for each answer: the other way round.
VALUES = {answer: value for value, answer in ANSWERS.items()}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool
    step: int | None  # its place on the scale; None for the two answers that are no score


@dataclass(frozen=True, slots=True)
class Question:
    """One item as it is asked. `held` and `note_held` are what the form's hidden partners hold."""

    item: templates.Item
    wording: str
    scale: tuple[Option, ...]
    others: tuple[Option, ...]
    note: str
    held: str
    note_held: str
    suggested: bool
    error: str = ""
    note_error: str = ""
    theirs: Mapping[str, object] | None = None
    note_theirs: Mapping[str, object] | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        """All answers in one row: the scale, then the two that are no score."""
        return self.scale + self.others


@dataclass(frozen=True, slots=True)
class Part:
    domain: templates.Domain
    title: str
    answered: int
    of: int

    @property
    def done(self) -> bool:
        return self.answered == self.of


class Filling:
    """One rater's form as far as it is; two queries. `nc_year` decides what the form suggests."""

    def __init__(self, form: RaterForm, nc_year: str) -> None:
        self.form = form
        self.template = templates.version(form.assessment.template_id)
        self.audience = templates.AUDIENCE_OF[form.role]
        self.suggested = suggested(self.template, nc_year)

    @cached_property
    def rows(self) -> dict[str, Answer]:
        return {row.item: row for row in Answer.objects.filter(form=self.form).order_by()}

    def refresh(self) -> None:
        self.__dict__.pop("rows", None)
        self.__dict__.pop("parts", None)

    def _answer(self, slug: str) -> rules.Answer:
        row = self.rows.get(slug)
        return row.answer if row else None

    def is_blank(self, slug: str) -> bool:
        return self._answer(slug) is None and slug not in self.suggested

    @cached_property
    def parts(self) -> list[Part]:
        return [
            Part(
                domain,
                domain.title_for(self.audience),
                sum(not self.is_blank(item.slug) for item in domain.items),
                len(domain.items),
            )
            for domain in self.template.domains
        ]

    @property
    def answered(self) -> int:
        return sum(part.answered for part in self.parts)

    @property
    def of(self) -> int:
        return sum(part.of for part in self.parts)

    @property
    def complete(self) -> bool:
        return self.answered == self.of

    @property
    def first_open(self) -> templates.Domain:
        """Where to go on: the first domain with a blank, or the first of all."""
        return next((part.domain for part in self.parts if not part.done), self.template.domains[0])

    def blanks(self) -> list[tuple[templates.Domain, templates.Item]]:
        return [
            (domain, item)
            for domain in self.template.domains
            for item in domain.items
            if self.is_blank(item.slug)
        ]

    def said(self) -> list[tuple[templates.Domain, str, list[tuple[str, str, str]]]]:
        """What goes when it is sent: each domain with its title, and of each question words, answer and note."""
        words = {choice.value: choice.wording(self.audience) for choice in self.template.choices}
        found = []
        for domain in self.template.domains:
            lines = []
            for item in domain.items:
                row, answer = self.rows.get(item.slug), self._answer(item.slug)
                if answer is None and item.slug in self.suggested:
                    answer = rules.NOT_APPLICABLE
                lines.append((item.wording(self.audience), words.get(answer, ""), row.note if row else ""))
            found.append((domain, domain.title_for(self.audience), lines))
        return found

    def after(self, domain: templates.Domain) -> templates.Domain | None:
        """The next one; None after the last."""
        place = self.template.domains.index(domain) + 1
        return self.template.domains[place] if place < len(self.template.domains) else None

    def questions(
        self, domain: templates.Domain, saving: Saving | None = None, *, say_blanks: bool = False
    ) -> list[Question]:
        """The domain's items. `saving` is a save that was refused in part: what was typed stays."""
        return [self._question(item, saving or Saving(), say_blanks) for item in domain.items]

    def _question(self, item: templates.Item, saving: Saving, say_blanks: bool) -> Question:
        row = self.rows.get(item.slug)
        note_name = NOTE + item.slug
        stored = self._answer(item.slug)
        chosen = VALUES.get(stored, "")
        is_suggested = stored is None and item.slug in self.suggested
        if is_suggested:
            chosen = rules.NOT_APPLICABLE
        if item.slug in saving.mine:
            chosen = (saving.mine[item.slug] or ("",))[0]
        note = (saving.mine[note_name] or ("",))[0] if note_name in saving.mine else row.note if row else ""
        error = saving.errors.get(item.slug, "")
        if say_blanks and self.is_blank(item.slug) and not error:
            more = "" if self.audience == "pupil" else " If you have not seen it, say so."
            error = f"{translated('Choose one.')}{translated(more)}"
        words = {VALUES[choice.value]: choice.wording(self.audience) for choice in self.template.choices}
        return Question(
            item=item,
            wording=item.wording(self.audience),
            scale=tuple(self._option(choice, chosen) for choice in self.template.scale),
            others=tuple(
                self._option(choice, chosen)
                for choice in (self.template.not_seen, self.template.not_applicable)
            ),
            note=note,
            # A choice only suggested is not stored: what the page holds is, so that leaving it changes nothing.
            held=base(row.version if row else 0, as_values(chosen if is_suggested else stored)),
            note_held=base(row.note_version if row else 0, as_values(row.note if row else "")),
            suggested=is_suggested,
            error=error,
            note_error=saving.errors.get(note_name, ""),
            theirs=conflict(item.slug, saving.conflicts[item.slug], words)
            if item.slug in saving.conflicts
            else None,
            note_theirs=conflict(note_name, saving.conflicts[note_name])
            if note_name in saving.conflicts
            else None,
        )

    def _option(self, choice: templates.Choice, chosen: str) -> Option:
        value = VALUES[choice.value]
        answer = choice.value
        step = answer if rules.is_score(answer) else None
        return Option(value, choice.wording(self.audience), value == chosen, step)
