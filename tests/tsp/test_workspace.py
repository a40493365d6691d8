"""The workspace of a baseline or review: opened, confirmed, finished, opened again; by whom and when."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock, form_keys, school
from keywork.errors import ChangedMeanwhile, Refused
from questionnaires import edit
from students.models import Student
from tests.access.records import contact, session
from tests.world import make_student
from tsp.models import AssessmentPoint, Evidence, Rating
from tsp.questions import templates
from tsp.questions.questionnaire import AREAS
from tsp.questions.templates import FORM
from tsp.rating import assessment_points as points
from tsp.rating.actions import confirm_area, finish_point, last_review, open_point, reopen_point, save_fields
from tsp.rating.evidence import add_evidence

from .factories import TERM, area_of, make_evidence, make_point, make_review, make_sheet, rate_all
from .workspace import SUMMER, typed, url, values_of

HX = {"HX-Request": "true"}


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def baseline(world):
    return open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="baseline")


@pytest.fixture
def review(world):
    """Of the summer, finished in July: all 2, but one 4 and one that could not be seen."""
    ratings = rate_all(2) | {"comm-ask-help": 4, "emo-recover": None}
    with clock.frozen(date(2026, 7, 15)):
        return make_point(
            world.mina, world.u_keyworker, term=SUMMER, kind="review", ratings=ratings, finished=True
        )


def answered(point: AssessmentPoint, by) -> AssessmentPoint:
    slugs = [one.slug for one in templates.version(point.template_id).in_use]
    told = save_fields(by=by, point=point, typed=[typed(f"rating:{slug}", 2) for slug in slugs])
    assert told.status == 200
    return point


# ------------------------------------------------------------------------------------------ opening


def test_the_page_before_anybody_has_begun(keyworker, world):
    page = keyworker.get(url(world.mina)).content.decode()
    assert "0 of 54 statements rated" in page
    assert page.count("<fieldset") == 55
    assert not AssessmentPoint.objects.exists(), "looking opens nothing"


def test_the_first_rating_opens_it_with_the_form_in_use(keyworker, world):
    answer = keyworker.post(
        url(world.mina, "ws_save"), {"base:rating:emo-recover": "0", "rating:emo-recover": "3"}
    )
    assert answer.status_code == 302
    point = AssessmentPoint.objects.get(student=world.mina)
    assert (point.term, point.kind, point.opened_by) == (TERM, "baseline", world.u_keyworker)
    assert point.template_id == templates.current().version_id
    assert values_of(point) == {"emo-recover": 3}


def test_an_empty_save_opens_nothing(keyworker, world):
    keyworker.post(url(world.mina, "ws_save"), {"base:rating:emo-recover": "0"})
    assert not AssessmentPoint.objects.exists()


@pytest.mark.parametrize(
    ("on", "term", "kind", "why"),
    [
        (date(2026, 11, 27), TERM, "review", "The review opens on Monday 30 November"),
        (date(2026, 11, 23), "2026-27-spring", "baseline", "The baseline opens on Tuesday 5 January 2027"),
    ],
)
def test_too_early_is_refused_and_said(world, as_user, on, term, kind, why):
    with clock.frozen(on):
        with pytest.raises(Refused, match=why):
            open_point(by=world.u_keyworker, student=world.mina, term=term, kind=kind)
        client = as_user(world.u_keyworker)
        page = client.get(url(world.mina, term=term, kind=kind)).content.decode()
        saved = client.post(
            url(world.mina, "ws_save", term, kind),
            {"base:rating:emo-recover": "0", "rating:emo-recover": "3", "autosave": "1"},
        )
    assert why in page
    assert "<fieldset" not in page
    assert (saved.status_code, saved.json()["refused"]) == (409, why)
    assert not AssessmentPoint.objects.exists()


def test_it_opens_on_its_first_day(world):
    with clock.frozen(date(2026, 11, 30)):
        assert open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="review").pk


def test_none_is_owed_for_the_part_term_in_which_somebody_joins(world):
    late = make_student("Late", "Comer", joined_on=date(2026, 11, 30))
    with clock.frozen(date(2026, 12, 7)), pytest.raises(Refused, match="joins late"):
        open_point(by=world.u_keyworker, student=late, term=TERM, kind="baseline")


def test_a_leaver_is_reviewed_before_the_last_day(world):
    """T6: the closing review opens 15 pupil days before, long before those of the others."""
    with clock.frozen(date(2026, 9, 21)):
        make_point(world.mina, world.u_keyworker, ratings=rate_all(2), finished=True)
    Student.objects.filter(pk=world.mina.pk).update(left_on=date(2026, 11, 25))
    world.mina.refresh_from_db()
    assert open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="review").pk


def test_an_unknown_term_or_kind_is_404(keyworker, world):
    assert keyworker.get(url(world.mina, term="1999-00-autumn")).status_code == 404
    assert keyworker.get(url(world.mina, kind="guess")).status_code == 404


def test_who_reads_does_not_write(world, as_user, baseline):
    page = as_user(world.u_mentor).get(url(world.mina)).content.decode()
    assert "<fieldset" not in page and "Finish baseline" not in page and "data-autosave" not in page
    assert "Not answered" in page
    assert as_user(world.u_mentor).post(url(world.mina, "ws_save")).status_code == 404
    assert as_user(world.u_teacher).get(url(world.mina)).status_code == 404


# --------------------------------------------------------------------------------- carried over (T4)


def test_a_baseline_begins_from_the_last_finished_review(world, review):
    with clock.frozen(date(2025, 7, 15)):
        make_point(
            world.mina,
            world.u_keyworker,
            term="2024-25-summer",
            kind="review",
            ratings=rate_all(0),
            finished=True,
        )
    point = open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="baseline")
    carried = values_of(point)
    assert carried["comm-ask-help"] == 4
    assert "emo-recover" not in carried, "what could not be seen then says nothing of now"
    assert len(carried) == 53
    assert set(point.ratings.values_list("carried_from", "confirmed_at")) == {(review.pk, None)}
    state = points.read(point)
    assert state.completion.answered == 0
    assert set(state.scores.values()) == {None}


def test_a_review_in_progress_and_a_later_one_are_not_carried(world, review):
    make_point(
        world.mina,
        world.u_keyworker,
        term="2026-27-spring",
        kind="review",
        ratings=rate_all(4),
        finished=True,
    )
    make_point(
        world.otto, world.u_keyworker_other, term=SUMMER, kind="review", ratings=rate_all(1), finished=True
    )
    facts = school.load()
    assert last_review(world.mina, facts.calendar.term(TERM), facts) == review
    assert last_review(world.mina, facts.calendar.term(SUMMER), facts) is None


def test_slugs_out_of_use_are_left_behind(world, review):
    FORM.start(by=world.u_coordinator)
    kept = frozenset(one.slug for one in templates.current().in_use)
    draft = FORM.change(
        by=world.u_coordinator,
        change=lambda doc: edit.retire_question(AREAS, doc, "comm-turn-taking", kept=kept),
    )
    FORM.publish(by=world.u_coordinator, note="One fewer", seen_lock=draft.lock)
    point = open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="baseline")
    assert "comm-turn-taking" not in values_of(point)
    assert points.read(point).completion.of == 53
    assert points.read(review).completion.of == 54, "the review keeps its version"


def test_it_is_asked_before_anything_is_carried(keyworker, world, review):
    page = keyworker.get(url(world.mina)).content.decode()
    assert "Begin from the last review" in page and "<fieldset" not in page
    keyworker.post(url(world.mina, "ws_open"), {"begin": "empty"})
    assert values_of(AssessmentPoint.objects.get(term=TERM)) == {}


def test_confirming_an_area(keyworker, world, review):
    keyworker.post(url(world.mina, "ws_open"))
    point = AssessmentPoint.objects.get(term=TERM)
    answer = keyworker.post(url(world.mina, "ws_confirm", TERM, "baseline", "flexibility"), headers=HX)
    assert answer.status_code == 200 and "6 of 54 statements rated" in answer.content.decode()
    state = points.read(point)
    assert (str(state.area("flexibility").score), state.area("flexibility").completion.words) == (
        "2.0",
        "Rated",
    )
    assert state.area("communicating").carried == 6
    assert {row.by for row in point.ratings.filter(confirmed_at__isnull=False)} == {world.u_keyworker}
    assert keyworker.post(url(world.mina, "ws_confirm", TERM, "baseline", "nowhere")).status_code == 404


def test_an_area_confirmed_twice_is_confirmed_once(keyworker, world, review):
    """Script sent the same button twice: the second draws the page anew and writes nothing."""
    keyworker.post(url(world.mina, "ws_open"))
    key = {"form_key": form_keys.make(world.u_keyworker.pk)}
    where = url(world.mina, "ws_confirm", TERM, "baseline", "flexibility")
    assert keyworker.post(where, key, headers=HX).status_code == 200
    written = Rating.pgh_event_model.objects.count()
    assert "HX-Redirect" in keyworker.post(where, key, headers=HX).headers
    assert Rating.pgh_event_model.objects.count() == written


def test_rating_again_confirms_that_statement(world, review):
    """The same answer chosen again, or another: each confirms one, and none of its neighbours."""
    point = open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="baseline")
    told = save_fields(
        by=world.u_keyworker,
        point=point,
        typed=[typed("confirm:flex-try-new", 1), typed("rating:flex-move-between", 3, version=1)],
    )
    assert told.status == 200 and told.saved["rating:flex-try-new"] == 2
    area = points.read(point).area("flexibility")
    assert area.carried == 4
    assert {slug: value for slug, value in area.ratings.items() if value is not None} == {
        "flex-try-new": 2,
        "flex-move-between": 3,
    }


# ----------------------------------------------------------------------------------------- finishing


def test_finishing(keyworker, world, baseline):
    answered(baseline, world.u_keyworker)
    assert keyworker.post(url(world.mina, "ws_finish")).status_code == 302
    baseline.refresh_from_db()
    assert (baseline.done_on, baseline.finished_by) == (world.today, world.u_keyworker)
    page = keyworker.get(url(world.mina)).content.decode()
    assert "Finished on Monday 23 November 2026" in page and "<fieldset" not in page


def test_what_is_missing_is_listed_with_links(keyworker, world, review):
    keyworker.post(url(world.mina, "ws_open"))
    point = AssessmentPoint.objects.get(term=TERM)
    confirm_area(by=world.u_keyworker, point=point, area="emotional-regulation")
    answer = keyworker.post(url(world.mina, "ws_finish"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'href="#statement-emo-recover"' in page, "left behind, so to be answered"
    assert 'href="#area-flexibility"' in page and "Confirm Flexibility and coping with change" in page
    assert 'href="#area-emotional-regulation"' not in page
    assert "Nine things to do" in page
    point.refresh_from_db()
    assert not point.is_finished


def test_no_opportunity_is_an_answer(world, baseline):
    answered(baseline, world.u_keyworker)
    told = save_fields(
        by=world.u_keyworker, point=baseline, typed=[typed("rating:emo-recover", "no", version=1)]
    )
    assert told.status == 200
    finished = finish_point(by=world.u_keyworker, point=baseline)
    state = points.read(finished)
    assert (state.completion.rated, state.completion.no_opportunity) == (53, 1)
    assert str(state.area("emotional-regulation").score) == "2.0"


def test_a_finished_point_stays_in_the_database_itself(world, review):
    rating = review.ratings.get(statement="comm-ask-help")
    for spoil in (
        lambda: Rating.objects.filter(pk=rating.pk).update(value=0),
        lambda: Rating.objects.filter(pk=rating.pk).delete(),
        lambda: Rating.objects.create(
            point=review,
            statement="new-one",
            value=1,
            by=world.u_head,
            at=clock.now(),
            confirmed_at=clock.now(),
        ),
        lambda: make_evidence(review, world.u_keyworker, "comm-ask-help"),
        lambda: review.narratives.create(part="summary", text="Later words", by=world.u_head, at=clock.now()),
    ):
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            spoil()
    told = save_fields(
        by=world.u_keyworker, point=review, typed=[typed("rating:comm-ask-help", 0, version=1)]
    )
    assert told.refused == "Keyworker has finished this review, so it stays as it is"
    for refused in (
        lambda: confirm_area(by=world.u_keyworker, point=review, area="flexibility"),
        lambda: finish_point(by=world.u_keyworker, point=review),
        lambda: add_evidence(
            by=world.u_keyworker,
            point=review,
            statement="comm-ask-help",
            on=world.today,
            setting="home",
            words="No",
        ),
    ):
        with pytest.raises(Refused, match="stays as it is"):
            refused()


def test_opening_it_again_with_a_reason(world, as_user, review):
    head = as_user(world.u_head)
    there = url(world.mina, "ws_reopen", SUMMER, "review")
    empty = head.post(there, {"reason": "  "})
    assert (empty.status_code, "Say why it is opened again" in empty.content.decode()) == (422, True)
    assert head.post(there, {"reason": "Two areas were swapped"}).status_code == 302
    review.refresh_from_db()
    assert (review.is_finished, review.done_on, review.reopened_reason) == (
        False,
        None,
        "Two areas were swapped",
    )
    days = list(review.pgh_event_model.objects.filter(pgh_obj_id=review.pk).values_list("done_on", flat=True))
    assert date(2026, 7, 15) in days, "the day it was first finished stays in its history"
    with pytest.raises(ChangedMeanwhile):
        reopen_point(by=world.u_head, point=review, reason="Twice")
    assert as_user(world.u_mentor).get(there).status_code == 404


# ------------------------------------------------------------------------------------------ evidence


def test_evidence_from_the_timeline_in_two_clicks(keyworker, world, baseline):
    seen = session(world.mina, world.u_keyworker, notes="Asked for a break\nwith the card.")
    hidden = session(world.mina, world.u_keyworker, level="restricted", notes="Restricted words")
    voided = contact(world.mina, world.u_keyworker, notes="Wrong child")
    type(voided).objects.filter(pk=voided.pk).update(
        voided_on=world.today, void_reason="Wrong child", voided_by=world.u_keyworker
    )
    there = url(world.mina, "ws_examples", TERM, "baseline", "comm-ask-help")
    tries = [
        contact(world.mina, world.u_keyworker, notes="Rang twice.", reached=reached, outcome=outcome)
        for reached, outcome in (("no_answer", "no_answer"), ("message", "voicemail"), ("failed", "failed"))
    ]
    panel = keyworker.get(there, headers=HX).content.decode()
    assert "Asked for a break<br>with the card." in panel
    assert "Rang twice." not in panel, "a try says nothing of the student"
    assert "Restricted words" not in panel and "Wrong child" not in panel
    assert 'value="keywork" selected' in panel
    side = keyworker.post(there, {"source": f"session.{seen.pk}", "setting": "keywork"}, headers=HX)
    assert side.status_code == 200 and "with the keyworker" in side.content.decode()
    piece = Evidence.objects.get()
    assert (piece.on, piece.setting, piece.source_kind, piece.source_pk) == (
        seen.happened_on,
        "keywork",
        "session",
        seen.pk,
    )
    assert piece.words == "", "the entry's words stay where they may be read"
    for key in (
        f"session.{hidden.pk}",
        f"contact.{voided.pk}",
        f"contact.{tries[0].pk}",
        "session.999999",
        f"session.{seen.pk}",
    ):
        assert keyworker.post(there, {"source": key, "setting": "keywork"}, headers=HX).status_code == 422
    assert Evidence.objects.count() == 1


def test_examples_on_their_own_page_are_plain_forms(keyworker, world, baseline):
    """What script would put the answer into stands in the workspace only."""
    session(world.mina, world.u_keyworker, notes="Asked for a break with the card.")
    there = url(world.mina, "ws_examples", TERM, "baseline", "comm-ask-help")
    page = keyworker.get(there).content.decode()
    assert "Use this" in page and "Add this example" in page and "ws-side-" not in page
    assert keyworker.get(there, headers=HX).content.decode().count("#ws-side-comm-ask-help") == 2


def test_nothing_of_another_student_becomes_evidence(keyworker, world, baseline):
    theirs = session(world.otto, world.u_keyworker_other, notes="About Otto")
    there = url(world.mina, "ws_examples", TERM, "baseline", "comm-ask-help")
    assert keyworker.post(there, {"source": f"session.{theirs.pk}", "setting": "keywork"}).status_code == 422
    assert not Evidence.objects.exists()


def test_evidence_in_ones_own_words(keyworker, world, baseline):
    there = url(world.mina, "ws_examples", TERM, "baseline", "comm-ask-help")
    field = "ex-comm-ask-help-"
    wrong = keyworker.post(
        there, {f"{field}words": "Saw it", f"{field}on": "2026-12-24", f"{field}setting": ""}
    )
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Choose today or a day before" in text and "Choose where it was seen" in text and "Saw it" in text
    good = {f"{field}words": "Waited for a turn.", f"{field}on": "2026-11-20", f"{field}setting": "trip"}
    assert keyworker.post(there, good).status_code == 302
    piece = Evidence.objects.get()
    assert (piece.words, piece.on, piece.setting) == ("Waited for a turn.", date(2026, 11, 20), "trip")
    assert "Waited for a turn." in keyworker.get(url(world.mina)).content.decode()
    assert keyworker.post(reverse("tsp:ws_example_remove", args=[piece.pk])).status_code == 302
    piece.refresh_from_db()
    assert piece.removed_by == world.u_keyworker, "taken away, and still known"
    assert points.read(baseline).statement("comm-ask-help").evidence == ()


def test_high_ratings_ask_for_evidence_and_never_block(keyworker, world, baseline):
    answered(baseline, world.u_keyworker)
    save_fields(by=world.u_keyworker, point=baseline, typed=[typed("rating:comm-ask-help", 3, version=1)])
    make_evidence(baseline, world.u_keyworker, "comm-ask-help")
    page = keyworker.get(url(world.mina)).content.decode()
    assert "“Mostly” needs two dated examples from two places.</strong> There is one so far." in page
    make_evidence(baseline, world.u_keyworker, "comm-ask-help", setting="home")
    assert "“Mostly” needs" not in keyworker.get(url(world.mina)).content.decode()
    Evidence.objects.all().delete()
    assert finish_point(by=world.u_keyworker, point=baseline).is_finished


# ------------------------------------------------------------------------------- beside the ratings


def test_what_student_and_home_ticked_stands_beside_and_is_not_reckoned_in(keyworker, world, baseline):
    make_sheet(world.mina, world.u_keyworker, answers={"statement:emo-recover": "sometimes"})
    save_fields(by=world.u_keyworker, point=baseline, typed=[typed("rating:emo-recover", 0)])
    page = keyworker.get(url(world.mina)).content.decode()
    assert "Min says “sometimes”." in page
    assert points.read(baseline).statement("emo-recover").rating == 0


def test_scores_are_said_in_words(keyworker, world):
    make_point(
        world.mina, world.u_keyworker, ratings=area_of("flexibility", 2, 2, 2, 3) | area_of("engagement", 4)
    )
    page = keyworker.get(url(world.mina)).content.decode()
    assert "Developing (2.3)" in page
    assert page.count("Too few rated to say yet") == 1


# ------------------------------------------------------------------------------------------- queries


def test_the_page_asks_as_much_of_a_full_point_as_of_an_empty_one(world, as_user, keyworker):
    def asked(student) -> int:
        client = as_user(world.u_keyworker)
        client.get(url(student))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(student)).status_code == 200
        return len(captured)

    make_point(world.mina, world.u_keyworker, ratings=area_of("flexibility", 2))
    few = asked(world.mina)
    point = AssessmentPoint.objects.get()
    with clock.frozen(date(2026, 7, 1)):
        make_review(world.mina, world.u_keyworker, term=SUMMER)
    save_fields(
        by=world.u_keyworker,
        point=point,
        typed=[
            *(
                typed(f"rating:{slug}", 3, version=1 if slug == "flex-planned-change" else 0)
                for slug in rate_all(3)
            ),
            *(typed(f"narrative:{part}", "Words") for part in ("summary", "next-steps", "area:engagement")),
        ],
    )
    for slug in rate_all(3):
        for setting in ("home", "lesson", "trip"):
            make_evidence(point, world.u_keyworker, slug, setting=setting)
    assert asked(world.mina) == few
    assert few <= 30
