"""A rater's answers: kept one by one, sent for good when nothing is blank, agreed values beside them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from ilsa import actions, comparison, rules, templates
from ilsa.actions import save_fields, submit
from ilsa.models import Agreement, Answer, Assessment, RaterForm
from keywork.errors import ChangedMeanwhile, NotWhole, Refused
from keywork.saving import Typed
from tests.world import TODAY

from .factories import answer, assessment_of, filled, form_of, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(world):
    opened(world.u_head)
    return form_of(world.mina, "keyworker")


def kept(form, item="pc-wash"):
    row = Answer.objects.get(form=form, item=item)
    return row.answer, row.note


def test_answers_are_kept_one_by_one(world, form):
    assert answer(form, world.u_keyworker, "pc-wash", 3, "At school only.").saved == {
        "pc-wash": 1,
        "note:pc-wash": 1,
    }
    assert kept(form) == (3, "At school only.")
    answer(form, world.u_keyworker, "pc-wash", rules.NOT_SEEN)
    assert kept(form) == (rules.NOT_SEEN, "At school only.")
    answer(form, world.u_keyworker, "pc-wash", None)
    assert kept(form) == (None, "At school only.")
    form.refresh_from_db()
    assert form.started_at is not None


def test_a_null_character_is_dropped(as_user, world, form):
    domain = templates.current().domains[0]
    page, item = reverse("ilsa:part", args=[form.pk, domain.slug]), domain.items[0].slug
    data = {f"base:note:{item}": "0", f"note:{item}": "a\x00b", "autosave": "1"}
    assert as_user(world.u_keyworker).post(page, data).status_code == 200
    assert Answer.objects.get(form=form, item=item).note == "ab"


def test_a_note_alone_is_no_answer(world, form):
    answer(form, world.u_keyworker, "pc-wash", None, "Ask home.")
    assert kept(form) == (None, "Ask home.")
    with pytest.raises(NotWhole) as told:
        submit(by=world.u_keyworker, form=form, nc_year="14")
    assert "pc-wash" in told.value.missing


def test_a_second_device_never_writes_over_the_first(world, form):
    answer(form, world.u_keyworker, "pc-wash", 3)
    late = save_fields(
        by=world.u_keyworker,
        form=form,
        typed=[Typed("pc-wash", ("1",), 0, ""), Typed("note:pc-wash", ("Mornings.",), 0, "")],
    )
    assert set(late.conflicts) == {"pc-wash"}
    assert late.conflicts["pc-wash"].values == ("3",)
    assert kept(form) == (3, "Mornings.")  # the note, which only one of them wrote, is kept


@pytest.mark.parametrize(
    ("field", "values", "words"),
    [
        ("pc-wash", ("5",), "Choose one"),
        ("pc-wash", ("yes",), "Choose one"),
        ("pc-wash", ("1", "2"), "Choose one"),
        ("no-such-thing", ("1",), "not on the form"),
        ("note:pc-wash", ("x" * 501,), "500 characters"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_the_field(world, form, field, values, words):
    saving = save_fields(by=world.u_keyworker, form=form, typed=[Typed(field, values, 0, "")])
    assert words in saving.errors[field]
    assert not Answer.objects.exists()


def test_nothing_blank_can_be_sent(world, form):
    with pytest.raises(NotWhole) as told:
        submit(by=world.u_keyworker, form=form, nc_year="14")
    assert len(told.value.missing) == len(templates.current().in_use) == 72
    assert next(iter(told.value.missing)) == templates.current().in_use[0].slug
    form.refresh_from_db()
    assert not form.is_submitted


def test_what_the_form_suggests_for_the_young_is_written_down(world, form):
    usual = [item for item in templates.current().in_use if item.usual_for("5")]
    later = [item for item in templates.current().in_use if not item.usual_for("5")]
    assert usual
    assert later
    for item in usual:
        answer(form, world.u_keyworker, item.slug, 2)
    answer(form, world.u_keyworker, later[0].slug, 4)  # the rater can always rate instead
    submit(by=world.u_keyworker, form=form, nc_year="5")
    suggested = Answer.objects.filter(form=form, suggested=True)
    assert {row.item for row in suggested} == {item.slug for item in later[1:]}
    assert {row.answer for row in suggested} == {rules.NOT_APPLICABLE}
    assert Answer.objects.get(form=form, item=later[0].slug).answer == 4


def test_sent_answers_stay_as_they_are_in_the_database_too(world, form):
    filled(form, world.u_keyworker)
    assert "sent already" in answer(form, world.u_keyworker, "pc-wash", 0).refused
    with pytest.raises(Refused, match="sent already"):
        submit(by=world.u_keyworker, form=form, nc_year="9")
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        Answer.objects.filter(form=form, item="pc-wash").update(score=0)
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        Answer.objects.filter(form=form, item="pc-wash").delete()


def test_paper_is_marked_as_such_with_its_own_date(world):
    opened(world.u_head)
    form = form_of(world.mina, "parent_carer", world.mina_mum.member)
    for item in templates.current().in_use:
        answer(form, world.u_keyworker, item.slug, 1)
    with pytest.raises(Refused, match="still to come"):
        submit(
            by=world.u_keyworker,
            form=form,
            nc_year="9",
            answered_on=TODAY + timedelta(days=1),
            from_paper=True,
        )
    sent = submit(
        by=world.u_keyworker, form=form, nc_year="9", answered_on=TODAY - timedelta(days=5), from_paper=True
    )
    assert (sent.from_paper, sent.rater, sent.typed_by) == (True, None, world.u_keyworker)
    assert sent.answered_on == TODAY - timedelta(days=5)


@pytest.fixture
def both(world, form):
    """Keyworker all 2s; the student differs by two on one, by one on another, and has not seen a third."""
    filled(form, world.u_keyworker, 2, {"pc-teeth": 3})
    pupil = form_of(world.mina, "pupil")
    filled(pupil, world.u_student, 2, {"pc-wash": 4, "pc-hair-nails": 3, "pc-teeth": rules.NOT_SEEN})
    return assessment_of(world.mina)


def test_side_by_side(world, both, django_assert_num_queries):
    templates.version(both.template_id)
    with django_assert_num_queries(5):
        found = comparison.load(both)
        assert [column.label for column in found.columns] == ["Keyworker", "Min"]
        assert {form.role for form in found.absent} == {"parent_carer"}
        assert [row.item.slug for row in found.agenda] == ["pc-wash"]
        assert [row.item.slug for row in found.seen_in_one_place] == ["pc-teeth"]
        assert [str(one.shown) for one in found.overall] == ["50", "51"]
    row = found.domains[0]
    assert [figure.rated for figure in row.figures] == [7, 6]
    assert [str(figure.shown) for figure in row.figures] == ["54", "63"]
    assert [(one.label, other.label, pair.common) for one, other, pair in found.pairs()] == [
        ("Min", "Keyworker", 71)
    ]


def test_raters_42_days_apart_are_said_so(world, form):
    filled(form, world.u_keyworker, on=TODAY - timedelta(days=43))
    filled(form_of(world.mina, "pupil"), world.u_student)
    found = comparison.load(assessment_of(world.mina))
    assert (found.is_one_assessment, found.days_apart) == (False, 43)


def agree(world, assessment, **other):
    return actions.agree(
        **{
            "by": world.u_keyworker,
            "assessment": assessment,
            "item": "pc-wash",
            "score": 3,
            "tags": ["one_place"],
            "note": " Only with school so far. ",
            "agreed_on": TODAY,
            "seen": 0,
            **other,
        }
    )


def test_what_was_agreed_stands_beside_the_originals(world, both):
    before = list(Answer.objects.order_by("pk").values())
    made = agree(world, both)
    assert (made.score, made.note, made.version) == (3, "Only with school so far.", 1)
    with pytest.raises(ChangedMeanwhile):
        agree(world, both)
    assert agree(world, both, score=2, seen=1).version == 2
    assert list(Answer.objects.order_by("pk").values()) == before
    found = comparison.load(both)
    assert found.agreed_answers(found.columns[0])["pc-wash"] == 2
    assert found.columns[0].answers["pc-wash"] == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"score": 5}, "score"),
        ({"score": None}, "score"),
        ({"tags": ["because"]}, "tags"),
        ({"agreed_on": TODAY + timedelta(days=1)}, "agreed_on"),
        ({"item": "nothing"}, ""),
    ],
)
def test_what_cannot_be_agreed(world, both, wrong, field):
    with pytest.raises(Refused) as told:
        agree(world, both, **wrong)
    assert told.value.field == field
    assert not Agreement.objects.exists()


def test_nothing_to_agree_before_two_people_answered(world, form):
    filled(form, world.u_keyworker)
    with pytest.raises(Refused, match="only one person"):
        agree(world, assessment_of(world.mina))


def test_over_the_years_like_for_like(world, form, django_assert_num_queries):
    filled(form, world.u_keyworker, 1)
    opened(world.u_head, "2027-28")
    filled(
        form_of(world.mina, "keyworker", year="2027-28"),
        world.u_keyworker,
        2,
        {"pc-wash": rules.NOT_APPLICABLE},
    )
    assessments = list(Assessment.objects.filter(student=world.mina).select_related("round"))
    forms = list(RaterForm.objects.submitted().filter(assessment__student=world.mina))
    with django_assert_num_queries(3):
        found = comparison.years_of(assessments, forms)
    assert [year.label for year in found] == ["2026-27", "2027-28"]
    assert [str(year.overall("keyworker").shown) for year in found] == ["25", "50"]
    assert found[0].overall("pupil") is None
    (change,) = comparison.steps(found, "keyworker")
    assert (change.overall, change.domains["personal-care"].shared) == (25, 6)
    assert comparison.steps(found, "pupil") == []
