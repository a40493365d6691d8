"""Accounts, for administrators: who has one, inviting people, changing, closing and opening accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_tables2 import RequestConfig

from keywork import clock
from keywork.access import Can, has_capability, scope_q
from keywork.account_forms import AccountForm, CloseForm, InviteOneForm, InviteStaffForm
from keywork.actions import accounts as actions
from keywork.editing import save
from keywork.finding import containing
from keywork.forms import ReasonForm
from keywork.guards import POST, permission_required
from keywork.http import SchoolRequest, posted
from keywork.mail_words import became_of
from keywork.models import Assignment, User
from keywork.numbers import number_in
from keywork.signin import has_second_step
from keywork.words import worded
from students.finding import matching
from students.models import FamilyLink, FamilyMember, Student

from ..account_list import AccountFilter, AccountTable, accounts, may_open, role_names

PAGE = 50
FOUND_AT_MOST = 20
PUT_RIGHT = "Correct the address, or send it again."
KINDS = Assignment.Kind.values  # keyworkers first


@permission_required(Can.MANAGE_ACCOUNTS)
@require_GET
def listing(request: SchoolRequest) -> HttpResponse:
    found = AccountFilter(request.GET, queryset=accounts(request.user))
    table = AccountTable(found.qs)
    RequestConfig(request, paginate={"per_page": PAGE}).configure(table)
    context = {
        "table": table,
        "filter": found,
        "count": table.page.paginator.count,
        "filtered": any(request.GET.get(name) for name in ("q", "kind", "role", "state")),
    }
    return render(request, "portal/accounts.html", context)


# ------------------------------------------------------------------ inviting


@permission_required(Can.MANAGE_ACCOUNTS)
def invite_staff(request: SchoolRequest) -> HttpResponse:
    form = InviteStaffForm(posted(request))
    if form.is_bound and form.is_valid():
        _still_you(request, form, actions.needs_looking_at_twice(roles=form.cleaned_data["roles"]))
    made = save(request, form, lambda: actions.invite_staff(**form.cleaned_data, by=request.user))
    if made is not None:
        _say_invited(request, made)
        return redirect("portal:account", made.pk)
    context = {"form": form, "back": reverse("portal:accounts")}
    return render(request, "portal/account_invite.html", context, status=form.status)


@permission_required(Can.MANAGE_ACCOUNTS)
def invite_family(request: SchoolRequest) -> HttpResponse:
    """Find a parent or carer on file (`q`), choose one (`member`), write the address."""
    members = FamilyMember.objects.filter(
        links__in=FamilyLink.objects.visible_to(request.user, Can.VIEW_FAMILY).filter(ended_on__isnull=True)
    ).distinct()
    return _invite_one(
        request,
        url_name="portal:invite_family",
        key="member",
        everyone=members,
        search=_family_named,
        title="Invite a parent or carer",
        label="Name of the parent or carer",
        address=lambda member: member.email,
        invite=lambda member, email: actions.invite_family(member=member, email=email, by=request.user),
    )


@permission_required(Can.MANAGE_ACCOUNTS)
def invite_student(request: SchoolRequest) -> HttpResponse:
    """Find a student (`q`), choose one (`student`), write the address."""
    students = Student.objects.visible_to(request.user, Can.VIEW_STUDENT).on_roll(clock.today())
    return _invite_one(
        request,
        url_name="portal:invite_student",
        key="student",
        everyone=students,
        search=matching,
        title=worded("Invite a student"),
        label=worded("Name of the student"),
        address=lambda student: "",
        invite=lambda student, email: actions.invite_student(student=student, email=email, by=request.user),
    )


def _family_named(members: QuerySet[FamilyMember], typed: str) -> QuerySet[FamilyMember]:
    for word in typed.split():
        of_theirs = containing(("links__student__known_as",), word) & Q(links__ended_on__isnull=True)
        members = members.filter(containing(("forename", "surname", "email"), word) | of_theirs)
    return members.distinct()


def _invite_one(
    request: SchoolRequest,
    *,
    url_name: str,
    key: str,
    everyone: QuerySet[Any],
    search: Callable[[Any, str], Any],
    title: str,
    label: str,
    address: Callable[[Any], str],
    invite: Callable[[Any, str], User],
) -> HttpResponse:
    back = reverse(url_name)
    context: dict[str, Any] = {
        "title": title,
        "label": label,
        "key": key,
        "back": back,
        "q": request.GET.get("q", "")[:100],
    }
    chosen_id = request.GET.get(key, "")
    if chosen_id:
        chosen = get_object_or_404(everyone.select_related("user"), pk=number_in(chosen_id))
        form = InviteOneForm(posted(request), initial={"email": address(chosen)})
        account = save(request, form, lambda: invite(chosen, form.cleaned_data["email"]))
        if account is not None:
            _say_invited(request, account)
            return redirect("portal:account", account.pk)
        students = "" if isinstance(chosen, Student) else _words_of_members([chosen], request)[0]
        context |= {"chosen": chosen, "form": form, "students": students}
        return render(request, "portal/account_invite_one.html", context, status=form.status)
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET"])
    if context["q"].strip():
        found = list(search(everyone, context["q"]).select_related("user")[: FOUND_AT_MOST + 1])
        shown = found[:FOUND_AT_MOST]
        words = _words_of_members(shown, request) if key == "member" else [one.year_label for one in shown]
        context |= {"found": list(zip(shown, words, strict=True)), "more": len(found) > FOUND_AT_MOST}
    return render(request, "portal/account_invite_one.html", context)


def _words_of_members(members: list[FamilyMember], request: SchoolRequest) -> list[str]:
    """Whose parent each is: two people of one name are told apart by their children."""
    links = (
        FamilyLink.objects.visible_to(request.user, Can.VIEW_FAMILY)
        .filter(member__in=members, ended_on__isnull=True)
        .select_related("student")
    )
    words: dict[int, list[str]] = {}
    for link in links:
        words.setdefault(link.member_id, []).append(
            f"{link.relationship or 'contact'} of {link.student.name}"
        )
    return [", ".join(words.get(member.pk, [])) for member in members]


def _say_invited(request: SchoolRequest, account: User) -> None:
    if account.has_usable_password():
        messages.success(
            request, f"{account.name} has an account already and now sees what parents see, too."
        )
    else:
        messages.success(
            request, f"An invitation is on its way to {account.email}. Its link works for seven days."
        )


# ------------------------------------------------------------------ one account


@permission_required(Can.MANAGE_ACCOUNTS)
def account(request: SchoolRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(may_open(request.user), pk=pk)
    if request.method == "POST":
        form = AccountForm(request.POST, account=user)
        form.reader = request.user
        if form.is_valid():
            data = form.cleaned_data
            _still_you(
                request,
                form,
                actions.needs_looking_at_twice(user=user, email=data["email"], roles=data.get("roles")),
            )
        invites = "again" in request.POST
        if save(request, form, lambda: _change(user, form, invites, request.user)):
            address = f" The invitation is on its way to {form.cleaned_data['email']}." if invites else ""
            messages.success(request, f"Changes saved.{address}")
            return redirect("portal:account", pk)
        return _show(request, user, {"form": form}, status=form.status)
    return _show(request, user, {})


def _change(user: User, form: AccountForm, invites: bool, by: User) -> User:
    row = actions.change_account(user=user, **form.details(), by=by)
    # A new address gets its invitation by itself.
    return actions.resend_invitation(user=row, by=by) if invites and row.email == user.email else row


class WithReason(NamedTuple):
    """What is done to an account with a reason: its button, what is said of it then, and whether an account has it."""

    do: Callable[..., User]
    button: str
    said: str
    has: Callable[[User, User], bool]


REASONS = {
    "reset": WithReason(
        actions.reset_sign_in,
        "Reset their sign-in",
        "{} is signed out everywhere. A link to choose a new password is on its way.",
        lambda user, by: user.is_active and user.pk != by.pk and user.last_login is not None,
    ),
    "close": WithReason(
        actions.close_account,
        "Close this account",
        "The account of {} is closed. Nobody is signed in with it any more.",
        lambda user, by: user.is_active and user.pk != by.pk,
    ),
    "reopen": WithReason(
        actions.reopen_account,
        "Open this account again",
        "The account of {} is open again. A link to choose a new password is on its way.",
        lambda user, by: not user.is_active,
    ),
}


def _reason_form(name: str, user: User, data: Any = None) -> ReasonForm:
    kind = CloseForm if name == "close" and actions.left_alone(user).exists() else ReasonForm
    form = kind(
        data,
        prefix=name,
        button=REASONS[name].button,
        missing="Say why",
        help_text="It is kept in the account’s history.",
        back=None,
    )
    form.action, form.is_secondary = reverse(f"portal:account_{name}", args=[user.pk]), True
    return form


@permission_required(Can.MANAGE_ACCOUNTS, POST)
def with_reason(request: SchoolRequest, pk: int, name: str) -> HttpResponse:
    user = get_object_or_404(may_open(request.user), pk=pk)
    form = _reason_form(name, user, request.POST)
    if save(request, form, lambda: REASONS[name].do(user=user, **form.cleaned_data, by=request.user)):
        messages.success(request, REASONS[name].said.format(user.name))
        return redirect("portal:account", pk)
    return _show(request, user, {f"{name}_form": form}, status=422)


def _show(request: SchoolRequest, user: User, forms: dict[str, Any], status: int = 200) -> HttpResponse:
    for name, one in REASONS.items():
        if one.has(user, request.user):
            forms.setdefault(f"{name}_form", _reason_form(name, user))
    assignments = _assignments(request, user) if user.is_school_staff else []
    waiting = user.is_invited
    context = {
        "account": user,
        "roles": role_names(user),
        "form": AccountForm(account=user),
        "assignments": sorted(assignments, key=lambda assignment: KINDS.index(assignment.kind)),
        "none_follows": any(assignment.ends_on is None for assignment in assignments),
        "today": clock.today(),
        "may_assign": has_capability(request.user, Can.ASSIGN),
        "second_step": has_second_step(user),
        "waiting": waiting,
        "invitation": became_of(actions.invitation_sent(user), "The invitation", PUT_RIGHT)
        if waiting
        else "",
        "family_member": getattr(user, "family_member", None),
        "student": getattr(user, "student", None),
        "history": _history(user),
        **forms,
    }
    return render(request, "portal/account.html", context, status=status)


def _assignments(request: SchoolRequest, user: User) -> list[Assignment]:
    """Their posts, without those that are about the administrator's own child."""
    mine = scope_q(request.user, Can.VIEW_STUDENT, "student_id")
    return list(actions.assignments_of(user, clock.today()).filter(mine))


def _history(user: User) -> list[dict[str, Any]]:
    """What was done to the account, newest first, from the row history."""
    events = (
        user.events.filter(pgh_context__metadata__has_key="did")
        .select_related("pgh_context")
        .order_by("-pgh_created_at")[:20]
    )
    rows = [(event.pgh_created_at, event.pgh_context.metadata) for event in events]
    names = dict(User.objects.filter(pk__in={data.get("by") for _, data in rows}).values_list("pk", "name"))
    return [
        {
            "at": at,
            "words": actions.DEEDS.get(data["did"], data["did"]),
            "by": names.get(data.get("by"), ""),
            "reason": data.get("reason", ""),
        }
        for at, data in rows
    ]


def _still_you(request: SchoolRequest, form: Any, needed: bool) -> None:
    """Asks for the password or second step again, unless that was just done; what was sent is done afterwards.

    A form shown again after that is at another address than its own, so it says where it goes.
    """
    form.helper.form_action = request.get_full_path()
    if needed:
        raise_if_reauthentication_required(request, app="keywork")
