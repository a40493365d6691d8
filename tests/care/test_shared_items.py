"""One thing shown to a named person: nothing else, for a time and a reason; that they read it is kept; it ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from care.documents.models import FiledDocument
from care.models import SharedItem
from care.sharing import actions
from contacts.actions.entries import void
from keywork import clock
from keywork.errors import Refused
from keywork.models import RecordOpening
from tests.access.records import contact, document, kept, session
from tests.world import TODAY

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def test_one_plan_for_one_person_until_a_day(world, as_user, mails):
    version = kept(world.mina, world.u_keyworker, "safeguarding")
    url = reverse("care:share", args=[world.mina.pk, "plan", version.pk])
    page, reader = as_user(world.u_keyworker), as_user(world.u_admin)
    given = {
        "user": world.u_admin.pk,
        "reason": "Drives the minibus",
        "until": (TODAY + 3 * A_DAY).isoformat(),
    }
    refused = page.post(url, {**given, "reason": ""})
    assert refused.status_code == 422 and "stays in the log" in refused.content.decode()
    assert page.post(url, {**given, "user": world.u_staff_parent.pk}).status_code == 422, "their own child"
    assert as_user(world.u_head).get(url).status_code == 404, "nobody shows what they cannot read"
    with mails() as box:
        page.post(url, given)
    row = SharedItem.objects.get()
    told = box[0].subject + box[0].body
    assert [mail.to for mail in box] == [[world.u_admin.email]] and reverse(
        "care:shared", args=[row.pk]
    ) in told
    assert not any(words in told for words in ("Min", "Harcastle", "afeguarding", "minibus"))
    assert "shows you something about Min" in reader.get(reverse("portal:today")).content.decode()
    shown = reader.get(reverse("care:shared", args=[row.pk])).content.decode()
    assert "Guarded words of Harcastle" in shown and "Drives the minibus" in shown
    assert "shows you something" not in reader.get(reverse("portal:today")).content.decode()
    row.refresh_from_db()
    assert row.read_at is not None
    assert RecordOpening.objects.filter(user_id=world.u_admin.pk, what="shown to them").exists()
    assert reader.get(reverse("care:kept", args=[world.mina.pk, "safeguarding"])).status_code == 404
    assert as_user(world.u_teacher).get(reverse("care:shared", args=[row.pk])).status_code == 404
    listed = page.get(reverse("care:shared_of", args=[world.mina.pk])).content.decode()
    assert "To Admin" in listed and "Read on" in listed
    assert (
        "Safeguarding"
        not in as_user(world.u_head)
        .get(reverse("care:shared_of", args=[world.mina.pk]))
        .content.decode()
        .split("<main")[1]
    ), "nor reads that there is one"
    page.get(reverse("care:kept", args=[world.mina.pk, "safeguarding"]))
    with clock.frozen(TODAY + 4 * A_DAY):
        assert as_user(world.u_admin).get(reverse("care:shared", args=[row.pk])).status_code == 404
    page.post(reverse("care:shared_end", args=[world.mina.pk, row.pk]))
    assert reader.get(reverse("care:shared", args=[row.pk])).status_code == 404
    with pytest.raises(Refused, match="within three months"):
        actions.share(student=world.mina, what="plan", item_id=version.pk, user=world.u_admin, reason="x",
                      until=TODAY + 200 * A_DAY, by=world.u_keyworker)  # fmt: skip


def test_the_list_of_openings_names_only_what_its_reader_may_know(world, as_user):
    """As of now, of rows that earlier code left as well: it wrote the names that stand here."""
    mina, keyworker = world.mina, world.u_keyworker
    guarded, open_one = document(mina, keyworker), document(mina, keyworker, level="general")
    FiledDocument.objects.filter(pk=guarded.pk).update(title="Injury")
    shown = {
        "plan": ("Safeguarding Support Plan, version 3, on paper", "Individual Health Plan, version 2", "version 5"),
        "export": ("plan-safeguarding-version-3 as a Word file", "plan-health-version-2 as a Word file"),
        "document": ("file of Injury", f"file of {open_one.title}", "Injury at home, as it was called before"),
        "shown to them": ("Safeguarding Support Plan, version 3", "Injury"),
    }  # fmt: skip
    for what, details in shown.items():
        for detail in details:
            RecordOpening.objects.create(
                at=clock.now(),
                user_id=keyworker.pk,
                user_name="K",
                student_id=mina.pk,
                what=what,
                detail=detail,
            )
    kept(mina, keyworker, "safeguarding")
    as_user(keyworker).get(reverse("care:kept", args=[mina.pk, "safeguarding"]))
    as_user(keyworker).get(
        reverse("care:kept_write", args=[mina.pk, "risk"])
    )  # a page that says nothing of itself
    url = reverse("students:openings", args=[mina.pk])
    lists = {one: as_user(world.users[one]).get(url).content.decode() for one in ("head", "dsl")}
    for said in ("Plan: version 3, on paper", "Plan: Individual Health Plan, version 2", "Plan: version 5",
                 "Plan: version 1", "Student: form of a plan", "plan-version-3 as a Word file", "plan-health-version-2", "Shown to them",
                 f"Document: file of {open_one.title}"):  # fmt: skip
        assert said in lists["head"], said
    assert "afeguarding" not in lists["head"].split("<table")[1] and "Injury" not in lists["head"]
    assert "Plan: Safeguarding Support Plan, version 1" in lists["dsl"] and "file of Injury" in lists["dsl"]
    assert "as it was called before" not in lists["dsl"]


def test_a_document_that_is_crossed_out_is_gone(world, as_user):
    row = document(world.mina, world.u_keyworker)
    made = actions.share(student=world.mina, what="document", item_id=row.pk, user=world.u_teacher, reason="Trip",
                         until=TODAY, by=world.u_keyworker)  # fmt: skip
    url = reverse("care:shared", args=[made.pk])
    assert "Read in file Harcastle" in as_user(world.u_teacher).get(url).content.decode()
    type(row).objects.filter(pk=row.pk).update(
        voided_at=clock.now(), voided_by=world.u_keyworker, void_reason="Wrong"
    )
    assert "Read in file" not in as_user(world.u_teacher).get(url).content.decode()
    url = reverse("care:shared_of", args=[world.mina.pk])  # that it was shown stays
    seen = {one: as_user(world.users[one]).get(url).content.decode() for one in ("keyworker", "dsl", "head")}
    assert all("To Teacher" in seen[one] and "Read on" in seen[one] for one in ("keyworker", "dsl"))
    assert "To Teacher" not in seen["head"] and row.title not in "".join(seen.values())


def test_one_entry_of_the_log_for_one_person(world, as_user):
    """Of a restricted session its words; nothing of the next one, and nothing once it is crossed out."""
    row = session(
        world.mina,
        world.u_keyworker,
        notes="Her brother is ill.",
        agreed="Ring on Friday",
        level="restricted",
    )
    session(world.mina, world.u_keyworker, notes="Not for the office.")
    at = reverse("contacts:session", args=[row.pk])
    page, url = as_user(world.u_keyworker), reverse("care:share", args=[world.mina.pk, "session", row.pk])
    assert url in page.get(at).content.decode()
    assert as_user(world.u_head).get(url).status_code == 404, "who leads does not read a restricted one"
    wrong = reverse("care:share", args=[world.mina.pk, "contact", row.pk])
    assert page.get(wrong).status_code == 404
    page.post(url, {"user": world.u_admin.pk, "reason": "Answers the phone", "until": TODAY.isoformat()})
    made = SharedItem.objects.get()
    shown = as_user(world.u_admin).get(reverse("care:shared", args=[made.pk])).content.decode()
    assert "Her brother is ill." in shown and "Ring on Friday" in shown and "Not for the office" not in shown
    assert as_user(world.u_admin).get(at).status_code == 404
    listed = page.get(reverse("care:shared_of", args=[world.mina.pk])).content.decode()
    assert "Keywork session" in listed and "Read on" in listed
    told = contact(world.mina, world.u_keyworker, notes="She will come on Monday.")
    actions.share(student=world.mina, what="contact", item_id=told.pk, user=world.u_admin, reason="Phone",
                  until=TODAY, by=world.u_keyworker)  # fmt: skip
    newest = reverse("care:shared", args=[SharedItem.objects.order_by("-pk")[0].pk])
    assert "She will come on Monday." in as_user(world.u_admin).get(newest).content.decode()
    void(entry=row, by=world.u_keyworker, reason="Another student")
    assert (
        "brother" not in as_user(world.u_admin).get(reverse("care:shared", args=[made.pk])).content.decode()
    )
