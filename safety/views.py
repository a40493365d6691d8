"""A student says that they do not feel safe; those who keep them safe read it and say what was done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from keywork.access import Can
from keywork.audit import WORRY, looked_up, opened
from keywork.editing import press, save
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import User
from keywork.words import all_of
from students.models import Student

from . import worry_audience
from .actions.worries import close, note_opened, open_worry, take
from .forms import DoneForm, HomeWorryForm, SayForm
from .models import Worry, WorryReader

MOST_TOLD = 10
A_PAGE = 25


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def say(request: SchoolRequest) -> HttpResponse:
    """Who will see it, what I want to say, and where help is now; on any day, in any week."""
    me = Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE).first()
    if me is None:
        # An account without a record: nobody could be told by it whose keyworker to find, so help stands here.
        return render(request, "safety/say_nobody.html", {"gentle": True})
    audience = worry_audience.audience(me)
    form = SayForm(posted(request), audience=audience)
    if "check" in request.POST:  # Enter in a box sends nothing: it is sent by the button that says to whom
        form.is_valid()
    else:
        mine: dict[str, Any] = {"by": request.user, "student": me, "source": Worry.Source.PAGE}
        worry = save(request, form, lambda: open_worry(**mine, **form.cleaned_data))
        if worry is not None:
            return redirect("safety:sent")
    if request.method != "POST":
        opened(request, me, "my page")
    chosen = {str(one) for one in (form["left_out"].value() or [])}
    context = {
        "gentle": True,
        "student": me,
        "form": form,
        "audience": audience,
        "choices": [(user, str(user.pk) in chosen) for user in audience.everyone],
    }
    return render(request, "safety/say.html", context, status=form.status)


@permission_required(Can.VIEW_MY_PAGE, GET)
def sent(request: SchoolRequest) -> HttpResponse:
    me = get_object_or_404(Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE))
    opened(request, me, "my page")
    rows = Worry.objects.visible_to(request.user, Can.VIEW_MY_PAGE).said_by_student().filter(student=me)
    rows = rows.select_related("taken_by", "done_by").prefetch_related("readers__user")[:MOST_TOLD]
    instead = worry_audience.stand_ins(me.worries.all())
    said = [_told(one, instead.get(one.pk)) for one in rows]
    context = {"gentle": True, "student": me, "said": said}
    return render(request, "safety/told.html", context)


def _told(worry: Worry, instead: list[User] | None) -> dict[str, Any]:
    """`instead` are those who answer it in the place of the ones who were told, where none of these can any more."""
    readers = [row for row in worry.readers.all() if not row.left_out]
    can_see = [row.user for row in readers]
    if instead is not None:
        can_see = [*instead, *(row.user for row in readers if row.why == WorryReader.Why.KEYWORKER)]
    return {
        "worry": worry,
        "names": all_of([user.get_short_name() for user in dict.fromkeys(can_see)]),
        "read_by": all_of([row.user.get_short_name() for row in readers if row.opened_at]),
    }


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def choose_child(request: SchoolRequest) -> HttpResponse:
    """About which child somebody at home is worried; with one alone it leads on."""
    children = list(Student.objects.visible_to(request.user, Can.VIEW_FAMILY_HOME).order_by("in_order", "pk"))
    if len(children) == 1:
        return redirect("safety:say_home", children[0].pk)
    return render(request, "safety/choose_child.html", {"gentle": True, "children": children})


@permission_required(Can.VIEW_FAMILY_HOME, GET_POST)
def say_home(request: SchoolRequest, pk: int) -> HttpResponse:
    """Somebody at home is worried about their child: who will see it, what they say, and what became of it."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)
    form = HomeWorryForm(posted(request))
    worry = save(
        request,
        form,
        lambda: open_worry(by=request.user, student=student, source=Worry.Source.HOME, **form.cleaned_data),
    )
    if worry is not None:
        messages.success(request, "It is passed on. Below you see who has it.")
        return redirect("safety:say_home", student.pk)
    if request.method != "POST":
        opened(request, student, "home")
    rows = Worry.objects.visible_to(request.user, Can.VIEW_FAMILY_HOME).said_at_home_by(request.user)
    rows = rows.filter(student=student).select_related("taken_by", "done_by")
    audience = worry_audience.audience(student)
    context = {
        "gentle": True,
        "student": student,
        "form": form,
        "audience": audience,
        "said": [_told(one, None) for one in rows.prefetch_related("readers__user")[:MOST_TOLD]],
    }
    return render(request, "safety/say_home.html", context, status=form.status)


@permission_required(Can.VIEW_WORRIES, GET)
def worries(request: SchoolRequest) -> HttpResponse:
    """What waits, oldest first, and what was answered, newest first. Names alone: the words have their own page."""
    mine = worry_audience.seen_by(request.user).select_related("student", "taken_by", "done_by")
    answered = Paginator(mine.filter(done_at__isnull=False).order_by("-done_at", "-pk"), A_PAGE)
    context = {
        "worries": list(mine.open().order_by("said_at", "pk")),
        "answered": answered.get_page(request.GET.get("page")),
    }
    return render(request, "safety/worries.html", context)


@permission_required(Can.VIEW_WORRIES, GET_POST)
def worry(request: SchoolRequest, pk: int) -> HttpResponse:
    rows = worry_audience.seen_by(request.user).select_related("student", "taken_by", "done_by", "written_by")
    row = get_object_or_404(rows, pk=pk)
    looked_up(request, row.student_id, WORRY)
    may_answer = worry_audience.answers(request.user, row)
    form = DoneForm(posted(request))
    if "mine" in request.POST:
        said = "You have it. It stays here until somebody says what was done."
        press(request, lambda: take(by=request.user, worry=row), said)
        return redirect("safety:worry", row.pk)
    closed = save(request, form, lambda: close(by=request.user, worry=row, done=form.cleaned_data["done"]))
    if closed is not None:
        messages.success(request, "Saved what was done.")
        return redirect("safety:worries")
    if request.method != "POST":
        opened(request, row.student, WORRY)
        note_opened(by=request.user, worry=row)
    context = {
        "worry": row,
        "student": row.student,
        "form": form,
        "chosen": request.POST.getlist("done"),
        "may_answer": may_answer,
        "readers": list(WorryReader.objects.filter(worry=row, left_out=False).select_related("user")),
        "done_words": [Worry.Done(one).label for one in row.done],
    }
    return render(request, "safety/worry.html", context, status=form.status)
