"""What can be asked of somebody: each app registers its kinds in AppConfig.ready().

    class CheckUp(EnquiryKind):
        slug, name = "contacts.checkup", "How the week went"
        form = CheckUpForm  # a KeyworkForm: its questions

    kinds.register(CheckUp())

is all that a kind needs whose answers are kept with the enquiry. One whose answer is a record of its app says how that
is written (`answering`), or where its own page is (`page`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.signing import Signer
from django.db.models import BigIntegerField, Exists, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from keywork.access import Can
from keywork.forms import KeyworkForm
from keywork.reader import writing_to
from keywork.words import marked, translated, worded, worded_lazy

from .forms import CannotForm

if TYPE_CHECKING:
    from keywork.models import User

    from .answering import Answering
    from .models import Enquiry

SIGNED = Signer(sep=".", salt="enquiries.signed")


class _KeyIn(Func):
    """The number that a text is, NULL of any other text, in whichever order Postgres looks at it."""

    template = r"substring(%(expressions)s from '^[0-9]{1,18}$')"


def about_one_of(rows: QuerySet) -> Q:
    """Enquiries whose `period` is the key of one of these rows."""
    key = Cast(_KeyIn(OuterRef("period")), BigIntegerField())
    return Q(Exists(rows.filter(pk=key)))


class EnquiryKind:
    """One kind of enquiry and its words. No subject of a mail names a student."""

    slug: ClassVar[str]
    name: ClassVar[str]
    page_title: ClassVar[str] = worded_lazy("Your view")
    asks_for: ClassVar[str] = worded_lazy("your view")  # in the mail to who signs in
    form: ClassVar[type[KeyworkForm]]  # its questions, where the answers are kept with the enquiry
    read_by: ClassVar[Can] = Can.ASK_FOR_INPUT  # who may see those answers
    tab: ClassVar[str] = "timeline"  # of the record, for whoever asked (students.record)
    in_digest: ClassVar[bool] = False  # told in the digest of whoever is asked, and in no mail of its own
    is_report: ClassVar[bool] = False  # home is asked as it gets reports, not as the keyworker calls
    # Asked of colleagues in rounds: answered from the mail, without signing in (`signed_page`), and answered anew
    # until the day that it is asked for by is over, when it ends by itself.
    in_rounds: ClassVar[bool] = False
    # Something to read, and to say so: on a page of its own. It is told apart from what is asked of them.
    to_read: ClassVar[bool] = False
    # Its record is made by the first word of whoever answers: where there is one, they have begun.
    begins_record: ClassVar[bool] = False
    declining: ClassVar[type[CannotForm]] = CannotForm
    not_again: ClassVar[str] = worded_lazy(
        "We will not ask again this term."
    )  # to home, which would rather not
    at_home: ClassVar[bool] = False  # listed on the own pages of students and of parents and carers
    subjects = (
        marked("Your view is asked for in Keywork"),
        marked("A reminder: your view is asked for in Keywork"),
    )
    template = "enquiries/email/account.txt"
    link_subjects = ("Your professional view is asked for", "A reminder: your professional view is asked for")
    link_template = "enquiries/email/link.txt"

    # ---- the answering page

    def for_colleague(self, user: Any) -> Q | None:
        """Which of those asked of a colleague they may answer today; None for those of whom they may add input."""
        return None

    def answering(self, enquiry: Enquiry) -> Answering | None:
        """What the page asks, and how it is kept; None for the questions of `form`."""
        return None

    def own_page(self, enquiry: Enquiry, user: User) -> str:
        """The address of a page of its own for this person, where there is one: the answering page leads on to it."""
        return ""

    def title(self, enquiry: Enquiry) -> str:
        return self.name

    def readers(self, enquiry: Enquiry) -> str:
        """Who reads the answer, in a sentence."""
        return worded("Whoever asked you reads it.")

    def thanks(self, enquiry: Enquiry) -> str:
        return worded("Thank you. It is sent.")

    def answered(self, row: Enquiry) -> None:
        """What follows from an answer in a round that says something new; in the same transaction."""

    def declined(self, row: Enquiry, by: User | None) -> None:
        """What becomes of what was begun, once they said that they cannot; in the same transaction."""

    def withdrawn(self, row: Enquiry, by: User) -> None:
        """What becomes of what was begun, once it was taken back; in the same transaction."""

    # ---- for whoever asked

    def followed_at(self, enquiry: Enquiry) -> str:
        return reverse("students:record", args=[enquiry.student_id])

    def abouts(self, rows: Sequence[Enquiry]) -> dict[int, str]:
        """What each is about, by key, in the line that says who was asked; as many queries for one as for many."""
        return {row.pk: self.name for row in rows}

    def read_at(self, enquiry: Enquiry) -> str:
        """Where the answer is read, if it has a page."""
        return ""

    def behind_link(self, enquiry: Enquiry) -> str:
        return worded("Behind it stand the student’s first name and your question; nothing of the record.")

    # ---- mail

    def signed_page(self, enquiry: Enquiry) -> str:
        """The address by which whoever was asked in a round answers without signing in; nobody else can make it."""
        return reverse("enquiries:signed", args=[SIGNED.sign(str(enquiry.pk))])

    def mailed_page(self, enquiry: Enquiry) -> str:
        return reverse("enquiries:answer", args=[enquiry.pk])

    def letter(
        self, to: Any, mine: Sequence[Enquiry], page: str, again: bool, reminder: bool
    ) -> tuple[str, str]:
        """Subject and words of one mail to one person about these: about one alone where it holds a link.

        Of the student a colleague and a professional learn the initials alone, a parent or carer nothing at all.
        """
        one = mine[0]
        with writing_to(one.member if one.by_link and one.member_id else to):
            return self._letter(to, mine, page, again, reminder)

    def _letter(
        self, to: Any, mine: Sequence[Enquiry], page: str, again: bool, reminder: bool
    ) -> tuple[str, str]:
        one = mine[0]
        context = {
            "enquiry": one,
            "asks_for": translated(self.asks_for),
            "count": len(mine),
            "name": to.get_short_name() if hasattr(to, "get_short_name") else to.name,
            "initials": one.student.initials,
            "school_name": school.load().name,
            "url": settings.BASE_URL.rstrip("/") + page,
            "again": again,
        }
        if one.by_link:
            return translated(self.link_subjects[reminder]), render_to_string(self.link_template, context)
        return translated(self.subjects[reminder]), render_to_string(self.template, context)


_kinds: dict[str, EnquiryKind] = {}


def register(kind: EnquiryKind) -> None:
    _kinds[kind.slug] = kind


def registered() -> Collection[EnquiryKind]:
    return _kinds.values()


def in_rounds() -> list[str]:
    return [kind.slug for kind in registered() if kind.in_rounds]


def at_home() -> list[str]:
    return [kind.slug for kind in registered() if kind.at_home]


def in_digest() -> list[str]:
    """Kinds that have no letters, and no reminder by a button."""
    return [kind.slug for kind in registered() if kind.in_digest]


def to_read() -> list[str]:
    return [kind.slug for kind in registered() if kind.to_read]


def abouts(rows: Collection[Enquiry]) -> dict[int, str]:
    """`EnquiryKind.abouts` of rows of several kinds."""
    found: dict[int, str] = {}
    for kind in registered():
        if mine := [row for row in rows if row.kind == kind.slug]:
            found |= kind.abouts(mine)
    return found


def kind_of(enquiry: Any) -> EnquiryKind:
    return _kinds[enquiry.kind]
