"""Which database is read: tests/operations plays it with a real copy."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, router
from django.test.utils import CaptureQueriesContext

from keywork import prepared, replica
from reports.models import Report
from students.models import Student


class Copies(dict):
    """`django.db.connections` with a copy that answers whether it has everything."""

    def __init__(self, has_everything):
        self.settings, self.closed, self.asked = {"default": {}, "replica": {}}, 0, 0
        self.has_everything = has_everything

    def __getitem__(self, alias):
        assert alias == "replica"
        return self

    def cursor(self):
        if isinstance(self.has_everything, Exception):
            raise self.has_everything
        return self

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def execute(self, sql, params=None):
        self.asked += 1

    def fetchone(self):
        return (self.has_everything,)

    def close(self):
        self.closed += 1


class Primary:
    in_atomic_block = False

    def cursor(self):
        return Copies("0/1")


@pytest.fixture
def with_copy(monkeypatch, settings):
    settings.DATABASE_ROUTERS = ["keywork.replica.Router"]
    monkeypatch.setattr(replica, "connection", Primary())
    monkeypatch.setattr(replica, "PAUSE", 0)

    def become(has_everything):
        copies = Copies(has_everything)
        monkeypatch.setattr(replica, "connections", copies)
        return copies

    return become


def source() -> tuple[str, str]:
    return router.db_for_read(Student), router.db_for_write(Report)


def test_a_copy_that_has_everything_is_read_and_never_written(with_copy):
    with_copy(True)
    assert replica.read(source) == ("replica", "default")
    assert source() == ("default", "default")


@pytest.mark.parametrize("answer", [False, None, OperationalError("gone")])
def test_one_that_is_behind_or_away_or_no_copy_at_all_is_not(with_copy, answer):
    copies = with_copy(answer)
    assert replica.read(source) == ("default", "default")
    assert copies.asked <= replica.TRIES and copies.closed == isinstance(answer, Exception)


def test_what_fails_half_way_is_asked_of_the_database(with_copy):
    copies, asked = with_copy(True), []

    def ask() -> str:
        asked.append(router.db_for_read(Student))
        if asked[-1] == "replica":
            raise OperationalError("gone")
        return asked[-1]

    assert replica.read(ask) == "default" and asked == ["replica", "default"] and copies.closed == 1


@pytest.mark.django_db
def test_in_a_transaction_the_database_itself_is_read(settings, monkeypatch):
    settings.DATABASE_ROUTERS = ["keywork.replica.Router"]
    monkeypatch.setattr(replica, "connections", Copies(True))
    assert replica.read(source) == ("default", "default")
    assert prepared.rows(lambda: Student.objects.values_list("pk")) == []


@pytest.mark.parametrize(
    ("page", "download"),
    [
        ("/oversight/", "/oversight/table.csv"),
        ("/tsp/class/", "/tsp/class/download/"),
        ("/independence/school/", "/independence/school/2026-27.csv"),
    ],
)
def test_each_export_is_read_there_and_no_page(world_with_records, as_user, monkeypatch, page, download):
    inside: list[str] = []

    def read(ask):
        with CaptureQueriesContext(connection) as asked:
            found = ask()
        inside.extend(query["sql"] for query in asked)
        return found

    monkeypatch.setattr(replica, "read", read)
    head = as_user(world_with_records.u_head)
    assert head.get(page).status_code == 200 and inside == []
    answer = head.get(download)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    assert inside
