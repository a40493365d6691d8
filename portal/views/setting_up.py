"""Setting the school up in the browser: the first administrator, then nine steps that can be left and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    raise_if_reauthentication_required,
    suspend_request,
)
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keywork import clock, school
from keywork.access import Can, has_capability
from keywork.actions import accounts
from keywork.actions import school as actions
from keywork.attempts import attempt
from keywork.editing import save
from keywork.errors import Refused
from keywork.forms import status_of
from keywork.guards import GET_POST, POST, permission_required
from keywork.http import SchoolRequest, attachment, posted
from keywork.models import PolicyVersion, School, User
from keywork.printed_codes import is_code, setup_code
from keywork.signin import invitation_path
from keywork.views.outside import wait
from keywork.words import counted, worded
from reports import letterhead, rendering
from students.actions import codes

from .. import invitations as inviting
from ..account_list import role_names
from ..forms.setting_up import (
    FirstForm,
    InvitationsForm,
    JoinForm,
    OpenForm,
    RulesForm,
    SchoolForm,
    StaffFileForm,
    StaffForm,
)
from ..school_tabs import tabs_for
from ..setting_up import steps
from ..staff_file import lines_of

PUT_RIGHT = (
    "The lines of the file stand in the box above. Put them right there, or in the file, and read it again"
)
MOST_LETTERS = 60  # in one file; the rest in the next


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def first(request: SchoolRequest) -> HttpResponse:
    """While nobody can sign in: whoever has the code of the server becomes the administrator."""
    if accounts.has_administrator():
        return redirect("account_login")
    form = FirstForm(posted(request))

    def make() -> User:
        given = form.cleaned_data
        if not is_code(given["code"], setup_code()):
            raise Refused("This is not the code that was printed on the server", "code")
        return accounts.invite_first_administrator(name=given["name"], email=given["email"])

    user = save(request, form, make)
    if user is not None:
        return redirect(invitation_path(user))
    return render(request, "portal/first.html", {"form": form}, status=form.status)


@permission_required(Can.SET_UP_SCHOOL, GET_POST)
def setup(request: SchoolRequest) -> HttpResponse:
    """All steps and how they stand; the one that is asked for, or the first that is open, is on the page."""
    found = steps()
    asked = request.GET.get("step", "")
    current = next((step for step in found if step.slug == asked), None)
    if current is None:
        current = next((step for step in found if not step.done and step.state != "locked"), found[-1])
    form: Any = None
    made = STEPS.get(current.slug)
    if (
        made is not None
        and current.state != "locked"
        and not (current.done and current.slug in ("rules", "open"))
    ):
        form, answer = made(request)
        if answer is not None:
            return answer
    elif request.method == "POST":
        return redirect(f"{reverse('portal:setup')}?step={current.slug}")
    done = sum(step.done for step in found)
    context = {
        "steps": found,
        "current": current,
        "number": found.index(current) + 1,
        "following": next((step for step in found if not step.done and step is not current), None),
        "done": done,
        "left": len(found) - done,
        "form": form,
        "added": _who_is_there() if current.slug == "staff" else (),
        "name": School.objects.values_list("name", flat=True).first() or "your school",
        "may_open": current.url != reverse("portal:assignments") or has_capability(request.user, Can.ASSIGN),
        "tabs": tabs_for(request.user, "portal:setup"),
    }
    return render(request, "portal/setup.html", context, status=status_of(form, getattr(form, "other", None)))


def _who_is_there() -> list[tuple[User, str]]:
    found = User.objects.filter(is_active=True, roles__contains=["staff"]).order_by("in_order", "pk")
    return [(user, role_names(user)) for user in found]


Answer = tuple[Any, HttpResponse | None]


def _next(request: SchoolRequest, words: str, to: str = "portal:setup") -> HttpResponse:
    messages.success(request, words)
    return redirect(to)


def _school(request: SchoolRequest) -> Answer:
    school = School.objects.first()
    begins = {"name": school.name if school else ""}
    form = SchoolForm(posted(request), request.FILES or None, initial=begins)

    @transaction.atomic
    def make() -> School:
        if form.cleaned_data["logo"]:
            letterhead.set_logo(picture=form.cleaned_data["logo"])
        went_live_on = school.went_live_on if school else clock.today()
        return actions.set_up_school(
            name=form.cleaned_data["name"], went_live_on=went_live_on, is_open=False, by=None
        )

    made = save(request, form, make)
    if made is None:
        return form, None
    return form, _next(request, f"{made.name} is saved, with term dates to be checked.")


def _rules(request: SchoolRequest) -> Answer:
    now = PolicyVersion.objects.order_by("effective_on").first()
    form = RulesForm(posted(request), initial={"preset": now.preset if now else ""})
    made = save(request, form, lambda: actions.choose_preset(**form.cleaned_data, by=request.user))
    if made is None:
        return form, None
    return form, _next(request, worded("Saved. The Head of Social Education can change every rule later."))


def _staff(request: SchoolRequest) -> Answer:
    if request.method == "POST" and "people" not in request.POST:
        return _staff_file(request), None
    form = StaffForm(posted(request))
    form.other = StaffFileForm()
    if form.is_bound and form.is_valid():
        roles = {role for person in form.cleaned_data["people"] for role in person.roles}
        form.helper.form_action = request.get_full_path()
        if accounts.needs_looking_at_twice(roles=roles):
            _still_you(request)

    def make() -> int:
        people = form.cleaned_data["people"]
        for number, person in enumerate(people, start=1):
            _, no = attempt(partial(accounts.add_staff, **asdict(person), by=request.user))
            if no is not None:
                raise Refused(f"Line {number}: {no}", "people")
        return len(people)

    made = save(request, form, make)
    if made is None:
        return form, None
    people = "One person is" if made == 1 else f"{made} people are"
    words = f"{people} added. Nobody is told before you send the invitations."
    return form, _next(request, words, f"{reverse('portal:setup')}?step=staff")


def _still_you(request: SchoolRequest) -> None:
    """Asks for the password or second step again, unless that was just done; what was sent is done afterwards.

    allauth does it only at an address without a query, so what comes back is the page without its step; the step is
    in what was sent.
    """
    try:
        raise_if_reauthentication_required(request, app="keywork")
    except ReauthenticationRequired:
        at = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
        suspend_request(request, at)
        raise ImmediateHttpResponse(redirect(f"{at}?{urlencode({'next': request.path})}")) from None


def _staff_file(request: SchoolRequest) -> StaffForm:
    """The lines of a file in the box, with the people they name above it; what cannot be read is said beside the file."""
    chosen = StaffFileForm(request.POST, request.FILES)
    read = save(request, chosen, lambda: lines_of(chosen.cleaned_data["file"]))
    if read is None:
        form = StaffForm()
    else:
        typed = {"people": "\n".join(read.lines)}
        form = StaffForm(typed)
        if form.is_valid():
            form.preview, form.notes = form.cleaned_data["people"], read.notes
            chosen = StaffFileForm()
        else:
            chosen.add_error("file", [*form.errors["people"], PUT_RIGHT])
            form = StaffForm(initial=typed)
    form.other = chosen
    return form


def _open(request: SchoolRequest) -> Answer:
    form = OpenForm(posted(request))
    made = save(request, form, lambda: actions.open_school(**form.cleaned_data, by=request.user))
    if made is None:
        return form, None
    return form, _next(request, "Keywork is open.", "portal:administrator")


# The steps that are done on the set-up page itself.
STEPS: dict[str, Callable[[SchoolRequest], Answer]] = {
    "school": _school,
    "rules": _rules,
    "staff": _staff,
    "open": _open,
}


@permission_required(Can.MANAGE_ACCOUNTS, GET_POST)
def invitations(request: SchoolRequest) -> HttpResponse:
    """Who has not been invited, in one act; who was, and how far they are."""
    found = inviting.waiting(request.user)
    choices = []
    if found.staff:
        choices.append(
            ("staff", counted("{count} who works here", "{count} who work here", len(found.staff)))
        )
    if found.families:
        choices.append(
            (
                "families",
                counted("{count} parent or carer", "{count} parents and carers", len(found.families)),
            )
        )
    form = InvitationsForm(posted(request), choices=choices) if choices else None
    if form is not None:
        count = save(
            request,
            form,
            lambda: inviting.invite(
                staff="staff" in form.cleaned_data["who"],
                families="families" in form.cleaned_data["who"],
                by=request.user,
            ),
        )
        if count is not None:
            said = "One invitation is" if count == 1 else f"{count} invitations are"
            messages.success(
                request,
                f"{said} being written. The numbers below follow by themselves, or when you load the page.",
            )
            return redirect("portal:invitations")
    elif request.method == "POST":
        return redirect("portal:invitations")
    context = {
        "form": form,
        "waiting": found,
        "sent": inviting.sent(),
        "letters": inviting.letters(),
        "is_open": school.is_open(),
        "is_going": inviting.is_going(),
        "tabs": tabs_for(request.user, "portal:invitations"),
    }
    return render(request, "portal/invitations.html", context, status=status_of(form))


@permission_required(Can.MANAGE_ACCOUNTS, GET_POST)
def letters(request: SchoolRequest) -> HttpResponse:
    """Letters with a code for all who cannot be invited by e-mail, as one PDF. Printed twice, they are the same."""
    if request.method != "POST":  # loaded again
        return redirect("portal:invitations")
    members = inviting.on_paper(request.user)[:MOST_LETTERS]
    if not members:
        messages.info(request, "Nobody needs a letter.")
        return redirect("portal:invitations")
    made = codes.letters_for(members=members, by=request.user)
    content = rendering.pdf(inviting.letters_page(made)).content
    return attachment(content, "application/pdf", "invitations.pdf")


@permission_required(Can.MANAGE_ACCOUNTS, POST)
def letters_posted(request: SchoolRequest) -> HttpResponse:
    """What was printed is in the post: only then it counts as invited."""
    count = codes.put_in_the_post(by=request.user)
    said = "One letter is" if count == 1 else f"{count or 'No'} letters are"
    messages.success(request, f"{said} in the post.")
    return redirect("portal:invitations")


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def join(request: SchoolRequest) -> HttpResponse:
    """Whoever has a letter from the school makes their account with its code."""
    too_often = wait(request)
    if too_often is not None:
        return too_often
    form = JoinForm(posted(request))
    user = save(request, form, lambda: codes.enter(**form.cleaned_data))
    if user is not None:
        return redirect(invitation_path(user))
    return render(request, "portal/join.html", {"form": form}, status=form.status)
