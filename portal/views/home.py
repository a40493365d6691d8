"""The address of the school leads each person to the page they came for."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from keywork import pending, school
from keywork.access import Can, has_capability
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.nav import front_door


@permission_required(Can.MANAGE_OWN_ACCOUNT)
def home(request: SchoolRequest) -> HttpResponse:
    pending.remind(request, request.user)
    if has_capability(request.user, Can.SET_UP_SCHOOL) and not school.is_open():
        return redirect("portal:setup")
    return redirect(front_door(request.user) or "portal:help")
