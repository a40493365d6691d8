"""A refused form: summary on top, error beside the field, hint and error named to screen readers."""

import re
from datetime import date

import pytest
from crispy_forms.layout import Field, Layout
from crispy_forms.utils import render_crispy_form
from django import forms

from keywork.forms import Actions, DateBox, KeyworkForm, draft_status, primary

pytestmark = pytest.mark.django_db  # Keywork's own words are said as the school's policy has them


class Sample(KeyworkForm):
    reached = forms.ChoiceField(
        label="Did you reach them?",
        choices=[("yes", "We spoke"), ("no", "No answer")],
        widget=forms.RadioSelect,
    )
    happened_on = forms.DateField(label="When", help_text="The day you spoke.", widget=DateBox)
    said = forms.CharField(label="What was said", widget=forms.Textarea)
    place = forms.CharField(label="Where", required=False)
    email = forms.EmailField(error_messages={"invalid": "My own words"})
    missing = {"reached": "Say whether you reached them"}

    def layout(self):
        return Layout(
            Field("reached", wrapper_class="is-even"),
            "happened_on",
            "said",
            "place",
            "email",
            Actions(primary("Save contact"), draft_status()),
        )


@pytest.fixture
def refused() -> str:
    return render_crispy_form(Sample({"happened_on": "x", "email": "magda@"}))


def test_summary_links_each_problem_to_its_control(refused):
    summary = re.search(r'<div class="kw-errors".*?</div>', refused, re.S).group()
    assert "Four things to put right" in summary
    links = re.findall(r'href="#(\w+)">([^<]+)<', summary)
    assert links == [
        ("id_reached_0", "Say whether you reached them"),
        ("id_happened_on", "Write a real date, like 26/11/2026"),
        ("id_said", "Fill in “What was said”"),
        ("id_email", "My own words"),
    ]
    for target, _ in links:
        assert f'id="{target}"' in refused


def test_label_hint_error_control_in_order(refused):
    part = refused[refused.index('id="div_id_happened_on"') : refused.index('id="div_id_said"')]
    places = [
        part.index(mark) for mark in ("<label", 'class="form-text"', 'class="invalid-feedback"', "<input")
    ]
    assert places == sorted(places)


def test_described_by_names_parts_that_are_there(refused):
    named = {name for names in re.findall(r'aria-describedby="([^"]+)"', refused) for name in names.split()}
    assert {"id_happened_on_helptext", "id_happened_on_error", "id_reached_error"} <= named
    for name in named:
        assert f'id="{name}"' in refused


def test_only_optional_is_written(refused):
    assert refused.count("(optional)") == 1
    assert "required" not in refused
    assert "novalidate" in refused


def test_nothing_is_wrong_before_anything_is_sent():
    drawn = render_crispy_form(Sample())
    assert "kw-errors" not in drawn
    assert "is-invalid" not in drawn


def test_choices_lie_as_asked(refused):
    assert 'class="kw-choices is-even"' in refused


def test_drafts_are_kept_only_when_asked():
    form = Sample()
    assert "data-draft-url" not in render_crispy_form(form)
    form.helper.keep_drafts("/drafts/contact/")
    assert 'data-draft-url="/drafts/contact/"' in render_crispy_form(form)


def test_date_box_is_iso_whatever_the_locale():
    assert 'value="2026-11-23"' in str(Sample(initial={"happened_on": date(2026, 11, 23)})["happened_on"])
