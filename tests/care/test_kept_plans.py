"""The plans a keyworker keeps: who is asked to read which version, what a change says, and whom they reach."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from care import tasks
from care.plans import TO_READ, actions, kinds
from care.plans.duties import PlansFacts, evaluate
from care.plans.kinds import KINDS
from care.plans.models import PlanVersion, StudentPlan
from enquiries.models import Enquiry
from keywork import clock, duties
from keywork.duties import Status
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import Assignment, PolicyVersion, RecordOpening, User
from keywork.policy import Policy
from keywork.school import load
from tests.forms import form_of
from tests.rules.helpers import RuleSchool
from tests.world import TODAY

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
RISK = KINDS["risk"]
WORDS = {"do": "Teddy sits at the back, by the door.", "first": "She goes quiet."}


def write(world, by=None, *, kind=RISK, student=None, seen=0, **given):
    given = {"words": WORDS, "why": "First plan.", "review_by": TODAY + 60 * A_DAY, **given}
    return actions.write_version(
        student=student or world.mina, kind=kind, seen=seen, by=by or world.u_keyworker, **given
    )


def page_of(world, name="kept", *more):
    return reverse(f"care:{name}", args=[world.mina.pk, "risk", *more])


def asked(version) -> set[str]:
    rows = actions.asked_about([version]).filter(answered_at=None, withdrawn_at=None)
    return {row.user.name for row in rows}


def test_a_question_about_a_plan_reaches_who_keeps_it(world, as_user, mails):
    write(world)
    ask = page_of(world, "kept_read", 1)
    for words, sent in (("Which door?", 1), ("Again?", 0)):
        with mails() as box:
            as_user(world.u_mentor).post(ask, {"question": words})
        assert [one.to for one in box] == [[world.u_keyworker.email]] * sent, words
    with mails() as box:
        as_user(world.u_member).post(ask, {"question": ""})
    assert not box, "who asks nothing troubles nobody"
    Assignment.objects.filter(student=world.mina, user=world.u_keyworker).update(ends_on=TODAY - DAY)
    with mails() as box:
        as_user(world.u_head).post(ask, {"question": "And who now?"})
    told = {to for one in box for to in one.to}
    assert world.u_deputy.email in told, "who keeps it now"
    assert world.u_keyworker.email not in told, "a former keyworker hears nothing more"
    assert not any(word in f"{one.subject}{one.body}" for one in box for word in ("Mina", "isk", "who now"))


def test_a_new_version_asks_all_again_and_an_old_one_stays(world, as_user, mails):
    with mails() as box:
        first = write(world)
    assert asked(first) == {"Deputy", "Mentor", "Member"}, (
        "the core team: no teacher, no family, not its writer"
    )
    assert len(box) == 3 and not any("Mina" in f"{one.subject}{one.body}" or "isk" in one.body for one in box)
    today = as_user(world.u_mentor).get(reverse("portal:today")).content.decode()
    assert "One plan waits to be read by you" in today and "Your view" not in today
    [row] = actions.asked_about([first]).filter(user=world.u_mentor)
    to_row = reverse("enquiries:answer", args=[row.pk])
    assert to_row in today and "See which" not in today
    to_plan = as_user(world.u_mentor).get(reverse("enquiries:answer", args=[row.pk]))
    assert to_plan.url == page_of(world)
    read = as_user(world.u_mentor).post(page_of(world, "kept_read", 1), {"question": "Which door?"})
    assert read.url == page_of(world) and asked(first) == {"Deputy", "Member"}
    page = as_user(world.u_keyworker).get(page_of(world)).content.decode()
    assert "2 of 4 have read it" in page and "Asks: Which door?" in page
    second = write(
        world, seen=1, why="Left the minibus.", words={**WORDS, "do": "Teddy sits in the middle row."}
    )
    assert asked(second) == {"Deputy", "Mentor", "Member"} and not asked(first)
    page = as_user(world.u_keyworker).get(page_of(world)).content.decode()
    assert "Asks: Which door?" in page, "nobody has answered it"
    page = as_user(world.u_mentor).get(page_of(world)).content.decode()
    assert "What changed since version 1" in page and "Left the minibus" in page
    assert "Read version 1 on" in page and "1 of 4 have read it" in page
    assert "at the back" in as_user(world.u_mentor).get(page_of(world, "kept_version", 1)).content.decode()
    with pytest.raises(Refused, match="Version 2 is in force now"):
        actions.say_read(version=first, by=world.u_deputy)
    with pytest.raises(ChangedMeanwhile):
        write(world, seen=1, why="Late.")
    with pytest.raises(Refused, match="Nothing was changed"):
        write(world, seen=2, words=second.words)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE care_planversion SET why = 'x' WHERE id = %s", [first.pk])


def test_who_has_not_read_hears_once_and_who_joins_is_asked(world, mails):
    version = write(world)
    actions.say_read(version=version, by=world.u_deputy)
    with clock.frozen(TODAY + A_DAY), mails() as box:
        tasks.morning()
    assert {one.to[0] for one in box} == {world.u_future.email}, "who came into the team today"
    with clock.frozen(version.read_by), mails() as box:
        tasks.morning()
        tasks.morning()
    assert {one.to[0] for one in box} == {world.u_mentor.email, world.u_member.email, world.u_future.email}
    assert all(one.subject == "A reminder: a plan to read in Keywork" for one in box)
    with clock.frozen(version.read_by + 5 * A_DAY), mails() as box:
        tasks.morning()
    assert not box, "each once"
    with mails() as box:
        actions.end_plan(plan=version.plan, why="Not needed.", by=world.u_keyworker)
    assert not asked(version) and not Enquiry.objects.waiting().filter(kind=TO_READ).exists()


def test_whom_a_plan_of_each_kind_reaches(world, as_user):
    said = "Whispered only here"
    for slug, by in (("safeguarding", "u_keyworker"), ("risk", "u_keyworker"), ("profile", "u_keyworker")):
        kind = KINDS[slug]
        write(world, getattr(world, by), kind=kind, words={kind.sections[0].key: f"{said} {slug}"})
    team = {"keyworker", "deputy", "mentor", "member"}
    leaders = {"head", "coordinator", "dsl", "senco", "slt"}
    readers = {
        "safeguarding": team | {"dsl"},
        "risk": team | leaders,
        "profile": team | leaders | {"teacher", "house_leader"},
    }
    for slug, may in readers.items():
        for name, user in world.users.items():
            if name == "inactive":
                continue
            page = as_user(user).get(reverse("care:kept", args=[world.mina.pk, slug]))
            assert (page.status_code == 200) == (name in may), (slug, name)
            assert page.status_code != 200 or said in page.content.decode()
    listed = as_user(world.u_head).get(reverse("care:kept_list", args=[world.mina.pk])).content.decode()
    assert "Risk profile" in listed and "Safeguarding Support Plan" not in listed
    assert RecordOpening.objects.filter(
        user_id=world.u_head.pk, student_id=world.mina.pk, what="plans"
    ).exists()
    with pytest.raises(Refused, match="is kept by others"):
        write(world, world.u_mentor, kind=KINDS["risk"], seen=1, words={"do": "x"})
    support = write(world, world.u_mentor, kind=KINDS["support"], words={"needs": "Loud rooms."})
    assert support.number == 1, "the mentor keeps this one too"


def test_home_reads_what_its_kind_says_and_its_school_writes(world, as_user):
    for slug in ("risk", "safeguarding", "health", "profile"):
        kind = KINDS[slug]
        write(world, kind=kind, words={kind.sections[0].key: f"Words of {slug}."})
    page = as_user(world.u_parent).get(reverse("portal:family")).content.decode()
    assert "Individual Health Plan" in page and "Risk profile" not in page and "Safeguarding" not in page
    url = reverse("care:kept_home", args=[world.mina.pk, "health"])
    shown = as_user(world.u_parent).get(url).content.decode()
    assert "Words of health." in shown and "Deputy" not in shown, "who has read it is for school"
    User.objects.filter(pk=world.u_parent.pk).update(language="pl")
    shown = " ".join(as_user(world.u_parent).get(url).content.decode().split())
    assert "powiedzieć opiekunowi (keyworkerowi) dziecka o imieniu Min." in shown
    there = {slug: as_user(world.u_parent).get(reverse("care:kept_home", args=[world.mina.pk, slug])).status_code
             for slug in ("risk", "safeguarding", "profile", "care")}  # fmt: skip
    assert there == {"risk": 404, "safeguarding": 404, "profile": 200, "care": 404}
    for name in ("parent_other", "parent_restricted", "parent_former"):
        assert as_user(world.users[name]).get(url).status_code == 404, name


def test_a_form_that_is_wrong_keeps_what_was_typed(world, as_user):
    page, url = as_user(world.u_keyworker), page_of(world, "kept_write")
    given = {
        "part-do": "Stop talking.",
        "why": "",
        "review_by": (TODAY + 500 * A_DAY).isoformat(),
    }
    refused = page.post(url, given)
    text = refused.content.decode()
    assert refused.status_code == 422 and "Stop talking." in text
    assert "Say in a sentence why it is written" in text and "at the latest" in text
    given |= {"why": "First plan", "review_by": (TODAY + 30 * A_DAY).isoformat()}
    saved = page.post(url, given, follow=True).content.decode()
    assert "Three colleagues" in saved or "3 colleagues are asked to read it" in saved
    again = page.post(url, given)
    assert again.status_code == 409 and "Stop talking." in again.content.decode()
    assert page.post(page_of(world, "kept_end"), {"reason": ""}).status_code == 422
    ended = page.post(
        page_of(world, "kept_end"), {"reason": "She travels alone now"}, follow=True
    ).content.decode()
    assert "No longer in force since" in ended and "She travels alone now" in ended
    assert "It was to be looked at again by" in ended, "nobody is asked to look at it any more"


def test_two_who_write_the_next_version_undo_nothing_of_each_other(world, as_user):
    """The parts are put together; where both changed one, both stand there and one of them is chosen."""
    write(world, words={"do": "Wait.", "first": "She goes quiet.", "not": "No questions."})
    url, day = page_of(world, "kept_write"), (TODAY + 30 * A_DAY).isoformat()
    mine, theirs = as_user(world.u_keyworker), as_user(world.u_senco)

    def shown(page):
        return form_of(page.get(url).content.decode(), "part-do") | {"review_by": day}

    a, b, c = shown(mine), shown(theirs), shown(theirs)
    assert mine.post(url, a | {"part-do": "Wait by the door.", "why": "The hall."}).status_code == 302
    saved = theirs.post(url, b | {"part-first": "She hums.", "why": "The bus."}, follow=True).content.decode()
    assert "while you were writing. That is kept too" in saved
    newest = PlanVersion.objects.get(is_newest=True)
    assert newest.number == 3 and newest.words["not"] == "No questions."
    assert (newest.words["do"], newest.words["first"]) == ("Wait by the door.", "She hums.")
    answer = theirs.post(url, c | {"part-do": "Ring Ros.", "why": "The bus."})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Wait by the door." in page and "Ring Ros." in page
    again = form_of(page, "part-do")
    assert theirs.post(url, again).status_code == 409, "nothing was chosen"
    choice = answer.context["form"]["part-do"].field.dispute
    assert theirs.post(url, again | {choice.choice: f"mine.{choice.digest}"}).status_code == 302
    assert PlanVersion.objects.get(is_newest=True).words == {
        "do": "Ring Ros.", "first": "She hums.", "not": "No questions.",
    }  # fmt: skip


def test_a_form_that_does_not_say_what_it_showed_is_looked_at_once_more(world, as_user):
    """Kept unsent since an earlier Keywork, it holds a number where the digests stand now."""
    write(world)
    url = page_of(world, "kept_write")
    given = {"part-do": "Wait.", "why": "New.", "review_by": (TODAY + 30 * A_DAY).isoformat(), "seen": "1"}
    page = as_user(world.u_keyworker)
    first = page.post(url, given)
    assert first.status_code == 409
    assert page.post(url, form_of(first.content.decode(), "part-do")).status_code == 302


def test_another_kind_is_one_entry_of_a_file(world, monkeypatch, as_user):
    plan = {
        "slug": "isp", "name": "Individual Support Plan", "about": "What the law may bring.", "audience": "core",
        "kept_by": ["keyworker"], "must_read": ["keyworker", "mentor"], "review_weeks": 26, "home": True,
        "sections": [{"key": "needs", "title": "Needs", "asks": "A thing a line."}],
    }  # fmt: skip
    kind = kinds.read(json.dumps([plan]))["isp"]
    monkeypatch.setitem(kinds.KINDS, "isp", kind)
    made = write(world, kind=kind, words={"needs": "Time to answer."})
    assert asked(made) == {"Mentor"}
    shown = as_user(world.u_mentor).get(reverse("care:kept", args=[world.mina.pk, "isp"])).content.decode()
    assert "Individual Support Plan, version 1" in shown and "Time to answer." in shown
    monkeypatch.delitem(kinds.KINDS, "isp")
    there = {name: as_user(world.users[name]).get(reverse("care:kept", args=[world.mina.pk, "isp"])).status_code
             for name in ("head", "dsl", "mentor")}  # fmt: skip
    assert there == {"head": 404, "dsl": 200, "mentor": 200}, "of an unknown kind the fewest read"
    with pytest.raises(ValueError, match="nobody knows the audience"):
        kinds.read(json.dumps([{**plan, "audience": "everybody"}]))


def test_the_review_of_a_safeguarding_plan_is_told_to_its_keyworker_and_the_lead_alone(world, as_user):
    by, words = TODAY + 20 * A_DAY, "Look again at the safeguarding support plan"
    write(world, kind=KINDS["safeguarding"], words={"do": "x"}, review_by=by)
    home, today = reverse("portal:safeguarding"), reverse("portal:today")
    for day, late in ((TODAY, None), (by - 14 * A_DAY, False), (by + A_DAY, True)):
        with clock.frozen(day):
            told = {
                name for name in ("keyworker", "deputy", "mentor", "head", "coordinator", "senco", "keyworker_other")
                if words in as_user(world.users[name]).get(today).content.decode()
            }  # fmt: skip
            assert told == (set() if late is None else {"keyworker"}), day
            page = as_user(world.u_dsl).get(home).content.decode()
            said = page[page.index("plans to look at again") :].split("</section>")[0]
            assert ("Min Harcastle" in said) == (late is not None)
            assert ("Overdue" in said) == (late is True)
    write(world, kind=KINDS["safeguarding"], words={"do": "y"}, review_by=by + 90 * A_DAY, seen=1)
    with clock.frozen(by + A_DAY):
        assert words not in as_user(world.u_keyworker).get(today).content.decode()


SCHOOL = RuleSchool(Policy())


@pytest.mark.parametrize(
    ("review_in", "status"),
    [(None, Status.NOT_REQUIRED), (60, Status.OK), (28, Status.OPEN), (14, Status.DUE_SOON), (0, Status.DUE_SOON),
     (-1, Status.OVERDUE)],
)  # fmt: skip
def test_when_a_plan_is_looked_at_again(review_in, status):
    by = None if review_in is None else TODAY + review_in * A_DAY
    facts = PlansFacts(TODAY - 800 * A_DAY, None, None, by and TODAY - 90 * A_DAY, by)
    assert evaluate(facts, TODAY, SCHOOL).status is status


def test_the_duty_says_what_is_missing_and_of_no_plan_for_few(world, django_assert_num_queries):
    write(world, kind=KINDS["safeguarding"], words={"do": "x"}, review_by=TODAY + 2 * A_DAY)
    [provider] = [one for one in duties.providers() if one.kind == "plans"]
    assert provider.states([world.mina], TODAY)[0].status is Status.NOT_REQUIRED
    write(world, review_by=TODAY + 5 * A_DAY)
    school = load()
    with django_assert_num_queries(2):
        [state, other] = provider.states([world.mina, world.otto], TODAY, school=school)
    assert state.status is Status.DUE_SOON and "Three readings by the team are missing." in state.reason
    assert "due Thursday 26 November" in state.headline and "26 November" in state.label
    assert state.when.startswith("Thursday 26 November, in 3 days.")
    assert "In time until Saturday 28 November, with Thursday 26 November the last school day" in state.reason
    assert "Risk profile and management plan" in state.headline and other.status is Status.NOT_REQUIRED
    with clock.frozen(TODAY + 3 * A_DAY):
        [then] = provider.states([world.mina], TODAY - A_DAY, TODAY - A_DAY)
        assert then.status is Status.NOT_REQUIRED, "as it was known the day before it was written"


def test_a_plan_that_is_not_in_force_is_not_required(world, as_user):
    PolicyVersion.objects.update(overrides={"plans_maintained_by_keyworker": ["risk_profile"]})
    client, home = as_user(world.u_head), reverse("care:kept_list", args=[world.mina.pk])
    others = client.get(home).content.decode().partition('id="others"')[2].partition("</section>")[0]
    assert others.count("Not required") == others.count('class="kw-duty"') > 1
    assert others.count("keeps it up to date once it is written") == 1 and "rule asks" not in others


def test_a_plan_is_never_deleted(world):
    version = write(world)
    for row in (version, version.plan):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).delete()
    assert PlanVersion.objects.count() == StudentPlan.objects.count() == 1


def test_it_stands_on_the_timeline_and_is_found_by_its_words(world, as_user):
    write(world, why="Left the minibus.", words={"do": "Stop in a safe place, señor."})
    write(world, kind=KINDS["safeguarding"], why="Said at home.", words={"do": "Meet her at the gate."})
    record, search = reverse("students:record", args=[world.mina.pk]), reverse("portal:search")
    for who, sees in (("mentor", {"Left the minibus", "Said at home"}), ("head", {"Left the minibus"})):
        page = as_user(world.users[who])
        shown = page.get(record).content.decode()
        assert {words for words in ("Left the minibus", "Said at home") if words in shown} == sees
        found = page.get(record, {"q": "gate"}).content.decode()
        assert ("Safeguarding Support Plan, version 1" in found) == (who == "mentor")
        assert "Stop in a" in page.get(search, {"q": "safe senor"}).content.decode()
        assert ("Meet her at the" in page.get(search, {"q": "gate"}).content.decode()) == (who == "mentor")
    assert "Stop in a" not in as_user(world.u_teacher).get(search, {"q": "safe senor"}).content.decode()


def test_on_paper_it_says_whether_it_is_in_force(world):
    from reports import plan_paper, rendering
    from tests.reports.test_paper import check, lines_of

    old = write(world, why="First plan.")
    new = write(world, seen=1, why="Left the minibus.", words={**WORDS, "do": "Sit in the middle row."})
    old.refresh_from_db()
    for version, said in (
        (new, "In force; to be looked at again by"),
        (old, "No longer in force: do not work by it."),
    ):
        document = rendering.laid_out(rendering.page(plan_paper.TEMPLATE, plan_paper.context(version)))
        check(document, lines=4)
        assert said in " ".join(lines_of(document.pages[0]._page_box))
        assert "For: core team, and those who lead." in " ".join(lines_of(document.pages[0]._page_box)[:6])
    actions.end_plan(plan=new.plan, why="She travels alone now", by=world.u_keyworker)
    context = plan_paper.context(PlanVersion.objects.select_related("plan__student").get(pk=new.pk))
    ended = " ".join(
        lines_of(rendering.laid_out(rendering.page(plan_paper.TEMPLATE, context)).pages[0]._page_box)
    )
    assert "It was ended on Monday 23 November 2026." in ended and "Ask for the plan that is" not in ended


def test_a_record_never_says_that_there_is_no_plan_where_few_may_know_of_one(world, as_user):
    def plans_of(who) -> str:
        html = as_user(world.users[who]).get(world.mina.get_absolute_url()).content.decode()
        [line] = [one for one in html.split('<li class="kw-duty"')[1:] if "None counted here" in one]
        assert ">Plans" in line
        return line

    who = ("keyworker", "dsl", "mentor", "head")
    before = {one: plans_of(one) for one in who}
    write(world, kind=KINDS["safeguarding"], words={"do": "x"}, review_by=TODAY + A_DAY)
    [provider] = [one for one in duties.providers() if one.kind == "plans"]
    [why] = provider.states([world.mina], TODAY)[0].reasons
    assert why == (
        "Min has no plan in force that is counted here. "
        "A Safeguarding Support Plan never is: who may read one finds it under Plans."
    )
    assert {one: plans_of(one) for one in who} == before, "the same, whether there is one or not"
    there = {
        one: as_user(world.users[one]).get(reverse("care:kept_list", args=[world.mina.pk])) for one in who
    }
    assert {one: "version/1" in page.content.decode() or "Version 1" in page.content.decode()
            for one, page in there.items()} == {"keyworker": True, "dsl": True, "mentor": True, "head": False}  # fmt: skip
