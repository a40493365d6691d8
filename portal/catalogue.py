"""What is translated: every text of Keywork's own that a parent or student can meet, collected for the catalogues.

Texts come from the templates with `{% load i18n %}`, from Python modules whose words families read, and from the forms
that Keywork ships, as families and students are asked them. `manage.py messages` writes them into
`locale/<language>/LC_MESSAGES/django.po`; docs/translating.md says the rest.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from care.meetings.kinds import KINDS as MEETINGS
from care.plans.kinds import KINDS
from care.reviews.models import Review, ReviewPerson
from contacts.models import HomeContact
from contacts.summary import home_line
from ilsa.questionnaire import ILSA
from keywork import marking, script_words
from keywork.policy import plural
from students.models import FamilyLink
from tsp.models import Feeling
from tsp.questions.questionnaire import TSP
from tsp.sheets.soft_tools import OF_FAMILIES as SHEETS_OF_FAMILIES

from .unsent import PAGES

ROOT = Path(__file__).resolve().parent.parent
# Of "families" every text is for families, and a folder stands for all in it; of "marked" only what is marked there:
# words.worded and its like, which in English do more than translate.
MODULES = json.loads((Path(__file__).parent / "fixtures" / "translated_modules.json").read_text())
MARKS = frozenset({"filled", "marked", "translated", "translated_lazy", "worded", "worded_lazy"})
OF_FAMILIES = (
    "home:",
    "ilsa:my",
    "ilsa:child",
    "safety:",
    "enquiries:",
    "portal:ask_change",
    "reports:comment",
)
IN_RESIDENCE = " (and in residence)"  # left out for who goes home each day
OF_OTHERS = ("Forgot your password?",)  # texts of packages that Keywork shows and every language needs
FORMS = {"tsp/fixtures/template.json": TSP, "ilsa/fixtures/template.json": ILSA}
NAMES = frozenset({"HX-Redirect", "Location"})
_TEXT = re.compile(r"[A-Z“(][^_{}<>/]*[a-z][^_{}<>]*|\d+ [^_{}<>/]*[a-z][^_{}<>]*")


@dataclass
class Message:
    """`plural` is "" but where something is counted."""

    text: str
    plural: str = ""
    where: list[str] = field(default_factory=list)


def collected() -> dict[str, Message]:
    """Every message by its text, in the order in which they are found."""
    found: dict[str, Message] = {}
    others = (("allauth", text, "") for text in OF_OTHERS)
    for where, text, many in (
        *_templates(),
        *_modules(),
        *_forms(),
        *_in_touch(),
        *_plans(),
        *_labels(),
        *_scripts(),
        *_unsent(),
        *others,
    ):
        message = found.setdefault(text, Message(text, many))
        if where not in message.where:
            message.where.append(where)
    return found


def _templates() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        source = path.read_text()
        if not marking.MARKED.search(source):
            continue
        where = path.relative_to(ROOT).as_posix()
        texts, counted = marking.messages(source, is_html=path.suffix == ".html")
        yield from ((where, text, "") for text in texts)
        yield from ((where, f"{{count}} {thing}", f"{{count}} {plural(thing)}") for thing in counted)


def _modules() -> Iterator[tuple[str, str, str]]:
    for name in (*MODULES["families"], *MODULES["marked"]):
        path = ROOT / name
        for one in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            where = one.relative_to(ROOT).as_posix()
            if "migrations" not in where:
                tree = ast.parse(one.read_text())
                yield from ((where, *text) for text in _marked(tree))
                if name in MODULES["families"]:
                    yield from ((where, text, "") for text in _texts(tree))


def _literal(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _marked(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The arguments of `worded` and its like; of `counted` one and many."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id in MARKS:
            choices = [node.args[0]]
            if isinstance(node.args[0], ast.IfExp):
                choices = [node.args[0].body, node.args[0].orelse]
            yield from ((_literal(one), "") for one in choices if _literal(one))
        elif node.func.id == "counted" and len(node.args) > 2:
            yield _literal(node.args[0]), _literal(node.args[1])


def _texts(tree: ast.AST) -> Iterator[str]:
    """What looks like words for people: no docstring, no part of an f-string, nothing compared or looked up."""
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                left_out.add(first.value)
        elif isinstance(node, ast.JoinedStr | ast.Subscript | ast.Compare | ast.Assert):
            left_out.update(ast.walk(node) if not isinstance(node, ast.Subscript) else ast.walk(node.slice))
    for node in ast.walk(tree):
        text = _literal(node)
        if text and node not in left_out and _TEXT.fullmatch(text) and text not in NAMES:
            yield text


def _forms() -> Iterator[tuple[str, str, str]]:
    """As they were first supplied, and as they are now: in plainer words, with the sheets that came since."""
    for name, form in FORMS.items():
        texts = [*_asked(form.supplied.first), *_asked(form.ours())]
        yield from ((name, text, "") for text in texts if text)


def _in_touch() -> Iterator[tuple[str, str, str]]:
    """How a contact stands on the page of a household."""
    where = "contacts/summary.py"
    for channel in HomeContact.Channel:
        yield where, str(channel.label).lower(), ""
        for reached in HomeContact.Reached:
            for from_home in (False, True):
                for whom in ("you", "{whom}"):
                    line = home_line(
                        keyworker="{keyworker}",
                        reached=reached,
                        channel=channel,
                        from_home=from_home,
                        whom=whom,
                    )
                    yield where, line, ""


def _unsent() -> Iterator[tuple[str, str, str]]:
    """What a form was of that somebody sent when they were signed out."""
    for name, (words, _) in PAGES.items():
        if name.startswith(OF_FAMILIES):
            yield "portal/unsent.py", words, ""


def _scripts() -> Iterator[tuple[str, str, str]]:
    yield from (("static", text, "") for text in script_words.texts())


def _labels() -> Iterator[tuple[str, str, str]]:
    """How a student feels, as it stands in a sentence; how home is best reached; what a part in a review is."""
    yield from (("tsp/models/feeling.py", word.value, "") for word in Feeling.Word)
    yield from (("students/models/family.py", str(one.label), "") for one in FamilyLink.Channel)
    of_reviews = (*Review.TakingPart, *ReviewPerson.Reply, *ReviewPerson.Role)
    yield from (("care/reviews/models.py", str(one.label), "") for one in of_reviews if one.value)


def _plans() -> Iterator[tuple[str, str, str]]:
    """Plans that home reads: what they are called, and their parts; what the meetings are called."""
    for meeting in MEETINGS.values():
        yield "care/fixtures/meeting_kinds.json", meeting.name, ""
    for kind in KINDS.values():
        for text in (kind.name, *(part.title for part in kind.sections)) if kind.home else ():
            yield "care/fixtures/plan_kinds.json", str(text), ""


def _asked(form: dict[str, Any]) -> Iterator[str]:
    """The words of a form in which students and families are asked: no staff wording, purpose or anchor."""
    yield from (form["title"], form["pupil_title"])
    for point in (*form["scale"], *form.get("non_scores", ())):
        if "pupil_label" in point:
            yield from (point["pupil_label"], point.get("parent_label", point["label"]))
    for part in (*form.get("areas", ()), *form.get("domains", ())):
        yield from (part["title"], part["pupil_title"])
        for question in part.get("items", ()):
            yield from (question["pupil_wording"], question["parent_wording"])
    for tool in form.get("soft_tools", ()):
        if tool["slug"] in SHEETS_OF_FAMILIES:
            yield from (tool["title"], tool.get("pupil_title") or "")
            for one in tool["fields"]:
                yield from _field(one)


def _field(one: dict[str, Any]) -> Iterator[str]:
    for label in (one.get("pupil_label") or one["label"], one.get("parent_label") or one["label"]):
        yield label
        yield label.replace(IN_RESIDENCE, "")
    yield from (option[:1].upper() + option[1:] for option in one.get("options", ()))
    for column in one.get("columns", ()):
        title, _, options = column.partition(" (")
        yield title[:1].upper() + title[1:]
        yield from (option.strip() for option in options.rstrip(")").split(" / ") if options)
