"""Queries asked in turn answer as they would one by one, about few students and about many."""

from __future__ import annotations

import pytest
from django.db import DataError, transaction

from keywork import duties
from keywork.models import School
from keywork.sql import MANY, Asked, in_turn, prepared_rows
from students.models import Student
from tests.world import TODAY, make_student

pytestmark = pytest.mark.django_db
each_size = pytest.mark.parametrize("students", [1, MANY + 1])


def asked(number: int) -> Asked:
    return Asked("SELECT %s::int", [number])


@each_size
def test_read_in_any_order(students):
    with in_turn(students):
        questions = [asked(number) for number in range(5)]
        assert [one.rows() for one in reversed(questions)] == [[(number,)] for number in (4, 3, 2, 1, 0)]
        assert questions[0].rows() == [(0,)]  # once more


@each_size
def test_asked_after_some_were_read_or_never_read(students):
    with in_turn(students):
        first = asked(1)
        assert first.rows() == [(1,)]
        later, _never = asked(2), asked(3)
        assert later.rows() == [(2,)]
    assert prepared_rows("SELECT 4", []) == [(4,)]


@each_size
def test_within_one_another(students):
    with in_turn(students):
        outer = asked(1)
        with in_turn(1):
            inner = asked(2)
        assert (inner.rows(), outer.rows()) == ([(2,)], [(1,)])


@each_size
def test_an_error_is_raised_and_the_connection_goes_on(students):
    with pytest.raises(DataError), transaction.atomic(), in_turn(students):
        good, bad = asked(1), Asked("SELECT 1 / %s::int", [0])
        good.rows()
        bad.rows()
    assert prepared_rows("SELECT 5", []) == [(5,)]


def test_about_few_anything_else_may_be_asked_between(world):
    with in_turn(1):
        question = asked(1)
        School.objects.update(name="Elsewhere School")
        assert School.objects.get().name == "Elsewhere School"
        assert question.rows() == [(1,)]


def test_a_whole_school_stands_as_each_of_its_students(world, monkeypatch):
    for number in range(6):
        make_student(f"Ivo{number}", "Brackenfell")
    students = list(Student.objects.order_by("pk"))
    alone = {student.pk: duties.states_for([student], TODAY)[student.pk] for student in students}
    for path in ("keywork.sql.MANY", "contacts.facts.MANY"):
        monkeypatch.setattr(path, 3)
    for pk, states in duties.states_for(students, TODAY).items():
        assert [one.reading for one in states] == [one.reading for one in alone[pk]]
        assert [one.reason for one in states] == [one.reason for one in alone[pk]]
