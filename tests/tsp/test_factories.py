"""The factories make what the database takes."""

from __future__ import annotations

from tsp.models import Tool
from tsp.rating import rules

from . import factories as make


def test_each_factory_makes_a_whole_record(world):
    by, student = world.u_keyworker, world.mina
    past = make.make_history(student, by)
    assert [point.is_finished for point in past] == [True] * 12
    point = make.make_point(student, by, ratings=make.area_of("flexibility", 1, 2, None))
    assert rules.completion([one.rating for one in point.ratings.all()]).no_opportunity == 1
    make.make_evidence(point, by, "flex-try-new")
    for tool in Tool:
        member = world.mina_mum.member if tool == Tool.PARENT else None
        assert make.make_sheet(student, by, tool, member=member).answers.exists()
    assert make.make_sheet(student, by, declined="Not today.").answers.count() == 0
    assert len({one.together for one in make.make_restorative(by, student, world.otto)}) == 1
    goal = make.make_goal(student, by, checker=world.u_mentor, outcomes=[make.make_outcome(student, by)])
    assert make.make_score(goal, by, 1).scale.agreed_at and goal.outcomes.count() == 1
    make.make_judgement(goal.outcomes.get(), by)
    make.make_ask(student, by, world.u_teacher)
    assert make.make_ask(student, by).expires_at
