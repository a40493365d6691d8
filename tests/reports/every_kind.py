"""One document of every kind that Keywork makes, of one student: from what is in the database, and nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from datetime import date, timedelta
from types import SimpleNamespace

import pgtrigger
import pikepdf
from django.core.files.base import ContentFile
from django.db import connection

from care.models import EhcPlan
from contacts.models import HomeContact, KeyworkSession
from ilsa.models import Answer, Assessment
from keywork import clock, school
from keywork.models import User
from portal import oversight_report
from reports import contact_log, letters, paper_form, printing, profile, rendering
from reports.kinds import KINDS, WRITTEN
from reports.models import EvidencePack, Recipient, Report, WrittenReport
from reports.pack import actions as packs
from reports.pack import content, making
from reports.pack.words import FIELDS
from reports.writing import actions
from students.models import FamilyLink, FamilyMember, Student
from tests import world as cast
from tests.access.records import contact, session
from tests.ilsa.factories import filled, form_of, opened
from tests.tsp.factories import (
    make_goal,
    make_outcome,
    make_point,
    make_review,
    make_score,
    make_sheet,
    rate_all,
)
from tsp.models import Rating, Tool

TERM = "2026-27-autumn"
OTHERS = ("contact-log", "profile", "oversight", "evidence-pack", "independence-form", "cover-letter")
SLUGS = (*KINDS, *OTHERS)


def build(world: SimpleNamespace) -> dict[str, int]:
    """What they are made of; the keys of the rows to begin at."""
    mina, by = world.mina, world.u_keyworker
    _numbers_of_ten_years()
    for number in range(14):
        day = {"happened_on": date(2026, 9, 8) + timedelta(days=4 * number)}
        contact(mina, by, member=world.mina_mum.member, logged_on=day["happened_on"], **day)
        if number % 3 == 0:
            session(mina, by, logged_on=day["happened_on"], **day)
    EhcPlan.objects.filter(student=mina).exists() or make_outcome(mina, by)
    make_point(mina, by, ratings=rate_all(1), finished=True)
    make_review(mina, by, value=3)
    goal = make_goal(mina, by, checker=world.u_senco, student_words="I can go back in.")
    make_score(goal, by, 0, evidence="Seen in art.")
    make_sheet(mina, by, Tool.REGULATION, answers={"triggers": ["the bell"]})
    make_sheet(mina, by, Tool.STRENGTHS, answers={"strengths": ["maps"]})
    opened(world.u_head)
    filled(form_of(mina, "keyworker"), by)
    for kind in WRITTEN.values():
        _written(kind, mina, by)
    pack = packs.begin(
        student=mina,
        starts_on=clock.today() - timedelta(days=90),
        ends_on=clock.today(),
        authority="Aldershire",
        by=world.u_senco,
    )
    facts = {"title": "Speech and language", "author": "A therapist", "dated_on": clock.today(), "advice": ""}
    packs.attach(pack=pack, facts=facts, pdf=ContentFile(_a_page()), by=world.u_senco)
    pack.refresh_from_db()
    packs.write(
        pack=pack,
        words={slug: f"{label}: words." for slug, (label, _) in FIELDS.items()},
        authority="Aldershire",
        version=pack.version,
    )
    return {
        "student": mina.pk,
        "keyworker": by.pk,
        "head": world.u_head.pk,
        "dsl": world.u_dsl.pk,
        "pack": pack.pk,
        "mum": FamilyLink.objects.get(member__user=world.u_parent, student=mina).member_id,
    }


def _numbers_of_ten_years() -> None:
    """The numbers of entries go on at six digits, so that none is wider than its column some day."""
    with connection.cursor() as cursor:
        for model in (HomeContact, KeyworkSession):
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 888888)", [model._meta.db_table])


def _a_page() -> bytes:
    book = pikepdf.new()
    book.add_blank_page(page_size=(300, 500))
    out = io.BytesIO()
    book.save(out, deterministic_id=True)
    return out.getvalue()


def _written(kind, student: Student, by: User) -> None:
    """A line in each section, sent and approved."""
    row = actions.begin(student=student, kind=kind.slug, term=TERM, by=by)
    for section in kind.sections:
        asked = {
            line.pk: "Words of some length." for line in row.lines.filter(section=section.key, recorded="")
        }
        new = ["A line of its own."] if section.asks else []
        actions.write_section(report=row, section=section.key, wanted=actions.Wanted(asked, [], new), by=by)
    row.refresh_from_db()
    _approve(actions.send(report=row, by=by, version=row.version))


def _approve(row: WrittenReport) -> None:
    """Without having it printed."""
    WrittenReport.objects.filter(pk=row.pk).update(state=WrittenReport.State.APPROVED, decided_at=clock.now())


def change(ids: dict[str, int]) -> None:
    """One fact of each kind: a rating, an answer, what was said in a contact, what to read first, an address."""
    student, by = Student.objects.get(pk=ids["student"]), User.objects.get(pk=ids["keyworker"])
    with pgtrigger.ignore():
        rating = Rating.objects.filter(point__student=student, point__kind="review").order_by("pk").first()
        Rating.objects.filter(pk=rating.pk).update(value=1)
        answer = Answer.objects.filter(form__assessment__student=student).order_by("pk").first()
        Answer.objects.filter(pk=answer.pk).update(score=4)
    for row in WrittenReport.objects.filter(student=student):
        WrittenReport.objects.filter(pk=row.pk).update(state=WrittenReport.State.RETURNED, comment="Again.")
        _approve(actions.send(report=row, by=by, version=row.version))
    day = clock.today()
    contact(student, by, member=FamilyMember.objects.get(pk=ids["mum"]), happened_on=day)
    session(student, by, happened_on=day)
    Student.objects.filter(pk=student.pk).update(read_first="Speak softly.", preferred_forename="Minna")
    FamilyMember.objects.filter(pk=ids["mum"]).update(address="2 The Street")


def papers(ids: dict[str, int]) -> dict[str, printing.Paper]:
    """What is printed of each kind, as the database has it now."""
    facts = school.load()
    term, student = facts.calendar.term(TERM), Student.objects.get(pk=ids["student"])
    made = {}
    for kind in KINDS.values():
        page = kind.build([student], term, clock.today(), facts)[student.pk][0]
        made[kind.slug] = printing.Paper(rendering.page(kind.template, page))
    days = [day.isoformat() for day in (term.starts_on, clock.today())]
    made["contact-log"] = contact_log.paper(student.pk, ids["dsl"], *days)
    made["profile"] = profile.paper(student.pk, ids["keyworker"])
    made["oversight"] = oversight_report.paper(ids["head"], TERM)
    pack = EvidencePack.objects.get(pk=ids["pack"])
    rows = packs.rows_of(pack, pack.begun_by)
    said = content.frozen(pack, [one for one in rows if one.chosen], len(rows), facts)
    made["evidence-pack"] = making.paper(said)
    form = Assessment.objects.select_related("student", "round").get(student=student)
    made["independence-form"] = printing.Paper(paper_form.page_of(form, "student", False, facts))
    report = Report(pk=1, student=student, title="Keeping in touch", known_on=clock.today())
    mum = FamilyMember.objects.get(pk=ids["mum"])
    letter = Recipient(pk=1, report=report, member=mum, sent_by=User.objects.get(pk=ids["head"]))
    made["cover-letter"] = printing.Paper(letters.page_of(letters.written_to([letter])))
    return made


def digests(ids: dict[str, int]) -> dict[str, str]:
    found = {}
    for slug, one in papers(ids).items():
        found[slug] = hashlib.sha256(one.made("").content).hexdigest()
        if printing.WORD in one.forms:
            found[f"{slug}.docx"] = hashlib.sha256(one.made(printing.WORD).content).hexdigest()
    return found


def main(ids: str) -> None:
    """For a process of its own."""
    with clock.frozen(cast.TODAY):
        json.dump(digests(json.loads(ids)), sys.stdout)
