"""The words of a template and of Python, as a school with others says them."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from keywork.policy import Policy, RecordLabels, Vocabulary
from keywork.words import of, with_tags, worded_lazy
from tests.rules.helpers import RuleSchool

OTHERS = Policy(
    vocabulary=Vocabulary("young person", "Key worker", "SENDCO"),
    assigned_by="Assistant Head, with key staff",
    records_location_labels=RecordLabels("Home tab", "Talk tab"),
)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Your students’ keyworkers", "Your young people’s key workers"),
        ("A student asked", "A young person asked"),
        ("Keyworker: a keyworker of a Student", "Key worker: a key worker of a Young person"),
        ("The SENCo reads it", "The SENDCO reads it"),
        ("Ask the Head of Social Education", "Ask the Assistant Head"),
        ("The key worker log", "The key worker log"),  # its two parts have names of their own
        (
            "student@school.example, /students/7, my-student-7",
            "student@school.example, /students/7, my-student-7",
        ),
        ("studentship", "studentship"),
    ],
)
def test_in_the_schools_words(ours, theirs):
    assert OTHERS.worded(ours) == theirs
    assert Policy().worded(ours) == ours


def test_the_article_and_the_capitals_are_those_of_the_word():
    apprentice = Policy(vocabulary=Vocabulary("apprentice", "Key Worker", None))
    assert apprentice.worded("A student and a keyworker") == "An apprentice and a Key Worker"
    assert apprentice.worded("SENCo") == "SENCo"


def test_each_log_has_its_name():
    assert [OTHERS.worded(f"the {log} log") for log in ("contact", "session")] == [
        "the Home tab",
        "the Talk tab",
    ]
    both = Policy(records_location_labels=RecordLabels("Contact book", "Contact book"))
    assert both.worded("The key worker log") == "The Contact book"
    assert Policy().worded("The session log") == "The key worker log"


def test_a_word_that_was_emptied_is_our_own():
    emptied = Policy(vocabulary=Vocabulary("", "", ""), assigned_by=", with key staff")
    for text in ("A student and a keyworker", "The SENCo", "Ask a Head of Social Education"):
        assert emptied.worded(text) == text


@pytest.mark.parametrize("word", ["{0}", "{", "{s.__class__}", "{{7*7}}", "%s", "{% load x %}"])
def test_a_word_of_the_schools_is_text_where_values_are_put(word):
    policy = Policy(vocabulary=Vocabulary(word))
    assert policy.filled("A student of {name}", name="{x}") == f"{policy.worded('A student')} of {{x}}"


def test_the_name_of_a_value_is_no_word():
    assert OTHERS.filled("A student: {student}", student="Mo") == f"{OTHERS.worded('A student')}: Mo"
    assert OTHERS.worded("{student} and {keyworker}") == "{student} and {keyworker}"


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("<p>A student</p>", '<p>{% worded "A student" %}</p>'),
        ("<p>a\n  student</p>", '<p>{% worded "a student" %}</p>'),
        ('<a class="student" href="/student" title="Ask the student">', None),
        ('<a title="{% if x %}student{% endif %}" id="student">student', None),
        ("{{ student.keyworker }}{% url 'students:list' %}{# a student #}", None),
        (
            '{% include "x.html" with text="No student yet" kind="student" %}',
            '{% include "x.html" with text="No student yet"|worded kind="student" %}',
        ),
        ('{% if kind == "Student x" %}', None),
    ],
)
def test_only_what_is_read_is_put_into_other_words(source, made):
    asked = {
        '<a class="student" href="/student" title="Ask the student">': '<a class="student" href="/student" title="Ask the {% worded "student" %}">',
        '<a title="{% if x %}student{% endif %}" id="student">student': '<a title="{% if x %}{% worded "student" %}{% endif %}" id="student">{% worded "student" %}',
    }
    assert with_tags(source, is_html=True) == (made or asked.get(source, source))


def test_the_text_of_a_mail_is_read_whole():
    assert with_tags("Dear <student>", is_html=False) == 'Dear <{% worded "student" %}>'


def test_a_text_outside_of_functions_is_a_string_and_shown_in_the_schools_words():
    text = worded_lazy("A {what} of the student")
    with of(RuleSchool(OTHERS)):
        assert str(text) == f"{text}" == "A {what} of the young person"
        assert text.format(what="word") == "A word of the young person" and text.lower().endswith(
            "young person"
        )
        assert Template("{{ text }}").render(Context({"text": text})) == "A {what} of the young person"
    assert ", ".join([text]) == str(text) == "A {what} of the student"
