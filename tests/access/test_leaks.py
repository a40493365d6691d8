"""Channels beyond the page one asked for: choices, searches, files, mail, lists, errors (style 4.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from contacts.digests import notify_of_misses
from contacts.models import ContactHold, HomeContact, KeyworkSession, Miss
from keywork import clock, school
from keywork.access import forget_relations
from keywork.models import RecordOpening
from reports.kinds import KINDS
from students.models import FamilyLink, Student
from tests.tsp.factories import everyone_at_home, make_sheet
from tests.world import OTHER_SURNAME, TODAY
from tsp.models import Feeling, Tool

from .expectations import TABLE
from .records import contact, session, shared
from .stage import SHEETS, STAFF, ask

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)
LEVELS = ("General words", "Restricted words", "Safeguarding words")


def page(house, actor: str, url: str, **data) -> str:
    response = house.clients[actor].get(url, data)
    assert response.status_code == 200, (actor, url, response.status_code)
    return response.content.decode()


def log_contact(house, actor="keyworker", **data):
    return house.clients[actor].post(
        reverse("contacts:log_contact", args=[house.mina.pk]),
        {
            "reached": "spoke",
            "person": house.mina_mum.pk,
            "channel": "phone",
            "direction": "out",
            "happened_on": TODAY,
            "notes": "Planted",
            "topics": ["going_well"],
            **data,
        },
    )


def planted() -> int:
    return HomeContact.objects.filter(notes="Planted").count()


def test_the_contact_form_offers_only_whom_one_may_ring(house):
    html = page(house, "keyworker", reverse("contacts:log_contact", args=[house.mina.pk]))
    assert "Folake Harcastle" in html and "Ada Quell" in html
    for absent in ("Rufus", "Idris", "Wanda", OTHER_SURNAME, "Non-molestation"):
        assert absent not in html


@pytest.mark.parametrize("who", ["restricted", "ended", "other family"])
def test_a_forged_person_is_refused(house, who):
    link = {
        "restricted": FamilyLink.objects.get(member__user=house.u_parent_restricted),
        "ended": FamilyLink.objects.get(member__user=house.u_parent_former),
        "other family": house.otto_mum,
    }[who]
    assert log_contact(house).status_code == 302 and planted() == 1
    response = log_contact(house, person=link.pk)
    assert response.status_code == 422 and planted() == 1
    assert OTHER_SURNAME not in response.content.decode()


def test_a_sibling_one_may_not_log_for_is_neither_offered_nor_taken(house):
    FamilyLink.objects.create(student=house.otto, member=house.mina_mum.member, relationship="mum")
    url = reverse("contacts:log_contact", args=[house.mina.pk])
    assert OTHER_SURNAME in page(house, "head", url)
    assert OTHER_SURNAME not in page(house, "keyworker", url)
    response = log_contact(house, siblings=[house.otto.pk])
    assert response.status_code == 422 and planted() == 0
    assert OTHER_SURNAME not in response.content.decode()
    assert log_contact(house, "head", siblings=[house.otto.pk]).status_code == 302 and planted() == 2


def test_the_other_sibling_of_a_call_is_not_named(house):
    """C15: one call about both; who may read one row does not learn of the other."""
    mine = house.of[house.mina.pk].contact
    contact(house.otto, house.u_keyworker_other, call=mine.call)
    url = reverse("contacts:contact", args=[mine.pk])
    assert OTHER_SURNAME in page(house, "head", url)
    assert OTHER_SURNAME not in page(house, "keyworker", url)


@pytest.mark.parametrize(("actor", "level", "status"), [
    ("keyworker", "general", 302),
    ("keyworker", "restricted", 302),
    ("keyworker", "safeguarding", 422),
    ("mentor", "general", 302),
    ("mentor", "restricted", 422),
    ("head", "restricted", 422),
])  # fmt: skip
def test_nobody_writes_at_a_level_they_could_not_read(house, actor, level, status):
    assert log_contact(house, actor, level=level).status_code == status
    assert planted() == (status == 302)


@pytest.mark.parametrize("outsider", ["parent", "student", "inactive", "nobody", "staff_parent"])
def test_a_record_is_shared_only_with_staff_who_are_no_family(house, outsider):
    response = house.clients["head"].post(
        reverse("students:share", args=[house.mina.pk]),
        {
            "share-user": house.users[outsider].pk,
            "share-what": "view_log",
            "share-expires_on": TODAY + A_DAY,
            "share-reason": "Planted",
        },
    )
    assert response.status_code == 422
    assert not house.users[outsider].has_perm("students.view_log", house.mina)


# ------------------------------------------------------------------ searches and parameters


@pytest.mark.parametrize("typed", ["Otto", OTHER_SURNAME.lower(), "zzyzx sentinel", "o", "A801200005002"])
@pytest.mark.parametrize("actor", ["keyworker", "former", "future", "teacher", "staff_parent"])
def test_a_search_finds_nobody_out_of_reach(house, actor, typed):
    Student.objects.filter(pk=house.otto.pk).update(upn="A801200005002")
    record = reverse("students:record", args=[house.otto.pk])
    assert record in page(house, "keyworker_other", reverse("portal:search"), q=typed)
    for url, more in (
        ("portal:search", {}),
        ("students:list", {}),
        ("students:list", {"roll": "all", "year": "9"}),
    ):
        assert record not in page(house, actor, reverse(url), q=typed, **more)


def test_parameters_open_nothing(house):
    """An id of someone else's student in an address that did not ask for one."""
    otto = house.otto.pk
    for name in ("portal:today", "students:list", "reports:list", "portal:search"):
        for parameter in ("student", "student_id", "pk", "keyworker", "user", "open", "who"):
            assert OTHER_SURNAME not in page(house, "keyworker", reverse(name), **{parameter: otto})
    mine = reverse("students:record", args=[house.mina.pk])
    for parameter in ("kind", "q", "before", "student"):
        assert OTHER_SURNAME not in page(
            house, "keyworker", mine, **{parameter: f"2026-11-23.contact.{otto}"}
        )


# ------------------------------------------------------------------ levels


@pytest.fixture
def levels(house):
    for student, by in ((house.mina, house.u_keyworker), (house.otto, house.u_keyworker_other)):
        for words, level in zip(LEVELS, ("general", "restricted", "safeguarding"), strict=True):
            contact(student, by, notes=words, level=level)
            session(student, by, notes=words, level=level)
    return house


READERS = [
    ("mentor", 1),
    ("member", 1),
    ("head", 1),
    ("coordinator", 1),
    ("slt", 1),
    ("keyworker", 2),
    ("deputy", 2),
    ("dsl", 3),
]


@pytest.mark.parametrize(("actor", "reads"), READERS)
def test_each_level_is_on_pages_of_its_readers_only(levels, actor, reads):
    record, log = (
        reverse("students:record", args=[levels.mina.pk]),
        reverse("contacts:log", args=[levels.mina.pk]),
    )
    for html in (
        page(levels, actor, record),
        page(levels, actor, log),
        page(levels, actor, record, q="words"),
    ):
        assert [words in html for words in LEVELS] == [place < reads for place in range(3)]
    for place, words in enumerate(LEVELS):
        for kind in ("contact", "session", ""):
            html = page(levels, actor, record, q=words, kind=kind)
            entries = html.count(f"{words}<") + html.count(f"{words}\n")
            assert bool(entries) == (place < reads), (words, kind)


@pytest.mark.parametrize(("actor", "reads"), READERS)
def test_an_entry_above_ones_level_does_not_exist(levels, actor, reads):
    for model, url in ((HomeContact, "contact"), (KeyworkSession, "session")):
        for place, words in enumerate(LEVELS):
            entry = model.objects.filter(student=levels.mina, notes=words).first()
            response = levels.clients[actor].get(reverse(f"contacts:{url}", args=[entry.pk]))
            assert response.status_code == (200 if place < reads else 404), (url, words)
            if place >= reads:
                for action in ("amend", "void"):
                    refused = levels.clients[actor].get(reverse(f"contacts:{action}_{url}", args=[entry.pk]))
                    assert refused.status_code == (404 if actor != "dsl" else 403), (action, words)


def test_words_of_a_restricted_past_stay_hidden(levels):
    """An entry made general later: what it said while restricted is not shown to those who read it only now."""
    entry = HomeContact.objects.filter(student=levels.mina, notes="Restricted words").first()
    url = reverse("contacts:contact", args=[entry.pk])
    HomeContact.objects.filter(pk=entry.pk).update(level="general", notes="Fit for all")
    assert "Restricted words" in page(levels, "keyworker", url)
    mentors = page(levels, "mentor", url)
    assert "Fit for all" in mentors and "Restricted words" not in mentors


def test_restricted_words_leave_by_no_other_way(levels):
    HomeContact.objects.filter(student=levels.mina).exclude(level="general").update(
        shared=True, shared_summary="Restricted words", member=levels.mina_mum.member, needs_approval=True
    )
    assert "Restricted" not in page(levels, "parent", reverse("portal:family_child", args=[levels.mina.pk]))
    assert "Restricted words" not in page(levels, "student", reverse("portal:my_page"))
    for name in ("portal:oversight", "portal:oversight_csv", "contacts:approvals"):
        html = page(levels, "head", reverse(name))
        assert "Restricted words" not in html and "Safeguarding words" not in html
    facts = school.load()
    kind = KINDS["keeping-in-touch"]
    term = facts.calendar.term("2026-27-autumn")
    told = str(kind.build([levels.mina], term, TODAY, facts))
    assert "words" not in told


def test_court_orders_are_for_the_safeguarding_lead(house):
    url = reverse("students:people", args=[house.mina.pk])
    assert "Non-molestation" in page(house, "dsl", url)
    for actor in ("keyworker", "deputy", "head", "admin", "coordinator", "teacher"):
        html = page(house, actor, url)
        assert "Non-molestation" not in html, actor
    link = FamilyLink.objects.get(member__user=house.u_parent_restricted)
    assert "Non-molestation" not in page(
        house, "admin", reverse("students:family_edit", args=[house.mina.pk, link.pk])
    )


def test_family_details_are_for_the_team(house):
    url = reverse("students:people", args=[house.mina.pk])
    for actor, sees in (
        ("keyworker", True),
        ("mentor", True),
        ("admin", True),
        ("teacher", False),
        ("slt", False),
    ):
        html = page(house, actor, url)
        assert ("07700900123" in html, "Folake" in html) == (sees, sees), actor


# ------------------------------------------------------------------ soft tools: three that few may read

# Every page somebody gets for Mina, and every file.
SHEET_PAGES = sorted(
    name
    for name, row in TABLE.items()
    if 200 in row.get and not name.startswith(("portal:account", "students:import"))
)


FATHERS = "Fathers words"


@pytest.fixture
def other_home(house):
    """The father may follow Mina again: a second household, with a conversation sheet of its own."""
    link = FamilyLink.objects.get(member__user=house.u_parent_restricted)
    FamilyLink.objects.filter(pk=link.pk).update(restricted_until=TODAY - A_DAY)
    forget_relations(house.u_parent_restricted)
    make_sheet(
        house.mina,
        house.u_keyworker,
        Tool.PARENT,
        member=link.member,
        answers={"home-worries": FATHERS},
    )
    yield house
    forget_relations(house.u_parent_restricted)


def words_told(html: str, typed: str = "") -> set[str]:
    """What was typed into a search stands in its box; the whole sentence never does unless it is read."""
    told = {
        words for words in SHEETS if words in html and (words != typed or f"{words} of Harcastle" in html)
    }
    return told | ({FATHERS} if FATHERS in html and typed != FATHERS else set())


def readable(actor: str) -> set[str]:
    found = {words for words, readers in SHEETS.items() if actor in readers}
    if actor == "parent_restricted":  # no longer: a plan for home is for each of them
        found |= {words for words, readers in SHEETS.items() if "parent" in readers} - {"Home words"}
    if actor == "parent_restricted" or ("Home words" in found and actor != "parent"):
        found.add(FATHERS)
    return found


@pytest.mark.parametrize("actor", [
    "keyworker", "keyworker_other", "former", "deputy", "mentor", "teacher", "staff_parent", "head", "slt", "dsl",
    "admin", "parent", "parent_other", "parent_restricted", "student", "student_other",
])  # fmt: skip
def test_searches_reach_sheets_only_of_whom_they_are_for(other_home, actor):
    """Domain 2.4: the circle, a repair, and what one home said. What a page tells unasked, the matrix looks at."""
    house = other_home
    forget_relations(house.users[actor])
    for name in ("students:record", "portal:search", "students:list"):
        url = reverse(name, kwargs=TABLE[name].args(house, house.mina))
        kinds = ("repair", "sheet", "feeling") if name == "students:record" else ()
        for asked in (
            *({"q": words} for words in (*SHEETS, FATHERS)),
            *({"kind": kind} for kind in kinds),
        ):
            answer = ask(house, actor, "get", url, asked)
            html = answer.content_read.decode(errors="replace")
            may = readable(actor) if answer.status_code == 200 else set()
            assert words_told(html, asked.get("q", "")) <= may, (name, asked)


@pytest.mark.parametrize("actor", ["parent", "parent_restricted"])
def test_what_one_home_said_the_other_reads_on_no_page(other_home, actor):
    house = other_home
    forget_relations(house.users[actor])
    for name in SHEET_PAGES:
        answer = ask(house, actor, "get", reverse(name, kwargs=TABLE[name].args(house, house.mina)))
        may = readable(actor) if answer.status_code == 200 else set()
        assert words_told(answer.content_read.decode(errors="replace")) <= may, name


FEW = {"Circle words": "circle", "Repair words": "repair", "Home words": "conversation"}


@pytest.mark.parametrize(("words", "readers"), [(words, SHEETS[words]) for words in FEW])
def test_a_sheet_few_may_read_is_no_page_for_the_others(house, words, readers):
    sheet = getattr(house.of[house.mina.pk], FEW[words])
    for actor in (*sorted(STAFF), "parent", "student", "parent_other"):
        for name in ("tsp:sheet", "tsp:sheet_fill", "tsp:sheet_void", "tsp:sheet_decline"):
            answer = ask(house, actor, "get", reverse(name, args=[sheet.pk]))
            read = words in answer.content_read.decode()
            assert answer.status_code in (200, 403, 404, 409)
            assert not read or actor in readers, (actor, name)
            if actor not in readers or actor in ("parent", "student"):
                assert answer.status_code in (403, 404), (actor, name)
            if name == "tsp:sheet" and actor in readers & STAFF:
                assert read


@pytest.mark.parametrize("actor", sorted(STAFF))
def test_that_there_is_a_circle_map_is_known_to_few(house, actor):
    """It stands on the timeline and among the sheets of those who see it, and its address nowhere else."""
    url = reverse("tsp:sheet", args=[house.of[house.mina.pk].circle.pk])
    shown = []
    for name, asked in (
        ("students:record", {}),
        ("students:record", {"kind": "sheet"}),
        ("students:record", {"q": "circle"}),
        ("tsp:sheets", {}),
    ):
        answer = ask(house, actor, "get", reverse(name, args=[house.mina.pk]), asked)
        shown.append(answer.status_code == 200 and url in answer.content_read.decode())
    sees = actor in SHEETS["Circle words"]
    assert shown == [sees] * 4


# ------------------------------------------------------------------ how somebody feels


def test_a_feeling_reaches_home_when_the_student_says_so_and_no_other_way(house):
    """Not ticked, taken back, or of a day that was not safe: no page of any parent has it."""
    mine = Feeling.objects.filter(pk=house.of[house.mina.pk].feeling.pk)
    paths = [reverse("portal:family"), reverse("portal:family_child", args=[house.mina.pk])]
    paths.append(reverse("home:child", args=[house.mina.pk]))
    for change, seen in (
        ({}, False),
        ({"share_with_home": True, "shared_with": everyone_at_home(house.mina)}, True),
        ({"share_with_home": False, "shared_with": [], "taken_back_at": clock.now()}, False),
        ({"taken_back_at": None, "not_safe": True, "not_safe_at": clock.now()}, False),
    ):
        mine.update(**change)
        for actor in ("parent", "staff_parent", "parent_other", "parent_restricted", "parent_former"):
            for path in paths:
                html = ask(house, actor, "get", path).content_read.decode()
                may = seen and actor in ("parent", "staff_parent")
                assert "Feeling words of Harcastle" not in html or may, (actor, path, change)
                if actor == "parent":
                    assert ("Feeling words of Harcastle" in html) is seen, (path, change)
                assert f"Felt by {OTHER_SURNAME}" not in html or actor == "parent_other"


def test_a_worry_prompts_the_childs_own_keyworkers_only(house):
    for actor in sorted(STAFF):
        html = ask(house, actor, "get", reverse("portal:today")).content_read.decode()
        assert ("Feeling words of Harcastle" in html) is (actor in ("keyworker", "deputy")), actor
        assert (f"Felt by {OTHER_SURNAME}" in html) is (actor == "keyworker_other"), actor


# ------------------------------------------------------------------ lists, files and one's own child


def test_a_file_holds_only_what_the_page_shows(house):
    rows = page(house, "slt", reverse("portal:oversight_csv"), show="everyone")
    assert "Min Harcastle" in rows and OTHER_SURNAME in rows
    assert "Restricted words" not in rows and "Folake" not in rows


@pytest.fixture
def heads_child(house):
    """Mina's aunt is the head, and leads safeguarding, and administers: every role there is."""
    link = FamilyLink.objects.get(member__user=house.u_staff_parent)
    link.member.user = house.u_head
    link.member.save()
    house.u_head.roles = ["staff", "head", "dsl", "senco", "slt", "coordinator", "admin", "family"]
    house.u_head.save()
    yield house
    house.u_head.roles = ["staff", "head"]


def test_ones_own_child_is_in_no_list(heads_child):
    house = heads_child
    contact(house.mina, house.u_keyworker, needs_approval=True, notes="Of the own child")
    contact(house.otto, house.u_keyworker_other, needs_approval=True, notes="Of the other")
    for name in (
        "portal:today",
        "portal:oversight",
        "portal:oversight_csv",
        "portal:assignments",
        "students:list",
        "contacts:approvals",
        "contacts:misses",
        "contacts:misses_csv",
        "portal:silences",
        "portal:silences_csv",
        "reports:list",
    ):
        html = page(house, "head", reverse(name), show="everyone", roll="all")
        assert "Min Harcastle" not in html and "Of the own child" not in html, name
    assert OTHER_SURNAME in page(house, "head", reverse("students:list"))
    assert "Min Harcastle" not in page(house, "head", reverse("portal:search"), q="min")
    batch = page(house, "head", reverse("reports:batch", args=[house.batch.pk]))
    assert OTHER_SURNAME in batch and "Harcastle" not in batch


# The address of a hand-over, or of an absence, names a member of staff; a hand-over itself refuses (the test after).
OF_A_STUDENT = {name for name, row in TABLE.items() if row.other is not None and "head" in row.may_mine}


@pytest.mark.parametrize("name", sorted(OF_A_STUDENT - {"portal:hand_over", "portal:staff_away_remove"}))
def test_no_role_opens_ones_own_child(heads_child, name):
    """Every page of a student that the head opens is shut for their own child, read and write."""
    row = TABLE[name]
    url = reverse(name, kwargs=row.args(heads_child, heads_child.mina))
    for method in ("get", "post"):
        response = ask(heads_child, "head", method, url)
        assert response.status_code in ((404, 405) if 405 in row.get + row.post else (404,)), method


def test_a_caseload_with_ones_own_child_is_not_moved(heads_child):
    house = heads_child
    url = reverse("portal:hand_over", args=[house.u_keyworker.pk])
    assert "Harcastle" not in page(house, "head", url)
    post = house.mina.assignments.get(user=house.u_keyworker, kind="keyworker", ends_on=None)
    asked = {f"to-{post.pk}": house.u_teacher.pk, "starts_on": TODAY + A_DAY, "reason": "staff_absence"}
    answer = house.clients["head"].post(url, asked)
    assert answer.status_code == 422
    assert "You are family of one of" in answer.content.decode()
    house.clients["head"].post(url, {**asked, "do": "make"})
    assert not house.mina.assignments.filter(user=house.u_teacher, kind="keyworker").exists()


def test_a_released_batch_leaves_out_ones_own_child(heads_child):
    house = heads_child
    ContactHold.objects.all().delete()
    url = reverse("reports:release_batch", args=[house.batch.pk])
    listed = house.clients["head"].get(url)
    assert "Harcastle" not in listed.content.decode()
    everyone = [
        f"{one.pk}-{link.member_id}"
        for one in house.batch.reports.all()
        for link in one.student.family_links.all()
    ]
    assert house.clients["head"].post(url, {"to": everyone, "going": len(everyone)}).status_code == 422
    ticked = sorted(listed.context["ticked"])
    house.clients["head"].post(url, {"to": ticked, "going": len(ticked)})
    released = set(house.batch.reports.filter(released_at__isnull=False).values_list("student", flat=True))
    assert released == {house.otto.pk}


# ------------------------------------------------------------------ mail


def overdue(student, keyworker) -> Miss:
    return Miss.objects.create(
        student=student,
        duty="tsp_baseline",
        due_on=TODAY - 30 * A_DAY,
        klass="missed",
        keyworker=keyworker,
        as_of=TODAY,
        detected_at=clock.now(),
    )


def test_digests_go_to_who_is_in_post_today_with_initials(house):
    Miss.objects.update(keyworker_notified_at=clock.now(), head_notified_at=clock.now())
    overdue(house.mina, house.u_former)  # it was the former keyworker's
    notify_of_misses()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "deputy@school.example",  # for the keyworker, who is away today
        "head@school.example",
    ]
    for message in mail.outbox:
        words = message.subject + message.body
        assert "MH" in words
        assert not any(name in words for name in ("Mina", "Min ", "Harcastle", OTHER_SURNAME, "Folake"))


def test_a_head_is_told_nothing_of_their_own_child(heads_child):
    house = heads_child
    Miss.objects.update(keyworker_notified_at=clock.now(), head_notified_at=clock.now())
    miss = overdue(house.mina, house.u_keyworker)
    overdue(house.otto, house.u_keyworker_other)
    notify_of_misses()
    [heads] = [message for message in mail.outbox if message.to == ["head@school.example"]]
    assert "OZ" in heads.body and "MH" not in heads.body
    miss.refresh_from_db()
    assert miss.head_notified_at is not None  # nobody is left to tell


# ------------------------------------------------------------------ named exceptions, through pages

EXCEPTION_PAGES = (
    "students:record",
    "students:people",
    "contacts:log",
    "contacts:log_contact",
    "reports:student",
)


@pytest.mark.parametrize(
    ("codename", "opens"),
    [
        ("view_student", [200, 200, 404, 404, 404]),
        ("view_log", [200, 200, 200, 404, 404]),
        ("cover", [200, 200, 200, 200, 404]),
    ],
)
def test_an_exception_opens_what_it_says(house, codename, opens):
    urls = [reverse(name, args=[house.otto.pk]) for name in EXCEPTION_PAGES]
    teacher = house.clients["teacher"]
    assert {teacher.get(url).status_code for url in urls} == {404}
    given = shared(house.otto, house.u_teacher, codename, house.u_dsl)
    assert [teacher.get(url).status_code for url in urls] == opens
    record, people = page(house, "teacher", f"{urls[0]}?kind=contact"), page(house, "teacher", urls[1])
    assert (f"About {OTHER_SURNAME}" in record) == (codename != "view_student")
    assert "Restricted words" not in record
    assert ("07700900123" in people) == (codename == "cover")
    given.expires_on = TODAY - A_DAY
    given.starts_on = TODAY - 2 * A_DAY
    given.save()
    assert {teacher.get(url).status_code for url in urls} == {404}


@pytest.mark.parametrize("actor", ["parent", "student", "nobody", "inactive", "staff_parent"])
def test_an_exception_opens_nothing_to_family_or_to_a_parent_on_the_staff(house, actor):
    student = house.mina if actor == "staff_parent" else house.otto
    shared(student, house.users[actor], "cover", house.u_dsl)
    for name in EXCEPTION_PAGES:
        assert house.clients[actor].get(reverse(name, args=[student.pk])).status_code in (302, 403, 404)


# ------------------------------------------------------------------ every opening leaves a row


@pytest.mark.parametrize(
    ("actor", "name", "what"),
    [
        ("keyworker", "students:record", "record"),
        ("keyworker", "students:people", "people"),
        ("keyworker", "students:keyworkers", "keyworkers"),
        ("keyworker", "contacts:log", "log"),
        ("keyworker", "contacts:contact", "contact"),
        ("keyworker", "contacts:session", "session"),
        ("keyworker", "reports:student", "reports"),
        ("keyworker", "reports:pdf", "report"),
        ("parent", "reports:family_pdf", "report"),
        ("parent", "portal:family_child", "home"),
        ("student", "portal:my_page", "my page"),
        ("dsl", "students:openings", "openings"),
        ("dsl", "contacts:holds", "holds"),
        ("dsl", "students:restriction", "restriction"),
        ("admin", "students:edit", "details"),
        ("admin", "students:family_edit", "family"),
        ("slt", "portal:oversight_csv", "export"),
    ],
)
def test_an_opening_leaves_a_row_and_a_refusal_none(house, actor, name, what):
    url = reverse(name, kwargs=TABLE[name].args(house, house.mina))
    user = house.users[actor]
    before = RecordOpening.objects.count()
    refused = house.clients["former"].get(url)
    assert refused.status_code in (403, 404) and RecordOpening.objects.count() == before
    answer = house.clients[actor].get(url, {"show": "everyone"})
    assert answer.status_code == 200
    rows = RecordOpening.objects.filter(user_id=user.pk, student_id=house.mina.pk, what=what)
    assert rows.count() == 1
    assert rows[0].user_name == user.name and rows[0].at == clock.now()


# ------------------------------------------------------------------ errors, and pages of the signed-out


def test_errors_carry_no_names(house):
    for actor in ("keyworker", "former", "parent", "student", "nobody"):
        for url in (
            reverse("students:record", args=[house.otto.pk]),
            reverse("students:edit", args=[house.otto.pk]),
            "/no-such-page/",
        ):
            html = house.clients[actor].get(url).content.decode()
            for name in ("Otto", OTHER_SURNAME, "Mina", "Harcastle", "Wanda"):
                assert name not in html


def test_signed_out_pages_name_nobody(house):
    for url in (
        "/accounts/login/",
        f"/accounts/login/?next=/students/{house.mina.pk}/",
        "/accounts/password/reset/",
    ):
        html = house.clients["anonymous"].get(url).content.decode()
        assert "<title>" in html
        for name in ("Mina", "Harcastle", OTHER_SURNAME, "Keyworker Other"):
            assert name not in html
    gone = house.clients["anonymous"].get(reverse("students:record", args=[house.mina.pk]))
    never = house.clients["anonymous"].get(reverse("students:record", args=[999_999]))
    assert (gone.status_code, never.status_code) == (302, 302)
