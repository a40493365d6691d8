"""From an empty installation to an open school, in the browser."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from keywork import clock, school
from keywork.actions import accounts as actions
from keywork.actions.school import open_school, set_rule
from keywork.models import AcademicYear, PolicyVersion, School, User
from keywork.printed_codes import setup_code
from portal.invitations import invite_all, letters_page
from portal.setting_up import steps
from portal.tasks import notify_staff
from portal.wording import notified
from students.actions.codes import letters_for
from students.models import EntryLetter, FamilyLink, FamilyMember
from tests.reports.test_paper import check
from tests.tsp.test_sheets_files import picture
from tests.world import make_student

TODAY = date(2026, 11, 23)
SETUP = "/school/setup/"
PASSWORD = "plum-kettle-orbit-94"


def words(response) -> str:
    return " ".join(response.content.decode().split())


def states():
    return {step.slug: str(step.state) for step in steps()}


@pytest.fixture
def empty(db, today):
    """No school, nobody."""
    assert not School.objects.exists() and not User.objects.exists()


@pytest.fixture
def admin(empty, as_user):
    user = User.objects.create(name="Wilf Pemberton", email="wilf@school.example", roles=["staff", "admin"])
    user.set_password(PASSWORD)
    user.save()
    return as_user(user)


def test_whoever_has_the_code_of_the_server_becomes_the_first_administrator(empty, client):
    page = words(client.get("/accounts/login/"))
    assert 'href="/setup/"' in page and "manage.py setup_code" in page
    typed = {"code": "AAAA-BBBB-CCCC", "name": "Wilf Pemberton", "email": "Wilf@school.example"}
    wrong = client.post("/setup/", typed)
    assert wrong.status_code == 422 and "This is not the code" in words(wrong)
    assert 'value="Wilf Pemberton"' in words(wrong) and not User.objects.exists()
    printed = io.StringIO()
    call_command("setup_code", stdout=printed)
    code = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", printed.getvalue()).group()
    assert code == setup_code()
    answer = client.post("/setup/", {**typed, "code": code.lower().replace("-", " ")})
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.roles) == ("wilf@school.example", ["staff", "admin"])
    # The link leads to the page that every invited person sees.
    choose = client.get(answer["Location"], follow=True)
    done = client.post(
        choose.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD}, follow=True
    )
    user.refresh_from_db()
    assert done.status_code == 200 and user.check_password(PASSWORD)
    # From then on nobody else can take it.
    assert client.get("/setup/").status_code == 302
    with pytest.raises(CommandError, match="There is an administrator already"):
        call_command("setup_code")


def test_an_address_that_was_mistyped_first_opens_nothing(empty, client):
    typed = {"code": setup_code(), "name": "Wilf Pemberton"}
    for email in ("wilf@shool.example", "wilf@school.example", "wilf@shool.example", "wilf@school.example"):
        assert client.post("/setup/", {**typed, "email": email}).status_code == 302
        assert User.objects.get(is_active=True).email == email
    assert User.objects.get(is_active=False).email == "wilf@shool.example"


def test_a_school_is_set_up_step_by_step_and_can_be_left(admin):
    assert admin.get("/")["Location"] == SETUP
    for page in ("/school/calendar/", "/students/", "/school/policy/"):
        answer = admin.get(page)
        assert answer.status_code == 503 and "Open the set-up" in words(answer)
    page = words(admin.get(SETUP))
    assert "1 of 9 steps is done" in page and "Step 2 of 9" in page
    assert states()["staff"] == "locked"
    empty_name = admin.post(f"{SETUP}?step=school", {"name": " "})
    assert empty_name.status_code == 422 and "Write the school’s name" in words(empty_name)
    no_picture = SimpleUploadedFile("logo.png", b"<svg>")
    refused = admin.post(f"{SETUP}?step=school", {"name": "Aldermere School", "logo": no_picture})
    assert refused.status_code == 422 and not School.objects.exists()
    named = {
        "name": "Aldermere School",
        "logo": SimpleUploadedFile("logo.png", picture(form="PNG"), "image/png"),
    }
    assert admin.post(f"{SETUP}?step=school", named)["Location"] == SETUP
    assert admin.get("/reports/letterhead/logo/").status_code == 200
    assert School.objects.get().opened_on is None and states()["rules"] == "missing"
    assert "Step 3 of 9" in words(admin.get(SETUP))
    assert admin.post(f"{SETUP}?step=rules", {"preset": "colton-hills"}).status_code == 302
    assert PolicyVersion.objects.get().preset == "colton-hills"
    assert states()["dates"] == "check"
    AcademicYear.objects.filter(slug="2026-27").update(status="verified")
    assert states() == {
        "administrator": "done",
        "school": "done",
        "rules": "done",
        "dates": "done",
        "staff": "missing",
        "students": "missing",
        "assignments": "locked",
        "invitations": "locked",
        "open": "locked",
    }


@pytest.fixture
def begun(admin):
    admin.post(f"{SETUP}?step=school", {"name": "Aldermere School"})
    admin.post(f"{SETUP}?step=rules", {"preset": "breckenbrough"})
    return admin


STAFF = "Ros Whitcombe, ros@school.example, coordinator\n\nDan Merrow\tDan@School.example\n"


def test_staff_are_typed_or_pasted_and_nobody_is_told_yet(begun, mails):
    with mails() as box:
        answer = begun.post(f"{SETUP}?step=staff", {"people": STAFF})
    assert answer.status_code == 302 and not box
    ros, dan = User.objects.filter(email__in=["ros@school.example", "dan@school.example"]).order_by("-name")
    assert (ros.roles, ros.invited_at, dan.roles) == (["staff", "coordinator"], None, ["staff"])
    page = words(begun.get(f"{SETUP}?step=staff"))
    assert "Ros Whitcombe, ros@school.example: TSP coordinator" in page
    assert "Go on to: Term dates" in page and "Go on with the set-up" in words(begun.get("/school/calendar/"))
    again = begun.post(f"{SETUP}?step=staff", {"people": STAFF})
    assert again.status_code == 422 and "Line 1: Ros Whitcombe signs in with this address" in words(again)
    assert "dan@school.example" in words(again).lower()  # what was typed stays
    assert "Not invited yet" in words(begun.get("/school/accounts/"))
    page = words(begun.get(f"/school/accounts/{dan.pk}/"))
    assert "Not invited yet." in page and "Save and send the invitation <" not in page
    assert "invitation again" not in page and "Account made, without an invitation" in page
    with mails() as box:
        begun.post(
            f"/school/accounts/{dan.pk}/", {"name": dan.name, "email": dan.email, "roles": [], "again": "1"}
        )
    assert [mail.to for mail in box] == [[dan.email]]
    page = words(begun.get(f"/school/accounts/{dan.pk}/"))
    assert "Invited on" in page and "invitation again" in page and "Invitation sent again" not in page


STAFF_FILE = (
    "Staff of Aldermere,,,,,,\n"
    "Forename,Surname,Email Address,Role,Job title,FTE,Payroll\n"
    "Ros,Whitcombe,ros@school.example,Keyworker; TSP coordinator,Teacher of art,0.6,17\n"
    "Dan,Merrow,Dan@School.example,Teacher / Academic mentor,,,18\n"
)


def as_xlsx(text: str) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    for line in csv.reader(io.StringIO(text)):
        book.active.append(line)
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"), [("staff.csv", STAFF_FILE.encode()), ("staff.xlsx", as_xlsx(STAFF_FILE))]
)
def test_staff_from_a_file_are_looked_at_first(begun, name, content):
    looked = begun.post(f"{SETUP}?step=staff", {"file": SimpleUploadedFile(name, content)})
    page = words(looked)
    assert looked.status_code == 200 and "2 people would be added" in page
    assert "Not read: Payroll." in page and "Who is whose keyworker, mentor or teacher is left out" in page
    assert User.objects.count() == 1
    begun.post(f"{SETUP}?step=staff", {"people": looked.context["form"]["people"].value()})
    dan, ros = User.objects.exclude(email="wilf@school.example").order_by("name")
    assert (ros.name, ros.roles, ros.job_title, ros.days_a_week) == (
        "Ros Whitcombe", ["staff", "coordinator"], "Teacher of art", 3,
    )  # fmt: skip
    assert (dan.email, dan.roles, dan.job_title, dan.days_a_week) == (
        "dan@school.example", ["staff"], "Teacher", 5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("staff.csv", b"Surname,Form\nAsh,7\n", 422, "one for the e-mail address are needed"),
        ("staff.pdf", b"%PDF-1.4", 422, "This is a PDF"),
        ("staff.csv", b"Name,Email,Days\nRos Ash,ros,9\n", 422, "Line 1, “Ros Ash ros days: 9”: ros is not"),
        (
            "staff.csv",
            b"Name,Email,Days\nRos Ash,r@a.example,9\n",
            422,
            "9 is no number of days from 0.5 to 5",
        ),
        ("staff.csv", b"Name,Email,FTE\nRos Ash,r@a.example,inf\n", 422, "inf is no number of days"),
        ("staff.csv", b"Name,Email,FTE\nRos Ash,r@a.example,1e30\n", 422, "1e30 is no number of days"),
    ],
)
def test_a_file_that_is_no_list_of_staff_says_why(begun, name, content, status, said):
    looked = begun.post(f"{SETUP}?step=staff", {"file": SimpleUploadedFile(name, content)})
    assert looked.status_code == status and said in words(looked)
    form = looked.context["form"]
    assert said in " ".join(" ".join(form.other.errors["file"]).split()) and not form.errors, (
        "beside the file, not the typed box"
    )
    assert User.objects.count() == 1


def test_who_is_not_invited_yet_hears_nothing(begun, mails):
    wilf = User.objects.get(email="wilf@school.example")
    with mails() as box:
        _, _, dan = [
            actions.add_staff(name=name, email=f"{name}@school.example", roles=roles, by=wilf)
            for name, roles in (("Del", ["head"]), ("Sam", ["dsl"]), ("Dan", []))
        ]
    mo = make_student("Mo", "Farouk")

    def letters():
        return list(notify_staff("begins", "keyworker", "2026-11-23", [mo.pk], dan.pk, []))

    assert not box and not letters()
    assert notified([dan], "core", [mo]) == "Nobody is told by e-mail."
    actions.resend_invitation(user=dan, by=wilf)
    dan.refresh_from_db()
    assert len(letters()) == 1 and notified([dan], "core", [mo]) == "Dan is told by e-mail."


@pytest.mark.parametrize(("preset", "role"), [("ies-breckland", "SENCo"), ("colton-hills", "SENDCO")])
def test_where_the_senco_assigns_these_are_two_roles(admin, as_user, preset, role):
    admin.post(f"{SETUP}?step=school", {"name": "Aldermere School"})
    admin.post(f"{SETUP}?step=rules", {"preset": preset})
    admin.post("/accounts/reauthenticate/", {"password": PASSWORD})  # who assigns reads every record
    admin.post(
        f"{SETUP}?step=staff",
        {
            "people": f"Sena Cole, sena@school.example, {role}\nLea Dunn, lea@school.example, {role} who assigns"
        },
    )
    sena, lea = (User.objects.get(email=f"{one}@school.example") for one in ("sena", "lea"))
    assert (sena.roles, lea.roles) == (["staff", "senco"], ["staff", "head"])
    page = words(admin.get(f"{SETUP}?step=staff"))
    assert f"sena@school.example: {role}<" in page and f"lea@school.example: {role} who assigns<" in page
    assert as_user(sena).get("/assignments/").status_code == 403
    assert as_user(lea).get("/assignments/").status_code == 200


def test_a_list_of_staff_outlives_the_question_who_is_there(begun):
    """Who is asked for their password again, half an hour after they came in, types the list once."""
    asked = begun.post(f"{SETUP}?step=staff", {"people": STAFF + "Lea Dunn, lea@school.example, DSL\n"})
    assert asked.status_code == 302 and not User.objects.filter(email="lea@school.example").exists()
    page = begun.get(asked["Location"])
    assert "Is it still you?" in words(page)
    there = re.search(r'name="next" value="([^"]+)"', page.content.decode()).group(1)
    done = begun.post(asked["Location"], {"password": PASSWORD, "next": there}, follow=True)
    assert "3 people are added." in words(done) and "lea@school.example" in words(done)
    assert User.objects.get(email="lea@school.example").roles == ["staff", "dsl"]


def test_where_the_head_assigns_a_senco_is_a_senco(begun):
    people = "Sena, sena@school.example, SENCo\nHelen, helen@school.example, Head of Social Education"
    begun.post("/accounts/reauthenticate/", {"password": PASSWORD})
    begun.post(f"{SETUP}?step=staff", {"people": people})
    roles = {one.name: one.roles for one in User.objects.all()}
    assert (roles["Sena"], roles["Helen"]) == (["staff", "senco"], ["staff", "head"])


def test_an_administrator_is_not_sent_to_a_page_that_is_the_heads(begun):
    begun.post(f"{SETUP}?step=staff", {"people": STAFF})
    User.objects.create(name="Del Price", email="del@school.example", roles=["staff", "head"])
    make_student("Mo", "Farouk")
    page = words(begun.get(f"{SETUP}?step=assignments"))
    assert 'href="/assignments/"' not in page and "send the invitation" in page
    assert "Stop for now" in page and "Save and stop" not in page


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("Ros Whitcombe", "write a name and an e-mail address"),
        ("Ros Whitcombe, ros.school", "ros.school is not an e-mail address"),
        (
            "Ros, ros@school.example, king",
            "“king” is no role. Leave it out, or write one of these: Administrator",
        ),
        ("Ros, ros@school.example, Keyworker", "leave “Keyworker” out: the Head names keyworkers"),
        ("Ros\nDan, dan.school", "Line 1, “Ros”: write a name"),
        ("Ros\nDan, dan.school", "Line 2, “Dan, dan.school”: dan.school is not"),
        ("Ros, a@school.example\nDan, A@school.example", "stands in more than one line"),
        ("", "Write at least one person"),
        ("\n".join(f"P{n}, p{n}@school.example" for n in range(501)), "500 people at a time"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(begun, people, said):
    answer = begun.post(f"{SETUP}?step=staff", {"people": people})
    assert answer.status_code == 422 and said in words(answer)
    assert User.objects.count() == 1


def test_a_guarded_role_in_the_list_asks_who_it_is(begun, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = begun.post(f"{SETUP}?step=staff", {"people": "Del, del@school.example, head"})
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert User.objects.count() == 1


def test_the_school_opens_on_a_day_and_is_set_up_no_more(begun):
    begun.post(f"{SETUP}?step=staff", {"people": STAFF})
    AcademicYear.objects.filter(slug="2026-27").update(status="verified")
    assert begun.post(f"{SETUP}?step=open", {"went_live_on": "2027-01-04"}).status_code == 302
    assert School.objects.get().opened_on is None  # no student yet
    make_student("Mo", "Farouk")
    answer = begun.post(f"{SETUP}?step=open", {"went_live_on": "2027-01-04"})
    assert answer["Location"] == "/school/"
    row = School.objects.get()
    assert (row.opened_on, row.went_live_on) == (clock.today(), date(2027, 1, 4))
    assert school.load().policies[0][0] == date(2027, 1, 4)
    assert begun.get("/")["Location"] == "/school/"
    page = words(begun.get(SETUP))
    assert "without a keyworker" in page or "Nobody has the role “Head of Social Education” yet" in page


@pytest.mark.parametrize("changed_on", [date(2027, 1, 1), date(2027, 1, 4)])
def test_a_rule_that_changes_before_the_school_opens_is_changed_then(begun, changed_on):
    for day, value in ((changed_on, 2), (date(2027, 2, 1), 1)):
        set_rule(name="contact_amber_days", value=value, effective_on=day, by=None)
    open_school(went_live_on=date(2027, 1, 4), by=None)
    rows = PolicyVersion.objects.order_by("effective_on").values_list("effective_on", "overrides")
    assert list(rows) == [
        (date(2027, 1, 4), {"contact_amber_days": 2}),
        (date(2027, 2, 1), {"contact_amber_days": 1}),
    ]


def test_it_is_said_how_students_come_in(begun):
    page = words(begun.get("/school/invitations/"))
    assert "/school/accounts/invite/student/" in page and "gets a card with a code" in page


def test_everybody_is_invited_in_one_act(world, as_user, mails):
    client = as_user(world.u_admin)
    for number in range(3):
        User.objects.create(name=f"New {number}", email=f"new{number}@school.example", roles=["staff"])
    for user in User.objects.filter(name__startswith="New"):
        user.set_unusable_password()
        user.save()
    student = make_student("Lena", "Marchbanks")
    member = FamilyMember.objects.create(forename="Ida", surname="Marchbanks", email="ida@home.example")
    none = FamilyMember.objects.create(forename="Ole", surname="Marchbanks")
    twice = [
        FamilyMember.objects.create(forename=name, surname="Shared", email="one@home.example")
        for name in ("Ann", "Ben")
    ]
    shut_out = FamilyMember.objects.create(forename="Rob", surname="Restricted", email="rob@home.example")
    for one in (member, none, *twice):
        FamilyLink.objects.create(student=student, member=one, may_receive_keywork_contact=True)
    FamilyLink.objects.create(
        student=student,
        member=shut_out,
        may_receive_keywork_contact=True,
        restricted_from=date(2026, 1, 1),
    )
    page = words(client.get("/school/invitations/"))
    assert "3 who work here" in page and "Ole Marchbanks" in page and "Ann Shared, one@home.example" in page
    assert "Rob Restricted" not in page
    with mails() as box:
        answer = client.post("/school/invitations/", {"who": ["staff", "families"]})
    assert answer.status_code == 302
    to = sorted(message.to[0] for message in box)
    assert {"new0@school.example", "new1@school.example", "new2@school.example", "ida@home.example"} <= set(
        to
    )
    assert "rob@home.example" not in to and "one@home.example" not in to and len(to) == len(set(to))
    assert not any("Lena" in message.body + message.subject for message in box)
    member.refresh_from_db()
    assert member.user is not None
    with mails() as box:
        client.post("/school/invitations/", {"who": ["staff", "families"]})
    assert not box


def test_two_who_invite_at_once_write_to_nobody_twice(world, mails):
    added = [
        User.objects.create(name=f"New {n}", email=f"new{n}@school.example", roles=["staff"], password="!").pk
        for n in range(2)
    ]
    ours, theirs = (invite_all(added, [], world.u_admin.pk) for _ in range(2))
    with mails() as box:
        next(ours)
        assert list(theirs) == [None]
    assert sorted(message.to[0] for message in box) == ["new0@school.example", "new1@school.example"]
    with mails() as box:
        assert list(ours) == [None]
    assert not box


@pytest.fixture
def paper_only(world):
    """A mother of Mina's of whom no address is known."""
    member = FamilyMember.objects.create(forename="Ole", surname="Marchbanks")
    FamilyLink.objects.create(student=world.mina, member=member, may_receive_keywork_contact=True)
    return member


def letter_codes(monkeypatch, client):
    """What the letters of the PDF say; to draw it is the work of reports.rendering."""
    pages = []
    monkeypatch.setattr("portal.views.setting_up.rendering.pdf", lambda html: pages.append(html) or Drawn)
    answer = client.post("/school/invitations/letters/")
    assert answer["Content-Type"] == "application/pdf"
    return pages[0], re.findall(r"<strong>([A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4})</strong>", pages[0])


class Drawn:
    content = b"%PDF"


def test_a_letter_makes_an_account_once(world, as_user, client, paper_only, monkeypatch, mails):
    admin = as_user(world.u_admin)
    page, codes = letter_codes(monkeypatch, admin)
    assert "Dear Ole Marchbanks" in page and "http" in page and world.mina.known_as not in page
    _, same = letter_codes(monkeypatch, admin)
    assert same == codes and EntryLetter.objects.filter(member=paper_only).count() == 1
    code = EntryLetter.objects.get(member=paper_only).code
    assert code in codes
    assert "printed: they are in the post" in words(admin.get("/school/invitations/"))
    admin.post("/school/invitations/posted/")
    assert f"{len(codes)} in the post" in words(admin.get("/school/invitations/"))
    typed = {"code": "AAAA-BBBB-CCCC", "email": "ole@home.example"}
    wrong = client.post("/join/", typed)
    assert wrong.status_code == 422 and "This code is not right" in words(wrong)
    taken = client.post("/join/", {"code": code, "email": world.u_head.email.upper()})
    assert taken.status_code == 422 and "This address cannot be used" in words(taken)
    assert world.u_head.name not in words(taken)
    with mails() as box:
        answer = client.post("/join/", {**typed, "code": code.lower().replace("-", " ")})
    assert answer.status_code == 302 and "/accounts/" in answer["Location"] and not box
    paper_only.refresh_from_db()
    assert paper_only.user.email == "ole@home.example" and paper_only.user.roles == ["family"]
    used = client.post("/join/", {"code": code, "email": "other@home.example"})
    assert used.status_code == 422 and "works no more" in words(used)


@pytest.mark.parametrize("why", ["restricted", "ended", "old"])
def test_a_letter_opens_nothing_once_it_should_not(world, as_user, client, paper_only, monkeypatch, why):
    letter_codes(monkeypatch, as_user(world.u_admin))
    code = EntryLetter.objects.get(member=paper_only).code
    link = FamilyLink.objects.get(member=paper_only)
    day = clock.today()
    if why == "restricted":
        link.restricted_from = day
    elif why == "ended":
        link.ended_on = day
    else:
        day += timedelta(days=61)
    link.save()
    with clock.frozen(day):
        answer = client.post("/join/", {"code": code, "email": "ole@home.example"})
    assert answer.status_code == 422 and "works no more" in words(answer)
    assert not User.objects.filter(email="ole@home.example").exists()


def test_codes_cannot_be_tried_without_end(world, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "outside": "3/m/ip"}
    answers = [client.post("/join/", {"code": "A", "email": "a@b.example"}).status_code for _ in range(5)]
    assert answers[0] == 422 and answers[-1] == 429


def test_a_letter_is_one_page_with_nothing_broken(world, paper_only, laid_out_once):
    made = letters_for(members=[paper_only, paper_only], by=world.u_admin)
    document = laid_out_once(letters_page(made[:1]))
    assert len(document.pages) == 1
    check(document, lines=2, one_thing=True)
