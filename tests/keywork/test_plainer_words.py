"""The plainer words of the two forms that come with Keywork, in a school that began with the first ones."""

from __future__ import annotations

import importlib
import re
from copy import deepcopy

import pgtrigger
import pytest
from django.urls import reverse

from tests.ilsa.factories import assessment_of, opened
from tests.world import make_student

# The first documents as schools have published them: never another byte.
FIRST = {
    "tsp": "10888a354cd1705bf306f935267315e053f54995bdeaba5aba3af7adff582564",
    "ilsa": "b93fb629b6be76dbbb3b646b90e178d2774f58d17b7ce9490b0fffbefb9a0fa8",
}
TAKEN = {
    "tsp": ("sens-be-active", "Moves their body often, such as in sport, walks, dance or play."),
    "ilsa": (
        "di-sharing",
        "Thinks first before they share a picture or tell people things about themselves.",
    ),
}
OWN = "Words of our own."


class Form:
    """One of the two, as a test needs it."""

    def __init__(self, app: str) -> None:
        self.app = app
        where = {"tsp": "tsp.questions.templates", "ilsa": "ilsa.templates"}
        self.writing = importlib.import_module(where[app])
        self.drafts, self.model = self.writing.FORM, self.writing.FORM.model
        self.description = self.drafts.form
        self.question_of = self.description.sections[0].question_of
        self.slug, self.plain = TAKEN[app]

    def begin(self):
        """Only the first words are published, as before there were plainer ones."""
        with pgtrigger.ignore(f"{self.app}.TemplateVersion:published_for_good"):
            self.model.objects.all().delete()
        self.drafts._supply(self.model, 1, self.description.supplied.first, "As it was")

    def parent_words(self, content, slug=None) -> str:
        return self.question_of(content, slug or self.slug)[1]["parent_wording"]

    def latest(self):
        return self.model.objects.published().latest("number")


@pytest.fixture(params=["tsp", "ilsa"])
def form(request, world):
    return Form(request.param)


def reword(form, by, slug):
    """The school words a question itself, and publishes it."""

    def change(doc):
        doc = deepcopy(doc)
        form.question_of(doc, slug)[1]["parent_wording"] = OWN
        return doc

    form.drafts.start(by=by)
    draft = form.drafts.change(by=by, change=change)
    return form.drafts.publish(by=by, note="Ours", seen_lock=draft.lock)


def test_the_first_words_stay_to_the_byte_and_a_new_school_starts_with_the_plain_ones(form):
    first = form.description.supplied.first
    assert form.drafts.digest_of(form.description.whole(deepcopy(first))) == FIRST[form.app]
    made = form.model.objects.get()
    assert (made.number, form.parent_words(made.content)) == (1, form.plain)
    assert form.drafts.problems(made.content) == [] == form.drafts.unlike_before(first, made.content)
    assert not form.drafts.plainer_left(made.content)


def test_an_untouched_form_gets_a_version_in_plainer_words_once(form):
    form.begin()
    before = form.model.objects.values().get()
    form.drafts.after_migrate()
    count = form.model.objects.count()  # a version more where sheets came later
    form.drafts.after_migrate()
    assert form.model.objects.values().get(number=1) == before
    assert form.model.objects.count() == count
    assert form.parent_words(form.latest().content) == form.plain
    made = form.model.objects.get(number=2)
    assert (made.number, made.content["version"], form.parent_words(made.content)) == (2, "2.0.0", form.plain)
    told = form.drafts.unlike_before(before["content"], made.content)
    kinds = form.description.sections
    assert [kind.slugs(made.content) for kind in kinds] == [kind.slugs(before["content"]) for kind in kinds]
    assert told == [] and made.published_by is None and "What is asked is the same" in made.note


@pytest.mark.parametrize("begun", ["published", "draft"])
def test_a_form_of_the_schools_own_is_offered_them_and_never_overwritten(world, as_user, form, begun):
    form.begin()
    form.drafts.ensure_later_sections()
    by = world.u_coordinator
    other = next(path.partition("/")[2] for path in form.description.supplied._words if "/" in path)
    assert other != form.slug
    if begun == "published":
        reword(form, by, other)
    else:
        form.drafts.start(by=by)
    form.drafts.after_migrate()
    assert form.parent_words(form.latest().content) != form.plain
    editor, page = as_user(by), reverse(f"{form.app}:templates")
    shown = editor.get(page).content.decode()
    assert "Plainer words" in shown and re.search(r"plainer words for [a-z0-9]", shown)
    assert "Plainer words" not in as_user(world.u_teacher).get(page).content.decode()
    answer = editor.post(reverse(f"{form.app}:start_draft"), {"words": "plainer"})
    draft = form.model.objects.drafts().get()
    assert answer["Location"] == reverse(f"{form.app}:diff", args=[draft.number])
    assert form.parent_words(draft.content) == form.plain
    assert (form.parent_words(draft.content, other) == OWN) is (begun == "published")
    assert form.parent_words(form.latest().content) != form.plain, "nothing is published by it"
    assert "Plainer words" not in editor.get(page).content.decode(), "all of them are taken"


def test_who_comes_late_to_a_round_is_asked_as_the_others_were(world):
    from ilsa import actions

    form = Form("ilsa")
    form.begin()
    made = opened(world.u_head)
    form.drafts.after_migrate()
    late = make_student("Late", "Comer")
    actions.add_newcomers(by=world.u_head, round=made)
    assert assessment_of(late).template_id == assessment_of(world.mina).template_id == made.template_id
