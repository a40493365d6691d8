"""One of each kind of record for both students, so that every URL has something to be refused."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import date, time, timedelta
from functools import lru_cache
from types import SimpleNamespace

from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from docx import Document

from care.decisions.known import who_may_know
from care.models import (
    Action,
    AgendaItem,
    Attendee,
    Checklist,
    Decision,
    DecisionReader,
    EhcPlan,
    FiledDocument,
    NeedsAssessment,
    Outcome,
    PartAsked,
    PlanVersion,
    Point,
    Resource,
    Review,
    ReviewChange,
    ReviewPerson,
    SharedItem,
    StudentPlan,
    SupportCycle,
    Tried,
)
from care.models import Meeting as HeldMeeting
from care.plans.kinds import KINDS
from contacts.models import (
    Briefing,
    BriefingReader,
    ContactHold,
    DropInTime,
    HolidayWeek,
    HomeContact,
    HomeLetter,
    IncomingMail,
    KeyworkSession,
    LogAddress,
    MailFile,
    MentoringSlot,
    Miss,
    MissAnswer,
)
from enquiries.models import Enquiry
from home.details import actions as details
from home.messages.actions import write_to_school
from home.models import Appointment, OfferedTime
from ilsa.templates import FORM as ILSA_FORM
from keywork import clock
from keywork.levels import Level
from keywork.models import Assignment, Closure, InsetDay, SavedFilter, StaffAbsence
from keywork.outside import digest
from reports.models import (
    AuthorityFilling,
    AuthorityForm,
    Batch,
    EvidencePack,
    OutsideCopy,
    PackDocument,
    Recipient,
    Report,
    ReportComment,
    StudentFile,
    WrittenReport,
)
from reports.pack.actions import begin as begin_pack
from reports.writing.actions import Wanted, write_section
from reports.writing.actions import begin as begin_report
from safety.actions.worries import open_worry
from students.actions import imports, weekly
from students.models import (
    Absence,
    Attendance,
    ChangeRequest,
    FamilyLink,
    HandOverNote,
    MadeKnown,
    OwnChoice,
    OwnChoiceAtHome,
    Points,
    SignInCard,
    StudentAccess,
)
from tests import world as cast
from tests.ilsa.factories import filled as fill_form
from tests.ilsa.factories import form_of
from tests.ilsa.factories import opened as open_round
from tests.kept import Kept
from tests.tsp.factories import (
    area_of,
    make_ask,
    make_evidence,
    make_feeling,
    make_goal,
    make_point,
    make_score,
    make_sheet,
    rate_all,
)
from tsp.models import Attachment, Tool
from tsp.questions.proposals import propose
from tsp.questions.templates import FORM as TSP_FORM

PDF = b"%PDF-1.7 of nobody in particular"
BOOK = base64.b64decode(  # a PDF of one empty page
    "JVBERi0xLjMKJb/3ov4KMSAwIG9iago8PCAvUGFnZXMgMiAwIFIgL1R5cGUgL0NhdGFsb2cgPj4KZW5kb2JqCjIgMCBvYmoKPDwg"
    "L0NvdW50IDEgL0tpZHMgWyAzIDAgUiBdIC9UeXBlIC9QYWdlcyA+PgplbmRvYmoKMyAwIG9iago8PCAvQ29udGVudHMgNCAwIFIg"
    "L01lZGlhQm94IFsgMCAwIDIwMCAyMDAgXSAvUGFyZW50IDIgMCBSIC9SZXNvdXJjZXMgPDwgPj4gL1R5cGUgL1BhZ2UgPj4KZW5k"
    "b2JqCjQgMCBvYmoKPDwgL0xlbmd0aCAwIC9GaWx0ZXIgL0ZsYXRlRGVjb2RlID4+CnN0cmVhbQoKZW5kc3RyZWFtCmVuZG9iagp4"
    "cmVmCjAgNQowMDAwMDAwMDAwIDY1NTM1IGYgCjAwMDAwMDAwMTUgMDAwMDAgbiAKMDAwMDAwMDA2NCAwMDAwMCBuIAowMDAwMDAw"
    "MTIzIDAwMDAwIG4gCjAwMDAwMDAyMjkgMDAwMDAgbiAKdHJhaWxlciA8PCAvUm9vdCAxIDAgUiAvU2l6ZSA1IC9JRCBbPGVhMzlm"
    "ZGZhZmY2NmJmNzE1NTQ0ODU3NDUzMDVlZWMwPjxlYTM5ZmRmYWZmNjZiZjcxNTU0NDg1NzQ1MzA1ZWVjMD5dID4+CnN0YXJ0eHJl"
    "ZgoyOTkKJSVFT0YK"
)
PNG = b"\x89PNG\r\n\x1a\n"
CSV = b"MIS number,Surname,Forename,Date of birth,Year group,Date of entry\n41,Ashdown,Ida,2013-05-17,9,2024-09-03\n"
COLUMNS = ["mis_id", "legal_surname", "legal_forename", "dob", "nc_year", "entry_date"]


def contact(student, by, **fields) -> HomeContact:
    today = clock.today()
    return HomeContact.objects.create(
        student=student,
        **{
            "happened_on": today,
            "happened_time": time(10, 42),
            "channel": "phone",
            "reached": "spoke",
            "outcome": "two_way",
            "with_name": "Home",
            "person_marked": True,
            "topics": ["going_well"],
            "notes": f"About {student.surname}.",
            "made_by": by,
            "logged_by": by,
            "logged_at": clock.now(),
            "logged_on": today,
            **fields,
        },
    )


def check_up(student, by, teacher) -> Enquiry:
    """Something told by a teacher, in a round that is open."""
    return Enquiry.objects.create(
        kind="contacts.check_up",
        student=student,
        user=teacher,
        period=clock.today().isoformat(),
        asked_by=by,
        asked_at=clock.now(),
        answer_by=clock.today() + timedelta(days=6),
        answered_at=clock.now(),
        answers={"how": "issue", "words": f"{student.surname} sat alone."},
    )


def incoming_mail(student, by) -> IncomingMail:
    """A message that waits to be put in the log."""
    return IncomingMail.objects.create(
        key=f"message about {student.pk}",
        received_at=clock.now(),
        student=student,
        sender=by,
        sent_on=clock.today(),
        subject=f"About {student.surname}",
        words=f"{student.surname} had a good week.",
        state="waiting",
    )


def home_letter(student, by, link) -> HomeLetter:
    return HomeLetter.objects.create(
        student=student,
        member=link.member,
        with_name=link.label,
        words=f"A good week for {student.surname}.",
        written_by=by,
        written_at=clock.now(),
    )


def session(student, by, **fields) -> KeyworkSession:
    today = clock.today()
    return KeyworkSession.objects.create(
        student=student,
        **{
            "happened_on": today,
            "status": "held",
            "topics": ["attendance"],
            "notes": f"With {student.known_as}.",
            "made_by": by,
            "logged_by": by,
            "logged_at": clock.now(),
            "logged_on": today,
            **fields,
        },
    )


def order(by, *, whole_school: bool = False) -> Batch:
    return Batch.objects.create(
        kind="keeping-in-touch",
        term="2026-27-autumn",
        known_on=clock.today(),
        total=1,
        whole_school=whole_school,
        created_by=by,
        created_at=clock.now(),
    )


def written(student, by) -> WrittenReport:
    """A report for home with a line of its own."""
    made = begin_report(student=student, kind="tsp-termly", term="2026-27-autumn", by=by)
    write_section(
        report=made, section="at-home", wanted=Wanted({}, [], [f"Read with {student.known_as}."]), by=by
    )
    return made


def whole_file(student, by) -> StudentFile:
    made = StudentFile(
        student=student,
        reason="Asked for.",
        ordered_by=by,
        ordered_at=clock.now(),
        made_at=clock.now(),
        sha256=hashlib.sha256(b"PK").hexdigest(),
    )
    made.archive.save("file.zip", ContentFile(b"PK"))
    return made


def authority_form(by) -> AuthorityForm:
    """One with places for outcomes and for what is typed, and one place whose name is no field."""
    content = short_form(
        "{{ student.name }} {{ student.veiws }}", "{{ views.student }}", "{{ review.kind.annual.box }}"
    )
    return AuthorityForm.objects.create(
        authority="Aldershire",
        name="Annual review",
        year="2026-27",
        file=ContentFile(content, name="form.docx"),
        sha256=hashlib.sha256(content).hexdigest(),
        uses=["student.name", "views.student", "review.kind"],
        unknown=[{"said": "student.veiws", "place": "paragraph 1", "rows": ""}],
        settled={"student.veiws": ""},
        uploaded_by=by,
        uploaded_at=clock.now(),
    )


@lru_cache
def short_form(*lines: str) -> bytes:
    """A Word file of these paragraphs."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pack(student, by, *, made: bool = False) -> EvidencePack:
    """Being put together, or ordered and made; the text of its cover names the student."""
    row = begin_pack(
        student=student,
        starts_on=clock.today() - timedelta(days=300),
        ends_on=clock.today(),
        authority=f"{student.surname}shire",
        by=by,
    )
    if made:
        row.ordered_by, row.ordered_at, row.made_at = by, clock.now(), clock.now()
        row.sha256, row.pages = hashlib.sha256(PDF).hexdigest(), 1
        row.pdf.save("pack.pdf", ContentFile(PDF))
    return row


def pack_document(of: EvidencePack, by) -> PackDocument:
    row = PackDocument(
        pack=of,
        title=f"Report about {of.student.surname}",
        author="Dr Hana Pollard-Mensah",
        dated_on=clock.today(),
        sha256=hashlib.sha256(BOOK).hexdigest(),
        pages=1,
        added_by=by,
        added_at=clock.now(),
    )
    row.file.save("report.pdf", ContentFile(BOOK))
    return row


def report(student, batch, *, released: bool, **fields) -> Report:
    """A made report; released to everyone of the family who ever had a link, the shut-out ones too, but not the aunt."""
    made = Report.objects.create(
        batch=batch,
        student=student,
        kind=batch.kind,
        term=batch.term,
        title=f"{student.known_as}: keeping in touch",
        known_on=batch.known_on,
        pages=1,
        sha256=hashlib.sha256(PDF).hexdigest(),
        rendered_at=clock.now(),
        **fields,
    )
    made.pdf.save("keeping.pdf", ContentFile(PDF))
    if released:
        made.released_at = clock.now()  # from here on the file is final
        made.save(update_fields=["released_at"])
        Recipient.objects.bulk_create(
            Recipient(report=made, member_id=link.member_id, sent_at=clock.now())
            for link in FamilyLink.objects.filter(student=student).exclude(relationship="aunt")
        )
    return made


def outside_copy(of: Report, by) -> OutsideCopy:
    """Of a released report, for somebody outside: sent, and not opened."""
    now = clock.now()
    return OutsideCopy.objects.create(
        report=of,
        name="Orla Fenwick",
        role=f"Officer for {of.student.surname}",
        email="orla@authority.example",
        days=14,
        added_at=now,
        added_by=by,
        sent_at=now,
        sent_by=by,
        works_until=clock.today() + timedelta(days=14),
        expires_at=now + timedelta(days=14),
        link_digest=digest(f"copy of {of.pk}"),
        code_digest="sealed",
    )


def plan(student, by, **fields) -> EhcPlan:
    """A plan in force, with its document and no outcome."""
    made = EhcPlan(
        student=student,
        **{
            "number": 1,
            "la_reference": f"LA-{student.surname}",
            "issued_on": clock.today() - timedelta(days=200),
            "next_review_on": clock.today() + timedelta(days=165),
            "created_by": by,
            "created_at": clock.now(),
            **fields,
        },
    )
    made.pdf.save("plan.pdf", ContentFile(PDF), save=False)
    made.save()
    return made


def decision(student, by) -> Decision:
    """Shared with everybody at home who may know, and with the student."""
    made = Decision.objects.create(
        student=student,
        what=f"{student.surname} goes to the small group.",
        why="Maths is too loud.",
        decided_by="The core group",
        from_on=clock.today(),
        asks="answer",
        answer_by=clock.today(),
        announced_by=by,
        announced_at=clock.now(),
    )
    for member in [*who_may_know(student).values_list("member", flat=True), None]:
        DecisionReader.objects.create(decision=made, member_id=member)
    return made


def held_meeting(student, by, w) -> HeldMeeting:
    """Of today, with the teacher of Mina, who has something to do."""
    told = {"made_by": by, "made_at": clock.now(), "student": student}
    made = HeldMeeting.objects.create(
        kind="core-group",
        on=clock.today(),
        place=f"Room of {student.surname}",
        summary=f"We talked about {student.surname}.",
        summary_for=list(who_may_know(student).values_list("member", flat=True)),
        summary_at=clock.now(),
        **told,
    )
    AgendaItem.objects.create(
        meeting=made, place=1, title="How it goes", said=f"{student.surname} is late for maths."
    )
    who = w.u_teacher if student == w.mina else by
    Attendee.objects.create(meeting=made, user=who)
    Attendee.objects.create(meeting=made, is_student=True)
    Action.objects.create(
        meeting=made,
        what=f"Ring the bus company about {student.surname}",
        owner=who,
        due_on=clock.today(),
        first_due_on=clock.today(),
        **told,
    )
    return made


def outcome(of: EhcPlan, **fields) -> Outcome:
    return Outcome.objects.create(
        plan=of,
        **{
            "number": 1,
            "text": f"{of.student.name} asks for help when a task is hard.",
            "area_of_need": "communication_interaction",
            "pfa": ["independent_living"],
            **fields,
        },
    )


def review(of: EhcPlan, by, **fields) -> Review:
    """A review with a date in four weeks."""
    return Review.objects.create(
        student=of.student,
        plan=of,
        **{
            "meets_at": clock.now() + timedelta(days=28),
            "place": f"Room of {of.student.surname}",
            "created_by": by,
            "created_at": clock.now(),
            **fields,
        },
    )


def review_person(of: Review, by, **fields) -> ReviewPerson:
    """Somebody outside, invited and asked for advice by letter."""
    today = clock.today()
    return ReviewPerson.objects.create(
        review=of,
        **{
            "role": "health",
            "name": "Dr Ines Abara" if not {"user", "member"} & set(fields) else "",
            "post": f"Nurse of {of.student.surname}",
            "invited_on": today,
            "advice_by": today + timedelta(days=10),
            "advice_asked_on": today,
            "added_by": by,
            "added_at": clock.now(),
            **fields,
        },
    )


def add_review(theirs: SimpleNamespace, student, by) -> None:
    """A review with a part and a change; a cycle of support, and a request before there was a plan."""
    today, words = clock.today(), f"About {student.surname}"
    made = {"created_by": by, "created_at": clock.now()}
    theirs.review = review(theirs.outcome.plan, by, talk_said={"ihp_updates": words}, papers_on=today)
    theirs.review_person = review_person(theirs.review, by, advice_progress=words)
    mum = FamilyLink.objects.filter(student=student, member__user__isnull=False).order_by("pk").first()
    theirs.review_at_home = review_person(
        theirs.review, by, role="parent", member=mum.member, advice_by=None, advice_asked_on=None
    )
    theirs.review_change = ReviewChange.objects.create(
        review=theirs.review, section="E", words=words, asked_by="Home", asked_on=today, **made
    )
    theirs.cycle = SupportCycle.objects.create(
        student=student,
        number=1,
        starts_on=today,
        review_on=today + timedelta(days=60),
        assess=words,
        aim=words,
        **made,
    )
    theirs.assessment = NeedsAssessment.objects.create(
        student=student, requested_on=today, requested_by="school", needs=words, **made
    )


# By kind, how the words of its plan begin: who reads them on any page stands in stage.SHEETS.
KEPT_WORDS = {"safeguarding": "Guarded", "risk": "Risk", "health": "Health", "profile": "Profile"}


def document(student, by, level=Level.RESTRICTED) -> FiledDocument:
    # Worded apart: a search of one's own page finds it, where a sweep looks for Mina's alone.
    said = "Read in file" if student.legal_forename == "Mina" else "Stands in file"
    row = FiledDocument(
        student=student, kind="agency", title=f"Filed words of {student.surname}", author="Dr Pollard", level=level,
        dated_on=clock.today(), content_type="application/pdf", reading="read", text=f"{said} {student.surname}",
        filed_by=by, filed_at=clock.now(),
    )  # fmt: skip
    row.file.save("document.pdf", ContentFile(PDF))
    return row


def kept(student, by, kind: str) -> PlanVersion:
    """A plan of a kind that the keyworker keeps, in its first version; nobody is asked."""
    said = KEPT_WORDS[kind]
    plan = StudentPlan.objects.create(student=student, kind=kind, begun_at=clock.now(), begun_by=by)
    return PlanVersion.objects.create(
        plan=plan,
        number=1,
        words={KINDS[kind].sections[0].key: f"{said} words of {student.surname}"},
        why=f"{said} reason of {student.surname}",
        review_by=clock.today() + timedelta(days=60),
        read_by=clock.today() + timedelta(days=7),
        written_by=by,
        written_at=clock.now(),
        written_on=clock.today(),
    )


def shared(student, user, codename: str, by, *, until=None) -> StudentAccess:
    today = clock.today()
    return StudentAccess.objects.create(
        content_object=student,
        user=user,
        permission=Permission.objects.get(codename=codename, content_type__app_label="students"),
        reason="Covers on Mondays",
        granted_by=by,
        starts_on=min(today, until or today),
        expires_on=until or today,
    )


def add_sheets(theirs: SimpleNamespace, student, by) -> None:
    """A voice sheet the student lets home see, with a drawing; one that is begun; one of each that few may read."""
    words = f"{student.surname} likes the garden."
    theirs.sheet = make_sheet(
        student, by, Tool.VOICE, wording="staff", share_with_home=True, answers={"going-well": words}
    )
    theirs.sheet_begun = make_sheet(student, by, Tool.STRENGTHS, done=False, answers={"strengths": [words]})
    theirs.drawing = Attachment(
        sheet=theirs.sheet,
        field="going-well",
        kind="picture",
        content_type="image/png",
        added_by=by,
        added_at=clock.now(),
    )
    theirs.drawing.file.save("drawing.png", ContentFile(PNG))
    theirs.map = make_sheet(student, by, Tool.REGULATION)
    theirs.circle = make_sheet(
        student, by, Tool.CIRCLE, wording="staff", answers={"more-of": f"Circle words of {student.surname}"}
    )
    theirs.conversation = make_sheet(
        student,
        by,
        Tool.PARENT,
        member=theirs.link.member,
        answers={"home-worries": f"Home words of {student.surname}"},
    )
    theirs.observation = make_sheet(student, by, Tool.OBSERVATION)
    theirs.repair = make_sheet(
        student,
        by,
        Tool.RESTORATIVE,
        answers={
            "what-happened": f"Repair words of {student.surname}",
            "agreed": [{"what": f"Repair agreed by {student.surname}", "who": "Mo", "by": "2026-09-07"}],
        },
    )


def add_one_of_each(w: SimpleNamespace) -> None:
    """`w.of[student.pk]` holds the records of Mina and of Otto; `w.batch` what is about no student."""
    today, now = clock.today(), clock.now()
    w.of = {}
    for student, by in ((w.mina, w.u_keyworker), (w.otto, w.u_keyworker_other)):
        student.photo.save(f"{student.pk}.png", ContentFile(PNG))
        mine = order(by)
        w.of[student.pk] = SimpleNamespace(
            contact=contact(student, by, shared=True, shared_summary="We spoke today."),
            restricted=contact(student, by, level=Level.RESTRICTED, notes="Restricted words"),
            safeguarding=contact(student, by, level=Level.SAFEGUARDING, notes="Safeguarding words"),
            late_contact=contact(student, by, needs_approval=True),
            session=session(student, by),
            late_session=session(student, by, needs_approval=True),
            hold=ContactHold.objects.create(
                student=student,
                starts_on=today,
                ends_on=today,
                reason="Asked by family",
                placed_by=w.u_dsl,
                placed_at=now,
            ),
            miss=Miss.objects.create(
                student=student,
                duty="contact",
                due_on=today,
                klass="missed",
                keyworker=by,
                as_of=today,
                detected_at=now,
            ),
            link=w.mina_mum if student == w.mina else w.otto_mum,
            assignment=student.assignments.filter(kind="keyworker").last(),
            kept={kind: kept(student, by, kind) for kind in KEPT_WORDS},
            document=document(student, by),
            resource=Resource.objects.create(
                student=student,
                what="Yellow overlay",
                note=f"Given words of {student.surname}",
                given_on=today,
                by=by,
                at=now,
            ),
            tried=Tried.objects.create(
                student=student,
                what=f"Tried words of {student.surname}",
                happened="It went well.",
                helped="yes",
                on=today,
                by=by,
                at=now,
            ),
            planned=Assignment.objects.create(
                student=student, user=w.u_senco, kind="core", starts_on=today + timedelta(days=7)
            ),
            absence=Absence.objects.create(student=student, starts_on=today, ends_on=today, recorded_by=by),
            attendance=Attendance.objects.create(
                student=student,
                starts_on=today - timedelta(days=11),
                ends_on=today - timedelta(days=7),
                source="Register",
                possible=10,
                attended=9,
                authorised=1,
            ),
            slot=MentoringSlot.objects.create(
                student=student,
                mentor=by,
                on=today,
                at=time(10, 40),
                minutes=20,
                where="Library",
                focus=f"What {student.surname} finds hard in maths.",
                planned_by=by,
                planned_at=now,
            ),
            drop_in_time=DropInTime.objects.create(
                user=by, weekday=0, time="lunch", where="Library", created_at=now
            ),
            briefing=_briefing(student, by, now),
            points=Points.objects.create(
                student=student,
                starts_on=today - timedelta(days=11),
                ends_on=today - timedelta(days=7),
                source="Register",
                achievement=5,
            ),
            outcome=outcome(plan(student, by)),
            decision=decision(student, by),
            held_meeting=held_meeting(student, by, w),
            change_request=ChangeRequest.objects.create(
                student=student,
                words=f"{student.surname} wants somebody else.",
                asked_by=student.user,
                asked_at=clock.now(),
            ),
            hand_over=HandOverNote.objects.create(
                student=student,
                words=f"{student.surname} likes trains.",
                written_by=w.u_head,
                written_at=clock.now(),
            ),
            card=SignInCard.objects.create(
                student=student, username=student.known_as.lower(), made_by=by, made_at=clock.now()
            ),
            own_choice=OwnChoice.objects.create(
                student=student,
                decided_on=today,
                words=f"{student.surname} asks to be asked.",
                recorded_by=by,
                recorded_at=now,
            ),
            made_known=MadeKnown.objects.create(
                student=student,
                keyworker=by,
                starts_on=today,
                notified=w.u_head,
                notified_as="team",
                notified_at=now,
            ),
            away=StaffAbsence.objects.create(user=by, starts_on=today, ends_on=today),
            access=shared(student, w.u_nobody, "view_log", w.u_dsl),  # no staff: it opens nothing
            batch=mine,
            report=report(student, mine, released=False),
            released=report(student, order(w.u_head), released=True),
            whole_file=whole_file(student, w.u_dsl),
            written=written(student, by),
            pack_made=pack(student, w.u_senco, made=True),
            pack=pack(student, w.u_senco),
            ask=make_ask(student, by, by),
            ask_outside=make_ask(student, by),
            check_up=check_up(student, by, w.u_teacher),
            mail=incoming_mail(student, by),
        )
        theirs = w.of[student.pk]
        MissAnswer.objects.create(
            miss=theirs.miss, reason=f"{student.surname} was ill.", given_by=by, given_at=clock.now()
        )
        add_meetings(theirs, student, by, now)
        OwnChoiceAtHome.objects.create(choice=theirs.own_choice, link=theirs.link, sees="all")
        theirs.shown = SharedItem.objects.create(
            student=student, what="plan", item_id=theirs.kept["safeguarding"].pk, user=w.u_admin,
            reason="Drives the minibus.", until=today, shared_by=by, shared_at=now, shared_on=today,
        )  # fmt: skip
        theirs.comment = ReportComment.objects.create(
            report=theirs.released,
            member=theirs.link.member,
            words=f"Said at home about {student.surname}.",
            said_at=now,
        )
        theirs.checklist = Checklist.objects.create(
            student=student,
            slug="induction",
            number=1,
            name="Induction",
            led_by="head",
            anchor_on=today,
            counts_from=today,
            started_at=now,
            started_by=by,
        )
        theirs.list_point = Point.objects.create(
            checklist=theirs.checklist,
            place=1,
            what=f"{student.surname} is shown round",
            role="keyworker",
            due_on=today,
        )
        theirs.action = theirs.held_meeting.actions.get()
        theirs.decision_reader = theirs.decision.readers.get(member__isnull=True)
        theirs.decision.readers.filter(member__isnull=True).update(
            answer="question", words=f"Why me, says {student.surname}", answered_by=by, answered_at=now
        )
        theirs.follow_up = make_ask(
            student,
            by,
            w.u_head,
            kind="contacts.follow_contact",
            period=str(theirs.contact.pk),
            question=f"Ring {student.surname} back.",
        )
        theirs.outside_copy = outside_copy(theirs.released, w.u_coordinator)
        theirs.pack_document = pack_document(theirs.pack, w.u_senco)
        theirs.mail_file = MailFile(mail=theirs.mail, name=f"{student.surname}.png", content_type="image/png")
        theirs.mail_file.file.save("mail.png", ContentFile(PNG))
        theirs.letter = home_letter(student, by, theirs.link)
        theirs.log_address = LogAddress.objects.create(
            student=student, local=f"log-{student.pk}", made_at=now, made_by=by
        )
        add_review(theirs, student, by)
        theirs.outcome_free = outcome(theirs.outcome.plan, number=2)
        words = f"{student.surname} wants to stay in maths."
        theirs.goal = make_goal(
            student, by, checker=w.u_senco, student_words=words, outcomes=[theirs.outcome]
        )
        theirs.goal_asked = make_goal(student, by, asked=True, student_words=words)
        theirs.point = make_point(
            student,
            by,
            ratings=area_of("flexibility", 3),
            narratives={"summary": f"{student.surname} settled in."},
        )
        theirs.example = make_evidence(
            theirs.point, by, "flex-planned-change", words=f"Seen by {student.surname}’s team."
        )
        theirs.point_done = make_point(
            student, by, term="2025-26-summer", kind="review", ratings=rate_all(2), finished=True
        )
        theirs.goal_score = make_score(theirs.goal, by, 0, evidence=f"Seen by {student.surname}’s team.")
        add_sheets(theirs, student, by)
        theirs.part_asked = PartAsked.objects.create(
            student=student, repair_id=theirs.repair.pk, happened_on=today, whom="Sam", due_on=today,
            asked=w.u_keyworker_other if by == w.u_keyworker else w.u_keyworker, asked_by=by, asked_at=now,
        )  # fmt: skip
        # Worded apart: each stands on pages of one's own, where a sweep looks for Mina's alone.
        said = "Feeling words of" if student == w.mina else "Felt by"
        theirs.feeling = make_feeling(student, "worried", words=f"{said} {student.surname}.")
        said = "Worry words of" if student == w.mina else "Feared by"
        theirs.worry = open_worry(
            by=student.user, student=student, source="page", words=f"{said} {student.surname}."
        )
    day = date(2027, 6, 30)
    w.kept_filter = SavedFilter.objects.create(
        user=w.u_head, page="oversight", name="Day", query="placement=day"
    )
    w.closure = Closure.objects.create(starts_on=day, ends_on=day)
    w.inset = InsetDay.objects.create(day=date(2027, 6, 29))
    w.ilsa_round = open_round(w.u_head)
    for student, by in ((w.mina, w.u_student), (w.otto, w.u_student_other)):
        w.of[student.pk].ilsa_form = form_of(student, "keyworker")
        fill_form(form_of(student, "pupil"), by, other={"pc-wash": 4})
    w.batch = order(w.u_head, whole_school=True)
    for student in (w.mina, w.otto):
        report(student, w.batch, released=False)
    w.authority_form = authority_form(w.u_coordinator)
    for student, by in ((w.mina, w.u_keyworker), (w.otto, w.u_keyworker_other)):
        AuthorityFilling.objects.create(
            student=student,
            form=w.authority_form,
            answers={"views.student": f"{student.surname} likes cooking."},
            saved_by=by,
            saved_at=clock.now(),
        )
    w.tsp_draft = TSP_FORM.start(by=w.u_coordinator)
    w.ilsa_draft = ILSA_FORM.start(by=w.u_coordinator)
    w.tsp_proposal = propose(by=w.u_teacher, text="Say “at break” too.", reason="It happens there.")
    w.importing = {name: _import(w.u_admin, name) for name in ("preview", "columns", "cancel", "done")}
    w.importing["weeks"] = weekly.take_in(
        file=ContentFile(b"UPN,Week beginning,Possible,Present\nX,2026-11-16,10,9\n", "weeks.csv"),
        source="Register", week=None, by=w.u_admin,
    )  # fmt: skip


def add_meetings(theirs, student, by, now) -> None:
    """A time that is offered, a meeting to be written down, a chat that waits, and a message."""
    theirs.offered_time = OfferedTime.objects.create(
        user=by, starts_at=now + timedelta(days=2), minutes=30, how="school", where="Library", offered_at=now
    )
    asked = {"student": student, "user": by, "asked_at": now - timedelta(days=3)}
    asked["asked_on"] = asked["asked_at"].date()
    theirs.appointment = Appointment.objects.create(
        **asked,
        member=theirs.link.member,
        asked_by=theirs.link.member.user,
        words=f"Asked by the home of {student.surname}.",
        starts_at=now - timedelta(days=1),
        minutes=30,
        how="school",
        settled_at=now - timedelta(days=2),
    )
    said = "Chat words of" if student.legal_forename == "Mina" else "Chatted by"
    theirs.chat = Appointment.objects.create(
        **asked, asked_by=student.user, words=f"{said} {student.surname}."
    )
    theirs.proposal = details.propose(
        by=theirs.link.member.user,
        link=theirs.link,
        fields={"best_time": f"When {student.surname} sleeps."},
    )
    theirs.message = write_to_school(
        by=theirs.link.member.user,
        student=student,
        member=theirs.link.member,
        words=f"Written by the home of {student.surname}.",
    )


def build() -> SimpleNamespace:
    """The cast, and one of each record."""
    made = cast.build()
    add_one_of_each(made)
    return made


KEPT = Kept(build)


def _briefing(student, by, now):
    """Of the summer, read by nobody yet; and who covered a week of it."""
    first, last = date(2026, 7, 21), date(2026, 9, 6)
    HolidayWeek.objects.create(
        student=student,
        starts_on=first,
        ends_on=date(2026, 7, 26),
        covered_by=by,
        entered_by=by,
        entered_at=now,
    )
    words = f"{student.surname} was with an aunt."
    made = Briefing.objects.create(
        student=student, closed_from=first, closed_to=last, words=words, sent_by=by, sent_at=now
    )
    BriefingReader.objects.create(briefing=made, user=by)
    return made


def _import(by, name: str):
    batch = imports.take_in(file=ContentFile(CSV, "people.csv"), by=by)
    imports.preview(batch=batch, chosen=COLUMNS, by=by)
    if name == "done":
        imports.carry_out(batch=batch, by=by)
    batch.refresh_from_db()
    return batch
