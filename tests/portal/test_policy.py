"""The school's rules in the browser: read, changed from a day on after a look at the effect, history kept."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

import pytest
from django.urls import reverse

from keywork import clock, school
from keywork.models import PolicyVersion
from keywork.policy import Policy, presets
from portal.forms.policy import RuleForm
from portal.policy_rules import RULES

URL = "/school/policy/"


def words(response) -> str:
    return " ".join(response.content.decode().split())


def rule_url(name):
    return reverse("portal:policy_rule", args=[name])


def look_and_do(client, url, typed):
    looked = client.post(url, {**typed, "do": "look"})
    assert looked.status_code == 200, words(looked)
    return looked, client.post(
        url, {**typed, "do": "make", "preview_token": looked.context["effect"].preview_token}
    )


def test_every_parameter_of_the_policy_is_a_rule_on_the_page(world, as_user):
    assert {one.name for one in fields(Policy)} == set(RULES)
    page = words(as_user(world.u_teacher).get(URL))
    assert all(f"<dt>{rule.label}<small>{rule.sentence}</small></dt>" in page for rule in RULES.values())
    assert ">Change<" not in page and "14 days" in page and "Special school, day and residential" in page


def posted(form):
    """What a browser posts of a form nobody touched."""
    data = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if value is None or value is False or value == "":
            continue
        data[name] = "on" if value is True else value.isoformat() if isinstance(value, date) else value
    return data


@pytest.mark.parametrize("preset", sorted(presets()))
def test_the_form_of_every_rule_gives_back_what_it_began_with(preset):
    policy, wrong = presets()[preset], []
    for name in RULES:
        now = getattr(policy, name)
        form = RuleForm(
            posted(RuleForm(None, name=name, now=now, starts_on=date(2026, 12, 1))),
            name=name,
            now=now,
            starts_on=date(2026, 12, 1),
        )
        if not form.is_valid():
            wrong.append((name, form.errors.as_text()))
        elif getattr(policy.with_values({name: form.value()}), name) != now:
            wrong.append((name, form.value(), now))
    assert not wrong


def test_a_rule_is_looked_at_and_changed_from_a_day_on(world, as_user, today):
    client = as_user(world.u_head)
    page = words(client.get(rule_url("contact_interval_days")))
    assert "Now: <strong>14 days</strong>" in page
    typed = {"value": "10", "effective_on": "2027-01-04", "reason": "Governors, 26 November"}
    looked, done = look_and_do(client, rule_url("contact_interval_days"), typed)
    said = words(looked)
    assert "Nothing is saved yet" in said and "If it were the rule today" in said
    assert "It starts on Monday 4 January 2027" in said
    assert done.status_code == 302
    facts = school.load()
    assert facts.policy(date(2027, 1, 3)).contact_interval_days == 14
    assert facts.policy(date(2027, 1, 4)).contact_interval_days == 10
    version = PolicyVersion.objects.get(effective_on=date(2027, 1, 4))
    assert (version.overrides, version.created_by, version.reason) == (
        {"contact_interval_days": 10},
        world.u_head,
        "Governors, 26 November",
    )
    page = words(client.get(URL))
    assert (
        "<strong>From Monday 4 January 2027: 10 days</strong>" in page
    )  # beside the rule, not only in the history
    assert "From Monday 4 January 2027: 10 days." in words(client.get(rule_url("contact_interval_days")))
    assert "Days between contacts with home: 14 days → 10 days" in page and "Governors, 26 November" in page
    with clock.frozen(date(2027, 1, 5)):
        page = words(as_user(world.u_head).get(URL))
        assert '10 days</strong> <span class="kw-tag">Ours</span> <small>The preset says: 14 days' in page


def test_the_effect_says_who_would_be_overdue(world, as_user, spoke, today):
    spoke(world.mina, world.u_keyworker, days_ago=12)
    client = as_user(world.u_head)
    typed = {"value": "7", "effective_on": today.isoformat(), "reason": ""}
    before = school.load().policy(today)
    looked = client.post(rule_url("contact_interval_days"), {**typed, "do": "look"})
    effect = looked.context["effect"]
    assert effect.if_today.more == 1 and f"Keyworker: {world.mina.name}" in words(looked)
    assert "would be" in words(looked) and effect.dates >= 1
    moved = next(one for one in effect.moved if one.student == world.mina)
    assert (moved.was, moved.will_be) == (today + timedelta(days=2), today - timedelta(days=5))
    form = words(client.get(rule_url("caseload_cap")))
    assert "New value</label>" in form  # never "(optional)"
    assert school.load().policy(today) == before


def test_a_change_now_reaches_later_versions_that_say_nothing_of_it(world, as_user, today):
    client = as_user(world.u_head)
    for name, value, day in (("caseload_cap", "8", "2027-01-04"), ("contact_amber_days", "5", "2026-12-01")):
        _, done = look_and_do(client, rule_url(name), {"value": value, "effective_on": day, "reason": ""})
        assert done.status_code == 302
    later = school.load().policy(date(2027, 1, 4))
    assert (later.caseload_cap, later.contact_amber_days) == (8, 5)
    # Back to what the preset says: nothing of it is the school's own.
    look_and_do(client, rule_url("caseload_cap"), {"value": "5", "effective_on": "2027-02-01", "reason": ""})
    assert PolicyVersion.objects.latest("effective_on").overrides == {"contact_amber_days": 5}


def test_two_changes_from_one_day_stand_both_in_the_history(world, as_user, today):
    """The cap of the same day, and what a later day takes over, are each told once, with who and why."""
    client, day = as_user(world.u_head), {"effective_on": "2027-01-04"}
    look_and_do(
        client, rule_url("contact_amber_days"), {"value": "5", "effective_on": "2027-02-01", "reason": ""}
    )
    for preset, reason in (("colton-hills", "Governors"), ("ies-breckland", "The trust")):
        refused = client.post(f"{URL}preset/", {**day, "preset": preset, "reason": reason, "do": "look"})
        assert refused.status_code == 422, "something is planned for later"
    for value, reason in (("8", "Governors"), ("7", "The trust")):
        look_and_do(client, rule_url("caseload_cap"), {**day, "value": value, "reason": reason})
    page = words(client.get(URL))
    first, second = page.index("5 students → 8 students"), page.index("8 students → 7 students")
    assert second < first and "“Governors”" in page[first:] and "“The trust”" in page[second:first]
    assert page.count("→") == 3
    day["effective_on"] = "2027-03-01"
    for preset, reason in (("colton-hills", "Merger"), ("ies-breckland", "Merged")):
        look_and_do(client, f"{URL}preset/", {**day, "preset": preset, "reason": reason})
    page = words(client.get(URL))
    assert page.count("Preset chosen") == 3 and "“Merger”" in page and "“Merged”" in page


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("contact_interval_days", {"value": "2"}, "The warning must be shorter than the contact interval"),
        ("contact_interval_days", {"value": ""}, "Write a number, or tick “No limit”"),
        ("contact_interval_days", {"value": "ten"}, "Write a whole number"),
        ("contact_interval_days", {"value": "10", "effective_on": "2026-11-22"}, "never changes the past"),
        ("session_lengths_minutes", {"value": "20\nlong"}, "must be a whole number"),
        ("vocabulary", {"part-student": "x" * 101}, "Make this shorter"),
    ],
)
def test_a_value_that_cannot_be_is_said_and_kept(world, as_user, name, typed, said):
    answer = as_user(world.u_head).post(rule_url(name), {"effective_on": "2026-12-01", **typed, "do": "look"})
    assert answer.status_code == 422 and said in words(answer)
    assert not PolicyVersion.objects.filter(effective_on__gt=date(2026, 9, 30)).exists()


def test_pages_of_rules_and_forms_say_the_schools_words(world, as_user, today):
    client = as_user(world.u_head)
    said = {
        "part-student": "pupil",
        "part-keyworker": "key adult",
        "effective_on": today.isoformat(),
        "reason": "",
    }
    looked, _ = look_and_do(client, rule_url("vocabulary"), said)
    assert 'class="kw-split kw-stack"' in looked.text  # one below the other on a phone, with room between
    rule = client.get(rule_url("session_min_available_pupil_days")).text
    assert "A pupil with fewer days" in rule and "student with" not in rule
    offered = words(client.get(rule_url("ilsa_raters"))) + words(client.get(reverse("portal:policy_preset")))
    assert (
        "Key adult" in offered and "All students" not in offered and "up to 5 pupils per key adult" in offered
    )
    form = client.get("/independence/form/versions/1/as/staff/").text
    assert "As key adults read it" in form and ">Pupils</a>" in form


def test_another_preset_is_looked_at_and_chosen(world, as_user, today):
    client = as_user(world.u_head)
    look_and_do(client, rule_url("caseload_cap"), {"value": "8", "effective_on": "2026-12-01", "reason": ""})
    url = reverse("portal:policy_preset")
    typed = {"preset": "colton-hills", "effective_on": "2026-11-30", "reason": ""}
    early = client.post(url, {**typed, "do": "look"})
    assert early.status_code == 422 and "planned for a later day" in words(early)
    _, done = look_and_do(client, url, {**typed, "effective_on": "2026-12-02"})
    assert done.status_code == 302
    assert school.load().policy(date(2026, 12, 2)) == presets()["colton-hills"]
    assert school.load().policy(today) == presets()["breckenbrough"]


def test_only_the_head_changes_rules(world, as_user):
    for who in ("admin", "dsl", "keyworker", "parent"):
        assert as_user(getattr(world, f"u_{who}")).get(rule_url("caseload_cap")).status_code == 403
    assert as_user(world.u_head).get(rule_url("no_such_rule")).status_code == 404


def test_two_heads_do_not_overwrite_each_other(world, as_user, today):
    client = as_user(world.u_head)
    typed = {"value": "8", "effective_on": (today + timedelta(days=1)).isoformat(), "reason": ""}
    looked = client.post(rule_url("caseload_cap"), {**typed, "do": "look"})
    look_and_do(as_user(world.u_head), rule_url("caseload_cap"), {**typed, "value": "9"})
    late = client.post(
        rule_url("caseload_cap"),
        {**typed, "do": "make", "preview_token": looked.context["effect"].preview_token},
    )
    assert late.status_code == 409 and "Somebody else changed the policy" in words(late)
    assert school.load().policy(today + timedelta(days=1)).caseload_cap == 9
