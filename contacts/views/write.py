"""Writing contacts and sessions down, and amending them: one course for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.actions.drafts import keep_draft
from keywork.audit import opened
from keywork.editing import blame, last_writer, save
from keywork.form_drafts import KEPT, FormDrafts
from keywork.guards import get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from students.lookup import find_student
from students.models import FamilyLink, Student

from ..actions import contacts, sessions
from ..actions.entries import may_change
from ..forms.contact import OTHER, SAME, ContactForm
from ..forms.entry import EntryForm
from ..forms.session import SessionForm
from ..letters import receiving
from ..models import ContactHold, HomeContact, IncomingMail, KeyworkSession
from ..models.entry import LogEntry
from ..summary import home_summary
from . import entry_messages
from .places import Places, asked_for, is_fragment, leave


@dataclass(frozen=True, slots=True)
class EntryKind:
    """What differs between a contact and a session on the way from a form to a row."""

    name: str
    model: type[LogEntry]
    form: type[EntryForm]
    title: str
    log: Callable[..., Any]
    amend: Callable[..., Any]
    begin: Callable[..., dict[str, Any]]  # (form class unused fields aside) what an empty form starts with
    of_entry: Callable[[Any], dict[str, Any]]


def _made_words(entry: HomeContact) -> str:
    """The words made for home from the entry as it stands; anything else is someone's own."""
    return home_summary(
        keyworker=entry.made_by.get_short_name(),
        reached=entry.reached,
        channel=entry.channel,
        on=entry.happened_on,
        topics=entry.topics,
    )


def _contact_initial(entry: HomeContact) -> dict[str, Any]:
    return {
        "reached": entry.reached,
        "person": SAME,
        "channel": entry.channel,
        "direction": entry.direction,
        "share": entry.shared,
        "summary": "" if entry.shared_summary == _made_words(entry) else entry.shared_summary,
        "withheld": entry.withheld_reason,
    }


def _session_initial(entry: KeyworkSession) -> dict[str, Any]:
    return {
        "status": entry.status,
        "agreed": entry.agreed,
        "how": entry.how,
        "minutes": entry.minutes,
        "catch_up": bool(entry.catch_up_for),
    }


def _usual_contact(form: ContactForm) -> dict[str, Any]:
    """As the last contact that somebody logged by hand: e-mail from here, or copied here, comes by itself."""
    last = (
        HomeContact.objects.readable_by(form.user)
        .filter(student=form.student, voided_on__isnull=True, home_letter=None, incoming_mail=None)
        .first()
    )
    return form.usual(last)


KINDS = {
    "contact": EntryKind(
        "contact",
        HomeContact,
        ContactForm,
        "Log a contact with home",
        contacts.log_contact,
        lambda *, entry, **told: contacts.amend_contact(contact=entry, **told),
        _usual_contact,
        _contact_initial,
    ),
    "session": EntryKind(
        "session",
        KeyworkSession,
        SessionForm,
        "Log a keywork session",
        sessions.log_session,
        lambda *, entry, **told: sessions.amend_session(session=entry, **told),
        lambda form: form.usual(),
        _session_initial,
    ),
}


@permission_required(Can.LOG)
def log(request: SchoolRequest, student_id: int, kind: str) -> HttpResponse:
    """The form for a new entry: a page of its own, or a piece of a Today card for htmx."""
    return log_as(request, KINDS[kind], find_student(request, Can.LOG, student_id))


@permission_required(Can.LOG)
def from_mail(request: SchoolRequest, pk: int) -> HttpResponse:
    """The form for a contact, begun with what an e-mail says that waits to be put in the log."""
    rows = IncomingMail.objects.select_related("student", "member")
    mail = get_visible_or_404(rows, request, Can.LOG, pk=pk)
    assert mail.student is not None
    if mail.state != IncomingMail.State.WAITING:
        messages.info(request, "Somebody has dealt with this e-mail already.")
        return redirect("contacts:letters", mail.student_id)
    if request.method != "POST":
        opened(request, mail.student, "e-mail", f"message {mail.pk}")
    how = replace(
        KINDS["contact"],
        title="Put an e-mail in the log",
        log=lambda **told: receiving.log(
            by=request.user, mail=mail, make=lambda: contacts.log_contact(**told)
        ),
        begin=partial(_of_mail, mail),
    )
    return log_as(request, how, mail.student, begins_anew=True)


def _of_mail(mail: IncomingMail, form: ContactForm) -> dict[str, Any]:
    """A copy of what was sent left a message; what was forwarded is home's reply."""
    link = (
        next((one for one in form.links if one.member_id == mail.member_id), None) if mail.member_id else None
    )
    return {
        "reached": HomeContact.Reached.REPLIED if mail.is_from_home else HomeContact.Reached.MESSAGE,
        "direction": HomeContact.Direction.IN if mail.is_from_home else HomeContact.Direction.OUT,
        "person": str(link.pk) if link else OTHER,
        "channel": HomeContact.Channel.EMAIL,
        "happened_on": mail.sent_on,
        "notes": mail.words,
    }


def log_as(
    request: SchoolRequest, how: EntryKind, student: Student, *, begins_anew: bool = False
) -> HttpResponse:
    where = Places.of(request, student_id=student.pk, draft_form=how.form.draft_form)
    make = partial(how.form, student=student, user=request.user, facts=request.school, where=where)
    drafts = FormDrafts(request, how.form.draft_form, student.pk, begins_anew)
    if (answer := drafts.answer(where.here)) is not None:
        return answer
    if request.method == "POST" and "discard" in request.POST:
        drafts.end()
        return _show(request, how, _fresh(make, how))
    if request.method != "POST":
        return _show(request, how, _fresh(make, how, draft=drafts.chosen), drafts=drafts)
    form = make(data=request.POST)
    if "preview" in request.POST:
        return _preview(request, how, form, drafts)
    if "draft" in request.POST:
        return _keep(request, how, form, drafts)

    def log_it() -> Any:
        made = how.log(by=request.user, student=student, facts=request.school, **form.facts_told())
        drafts.end()
        return made

    saved = save(request, form, log_it)
    if saved is None:
        return _refuse(request, how, form, drafts)
    first, *siblings = saved if isinstance(saved, list) else [saved]
    entry_messages.saved(request, first, siblings=siblings, back=where.next)
    if is_fragment(request) and where.card:
        return redirect(
            where.card
        )  # htmx follows it: the card takes its own place, message and new due date in it
    return leave(request, where.next)


@permission_required(Can.LOG)
def amend(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """A new version of an entry, by whoever made it or the head; two editors never overwrite each other."""
    how = KINDS[kind]
    entry = get_visible_or_404(
        how.model.objects.readable_by(request.user).select_related("student", "made_by"),
        request,
        Can.LOG,
        pk=pk,
    )
    if not may_change(request.user, entry):
        return entry_messages.refused(request, entry, entry_messages.not_yours(entry), status=403)
    draft_form = f"{kind}-{entry.pk}"
    where = Places.of(request, student_id=entry.student_id, draft_form=draft_form)
    if not asked_for(request, "next"):
        where = Places(where.here, where.draft, entry_messages.entry_url(entry))
    if entry.voided_on is not None:
        typed = request.POST.get("notes", "")
        words = "It has been crossed out, so its words stay as they are"
        if typed:
            words = f"{last_writer(entry, reader=request.user)} crossed this note out while you were writing. Yours stands below"
        return entry_messages.refused(request, entry, words, status=409, typed=typed)
    make = partial(
        how.form,
        student=entry.student,
        user=request.user,
        facts=request.school,
        where=where,
        entry=entry,
        initial=_answers(how, entry),
    )
    drafts = FormDrafts(request, draft_form, entry.student_id)
    if (answer := drafts.answer(where.here)) is not None:
        return answer
    if request.method == "POST" and "discard" in request.POST:
        drafts.end()
        return leave(request, where.here)
    if request.method != "POST":
        return _show(request, how, make(draft=drafts.chosen), drafts=drafts)
    form = make(data=request.POST)
    if "preview" in request.POST:
        return _preview(request, how, form, drafts)
    if "draft" in request.POST:
        return _keep(request, how, form, drafts)

    def amend_it() -> Any:
        told = form.facts_told()
        made = how.amend(by=request.user, entry=entry, version=entry.version, facts=request.school, **told)
        drafts.end()
        return made

    now = save(request, form, amend_it)
    if now is None:
        return _refuse(request, how, form, drafts)
    entry_messages.amended(request, now)
    return leave(request, where.next)


def _answers(how: EntryKind, entry: Any) -> dict[str, Any]:
    """What a form about an entry that stands begins with."""
    return {
        "happened_on": entry.happened_on,
        "happened_time": entry.happened_time,
        "topics": entry.topics,
        "notes": entry.notes,
        "level": entry.level,
        **how.of_entry(entry),
    }


def keep_what_was_typed(request: SchoolRequest, entry: Any) -> str:
    """An entry that is undone waits as a draft of its form; the address of that.

    Siblings of the same call are ticked again.
    """
    how = KINDS[entry_messages.noun(entry)]
    answers = _answers(how, entry)
    if isinstance(entry, HomeContact):
        links = FamilyLink.objects.for_keywork(clock.today()).filter(student=entry.student_id)
        link = links.filter(member=entry.member_id).first() if entry.member_id else None
        answers |= {"person": link.pk} if link else {"person": OTHER, "other_name": entry.with_name}
        call = HomeContact.objects.filter(call=entry.call, logged_by=entry.logged_by_id)
        answers["siblings"] = list(call.exclude(pk=entry.pk).values_list("student", flat=True))
    else:
        answers |= {f"went-{one['session']}-{one['line']}": one["went"] for one in entry.answered}
    data = {name: typed for name, value in answers.items() if (typed := _as_typed(value))}
    kept = f"undone-{how.name}-{entry.pk}"
    keep_draft(
        by=request.user, form=how.form.draft_form, student_id=entry.student_id, data=data, open_form=kept
    )
    return reverse(f"contacts:log_{how.name}", args=[entry.student_id])


def _as_typed(value: Any) -> list[str]:
    """A value of a form as its page posts it; nothing of what is empty."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    if isinstance(value, time):
        return [f"{value:%H:%M}"]
    if isinstance(value, bool):
        return ["on"] if value else []
    return [] if value in (None, "") else [str(value)]


def _fresh(make: Callable[..., EntryForm], how: EntryKind, draft: Any = None) -> EntryForm:
    form = make(draft=draft)
    if draft is None:
        form.initial.update(how.begin(form))
    return form


def _refuse(request: SchoolRequest, how: EntryKind, form: EntryForm, drafts: FormDrafts) -> HttpResponse:
    """The form again with what is to be put right; whoever walks away from it finds the text as a draft."""
    if any(request.POST.get(name, "").strip() for name in ("notes", "agreed", "summary", "withheld")):
        drafts.keep()
    return _show(request, how, form, status=form.status, drafts=drafts)


def _show(
    request: SchoolRequest, how: EntryKind, form: EntryForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "form": form,
        "kind": how,
        "student": form.student,
        "entry": form.entry,
        "where": form.where,
        "saved_at": form.draft.updated_at if form.draft else None,
        "hold": _hold(form) if how.name == "contact" and form.entry is None else None,
        **more,
    }
    _leave_row(request, form)
    if is_fragment(request):
        response = render(
            request, "contacts/_form.html", {**context, "opening": request.method == "GET"}, status=status
        )
        if request.method == "POST":  # the form comes again in its own place, not in that of the card
            response["HX-Retarget"] = f"#{form.helper.form_id}"
            response["HX-Reswap"] = "outerHTML"
        return response
    return render(request, "contacts/form.html", context, status=status)


def _leave_row(request: SchoolRequest, form: EntryForm) -> None:
    """What was agreed before is read with the form: that leaves its row."""
    if request.method == "GET":
        for session in dict.fromkeys(line.session for line in getattr(form, "asked", ())):
            opened(request, form.student, "session", str(session))


def _hold(form: EntryForm) -> ContactHold | None:
    """A hold on contact today: whoever rings should know before they do (C12)."""
    return ContactHold.objects.filter(
        student=form.student, starts_on__lte=form.today, ends_on__gte=form.today
    ).first()


def _preview(request: SchoolRequest, how: EntryKind, form: EntryForm, drafts: FormDrafts) -> HttpResponse:
    """What home will see with the answers so far; nothing is checked or saved."""
    if is_fragment(request):
        return render(request, "contacts/_home_sees.html", {"form": form, "where": form.where})
    unchecked: Any = form  # as typed, before anything is said about it: full_clean has not run
    unchecked._errors, unchecked.cleaned_data = {}, {}
    return _show(request, how, form, drafts=drafts)


def _keep(request: SchoolRequest, how: EntryKind, form: EntryForm, drafts: FormDrafts) -> HttpResponse:
    """ "Save draft", for a browser without script."""
    no = drafts.keep()
    if no is not None:
        blame(form, no)
        return _show(request, how, form, status=422, drafts=drafts)
    messages.info(request, KEPT)
    return leave(request, form.where.here)
