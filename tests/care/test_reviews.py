"""A review of an EHC plan: from its date to the decision, who is asked, and what is late."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from care import tasks
from care.decisions.actions import announce_change
from care.models import EhcPlan, NeedsAssessment, Review, ReviewChange, ReviewPerson, SupportCycle
from care.plans.actions import ask_team, asked_about
from care.reviews.actions import ask_change
from care.reviews.rules import dates_of
from enquiries.kinds import kind_of
from enquiries.models import Enquiry
from keywork import clock
from keywork.clock import LONDON
from keywork.duties import Status, states_for
from keywork.models import User
from keywork.school import load
from outbox.kinds import KINDS
from outbox.models import Job
from reports.pack.offers import offered
from reports.writing.actions import begin as begin_report
from students.models import FamilyLink, Student
from tests.access.records import decision, kept, outcome, plan, review_person, session
from tests.access.records import review as make_review
from tests.forms import form_of
from tests.tsp.factories import TERM, make_goal
from tests.world import TODAY, assign

pytestmark = pytest.mark.django_db
MEETS = date(2026, 12, 15)


@pytest.fixture
def in_force(world) -> EhcPlan:
    made = plan(world.mina, world.u_senco, issued_on=date(2026, 1, 21), next_review_on=date(2027, 1, 21))
    outcome(made)
    return made


@pytest.fixture
def senco(world, as_user):
    return as_user(world.u_senco)


@pytest.fixture
def on(world, as_user):
    """The SENCo, signed in on a day."""
    with ExitStack() as days:

        def come(day: str) -> Client:
            days.enter_context(clock.frozen(date.fromisoformat(day)))
            return as_user(world.u_senco)

        yield come


def to(name: str, world, *more) -> str:
    return reverse(f"care:{name}", args=[world.mina.pk, *more])


def sent(client: Client, url: str, **typed):
    """The form of a page, filled in and sent; the page that follows."""
    given = form_of(client.get(url).content.decode(), "kw-form")
    page = client.post(url, {**given, **typed}, follow=True)
    assert page.status_code == 200, page.content.decode()
    return page.content.decode()


def begin(senco, world, **more) -> Review:
    sent(senco, to("review_add", world), day=MEETS.isoformat(), at="14:00", place="the library", **more)
    return Review.objects.get()


def ask(senco, world, review, who, **more) -> str:
    typed = {"parts": ["invite", "advice"], "advice_by": "2026-11-27", **more}
    return sent(senco, to("review_person_add", world, review.pk), who=who, **typed)


def step(senco, world, review, name, **typed) -> str:
    return sent(senco, to("review_step", world, review.pk, name), **typed)


def test_from_its_date_to_the_decision(world, on, as_user, in_force):
    senco = on("2026-11-10")
    review = begin(senco, world)
    at = to("review", world, review.pk)
    page = senco.get(at).content.decode()
    assert "EHC plan review, Tuesday 15 December at 2 pm" in page
    assert "By Tuesday 1 December" in page and "By Tuesday 29 December" in page
    assert "By Tuesday 12 January 2027" in page and "By Tuesday 9 March 2027" in page
    assert "Not yet invited: parent or carer, the student" in page

    # By account, on their own page, by link and code, and by letter.
    mum, member = world.u_parent, world.mina_mum.member
    assert "hears by e-mail now" in ask(senco, world, review, f"member-{member.pk}")
    assert "finds it on their own page" in ask(senco, world, review, "student")
    code = ask(senco, world, review, "health", name="Dr Abara", email="abara@nhs.example")
    assert "The link is on its way to Dr Abara" in code
    for role in ("authority", "social_care"):
        ask(senco, world, review, role, name=f"Of {role}", how="paper", parts=["invite"])
    ask(senco, world, review, f"user-{world.u_head.pk}", parts=["advice"])
    page = senco.get(at).content.decode()
    assert "5 invited. 0 are coming, 5 have not answered." in page
    assert "Not yet invited" not in page and "The last on Tuesday 10 November." in page
    assert page.count("Nobody has been asked") == 0 and "0 of 4 are in" in page

    # Home says first that she comes, and sends the advice later by the same page.
    asked = Enquiry.objects.get(member=member, kind="care.review")
    hers, answer = as_user(mum), reverse("enquiries:answer", args=[asked.pk])
    assert answer in hers.get(reverse("portal:family")).content.decode(), "on her home, not by mail alone"
    shown = hers.get(answer).content.decode()
    assert "The meeting is on Tuesday 15 December at 2 pm, the library" in shown
    hers.post(
        answer, {"reply": "coming", "reply_words": "With an interpreter", "advice_progress": "She sleeps."}
    )
    person = ReviewPerson.objects.get(member=member)
    assert (person.reply, person.advice_on) == ("coming", None)
    hers.post(answer, {"reply": "coming", "advice_progress": "She sleeps better.", "do": "hand-in"})
    person.refresh_from_db()
    assert person.advice_on == date(2026, 11, 10) and person.advice_progress == "She sleeps better."
    # A colleague may answer who could open no record when they were asked by name; a post that ended shuts it.
    office, core = (
        User.objects.create_user(f"{name}@school.example", name=name, roles=["staff"])
        for name in ("Ola", "Una")
    )
    post = assign(world.mina, core, "core")
    for who in (office, core):
        ask(senco, world, review, f"user-{who.pk}", parts=["advice"])
    asks = {
        who: reverse("enquiries:answer", args=[Enquiry.objects.get(user=who).pk]) for who in (office, core)
    }
    assert all(as_user(who).get(url).status_code == 200 for who, url in asks.items())
    post.ends_on = date(2026, 11, 9)
    post.save()
    assert as_user(office).get(asks[office]).status_code == 200
    former = as_user(core)
    assert former.get(asks[core]).status_code == 404
    assert former.post(asks[core], {"advice_progress": "Hm.", "do": "hand-in"}).status_code == 404
    assert "Harcastle" not in former.get(reverse("enquiries:mine")).content.decode()
    for who in (office, core):
        ReviewPerson.objects.filter(user=who).update(advice_declined_on=date(2026, 11, 10))
    # Who leads may say that they cannot.
    theirs = Enquiry.objects.get(user=world.u_head)
    as_user(world.u_head).post(
        reverse("enquiries:answer", args=[theirs.pk]), {"cannot": "on", "words": "I am new here."}
    )
    assert ReviewPerson.objects.get(user=world.u_head).advice_declined_on is not None
    page = senco.get(at).content.decode()
    head = world.u_head.name
    assert f"1 of 6 are in. Cannot write: {head}, Ola and Una. Still out: Min and Dr Abara." in page

    # Whose plan it is says on their own page how they want to take part.
    own = as_user(world.u_student)
    asked = Enquiry.objects.get(relation="self", kind="care.review")
    answer = reverse("enquiries:answer", args=[asked.pk])
    assert answer in own.get(reverse("portal:my_page")).content.decode()
    shown = own.get(answer).content.decode()
    assert "What you think is asked for by Friday 27 November." in shown and "our advice" not in shown
    assert answer not in hers.get(reverse("portal:family")).content.decode()  # hers is sent
    own.post(answer, {"taking_part": "part", "taking_part_words": "The first ten minutes"})
    page = senco.get(at).content.decode()
    assert "In a part of the meeting" in page and "The first ten minutes" in page

    # Late advice is seen, asked for again, and comes on paper after the papers went without it.
    step(senco, world, review, "taking-part", taking_part="before", taking_part_words="A film")
    senco = on("2026-11-30")
    page = senco.get(at).content.decode()
    assert "One thing is late: advice from everybody asked" in page and "3 days late" in page
    assert "Still out: Min and Dr Abara." in page
    late = form_of(senco.get(to("review_person_add", world, review.pk)).content.decode(), "kw-form")
    assert late["advice_by"] == ["2026-12-01"], "whoever is asked late has until the papers go"
    doctor = ReviewPerson.objects.get(name="Dr Abara")
    again = to("review_person_again", world, review.pk, doctor.pk)
    assert "A new link is on its way to Dr Abara" in senco.post(again, {"days": "14"}).content.decode()
    # Whom a letter asked is reminded by no button: it leads to where their answer is written down.
    by_letter = [review.pk, ReviewPerson.objects.get(role="authority").pk]
    at_letter = to("review_person_again", world, *by_letter)
    assert "They were asked by letter" in senco.get(at_letter).content.decode()
    assert senco.post(at_letter).url == to("review_person", world, *by_letter)
    step(senco, world, review, "papers", papers_words="Without the doctor, and saying so")
    pupil = ReviewPerson.objects.get(role="student")
    sent(senco, to("review_person", world, review.pk, pupil.pk), reply="coming", advice_on="2026-11-26",
         advice_progress="I like art.")  # fmt: skip
    senco = on("2026-12-03")
    sent(senco, to("review_person", world, review.pk, doctor.pk), advice_on="2026-12-03", reply="not")
    assert (
        not Enquiry.objects.waiting().filter(kind="care.review", target_id__in=[pupil.pk, doctor.pk]).exists()
    )
    page = senco.get(at).content.decode()
    assert "In, late" in page and "Without the doctor, and saying so" in page

    # The talk before it counts by the school's rule; the meeting ends what is asked.
    talk = {"day": "2026-12-08", "at": "15:15", "talk_place": "room 4"}
    step(senco, world, review, "talk", **talk)
    senco = on("2026-12-09")
    assert "shorter than the 30 minutes" in step(senco, world, review, "talk", minutes="20")
    assert "It lasted 30 minutes" in step(
        senco, world, review, "talk", minutes="30", said_agreed_strategies="Ear defenders"
    )
    assert "Ear defenders" in senco.get(to("review_talk", world, review.pk)).content.decode()
    assert "Change what is written down" in senco.get(at).content.decode()
    sent(senco, to("review_change_add", world, review.pk), section="F", words="Speech therapy weekly",
         asked_by="Folake")  # fmt: skip
    held = to("review_step", world, review.pk, "meeting")
    early = form_of(senco.get(held).content.decode(), "kw-form")
    assert early["held_on"] == ["2026-12-15"]
    early = senco.post(held, {**early, "held_on": "2026-12-09"})
    assert early.status_code == 422 and "The meeting is on Tuesday 15 December" in early.content.decode()
    senco = on("2026-12-15")
    page = step(senco, world, review, "meeting", held_on="2026-12-15", record="We met.",
                differences="Folake wants more.")  # fmt: skip
    assert "Was there" in page and "were there." in page and "Who is coming" not in page
    assert "Folake wants more." in page and "Speech therapy weekly" in page
    senco = on("2026-12-18")
    step(senco, world, review, "report")
    senco = on("2027-01-08")
    page = step(senco, world, review, "decision", decision="amend", decided_on="2027-01-08")
    assert "The family may answer the changes until Saturday 23 January at least." in page
    assert "By Friday 5 March" in page  # eight weeks after the letter
    in_force.refresh_from_db()
    assert (in_force.reviewed_on, in_force.next_review_on) == (date(2027, 1, 8), date(2028, 1, 8))
    assert "We met." in senco.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    teacher = as_user(world.u_teacher)
    search = reverse("portal:search") + "?q=Folake+wants"
    assert at in senco.get(search).content.decode() and at not in teacher.get(search).content.decode()
    assert "We met." not in teacher.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    assert teacher.get(at).status_code == 404
    later = plan(world.mina, world.u_senco, number=2, issued_on=date(2027, 1, 8))
    assert later.number == 2 and "It is over: change the plan." in senco.get(at).content.decode()


def test_one_day_by_which_it_is_finished_and_both_days_in_words(world, on, in_force):
    """On the list, on its own page, on the plan and in the duty, before and after the review has a date."""
    senco = on("2026-11-10")
    EhcPlan.objects.filter(pk=in_force.pk).update(next_review_on=date(2027, 3, 1))
    law, both = "Thursday 21 January 2027", "The plan says Monday 1 March 2027, which is too late."
    pages = [senco.get(to(name, world)).content.decode() for name in ("reviews", "plan")]
    assert all(law in page and both in page for page in pages)
    assert "the meeting is by Thursday 24 December" in pages[0] and "change of phase" not in pages[0]
    Student.objects.filter(pk=world.mina.pk).update(nc_year="6")  # the day by which she moves comes sooner
    EhcPlan.objects.filter(pk=in_force.pk).update(issued_on=date(2026, 9, 7), next_review_on=date(2027, 9, 7))
    page = " ".join(senco.get(to("reviews", world)).content.decode().split())
    assert "so that the change of phase is in the plan by Monday 15 February 2027." in page
    Student.objects.filter(pk=world.mina.pk).update(nc_year="9")
    EhcPlan.objects.filter(pk=in_force.pk).update(
        issued_on=date(2026, 1, 21), next_review_on=date(2027, 3, 1)
    )
    assert standing(world, "2026-11-10").due_on == date(2026, 11, 26)
    review = begin(senco, world)
    pages = [
        senco.get(url).content.decode() for url in (to("reviews", world), to("review", world, review.pk))
    ]
    assert all(law in page and both in page for page in pages)
    EhcPlan.objects.filter(pk=in_force.pk).update(next_review_on=date(2026, 12, 18))
    pages = [senco.get(to(name, world)).content.decode() for name in ("reviews", "plan")]
    pages.append(senco.get(to("review", world, review.pk)).content.decode())
    for page in pages:
        assert "Friday 18 December" in page and f"By law it would be {law}" in page
        assert "twelve months from Wednesday 21 January 2026." in page


def test_a_day_without_pupils_is_said_and_not_refused(world, senco, in_force):
    said = "is a day without pupils. Move the review if it is another day"
    assert said not in sent(senco, to("review_add", world), day=MEETS.isoformat(), at="14:00", place="Hall")
    review = Review.objects.get()
    url = to("review_move", world, review.pk)
    assert f"Sunday 13 December {said}" in sent(senco, url, day="2026-12-13")
    assert f"Wednesday 23 December {said}" in sent(senco, url, day="2026-12-23")
    assert said not in sent(senco, url, place="The library"), "of a date that stays nothing is said again"
    assert said not in sent(senco, url, day="2026-12-15")


def test_moving_the_date_moves_every_step_and_tells_everybody(world, senco, as_user, in_force):
    review = begin(senco, world)
    ask(senco, world, review, f"member-{world.mina_mum.member_id}", parts=["invite"])
    sent(senco, to("review_move", world, review.pk), day="2027-01-12")
    review.refresh_from_db()
    assert dates_of(review.meets_on).papers_by == date(2026, 12, 29)
    job = Job.objects.get(kind="care.review_moved")
    letter = next(iter(KINDS["care.review_moved"].function(**job.arguments)))
    assert "Tuesday 12 January 2027 at 2 pm" in letter.body and "Harcastle" not in letter.body
    # Whoever reads another language is asked and told in it.
    User.objects.filter(pk=world.u_parent.pk).update(language="pl")
    letter = next(iter(KINDS["care.review_moved"].function(**job.arguments)))
    assert letter.subject == "Spotkanie ma inną datę" and "12 stycznia 2027 (wtorek) o 14:00" in letter.body
    row = Enquiry.objects.get(kind="care.review")
    title, body = kind_of(row).letter(row.member.user, [row], "/", again=False, reminder=True)
    assert title == "Przypomnienie: Państwa udział w przeglądzie" and "Spotkanie: 12 stycznia 2027" in body
    page = as_user(world.u_parent).get(reverse("enquiries:answer", args=[row.pk])).content.decode()
    assert "Czy Państwo przyjdą?" in page and "Przez wideo lub telefon" in page
    page = senco.get(to("review", world, review.pk)).content.decode()
    assert "the meeting would have to be by Thursday 24 December" in page
    # One review at a time; and what was taken back leaves room for another.
    url = to("review_add", world)
    given = form_of(senco.get(url).content.decode(), "kw-form") | {"day": "2027-02-02", "at": "10:00"}
    assert "Another review has a date already" in senco.post(url, given).content.decode()
    url = to("review_person", world, review.pk, review.people.get().pk)
    typed = form_of(senco.get(url).content.decode(), "kw-form") | {"reply_words": "Said on the phone"}
    sent(senco, to("review_void", world, review.pk), reason="The authority asks for another day.")
    assert not Enquiry.objects.waiting().filter(kind="care.review").exists()
    # It asks for nothing any more.
    page = senco.get(to("review", world, review.pk)).content.decode()
    refused = senco.post(url, typed).content.decode()
    assert "This review was taken back" in refused and "Said on the phone" in refused
    assert "Taken back" in page and "Agreed strategies" not in page and "Write the report" not in page
    assert "the meeting would have to be" not in page and "Ask the student, home" not in page
    assert begin_again(senco, world).pk != review.pk
    assert "another day" in senco.get(to("reviews", world)).content.decode()


def test_a_form_of_what_is_over_says_so_before_anybody_types(world, senco, in_force):
    review = make_review(in_force, world.u_senco)
    one, other = review_person(review, world.u_senco), review_person(review, world.u_senco, role="other")
    asked = {"section": "B", "words": "Reads", "asked_by": "Home", "asked_on": TODAY}
    change = ask_change(by=world.u_senco, review=review, fields=asked)
    sent(senco, to("review_person_out", world, review.pk, one.pk), reason="She left")
    people = "review_person", "review_person_again", "review_person_out"
    for name in people:
        page = senco.get(to(name, world, review.pk, one.pk))
        assert page.status_code == 409 and "kw-form" not in page.content.decode(), name
        assert "They have no part in this review any more." in page.content.decode()
        assert senco.get(to(name, world, review.pk, other.pk)).status_code == 200
    sent(senco, to("review_void", world, review.pk), reason="Another day")
    forms = [(name, other.pk) for name in people] + [("review_change", change.pk)]
    forms += [(name,) for name in ("review_move", "review_void", "review_person_add", "review_change_add")]
    forms += [
        ("review_step", one) for one in ("taking-part", "papers", "talk", "meeting", "report", "decision")
    ]
    for name, *more in forms:
        page = senco.get(to(name, world, review.pk, *more))
        words = page.content.decode()
        assert page.status_code == 409 and "This review was taken back." in words, name
        assert "kw-form" not in words and to("review", world, review.pk) in words


def test_late_advice_is_asked_for_once_and_told_to_who_had_the_papers(world, on, as_user, in_force, mails):
    senco = on("2026-11-10")
    review = begin(senco, world)
    member = world.mina_mum.member
    ask(senco, world, review, f"member-{member.pk}")
    for who in ("head", "teacher"):
        ask(senco, world, review, f"user-{world.users[who].pk}", parts=["invite"])
    ask(senco, world, review, "health", name="Dr Abara", email="abara@nhs.example")
    on("2026-11-27")
    with mails() as box:
        tasks.remind_late_advice()
    assert not box, "it is not late yet"
    senco = on("2026-11-28")
    with mails() as box:
        tasks.remind_late_advice()
        tasks.remind_late_advice()
    assert [mail.to for mail in box].count([world.u_parent.email]) == 1
    assert not {mail.to[0] for mail in box} & {world.u_head.email, world.u_teacher.email}, "nothing was asked"
    on("2026-11-29")
    with mails() as box:
        tasks.remind_late_advice()
    assert not box, "only on the morning after"

    senco, home = on("2026-12-01"), to("review_papers", world, review.pk)
    assert as_user(world.u_parent).get(home).status_code == 404, "the papers are not out"
    step(senco, world, review, "papers", papers_words="Without the doctor")
    doctor = ReviewPerson.objects.get(name="Dr Abara")
    with mails() as box:
        sent(senco, to("review_person", world, review.pk, doctor.pk), advice_on="2026-12-01", reply="not",
             advice_help="A quiet place to rest.")  # fmt: skip
    told = {mail.to[0]: mail.body for mail in box}
    assert set(told) == {world.u_parent.email, world.u_head.email, world.u_teacher.email}, "not the doctor"
    assert not any("quiet" in body or "Abara" in body or "Min" in body for body in told.values())
    at = to("review", world, review.pk)
    assert home in told[world.u_parent.email] and f"{at}\n" in told[world.u_head.email]
    assert at not in told[world.u_teacher.email], "whoever reads no reviews is sent it by hand"
    assert "Send it yourself to Teacher." in senco.get(at).content.decode()
    page = as_user(world.u_parent).get(home).content.decode()
    assert "A quiet place to rest." in page and "after the papers went out" in page
    for name in ("parent_other", "parent_restricted", "parent_former", "staff_parent"):
        assert as_user(world.users[name]).get(home).status_code == 404, name
    with mails() as box:
        sent(senco, to("review_person", world, review.pk, doctor.pk), advice_progress="She sleeps.")
    assert not box, "told once"


@pytest.mark.parametrize("way", ["not", "all"])
def test_a_student_who_only_says_how_they_take_part_is_heard(world, on, as_user, in_force, way):
    senco = on("2026-11-10")
    review = begin(senco, world)
    ask(senco, world, review, "student", parts=["invite", "advice"])
    me, url = as_user(world.u_student), reverse("enquiries:answer", args=[Enquiry.objects.get().pk])
    assert me.post(url, {"do": "hand-in"}).status_code == 422, "an empty page is never sent"
    assert me.post(url, {"do": "hand-in", "taking_part": way}).status_code == 302
    person = ReviewPerson.objects.get()
    assert person.advice_on is None and person.advice_declined_on == date(2026, 11, 10)
    page = senco.get(reverse("care:review", args=[world.mina.pk, review.pk])).content.decode()
    assert "Cannot write: Min." in page and "Still out" not in page
    assert url not in me.get(reverse("portal:my_page")).content.decode()


def test_advice_on_paper_has_its_day_and_what_is_not_sent_stays_theirs(world, on, as_user, in_force):
    senco = on("2026-11-10")
    review = begin(senco, world)
    ask(senco, world, review, "student", parts=["invite", "advice"])
    me, paper = as_user(world.u_student), ReviewPerson.objects.get()
    url = reverse("enquiries:answer", args=[Enquiry.objects.get(kind="care.review").pk])
    page = me.get(url).content.decode()
    assert "Through somebody who speaks for me" in page and "I would rather not take part" in page
    me.post(url, {"taking_part": "before", "advice_help": "Half a thought"})
    paper.refresh_from_db()
    assert paper.advice_help == "Half a thought" and paper.advice_on is None
    at = to("review_person", world, review.pk, paper.pk)
    shown = senco.get(at).content.decode()
    assert "Half a thought" not in shown
    given = form_of(shown, "kw-form")
    no = senco.post(at, {**given, "advice_progress": "Told me on the stairs"})
    assert no.status_code == 422 and "Write the day on which the advice came" in no.content.decode()
    assert "Told me on the stairs" in no.content.decode()
    sent(senco, at, reply_words="Needs a break", advice_progress="")
    paper.refresh_from_db()
    assert (paper.reply_words, paper.advice_help) == ("Needs a break", "Half a thought"), "it is there still"
    sent(senco, at, advice_progress="Told me on the stairs", advice_on="2026-11-10")
    paper.refresh_from_db()
    assert (paper.advice_progress, paper.advice_help) == ("Told me on the stairs", "")


def test_no_advice_is_late_for_a_review_that_was_taken_back(world, on, in_force):
    senco = on("2026-11-10")
    review = begin(senco, world)
    ask(senco, world, review, "student", parts=["advice"])
    ReviewPerson.objects.update(advice_by=TODAY - timedelta(days=40))

    def table() -> str:
        page = senco.get(to("review", world, review.pk)).content.decode()
        return page.partition("Who was asked for advice")[2].partition("</table>")[0]

    assert "Late" in table()
    sent(senco, to("review_void", world, review.pk), reason="Another day")
    assert "Late" not in table() and "Taken back" in table() and "Nothing" in table()


@pytest.mark.parametrize("at_home", ["portal:family_child", "home:meet"])
def test_the_review_to_come_stands_at_home_and_on_my_page(world, on, as_user, in_force, at_home):
    senco = on("2026-11-10")
    review = begin(senco, world)
    home, own = reverse(at_home, args=[world.mina.pk]), reverse("portal:my_page")
    papers, called = to("review_papers", world, review.pk), "plan is on Tuesday 15 December at 2 pm."

    def seen(name: str) -> str:
        page = home if name != "student" else own
        return " ".join(as_user(world.users[name]).get(page).content.decode().split())

    both = ("parent", "student")
    assert not any("15 December" in seen(name) for name in both), "nobody is invited yet"
    ask(senco, world, review, f"member-{world.mina_mum.member.pk}", parts=["advice"])
    ask(senco, world, review, "student", parts=["advice"])
    ReviewPerson.objects.update(invited_on=None)
    assert not any(called in seen(name) for name in both), "asked for advice alone"
    ReviewPerson.objects.update(invited_on=TODAY)
    page = seen("parent")
    assert "The review of Min’s plan is on Tuesday 15 December at 2 pm. </strong>" in page
    assert "<p>Where: the library.</p>" in page and "You have not said yet whether you are coming." in page
    assert at_home == "home:meet" or reverse("home:meet", args=[world.mina.pk]) in page
    page = seen("student")
    assert "The review of my plan is on Tuesday 15 December at 2 pm.</p><p>Where: the library.</p>" in page
    assert "I have not said yet how I want to take part." in page

    # Once they have answered it stands there still.
    Enquiry.objects.filter(kind="care.review").update(answered_at=clock.now())
    for reply, words in (("coming", "are coming."), ("video", "by video or phone."), ("not", "cannot come.")):
        ReviewPerson.objects.filter(role="parent").update(reply=reply, replied_at=clock.now())
        assert words in seen("parent") and "You have not said" not in seen("parent")
    for way, words in (
        ("all", "from beginning to end."),
        ("part", "I am in a part of the meeting."),
        ("before", "made before."),
        ("spoken_for", "Somebody speaks for me there."),
        ("not", "I would rather not take part."),
    ):
        Review.objects.update(taking_part=way, taking_part_on=TODAY)
        assert words in seen("student")
    Review.objects.update(moved_at=clock.now() + timedelta(minutes=1))
    assert "The date was moved after you answered." in seen("parent")

    # The papers once they are out, to who reads them there.
    assert papers not in seen("parent")
    Review.objects.update(papers_on=TODAY)
    assert papers in seen("parent") and papers not in seen("student")
    assert as_user(world.u_parent).get(papers).status_code == 200

    # Who lives elsewhere, is restricted or gets no reports knows nothing of it, invited or not.
    for name in ("parent_other", "parent_restricted", "parent_former", "staff_parent"):
        assert "15 December" not in seen(name) and papers not in seen(name), name
    link = FamilyLink.objects.filter(pk=world.mina_mum.pk)
    link.update(may_receive_reports=False)
    assert "15 December" not in seen("parent") and papers not in seen("parent")
    link.update(may_receive_reports=True)

    # Until the end of its day, and not once it was held or taken back.
    on("2026-12-15")
    assert all(called in seen(name) for name in both)
    Review.objects.update(held_on=MEETS)
    assert not any(called in seen(name) for name in both)
    Review.objects.update(held_on=None)
    on("2026-12-16")
    assert not any(called in seen(name) for name in both)
    on("2026-12-01")
    assert all(called in seen(name) for name in both)
    ReviewPerson.objects.update(voided_at=clock.now(), voided_by=world.u_senco, void_reason="Wrong")
    assert not any(called in seen(name) for name in both)
    ReviewPerson.objects.update(voided_at=None, voided_by=None, void_reason="")
    Review.objects.update(voided_at=clock.now(), voided_by=world.u_senco, void_reason="Wrong")
    assert not any(called in seen(name) for name in both)


def begin_again(senco, world) -> Review:
    sent(senco, to("review_add", world), day="2027-01-05", at="10:00")
    return Review.objects.standing().get()


def test_nobody_on_hold_or_shut_out_is_written_to(world, senco, in_force):
    review = begin(senco, world)
    page = senco.get(to("review_person_add", world, review.pk)).content.decode()
    assert "Folake Harcastle" in page and "Rufus" not in page and "Idris" not in page


def test_who_is_shut_out_after_the_invitation_is_said_to_hear_nothing_more(world, on, as_user, in_force):
    senco = on("2026-11-10")
    review = begin(senco, world)
    ask(senco, world, review, f"member-{world.mina_mum.member.pk}", parts=["invite"])
    words, at = "Gets no reports now, so hears nothing more of this.", to("review", world, review.pk)
    assert words not in senco.get(at).content.decode()
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(may_receive_reports=False)
    assert senco.get(at).content.decode().count(words) == 1
    assert words not in as_user(world.u_mentor).get(at).content.decode(), (
        "who only reads it is told of no restriction"
    )


def standing(world, day):
    with clock.frozen(date.fromisoformat(day)):
        states = states_for([world.mina], clock.today())[world.mina.pk]
    return next(one for one in states if one.kind == "review")


def test_the_duty_says_the_next_step(world, on, in_force):
    assert standing(world, "2026-10-01").status == Status.OK
    state = standing(world, "2026-11-10")
    assert (state.status, state.due_on) == (Status.OPEN, date(2026, 11, 26))
    assert state.headline == "EHC plan review is due Thursday 26 November"
    assert state.when.endswith("Next: set the date of the review.")
    assert state.action_url == to("reviews", world)
    review = begin(on("2026-11-10"), world)
    state = standing(world, "2026-11-10")
    assert (state.status, state.label, state.due_on) == (Status.OPEN, "Advice", date(2026, 11, 27))
    assert state.action_url == to("review", world, review.pk)
    state = standing(world, "2026-11-30")
    assert (state.status, state.label) == (Status.OVERDUE, "3 days over")
    assert state.headline == "A step of the EHC plan review is late"
    assert state.when == "Was due Friday 27 November. Next: get the advice of everybody asked."
    assert states_for([world.mina], date(2026, 11, 12), known_on=date(2026, 11, 9)) is not None


def test_the_talk_is_filled_with_what_is_known(world, as_user, in_force):
    """Each head from its own record; a safeguarding plan that one may not read is as none."""
    kept(world.mina, world.u_keyworker, "safeguarding")
    kept(world.mina, world.u_keyworker, "health")
    session(world.mina, world.u_keyworker, agreed="Ear defenders in assembly")
    make_goal(world.mina, world.u_keyworker, checker=world.u_senco, student_words="I ask for help")
    decision(world.mina, world.u_keyworker)
    told = {"what": "Min has a plan now.", "from_on": clock.today(), "origin": "plan"}
    announce_change(by=world.u_keyworker, student=world.mina, **told)
    made = make_review(in_force, world.u_senco)
    at = to("review", world, made.pk)
    page = as_user(world.u_keyworker).get(at).content.decode()
    assert "Nobody is invited yet." in page and "goes to the small group.:" not in page
    assert "goes to the small group: <strong>" in page and "has a plan now" not in page
    heads = [
        "EHC plan outcomes",
        "Safeguarding plans",
        "Individual health plan",
        "TSP targets",
        "Agreed strategies",
    ]
    places = [page.index(f"{number}. {head}") for number, head in enumerate(heads, 1)]
    assert places == sorted(places)
    assert "nothing written this term" in page and "Look first" in page
    assert "Safeguarding Support Plan, version 1" in page and "Individual Health Plan, version 1" in page
    assert "read by everybody who must" in page
    health = world.mina.kept_plans.get(kind="health").versions.get()
    first = ask_team(version=health, by=world.u_keyworker)[0]
    asked_about([health]).exclude(user=first).update(answered_at=clock.now())
    assert "<strong>one has still to read it</strong>" in as_user(world.u_keyworker).get(at).content.decode()
    assert "“I ask for help”" in page and "Ear defenders in assembly" in page
    theirs = as_user(world.u_coordinator).get(at).content.decode()
    assert "Safeguarding Support Plan" not in theirs and "None that you can see." in theirs
    assert "Individual Health Plan, version 1" in theirs


def test_the_report_and_the_pack_know_it(world, in_force):
    made = make_review(in_force, world.u_senco, differences="Folake wants more.")
    ReviewChange.objects.create(
        review=made, section="F", words="Therapy weekly", asked_by="Folake", asked_on=clock.today(),
        created_by=world.u_senco, created_at=clock.now(),
    )  # fmt: skip
    review_person(made, world.u_senco, advice_help="A quiet place", advice_on=clock.today())
    report = begin_report(student=world.mina, kind="annual-review", term=TERM, by=world.u_keyworker)
    lines = {(one.section, one.text) for one in report.lines.all()}
    assert {("changes", "Therapy weekly"), ("works", "A quiet place")} <= lines
    assert {
        ("disagreements", "Folake wants more."),
        ("circulation", "Dr Ines Abara, Nurse of Harcastle"),
    } <= lines
    SupportCycle.objects.create(
        student=world.mina, number=1, starts_on=date(2026, 9, 14), review_on=date(2026, 12, 14), assess="Reads little",
        aim="Reads a page", created_by=world.u_senco, created_at=clock.now(),
    )  # fmt: skip
    items = offered(world.mina, date(2026, 9, 1), clock.today(), world.u_senco, load())
    assert [one.lines for one in items if one.title == "Cycle 1 of support"] == [
        (("Assess", "Reads little"), ("Plan", "Reads a page"))
    ]


def test_a_cycle_of_support_and_a_request_are_written_and_put_right(world, senco):
    """What is wrong is said beside its field, what was typed stays, and two people who change the same part are told."""
    add, page = to("cycle_add", world), to("assessment", world)
    given = form_of(senco.get(add).content.decode(), "kw-form") | {
        "starts_on": "2026-11-16", "review_on": "2026-11-10", "assess": "Reads ten words", "aim": "",
    }  # fmt: skip
    refused = senco.post(add, given)
    said = refused.content.decode()
    assert refused.status_code == 422 and "Choose a day after it begins" in said and "Reads ten words" in said
    assert "Write what is to be different" in said
    assert "Cycle 1 is saved." in sent(senco, add, starts_on="2026-11-16", review_on="2026-12-14",
                                       assess="Reads ten words", aim="Reads fifty")  # fmt: skip
    one = SupportCycle.objects.get()
    edit = to("cycle", world, one.pk)
    old = form_of(senco.get(edit).content.decode(), "kw-form")
    refused = senco.post(edit, old | {"came_of_it": "Forty"})
    assert refused.status_code == 422 and "Write the day it was looked at" in refused.content.decode()
    sent(senco, edit, reviewed_on="2026-11-16", came_of_it="Reads forty", next_step="Go on")
    stale = senco.post(edit, old | {"reviewed_on": "2026-11-16", "came_of_it": "Reads thirty"})
    assert stale.status_code == 409 and "Reads thirty" in stale.content.decode()
    assert senco.post(edit, old | {"aim": "Reads a page"}).status_code == 302, "nobody else changed that part"
    one.refresh_from_db()
    assert (one.came_of_it, one.aim) == ("Reads forty", "Reads a page")

    ask_for = to("assessment_add", world)
    assert "The authority answers by Monday 28 December" in sent(
        senco, ask_for, requested_on="2026-11-16", requested_by="school", needs="Reading"
    )
    request = NeedsAssessment.objects.get()
    answer = to("assessment_edit", world, request.pk)
    given = form_of(senco.get(answer).content.decode(), "kw-form")
    for more, words in (
        ({"decision": "assess"}, "Write the date of the answer"),
        (
            {"decision": "assess", "decided_on": "2026-11-01"},
            "Choose the day it was asked for, or a later one",
        ),
        ({"outcome": "plan", "ended_on": "2026-11-16"}, "This needs the answer that the authority assesses"),
    ):
        refused = senco.post(answer, given | more)
        assert refused.status_code == 422 and words in refused.content.decode(), words
    sent(senco, answer, decision="assess", decided_on="2026-11-16")
    sent(senco, to("assessment_void", world, request.pk), reason="Sent twice")
    shown = senco.get(page).content.decode()
    assert "Sent twice" in shown and "Reads forty" in shown


def test_whoever_is_asked_from_beyond_the_team_finds_it_on_today_and_has_not_begun(
    world, on, as_user, in_force
):
    senco = on("2026-11-10")
    review = begin(senco, world)
    ask(senco, world, review, f"user-{world.u_keyworker_other.pk}")
    page = as_user(world.u_keyworker_other)
    today = page.get(reverse("portal:today")).content.decode()
    assert "Your view of one student is asked for" in today and "Friday 27 November" in today
    assert "You have begun" not in page.get(reverse("enquiries:mine")).content.decode()


@pytest.mark.parametrize("after", [True, False])
def test_advice_of_the_same_day_is_after_the_papers_by_its_moment(world, senco, as_user, in_force, after):
    noon = datetime(2026, 11, 23, 12, tzinfo=LONDON)
    review = begin(senco, world)
    typed = {"name": "Dr Abara", "email": "abara@nhs.example", "parts": ["advice"]}
    ask(senco, world, review, "health", **typed)
    ask(senco, world, review, f"user-{world.u_teacher.pk}", parts=["invite"])
    doctor, sends = ReviewPerson.objects.get(name="Dr Abara"), timedelta(hours=-1 if after else 1)
    with clock.frozen(noon + sends):
        client = as_user(world.u_senco)
        step(client, world, review, "papers", papers_words="Without the doctor")
    with clock.frozen(noon):
        client = as_user(world.u_senco)
        sent(
            client,
            to("review_person", world, review.pk, doctor.pk),
            advice_on="2026-11-23",
            advice_help="Rest.",
        )
    doctor = ReviewPerson.objects.select_related("review").get(pk=doctor.pk)
    assert not doctor.is_late and doctor.is_after_papers is after
    page = senco.get(to("review", world, review.pk)).content.decode()
    assert ("Send it yourself to Teacher." in page) is after
    assert Job.objects.filter(kind="care.advice_came_late").exists() is after


def test_advice_that_came_before_the_papers_and_is_written_down_after_them_is_mailed_to_nobody(
    world, senco, in_force
):
    review = begin(senco, world)
    ask(senco, world, review, "health", name="Dr Abara", email="abara@nhs.example", parts=["advice"])
    ask(senco, world, review, f"user-{world.u_teacher.pk}", parts=["invite"])
    doctor = ReviewPerson.objects.get(name="Dr Abara")
    step(senco, world, review, "papers", papers_on="2026-11-20", papers_words="All of it")
    edit = to("review_person", world, review.pk, doctor.pk)
    sent(senco, edit, advice_on="2026-11-19", advice_help="Rest.")
    assert not Job.objects.filter(kind="care.advice_came_late").exists()
    sent(senco, edit, advice_on="2026-11-21", advice_help="Rest.")  # put right: it was too late for them
    assert Job.objects.filter(kind="care.advice_came_late").count() == 1
    sent(senco, edit, advice_on="2026-11-22", advice_help="Rest and light.")
    assert Job.objects.filter(kind="care.advice_came_late").count() == 1
