"""What a student's file is called where it is kept: to be told apart in a folder of sixty, and without a surname."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.text import slugify

if TYPE_CHECKING:
    from .models import Report

LONGEST = 100


def file_name(student: Any, *about: str) -> str:
    """ "Mina-H-what-helps": known as, the first letter of the surname, and what it is; no ending."""
    who = (student.known_as, student.surname[:1])
    return "-".join(filter(None, (*map(_plain, who), *map(slugify, about))))[:LONGEST]


def report_name(report: Report) -> str:
    """The same of a report: its kind and term; where each household has its own, the report's number too."""
    from .kinds import KINDS  # whose sections are made of this app's models

    number = str(report.pk) if report.household else ""
    return file_name(report.student, KINDS[report.kind].name, report.term, number)


def _plain(name: str) -> str:
    """Letters of any script, figures and dashes: every system takes them."""
    return "-".join("".join(one if one.isalnum() else " " for one in name).split())
