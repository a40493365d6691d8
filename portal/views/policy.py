"""The school's policy: every rule with its value, changed one by one from a day on, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, has_capability
from keywork.dates import day_in_full
from keywork.guards import GET, GET_POST, permission_required
from keywork.http import SchoolRequest
from keywork.models import PolicyVersion
from keywork.policy import COMING, Policy, presets

from ..forms.policy import PresetForm, RuleForm
from ..policy_changes import SetPreset, SetRule, history
from ..policy_rules import AREAS, PRESETS, RULES, in_words, own
from ..previewed import two_steps
from ..school_tabs import tabs_for


@permission_required(Can.VIEW_POLICY, GET)
def policy(request: SchoolRequest) -> HttpResponse:
    today = clock.today()
    now = request.school.policy(today)
    versions = list(PolicyVersion.objects.select_related("created_by").order_by("effective_on"))
    in_force = next((one for one in reversed(versions) if one.effective_on <= today), versions[0])
    preset = presets()[in_force.preset]
    ours = own(now, preset)
    later = _later(versions)
    areas = [
        {
            "name": area,
            "rules": [
                {
                    "name": name,
                    "rule": rule,
                    "words": in_words(name, getattr(now, name)),
                    "preset_words": in_words(name, getattr(preset, name)),
                    "ours": name in ours,
                    "next": _next_words(name, getattr(now, name), later),
                    "waits_for": COMING.get(name, ""),
                }
                for name, rule in RULES.items()
                if rule.area == area
            ],
        }
        for area in AREAS
    ]
    context = {
        "areas": areas,
        "count": len(RULES),
        "ours": len(ours),
        "history": history(),
        "preset": PRESETS[in_force.preset],
        "others": [words for slug, words in PRESETS.items() if slug != in_force.preset],
        "today": today,
        "tabs": tabs_for(request.user, "portal:policy"),
        "keeps": has_capability(request.user, Can.KEEP_POLICY),
    }
    return render(request, "portal/policy.html", context)


def _later(versions: Iterable[PolicyVersion]) -> list[tuple[date, Policy]]:
    """The policies that are set already and not in force yet, soonest first."""
    today = clock.today()
    return [
        (one.effective_on, presets()[one.preset].with_values(one.overrides))
        for one in versions
        if one.effective_on > today
    ]


def _next_words(name: str, now: Any, later: Iterable[tuple[date, Policy]]) -> str:
    """ "From Tuesday 1 December 2026: 8 students", of a rule that is to change; "" where none is."""
    for day, policy in later:
        value = getattr(policy, name)
        if value != now:
            return f"From {day_in_full(day)}: {in_words(name, value)}"
    return ""


@permission_required(Can.KEEP_POLICY, GET_POST)
def rule(request: SchoolRequest, name: str) -> HttpResponse:
    """Another value for one rule, from a day on."""
    if name not in RULES:
        raise Http404
    today = clock.today()
    now = getattr(request.school.policy(today), name)
    context = {
        "rule": RULES[name],
        "now": in_words(name, now),
        "next": _next_words(name, now, _later(PolicyVersion.objects.order_by("effective_on"))),
        "tabs": tabs_for(request.user, "portal:policy"),
    }
    return _two_steps(
        request,
        "portal/policy_rule.html",
        context,
        lambda data, no: RuleForm(data, name=name, now=now, starts_on=today + timedelta(days=1)),
        lambda form: SetRule(
            name=name,
            value=form.value(),
            effective_on=form.cleaned_data["effective_on"],
            reason=form.cleaned_data["reason"],
        ),
    )


@permission_required(Can.KEEP_POLICY, GET_POST)
def preset(request: SchoolRequest) -> HttpResponse:
    """Another preset from a day on; the school's own rules go with the old one."""
    today = clock.today()
    in_force = PolicyVersion.objects.filter(effective_on__lte=today).order_by("effective_on").last()
    now = in_force.preset if in_force else next(iter(PRESETS))
    return _two_steps(
        request,
        "portal/policy_preset.html",
        {"tabs": tabs_for(request.user, "portal:policy")},
        lambda data, no: PresetForm(data, now=now, starts_on=today + timedelta(days=1)),
        lambda form: SetPreset(**form.cleaned_data),
    )


def _two_steps(
    request: SchoolRequest, template: str, context: dict[str, Any], form_of: Any, change_of: Any
) -> HttpResponse:
    context |= {
        "today": clock.today(),
        "back_url": reverse("portal:policy"),
        "afterwards": "A rule never changes the past: what was owed before keeps the old one.",
    }
    return two_steps(
        request,
        template,
        context,
        form_of,
        change_of,
        label=lambda form: f"Set it from {day_in_full(form.cleaned_data['effective_on'])}",
    )
