"""A parent asks for other details: school accepts them by the one action, or says why not; what stood before is kept."""

from __future__ import annotations

import pytest
from django.urls import reverse

from home.models import DetailsProposal
from outbox.models import Job
from students.views.edit import what_stood

pytestmark = pytest.mark.django_db


def test_proposed_accepted_and_refused(world, as_user):
    parent, keyworker, link = as_user(world.u_parent), as_user(world.u_keyworker), world.mina_mum
    there = reverse("home:details", args=[world.mina.pk])
    as_it_is = {"mobile": link.member.mobile, "email": link.member.email, "best_time": "", "language": ""}
    assert parent.post(there, as_it_is).status_code == 422  # nothing is different
    wrong = parent.post(there, {**as_it_is, "mobile": "0770"})
    assert wrong.status_code == 422 and "whole phone number" in wrong.content.decode()
    assert parent.post(there, {**as_it_is, "mobile": "00000 000000"}).status_code == 422, "nobody's number"
    asked = {
        **as_it_is,
        "mobile": "07700900999",
        "language": "Polish",
        "interpreter": "on",
        "preferred_channel": "text",
    }
    assert parent.post(there, {**asked, "mobile": "07700900998"}).status_code == 302
    assert parent.post(there, asked).status_code == 302  # takes the place of the one before
    [row] = DetailsProposal.objects.waiting()
    assert row.fields == {
        "mobile": "07700900999", "preferred_channel": "text", "language": "Polish", "interpreter": True,
    }  # fmt: skip
    waits = " ".join(parent.get(there).text.split())
    assert "Which language do you speak best? Polish" in waits and "when we talk: Yes" in waits
    link.member.refresh_from_db()
    assert link.member.mobile == "07700900123"
    assert "somebody at home has sent new details" in keyworker.get("/today/").content.decode()
    page = reverse("home:proposal", args=[row.pk])
    form = keyworker.get(page).context["form"]
    versions = {name: form[name].value() for name in ("link_version", "member_version")}
    assert keyworker.post(page, {**versions, "do": "refuse"}).status_code == 422
    link.version += 1
    link.save()
    assert keyworker.post(page, {**versions, "do": "accept"}).status_code == 409
    versions["link_version"] += 1
    assert keyworker.post(page, {**versions, "do": "accept"}).status_code == 302
    link.refresh_from_db()
    assert (link.member.mobile, link.language, link.interpreter) == ("07700900999", "Polish", True)
    assert [one.values[0] for one in what_stood(link.member, ["mobile"])] == ["07700900999", "07700900123"]
    assert "It is changed." in parent.get(there).content.decode()
    assert [job.arguments["what"] for job in Job.objects.filter(kind="home.told")] == ["details"]
    for user, status in ((world.u_keyworker_other, 404), (world.u_teacher, 404), (world.u_parent, 403)):
        assert as_user(user).get(page).status_code == status
