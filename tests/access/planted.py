"""Markup in everything that somebody types: what the pages do with it is looked at in test_planted.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from pghistory.models import Event
from psycopg.sql import SQL, Identifier

import ilsa.models
import tsp.models
from keywork.models import School
from students.models import Student

ELEMENT = "<b hx-post=/x>"  # as long as a short field allows
DAY = r"\d{4}-\d\d-\d\d"  # chosen, and read as a day
LONG = 200  # letters from which on a field holds words of a record, not a name

# Fields that nobody types: codes, keys, addresses with a rule of their own. Everything else is planted, so a new
# field of text is too.
CODES = frozenset(
    ["RecordOpening.what", "RecordOpening.user_name", "RecordOpening.detail", "RecordOpening.reason", "JobRun.name", "JobRun.result", "Draft.key", "AcademicYear.slug", "HalfTerm.slug", "HalfTerm.term", "PolicyVersion.preset", "PolicyVersion.overrides", "User.password", "User.email", "User.roles", "FamilyMember.email", "ImportBatch.sha256", "ImportBatch.columns", "ImportBatch.choices", "ImportBatch.leavers", "ImportBatch.counts", "ImportMapping.shape", "ImportMapping.columns", "Student.upn", "Student.former_upn", "Student.mis_id", "Student.nc_year", "Student.sen_types", "Student.needs", "EhcPlan.plan_type", "Outcome.pfa", "HomeContact.topics", "Miss.duty", "KeyworkSession.topics", "KeyworkSession.catch_up_for", "Digest.misses", "Digest.absences", "Digest.follow_ups", "DigestChoice.without", "TemplateVersion.content", "TemplateVersion.digest", "Proposal.about", "Sheet.term", "Answer.field", "Answer.item", "Attachment.field", "Attachment.content_type", "Enquiry.kind", "Meeting.kind", "Enquiry.period", "Enquiry.relation", "Enquiry.email", "Enquiry.parts", "Enquiry.answers", "Enquiry.link_digest", "Enquiry.code_digest", "OutsideCopy.email", "OutsideCopy.link_digest", "OutsideCopy.code_digest", "Reminder.term", "Reminder.missing", "Goal.term", "Goal.area", "Goal.statement", "Goal.pfa", "Goal.grew_from", "GoalScore.source_kind", "AssessmentPoint.term", "AssessmentPoint.contexts", "Rating.statement", "Narrative.part", "Evidence.statement", "Evidence.source_kind", "Round.year", "Agreement.item", "Agreement.tags", "Batch.kind", "Batch.term", "Report.kind", "Report.term", "Report.sha256", "WrittenReport.kind", "WrittenReport.term", "AuthorityForm.year", "AuthorityForm.sha256", "AuthorityForm.uses", "AuthorityForm.settled", "AuthorityForm.unknown", "AuthorityFilling.answers", "Student.email"]
)  # fmt: skip


def fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every column that holds what somebody typed."""
    for model in apps.get_models():
        if "site-packages" not in model._meta.app_config.path and not issubclass(model, Event):
            for field in model._meta.concrete_fields:
                of = (
                    field.base_field if isinstance(field, ArrayField) else field
                )  # an array of ids is no text
                text = isinstance(of, models.CharField | models.TextField | models.JSONField)
                text = text and not isinstance(of, models.SlugField)  # a code: nothing else is taken
                if text and not field.choices and f"{model.__name__}.{field.name}" not in CODES:
                    yield model, field


def whose(row: Any) -> int | None:
    """The student a row is about, by its foreign keys; None where it is about none."""
    if isinstance(row, Student):
        return row.pk
    if hasattr(row, "content_object_id"):
        return row.content_object_id
    for name in (
        "student",
        "report",
        "batch",
        "plan",
        "outcome",
        "sheet",
        "goal",
        "point",
        "assessment",
        "form",
    ):
        if getattr(row, f"{name}_id", None) is not None:
            return row.student_id if name == "student" else whose(getattr(row, name))
    return None


def is_long(field: models.Field) -> bool:
    """Are they words of a record? The title of a report is made of its kind and the student's name."""
    if field.model.__name__ == "Report" and field.name == "title":
        return False
    return not isinstance(field, models.CharField) or (field.max_length or 0) >= LONG


def mark(student_id: int | None, *, long: bool) -> str:
    """What stands in a field: whose it is, words or a name, the element, and a full stop as in "Mo.". ASCII letters, to
    be found as they are."""
    return f"{'words' if long else 'name'}{student_id or 0}{ELEMENT}."


def plant(house: SimpleNamespace) -> None:
    """Into every row there is, past what would refuse a change; within the transaction of `house`."""
    tables = {model._meta.db_table for model, _ in fields()}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(Identifier(table)))
        by_model: dict[type[models.Model], list[models.Field]] = {}
        for model, field in fields():
            by_model.setdefault(model, []).append(field)
        for model, columns in by_model.items():
            for row in model._base_manager.all():
                _plant(row, columns)
        for model in (tsp.models.TemplateVersion, ilsa.models.TemplateVersion):
            for (
                row
            ) in model._base_manager.all():  # under a digest of its own: what is read of a form is kept by it
                content = _leaves(row.content, mark(None, long=False), only_sentences=True)
                QuerySet(model).filter(pk=row.pk).update(
                    content=content, digest=row.digest and f"planted {row.pk}"
                )
        for batch in filter(
            attrgetter("upload"), house.importing.values()
        ):  # the cells of a file that somebody sends
            QuerySet(type(batch)).filter(pk=batch.pk).update(upload=_sent(batch))
        for table in tables:
            cursor.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(Identifier(table)))
    School.objects.update(stamp="00000000-0000-0000-0000-0000000000ff")


def _sent(batch: Any) -> str:
    """The same file with the element in its heading and its cells; its name in the store."""
    with batch.upload.open("rb") as kept:
        heading, *rows = kept.read().decode().splitlines()
    lines = [f"{heading} {ELEMENT}", *(row.replace("Ida", f"Ida {ELEMENT}.") for row in rows)]
    return batch.upload.storage.save("imports/planted.csv", ContentFile("\n".join(lines).encode()))


def _plant(row: Any, columns: list[models.Field]) -> None:
    """One row; where it may not have words in a place that is empty (a reason, and nothing done), it stays empty."""
    of = whose(row)
    values = {
        field.name: _with(field, value, mark(of, long=is_long(field)))
        for field in columns
        if (value := getattr(row, field.attname)) is not None
    }
    rows = QuerySet(type(row)).filter(pk=row.pk)
    try:
        with transaction.atomic():
            rows.update(**values)
    except IntegrityError:
        rows.update(**{name: value for name, value in values.items() if getattr(row, name)})


def _with(field: models.Field, value: Any, planted: str) -> Any:
    if isinstance(field, models.JSONField):
        return _leaves(value, planted)
    if isinstance(field, ArrayField):
        return [f"{one} {planted}" for one in value]
    room = field.max_length if isinstance(field, models.CharField) else None
    if room is not None and room <= len(planted):
        return ELEMENT if room >= len(ELEMENT) else value
    return f"{value[: room - len(planted) - 1] if room else value} {planted}".strip()


def _leaves(value: Any, planted: str, *, only_sentences: bool = False) -> Any:
    """Every text of a JSON value; `only_sentences` leaves out what may be a code."""
    if isinstance(value, dict):
        return {key: _leaves(one, planted, only_sentences=only_sentences) for key, one in value.items()}
    if isinstance(value, list):
        return [_leaves(one, planted, only_sentences=only_sentences) for one in value]
    if not isinstance(value, str) or (only_sentences and " " not in value) or re.fullmatch(DAY, value):
        return value
    return f"{value} {planted}"
