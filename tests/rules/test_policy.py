"""The policy: 49 parameters, three presets, and values that are refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from keywork.policy import (
    AttemptRule,
    CheckInRule,
    Policy,
    PolicyError,
    presets,
)
from tests.rules.helpers import FIXTURES

PUBLISHED = json.loads((FIXTURES / "policies.json").read_text())


def test_every_parameter_is_a_field_with_the_published_default():
    published = PUBLISHED["parameter_definitions"]

    assert len(published) == 49
    assert {field.name for field in fields(Policy)} == set(published)
    assert Policy.from_values({name: entry["default"] for name, entry in published.items()}) == Policy()


def test_the_three_presets():
    assert set(presets()) == {"breckenbrough", "ies-breckland", "colton-hills"}


def test_presets_name_only_known_parameters():
    for preset in PUBLISHED["presets"]:
        assert set(preset["parameters"]) <= set(PUBLISHED["parameter_definitions"])


def test_groups_are_read():
    policy = Policy.from_values(
        {
            "contact_attempts_for_escalation": {"attempts": 4},
            "long_closure_check_in": {"min_days": 14, "contacts": 1},
            "holiday_rule": "pause",
        }
    )

    assert policy.contact_attempts_for_escalation == AttemptRule(4, 2, 2)
    assert policy.long_closure_check_in == CheckInRule(14, 1)
    assert policy.pauses


def test_values_put_over_a_policy_are_judged_together():
    colton = presets()["colton-hills"]

    weekly = colton.with_values({"contact_interval_days": 7, "holiday_rule": "pause"})

    assert (weekly.contact_interval_days, weekly.pauses) == (7, True)
    assert weekly.contact_channels == colton.contact_channels
    with pytest.raises(PolicyError, match="Choose whether holidays count"):
        colton.with_values({"contact_interval_days": 7})


REFUSED = [
    ({"contact_intervall": 14}, "There is no policy parameter called contact_intervall."),
    ({"contact_interval_days": 0}, "Contact interval days must be 1 or more."),
    ({"contact_interval_days": "14"}, "Contact interval days must be a whole number."),
    ({"contact_interval_days": True}, "Contact interval days must be a whole number."),
    ({"contact_required": 1}, "Contact required must be yes or no."),
    ({"contact_amber_days": None}, "Contact amber days needs a value."),
    ({"contact_amber_days": 14}, "The warning must be shorter than the contact interval."),
    ({"contact_late_log_days": 15}, "The flag for late logging cannot come after"),
    ({"contact_channels": "phone"}, "Contact channels must be a list."),
    ({"contact_channels": ["phone", "phone"]}, "Contact channels names the same thing twice."),
    ({"contact_channels": [""]}, "Contact channels has an empty entry."),
    ({"holiday_rule": "skip"}, "Holiday rule must be one of: count, pause."),
    ({"holiday_rule": None}, "Choose whether holidays count before setting an interval."),
    ({"long_closure_check_in": {"days": 14}}, "Long closure check in has no part called days."),
    ({"long_closure_check_in": {"contacts": 1}}, "Long closure check in is not complete."),
    ({"long_closure_check_in": 14}, "Long closure check in must be a group of named values."),
    ({"long_closure_check_in": {"min_days": 0}}, "must be made of numbers of 1 or more."),
    ({"contact_attempts_for_escalation": {"attempts": 0}}, "must be made of numbers of 1 or more."),
    ({"session_lengths_minutes": [0]}, "Session lengths must be 1 minute or more."),
    ({"drop_in": {"times": ["lunch"], "after_school": ["3pm"]}}, "After-school times must look like 15:15."),
    ({"first_year_contact_role": {"role": "Transition Manager", "months": 0}}, "must last 1 month or more"),
    ({"post16_liaison": {"months_before_sixth_form": 13}}, "must start 1 to 12 months before"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED, ids=[str(values) for values, _ in REFUSED])
def test_refused_with_a_sentence(values, message):
    with pytest.raises(PolicyError) as caught:
        Policy.from_values(values)

    assert message in str(caught.value)
    assert caught.value.parameter in {*values, "contact_late_log_days", "holiday_rule"}
