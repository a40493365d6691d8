"""One day of a test school under each of the three presets, through its pages: what runs, and in whose words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.html import strip_tags

from contacts.actions.misses import record_misses
from contacts.digests import notify_of_misses
from contacts.models import HomeContact, Miss
from keywork import school
from keywork.actions.school import set_rule
from keywork.models import PolicyVersion
from reports import rendering
from reports.kinds import KINDS
from tests.policies import set_policy
from tests.reading import as_read
from tests.world import TODAY, assign, make_student

DAY = timedelta(days=1)


class Preset(NamedTuple):
    """What one preset does on a day, written by hand."""

    counts: tuple[str, str]  # a way that counts, and how the parent or carer was reached by it
    kept: str  # a way that is written down and counts for nothing
    home: tuple[str, str]  # Oversight of a home never reached in five weeks: the state and its reason
    session: tuple[str, str]  # and of the session
    independence: str
    missed: Collection[str]  # duties, by the nightly job
    on_paper: str
    says: Collection[str]  # on pages that staff read, in the school's words
    at_home: str  # and on the parent's


PRESETS = {
    "breckenbrough": Preset(
        ("phone", "spoke"),
        "postcard",
        ("21 days over", "The school’s rule is every 14 days, so it was due Monday 2 November."),
        ("Not started", "a session on attendance, engagement and social progress in each half-term."),
        "By 26 July 2027",
        {"home_contact", "tsp_baseline"},
        "twice: 1 by phone call and 1 by postcard.",
        ("students on roll", "Without a keyworker", "All keyworkers"),
        "keyworker",
    ),
    "ies-breckland": Preset(
        ("email", "replied"),
        "planner",
        ("Not required", "The school’s policy sets no time for home contacts."),
        ("Not required", "one to two a week: advice, so nothing falls due by a date."),
        "Not required",
        {"tsp_baseline"},
        "twice: 1 by e-mail and 1 by planner.",
        ("students on roll", "Without a Key Worker", "All Key Workers"),
        "Key Worker",
    ),
    "colton-hills": Preset(
        ("postcard", "message"),
        "text",
        ("Not required", "The school’s policy sets no time for home contacts."),
        ("Not required", "The school’s policy sets no session to be held by a date."),
        "Not required",
        {"tsp_baseline"},
        "twice: 1 by postcard and 1 by text.",
        ("pupils on roll", "Without a key worker", "All key workers"),
        "key worker",
    ),
}


@pytest.mark.parametrize("slug", PRESETS)
def test_a_day(world, as_user, spoke, met, slug):
    preset = PRESETS[slug]
    began = PolicyVersion.objects.order_by("effective_on").first().effective_on
    PolicyVersion.objects.all().delete()
    set_policy(effective_on=began, preset=slug, by=None)
    silent = make_student("Sid", "Silent", joined_on=TODAY - 35 * DAY, sen_status="E")
    assign(silent, world.u_keyworker, start=TODAY - 35 * DAY)
    keyworker, head, parent = (as_user(one) for one in (world.u_keyworker, world.u_head, world.u_parent))

    contact_url = reverse("contacts:log_contact", args=[world.mina.pk])
    for channel, reached in (preset.counts, (preset.kept, "message")):
        typed = spoke(channel=channel, reached=reached, share="on")
        assert keyworker.post(contact_url, typed).status_code == 302
    assert keyworker.post(reverse("contacts:log_session", args=[world.mina.pk]), met()).status_code == 302
    figures = {line.figure.key: line.now for line in head.get("/oversight/figures/").context["lines"]}
    assert HomeContact.objects.count() == 2 and (figures["contacts"], figures["held"]) == (1, 1)

    record_misses()
    assert set(Miss.objects.filter(student=silent).values_list("duty", flat=True)) == preset.missed
    notify_of_misses()
    [letter] = [one for one in mail.outbox if one.to == [world.u_keyworker.email]]
    assert ("SS  home contact" in letter.body) is ("home_contact" in preset.missed)
    assert "Silent" not in letter.body and "Sid" not in letter.body

    over = head.get("/oversight/", {"show": "everyone"})
    [row] = [row for row in over.context["rows"] if row.student.pk == silent.pk]
    by_kind = dict(zip(row.places, row.states, strict=True))
    for kind, (label, reason) in (("home_contact", preset.home), ("session", preset.session)):
        assert by_kind[kind].label == label and reason in by_kind[kind].reason
    assert by_kind["ilsa"].label == preset.independence
    page = over.content.decode()
    assert all(words in page for words in preset.says)
    today = keyworker.get("/today/").content.decode()
    assert "Sid Silent" in today and ("Monday 2 November" in today) is ("home_contact" in preset.missed)

    home = parent.get(f"/home/{world.mina.pk}/").content.decode()
    assert preset.at_home in home and "Home is pleased" not in home
    facts, kind = school.load(), KINDS["keeping-in-touch"]
    built = kind.build([world.mina], facts.calendar.term("2026-27-autumn"), TODAY, facts)
    paper = as_read(rendering.page(kind.template, built[world.mina.pk][0]))
    assert preset.on_paper in strip_tags(paper)


def test_the_weekly_preset_pauses_over_christmas_once_it_has_a_clock(world, as_user, spoke):
    PolicyVersion.objects.all().delete()
    set_policy(effective_on=TODAY - 400 * DAY, preset="ies-breckland", by=None)
    set_rule(name="contact_required", value=True, effective_on=TODAY, by=None)
    set_rule(name="contact_interval_days", value=28, effective_on=TODAY, by=None)
    keyworker = as_user(world.u_keyworker)
    keyworker.post(
        reverse("contacts:log_contact", args=[world.mina.pk]), spoke(channel="email", reached="replied")
    )
    page = keyworker.get("/today/").content.decode()
    assert "Wednesday 6 January 2027" in page  # 25 of the 28 days to the end of term, three after the holiday
